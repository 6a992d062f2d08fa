// Pruning: what a schema does not name is left out of an object, and told to who wants to know.

import { DecodeError } from '../codec/errors.ts';
import { formatPath, MAX_DEPTH, MAX_STRICT_ERRORS } from '../codec/json-text.ts';
import { isObject, setKey } from '../copy.ts';
import { isEmbedded, itemSchema, keepsUnknown, propertySchema, type Schema, TYPE_AND_META, valueSchema } from './schema.ts';

type Values = Record<string, unknown>;

/** Collects paths of fields that were left out, e.g. `spec.list[0].color`. */
export class UnknownFields {
  readonly paths: string[] = [];
  readonly #steps: (string | number)[] = [];

  /** Runs `visit` one step further in. @throws DecodeError beyond the depth that objects may have */
  within<T>(step: string | number, visit: () => T): T {
    if (this.#steps.length >= MAX_DEPTH) throw new DecodeError('syntax', 'exceeded max depth');
    this.#steps.push(step);
    const result = visit();
    this.#steps.pop();
    return result;
  }

  /** Notes a field of where the visit is. */
  note(name: string): void {
    if (this.paths.length < MAX_STRICT_ERRORS) this.paths.push(formatPath([...this.#steps, name]));
  }
}

/**
 * A copy of an object of the schema without unknown fields, keys in alphabetical order as stored. `root` = the object is an API object, whose
 * kind, apiVersion and metadata are not the schema's.
 */
export function prunedObject(value: Values, schema: Schema | undefined, way: { root: boolean; unknown: UnknownFields }): Values {
  const { unknown } = way;
  const keeps = keepsUnknown(schema);
  const isApiObject = way.root || isEmbedded(schema);
  const out: Values = {};
  for (const key of Object.keys(value).sort()) {
    const item = value[key];
    if (item === undefined) continue;
    const property = propertySchema(schema, key);
    const inMap = schema?.additionalProperties !== undefined;
    if (isApiObject && TYPE_AND_META.has(key)) setKey(out, key, copyAll(item, unknown, key));
    else if (property || inMap)
      setKey(
        out,
        key,
        unknown.within(key, () => prunedValue(item, property ?? valueSchema(schema), unknown)),
      );
    else if (keeps) setKey(out, key, copyAll(item, unknown, key));
    else unknown.note(key);
  }
  return out;
}

function prunedValue(value: unknown, schema: Schema | undefined, unknown: UnknownFields): unknown {
  if (Array.isArray(value)) {
    const items = itemSchema(schema);
    // A list whose items are not described keeps them where everything is kept.
    if (!items && keepsUnknown(schema)) return value.map((item, i) => copyAll(item, unknown, i));
    return value.map((item, i) => unknown.within(i, () => prunedValue(item, items, unknown)));
  }
  return isObject(value) ? prunedObject(value, schema, { root: false, unknown }) : value;
}

/** A copy with ordered keys and nothing left out. */
function copyAll(value: unknown, unknown: UnknownFields, step: string | number): unknown {
  if (typeof value !== 'object' || value === null) return value;
  return unknown.within(step, () => {
    if (Array.isArray(value)) return value.map((item, i) => copyAll(item, unknown, i));
    const out: Values = {};
    const source = value as Values; // neither null nor a list
    for (const key of Object.keys(source).sort()) if (source[key] !== undefined) setKey(out, key, copyAll(source[key], unknown, key));
    return out;
  });
}
