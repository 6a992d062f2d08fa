// Which claims an expression names. Pure.

import { parseExpression } from '../../../api/cel/parser.ts';
import type { Expr } from '../../../api/cel/syntax.ts';

/**
 * Whether the expression selects that claim: `claims.name`, `claims.?name` or `has(claims.name)`. Other ways to get at it are not seen, as upstream
 * does not see them. An expression that cannot be parsed selects none.
 */
export function usesClaim(expression: string, claim: string): boolean {
  const { expr } = parseExpression(expression);
  return expr !== undefined && selects(expr, claim);
}

function selects(expr: Expr, claim: string): boolean {
  if (isSelection(expr, claim)) return true;
  return parts(expr).some((part) => selects(part, claim));
}

const isClaims = (expr: Expr | undefined): boolean => expr?.kind === 'ident' && expr.name === 'claims';

function isSelection(expr: Expr, claim: string): boolean {
  if (expr.kind === 'select') return expr.field === claim && isClaims(expr.operand);
  if (expr.kind !== 'call' || expr.fn !== '_?._') return false;
  const [operand, field] = expr.args;
  return isClaims(operand) && field?.kind === 'literal' && field.value === claim;
}

function parts(expr: Expr): readonly Expr[] {
  switch (expr.kind) {
    case 'literal':
    case 'ident':
      return [];
    case 'select':
      return [expr.operand];
    case 'call':
      return expr.target ? [expr.target, ...expr.args] : expr.args;
    case 'list':
      return expr.elements.map(({ value }) => value);
    case 'map':
      return expr.entries.flatMap(({ key, value }) => [key, value]);
    case 'struct':
      return expr.fields.map(({ value }) => value);
    case 'fold':
      return [expr.range, expr.init, expr.condition, expr.step, expr.result];
  }
}
