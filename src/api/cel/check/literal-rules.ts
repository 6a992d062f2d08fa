// Faults of literals that can be told before anything runs: regular expressions, durations and times that are none.

import { regexFault } from '../library/regex.ts';
import type { Issue } from '../syntax/source-text.ts';
import type { CallNode, Expr } from '../syntax/syntax.ts';
import { parseDuration, parseTimestamp } from '../time-text.ts';

/** Functions whose literal argument is a regular expression, and its place when called as a method. */
const PATTERNS = new Map([
  ['matches', 0],
  ['find', 0],
  ['findAll', 0],
]);

/** The faults of all literals of a tree. */
export function verifyLiterals(expr: Expr): Issue[] {
  return [...nodes(expr)].flatMap((node) => (node.kind === 'call' ? callFaults(node) : []));
}

function callFaults(call: CallNode): Issue[] {
  const fault = (argument: Expr | undefined, tell: (text: string) => string | undefined): Issue[] => {
    if (argument?.kind !== 'literal' || typeof argument.value !== 'string') return [];
    const message = tell(argument.value);
    return message === undefined ? [] : [{ offset: argument.offset, message }];
  };
  const pattern = PATTERNS.get(call.fn);
  if (pattern !== undefined && call.args.length > 0)
    return fault(call.args[call.target ? pattern : pattern + 1], (text) => wrapped('matches', regexFault(text)));
  if (call.target) return [];
  if (call.fn === 'duration') return fault(call.args[0], (text) => (parseDuration(text) ? undefined : 'invalid duration argument'));
  if (call.fn === 'timestamp') return fault(call.args[0], (text) => (parseTimestamp(text) ? undefined : 'invalid timestamp argument'));
  return [];
}

const wrapped = (fn: string, fault: string | undefined): string | undefined => (fault === undefined ? undefined : `invalid ${fn} argument`);

function* nodes(expr: Expr): Iterable<Expr> {
  yield expr;
  for (const child of childrenOf(expr)) yield* nodes(child);
}

function childrenOf(expr: Expr): readonly Expr[] {
  switch (expr.kind) {
    case 'select':
      return [expr.operand];
    case 'call':
      return expr.target ? [expr.target, ...expr.args] : expr.args;
    case 'list':
      return expr.elements.map(({ value }) => value);
    case 'map':
      return expr.entries.flatMap(({ key, value }) => [key, value]);
    case 'struct':
      return expr.fields.map(({ value }) => value);
    case 'fold':
      return [expr.range, expr.init, expr.condition, expr.step, expr.result];
    default:
      return [];
  }
}
