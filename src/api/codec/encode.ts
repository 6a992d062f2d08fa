// The JSON form of an object as upstream prints it: fields in table order, kind and apiVersion first, zero values left out or
// shown as the tables say, and null for an empty list, map, byte string or time that is
// always shown.

import { setKey } from '../copy.ts';
import type { Field, Message } from '../schema/schema.ts';
import { formOf, isOmittable, zeroOf } from './zero.ts';

/**
 * The object as JSON shows it; the input is not changed. Values that need no change are shared with the input.
 * Custom resources have no message: their JSON is the object itself.
 */
export function encodeObject(object: object, message: Message): Record<string, unknown> {
  const source = object as Record<string, unknown>; // an object of the message: fields by JSON name
  const out: Record<string, unknown> = {};
  if (message.typed) {
    if (source['kind']) out['kind'] = source['kind'];
    if (source['apiVersion']) out['apiVersion'] = source['apiVersion'];
  }
  encodeFields(source, message, out);
  return out;
}

function encodeFields(source: Record<string, unknown>, message: Message, out: Record<string, unknown>): void {
  for (const field of message.fields) {
    if (field.inline && field.message) encodeFields(source, field.message, out);
    else if (field.name !== '') {
      const value = Object.hasOwn(source, field.name) ? source[field.name] : undefined;
      if (!field.emit && isOmittable(field, value)) continue;
      out[field.name] = encodeField(value, field, message);
    }
  }
}

function encodeField(value: unknown, field: Field, owner: Message): unknown {
  if (value === undefined || value === null) return unset(field, owner);
  if (value === '' && field.type === 'bytes') return null;
  if (field.cardinality === 'list') return encodeList(value as unknown[], field, owner); // decoded: the table says it is a list
  if (field.cardinality === 'map') return encodeMap(value as Record<string, unknown>, field, owner);
  return encodeItem(value, field);
}

function unset(field: Field, owner: Message): unknown {
  if (field.optional || field.type === 'bytes') return null;
  if (field.cardinality !== 'one') return isListOfItems(field, owner) ? [] : null;
  return field.message && !formOf(field.message) ? encodeObject({}, field.message) : (zeroOf(field) ?? null);
}

/** `items` of a list kind is never null. */
const isListOfItems = (field: Field, owner: Message): boolean => field.name === 'items' && owner.flags.has('list');

function encodeList(value: readonly unknown[], field: Field, owner: Message): unknown {
  if (value.length === 0) return isListOfItems(field, owner) ? [] : null;
  return field.message ? value.map((item) => encodeItem(item, field)) : value;
}

function encodeMap(value: Record<string, unknown>, field: Field, owner: Message): unknown {
  const keys = Object.keys(value);
  if (keys.length === 0) return unset(field, owner);
  if (!field.message) return value;
  const out: Record<string, unknown> = {};
  for (const key of keys) setKey(out, key, encodeItem(value[key], field));
  return out;
}

function encodeItem(value: unknown, field: Field): unknown {
  const { message } = field;
  if (!message || typeof value !== 'object' || value === null) return value;
  if (!formOf(message)) return encodeObject(value, message);
  const schema = message.fields.find((part) => part.message)?.message;
  if (!schema) return value;
  if (!Array.isArray(value)) return encodeObject(value, schema);
  if (value.length === 0) return null;
  return value.map((item) => (typeof item === 'object' && item !== null ? encodeObject(item, schema) : item));
}
