// serviceaccounts/token: checks a TokenRequest and has it signed.

import type { KubeObject } from '../../../api/object.ts';
import { parseGroupVersion } from '../../../api/resources.ts';
import { badRequest, conflict, type FieldError, invalid, notFound } from '../../../api/status-error.ts';
import type * as authentication from '../../../api/types/authentication-v1.gen.ts';
import type * as core from '../../../api/types/core-v1.gen.ts';
import { rfc3339 } from '../../../base/clock.ts';
import type { TokenSubject } from '../../auth/service-account-claims.ts';
import { keyFor } from '../served-resource.ts';
import type { Action, ActionEnv } from '../subresource.ts';

/** Issues tokens: the part of auth/service-account-tokens.ts used here. */
export interface TokenIssuer {
  issue(subject: TokenSubject, request: { audiences?: readonly string[]; lifeSeconds: number }): { token: string; expires: number };
}

/** What the sub-resource needs. */
export interface TokenDeps {
  readonly tokens: TokenIssuer;
  /** The API's own audiences: those of a token that asks for none. */
  readonly audiences: readonly string[];
}

const MIN_SECONDS = 600;
const MAX_SECONDS = 2 ** 32;
const DEFAULT_SECONDS = 3600;

/** What tokens can be bound to, by kind. */
const BOUND: Readonly<Record<string, string>> = { Pod: 'pods', Secret: 'secrets', Node: 'nodes' };

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
    const { group, version } = parseGroupVersion(ref.apiVersion ?? '') ?? { group: '', version: '' };
    throw badRequest(`cannot bind token to object of type ${group}/${version}, Kind=${ref.kind ?? ''}`);
  }
  const served = env.served('', 'v1', known);
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
export function tokenAction(deps: TokenDeps): Action {
  return {
    type: 'action',
    async run(env, { call, parent, body }) {
      const request = body as unknown as authentication.TokenRequest; // decoded as a TokenRequest
      const spec = request.spec ?? { audiences: [] };
      const faults = validate(spec);
      if (faults.length > 0) throw invalid({ group: 'authentication.k8s.io', resource: 'TokenRequest' }, '', faults);
      const { name = '', uid = '' } = parent.object.metadata;
      const expirationSeconds = spec.expirationSeconds ?? DEFAULT_SECONDS;
      const audiences = spec.audiences?.length ? spec.audiences : [...deps.audiences];
      const subject = { namespace: call.namespace, serviceAccount: { name, uid }, ...boundPart(env, call.namespace, spec.boundObjectRef) };
      const { token, expires } = deps.tokens.issue(subject, { audiences, lifeSeconds: expirationSeconds });
      return {
        kind: 'TokenRequest',
        apiVersion: 'authentication.k8s.io/v1',
        metadata: { name, namespace: call.namespace },
        spec: { ...spec, audiences, expirationSeconds },
        status: { token, expirationTimestamp: rfc3339(expires) },
      } as KubeObject;
    },
  };
}

/** The object a token is bound to, as part of its subject. */
function boundPart(env: ActionEnv, namespace: string, ref: authentication.BoundObjectReference | undefined): Partial<TokenSubject> {
  if (!ref) return {};
  const object = boundObject(env, namespace, ref);
  const bound = { name: object.metadata.name ?? '', uid: object.metadata.uid ?? '' };
  const node = ref.kind === 'Pod' ? nodeOf(env, object) : undefined;
  return { [(ref.kind ?? '').toLowerCase()]: bound, ...(node && { node }) };
}
