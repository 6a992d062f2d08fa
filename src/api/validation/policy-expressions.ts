// Validation of the parts of admission policies that are CEL: each expression is compiled as it will be evaluated. Loads the engine: whoever needs
// this file imports it with `await import()`. Texts are upstream's. Pure.

import { BOOL, type CelType, NULL, STRING } from '../cel/cel-type.ts';
import type { CelProgram } from '../cel/compile.ts';
import { CelCompileError } from '../cel/errors.ts';
import { PolicyCompiler, type PolicyCompilerOptions, type PolicyExpressionOptions } from '../cel/policy-compiler.ts';
import type { FieldError } from '../status-error.ts';
import type { AuditAnnotation, MatchCondition, ParamKind, Validation, Variable } from '../types/admissionregistration-v1.gen.ts';
import { checkAmong, duplicateValue, eachItem, invalidValue, requiredValue, tooMany } from './field-error.ts';
import { qualifiedName } from './object-meta.ts';

const MAX_CONDITIONS = 64;
const MAX_ANNOTATIONS = 20;
const MAX_VALUE_EXPRESSION_BYTES = 5 * 1024;
const REASONS = ['Forbidden', 'Invalid', 'RequestEntityTooLarge'];
const IDENTIFIER = /^[_a-zA-Z][_a-zA-Z0-9]*$/;
const RESERVED = new Set(
  'true false null in as break const continue else for function if import let loop package namespace return var void while'.split(' '),
);

/** Runs a compilation; the faults it finds. */
function compiled(path: string, expression: string, compile: () => CelProgram): FieldError[] {
  try {
    compile();
    return [];
  } catch (error) {
    if (!(error instanceof CelCompileError)) throw error;
    return [invalidValue(path, expression, error.message)];
  }
}

/** The expressions of one policy, or the match conditions of one webhook. */
export class PolicyExpressions {
  readonly #compiler: PolicyCompiler;

  /**
   * @param paramKind whether expressions may use `params`
   * @param more whether they may make patches
   */
  constructor(paramKind: ParamKind | undefined, more: Pick<PolicyCompilerOptions, 'patching'> = {}) {
    this.#compiler = new PolicyCompiler({ params: paramKind !== undefined, ...more });
  }

  /** An expression that must be there. */
  expression(path: string, expression: string | undefined, options: PolicyExpressionOptions & { readonly missing?: string }): FieldError[] {
    if (!expression?.trim()) return [requiredValue(path, options.missing)];
    return compiled(path, expression, () => this.#compiler.compile(expression, options));
  }

  matchConditions(conditions: readonly MatchCondition[] | undefined, path: string): FieldError[] {
    const list = conditions ?? [];
    return [
      ...(list.length > MAX_CONDITIONS ? [tooMany(path, list.length, MAX_CONDITIONS)] : []),
      ...eachItem(path, list, ({ name, expression }, at, index) => [
        ...this.expression(`${at}.expression`, expression?.trim(), { results: [BOOL] }),
        ...(name ? qualifiedName(name).map((why) => invalidValue(`${at}.name`, name, why)) : [requiredValue(`${at}.name`)]),
        ...(name && list.findIndex((other) => other.name === name) < index ? [duplicateValue(`${at}.name`, name)] : []),
      ]),
    ];
  }

  variables(variables: readonly Variable[] | undefined, path: string): FieldError[] {
    return eachItem(path, variables, ({ name, expression }, at) => {
      const faults: FieldError[] = [];
      if (!name?.trim()) faults.push(requiredValue(`${at}.name`, 'name is not specified'));
      else if (!IDENTIFIER.test(name) || RESERVED.has(name)) {
        faults.push(invalidValue(`${at}.name`, name, 'must be a valid CEL identifier'));
      }
      if (!expression?.trim()) return [...faults, requiredValue(`${at}.expression`, 'expression is not specified')];
      return [...faults, ...compiled(`${at}.expression`, expression, () => this.#compiler.declare(name, expression))];
    });
  }

  validation(validation: Validation, path: string): FieldError[] {
    const { expression, message, messageExpression, reason } = validation;
    const blankMessage = message && message.trim() === '';
    return [
      ...this.expression(`${path}.expression`, expression, { results: [BOOL], missing: 'expression is not specified' }),
      ...this.#messageExpression(`${path}.messageExpression`, messageExpression),
      ...(blankMessage ? [invalidValue(`${path}.message`, message, 'must be non-empty if specified')] : []),
      ...(message && /[\n\r]/.test(message.trim()) ? [invalidValue(`${path}.message`, message, 'must not contain line breaks')] : []),
      ...checkAmong(`${path}.reason`, reason, REASONS),
    ];
  }

  #messageExpression(path: string, expression: string | undefined): FieldError[] {
    if (!expression) return [];
    if (expression.trim() === '') return [invalidValue(path, expression, 'must be non-empty if specified')];
    return this.expression(path, expression, { results: [STRING], authorizer: false });
  }

  auditAnnotations(annotations: readonly AuditAnnotation[] | undefined, path: string, policy: string | undefined): FieldError[] {
    const list = annotations ?? [];
    const keys = new Set<string>();
    const faults = eachItem(path, list, ({ key, valueExpression }, at) => {
      const repeated = keys.has(key) ? [duplicateValue(`${at}.key`, key)] : [];
      keys.add(key);
      return [...annotationKey(`${at}.key`, key, policy), ...this.#valueExpression(`${at}.valueExpression`, valueExpression), ...repeated];
    });
    if (list.length <= MAX_ANNOTATIONS) return faults;
    return [invalidValue(path, list, `must not have more than ${MAX_ANNOTATIONS} auditAnnotations`), ...faults];
  }

  #valueExpression(path: string, expression: string | undefined): FieldError[] {
    const results: CelType[] = [STRING, NULL];
    if (Buffer.byteLength(expression?.trim() ?? '') > MAX_VALUE_EXPRESSION_BYTES) {
      return [requiredValue(path, `must not exceed ${MAX_VALUE_EXPRESSION_BYTES} bytes in length`)];
    }
    return this.expression(path, expression, { results, missing: 'valueExpression is not specified' });
  }
}

function annotationKey(path: string, key: string, policy: string | undefined): FieldError[] {
  if (!policy) return [invalidValue(path, key, 'requires metadata.name be non-empty')];
  const name = `${policy}/${key}`;
  return qualifiedName(name).map((why) => invalidValue(path, name, why));
}
