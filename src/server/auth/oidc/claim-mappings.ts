// How claims become a user, as an AuthenticationConfiguration says it: claims with prefixes, and the texts of expressions. Pure.
// https://kubernetes.io/docs/reference/config-api/apiserver-config.v1/#apiserver-config-k8s-io-v1-ClaimMappings

import { duplicateValue, invalidValue, requiredValue } from '../../../api/validation/field-error.ts';
import { checkDomainPath } from '../../../api/validation/strings.ts';
import { type Fields, fieldsOf, itemsOf, refuse, refuseFirst, requiredText, textOf } from './configuration-reader.ts';
import type { OidcOptions } from './oidc-claims.ts';

/** An expression and the path of its field. */
export interface PlacedExpression {
  readonly expression: string;
  readonly at: string;
}

/** A rule and what is said when it does not hold. */
export interface ValidationRule extends PlacedExpression {
  readonly message: string;
}

/** A key of the user's extra and the expression of its values. */
export interface ExtraMapping extends PlacedExpression {
  readonly key: string;
}

/** All expressions of one issuer. */
export interface ClaimExpressions {
  readonly username: PlacedExpression | undefined;
  readonly groups: PlacedExpression | undefined;
  readonly uid: PlacedExpression | undefined;
  readonly extra: readonly ExtraMapping[];
  readonly claimRules: readonly ValidationRule[];
  readonly userRules: readonly ValidationRule[];
}

type PlainMappings = Pick<OidcOptions, 'usernameClaim' | 'usernamePrefix' | 'groupsClaim' | 'groupsPrefix' | 'uidClaim'>;

/** The mappings that name claims. @throws KtsError `usage` */
export function claimMappings(value: unknown, at: string): PlainMappings {
  const fields = mappingFields(value, at);
  const username = prefixedClaim(fields['username'], `${at}.username`);
  const groups = prefixedClaim(fields['groups'], `${at}.groups`);
  const isNamed = textOf(claimFields(fields['username'], `${at}.username`)['expression'], `${at}.username.expression`) !== '';
  if (!username && !isNamed) refuse(requiredValue(`${at}.username`, 'claim or expression is required'));
  const uid = claimFields(fields['uid'], `${at}.uid`, ['claim', 'expression']);
  const uidClaim = textOf(uid['claim'], `${at}.uid.claim`);
  return {
    usernameClaim: username?.claim,
    usernamePrefix: username?.prefix === '' ? '-' : username?.prefix,
    groupsClaim: groups?.claim,
    groupsPrefix: groups?.prefix,
    uidClaim: uidClaim === '' ? undefined : uidClaim,
  };
}

const mappingFields = (value: unknown, at: string): Fields => fieldsOf(value, at, ['username', 'groups', 'uid', 'extra']);

/** The members of a mapping to a claim or an expression. @throws KtsError `usage` when it has both */
function claimFields(value: unknown, at: string, known: readonly string[] = ['claim', 'prefix', 'expression']): Fields {
  const fields = fieldsOf(value, at, known);
  if (textOf(fields['claim'], `${at}.claim`) !== '' && textOf(fields['expression'], `${at}.expression`) !== '')
    refuse(invalidValue(at, '', "claim and expression can't both be set"));
  return fields;
}

function prefixedClaim(value: unknown, at: string): { claim: string; prefix: string } | undefined {
  const { claim, prefix, expression } = claimFields(value, at);
  const hasPrefix = prefix !== undefined && prefix !== null;
  if (textOf(expression, `${at}.expression`) !== '' && hasPrefix)
    refuse(invalidValue(`${at}.prefix`, prefix, 'may not be specified when expression is set'));
  if (textOf(claim, `${at}.claim`) === '') return undefined;
  if (!hasPrefix)
    refuse(requiredValue(`${at}.prefix`, 'prefix is required when claim is set. It can be set to an empty string to disable prefixing'));
  return { claim: textOf(claim, `${at}.claim`), prefix: textOf(prefix, `${at}.prefix`) };
}

/** The expressions of an issuer's mappings and rules; undefined without any. @throws KtsError `usage` */
export function claimExpressions(fields: Fields, at: string): ClaimExpressions | undefined {
  const place = `${at}.claimMappings`;
  const mappings = mappingFields(fields['claimMappings'], place);
  const found: ClaimExpressions = {
    username: placed(mappings['username'], `${place}.username`),
    groups: placed(mappings['groups'], `${place}.groups`),
    uid: placed(mappings['uid'], `${place}.uid`),
    extra: extraMappings(mappings['extra'], `${place}.extra`),
    claimRules: claimRules(fields['claimValidationRules'], `${at}.claimValidationRules`),
    userRules: userRules(fields['userValidationRules'], `${at}.userValidationRules`),
  };
  const { username, groups, uid, ...lists } = found;
  const isEmpty = !username && !groups && !uid && Object.values(lists).every((list) => list.length === 0);
  return isEmpty ? undefined : found;
}

function placed(value: unknown, at: string): PlacedExpression | undefined {
  const expression = textOf(claimFields(value, at)['expression'], `${at}.expression`);
  return expression === '' ? undefined : { expression, at: `${at}.expression` };
}

function extraMappings(value: unknown, at: string): ExtraMapping[] {
  const keys = new Set<string>();
  return itemsOf(value, at).map((item, index) => {
    const place = `${at}[${index}]`;
    const fields = fieldsOf(item, place, ['key', 'valueExpression']);
    const key = textOf(fields['key'], `${place}.key`);
    refuseFirst(checkDomainPath(`${place}.key`, key));
    if (key !== key.toLowerCase()) refuse(invalidValue(`${place}.key`, key, 'must be lowercase'));
    if (isReserved(key))
      refuse(invalidValue(`${place}.key`, key, 'k8s.io, kubernetes.io and their subdomains are reserved for Kubernetes use'));
    if (keys.has(key)) refuse(duplicateValue(`${place}.key`, key));
    keys.add(key);
    return {
      key,
      expression: requiredText(fields['valueExpression'], `${place}.valueExpression`),
      at: `${place}.valueExpression`,
    };
  });
}

function isReserved(key: string): boolean {
  const domain = `.${key.split('/')[0]}`;
  return domain.endsWith('.kubernetes.io') || domain.endsWith('.k8s.io');
}

function claimRules(value: unknown, at: string): ValidationRule[] {
  const seen = new Set<string>();
  return itemsOf(value, at).flatMap((item, index) => {
    const place = `${at}[${index}]`;
    const fields = fieldsOf(item, place, ['claim', 'requiredValue', 'expression', 'message']);
    const claim = textOf(fields['claim'], `${place}.claim`);
    const expression = textOf(fields['expression'], `${place}.expression`);
    if (claim !== '' && expression !== '') refuse(invalidValue(place, claim, "claim and expression can't both be set"));
    if (claim === '' && expression === '') refuse(requiredValue(place, 'claim or expression is required'));
    if (expression === '') return [];
    const wanted = textOf(fields['requiredValue'], `${place}.requiredValue`);
    if (wanted !== '') refuse(invalidValue(`${place}.requiredValue`, wanted, 'may not be specified when expression is set'));
    return [ruleOf({ expression, message: fields['message'] }, place, seen)];
  });
}

function userRules(value: unknown, at: string): ValidationRule[] {
  const seen = new Set<string>();
  return itemsOf(value, at).map((item, index) => {
    const place = `${at}[${index}]`;
    const { expression, message } = fieldsOf(item, place, ['expression', 'message']);
    return ruleOf({ expression: requiredText(expression, `${place}.expression`), message }, place, seen);
  });
}

function ruleOf({ expression, message }: { expression: string; message: unknown }, place: string, seen: Set<string>): ValidationRule {
  const at = `${place}.expression`;
  if (seen.has(expression)) refuse(duplicateValue(at, expression));
  seen.add(expression);
  return { expression, at, message: textOf(message, `${place}.message`) };
}
