// Reads expressions down to their operands: `? :`, the infix operators by how tightly they bind, and `!` and `-` in front.

import { readMember } from './members.ts';
import type { ParseScope } from './parse-scope.ts';
import type { Expr } from './syntax.ts';
import { EXPRESSION_START, FOLLOW, type Follow, PRIMARY_START, PRODUCTS, RELATIONS, SUMS, type Terminal } from './terminals.ts';
import type { TokenReader } from './token-reader.ts';

/** Operators that are read from left to right, the loosest first. */
const LEVELS: readonly ReadonlyMap<Terminal, string>[] = [RELATIONS, SUMS, PRODUCTS];

/** Reads an expression: one operand and its operators, or a choice between two. */
export function readExpression(scope: ParseScope, follow: Follow): Expr {
  const { reader, tree } = scope;
  return scope.rule(follow, (keep) => {
    const condition = scope.nested(() => readAlternatives(scope, FOLLOW.condition));
    keep(condition);
    const question = reader.take('?');
    if (!question) return;
    const yes = readAlternatives(scope, FOLLOW.firstBranch);
    reader.match(':', FOLLOW.expression);
    const no = scope.expression(FOLLOW.nothing);
    keep(tree.operator('_?_:_', question.offset, [condition, yes, no]));
  });
}

const readAlternatives = (scope: ParseScope, follow: Follow): Expr =>
  readChain(scope, { symbol: '||', fn: '_||_' }, () => readChain(scope, { symbol: '&&', fn: '_&&_' }, () => readLevel(scope, 0, follow)));

function readChain({ reader, tree }: ParseScope, { symbol, fn }: { symbol: Terminal; fn: string }, readTerm: () => Expr): Expr {
  const terms = [readTerm()];
  const offsets: number[] = [];
  for (let token = reader.take(symbol); token; token = reader.take(symbol)) {
    offsets.push(token.offset);
    terms.push(readTerm());
  }
  return tree.chain(fn, terms, offsets);
}

function readLevel(scope: ParseScope, level: number, follow: Follow): Expr {
  const operators = LEVELS[level];
  if (!operators) return readUnary(scope, follow);
  let left = readLevel(scope, level + 1, follow);
  for (let count = 1; ; count++) {
    scope.limit(count);
    const fn = operators.get(scope.reader.token.type);
    if (fn === undefined) return left;
    const { offset } = scope.reader.advance();
    left = scope.tree.operator(fn, offset, [left, readLevel(scope, level + 1, follow)]);
  }
}

function readUnary(scope: ParseScope, follow: Follow): Expr {
  const { reader, tree } = scope;
  return scope.rule(follow, (keep) => {
    reader.sync(EXPRESSION_START);
    const { type, offset } = reader.token;
    if (!EXPRESSION_START.has(type)) reader.noAlternative(0);
    const isNot = type === '!';
    const count = isNot || isNegation(reader) ? takeRepeated(reader) : 0;
    const operand = readMember(scope);
    keep(count % 2 === 0 ? operand : tree.operator(isNot ? '!_' : '-_', offset, [operand]));
  });
}

/** Takes all of several `!` or `-`; how many they were. */
function takeRepeated(reader: TokenReader): number {
  const isNot = reader.token.type === '!';
  let count = 0;
  do {
    reader.advance();
    reader.syncLoop(isNot ? EXPRESSION_START : PRIMARY_START);
    count++;
  } while (isNot ? reader.token.type === '!' : isMinus(reader));
  if (!PRIMARY_START.has(reader.token.type)) reader.noAlternative(0);
  return count;
}

function isMinus(reader: TokenReader): boolean {
  if (reader.token.type !== '-') return false;
  if (!PRIMARY_START.has(reader.peek(1).type)) reader.noAlternative(1);
  return true;
}

/** Whether a minus comes that is an operator, and not the sign of a number. */
function isNegation(reader: TokenReader): boolean {
  const { type } = reader.peek(1);
  return isMinus(reader) && type !== 'int' && type !== 'float';
}
