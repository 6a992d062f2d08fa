// Lists that are sets or maps by keys: no item occurs twice.

import { isObject } from '../copy.ts';
import type { FieldError } from '../status-error.ts';
import { duplicateValue, invalidValue } from '../validation/field-error.ts';
import { itemSchema, propertySchema, type Schema, valueSchema } from './schema.ts';

/** The faults of all lists in an object of the schema; `path` is `''` for an API object. */
export function listFaults(value: unknown, schema: Schema | undefined, path = ''): FieldError[] {
  if (!schema) return [];
  if (Array.isArray(value)) {
    const items = itemSchema(schema);
    return [...itemFaults(value, schema, path), ...(items ? value.flatMap((item, i) => listFaults(item, items, `${path}[${i}]`)) : [])];
  }
  if (!isObject(value)) return [];
  const values = valueSchema(schema);
  return Object.keys(value).flatMap((key) => {
    const property = propertySchema(schema, key);
    if (property) return listFaults(value[key], property, path === '' ? key : `${path}.${key}`);
    return listFaults(value[key], values, `${path}[${key}]`);
  });
}

function itemFaults(list: readonly unknown[], schema: Schema, path: string): FieldError[] {
  const kind = schema['x-kubernetes-list-type'];
  if (kind === 'set') return repeated(list).map((i) => duplicateValue(`${path}[${i}]`, list[i]));
  if (kind !== 'map') return [];
  const strange = list.findIndex((item) => item !== null && !isObject(item));
  if (strange >= 0) return [invalidValue(`${path}[${strange}]`, list[strange], 'must be an object for an array of list-type map')];
  const keys = list.map((item) => keyOf(item, schema['x-kubernetes-list-map-keys'] ?? []));
  return repeated(keys).map((i) => duplicateValue(`${path}[${i}]`, keys[i]));
}

function keyOf(item: unknown, names: readonly string[]): Record<string, unknown> {
  return Object.fromEntries(names.flatMap((name) => (isObject(item) && Object.hasOwn(item, name) ? [[name, item[name]]] : [])));
}

/** Indexes at which an item is there for the second time; further ones are not told. */
function repeated(list: readonly unknown[]): number[] {
  const seen = new Map<string, number>();
  const out: number[] = [];
  list.forEach((item, i) => {
    const text = JSON.stringify(ordered(item)) ?? '';
    const times = (seen.get(text) ?? 0) + 1;
    seen.set(text, times);
    if (times === 2) out.push(i);
  });
  return out;
}

/** The value with its keys in order: two objects are one item whatever the order they were written in. */
function ordered(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(ordered);
  if (!isObject(value)) return value;
  return Object.fromEntries(
    Object.keys(value)
      .sort()
      .map((key) => [key, ordered(value[key])]),
  );
}
