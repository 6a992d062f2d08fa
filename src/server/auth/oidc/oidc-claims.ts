// From the claims of an OpenID Connect ID token to a user, by kube-apiserver's --oidc-* options. Pure.
// https://kubernetes.io/docs/reference/access-authn-authz/authentication/#openid-connect-tokens

import { KtsError } from '../../../base/errors.ts';
import type { UserInfo } from '../../../client/api-backend.ts';
import { AUTHENTICATED } from '../auth-groups.ts';

/** The claims of a token. */
export type Claims = Readonly<Record<string, unknown>>;

/** What expressions make of claims. Each throws what `claimsFault` makes. */
export interface ClaimMapper {
  username?(claims: Claims): string;
  groups?(claims: Claims): string[];
  uid?(claims: Claims): string;
  extra(claims: Claims): Record<string, string[]>;
  checkClaims(claims: Claims): void;
  /** The user as the token says it, before it counts as authenticated. */
  checkUser(user: UserInfo): void;
}

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
  /** Expressions beside or instead of claims. */
  readonly mapper?: ClaimMapper | undefined;
}

/** A token whose `nbf` is not reached may be used this much earlier: clocks differ. */
const LEEWAY_SECONDS = 300;

/** Why claims give no user. */
export function claimsFault(why: string): KtsError {
  return new KtsError('oidc-claims', why);
}

/** The user of verified claims at `now` (seconds since 1970), or why there is none. */
export function oidcUser(claims: Claims, options: OidcOptions, now: number): UserInfo | string {
  try {
    checkToken(claims, options, now);
    const { mapper } = options;
    const uid = uidOf(claims, options);
    const extra = mapper?.extra(claims) ?? {};
    const user: UserInfo = {
      name: nameOf(claims, options),
      groups: groupsOf(claims, options),
      ...(uid !== '' && { uid }),
      ...(Object.keys(extra).length > 0 && { extra }),
    };
    checkRequired(claims, options);
    mapper?.checkClaims(claims);
    mapper?.checkUser(user);
    return user.groups.includes(AUTHENTICATED) ? user : { ...user, groups: [...user.groups, AUTHENTICATED] };
  } catch (error) {
    if (error instanceof KtsError && error.code === 'oidc-claims') return error.message;
    throw error;
  }
}

function checkToken(claims: Claims, { issuerUrl, audiences }: OidcOptions, now: number): void {
  if (claims['iss'] !== issuerUrl) throw claimsFault('oidc: id token issued by a different provider');
  const audience: unknown[] = [claims['aud']].flat();
  if (!audiences.some((wanted) => audience.includes(wanted))) {
    const wanted = audiences.map((name) => JSON.stringify(name)).join(' or ');
    throw claimsFault(`oidc: expected audience ${wanted} got ${JSON.stringify(claims['aud'] ?? null)}`);
  }
  if (typeof claims['exp'] !== 'number' || claims['exp'] <= now) throw claimsFault('oidc: token is expired');
  if (typeof claims['nbf'] === 'number' && claims['nbf'] > now + LEEWAY_SECONDS) throw claimsFault('oidc: token is not valid yet');
}

function checkRequired(claims: Claims, { requiredClaims = {} }: OidcOptions): void {
  for (const [name, value] of Object.entries(requiredClaims)) {
    if (claimOf(claims, name) === undefined) throw claimsFault(`oidc: required claim ${name} not present in ID token`);
    if (claims[name] !== value) throw claimsFault(`oidc: required claim ${name} value does not match`);
  }
}

const claimOf = (claims: Claims, name: string): unknown => (Object.hasOwn(claims, name) ? claims[name] : undefined);

function nameOf(claims: Claims, options: OidcOptions): string {
  if (options.mapper?.username) return options.mapper.username(claims);
  const { usernameClaim = 'sub' } = options;
  const name = claimOf(claims, usernameClaim);
  if (typeof name !== 'string' || name === '')
    throw claimsFault(`oidc: parse username claims ${JSON.stringify(usernameClaim)}: claim not present`);
  // An address that its owner has not confirmed is anybody's.
  const verified = claimOf(claims, 'email_verified');
  if (usernameClaim === 'email' && verified !== undefined && verified !== true) throw claimsFault('oidc: email not verified');
  return usernamePrefix(options) + name;
}

function uidOf(claims: Claims, { uidClaim, mapper }: OidcOptions): string {
  if (uidClaim === undefined) return mapper?.uid?.(claims) ?? '';
  const uid = claimOf(claims, uidClaim);
  if (typeof uid !== 'string') throw claimsFault(`oidc: parse uid claim ${JSON.stringify(uidClaim)}: claim not present`);
  return uid;
}

function usernamePrefix({ usernamePrefix: prefix, usernameClaim, issuerUrl }: OidcOptions): string {
  if (prefix === '-') return '';
  if (prefix !== undefined && prefix !== '') return prefix;
  return usernameClaim === 'email' ? '' : `${issuerUrl}#`;
}

/** One group or several. An absent claim is no group. */
function groupsOf(claims: Claims, { groupsClaim, groupsPrefix = '', mapper }: OidcOptions): string[] {
  const value = groupsClaim === undefined ? undefined : claimOf(claims, groupsClaim);
  if (value === undefined || value === null) return mapper?.groups?.(claims) ?? [];
  const list: unknown[] = Array.isArray(value) ? value : [value];
  if (!list.every((group): group is string => typeof group === 'string'))
    throw claimsFault(`oidc: parse groups claim ${JSON.stringify(groupsClaim)}: not a list of strings`);
  return list.map((group) => groupsPrefix + group);
}

/** Why a URL cannot be an issuer's; undefined when it can. */
export function urlFault(text: string): string | undefined {
  if (!URL.canParse(text)) return 'is no URL';
  const { protocol } = new URL(text);
  return protocol === 'https:' ? undefined : `has invalid scheme (${JSON.stringify(protocol.slice(0, -1))}), require 'https'`;
}
