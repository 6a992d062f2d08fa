// Parses a CEL expression into its tree and expands the macros on the way. Rules: CEL specification, "Syntax", with the optional syntax `.?`, `[?` and `{?`.

import { type Token, tokenize } from './lexer.ts';
import { intLiteral, textLiteral, uintLiteral } from './literals.ts';
import { expandMacro, MacroFault } from './macros.ts';
import type { Issue } from './source-text.ts';
import { dottedName, type Expr, type MapEntry, type StructField } from './syntax.ts';

/** What parsing gives: a tree unless there are faults. */
export interface Parsed {
  readonly expr: Expr | undefined;
  readonly issues: readonly Issue[];
}

/** Nesting beyond this is refused: it would exhaust the stack. */
const MAX_DEPTH = 250;
/** Longer expressions are refused; upstream's limit. */
const MAX_CODE_POINTS = 100_000;

const START_OF_EXPRESSION =
  "'[', '{', '(', '.', '-', '!', 'true', 'false', 'null', NUM_FLOAT, NUM_INT, NUM_UINT, STRING, BYTES, IDENTIFIER";
const START_OF_ENTRY =
  "'[', '{', '}', '(', '.', ',', '-', '!', '?', 'true', 'false', 'null', NUM_FLOAT, NUM_INT, NUM_UINT, STRING, BYTES, IDENTIFIER";
const RESERVED = new Set(
  'as break const continue else false for function if import in let loop package namespace null return true var void while'.split(' '),
);

function infix(...operators: string[]): [string, string][] {
  return operators.map((operator) => [operator, `_${operator}_`]);
}

const BINARY: readonly ReadonlyMap<string, string>[] = [
  new Map<string, string>([...infix('<', '<=', '>=', '>', '==', '!='), ['in', '@in']]),
  new Map(infix('+', '-')),
  new Map(infix('*', '/', '%')),
];

/** Ends the parsing at a syntax error; the issue is recorded already. */
class SyntaxFault extends Error {}

/** Parses an expression. */
export function parseExpression(source: string): Parsed {
  if (source.length > MAX_CODE_POINTS) {
    return {
      expr: undefined,
      issues: [{ offset: 0, message: `expression code point size exceeds limit: size: ${source.length}, limit ${MAX_CODE_POINTS}` }],
    };
  }
  const issues: Issue[] = [];
  const parser = new Parser(tokenize(source, issues), issues);
  try {
    const expr = parser.parseAll();
    return { expr: issues.length === 0 ? expr : undefined, issues };
  } catch (error) {
    if (!(error instanceof SyntaxFault)) throw error;
    return { expr: undefined, issues };
  }
}

/** One run over the tokens. */
class Parser {
  readonly #tokens: readonly Token[];
  readonly #issues: Issue[];
  #at = 0;
  #ids = 0;
  #depth = 0;

  constructor(tokens: readonly Token[], issues: Issue[]) {
    this.#tokens = tokens;
    this.#issues = issues;
  }

  parseAll(): Expr {
    const expr = this.#expression();
    if (this.#token.kind === 'end') return expr;
    const last = this.#tokens[this.#at + 1]?.kind === 'end';
    throw this.#fault(`Syntax error: ${last ? 'extraneous' : 'mismatched'} input '${this.#token.text}' expecting <EOF>`);
  }

  get #token(): Token {
    return this.#tokens[this.#at] ?? { kind: 'end', text: '<EOF>', offset: 0 };
  }

  #is(symbol: string): boolean {
    return this.#token.kind === 'symbol' && this.#token.text === symbol;
  }

  /** Takes the symbol if it is next. */
  #take(symbol: string): Token | undefined {
    const token = this.#token;
    if (!this.#is(symbol)) return undefined;
    this.#at++;
    return token;
  }

  #expect(symbol: string): Token {
    const token = this.#take(symbol);
    if (token) return token;
    const text = this.#token.kind === 'end' ? 'missing' : 'mismatched';
    throw this.#fault(
      text === 'missing'
        ? `Syntax error: missing '${symbol}' at '<EOF>'`
        : `Syntax error: mismatched input '${this.#token.text}' expecting '${symbol}'`,
    );
  }

  #fault(message: string, offset = this.#token.offset): SyntaxFault {
    this.#issues.push({ offset, message });
    return new SyntaxFault(message);
  }

  /** Chains of operators and selections nest too: to the left. */
  #limit(depth: number): void {
    if (depth > MAX_DEPTH) throw this.#fault(`expression recursion limit exceeded: ${MAX_DEPTH}`);
  }

  readonly #newId = (): number => ++this.#ids;

  #call(fn: string, offset: number, args: readonly Expr[]): Expr {
    return { kind: 'call', id: this.#newId(), offset, fn, target: undefined, args };
  }

  #expression(): Expr {
    this.#limit(++this.#depth);
    const condition = this.#chain('||', '_||_', () => this.#chain('&&', '_&&_', () => this.#binary(0)));
    const question = this.#take('?');
    this.#depth--;
    if (!question) return condition;
    const yes = this.#chain('||', '_||_', () => this.#chain('&&', '_&&_', () => this.#binary(0)));
    this.#expect(':');
    const no = this.#expression();
    return this.#call('_?_:_', question.offset, [condition, yes, no]);
  }

  /** `a && b && c`: made into a balanced tree, so that long chains nest little. */
  #chain(symbol: string, fn: string, operand: () => Expr): Expr {
    const terms = [operand()];
    const offsets: number[] = [];
    for (let token = this.#take(symbol); token; token = this.#take(symbol)) {
      offsets.push(token.offset);
      terms.push(operand());
    }
    const build = (from: number, to: number): Expr => {
      const middle = Math.floor((from + to + 1) / 2);
      const left = from === middle - 1 ? terms[from] : build(from, middle - 1);
      const right = middle === to ? terms[to] : build(middle, to);
      return left && right ? this.#call(fn, offsets[middle - 1] ?? 0, [left, right]) : never();
    };
    return terms.length === 1 ? (terms[0] ?? never()) : build(0, terms.length - 1);
  }

  #binary(level: number): Expr {
    const operators = BINARY[level];
    if (!operators) return this.#unary();
    let left = this.#binary(level + 1);
    for (let count = 1; ; count++) {
      this.#limit(count);
      const token = this.#token;
      const fn = token.kind === 'symbol' ? operators.get(token.text) : undefined;
      if (fn === undefined) return left;
      this.#at++;
      left = this.#call(fn, token.offset, [left, this.#binary(level + 1)]);
    }
  }

  #unary(): Expr {
    const token = this.#token;
    if (!this.#is('!') && !this.#is('-')) return this.#member(this.#primary());
    let count = 0;
    while (this.#take(token.text)) count++;
    if (token.text === '-' && (this.#token.kind === 'int' || this.#token.kind === 'float')) {
      const negative = this.#member(this.#number(count % 2 === 1, token.offset));
      return negative;
    }
    const operand = this.#member(this.#primary());
    return count % 2 === 0 ? operand : this.#call(token.text === '!' ? '!_' : '-_', token.offset, [operand]);
  }

  #member(first: Expr): Expr {
    let expr = first;
    for (let count = 1; ; count++) {
      this.#limit(count);
      const token = this.#token;
      if (this.#take('.')) expr = this.#selection(expr, token.offset);
      else if (this.#take('[')) expr = this.#index(expr, token.offset);
      else if (this.#is('{') && dottedName(expr) !== undefined) expr = this.#struct(dottedName(expr) ?? '', token.offset);
      else return expr;
    }
  }

  #selection(operand: Expr, offset: number): Expr {
    const optional = this.#take('?') !== undefined;
    const token = this.#token;
    if (token.kind !== 'ident' && token.kind !== 'quoted') {
      if (token.kind !== 'symbol')
        throw this.#fault(`Syntax error: no viable alternative at input '.${token.kind === 'end' ? '' : token.text}'`);
      const verb = this.#tokens[this.#at + 1]?.kind === 'ident' ? 'extraneous' : 'mismatched';
      throw this.#fault(`Syntax error: ${verb} input '${token.text}' expecting IDENTIFIER`);
    }
    this.#refuseQuoted(token);
    this.#at++;
    const field = token.kind === 'quoted' ? token.text.slice(1, -1) : token.text;
    if (optional) return this.#call('_?._', offset, [operand, { kind: 'literal', id: this.#newId(), offset: token.offset, value: field }]);
    const open = this.#token;
    if (token.kind === 'ident' && this.#take('(')) return this.#macroOrCall(operand, field, open.offset);
    return { kind: 'select', id: this.#newId(), offset, operand, field, test: false };
  }

  /** Names in backquotes are read, so that what follows is judged, and refused: Kubernetes escapes names in its own way. */
  #refuseQuoted(token: Token): void {
    if (token.kind === 'quoted') this.#issues.push({ offset: token.offset, message: "unsupported syntax: '`'" });
  }

  #index(operand: Expr, offset: number): Expr {
    const optional = this.#take('?') !== undefined;
    const index = this.#expression();
    this.#expect(']');
    return this.#call(optional ? '_[?_]' : '_[_]', offset, [operand, index]);
  }

  /** After the opening parenthesis. */
  #macroOrCall(target: Expr | undefined, fn: string, offset: number): Expr {
    const args = this.#items(')', () => this.#expression());
    try {
      const expanded = expandMacro({ target, fn, args, offset, newId: this.#newId });
      if (expanded) return expanded;
    } catch (error) {
      if (!(error instanceof MacroFault)) throw error;
      this.#issues.push({ offset: error.offset, message: error.message });
    }
    return { kind: 'call', id: this.#newId(), offset, fn, target, args };
  }

  /** Items up to the closing bracket, which is taken; a comma may stand after the last one (in calls it may not). */
  #items<T>(close: string, item: () => T): T[] {
    const items: T[] = [];
    if (this.#take(close)) return items;
    for (;;) {
      items.push(item());
      if (!this.#take(',')) break;
      if (close !== ')' && this.#is(close)) break;
    }
    this.#expect(close);
    return items;
  }

  #primary(): Expr {
    this.#limit(++this.#depth);
    const expr = this.#primaryWithin();
    this.#depth--;
    return expr;
  }

  #primaryWithin(): Expr {
    const token = this.#token;
    const node = { id: this.#newId(), offset: token.offset };
    if (token.kind === 'int' || token.kind === 'uint' || token.kind === 'float') return this.#number(false, token.offset);
    if (token.kind === 'string' || token.kind === 'bytes') return this.#text(token);
    if (this.#take('(')) {
      const inner = this.#expression();
      this.#expect(')');
      return inner;
    }
    if (this.#take('[')) return { kind: 'list', ...node, elements: this.#items(']', () => this.#element()) };
    if (this.#take('{')) return this.#map(node);
    if (this.#take('true')) return { kind: 'literal', ...node, value: true };
    if (this.#take('false')) return { kind: 'literal', ...node, value: false };
    if (this.#take('null')) return { kind: 'literal', ...node, value: null };
    if (this.#is('.') || token.kind === 'ident') return this.#name();
    return this.#unexpected(START_OF_EXPRESSION);
  }

  /** A token that starts nothing: it is left out if what follows starts something, as upstream's parser does to find more faults. */
  #unexpected(expected: string): Expr {
    const token = this.#token;
    const next = this.#tokens[this.#at + 1];
    const recovers = token.kind !== 'end' && next !== undefined && startsExpression(next);
    const fault = this.#fault(`Syntax error: ${recovers ? 'extraneous' : 'mismatched'} input '${token.text}' expecting {${expected}}`);
    if (!recovers) throw fault;
    this.#at++;
    return this.#primary();
  }

  #name(): Expr {
    const dot = this.#take('.');
    const token = this.#token;
    if (token.kind !== 'ident') throw this.#fault(`Syntax error: mismatched input '${token.text}' expecting IDENTIFIER`);
    this.#at++;
    if (RESERVED.has(token.text)) this.#issues.push({ offset: token.offset, message: `reserved identifier: ${token.text}` });
    const name = dot ? `.${token.text}` : token.text;
    const open = this.#token;
    if (this.#take('(')) return this.#macroOrCall(undefined, name, open.offset);
    return { kind: 'ident', id: this.#newId(), offset: dot?.offset ?? token.offset, name };
  }

  #element(): { value: Expr; optional: boolean } {
    const optional = this.#take('?') !== undefined;
    return { optional, value: this.#expression() };
  }

  #map(node: { id: number; offset: number }): Expr {
    const entries = this.#items('}', (): MapEntry => {
      const start = this.#token;
      if (!startsExpression(start) && !this.#is('?')) {
        const verb = start.kind === 'end' ? 'mismatched' : 'extraneous';
        throw this.#fault(`Syntax error: ${verb} input '${start.text}' expecting {${START_OF_ENTRY}}`);
      }
      const optional = this.#take('?') !== undefined;
      const key = this.#expression();
      const { offset } = this.#expect(':');
      return { optional, key, value: this.#expression(), offset };
    });
    return { kind: 'map', ...node, entries };
  }

  #struct(type: string, offset: number): Expr {
    this.#expect('{');
    const fields = this.#items('}', (): StructField => {
      const optional = this.#take('?') !== undefined;
      const token = this.#token;
      if (token.kind !== 'ident' && token.kind !== 'quoted') throw this.#noField(token, optional);
      this.#refuseQuoted(token);
      this.#at++;
      const colon = this.#expect(':');
      const name = token.kind === 'quoted' ? token.text.slice(1, -1) : token.text;
      return { name, optional, value: this.#expression(), offset: colon.offset };
    });
    return { kind: 'struct', id: this.#newId(), offset, type, fields };
  }

  #noField(token: Token, optional: boolean): SyntaxFault {
    if (optional) return this.#fault(`Syntax error: mismatched input '${token.text}' expecting {IDENTIFIER, ESC_IDENTIFIER}`);
    const verb = token.kind === 'end' ? 'mismatched' : 'extraneous';
    return this.#fault(`Syntax error: ${verb} input '${token.text}' expecting {'}', ',', '?', IDENTIFIER, ESC_IDENTIFIER}`);
  }

  #number(negative: boolean, offset: number): Expr {
    const token = this.#token;
    this.#at++;
    const value = numberValue(token, negative);
    if (value === undefined) {
      const kind = token.kind === 'float' ? 'double' : token.kind;
      this.#issues.push({ offset, message: `invalid ${kind} literal` });
    }
    return { kind: 'literal', id: this.#newId(), offset, value: value ?? 0n };
  }

  #text(token: Token): Expr {
    this.#at++;
    const literal = textLiteral(token.text);
    if ('fault' in literal) this.#issues.push({ offset: token.offset, message: literal.fault });
    return { kind: 'literal', id: this.#newId(), offset: token.offset, value: 'value' in literal ? literal.value : '' };
  }
}

function numberValue(token: Token, negative: boolean): ReturnType<typeof intLiteral> | ReturnType<typeof uintLiteral> | number {
  if (token.kind === 'int') return intLiteral(token.text, negative);
  if (token.kind === 'uint') return uintLiteral(token.text);
  const value = Number(token.text);
  return Number.isFinite(value) ? (negative ? -value : value) : undefined;
}

const startsExpression = (token: Token): boolean =>
  token.kind === 'symbol' ? ['[', '{', '(', '.', '-', '!', 'true', 'false', 'null'].includes(token.text) : token.kind !== 'end';

/** Items that the loop has just put there. */
function never(): never {
  throw new RangeError('an operator has two operands');
}
