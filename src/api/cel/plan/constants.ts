// What is written out in an expression and never changes: literals, lists and maps of them, and conversions of them. Upstream makes such values
// once, when it plans the expression, and counts nothing for them; so must we.

import type { CallNode, Expr, MapNode } from '../syntax/syntax.ts';
import { ArrayList, type CelValue, EntryMap } from '../values.ts';
import type { PlanScope } from './plan-scope.ts';
import { absorbed } from './steps.ts';

/** Functions whose calls with what is written out are done once. */
const CONVERSIONS = new Set(['bool', 'bytes', 'double', 'duration', 'dyn', 'int', 'string', 'timestamp', 'type', 'uint']);

/** The value of a node that is constant, undefined if it is not. */
export function constantValue(scope: PlanScope, expr: Expr): CelValue | undefined {
  if (expr.kind === 'literal') return expr.value;
  if (expr.kind === 'list') {
    const items = expr.elements.map(({ value, optional }) => (optional ? undefined : constantValue(scope, value)));
    return items.every((item) => item !== undefined) ? new ArrayList(items) : undefined;
  }
  if (expr.kind === 'map') return constantMap(scope, expr);
  return expr.kind === 'call' && CONVERSIONS.has(expr.fn) && !expr.target ? converted(scope, expr) : undefined;
}

function constantMap(scope: PlanScope, { entries }: MapNode): CelValue | undefined {
  const map = new EntryMap();
  for (const entry of entries) {
    const [key, value] = [constantValue(scope, entry.key), constantValue(scope, entry.value)];
    if (entry.optional || key === undefined || value === undefined || !map.insert(key, value)) return undefined;
  }
  return map;
}

/** Undefined if it fails: that is told when it is evaluated. */
function converted(scope: PlanScope, expr: CallNode): CelValue | undefined {
  const [overload, ...others] = scope.checked.overloads.get(expr.id) ?? [];
  const value = expr.args[0] && constantValue(scope, expr.args[0]);
  if (!overload || others.length > 0 || value === undefined) return undefined;
  try {
    return overload.run(value);
  } catch (error) {
    absorbed(error);
    return undefined;
  }
}
