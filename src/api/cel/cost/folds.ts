// What loops cost: a turn for each item that the range can have.

import type { CelType } from '../cel-type.ts';
import { ACCUMULATOR } from '../syntax/macros.ts';
import type { FoldNode } from '../syntax/syntax.ts';
import { sizeOf } from '../values.ts';
import { exactly, plus, type Range, times } from './cost-range.ts';
import type { EstimateScope, Local } from './estimate-scope.ts';

/** A fold: a loop, or only a name for a value. */
export function estimateFold(scope: EstimateScope, expr: FoldNode): Range {
  return isBinding(expr) ? estimateBinding(scope, expr) : estimateLoop(scope, expr);
}

/** Whether a fold only gives a value a name. */
const isBinding = (expr: FoldNode): boolean =>
  expr.range.kind === 'list' &&
  expr.range.elements.length === 0 &&
  expr.condition.kind === 'literal' &&
  expr.condition.value === false &&
  expr.accuVar !== ACCUMULATOR;

function estimateBinding(scope: EstimateScope, expr: FoldNode): Range {
  const sum = plus(scope.cost(expr.range), scope.cost(expr.init));
  scope.locals.push(scope.asLocal(expr.accuVar, expr.init));
  const result = scope.cost(expr.result);
  scope.copySizes(expr, expr.result);
  scope.locals.pop();
  return plus(sum, result);
}

function estimateLoop(scope: EstimateScope, expr: FoldNode): Range {
  const { locals } = scope;
  const start = plus(scope.cost(expr.range), scope.cost(expr.init));
  const depth = locals.length;
  locals.push(scope.asLocal(expr.accuVar, expr.init), ...loopVariables(scope, expr));
  const turn = plus(scope.cost(expr.condition), scope.cost(expr.step));
  locals.length = depth + 1;
  const sum = plus(start, scope.cost(expr.result));
  const turns = scope.size(expr.range);
  const stepEntry = scope.entrySize(expr.step);
  locals.length = depth;
  if (expr.init.kind === 'literal') scope.setSize(expr, exactly(sizeOf(expr.init.value)));
  else if (expr.init.kind === 'list' || expr.init.kind === 'map') {
    scope.setSize(expr, turns);
    scope.setEntrySize(expr, stepEntry);
  }
  return plus(sum, times(turns, turn));
}

function loopVariables(scope: EstimateScope, expr: FoldNode): Local[] {
  const entry = scope.entrySize(expr.range);
  const declared = scope.declaredType(expr.range);
  const isList = entry ? entry.isList : scope.typeOf(expr.range)?.kind === 'list';
  const local = (name: string, type: CelType | undefined, size: Range | undefined): Local => ({
    name,
    declared: type,
    size,
    entry: undefined,
  });
  const key = (name: string): Local => local(name, declared?.kind === 'map' ? declared.key : undefined, entry?.key);
  const value = (name: string): Local => local(name, valueType(declared), entry?.value);
  if (expr.iterVar2 !== undefined) return [key(expr.iterVar), value(expr.iterVar2)];
  return [isList ? value(expr.iterVar) : key(expr.iterVar)];
}

function valueType(type: CelType | undefined): CelType | undefined {
  if (type?.kind === 'list') return type.element;
  return type?.kind === 'map' ? type.value : undefined;
}
