// Expressions of policies: compiled once with what is wrong with them, and evaluated with upstream's texts for what goes wrong.

import type { CelProgram } from '../../../api/cel/compile.ts';
import { CelCompileError, CelEvaluationError } from '../../../api/cel/errors.ts';
import type { CelBudget } from '../../../api/cel/frame.ts';
import type { CelValue } from '../../../api/cel/values.ts';

/** What the expressions of one policy, or one run of it, may cost together: upstream's RuntimeCELCostBudget. */
export const RUN_COST_LIMIT = 10_000_000;
/** What match conditions may cost together. */
export const MATCH_COST_LIMIT = RUN_COST_LIMIT / 4;

/** An expression, compiled or not. */
export interface PolicyExpression {
  readonly source: string;
  readonly program: CelProgram | undefined;
  /** Why there is no program. */
  readonly error: string;
}

/** The result of an expression, or what went wrong. */
export type Outcome = { readonly value: CelValue } | { readonly error: string };

/** No further expressions are run. */
export class OutOfBudget extends Error {
  constructor() {
    super('validation failed due to running out of cost budget, no further validation rules will be run');
  }
}

/** Compiles, and keeps what is wrong. */
export function policyExpression(source: string, compile: () => CelProgram): PolicyExpression {
  try {
    return { source, program: compile(), error: '' };
  } catch (error) {
    if (!(error instanceof CelCompileError)) throw error;
    return { source, program: undefined, error: error.message };
  }
}

/** Evaluates. @throws OutOfBudget */
export function evaluateExpression(
  { source, program, error }: PolicyExpression,
  values: Readonly<Record<string, unknown>>,
  budget: CelBudget,
): Outcome {
  if (!program) return { error: `compilation error: ${error}` };
  try {
    const value = program.evaluate(values, budget);
    if (budget.remaining < 0) throw new OutOfBudget();
    return { value };
  } catch (cause) {
    if (!(cause instanceof CelEvaluationError)) throw cause;
    if (cause.code === 'cost' && budget.remaining <= 0) throw new OutOfBudget();
    return { error: `expression '${source}' resulted in error: ${cause.message}` };
  }
}

/** What match conditions say: all hold, one does not, or nothing can be said. */
export type MatchOutcome = 'matches' | 'no match' | { readonly error: string };

/** Evaluates match conditions: one that is false decides, whatever fails beside it. `failed` is called for each that fails by itself. */
export function evaluateConditions(
  conditions: readonly PolicyExpression[],
  values: Readonly<Record<string, unknown>>,
  { budget, failed }: { readonly budget: CelBudget; readonly failed?: () => void },
): MatchOutcome {
  const errors: string[] = [];
  try {
    for (const condition of conditions) {
      const outcome = evaluateExpression(condition, values, budget);
      if ('error' in outcome) {
        errors.push(outcome.error);
        failed?.();
      } else if (outcome.value !== true) return 'no match';
    }
  } catch (error) {
    if (!(error instanceof OutOfBudget)) throw error;
    errors.push(error.message);
  }
  if (errors.length === 0) return 'matches';
  return { error: errors.length === 1 ? (errors[0] ?? '') : `[${errors.join(', ')}]` };
}
