// Defaulting by schema: fields with a default that were left out, or are null without being nullable, get it; other nulls that may not be go.

import { deepCopy, isObject, setKey } from '../copy.ts';
import { itemSchema, propertySchema, type Schema, valueSchema } from './schema.ts';

const isForbiddenNull = (value: unknown, schema: Schema): boolean => value === null && schema.nullable !== true;

/** Fills defaults in place. */
export function fillDefaults(value: unknown, schema: Schema | undefined): void {
  if (!schema) return;
  if (Array.isArray(value)) {
    const items = itemSchema(schema);
    if (!items) return;
    value.forEach((item, i) => {
      if (items.default !== undefined && isForbiddenNull(item, items)) value[i] = deepCopy(items.default);
      fillDefaults(value[i], items);
    });
    return;
  }
  if (!isObject(value)) return;
  for (const [name, property] of Object.entries(schema.properties ?? {})) {
    if (property.default === undefined) continue;
    if (!Object.hasOwn(value, name) || isForbiddenNull(value[name], property)) setKey(value, name, deepCopy(property.default));
  }
  fillMembers(value, schema);
}

function fillMembers(value: Record<string, unknown>, schema: Schema): void {
  const values = valueSchema(schema);
  for (const key of Object.keys(value)) {
    const member = propertySchema(schema, key) ?? values;
    if (!member) continue;
    if (values && member === values && values.default !== undefined && isForbiddenNull(value[key], values))
      setKey(value, key, deepCopy(values.default));
    fillDefaults(value[key], member);
  }
}

/** Takes out, in place, properties that are null and may not be. */
export function dropForbiddenNulls(value: unknown, schema: Schema | undefined): void {
  if (!schema) return;
  if (Array.isArray(value)) {
    const items = itemSchema(schema);
    if (items) for (const item of value) dropForbiddenNulls(item, items);
  } else if (isObject(value)) {
    for (const key of Object.keys(value)) {
      const property = propertySchema(schema, key);
      if (property && isForbiddenNull(value[key], property)) delete value[key];
      else dropForbiddenNulls(value[key], property ?? valueSchema(schema));
    }
  }
}
