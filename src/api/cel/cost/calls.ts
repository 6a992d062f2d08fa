// What calls and operators cost: their arguments, and what the cost models of the overloads say that they may be.

import type { CallNode, Expr } from '../syntax/syntax.ts';
import { type CallEstimate, unionOf } from './cost-models.ts';
import { exactly, plus, type Range, union, ZERO } from './cost-range.ts';
import type { EntrySize, EstimateScope } from './estimate-scope.ts';
import { COST_OF_ACCESS } from './node-costs.ts';

const ACCESS = exactly(COST_OF_ACCESS);

/** A call or an operator. */
export function estimateCall(scope: EstimateScope, expr: CallNode): Range {
  const { args } = expr;
  const receiver = expr.target && !scope.checked.references.has(expr.id) ? expr.target : undefined;
  if (expr.fn === 'dyn' && !receiver && args[0]) return estimateDyn(scope, expr, args[0]);
  const argCosts = args.map((arg) => scope.cost(arg));
  const receiverCost = receiver ? scope.cost(receiver) : ZERO;
  const operator = estimateOperator(scope, expr, argCosts);
  if (operator) return operator;
  const sized = (receiver ? [receiver, ...args] : args).map((node) => scope.argument(node));
  let call: CallEstimate | undefined;
  for (const overload of scope.checked.overloads.get(expr.id) ?? []) call = unionOf(call, overload.cost.estimate(sized));
  if (expr.fn === '_+_') joinEntries(scope, expr, args);
  scope.setSize(expr, call?.size);
  return plus(argCosts.reduce(plus, receiverCost), call?.cost ?? ACCESS);
}

function estimateDyn(scope: EstimateScope, expr: CallNode, arg: Expr): Range {
  const cost = plus(scope.cost(arg), ACCESS);
  scope.copySizes(expr, arg);
  return cost;
}

/** Operators that do not evaluate all their operands, and access by index. */
function estimateOperator(scope: EstimateScope, expr: CallNode, costs: readonly Range[]): Range | undefined {
  const [first = ZERO, second = ZERO, third = ZERO] = costs;
  switch (expr.fn) {
    case '_&&_':
    case '_||_':
      return { min: first.min, max: plus(first, second).max };
    case '_?_:_':
      mergeBranches(scope, expr);
      return plus(first, union(second, third));
    case '_[_]':
      reachItem(scope, expr);
      return plus(plus(first, second), ACCESS);
    default:
      return undefined;
  }
}

function mergeBranches(scope: EstimateScope, expr: CallNode): void {
  const [, yes, no] = expr.args;
  if (!yes || !no) return;
  scope.setSize(expr, union(scope.size(yes), scope.size(no)));
  joinEntries(scope, expr, [yes, no]);
}

function reachItem(scope: EstimateScope, expr: CallNode): void {
  const [operand] = expr.args;
  if (!operand) return;
  const declared = scope.declaredType(operand);
  if (declared?.kind === 'list') scope.setDeclaredType(expr, declared.element);
  else if (declared?.kind === 'map') scope.setDeclaredType(expr, declared.value);
  scope.setSize(expr, scope.entrySize(operand)?.value);
}

function joinEntries(scope: EstimateScope, expr: CallNode, [left, right]: readonly Expr[]): void {
  if (left && right) scope.setEntrySize(expr, unionEntries(scope.entrySize(left), scope.entrySize(right)));
}

function unionEntries(a: EntrySize | undefined, b: EntrySize | undefined): EntrySize | undefined {
  return a && b && { isList: a.isList, key: union(a.key, b.key), value: union(a.value, b.value) };
}
