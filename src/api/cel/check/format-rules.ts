// Faults of `"text".format([…])` that can be told before anything runs: clauses that are none, and items that a clause does not take.
// Rules: "CEL extended string function library", "Format"; texts are cel-go's.

import { type CelType, typeName } from '../cel-type.ts';
import { CelEvaluationError } from '../errors.ts';
import { CLAUSE_TYPES, replaceClauses } from '../library/text-format.ts';
import type { Issue } from '../syntax/source-text.ts';
import type { CallNode, Expr, ListNode } from '../syntax/syntax.ts';
import type { Checked } from './check-scope.ts';

type Kinds = ReadonlySet<CelType['kind']>;

const INTEGERS: Kinds = new Set(['int', 'uint', 'dyn']);
const NUMBERS: Kinds = new Set(['double', 'string', 'dyn']);
const TAKEN: Readonly<Record<string, Kinds>> = {
  s: new Set([...INTEGERS, ...NUMBERS, 'list', 'map', 'bool', 'timestamp', 'bytes', 'duration', 'type', 'null']),
  d: INTEGERS,
  f: NUMBERS,
  e: NUMBERS,
  b: new Set([...INTEGERS, 'bool']),
  x: new Set([...INTEGERS, 'string', 'bytes']),
  X: new Set([...INTEGERS, 'string', 'bytes']),
  o: INTEGERS,
};

/** The fault of a call of `format` on a text that is written out, with a list that is. */
export function formatFaults(call: CallNode, checked: Checked): Issue[] {
  const { target, args } = call;
  const [list] = args;
  if (call.fn !== 'format' || target?.kind !== 'literal' || typeof target.value !== 'string' || list?.kind !== 'list') return [];
  const issue = formatFault(target.value, list, checked);
  return issue ? [{ offset: issue.offset ?? call.offset, message: issue.message }] : [];
}

/** Where there is no offset, it is the call that is wrong. */
function formatFault(text: string, list: ListNode, checked: Checked): { offset?: number; message: string } | undefined {
  const items = list.elements.map(({ value }) => value);
  let used = 0;
  let wrong: Issue | undefined;
  try {
    replaceClauses(text, items.length, ({ verb }, index) => {
      used++;
      const item = items[index];
      const refused = item && refusedPart(item, verb, checked);
      if (refused) wrong ??= { offset: refused.offset, message: refusal(refused, verb, checked) };
      return '';
    });
  } catch (error) {
    if (!(error instanceof CelEvaluationError)) throw error;
    return wrong ?? { message: error.message };
  }
  if (wrong || items.length <= used) return wrong;
  return { message: `too many arguments supplied to string.format (expected ${used}, got ${items.length})` };
}

function refusal(part: Expr, verb: string, { types }: Checked): string {
  const type = types.get(part.id);
  return `error during formatting: ${CLAUSE_TYPES[verb]}, was given ${type ? typeName(type) : ''}`;
}

/** The item, or the part of a list or map that is written out, that the clause does not take. */
function refusedPart(item: Expr, verb: string, checked: Checked): Expr | undefined {
  const type = checked.types.get(item.id);
  if (type && !TAKEN[verb]?.has(type.kind)) return item;
  if (verb !== 's') return undefined;
  const parts =
    item.kind === 'list'
      ? item.elements.map(({ value }) => value)
      : item.kind === 'map'
        ? item.entries.flatMap(({ key, value }) => [key, value])
        : [];
  for (const part of parts) {
    const refused = refusedPart(part, verb, checked);
    if (refused) return refused;
  }
  return undefined;
}
