// Reads an operand with what is selected from it: fields, methods, indices.

import { readCall } from './calls.ts';
import { readFieldName } from './names.ts';
import type { Keep, ParseScope } from './parse-scope.ts';
import { readPrimary } from './primaries.ts';
import type { Expr } from './syntax.ts';
import { FIELD_START, FOLLOW, ITEM_START } from './terminals.ts';

/** Reads a literal, a name or what is in brackets, and all that follows it with `.` and `[`. */
export function readMember(scope: ParseScope): Expr {
  return scope.rule(FOLLOW.nothing, (keep) => {
    let expr = readPrimary(scope);
    for (let count = 1; ; count++) {
      keep(expr);
      scope.limit(count);
      const { type } = scope.reader.token;
      if (type === '.') expr = readSelection(scope, expr, keep);
      else if (type === '[') expr = readIndex(scope, expr);
      else break;
    }
  });
}

function readSelection(scope: ParseScope, operand: Expr, keep: Keep): Expr {
  const { reader, tree } = scope;
  if (!FIELD_START.has(reader.peek(1).type)) reader.noAlternative(1);
  const { offset } = reader.advance();
  if (reader.token.type === 'ident' && reader.peek(1).type === '(') {
    return readCall(scope, { target: operand, fn: reader.advance().text }, keep);
  }
  const optional = reader.take('?') !== undefined;
  const at = reader.token.offset;
  const name = readFieldName(scope, FOLLOW.primary);
  if (name) return optional ? tree.optionalSelect(operand, name, offset) : tree.select(operand, name, offset);
  tree.reportNoName(at);
  return operand;
}

function readIndex(scope: ParseScope, operand: Expr): Expr {
  const { reader, tree } = scope;
  const { offset } = reader.advance();
  reader.sync(ITEM_START);
  const optional = reader.take('?') !== undefined;
  const index = scope.expression(FOLLOW.index);
  reader.match(']', FOLLOW.primary);
  return tree.operator(optional ? '_[?_]' : '_[_]', offset, [operand, index]);
}
