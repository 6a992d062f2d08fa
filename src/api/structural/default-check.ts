// Defaults that a schema itself gives must be valid under it, and say nothing that it does not know.

import { DecodeError } from '../codec/errors.ts';
import { deepCopy, deepEqual, isObject } from '../copy.ts';
import type { FieldError } from '../status-error.ts';
import { invalidValue } from '../validation/field-error.ts';
import { coerceEmbedded, embeddedFaults } from './embedded-objects.ts';
import { prunedObject, UnknownFields } from './pruning.ts';
import { isEmbedded, itemSchema, type Schema, TYPE_AND_META } from './schema.ts';
import { type ValueContext, validateValue } from './value-validation.ts';

/** The faults of all defaults of a schema that stands at `path`. */
export function defaultFaults(schema: Schema, path: string, context: ValueContext): FieldError[] {
  return check(schema, { path, context, root: true });
}

interface Place {
  readonly path: string;
  readonly context: ValueContext;
  readonly root: boolean;
}

function check(schema: Schema, { path, context, root }: Place): FieldError[] {
  const items = itemSchema(schema);
  const faults = schema.default === undefined ? [] : ownFaults(schema, path, context);
  if (items) faults.push(...check(items, { path: `${path}.items`, context, root: false }));
  for (const [name, property] of Object.entries(schema.properties ?? {})) {
    // Defaults inside of an API object's own fields are refused elsewhere, or are plain values of their type.
    const isMeta = (root || isEmbedded(schema)) && TYPE_AND_META.has(name);
    const at = `${path}.properties[${name}]`;
    if (!isMeta) faults.push(...check(property, { path: at, context, root: false }));
    else if (property.default !== undefined) {
      faults.push(...validateValue(property.default, property, { path: `${at}.default`, context }));
    }
  }
  return faults;
}

function ownFaults(schema: Schema, path: string, context: ValueContext): FieldError[] {
  const at = `${path}.default`;
  const value: unknown = schema.default;
  const faults = hasUnknown(value, schema) ? [invalidValue(at, value, 'must not have unknown fields')] : [];
  try {
    coerceEmbedded({ value: deepCopy(value) }, { properties: { value: schema } });
  } catch (error) {
    if (!(error instanceof DecodeError)) throw error;
    return [...faults, invalidValue(at, value, error.message)];
  }
  const embedded = embeddedFaults(value, schema, { path: at, self: true });
  return [...faults, ...(embedded.length > 0 ? embedded : validateValue(value, schema, { path: at, context }))];
}

function hasUnknown(value: unknown, schema: Schema): boolean {
  if (!isObject(value) && !Array.isArray(value)) return false;
  const holder = { value };
  const pruned = prunedObject(holder, { properties: { value: schema } }, { root: false, unknown: new UnknownFields() });
  return !deepEqual(pruned, holder);
}
