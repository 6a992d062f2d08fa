// From the claims of an OpenID Connect ID token to a user, by kube-apiserver's --oidc-* options. Pure.
// https://kubernetes.io/docs/reference/access-authn-authz/authentication/#openid-connect-tokens

import type { UserInfo } from '../../../client/api-backend.ts';
import { AUTHENTICATED } from '../auth-groups.ts';

/** How tokens of an issuer are understood. */
export interface OidcOptions {
  /** `https://…`, exactly as the tokens have it. */
  readonly issuerUrl: string;
  readonly clientId: string;
  /** Default `sub`. */
  readonly usernameClaim?: string | undefined;
  /** `-` = none. Default: the issuer and `#`, but none for the claim `email`. */
  readonly usernamePrefix?: string | undefined;
  readonly groupsClaim?: string | undefined;
  readonly groupsPrefix?: string | undefined;
  /** Claims that must be there with that value. */
  readonly requiredClaims?: Readonly<Record<string, string>> | undefined;
  /** Default RS256. */
  readonly signingAlgorithms?: readonly string[] | undefined;
  /** PEM of the authority of the issuer's certificate. Default: the machine's. */
  readonly ca?: string | undefined;
}

type Claims = Readonly<Record<string, unknown>>;

/** A token whose `nbf` is not reached may be used this much earlier: clocks differ. */
const LEEWAY_SECONDS = 300;

/** The user of verified claims at `now` (seconds since 1970), or why there is none. */
export function oidcUser(claims: Claims, options: OidcOptions, now: number): UserInfo | string {
  const fault = claimsFault(claims, options, now);
  if (fault !== undefined) return fault;
  const { usernameClaim = 'sub', groupsClaim, groupsPrefix = '' } = options;
  const name = claims[usernameClaim];
  if (typeof name !== 'string' || name === '') return `oidc: parse username claims ${JSON.stringify(usernameClaim)}: claim not present`;
  // An address that its owner has not confirmed is anybody's.
  if (usernameClaim === 'email' && (claims['email_verified'] ?? true) !== true) return 'oidc: email not verified';
  const groups = groupsClaim === undefined ? [] : groupsOf(claims[groupsClaim]);
  if (!groups) return `oidc: parse groups claim ${JSON.stringify(groupsClaim)}: not a list of strings`;
  return { name: usernamePrefix(options) + name, groups: [...groups.map((group) => groupsPrefix + group), AUTHENTICATED] };
}

function claimsFault(claims: Claims, { issuerUrl, clientId, requiredClaims = {} }: OidcOptions, now: number): string | undefined {
  if (claims['iss'] !== issuerUrl) return 'oidc: id token issued by a different provider';
  const audience = claims['aud'];
  if (audience !== clientId && !(Array.isArray(audience) && audience.includes(clientId)))
    return `oidc: expected audience ${JSON.stringify(clientId)} got ${JSON.stringify(audience ?? null)}`;
  if (typeof claims['exp'] !== 'number' || claims['exp'] <= now) return 'oidc: token is expired';
  if (typeof claims['nbf'] === 'number' && claims['nbf'] > now + LEEWAY_SECONDS) return 'oidc: token is not valid yet';
  for (const [name, value] of Object.entries(requiredClaims)) {
    if (claims[name] === undefined) return `oidc: required claim ${name} not present in ID token`;
    if (claims[name] !== value) return `oidc: required claim ${name} value does not match`;
  }
  return undefined;
}

function usernamePrefix({ usernamePrefix: prefix, usernameClaim, issuerUrl }: OidcOptions): string {
  if (prefix === '-') return '';
  if (prefix !== undefined && prefix !== '') return prefix;
  return usernameClaim === 'email' ? '' : `${issuerUrl}#`;
}

/** One group or several; undefined for what is neither. An absent claim is no group. */
function groupsOf(value: unknown): string[] | undefined {
  if (value === undefined || value === null) return [];
  const list: unknown[] = Array.isArray(value) ? value : [value];
  return list.every((group): group is string => typeof group === 'string') ? list : undefined;
}

/** Why options cannot be used; undefined when they can. Flags are named as kube-apiserver has them. */
export function oidcFault(options: Partial<OidcOptions>, algorithms: readonly string[]): string | undefined {
  const { issuerUrl = '', clientId = '', signingAlgorithms = [] } = options;
  if (issuerUrl === '' || clientId === '') return '--oidc-issuer-url and --oidc-client-id must be specified together';
  if (!URL.canParse(issuerUrl)) return `--oidc-issuer-url: ${JSON.stringify(issuerUrl)} is no URL`;
  const { protocol } = new URL(issuerUrl);
  if (protocol !== 'https:')
    return `--oidc-issuer-url (${JSON.stringify(issuerUrl)}) has invalid scheme (${JSON.stringify(protocol.slice(0, -1))}), require 'https'`;
  const unknown = signingAlgorithms.find((name) => !algorithms.includes(name));
  return unknown === undefined ? undefined : `--oidc-signing-algs: ${JSON.stringify(unknown)} is none of ${algorithms.join(', ')}`;
}
