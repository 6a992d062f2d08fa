// What a strict reading finds in the text of a patch, beside what the patched object shows: keys that occur twice, and members of JSON patch
// operations that there are none of. In the words of upstream. Pure.

import { duplicateFields, repeatedKeyLines, strictFindings } from '../codec/json-text.ts';
import { isObject } from '../copy.ts';

const OPERATION_MEMBERS: ReadonlySet<string> = new Set(['op', 'path', 'from', 'value']);

/** The findings in a patch that is JSON, in order of its text; `value` is the text parsed. */
export function patchFindings(text: string, value: unknown, patchType: string): string[] {
  switch (patchType) {
    case 'application/json-patch+json':
      return strictFindings(text, unknownMembers(value)).map((finding) => `json patch ${finding}`);
    case 'application/apply-patch+yaml':
      return repeatedKeyLines(text);
    default:
      return duplicateFields(text);
  }
}

function unknownMembers(operations: unknown): string[] {
  if (!Array.isArray(operations)) return [];
  return operations.flatMap((operation, index) =>
    isObject(operation)
      ? Object.keys(operation)
          .filter((name) => !OPERATION_MEMBERS.has(name))
          .map((name) => `[${index}].${name}`)
      : [],
  );
}
