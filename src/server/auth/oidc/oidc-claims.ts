// From the claims of an OpenID Connect ID token to a user, by kube-apiserver's --oidc-* options. Pure.
// https://kubernetes.io/docs/reference/access-authn-authz/authentication/#openid-connect-tokens

import type { UserInfo } from '../../../client/api-backend.ts';
import { AUTHENTICATED } from '../auth-groups.ts';

/** How tokens of an issuer are understood. */
export interface OidcOptions {
  /** `https://…`, exactly as the tokens have it. */
  readonly issuerUrl: string;
  /** A token must be for one of them: the client id. */
  readonly audiences: readonly string[];
  /** Where the discovery document is. Default: below the issuer, at `.well-known/openid-configuration`. */
  readonly discoveryUrl?: string | undefined;
  /** Default `sub`. */
  readonly usernameClaim?: string | undefined;
  /** `-` = none. Default: the issuer and `#`, but none for the claim `email`. */
  readonly usernamePrefix?: string | undefined;
  readonly groupsClaim?: string | undefined;
  readonly groupsPrefix?: string | undefined;
  readonly uidClaim?: string | undefined;
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
  const { usernameClaim = 'sub', groupsClaim, groupsPrefix = '', uidClaim } = options;
  const name = claims[usernameClaim];
  if (typeof name !== 'string' || name === '') return `oidc: parse username claims ${JSON.stringify(usernameClaim)}: claim not present`;
  // An address that its owner has not confirmed is anybody's.
  if (usernameClaim === 'email' && (claims['email_verified'] ?? true) !== true) return 'oidc: email not verified';
  const groups = groupsClaim === undefined ? [] : groupsOf(claims[groupsClaim]);
  if (!groups) return `oidc: parse groups claim ${JSON.stringify(groupsClaim)}: not a list of strings`;
  const uid = uidClaim === undefined ? undefined : claims[uidClaim];
  return {
    name: usernamePrefix(options) + name,
    groups: [...groups.map((group) => groupsPrefix + group), AUTHENTICATED],
    ...(typeof uid === 'string' && { uid }),
  };
}

function claimsFault(claims: Claims, { issuerUrl, audiences, requiredClaims = {} }: OidcOptions, now: number): string | undefined {
  if (claims['iss'] !== issuerUrl) return 'oidc: id token issued by a different provider';
  const audience: unknown[] = [claims['aud']].flat();
  if (!audiences.some((wanted) => audience.includes(wanted)))
    return `oidc: expected audience ${audiences.map((wanted) => JSON.stringify(wanted)).join(' or ')} got ${JSON.stringify(claims['aud'] ?? null)}`;
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

/** Why a URL cannot be an issuer's; undefined when it can. */
export function urlFault(text: string): string | undefined {
  if (!URL.canParse(text)) return 'is no URL';
  const { protocol } = new URL(text);
  return protocol === 'https:' ? undefined : `has invalid scheme (${JSON.stringify(protocol.slice(0, -1))}), require 'https'`;
}
