// How calls and operators are evaluated: those whose arguments are evaluated only where they are needed, and those of the function table.
// Rules: CEL specification, "Evaluation".

import { isDynamic } from '../cel-type.ts';
import { celEquals } from '../equality.ts';
import type { Overload } from '../overload.ts';
import type { CallNode, Expr } from '../syntax/syntax.ts';
import { ArrayList, CelUint, type CelValue } from '../values.ts';
import { constantValue } from './constants.ts';
import { planDispatch } from './dispatch.ts';
import { planAccessed, planUnnamed } from './names.ts';
import type { PlanScope } from './plan-scope.ts';
import { planCall, planConditional, planIndex, planLogic, planNotFalse, planOptionalField, planOr, type Step } from './steps.ts';

/** A call or an operator. */
export function planCallNode(scope: PlanScope, expr: CallNode): Step {
  const constant = constantValue(scope, expr);
  if (constant !== undefined) return () => constant;
  return planOperator(scope, expr) ?? planFunction(scope, expr);
}

/** What does not evaluate all its arguments first, or counts them in its own way. */
function planOperator(scope: PlanScope, expr: CallNode): Step | undefined {
  const [first, second, third] = expr.args;
  switch (expr.fn) {
    case '_&&_':
    case '_||_':
      return first && second && planLogic(scope.plan(first), scope.plan(second), expr.fn === '_||_');
    case '_?_:_':
      return first && second && third && planConditional(scope.plan(first), planUnnamed(scope, second), planUnnamed(scope, third));
    case '@in':
      return first && second && planConstantMembership(scope, first, second);
    case '@not_strictly_false':
      return first && planNotFalse(scope.plan(first));
    case '_[_]':
    case '_[?_]':
      return (
        first &&
        second &&
        planIndex(expr.fn === '_[_]' ? planAccessed(scope, first) : scope.plan(first), planUnnamed(scope, second), expr.fn === '_[?_]')
      );
    case '_?._':
      return first && second?.kind === 'literal' ? planOptionalField(scope.plan(first), String(second.value)) : undefined;
    case 'or':
    case 'orValue':
      return expr.target && first && !scope.checked.references.has(expr.id)
        ? planOr(scope.plan(expr.target), scope.plan(first), expr.fn === 'orValue')
        : undefined;
    default:
      return undefined;
  }
}

const isPrimitive = (value: CelValue): boolean => value instanceof CelUint || (typeof value !== 'object' && value !== null);

/** `x in [1, 2]`: upstream keeps such lists as sets, and does not count the search. */
function planConstantMembership(scope: PlanScope, value: Expr, list: Expr): Step | undefined {
  const constant = constantValue(scope, list);
  if (!(constant instanceof ArrayList) || !constant.items.every(isPrimitive)) return undefined;
  const step = scope.plan(value);
  return (frame) => {
    const wanted = step(frame);
    return constant.items.some((item) => celEquals(item, wanted));
  };
}

/** A call of a function of the table: of the one overload it can only be, or of the one that fits the values. */
function planFunction(scope: PlanScope, expr: CallNode): Step {
  const { overloads: found, references, types } = scope.checked;
  const overloads = found.get(expr.id) ?? [];
  const nodes = expr.target && !references.has(expr.id) ? [expr.target, ...expr.args] : expr.args;
  const steps = nodes.map((node) => scope.plan(node));
  const isKnown = nodes.every(({ id }) => {
    const type = types.get(id);
    return type && !isDynamic(type);
  });
  const [only] = overloads;
  return only && overloads.length === 1 && isKnown ? planCall(withConstant(only, nodes[1]), steps) : planDispatch(overloads, steps);
}

/** The overload with what can be made ready once of an argument that is written out. */
function withConstant(overload: Overload, argument: Expr | undefined): Overload {
  if (!overload.prepare || argument?.kind !== 'literal' || typeof argument.value !== 'string') return overload;
  return { ...overload, run: overload.prepare(argument.value) };
}
