// How names and selections are evaluated, and what access to a value costs. Rules: CEL specification, "Evaluation";
// costs: "Resource use by CEL functions" of the Kubernetes documentation.

import { typeName } from '../cel-type.ts';
import { COST_OF_ACCESS } from '../cost/node-costs.ts';
import { Fault } from '../frame.ts';
import type { Expr, IdentNode, SelectNode } from '../syntax/syntax.ts';
import { CelTypeValue } from '../values.ts';
import type { PlanScope } from './plan-scope.ts';
import { charging, hasField, type Step, selectField } from './steps.ts';

const ACCESSES = new Set(['_[_]', '_[?_]', '_?._', '_?_:_']);

const isConditional = (expr: Expr): boolean => expr.kind === 'call' && expr.fn === '_?_:_';

/** Whether an expression is a name, a part of one, or a choice between such: upstream counts its access once. */
const isAccess = (expr: Expr): boolean =>
  expr.kind === 'ident' || (expr.kind === 'select' && !expr.test) || (expr.kind === 'call' && ACCESSES.has(expr.fn));

/** A name that stands alone. */
export function planIdent(scope: PlanScope, expr: IdentNode): Step {
  const reference = planReference(scope, expr);
  if (reference) return reference;
  const slot = scope.locals.lastIndexOf(expr.name);
  return (frame) => {
    frame.charge(COST_OF_ACCESS);
    const value = frame.locals[slot];
    if (value instanceof Fault) throw value.error;
    return value ?? null;
  };
}

/** What stands for a variable or a type as a whole. */
function planReference({ checked }: PlanScope, expr: Expr): Step | undefined {
  const reference = checked.references.get(expr.id);
  if (!reference || 'fn' in reference) return undefined;
  if ('type' in reference) {
    const value = new CelTypeValue(typeName(reference.type));
    return () => value;
  }
  const { variable } = reference;
  return (frame) => {
    frame.charge(COST_OF_ACCESS);
    return frame.variable(variable);
  };
}

/** `operand.field` and `has(operand.field)`. */
export function planSelect(scope: PlanScope, expr: SelectNode): Step {
  const reference = planReference(scope, expr);
  if (reference) return reference;
  const { field } = expr;
  if (expr.test) {
    const operand = planAccessed(scope, expr.operand);
    return (frame) => hasField(operand(frame), field);
  }
  const operand = planAccessed(scope, expr.operand);
  return (frame) => {
    const value = operand(frame);
    frame.charge(COST_OF_ACCESS);
    return selectField(value, field);
  };
}

/** What is selected from or indexed. Access to what is no name or part of one has a cost of its own. */
export function planAccessed(scope: PlanScope, operand: Expr): Step {
  const step = scope.plan(operand);
  return isAccess(operand) ? step : charging(COST_OF_ACCESS, step);
}

/** A name, or a part of one, as an index or a branch: upstream does not count the name there. */
export function planUnnamed(scope: PlanScope, expr: Expr): Step {
  const step = scope.plan(expr);
  return isAccess(expr) && !isConditional(expr) && !isTypeName(scope, expr) ? charging(-COST_OF_ACCESS, step) : step;
}

function isTypeName({ checked }: PlanScope, expr: Expr): boolean {
  const reference = checked.references.get(expr.id);
  return reference !== undefined && 'type' in reference;
}
