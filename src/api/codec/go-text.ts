// JSON values as Go prints them (`%v`): some messages of upstream show what a client has sent so.

import { isObject } from '../copy.ts';

/** `map[a:1 b:[x y]]` */
export function goText(value: unknown): string {
  if (value === null || value === undefined) return '<nil>';
  if (Array.isArray(value)) return `[${value.map(goText).join(' ')}]`;
  if (!isObject(value)) return String(value);
  const members = Object.keys(value)
    .sort()
    .map((key) => `${key}:${goText(value[key])}`);
  return `map[${members.join(' ')}]`;
}
