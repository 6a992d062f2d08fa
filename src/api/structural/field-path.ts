// Paths to fields as rules and selectable fields write them: `.spec.name`, `.spec.map['key']`. They must lead somewhere in the schema.

import { propertySchema, type Schema, valueSchema } from './schema.ts';

/** A path that was found. */
export interface FieldPath {
  /** As errors write it, without the dot at the beginning: `spec.map[key]`. */
  readonly text: string;
  readonly schema: Schema;
}

const ESCAPES: Readonly<Record<string, string>> = {
  a: '\u0007',
  b: '\b',
  f: '\f',
  n: '\n',
  r: '\r',
  t: '\t',
  v: '\v',
  "'": "'",
  '\\': '\\',
};

/** Follows a path through a schema; a string says what is wrong with it. `brackets` = keys of maps and odd names may stand in brackets. */
export function followFieldPath(path: string, root: Schema, brackets: boolean): FieldPath | string {
  let rest = path;
  let text = '';
  let schema = root;
  if (rest === '') return 'unexpected end of JSON path';
  while (rest !== '') {
    if (rest.startsWith('[') && !brackets) return 'array notation is not allowed';
    const step = /^\.([^.[\]]+)/.exec(rest) ?? /^\['((?:[^'\\]|\\.)*)'\]/.exec(rest);
    if (!step) return rest === '.' ? 'unexpected end of JSON path' : `expected [ or . but got: ${rest.split(/[.[\]]/)[0] || rest[0]}`;
    const name = rest.startsWith('[') ? (step[1] ?? '').replace(/\\(.)/g, (_, char: string) => ESCAPES[char] ?? char) : (step[1] ?? '');
    const property = propertySchema(schema, name);
    const next = property ?? (schema.properties ? undefined : valueSchema(schema));
    if (!next) return 'does not refer to a valid field';
    text += property ? (text === '' ? name : `.${name}`) : `[${name}]`;
    schema = next;
    rest = rest.slice(step[0].length);
  }
  return { text, schema };
}
