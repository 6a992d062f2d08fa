// The file of --authentication-config: several issuers of ID tokens, and where anonymous requests are let in. Pure.
// https://kubernetes.io/docs/reference/access-authn-authz/authentication/#using-authentication-configuration
// Mappings and rules by CEL expressions are not there; a file with one is refused.

import { isObject } from '../../../api/copy.ts';
import { KtsError } from '../../../base/errors.ts';
import { JWS_ALGORITHMS } from '../../../base/jws.ts';
import { type OidcOptions, urlFault } from './oidc-claims.ts';

/** Upstream's limit. */
const MAX_ISSUERS = 64;
const VERSIONS = ['v1', 'v1beta1'].map((version) => `apiserver.config.k8s.io/${version}`);

/** Which requests without credentials are served as system:anonymous. */
export interface AnonymousAccess {
  readonly enabled: boolean;
  /** Only these paths; undefined = all. */
  readonly paths?: readonly string[];
}

/** What the file says. */
export interface AuthenticationConfiguration {
  readonly issuers: readonly OidcOptions[];
  readonly anonymous: AnonymousAccess;
}

type Fields = Readonly<Record<string, unknown>>;

const fault = (path: string, why: string): KtsError => new KtsError('usage', `--authentication-config: ${path}: ${why}`);

/** Reads a parsed file. @throws KtsError `usage` naming the field that is wrong or unknown */
export function authenticationConfiguration(value: unknown): AuthenticationConfiguration {
  const file = fieldsOf(value, '', ['apiVersion', 'kind', 'jwt', 'anonymous']);
  if (file['kind'] !== 'AuthenticationConfiguration' || !VERSIONS.includes(String(file['apiVersion'])))
    throw fault('kind', `must be AuthenticationConfiguration of ${VERSIONS.join(' or ')}`);
  const issuers = listOf(file['jwt'], 'jwt').map((item, at) => issuerOf(item, `jwt[${at}]`));
  if (issuers.length > MAX_ISSUERS) throw fault('jwt', `must have at most ${MAX_ISSUERS} items`);
  const twice = issuers.findIndex(({ issuerUrl }, at) => issuers.findIndex((other) => other.issuerUrl === issuerUrl) < at);
  if (twice >= 0) throw fault(`jwt[${twice}].issuer.url`, 'Duplicate value');
  return { issuers, anonymous: anonymousOf(file['anonymous']) };
}

function anonymousOf(value: unknown): AnonymousAccess {
  if (value === undefined) return { enabled: true };
  const { enabled, conditions } = fieldsOf(value, 'anonymous', ['enabled', 'conditions']);
  if (typeof enabled !== 'boolean') throw fault('anonymous.enabled', 'must be true or false');
  const paths = listOf(conditions, 'anonymous.conditions').map((item, at) => {
    const { path } = fieldsOf(item, `anonymous.conditions[${at}]`, ['path']);
    return required(path, `anonymous.conditions[${at}].path`);
  });
  if (!enabled && paths.length > 0) throw fault('anonymous.conditions', 'enabled should be set to true when conditions are defined');
  return { enabled, ...(paths.length > 0 && { paths }) };
}

function issuerOf(value: unknown, at: string): OidcOptions {
  const fields = fieldsOf(value, at, ['issuer', 'claimValidationRules', 'claimMappings', 'userValidationRules']);
  if (listOf(fields['userValidationRules'], `${at}.userValidationRules`).length > 0)
    throw fault(`${at}.userValidationRules`, 'expressions are not supported');
  const issuer = fieldsOf(fields['issuer'], `${at}.issuer`, [
    'url',
    'discoveryURL',
    'certificateAuthority',
    'audiences',
    'audienceMatchPolicy',
  ]);
  const url = required(issuer['url'], `${at}.issuer.url`);
  const discoveryUrl = optional(issuer['discoveryURL'], `${at}.issuer.discoveryURL`);
  const urls = [url, ...(discoveryUrl === undefined ? [] : [discoveryUrl])];
  for (const text of urls) {
    const wrong = urlFault(text);
    if (wrong !== undefined) throw fault(`${at}.issuer`, `${JSON.stringify(text)} ${wrong}`);
  }
  const audiences = listOf(issuer['audiences'], `${at}.issuer.audiences`).map((item) => required(item, `${at}.issuer.audiences`));
  if (audiences.length === 0) throw fault(`${at}.issuer.audiences`, 'at least one is required');
  if (audiences.length > 1 && issuer['audienceMatchPolicy'] !== 'MatchAny')
    throw fault(`${at}.issuer.audienceMatchPolicy`, 'must be MatchAny for multiple audiences');
  return {
    issuerUrl: url,
    discoveryUrl,
    audiences,
    ca: optional(issuer['certificateAuthority'], `${at}.issuer.certificateAuthority`),
    requiredClaims: requiredClaims(fields['claimValidationRules'], `${at}.claimValidationRules`),
    signingAlgorithms: JWS_ALGORITHMS,
    ...mappings(fields['claimMappings'], `${at}.claimMappings`),
  };
}

function mappings(
  value: unknown,
  at: string,
): Pick<OidcOptions, 'usernameClaim' | 'usernamePrefix' | 'groupsClaim' | 'groupsPrefix' | 'uidClaim'> {
  const { username, groups, uid, extra } = fieldsOf(value, at, ['username', 'groups', 'uid', 'extra']);
  if (listOf(extra, `${at}.extra`).length > 0) throw fault(`${at}.extra`, 'expressions are not supported');
  const name = prefixedClaim(username, `${at}.username`);
  if (!name) throw fault(`${at}.username`, 'claim and prefix are required');
  const group = groups === undefined ? undefined : prefixedClaim(groups, `${at}.groups`);
  const uidClaim = uid === undefined ? undefined : optional(claimFields(uid, `${at}.uid`, ['claim'])['claim'], `${at}.uid.claim`);
  return {
    usernameClaim: name.claim,
    usernamePrefix: name.prefix === '' ? '-' : name.prefix,
    groupsClaim: group?.claim,
    groupsPrefix: group?.prefix,
    uidClaim,
  };
}

function prefixedClaim(value: unknown, at: string): { claim: string; prefix: string } | undefined {
  const { claim, prefix } = claimFields(value, at, ['claim', 'prefix']);
  if (claim === undefined) return undefined;
  if (typeof prefix !== 'string') throw fault(`${at}.prefix`, 'is required when claim is set');
  return { claim: required(claim, `${at}.claim`), prefix };
}

function claimFields(value: unknown, at: string, names: readonly string[]): Fields {
  const fields = fieldsOf(value, at, [...names, 'expression']);
  if (fields['expression'] !== undefined && fields['expression'] !== '') throw fault(`${at}.expression`, 'expressions are not supported');
  return fields;
}

function requiredClaims(value: unknown, at: string): Record<string, string> {
  const rules = listOf(value, at).map((item, index): [string, string] => {
    const place = `${at}[${index}]`;
    const { claim, requiredValue, expression } = fieldsOf(item, place, ['claim', 'requiredValue', 'expression', 'message']);
    if (expression !== undefined && expression !== '') throw fault(`${place}.expression`, 'expressions are not supported');
    return [required(claim, `${place}.claim`), optional(requiredValue, `${place}.requiredValue`) ?? ''];
  });
  return Object.fromEntries(rules);
}

/** The members of a mapping, all of them known. */
function fieldsOf(value: unknown, at: string, known: readonly string[]): Fields {
  if (!isObject(value)) throw fault(at === '' ? 'the file' : at, 'must be a mapping');
  const unknown = Object.keys(value).find((name) => !known.includes(name));
  if (unknown !== undefined) throw fault(at === '' ? unknown : `${at}.${unknown}`, 'unknown field');
  return value as Fields;
}

function listOf(value: unknown, at: string): unknown[] {
  if (value === undefined || value === null) return [];
  if (!Array.isArray(value)) throw fault(at, 'must be a list');
  return value;
}

function required(value: unknown, at: string): string {
  if (typeof value !== 'string' || value === '') throw fault(at, 'is required');
  return value;
}

function optional(value: unknown, at: string): string | undefined {
  return value === undefined || value === '' ? undefined : required(value, at);
}
