// What literals, lists, maps and objects cost that are written out, and the sizes of what is in them.

import type { ListNode, LiteralNode, MapNode, StructNode } from '../syntax/syntax.ts';
import { exactly, plus, type Range, union, ZERO } from './cost-range.ts';
import type { EstimateScope } from './estimate-scope.ts';
import { COST_OF_LIST, COST_OF_MAP, COST_OF_OBJECT } from './node-costs.ts';

/** A constant. */
export function estimateLiteral(_scope: EstimateScope, _expr: LiteralNode): Range {
  return ZERO;
}

/** A list. */
export function estimateList(scope: EstimateScope, expr: ListNode): Range {
  let cost = exactly(COST_OF_LIST);
  let value: Range | undefined;
  for (const element of expr.elements) {
    cost = plus(cost, scope.cost(element.value));
    const size = scope.size(element.value);
    value = value ? union(value, size) : size;
  }
  scope.setEntrySize(expr, { isList: true, key: exactly(1), value: value ?? ZERO });
  return cost;
}

/** A map. */
export function estimateMap(scope: EstimateScope, expr: MapNode): Range {
  let cost = exactly(COST_OF_MAP);
  let sizes: { key: Range; value: Range } | undefined;
  for (const entry of expr.entries) {
    cost = plus(plus(cost, scope.cost(entry.key)), scope.cost(entry.value));
    const [key, value] = [scope.size(entry.key), scope.size(entry.value)];
    sizes = sizes ? { key: union(sizes.key, key), value: union(sizes.value, value) } : { key, value };
  }
  scope.setEntrySize(expr, { isList: false, ...(sizes ?? { key: ZERO, value: ZERO }) });
  return cost;
}

/** An object. */
export function estimateStruct(scope: EstimateScope, expr: StructNode): Range {
  return expr.fields.reduce((sum, { value }) => plus(sum, scope.cost(value)), exactly(COST_OF_OBJECT));
}
