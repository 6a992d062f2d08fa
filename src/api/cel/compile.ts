// Compiles CEL expressions for Kubernetes: text to tree to types to closures, with the worst case of what they cost. Callers keep what they compile.

import { type CelType, typeDeclaration } from './cel-type.ts';
import type { Declarations } from './check/check-scope.ts';
import { checkExpression } from './check/checker.ts';
import { verifyLiterals } from './check/literal-rules.ts';
import { sameType } from './check/type-unifier.ts';
import { estimateCost } from './cost/cost-estimate.ts';
import { CelCompileError } from './errors.ts';
import { type CelBudget, Frame, MAX_COST_PER_EVALUATION } from './frame.ts';
import { type FunctionTable, kubernetesFunctions } from './function-table.ts';
import { namedType } from './named-types.ts';
import type { Overload } from './overload.ts';
import { planExpression } from './plan/planner.ts';
import type { MacroExpander } from './syntax/macros.ts';
import { parseExpression } from './syntax/parser.ts';
import { formatIssues, type Issue } from './syntax/source-text.ts';
import { CelUint, type CelValue } from './values.ts';

/** What an expression may refer to, and what it is to give. */
export interface CelEnvironment {
  readonly variables: ReadonlyMap<string, CelType>;
  /** Types the result may have; without them any. */
  readonly results?: readonly CelType[];
  /** Object types the expression may construct, by name. */
  readonly types?: (name: string) => CelType | undefined;
  /** Functions beside those that all expressions have. */
  readonly functions?: readonly Overload[];
  /** Macros beside those that all expressions have. */
  readonly macros?: MacroExpander;
}

/** A compiled expression. Immutable. */
export interface CelProgram {
  readonly source: string;
  readonly resultType: CelType;
  /** Names of declared variables that the expression uses. */
  readonly uses: ReadonlySet<string>;
  /** Worst-case cost by the size limits of the types. */
  readonly maxCost: number;
  /**
   * Evaluates. Variables are JSON values (adapted by their declared types when they are read) or CEL values, or functions that make one when it is
   * first used. The result is a JavaScript value or one of values.ts; `toJson` makes JSON of it.
   * @throws CelEvaluationError
   */
  evaluate(variables: Readonly<Record<string, unknown>>, budget: CelBudget): CelValue;
}

/** @throws CelCompileError */
export function compileExpression(source: string, environment: CelEnvironment): CelProgram {
  const { expr, issues } = parseExpression(source, environment.macros);
  if (!expr) throw compileError(source, issues);
  const typeOf = (name: string): CelType | undefined => environment.types?.(name) ?? namedType(name);
  const declarations: Declarations = {
    functions: functionsOf(environment),
    variable: (name) => environment.variables.get(name),
    type: typeOf,
  };
  const checked = checkExpression(expr, declarations);
  const faults = checked.issues.length > 0 ? checked.issues : verifyLiterals(expr, checked);
  if (faults.length > 0) throw compileError(source, faults);
  verifyResult(checked.type, environment.results);
  const step = planExpression(expr, checked, typeOf);
  let maxCost: number | undefined;
  return {
    source,
    resultType: checked.type,
    uses: checked.uses,
    get maxCost() {
      maxCost ??= estimateCost(expr, checked).max;
      return maxCost;
    },
    evaluate(variables, budget) {
      const limit = Math.min(MAX_COST_PER_EVALUATION, Math.max(budget.remaining, 0));
      const frame = new Frame(limit, variables, environment.variables);
      try {
        const value = step(frame);
        return value instanceof CelUint ? value.value : value;
      } finally {
        budget.use(frame.cost);
      }
    },
  };
}

function functionsOf({ functions: own = [] }: CelEnvironment): FunctionTable {
  const table = kubernetesFunctions();
  return own.length === 0 ? table : { get: (name) => [...table.get(name), ...own.filter((overload) => overload.name === name)] };
}

function compileError(source: string, issues: readonly Issue[]): CelCompileError {
  return CelCompileError.of(formatIssues(source, issues));
}

/** The result's type must be one of those: one that is known at run time only is not. */
function verifyResult(type: CelType, allowed: readonly CelType[] | undefined): void {
  if (!allowed || allowed.some((other) => sameType(type, other))) return;
  const [only] = allowed;
  const text =
    allowed.length === 1 && only
      ? `must evaluate to ${typeDeclaration(only)}`
      : `must evaluate to one of [${allowed.map(typeDeclaration).join(' ')}]`;
  throw CelCompileError.ofResult(`${text} but got ${typeDeclaration(type)}`);
}
