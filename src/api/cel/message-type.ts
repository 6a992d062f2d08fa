// The CEL type of a built-in kind, from its message table: what the type check of policies and the `request` variable see.
// Rules: the table of types in "Common Expression Language in Kubernetes".

import type { Field, Message } from '../schema/schema.ts';
import {
  BOOL,
  BYTES,
  type CelField,
  type CelObjectType,
  type CelType,
  DOUBLE,
  DURATION,
  DYN,
  INT,
  listOf,
  mapOf,
  STRING,
  TIMESTAMP,
} from './cel-type.ts';
import { unescapeFieldName } from './field-names.ts';

/** Scalar and special forms; all that is not here may be anything. */
const FORMS = new Map<string, CelType>([
  ['string', STRING],
  ['bool', BOOL],
  ['bytes', BYTES],
  ['int32', INT],
  ['int64', INT],
  ['uint32', INT],
  ['uint64', INT],
  ['double', DOUBLE],
  ['float', DOUBLE],
  ['time', TIMESTAMP],
  ['microtime', TIMESTAMP],
  ['duration', DURATION],
  ['quantity', DYN],
  ['intstr', DYN],
]);

/** Messages refer to each other in circles: their types are made once, and their fields when asked for. */
const types = new WeakMap<Message, CelObjectType>();

/** The type of a message: objects of that kind, or parts of them. */
export function celTypeOfMessage(message: Message): CelObjectType {
  const known = types.get(message);
  if (known) return known;
  const fields = new Map<string, CelField | undefined>();
  const type: CelObjectType = {
    kind: 'object',
    name: message.fullName,
    field: (name) => {
      if (!fields.has(name)) fields.set(name, makeField(message, name));
      return fields.get(name);
    },
  };
  types.set(message, type);
  return type;
}

function makeField(message: Message, name: string): CelField | undefined {
  const jsonName = unescapeFieldName(name);
  if (jsonName === undefined) return undefined;
  if (message.typed && (jsonName === 'kind' || jsonName === 'apiVersion')) return { jsonName, type: STRING };
  const field = message.byJsonName.get(jsonName);
  return field && { jsonName, type: typeOfField(field) };
}

function typeOfField(field: Field): CelType {
  const element = elementType(field);
  if (field.cardinality === 'list') return listOf(element);
  return field.cardinality === 'map' ? mapOf(STRING, element) : element;
}

function elementType({ message, type }: Field): CelType {
  if (!message) return FORMS.get(type) ?? DYN;
  const form = message.flags.get('form');
  if (form === undefined) return celTypeOfMessage(message);
  return form === 'list' ? listOf(STRING) : DYN;
}
