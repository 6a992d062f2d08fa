// The claims of service-account tokens: made, read, and held against what is in the cluster. Pure.
// https://kubernetes.io/docs/reference/access-authn-authz/service-accounts-admin/#bound-service-account-tokens

import { isObject } from '../../api/copy.ts';
import { INVALID_SINCE_LABEL } from '../../api/legacy-token.ts';
import type { ObjectMeta } from '../../api/types/meta-v1.gen.ts';
import type { UserInfo } from '../../client/api-backend.ts';
import { AUTHENTICATED } from './auth-groups.ts';

/** An object by name and identity. */
export interface NamedUid {
  readonly name: string;
  readonly uid: string;
}

/** What a token is for. */
export interface TokenSubject {
  readonly namespace: string;
  readonly serviceAccount: NamedUid;
  /** Objects the token dies with. A pod's node is added for information. */
  readonly pod?: NamedUid;
  readonly secret?: NamedUid;
  readonly node?: NamedUid;
}

/** A verified token, read. Times in seconds. */
export interface TokenClaims extends TokenSubject {
  readonly audiences: readonly string[];
  readonly notBefore: number;
  readonly expires: number;
  /** Identifier of the token; `''` in tokens without one. */
  readonly id: string;
  /** When a client should have fetched a new one (tokens whose life was stretched). */
  readonly warnAfter?: number;
}

/** Anything with metadata. */
export interface Bindable {
  readonly metadata: ObjectMeta;
}

/** What is looked up of the cluster. */
export interface TokenObjects {
  serviceAccount(namespace: string, name: string): Bindable | undefined;
  pod(namespace: string, name: string): Bindable | undefined;
  secret(namespace: string, name: string): (Bindable & { readonly data?: Readonly<Record<string, string>> }) | undefined;
  node(name: string): Bindable | undefined;
}

/** Clocks may differ by this much; a deleted object's tokens hold for this long. */
const LEEWAY_SECONDS = 60;
/** The life that client libraries of before projected tokens cannot renew: stretched to a year, as upstream does. */
const STRETCHED_FROM_SECONDS = 3_607;
const YEAR_SECONDS = 31_536_000;

/** The claims to sign. `lifeSeconds` 3607 for the API's own audience is stretched to a year, with a time after which use is warned of. */
export function makeClaims(
  subject: TokenSubject,
  options: { issuer: string; audiences: readonly string[]; now: number; lifeSeconds: number; id: string; stretch: 'stretch' | 'as-asked' },
): Record<string, unknown> {
  const { namespace, serviceAccount, pod, secret, node } = subject;
  const stretched = options.stretch === 'stretch' && options.lifeSeconds === STRETCHED_FROM_SECONDS;
  return {
    aud: options.audiences,
    exp: options.now + (stretched ? YEAR_SECONDS : options.lifeSeconds),
    iat: options.now,
    iss: options.issuer,
    jti: options.id,
    'kubernetes.io': {
      namespace,
      ...(node && { node }),
      ...(pod && { pod }),
      ...(secret && { secret }),
      serviceaccount: serviceAccount,
      ...(stretched && { warnafter: options.now + options.lifeSeconds }),
    },
    nbf: options.now,
    sub: `system:serviceaccount:${namespace}:${serviceAccount.name}`,
  };
}

/** Reads the claims of a bound token; undefined when they are not of that form. */
export function readClaims(claims: Readonly<Record<string, unknown>>): TokenClaims | undefined {
  const own = claims['kubernetes.io'];
  if (!isObject(own) || typeof own['namespace'] !== 'string' || typeof claims['exp'] !== 'number') return undefined;
  const serviceAccount = readReference(own['serviceaccount']);
  if (!serviceAccount || claims['sub'] !== `system:serviceaccount:${own['namespace']}:${serviceAccount.name}`) return undefined;
  const audiences = typeof claims['aud'] === 'string' ? [claims['aud']] : claims['aud'];
  if (!Array.isArray(audiences)) return undefined;
  const bound = (['pod', 'secret', 'node'] as const).flatMap((kind) => {
    const reference = readReference(own[kind]);
    return reference ? [[kind, reference] as const] : [];
  });
  return {
    namespace: own['namespace'],
    serviceAccount,
    ...Object.fromEntries(bound),
    audiences: audiences.map(String),
    notBefore: typeof claims['nbf'] === 'number' ? claims['nbf'] : 0,
    expires: claims['exp'],
    id: typeof claims['jti'] === 'string' ? claims['jti'] : '',
    ...(typeof own['warnafter'] === 'number' && { warnAfter: own['warnafter'] }),
  };
}

/** Why a token does not hold now; undefined when it does. `now` in seconds. */
export function claimsFault(claims: TokenClaims, objects: TokenObjects, now: number): string | undefined {
  if (now > claims.expires + LEEWAY_SECONDS) return 'service account token has expired';
  if (now < claims.notBefore - LEEWAY_SECONDS) return 'service account token is not valid yet';
  const { namespace, serviceAccount, pod, secret, node } = claims;
  const account = objects.serviceAccount(namespace, serviceAccount.name);
  if (!isThere(account, serviceAccount.uid, now)) return 'service account token has been invalidated';
  if (secret && !isThere(objects.secret(namespace, secret.name), secret.uid, now)) return 'service account token has been invalidated';
  if (pod) return isThere(objects.pod(namespace, pod.name), pod.uid, now) ? undefined : 'service account token has been invalidated';
  // A pod's token names its node for information only; without a pod the token is bound to the node itself.
  if (node && !isThere(objects.node(node.name), node.uid, now)) return 'service account token has been invalidated';
  return undefined;
}

/** The user a token makes. */
export function userOfClaims(claims: TokenClaims): UserInfo {
  const { namespace, serviceAccount, pod, node, id } = claims;
  const extra = {
    ...(id !== '' && { 'authentication.kubernetes.io/credential-id': [`JTI=${id}`] }),
    ...(node && { 'authentication.kubernetes.io/node-name': [node.name], 'authentication.kubernetes.io/node-uid': [node.uid] }),
    ...(pod && { 'authentication.kubernetes.io/pod-name': [pod.name], 'authentication.kubernetes.io/pod-uid': [pod.uid] }),
  };
  return {
    name: `system:serviceaccount:${namespace}:${serviceAccount.name}`,
    uid: serviceAccount.uid,
    groups: ['system:serviceaccounts', `system:serviceaccounts:${namespace}`, AUTHENTICATED],
    extra,
  };
}

/** The issuer of tokens that live in Secrets. */
export const LEGACY_ISSUER = 'kubernetes/serviceaccount';
const LEGACY = 'kubernetes.io/serviceaccount';

/** The claims of a token that lives in a Secret of type kubernetes.io/service-account-token. It does not expire. */
export function makeLegacyClaims(subject: { namespace: string; serviceAccount: NamedUid; secret: string }): Record<string, unknown> {
  return {
    iss: LEGACY_ISSUER,
    [`${LEGACY}/namespace`]: subject.namespace,
    [`${LEGACY}/secret.name`]: subject.secret,
    [`${LEGACY}/service-account.name`]: subject.serviceAccount.name,
    [`${LEGACY}/service-account.uid`]: subject.serviceAccount.uid,
    sub: `system:serviceaccount:${subject.namespace}:${subject.serviceAccount.name}`,
  };
}

/** The Secret that such a token lives in. */
export function legacySecretOf(claims: Readonly<Record<string, unknown>>): { namespace: string; name: string } {
  return { namespace: String(claims[`${LEGACY}/namespace`] ?? ''), name: String(claims[`${LEGACY}/secret.name`] ?? '') };
}

/** The user of such a token, or why it does not hold: its Secret must still contain it. `now` in seconds. */
export function legacyUser(
  claims: Readonly<Record<string, unknown>>,
  token: string,
  context: { objects: TokenObjects; now: number },
): UserInfo | string {
  const field = (name: string): string => String(claims[`${LEGACY}/${name}`] ?? '');
  const namespace = field('namespace');
  const account = { name: field('service-account.name'), uid: field('service-account.uid') };
  const { name } = legacySecretOf(claims);
  const secret = context.objects.secret(namespace, name);
  const stored = Buffer.from(secret?.data?.['token'] ?? '', 'base64').toString();
  const there = isThere(context.objects.serviceAccount(namespace, account.name), account.uid, context.now);
  if (!there || stored !== token || secret?.metadata.deletionTimestamp) return 'service account token has been invalidated';
  const since = secret?.metadata.labels?.[INVALID_SINCE_LABEL];
  if (since !== undefined)
    return `the token in secret ${namespace}/${name} for service account ${namespace}/${account.name} has been marked invalid. Use tokens from the TokenRequest API or manually created secret-based tokens, or remove the '${INVALID_SINCE_LABEL}' label from the secret to temporarily allow use of this token`;
  return {
    name: `system:serviceaccount:${namespace}:${account.name}`,
    uid: account.uid,
    groups: ['system:serviceaccounts', `system:serviceaccounts:${namespace}`, AUTHENTICATED],
  };
}

function readReference(value: unknown): NamedUid | undefined {
  if (!isObject(value) || typeof value['name'] !== 'string') return undefined;
  return { name: value['name'], uid: typeof value['uid'] === 'string' ? value['uid'] : '' };
}

function isThere(object: Bindable | undefined, uid: string, now: number): boolean {
  if (!object || object.metadata.uid !== uid) return false;
  const { deletionTimestamp } = object.metadata;
  return deletionTimestamp === undefined || Date.parse(deletionTimestamp) / 1000 >= now - LEEWAY_SECONDS;
}
