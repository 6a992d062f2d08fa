// What an unset field is: whether a value may be left out of JSON, and what stands in memory for a field that is always there.

import type { Field, Message } from '../schema/schema.ts';

/** The special JSON form of a message (`list`, `schemaOrArray` …), or undefined. */
export function formOf(message: Message | undefined): string | undefined {
  return message?.flags.get('form');
}

const ZEROS: Readonly<Record<string, unknown>> = {
  string: '',
  bytes: '',
  bool: false,
  int32: 0,
  int64: 0,
  uint32: 0,
  uint64: 0,
  double: 0,
  float: 0,
  quantity: '0',
  intstr: 0,
  duration: '0s',
};

/**
 * The value a field has in memory when nothing was given: only fields that JSON always shows, and that have a zero
 * (a time or raw object has none: it is absent in memory and null in JSON). Objects are told apart by `field.message`.
 */
export function zeroOf(field: Field): unknown {
  if (field.cardinality === 'list') return [];
  if (field.cardinality === 'map') return {};
  return ZEROS[field.type];
}

/** Whether a value is what JSON leaves out for a field without `emit`. */
export function isOmittable(field: Field, value: unknown): boolean {
  if (value === undefined || value === null) return true;
  if (field.cardinality === 'list') return Array.isArray(value) && value.length === 0;
  if (field.cardinality === 'map') return isEmptyObject(value);
  if (field.optional) return false;
  return value === '' || value === 0 || value === false;
}

function isEmptyObject(value: unknown): boolean {
  for (const _ in value as object) return false; // a JSON object: no inherited properties
  return true;
}

const alwaysByMessage = new WeakMap<Message, readonly Field[]>();

/** The fields of a message (embedded ones included) that are there even when nothing was given. */
function alwaysFields(message: Message): readonly Field[] {
  const known = alwaysByMessage.get(message);
  if (known) return known;
  const fields = [...message.byJsonName.values()].filter(
    (field) => field.emit && !field.optional && (field.message ? !formOf(field.message) : zeroOf(field) !== undefined),
  );
  alwaysByMessage.set(message, fields);
  return fields;
}

/** Adds to an object being read what is always there and was not given. */
export function fillAlways(out: Record<string, unknown>, message: Message): Record<string, unknown> {
  for (const field of alwaysFields(message)) {
    if (out[field.name] !== undefined) continue;
    out[field.name] = field.message && field.cardinality === 'one' ? fillAlways({}, field.message) : zeroOf(field);
  }
  return out;
}
