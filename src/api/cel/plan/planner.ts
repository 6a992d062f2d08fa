// Turns a checked tree into closures that evaluate it and count what that costs. Rules: CEL specification, "Evaluation": && and || take either side's
// answer where it decides, also when the other side fails; costs: "Resource use by CEL functions" of the Kubernetes documentation.

import type { Checked } from '../check/check-scope.ts';
import type { Expr, Visitor } from '../syntax/syntax.ts';
import { planCallNode } from './calls.ts';
import { planList, planLiteral, planMap, planStruct } from './constructors.ts';
import { planFold } from './folds.ts';
import { planIdent, planSelect } from './names.ts';
import { PlanScope } from './plan-scope.ts';
import type { Step } from './steps.ts';

const PLANS: Visitor<PlanScope, Step> = {
  literal: planLiteral,
  ident: planIdent,
  select: planSelect,
  call: planCallNode,
  list: planList,
  map: planMap,
  struct: planStruct,
  fold: planFold,
};

/** The closures of a tree. `typeOf` finds the types that it constructs. */
export function planExpression(expr: Expr, checked: Checked, typeOf: PlanScope['typeOf']): Step {
  return new PlanScope(checked, typeOf, PLANS).plan(expr);
}
