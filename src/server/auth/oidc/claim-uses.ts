// Which claims an expression names. Pure.

import { parseExpression } from '../../../api/cel/syntax/parser.ts';
import { type Expr, nodesOf } from '../../../api/cel/syntax/syntax.ts';

/**
 * Whether the expression selects that claim: `claims.name`, `claims.?name` or `has(claims.name)`. Other ways to get at it are not seen, as upstream
 * does not see them. An expression that cannot be parsed selects none.
 */
export function usesClaim(expression: string, claim: string): boolean {
  const { expr } = parseExpression(expression);
  return expr !== undefined && [...nodesOf(expr)].some((node) => isSelection(node, claim));
}

const isClaims = (expr: Expr | undefined): boolean => expr?.kind === 'ident' && expr.name === 'claims';

function isSelection(expr: Expr, claim: string): boolean {
  if (expr.kind === 'select') return expr.field === claim && isClaims(expr.operand);
  if (expr.kind !== 'call' || expr.fn !== '_?._') return false;
  const [operand, field] = expr.args;
  return isClaims(operand) && field?.kind === 'literal' && field.value === claim;
}
