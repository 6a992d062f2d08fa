// Reads the arguments of calls.

import type { Keep, ParseScope } from './parse-scope.ts';
import type { Expr } from './syntax.ts';
import { ARGUMENTS_START, EXPRESSION_START, FOLLOW } from './terminals.ts';
import type { CallParts } from './tree-builder.ts';

/** Reads from the opening parenthesis on. A call whose end is missing is kept all the same: its arguments can be wrong too. */
export function readCall(scope: ParseScope, callee: Pick<CallParts, 'target' | 'fn'>, keep: Keep): Expr {
  const { reader, tree } = scope;
  const { offset } = reader.advance();
  const args: Expr[] = [];
  const make = (): Expr => tree.call({ ...callee, args, offset });
  try {
    reader.sync(ARGUMENTS_START);
    if (EXPRESSION_START.has(reader.token.type)) {
      do args.push(scope.expression(FOLLOW.argument));
      while (reader.take(','));
    }
    reader.match(')', FOLLOW.primary);
  } catch (error) {
    keep(make());
    throw error;
  }
  return make();
}
