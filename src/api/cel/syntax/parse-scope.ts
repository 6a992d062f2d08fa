// What parsing one expression works on: the tokens, the tree, how deep it is nested. The rules of the grammar (operators.ts, members.ts,
// calls.ts, primaries.ts, constructors.ts) are functions over it.

import type { Expr } from './syntax.ts';
import type { Follow } from './terminals.ts';
import type { TokenReader } from './token-reader.ts';
import type { TreeBuilder } from './tree-builder.ts';

/** Nesting beyond this is refused: it would exhaust the stack. */
const MAX_DEPTH = 250;

/** Notes the node that a rule has read so far. */
export type Keep = (expr: Expr) => void;

/** The state of parsing one expression. */
export class ParseScope {
  readonly reader: TokenReader;
  readonly tree: TreeBuilder;
  readonly #readExpression: (scope: ParseScope, follow: Follow) => Expr;
  #depth = 0;

  constructor(reader: TokenReader, tree: TreeBuilder, readExpression: (scope: ParseScope, follow: Follow) => Expr) {
    this.reader = reader;
    this.tree = tree;
    this.#readExpression = readExpression;
  }

  /** Reads a whole expression within another. */
  expression(follow: Follow): Expr {
    return this.#readExpression(this, follow);
  }

  /** Reads a rule: the node it kept last, or a hole if it was given up before. */
  rule(follow: Follow, read: (keep: Keep) => void): Expr {
    let kept: Expr | undefined;
    const { offset } = this.reader.token;
    const keep = (expr: Expr): void => {
      kept = expr;
    };
    this.reader.rule(follow, () => read(keep));
    return kept ?? this.tree.hole(offset);
  }

  /** Reads what is a level deeper. @throws ParserStop */
  nested<T>(read: () => T): T {
    this.limit(++this.#depth);
    const result = read();
    this.#depth--;
    return result;
  }

  /** Chains of operators and selections nest too: to the left. @throws ParserStop */
  limit(depth: number): void {
    if (depth > MAX_DEPTH) this.reader.stop(`expression recursion limit exceeded: ${MAX_DEPTH}`);
  }
}
