// Splits a CEL expression into tokens. Rules: CEL specification, "Syntax"; what it cannot read it reports and leaves out, as upstream's lexer does.

import type { Issue } from './source-text.ts';

/** What a token is: a symbol or keyword stands for itself. */
export type TokenKind = 'int' | 'uint' | 'float' | 'string' | 'bytes' | 'ident' | 'quoted' | 'symbol' | 'end';

/** One token. */
export interface Token {
  readonly kind: TokenKind;
  readonly text: string;
  /** UTF-16 offset. */
  readonly offset: number;
}

const SPACE = /(?:[\t\n\f\r ]+|\/\/[^\n]*)+/y;
const FLOAT = /(?:\d+\.\d+(?:[eE][+-]?\d+)?|\d+[eE][+-]?\d+|\.\d+(?:[eE][+-]?\d+)?)/y;
const INTEGER = /(?:0x[0-9a-fA-F]+|\d+)([uU]?)/y;
const TEXT =
  /(?:[bB]?[rR]|[rR][bB])(?:"""[\s\S]*?"""|'''[\s\S]*?'''|"[^"\n\r]*"|'[^'\n\r]*')|[bB]?(?:"""(?:\\[\s\S]|[^\\])*?"""|'''(?:\\[\s\S]|[^\\])*?'''|"(?:\\[\s\S]|[^"\\\n\r])*"|'(?:\\[\s\S]|[^'\\\n\r])*')/y;
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
  tokens.push({ kind: 'end', text: '<EOF>', offset: source.length });
  return tokens;
}

function tokenAt(match: (pattern: RegExp) => string | undefined, offset: number): Token | undefined {
  const text = match(TEXT);
  if (text !== undefined) return { kind: /^[rR]?[bB]/.test(text) ? 'bytes' : 'string', text, offset };
  const float = match(FLOAT);
  if (float !== undefined) return { kind: 'float', text: float, offset };
  const integer = match(INTEGER);
  if (integer !== undefined) return { kind: /[uU]$/.test(integer) ? 'uint' : 'int', text: integer, offset };
  const word = match(WORD);
  if (word !== undefined) return { kind: SYMBOL_WORDS.has(word) ? 'symbol' : 'ident', text: word, offset };
  const quoted = match(QUOTED);
  if (quoted !== undefined) return { kind: 'quoted', text: quoted, offset };
  const symbol = match(SYMBOL);
  return symbol === undefined ? undefined : { kind: 'symbol', text: symbol, offset };
}

/** Reports what is no token; returns its length. The first half of an operator, and an open quote, take more than one character with them. */
function reportUnknown(source: string, offset: number, issues: Issue[]): number {
  const char = String.fromCodePoint(source.codePointAt(offset) ?? 0);
  let length = char.length;
  if ('|&='.includes(char) && offset + 1 < source.length) length = 2;
  else if (`'"`.includes(char)) {
    const line = source.indexOf('\n', offset);
    length = (line < 0 ? source.length : line) - offset;
  }
  issues.push({ offset, message: `Syntax error: token recognition error at: '${source.slice(offset, offset + length)}'` });
  return length;
}
