// What planning one tree knows: what the check found out, and where the local variables are in the frame. The rules of the constructs
// (names.ts, calls.ts, constructors.ts, folds.ts) make closures of nodes through it.

import type { CelType } from '../cel-type.ts';
import type { Checked } from '../check/check-scope.ts';
import { type Expr, type Visitor, visit } from '../syntax/syntax.ts';
import type { Step } from './steps.ts';

/** The state of planning one tree. */
export class PlanScope {
  readonly checked: Checked;
  /** Finds the types that an expression constructs. */
  readonly typeOf: (name: string) => CelType | undefined;
  /** Names of local variables; their index is their place in the frame. */
  readonly locals: string[] = [];
  readonly #rules: Visitor<PlanScope, Step>;

  constructor(checked: Checked, typeOf: PlanScope['typeOf'], rules: Visitor<PlanScope, Step>) {
    this.checked = checked;
    this.typeOf = typeOf;
    this.#rules = rules;
  }

  /** The closure of a node. */
  plan(expr: Expr): Step {
    return visit(this.#rules, this, expr);
  }
}
