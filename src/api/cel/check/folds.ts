// How the loops that macros become are checked. Rules: CEL specification, "Macros"; what each variable of a loop is: cel-go's comprehensions.

import { BOOL, type CelType, DYN, INT } from '../cel-type.ts';
import type { FoldNode } from '../syntax/syntax.ts';
import { type CheckScope, ERROR, type Local } from './check-scope.ts';

/** The type of what a fold gives. Its variables are in reach within it only. */
export function checkFold(scope: CheckScope, expr: FoldNode): CelType {
  const range = scope.known(scope.check(expr.range));
  const accu = scope.check(expr.init);
  const depth = scope.locals.length;
  scope.locals.push({ name: expr.accuVar, type: accu }, ...loopVariables(expr, loopTypes(scope, expr, range)));
  scope.expect(expr.condition, BOOL);
  scope.expect(expr.step, accu);
  scope.locals.length = depth + 1;
  const result = scope.check(expr.result);
  scope.locals.length = depth;
  return scope.known(result);
}

type LoopTypes = readonly [first: CelType, second: CelType];

function loopVariables({ iterVar, iterVar2 }: FoldNode, [first, second]: LoopTypes): Local[] {
  const one = { name: iterVar, type: first };
  return iterVar2 === undefined ? [one] : [one, { name: iterVar2, type: second }];
}

/** One variable takes the items of a list or the keys of a map; two take indices or keys, and values. */
function loopTypes(scope: CheckScope, expr: FoldNode, range: CelType): LoopTypes {
  switch (range.kind) {
    case 'list':
      return expr.iterVar2 === undefined ? [range.element, DYN] : [INT, range.element];
    case 'map':
      return [range.key, range.value];
    case 'param':
      scope.assignable(DYN, range);
      return [DYN, DYN];
    case 'dyn':
      return [DYN, DYN];
    default: {
      const type = scope.text(range);
      scope.report(expr.range.offset, `expression of type '${type}' cannot be range of a comprehension (must be list, map, or dynamic)`);
      return [ERROR, ERROR];
    }
  }
}
