// What names and selections cost, and which declared type they reach: its limits bound the sizes of what is done with them.

import type { IdentNode, SelectNode } from '../syntax/syntax.ts';
import { exactly, plus, type Range, ZERO } from './cost-range.ts';
import type { EstimateScope } from './estimate-scope.ts';
import { COST_OF_ACCESS } from './node-costs.ts';

const ACCESS = exactly(COST_OF_ACCESS);

/** A name that stands alone. */
export function estimateIdent(scope: EstimateScope, expr: IdentNode): Range {
  const reference = scope.checked.references.get(expr.id);
  if (!reference) scope.setDeclaredType(expr, scope.localOf(expr)?.declared);
  else if ('variable' in reference) scope.setDeclaredType(expr, scope.typeOf(expr));
  else scope.setSize(expr, ZERO); // The name of a type: comparing with it costs nothing.
  return ACCESS;
}

/** `operand.field` and `has(operand.field)`. */
export function estimateSelect(scope: EstimateScope, expr: SelectNode): Range {
  if (scope.checked.references.has(expr.id)) {
    scope.setDeclaredType(expr, scope.typeOf(expr));
    return ACCESS;
  }
  const operand = scope.cost(expr.operand);
  if (expr.test) return operand; // Kubernetes asks nothing for has().
  const declared = scope.declaredType(expr.operand);
  if (declared?.kind === 'object') scope.setDeclaredType(expr, declared.field(expr.field)?.type);
  // Upstream bounds what is selected from a map only where anything may be in it.
  else if (declared?.kind === 'map' && declared.value.kind === 'any') scope.setDeclaredType(expr, declared.value);
  const kind = scope.typeOf(expr.operand)?.kind;
  return kind === 'map' || kind === 'object' ? plus(operand, ACCESS) : operand;
}
