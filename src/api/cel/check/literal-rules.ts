// Faults of literals that can be told before anything runs: regular expressions, durations and times that are none, texts of `format`.

import { regexFault } from '../library/regex.ts';
import type { Issue } from '../syntax/source-text.ts';
import { type CallNode, type Expr, nodesOf } from '../syntax/syntax.ts';
import { parseDuration, parseTimestamp } from '../time-text.ts';
import type { Checked } from './check-scope.ts';
import { formatFaults } from './format-rules.ts';

/** Functions whose argument after the text is a regular expression. */
const PATTERNS = new Set(['matches', 'find', 'findAll']);

/** The faults of all literals of a checked tree. */
export function verifyLiterals(expr: Expr, checked: Checked): Issue[] {
  return [...nodesOf(expr)].flatMap((node) => (node.kind === 'call' ? [...callFaults(node), ...formatFaults(node, checked)] : []));
}

function callFaults(call: CallNode): Issue[] {
  const fault = (argument: Expr | undefined, tell: (text: string) => string | undefined): Issue[] => {
    if (argument?.kind !== 'literal' || typeof argument.value !== 'string') return [];
    const message = tell(argument.value);
    return message === undefined ? [] : [{ offset: argument.offset, message }];
  };
  if (PATTERNS.has(call.fn))
    return fault(call.args[call.target ? 0 : 1], (text) => (regexFault(text) === undefined ? undefined : 'invalid matches argument'));
  if (call.target) return [];
  if (call.fn === 'duration') return fault(call.args[0], (text) => (parseDuration(text) ? undefined : 'invalid duration argument'));
  if (call.fn === 'timestamp') return fault(call.args[0], (text) => (parseTimestamp(text) ? undefined : 'invalid timestamp argument'));
  return [];
}
