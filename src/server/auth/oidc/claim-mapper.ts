// The compiled expressions of an issuer: what they make of claims, and whether claims and user hold to the rules. Loaded only for a file that has
// some: it brings the CEL engine with it. https://kubernetes.io/docs/reference/access-authn-authz/authentication/#using-authentication-configuration

import { BOOL, type CelType, DYN, listOf, mapOf, objectOf, STRING } from '../../../api/cel/cel-type.ts';
import { type CelProgram, compileExpression } from '../../../api/cel/compile.ts';
import { CelCompileError, CelEvaluationError } from '../../../api/cel/errors.ts';
import { CelBudget, MAX_COST_PER_EVALUATION } from '../../../api/cel/frame.ts';
import { CelList, type CelValue } from '../../../api/cel/values.ts';
import { invalidValue } from '../../../api/validation/field-error.ts';
import type { UserInfo } from '../../../client/api-backend.ts';
import type { ClaimExpressions, PlacedExpression, ValidationRule } from './claim-mappings.ts';
import { usesClaim } from './claim-uses.ts';
import { refuse } from './configuration-reader.ts';
import { type ClaimMapper, type Claims, claimsFault } from './oidc-claims.ts';

type Variables = ReadonlyMap<string, CelType>;

const claimVariables = (): Variables => new Map([['claims', mapOf(STRING, DYN)]]);

function userVariables(): Variables {
  const texts = listOf(STRING);
  const types: [string, CelType][] = [
    ['username', STRING],
    ['uid', STRING],
    ['groups', texts],
    ['extra', mapOf(STRING, texts)],
  ];
  const fields = new Map(types.map(([name, type]) => [name, { jsonName: name, type }]));
  return new Map([['user', objectOf('kubernetes.UserInfo', fields)]]);
}

/** Compiles them. `at` is the path of the issuer. @throws KtsError `usage` naming the field of the expression that cannot be used */
export function claimMapper(expressions: ClaimExpressions, at: string): ClaimMapper {
  const { username, groups, uid, extra } = expressions;
  refuseUnverified(expressions, at);
  const compiled = (placed: PlacedExpression | undefined): CelProgram | undefined => placed && compile(placed, claimVariables());
  const programs = { username: compiled(username), groups: compiled(groups), uid: compiled(uid) };
  const extras = extra.map((mapping) => ({ ...mapping, program: compile(mapping, claimVariables()) }));
  const claimRules = rulesOf(expressions.claimRules, claimVariables());
  const userRules = rulesOf(expressions.userRules, userVariables());
  return {
    ...(programs.username && { username: nameBy(programs.username) }),
    ...(programs.groups && { groups: textsBy(programs.groups, 'group') }),
    ...(programs.uid && { uid: textBy(programs.uid, 'uid') }),
    extra: (claims) =>
      Object.fromEntries(
        extras
          .map(({ key, program }): [string, string[]] => [key, textsBy(program, 'extra')(claims)])
          .filter(([, values]) => values.length > 0),
      ),
    checkClaims: (claims) => checkRules(claimRules, { claims }, 'claim validation expression'),
    checkUser: (user) => checkRules(userRules, { user: userVariable(user) }, 'user info validation rule'),
  };
}

/** An address that the issuer has not verified is anybody's: who takes it for a name must look at that, too. */
function refuseUnverified({ username, extra, claimRules }: ClaimExpressions, at: string): void {
  if (!username || !usesClaim(username.expression, 'email')) return;
  const places = [username, ...extra, ...claimRules];
  if (places.some(({ expression }) => usesClaim(expression, 'email_verified'))) return;
  const why =
    'claims.email_verified must be used in claimMappings.username.expression or claimMappings.extra[*].valueExpression or ' +
    'claimValidationRules[*].expression when claims.email is used in claimMappings.username.expression';
  refuse(invalidValue(`${at}.claimMappings.username.expression`, username.expression, why));
}

function compile({ expression, at }: PlacedExpression, variables: Variables, results?: readonly CelType[]): CelProgram {
  try {
    return compileExpression(expression, { variables, ...(results && { results }) });
  } catch (error) {
    if (error instanceof CelCompileError) return refuse(invalidValue(at, expression, error.message));
    throw error;
  }
}

interface CompiledRule {
  readonly program: CelProgram;
  readonly message: string;
}

const rulesOf = (rules: readonly ValidationRule[], variables: Variables): CompiledRule[] =>
  rules.map((rule) => ({ program: compile(rule, variables, [BOOL]), message: rule.message }));

function evaluate(program: CelProgram, variables: Readonly<Record<string, unknown>>, what: string): CelValue {
  try {
    return program.evaluate(variables, new CelBudget(MAX_COST_PER_EVALUATION));
  } catch (error) {
    if (!(error instanceof CelEvaluationError)) throw error;
    throw claimsFault(`oidc: error evaluating ${what}: expression '${program.source}' resulted in error: ${error.message}`);
  }
}

function textBy(program: CelProgram, what: string): (claims: Claims) => string {
  return (claims) => {
    const value = evaluate(program, { claims }, `${what} claim expression`);
    if (typeof value !== 'string')
      throw claimsFault(`oidc: error evaluating ${what} claim expression: ${what} claim expression must return a string`);
    return value;
  };
}

function nameBy(program: CelProgram): (claims: Claims) => string {
  const text = textBy(program, 'username');
  return (claims) => {
    const name = text(claims);
    if (name === '') throw claimsFault('oidc: empty username via CEL expression is not allowed');
    return name;
  };
}

/** One text or several; empty ones and null count as absent. */
function textsBy(program: CelProgram, what: string): (claims: Claims) => string[] {
  return (claims) => {
    const value = evaluate(program, { claims }, `${what} claim expression`);
    const items = value === null ? [] : value instanceof CelList ? [...value] : [value];
    if (!items.every((item): item is string => typeof item === 'string'))
      throw claimsFault(`oidc: error evaluating ${what} claim expression: expression must return a string or a list of strings`);
    return items.filter((item) => item !== '');
  };
}

function checkRules(rules: readonly CompiledRule[], variables: Readonly<Record<string, unknown>>, what: string): void {
  for (const { program, message } of rules) {
    if (evaluate(program, variables, what) !== true)
      throw claimsFault(`oidc: error evaluating ${what}: validation expression '${program.source}' failed: ${message}`);
  }
}

/** The user with all fields: expressions need not ask whether there are some. */
function userVariable({ name, uid = '', groups, extra = {} }: UserInfo): object {
  return { username: name, uid, groups, extra };
}
