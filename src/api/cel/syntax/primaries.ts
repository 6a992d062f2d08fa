// Reads what operands begin with: literals, names, calls of functions, and what is in brackets.

import { readCall } from './calls.ts';
import { readList, readMap, readObject } from './constructors.ts';
import type { Keep, ParseScope } from './parse-scope.ts';
import type { Expr } from './syntax.ts';
import { FOLLOW, PRIMARY_START } from './terminals.ts';
import type { TokenReader } from './token-reader.ts';

/** Reads a literal, a name, a call, a constructor, or an expression in parentheses. */
export function readPrimary(scope: ParseScope): Expr {
  return scope.nested(() =>
    scope.rule(FOLLOW.primary, (keep) => {
      scope.reader.sync(PRIMARY_START);
      readStarted(scope, keep);
    }),
  );
}

function readStarted(scope: ParseScope, keep: Keep): void {
  const { reader, tree } = scope;
  switch (reader.token.type) {
    case '(':
      readNested(scope, keep);
      break;
    case '[':
      readList(scope, keep);
      break;
    case '{':
      readMap(scope, keep);
      break;
    case '.':
    case 'ident':
      readName(scope, keep);
      break;
    case '-':
      keep(readNegative(scope));
      break;
    case 'int':
    case 'uint':
    case 'float':
      keep(tree.number(reader.advance(), undefined));
      break;
    case 'string':
    case 'bytes':
      keep(tree.text(reader.advance()));
      break;
    case 'true':
    case 'false':
    case 'null':
      keep(tree.keyword(reader.advance()));
      break;
    default:
      reader.noAlternative(0);
  }
}

function readNested(scope: ParseScope, keep: Keep): void {
  scope.reader.advance();
  keep(scope.expression(FOLLOW.nested));
  scope.reader.match(')', FOLLOW.nothing);
}

function readNegative({ reader, tree }: ParseScope): Expr {
  const { type } = reader.peek(1);
  if (type !== 'int' && type !== 'float') reader.noAlternative(1);
  const minus = reader.advance();
  return tree.number(reader.advance(), minus);
}

/** A variable, a function that is called, or a type that is constructed: what comes after the name tells which. */
function readName(scope: ParseScope, keep: Keep): void {
  const { reader, tree } = scope;
  if (reader.token.type === '.' && reader.peek(1).type !== 'ident') reader.noAlternative(1);
  if (isObject(reader)) {
    readObject(scope, keep);
    return;
  }
  const dot = reader.take('.');
  const token = reader.advance();
  if (reader.token.type !== '(') keep(tree.ident(token, dot));
  else keep(readCall(scope, { target: undefined, fn: tree.functionName(token, dot) }, keep));
}

/** Whether a dotted name and an opening brace come. */
function isObject(reader: TokenReader): boolean {
  let ahead = reader.token.type === '.' ? 1 : 0;
  while (reader.peek(ahead + 1).type === '.' && reader.peek(ahead + 2).type === 'ident') ahead += 2;
  return reader.peek(ahead + 1).type === '{';
}
