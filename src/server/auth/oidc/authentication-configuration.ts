// The file of --authentication-config: several issuers of ID tokens, and where anonymous requests are let in. CEL is loaded only for a file with
// expressions. https://kubernetes.io/docs/reference/access-authn-authz/authentication/#using-authentication-configuration

import { isDeepStrictEqual } from 'node:util';
import { duplicateValue, forbiddenValue, invalidValue, notSupported, tooMany } from '../../../api/validation/field-error.ts';
import { JWS_ALGORITHMS } from '../../../base/jws.ts';
import { claimExpressions, claimMappings } from './claim-mappings.ts';
import { fieldsOf, itemsOf, refuse, requiredText, textOf } from './configuration-reader.ts';
import { readIssuer } from './issuer-settings.ts';
import type { OidcOptions } from './oidc-claims.ts';

/** Upstream's limit. */
const MAX_ISSUERS = 64;
const GROUP = 'apiserver.config.k8s.io';
const VERSIONS = [`${GROUP}/v1`, `${GROUP}/v1beta1`, `${GROUP}/v1alpha1`];

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

/** What is known beside the file. */
export interface ConfigurationContext {
  /** Issuers whose tokens are not the file's: that of service accounts. */
  readonly disallowedIssuers: readonly string[];
  /** What was in force at the start; a file that is read again must say the same of anonymous requests. */
  readonly anonymous?: AnonymousAccess;
}

/** Reads a parsed file. @throws KtsError `usage` naming the field that is wrong or unknown */
export async function authenticationConfiguration(value: unknown, context: ConfigurationContext): Promise<AuthenticationConfiguration> {
  const file = fieldsOf(value, '', ['apiVersion', 'kind', 'jwt', 'anonymous']);
  if (!VERSIONS.includes(String(file['apiVersion']))) refuse(notSupported('apiVersion', file['apiVersion'], VERSIONS));
  if (file['kind'] !== 'AuthenticationConfiguration') refuse(notSupported('kind', file['kind'], ['AuthenticationConfiguration']));
  const items = itemsOf(file['jwt'], 'jwt');
  if (items.length > MAX_ISSUERS) refuse(tooMany('jwt', items.length, MAX_ISSUERS));
  const issuers: OidcOptions[] = [];
  for (const [index, item] of items.entries()) {
    const issuer = await authenticatorOf(item, `jwt[${index}]`, context);
    refuseTwice(issuer, issuers, `jwt[${index}].issuer`);
    issuers.push(issuer);
  }
  const anonymous = anonymousOf(file['anonymous']);
  if (context.anonymous && !isDeepStrictEqual(anonymous, context.anonymous))
    refuse(forbiddenValue('anonymous', 'changed from initial configuration file'));
  return { issuers, anonymous };
}

function refuseTwice({ issuerUrl, discoveryUrl }: OidcOptions, others: readonly OidcOptions[], at: string): void {
  if (others.some((other) => other.issuerUrl === issuerUrl)) refuse(duplicateValue(`${at}.url`, issuerUrl));
  if (discoveryUrl !== undefined && others.some((other) => other.discoveryUrl === discoveryUrl))
    refuse(duplicateValue(`${at}.discoveryURL`, discoveryUrl));
}

function anonymousOf(value: unknown): AnonymousAccess {
  if (value === undefined || value === null) return { enabled: true };
  const { enabled = false, conditions } = fieldsOf(value, 'anonymous', ['enabled', 'conditions']);
  if (typeof enabled !== 'boolean') return refuse(invalidValue('anonymous.enabled', enabled, 'must be true or false'));
  const paths = itemsOf(conditions, 'anonymous.conditions').map((item, index) => {
    const at = `anonymous.conditions[${index}]`;
    return requiredText(fieldsOf(item, at, ['path'])['path'], `${at}.path`);
  });
  if (!enabled && paths.length > 0)
    refuse(invalidValue('anonymous.conditions', conditions, 'enabled should be set to true when conditions are defined'));
  return { enabled, ...(paths.length > 0 && { paths }) };
}

async function authenticatorOf(value: unknown, at: string, { disallowedIssuers }: ConfigurationContext): Promise<OidcOptions> {
  const fields = fieldsOf(value, at, ['issuer', 'claimValidationRules', 'claimMappings', 'userValidationRules']);
  const issuer = readIssuer(fields['issuer'], { at: `${at}.issuer`, disallowedIssuers });
  const mappings = claimMappings(fields['claimMappings'], `${at}.claimMappings`);
  const expressions = claimExpressions(fields, at);
  const mapper = expressions && (await import('./claim-mapper.ts')).claimMapper(expressions, at);
  return {
    ...issuer,
    ...mappings,
    requiredClaims: requiredClaims(fields['claimValidationRules'], `${at}.claimValidationRules`),
    signingAlgorithms: JWS_ALGORITHMS,
    ...(mapper && { mapper }),
  };
}

/** The rules that ask for the value of a claim; those with expressions are read with the expressions. */
function requiredClaims(value: unknown, at: string): Record<string, string> {
  const required: Record<string, string> = {};
  for (const [index, item] of itemsOf(value, at).entries()) {
    const place = `${at}[${index}]`;
    const fields = fieldsOf(item, place, ['claim', 'requiredValue', 'expression', 'message']);
    const claim = textOf(fields['claim'], `${place}.claim`);
    if (claim === '') continue;
    const message = textOf(fields['message'], `${place}.message`);
    if (message !== '') refuse(invalidValue(`${place}.message`, message, 'may not be specified when claim is set'));
    if (Object.hasOwn(required, claim)) refuse(duplicateValue(`${place}.claim`, claim));
    required[claim] = textOf(fields['requiredValue'], `${place}.requiredValue`);
  }
  return required;
}
