// Bootstrap tokens: the Secrets of kube-system that let a new member of the cluster in. Pure.
// https://kubernetes.io/docs/reference/access-authn-authz/bootstrap-tokens/

import type { Secret } from './types/core-v1.gen.ts';

/** Type of these Secrets. */
export const BOOTSTRAP_TOKEN_TYPE = 'bootstrap.kubernetes.io/token';
/** Where they are. */
export const BOOTSTRAP_TOKEN_NAMESPACE = 'kube-system';
const NAME_PREFIX = 'bootstrap-token-';
const GROUP = /^system:bootstrappers:[a-z0-9:-]{0,255}[a-z0-9]$/;

/** A token, taken apart. */
export interface BootstrapToken {
  readonly id: string;
  readonly secret: string;
}

/** Takes `abcdef.0123456789abcdef` apart; undefined for anything else. */
export function parseBootstrapToken(text: string): BootstrapToken | undefined {
  const [, id, secret] = /^([a-z0-9]{6})\.([a-z0-9]{16})$/.exec(text) ?? [];
  return id === undefined || secret === undefined ? undefined : { id, secret };
}

/** Name of the Secret of a token. */
export const bootstrapSecretName = (id: string): string => NAME_PREFIX + id;

type TokenSecret = Pick<Secret, 'type' | 'data' | 'metadata'>;

const field = ({ data }: TokenSecret, name: string): string => Buffer.from(data?.[name] ?? '', 'base64').toString();

/** When a token ends, ms since 1970; undefined = never. One that cannot be read has ended. */
export function bootstrapTokenEnd(secret: TokenSecret): number | undefined {
  const text = field(secret, 'expiration');
  if (text === '') return undefined;
  const end = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d/.test(text) ? Date.parse(text) : Number.NaN;
  return Number.isNaN(end) ? 0 : end;
}

/** The token that a Secret holds, if it may be used for that now (ms since 1970); undefined otherwise. */
export function usableBootstrapToken(secret: TokenSecret, usage: 'authentication' | 'signing', now: number): BootstrapToken | undefined {
  const { type, metadata } = secret;
  if (type !== BOOTSTRAP_TOKEN_TYPE || metadata?.deletionTimestamp !== undefined) return undefined;
  const token = parseBootstrapToken(`${field(secret, 'token-id')}.${field(secret, 'token-secret')}`);
  if (!token || metadata?.name !== bootstrapSecretName(token.id)) return undefined;
  if ((bootstrapTokenEnd(secret) ?? Number.POSITIVE_INFINITY) <= now) return undefined;
  return field(secret, `usage-bootstrap-${usage}`) === 'true' ? token : undefined;
}

/** The groups beside system:bootstrappers that a token gives; undefined when one of them may not be given. */
export function bootstrapTokenGroups(secret: TokenSecret): string[] | undefined {
  const groups = field(secret, 'auth-extra-groups')
    .split(',')
    .filter((group) => group !== '');
  return groups.every((group) => GROUP.test(group)) ? [...new Set(groups)].sort() : undefined;
}
