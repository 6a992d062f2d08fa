// A ValidatingAdmissionPolicy compiled, and what its expressions say of one request under one binding and parameter.
// Rules: "Validating Admission Policy"; the texts are upstream's.

import { BOOL, NULL, STRING } from '../../../api/cel/cel-type.ts';
import { CelBudget } from '../../../api/cel/frame.ts';
import { PolicyCompiler } from '../../../api/cel/policy-compiler.ts';
import { typeNameOf } from '../../../api/cel/values.ts';
import type { KubeObject } from '../../../api/object.ts';
import type { ValidatingAdmissionPolicy, Validation } from '../../../api/types/admissionregistration-v1.gen.ts';
import { type NamedExpression, runValues } from './expression-values.ts';
import { type ConditionMeter, policyMatches } from './policy-conditions.ts';
import { evaluateExpression, OutOfBudget, type PolicyExpression, policyExpression, RUN_COST_LIMIT } from './policy-expression.ts';

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
  /** What is wrong; `''` = nothing. It may be passed over by the failure policy. */
  readonly message: string;
  /** A reason of a Status; `''` = Invalid. */
  readonly reason: string;
  /** What its expression took. */
  readonly seconds: number;
}

/** What a run says: a decision for each validation, and the annotations of the audit log. */
export interface ValidatingResult {
  readonly decisions: readonly Decision[];
  readonly annotations: readonly { readonly key: string; readonly value: string }[];
  /** Annotations that failed, where that denies the request. */
  readonly annotationErrors: readonly { readonly message: string; readonly seconds: number }[];
}

const NOTHING: ValidatingResult = { decisions: [], annotations: [], annotationErrors: [] };

/** Runs a policy on the values of a request, with one parameter. */
export function runValidatingPolicy(program: ValidatingProgram, subject: ValidationSubject, meter: ConditionMeter): ValidatingResult {
  const failed = (message: string, seconds = 0): Decision => ({ denied: program.failurePolicy !== 'Ignore', message, reason: '', seconds });
  const { values, params } = subject;
  const matching = policyMatches(program.conditions, { ...values, params: params ?? null }, meter);
  if (matching === 'no match') return NOTHING;
  if (matching !== 'matches') return { ...NOTHING, decisions: [failed(matching.error)] };
  const run = { ...subject, failed, stopwatch: () => meter.metrics.stopwatch() };
  try {
    return { decisions: decide(program, run), ...annotate(program, run) };
  } catch (error) {
    if (!(error instanceof OutOfBudget)) throw error;
    return { ...NOTHING, decisions: [failed(error.message)] };
  }
}

/** What a policy is run on. */
export interface ValidationSubject {
  readonly values: Readonly<Record<string, unknown>>;
  readonly params: KubeObject | undefined;
}

interface Run extends ValidationSubject {
  readonly failed: (message: string, seconds?: number) => Decision;
  readonly stopwatch: () => () => number;
}

function decide(program: ValidatingProgram, { values, params, failed, stopwatch }: Run): Decision[] {
  const budget = new CelBudget(RUN_COST_LIMIT);
  const all = runValues(values, { variables: program.variables, params, budget });
  const outcomes = program.validations.map((validation) => {
    const elapsed = stopwatch();
    const outcome = evaluateExpression(validation.expression, all, budget);
    return { validation, outcome, seconds: elapsed() };
  });
  return outcomes.map(({ validation, outcome, seconds }) => {
    if ('error' in outcome) return failed(outcome.error, seconds);
    if (outcome.value === true) return { denied: false, message: '', reason: '', seconds };
    try {
      return { denied: true, message: denialMessage(validation, all, budget), reason: validation.validation.reason ?? '', seconds };
    } catch (error) {
      if (!(error instanceof OutOfBudget)) throw error;
      return failed(`failed messageExpression: ${error.message}`, seconds);
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
  { values, params, stopwatch }: Run,
): Pick<ValidatingResult, 'annotations' | 'annotationErrors'> {
  const budget = new CelBudget(RUN_COST_LIMIT);
  const all = runValues(values, { variables: program.variables, params, budget });
  const annotations: { key: string; value: string }[] = [];
  const errors: { message: string; seconds: number }[] = [];
  for (const { key, expression } of program.annotations) {
    const elapsed = stopwatch();
    const outcome = evaluateExpression(expression, all, budget);
    const wrong = (message: string): void => void errors.push({ message, seconds: elapsed() });
    if ('error' in outcome) wrong(outcome.error);
    else if (typeof outcome.value === 'string') {
      const value = outcome.value.trim();
      if (value !== '') annotations.push({ key, value });
    } else if (outcome.value !== null) {
      const type = typeNameOf(outcome.value);
      wrong(
        `valueExpression '${expression.source}' resulted in unsupported return type: ${type}. Return type must be either string or null.`,
      );
    }
  }
  return { annotations, annotationErrors: program.failurePolicy === 'Ignore' ? [] : errors };
}
