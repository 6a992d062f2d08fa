// Parses a CEL expression into its tree and expands the macros on the way. Rules: CEL specification, "Syntax", with the optional syntax `.?`, `[?`
// and `{?`. Where a rule of the grammar fails, token-reader.ts says how reading goes on; what was read of the rule stays.

import { tokenize } from './lexer.ts';
import { expandMacro, type MacroExpander } from './macros.ts';
import { readExpression } from './operators.ts';
import { ParseScope } from './parse-scope.ts';
import type { Issue } from './source-text.ts';
import type { Expr } from './syntax.ts';
import { FOLLOW } from './terminals.ts';
import { ParserStop, TokenReader } from './token-reader.ts';
import { TreeBuilder } from './tree-builder.ts';

/** What parsing gives: a tree unless there are faults. */
export interface Parsed {
  readonly expr: Expr | undefined;
  readonly issues: readonly Issue[];
}

/** Longer expressions are refused; upstream's limit. */
const MAX_CODE_POINTS = 100_000;

/** Parses an expression. `macros` are those beside CEL's own. */
export function parseExpression(source: string, macros: MacroExpander = () => undefined): Parsed {
  if (source.length > MAX_CODE_POINTS) {
    const message = `expression code point size exceeds limit: size: ${source.length}, limit ${MAX_CODE_POINTS}`;
    return { expr: undefined, issues: [{ offset: 0, message }] };
  }
  const issues: Issue[] = [];
  const reader = new TokenReader(source, tokenize(source, issues), issues);
  const scope = new ParseScope(reader, new TreeBuilder((call) => macros(call) ?? expandMacro(call)), readExpression);
  try {
    const expr = scope.rule(FOLLOW.nothing, (keep) => {
      keep(scope.expression(FOLLOW.whole));
      reader.match('end', FOLLOW.nothing);
    });
    // The same order as upstream, which looks at the tree when all has been read.
    const all = [...issues, ...scope.tree.issues];
    return { expr: all.length === 0 ? expr : undefined, issues: all };
  } catch (error) {
    if (!(error instanceof ParserStop)) throw error;
    return { expr: undefined, issues };
  }
}
