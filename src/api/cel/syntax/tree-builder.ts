// Makes the nodes of the syntax tree, expands macros, and tells what is wrong with a node that the grammar allows: literals out of range, reserved
// names, arguments of macros.

import type { Token } from './lexer.ts';
import { intLiteral, textLiteral, uintLiteral } from './literals.ts';
import { type MacroExpander, MacroFault } from './macros.ts';
import type { Issue } from './source-text.ts';
import type { CallNode, Expr } from './syntax.ts';

const RESERVED = new Set(
  'as break const continue else false for function if import in let loop package namespace null return true var void while'.split(' '),
);

/** A call of a function, method or macro. */
export interface CallParts {
  readonly target: Expr | undefined;
  readonly fn: string;
  readonly args: readonly Expr[];
  /** Of the opening parenthesis. */
  readonly offset: number;
}

/** The nodes of one tree. */
export class TreeBuilder {
  /** Faults of nodes, in the order in which they were made. */
  readonly issues: Issue[] = [];
  readonly #expandMacro: MacroExpander;
  #ids = 0;

  constructor(expandMacro: MacroExpander) {
    this.#expandMacro = expandMacro;
  }

  readonly #newId = (): number => ++this.#ids;

  /** What every node has. */
  at(offset: number): { id: number; offset: number } {
    return { id: this.#newId(), offset };
  }

  /** Notes a fault. */
  report(offset: number, message: string): void {
    this.issues.push({ offset, message });
  }

  /** The name of a field is missing. */
  reportNoName(offset: number): void {
    this.report(offset, 'unsupported ident kind');
  }

  /** Stands for an operand that could not be read. The tree is of no use then. */
  hole(offset: number): Expr {
    return { kind: 'literal', ...this.at(offset), value: null };
  }

  /** An operator. */
  operator(fn: string, offset: number, args: readonly Expr[]): CallNode {
    return { kind: 'call', ...this.at(offset), fn, target: undefined, args };
  }

  /** `a && b && c`: made into a balanced tree, so that long chains nest little. `offsets` are those of the operators between the terms. */
  chain(fn: string, terms: readonly Expr[], offsets: readonly number[]): Expr {
    const build = (from: number, to: number): Expr => {
      const middle = Math.floor((from + to + 1) / 2);
      const left = from === middle - 1 ? terms[from] : build(from, middle - 1);
      const right = middle === to ? terms[to] : build(middle, to);
      return left && right ? this.operator(fn, offsets[middle - 1] ?? 0, [left, right]) : never();
    };
    return terms.length === 1 ? (terms[0] ?? never()) : build(0, terms.length - 1);
  }

  /** A call, or what a macro stands for. */
  call(parts: CallParts): Expr {
    try {
      const expanded = this.#expandMacro({ ...parts, newId: this.#newId });
      if (expanded) return expanded;
    } catch (error) {
      if (!(error instanceof MacroFault)) throw error;
      this.report(error.offset, error.message);
    }
    return { kind: 'call', ...this.at(parts.offset), fn: parts.fn, target: parts.target, args: parts.args };
  }

  /** A variable, with the dot before it or without. */
  ident(token: Token, dot: Token | undefined): Expr {
    if (this.#isReserved(token)) return this.hole(token.offset);
    return { kind: 'ident', ...this.at(token.offset), name: `${dot?.text ?? ''}${token.text}` };
  }

  /** The name of a function, with the dot before it or without. */
  functionName(token: Token, dot: Token | undefined): string {
    this.#isReserved(token);
    return `${dot?.text ?? ''}${token.text}`;
  }

  #isReserved({ text, offset }: Token): boolean {
    if (!RESERVED.has(text)) return false;
    this.report(offset, `reserved identifier: ${text}`);
    return true;
  }

  /** The name of a field. In backquotes it is refused: Kubernetes escapes names in its own way. */
  field(token: Token): string {
    if (token.type !== 'quoted') return token.text;
    this.report(token.offset, "unsupported syntax: '`'");
    return token.text.slice(1, -1);
  }

  /** `operand.field`. */
  select(operand: Expr, token: Token, offset: number): Expr {
    return { kind: 'select', ...this.at(offset), operand, field: this.field(token), test: false };
  }

  /** `operand.?field`. */
  optionalSelect(operand: Expr, token: Token, offset: number): Expr {
    return this.operator('_?._', offset, [operand, { kind: 'literal', ...this.at(token.offset), value: this.field(token) }]);
  }

  /** A number, with the minus before it or without. */
  number(token: Token, minus: Token | undefined): Expr {
    const offset = minus?.offset ?? token.offset;
    const value = numberValue(token, minus !== undefined);
    if (value === undefined) this.report(offset, `invalid ${token.type === 'float' ? 'double' : token.type} literal`);
    return { kind: 'literal', ...this.at(offset), value: value ?? 0n };
  }

  /** `true`, `false` or `null`. */
  keyword({ type, offset }: Token): Expr {
    return { kind: 'literal', ...this.at(offset), value: type === 'null' ? null : type === 'true' };
  }

  /** A string or bytes. */
  text(token: Token): Expr {
    const literal = textLiteral(token.text);
    if ('fault' in literal) this.report(token.offset, literal.fault);
    return { kind: 'literal', ...this.at(token.offset), value: 'value' in literal ? literal.value : '' };
  }
}

function numberValue(token: Token, negative: boolean): ReturnType<typeof intLiteral> | ReturnType<typeof uintLiteral> | number {
  if (token.type === 'int') return intLiteral(token.text, negative);
  if (token.type === 'uint') return uintLiteral(token.text);
  const value = Number(token.text);
  return Number.isFinite(value) ? (negative ? -value : value) : undefined;
}

/** Items that the caller has just put there. */
function never(): never {
  throw new RangeError('an operator has two operands');
}
