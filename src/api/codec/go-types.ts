// How upstream's messages name the types of fields: a user who searches for a decoding error finds it by these names.

import type { Field, Message } from '../schema/schema.ts';

const SCALARS: Readonly<Record<string, string>> = {
  bytes: '[]uint8',
  double: 'float64',
  float: 'float32',
  time: 'string',
  microtime: 'string',
  duration: 'string',
  intstr: 'int32',
  any: 'interface {}',
};

/** `v1.Container` */
export function messageTypeName(message: Message): string {
  return `${message.package.name.split('.').at(-1)}.${message.name}`;
}

/** The type of one value of the field (an item of a list, a value of a map). */
export function itemTypeName(field: Field, owner: Message): string {
  if (field.message) return messageTypeName(field.message);
  if (field.enum && field.type === 'string') return enumTypeName(field.enum, owner);
  if (field.type === 'quantity') return 'resource.Quantity';
  return SCALARS[field.type] ?? field.type;
}

/** An enum of another package is named with it. */
function enumTypeName(name: string, owner: Message): string {
  return (name.includes('.') ? name : `${owner.package.name}.${name}`).split('.').slice(-2).join('.');
}

/** The type of the whole field. */
export function fieldTypeName(field: Field, owner: Message): string {
  const item = itemTypeName(field, owner);
  if (field.cardinality === 'list') return `[]${item}`;
  if (field.cardinality !== 'map') return item;
  return field.type === 'quantity' ? 'v1.ResourceList' : `map[string]${item}`;
}

/** What Go's JSON decoder calls a value that is not of the type it should be: `array`, `number` … */
export function jsonType(value: unknown): string {
  if (Array.isArray(value)) return 'array';
  return typeof value === 'boolean' ? 'bool' : value === null ? 'null' : typeof value;
}
