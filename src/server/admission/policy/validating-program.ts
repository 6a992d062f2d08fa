// A ValidatingAdmissionPolicy compiled, and what its expressions say of one request under one binding and parameter.
// Rules: "Validating Admission Policy"; the texts are upstream's.

import { BOOL, NULL, STRING } from '../../../api/cel/cel-type.ts';
import { CelBudget } from '../../../api/cel/frame.ts';
import { PolicyCompiler } from '../../../api/cel/policy-compiler.ts';
import { typeNameOf } from '../../../api/cel/values.ts';
import type { KubeObject } from '../../../api/object.ts';
import type { ValidatingAdmissionPolicy, Validation } from '../../../api/types/admissionregistration-v1.gen.ts';
import { type NamedExpression, runValues } from './expression-values.ts';
import {
  evaluateConditions,
  evaluateExpression,
  MATCH_COST_LIMIT,
  OutOfBudget,
  type PolicyExpression,
  policyExpression,
  RUN_COST_LIMIT,
} from './policy-expression.ts';

/** Longer messages of message expressions are not used. */
const MAX_MESSAGE_BYTES = 5 * 1024;

interface CompiledValidation {
  readonly validation: Validation;
  readonly expression: PolicyExpression;
  readonly message: PolicyExpression | undefined;
}

/** A policy's expressions. */
export interface ValidatingProgram {
  readonly failurePolicy: string;
  readonly conditions: readonly PolicyExpression[];
  readonly variables: readonly NamedExpression[];
  readonly validations: readonly CompiledValidation[];
  readonly annotations: readonly { readonly key: string; readonly expression: PolicyExpression }[];
}

/** Compiles all of them. What does not compile fails when it is evaluated. */
export function compileValidatingPolicy({ spec }: ValidatingAdmissionPolicy): ValidatingProgram {
  const compiler = new PolicyCompiler({ params: spec.paramKind !== undefined });
  const conditions = (spec.matchConditions ?? []).map(({ expression }) =>
    policyExpression(expression, () => compiler.compile(expression, { results: [BOOL] })),
  );
  const variables = (spec.variables ?? []).map(({ name, expression }) => ({
    name,
    ...policyExpression(expression, () => compiler.declare(name, expression)),
  }));
  return {
    failurePolicy: spec.failurePolicy ?? 'Fail',
    conditions,
    variables,
    validations: (spec.validations ?? []).map((validation) => compileValidation(compiler, validation)),
    annotations: (spec.auditAnnotations ?? []).map(({ key, valueExpression }) => ({
      key,
      expression: policyExpression(valueExpression, () => compiler.compile(valueExpression, { results: [STRING, NULL] })),
    })),
  };
}

function compileValidation(compiler: PolicyCompiler, validation: Validation): CompiledValidation {
  const { expression, messageExpression } = validation;
  return {
    validation,
    expression: policyExpression(expression, () => compiler.compile(expression, { results: [BOOL] })),
    message: messageExpression
      ? policyExpression(messageExpression, () => compiler.compile(messageExpression, { results: [STRING], authorizer: false }))
      : undefined,
  };
}

/** What one validation says. */
export interface Decision {
  readonly denied: boolean;
  readonly message: string;
  /** A reason of a Status; `''` = Invalid. */
  readonly reason: string;
}

/** What a run says: a decision for each validation, and the annotations of the audit log. */
export interface ValidatingResult {
  readonly decisions: readonly Decision[];
  readonly annotations: readonly { readonly key: string; readonly value: string }[];
  /** Annotations that failed, where that denies the request. */
  readonly annotationErrors: readonly string[];
}

const NOTHING: ValidatingResult = { decisions: [], annotations: [], annotationErrors: [] };
const ADMITTED: Decision = { denied: false, message: '', reason: '' };

/** Runs a policy on the values of a request. */
export function runValidatingPolicy(
  program: ValidatingProgram,
  values: Readonly<Record<string, unknown>>,
  params: KubeObject | undefined,
): ValidatingResult {
  const failed = (message: string): Decision => ({ denied: program.failurePolicy !== 'Ignore', message, reason: '' });
  const matching = evaluateConditions(program.conditions, { ...values, params: params ?? null }, new CelBudget(MATCH_COST_LIMIT));
  if (matching === 'no match') return NOTHING;
  if (matching !== 'matches') return { ...NOTHING, decisions: [failed(matching.error)] };
  try {
    return { decisions: decide(program, { values, params, failed }), ...annotate(program, values, params) };
  } catch (error) {
    if (!(error instanceof OutOfBudget)) throw error;
    return { ...NOTHING, decisions: [failed(error.message)] };
  }
}

interface Run {
  readonly values: Readonly<Record<string, unknown>>;
  readonly params: KubeObject | undefined;
  readonly failed: (message: string) => Decision;
}

function decide(program: ValidatingProgram, { values, params, failed }: Run): Decision[] {
  const budget = new CelBudget(RUN_COST_LIMIT);
  const all = runValues(values, { variables: program.variables, params, budget });
  const outcomes = program.validations.map((validation) => ({
    validation,
    outcome: evaluateExpression(validation.expression, all, budget),
  }));
  return outcomes.map(({ validation, outcome }) => {
    if ('error' in outcome) return failed(outcome.error);
    if (outcome.value === true) return ADMITTED;
    try {
      return { denied: true, message: denialMessage(validation, all, budget), reason: validation.validation.reason ?? '' };
    } catch (error) {
      if (!(error instanceof OutOfBudget)) throw error;
      return failed(`failed messageExpression: ${error.message}`);
    }
  });
}

/** The message expression's text if it is of use, else the message, else the expression. */
function denialMessage({ validation, message }: CompiledValidation, values: Record<string, unknown>, budget: CelBudget): string {
  const outcome = message && evaluateExpression(message, values, budget);
  const text = outcome && 'value' in outcome && typeof outcome.value === 'string' ? outcome.value.trim() : '';
  if (text !== '' && !text.includes('\n') && Buffer.byteLength(text) <= MAX_MESSAGE_BYTES) return text;
  return validation.message?.trim() || `failed expression: ${validation.expression.trim()}`;
}

function annotate(
  program: ValidatingProgram,
  values: Readonly<Record<string, unknown>>,
  params: KubeObject | undefined,
): Pick<ValidatingResult, 'annotations' | 'annotationErrors'> {
  const budget = new CelBudget(RUN_COST_LIMIT);
  const all = runValues(values, { variables: program.variables, params, budget });
  const annotations: { key: string; value: string }[] = [];
  const errors: string[] = [];
  for (const { key, expression } of program.annotations) {
    const outcome = evaluateExpression(expression, all, budget);
    if ('error' in outcome) errors.push(outcome.error);
    else if (typeof outcome.value === 'string') {
      const value = outcome.value.trim();
      if (value !== '') annotations.push({ key, value });
    } else if (outcome.value !== null) {
      const type = typeNameOf(outcome.value);
      errors.push(
        `valueExpression '${expression.source}' resulted in unsupported return type: ${type}. Return type must be either string or null.`,
      );
    }
  }
  return { annotations, annotationErrors: program.failurePolicy === 'Ignore' ? [] : errors };
}
