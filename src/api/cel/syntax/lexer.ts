// Splits a CEL expression into tokens. Rules: CEL specification, "Syntax"; what it cannot read it reports and leaves out, as upstream's lexer does.

import type { Issue } from './source-text.ts';
import type { Terminal } from './terminals.ts';

/** One token. */
export interface Token {
  readonly type: Terminal;
  readonly text: string;
  /** UTF-16 offset. */
  readonly offset: number;
}

const SPACE = /(?:[\t\n\f\r ]+|\/\/[^\n]*)+/y;
const FLOAT = /(?:\d+\.\d+(?:[eE][+-]?\d+)?|\d+[eE][+-]?\d+|\.\d+(?:[eE][+-]?\d+)?)/y;
const INTEGER = /(?:0x[0-9a-fA-F]+|\d+)([uU]?)/y;
const ESCAPE = /\\(?:[xX][0-9a-fA-F]{2}|u[0-9a-fA-F]{4}|U[0-9a-fA-F]{8}|[0-3][0-7]{2}|[abfnrtv\\'"`?])/.source;
const OPEN_DOUBLE = `"(?:${ESCAPE}|${/[^"\\\n\r]/.source})*`;
const OPEN_SINGLE = `'(?:${ESCAPE}|${/[^'\\\n\r]/.source})*`;
const IN_TRIPLE = `(?:${ESCAPE}|${/[^\\]/.source})*?`;
const RAW_TEXT = /(?:[bB]?[rR]|[rR][bB])(?:"""[\s\S]*?"""|'''[\s\S]*?'''|"[^"\n\r]*"|'[^'\n\r]*')/.source;
const TEXT = new RegExp(`${RAW_TEXT}|[bB]?(?:"""${IN_TRIPLE}"""|'''${IN_TRIPLE}'''|${OPEN_DOUBLE}"|${OPEN_SINGLE}')`, 'y');
/** A string up to where it can go on no more: its line ends, or an escape is wrong. */
const BROKEN_TEXT = new RegExp(
  `(?:${OPEN_DOUBLE}|${OPEN_SINGLE})${/(?:\\(?:[xX][0-9a-fA-F]?|u[0-9a-fA-F]{0,3}|U[0-9a-fA-F]{0,7}|[0-3][0-7]?)?)?/.source}`,
  'y',
);
const WORD = /[a-zA-Z_][a-zA-Z0-9_]*/y;
const QUOTED = /`[a-zA-Z0-9_.\-/ ]+`/y;
const SYMBOL = /==|!=|<=|>=|&&|\|\||[[\]{}().,\-!?:+*/%<>]/y;
const SYMBOL_WORDS = new Set(['in', 'true', 'false', 'null']);

/** The tokens of an expression; the last one is `end`. Faults are added to `issues`. */
export function tokenize(source: string, issues: Issue[]): Token[] {
  const tokens: Token[] = [];
  let offset = 0;
  const match = (pattern: RegExp): string | undefined => {
    pattern.lastIndex = offset;
    return pattern.exec(source)?.[0];
  };
  while (offset < source.length) {
    const space = match(SPACE);
    if (space !== undefined) {
      offset += space.length;
      continue;
    }
    const token = tokenAt(match, offset);
    if (token) tokens.push(token);
    const length = token?.text.length ?? reportUnknown(source, offset, issues);
    offset += length;
  }
  tokens.push({ type: 'end', text: '<EOF>', offset: source.length });
  return tokens;
}

function tokenAt(match: (pattern: RegExp) => string | undefined, offset: number): Token | undefined {
  const text = match(TEXT);
  if (text !== undefined) return { type: /^[rR]?[bB]/.test(text) ? 'bytes' : 'string', text, offset };
  const float = match(FLOAT);
  if (float !== undefined) return { type: 'float', text: float, offset };
  const integer = match(INTEGER);
  if (integer !== undefined) return { type: /[uU]$/.test(integer) ? 'uint' : 'int', text: integer, offset };
  const word = match(WORD);
  if (word !== undefined) return { type: SYMBOL_WORDS.has(word) ? word : 'ident', text: word, offset };
  const quoted = match(QUOTED);
  if (quoted !== undefined) return { type: 'quoted', text: quoted, offset };
  const symbol = match(SYMBOL);
  return symbol === undefined ? undefined : { type: symbol, text: symbol, offset };
}

/** Beginnings of tokens that may be broken off by any character, which is taken with them. */
const BROKEN_TOKENS: readonly RegExp[] = [BROKEN_TEXT, /`[a-zA-Z0-9_.\-/ ]*/y, /[|&=]/y];

/** Reports what is no token; returns its length. */
function reportUnknown(source: string, offset: number, issues: Issue[]): number {
  const lengthOf = (pattern: RegExp): number => {
    pattern.lastIndex = offset;
    return pattern.exec(source)?.[0].length ?? 0;
  };
  const end = offset + Math.max(...BROKEN_TOKENS.map(lengthOf));
  const text = source.slice(offset, end + String.fromCodePoint(source.codePointAt(end) ?? 0).length);
  issues.push({ offset, message: `Syntax error: token recognition error at: '${text}'` });
  return text.length;
}
