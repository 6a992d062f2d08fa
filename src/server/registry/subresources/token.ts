// serviceaccounts/token: checks a TokenRequest and has it signed.

import type { KubeObject } from '../../../api/object.ts';
import { conflict, type FieldError, invalid, notFound } from '../../../api/status-error.ts';
import type * as authentication from '../../../api/types/authentication-v1.gen.ts';
import type * as core from '../../../api/types/core-v1.gen.ts';
import { keyFor } from '../served-resource.ts';
import type { Action, ActionEnv } from '../subresource.ts';

/** What a token says. */
export interface TokenClaims {
  readonly namespace: string;
  readonly serviceAccount: { readonly name: string; readonly uid: string };
  /** Empty = the API server's own. */
  readonly audiences: readonly string[];
  readonly expirationSeconds: number;
  /** The token dies with this object. */
  readonly boundTo?: { readonly kind: 'Pod' | 'Secret' | 'Node'; readonly name: string; readonly uid: string };
  /** The node of the pod it is bound to. */
  readonly node?: { readonly name: string; readonly uid: string };
}

/** A signed token. */
export interface SignedToken {
  readonly token: string;
  /** RFC 3339. */
  readonly expirationTimestamp: string;
  /** The audiences it holds. */
  readonly audiences: readonly string[];
}

/** Signs tokens of service accounts. */
export type SignToken = (claims: TokenClaims) => Promise<SignedToken>;

const MIN_SECONDS = 600;
const MAX_SECONDS = 2 ** 32;
const DEFAULT_SECONDS = 3600;

const BOUND: Readonly<Record<string, { resource: string; kind: 'Pod' | 'Secret' | 'Node' }>> = {
  Pod: { resource: 'pods', kind: 'Pod' },
  Secret: { resource: 'secrets', kind: 'Secret' },
  Node: { resource: 'nodes', kind: 'Node' },
};

function validate(spec: authentication.TokenRequestSpec): FieldError[] {
  const seconds = spec.expirationSeconds ?? DEFAULT_SECONDS;
  const wrong = (why: string): FieldError => ({
    type: 'FieldValueInvalid',
    field: 'spec.expirationSeconds',
    detail: `Invalid value: ${seconds}: ${why}`,
  });
  return [
    ...(seconds < MIN_SECONDS ? [wrong('may not specify a duration less than 10 minutes')] : []),
    ...(seconds > MAX_SECONDS ? [wrong('may not specify a duration larger than 2^32 seconds')] : []),
  ];
}

function boundObject(env: ActionEnv, namespace: string, ref: authentication.BoundObjectReference): KubeObject {
  const known = BOUND[ref.kind ?? ''];
  const { name = '' } = ref;
  if (!known || (ref.apiVersion !== undefined && ref.apiVersion !== '' && ref.apiVersion !== 'v1')) {
    throw invalid({ group: 'authentication.k8s.io', resource: 'TokenRequest' }, '', [
      {
        type: 'FieldValueInvalid',
        field: 'spec.boundObjectRef',
        detail: `Invalid value: "${ref.kind}": cannot bind token for serviceaccount to type ${ref.kind}`,
      },
    ]);
  }
  const served = env.served('', 'v1', known.resource);
  const entry = env.store.head<KubeObject>(keyFor(served, served.info.namespaced ? namespace : '', name));
  if (!entry) throw notFound(served.info, name);
  const { uid } = entry.object.metadata;
  if (ref.uid && ref.uid !== uid) {
    throw conflict(
      served.info,
      name,
      `the UID in the bound object reference (${ref.uid}) does not match the UID in record. The object might have been deleted and then recreated`,
    );
  }
  return entry.object;
}

function nodeOf(env: ActionEnv, object: KubeObject): { name: string; uid: string } | undefined {
  const name = (object as core.Pod).spec?.nodeName; // called for pods only
  const node = name ? env.store.head<KubeObject>(keyFor(env.served('', 'v1', 'nodes'), '', name)) : undefined;
  return name ? { name, uid: node?.object.metadata.uid ?? '' } : undefined;
}

/** The sub-resource. */
export function tokenAction(sign: SignToken): Action {
  return {
    type: 'action',
    async run(env, { call, parent, body }) {
      const request = body as unknown as authentication.TokenRequest; // decoded as a TokenRequest
      const spec = request.spec ?? { audiences: [] };
      const faults = validate(spec);
      if (faults.length > 0) throw invalid({ group: 'authentication.k8s.io', resource: 'TokenRequest' }, '', faults);
      const ref = spec.boundObjectRef;
      const bound = ref ? boundObject(env, call.namespace, ref) : undefined;
      const kind = BOUND[ref?.kind ?? '']?.kind;
      const node = bound && kind === 'Pod' ? nodeOf(env, bound) : undefined;
      const { name = '', uid = '' } = parent.object.metadata;
      const expirationSeconds = spec.expirationSeconds ?? DEFAULT_SECONDS;
      const signed = await sign({
        namespace: call.namespace,
        serviceAccount: { name, uid },
        audiences: spec.audiences ?? [],
        expirationSeconds,
        ...(bound && kind && { boundTo: { kind, name: bound.metadata.name ?? '', uid: bound.metadata.uid ?? '' } }),
        ...(node && { node }),
      });
      const status = { token: signed.token, expirationTimestamp: signed.expirationTimestamp };
      return {
        kind: 'TokenRequest',
        apiVersion: 'authentication.k8s.io/v1',
        metadata: { name, namespace: call.namespace },
        spec: { ...spec, audiences: [...signed.audiences], expirationSeconds },
        status,
      } as KubeObject;
    },
  };
}
