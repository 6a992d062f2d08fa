// How server-side apply sees custom objects: the types that their schema says, made when first asked for.

import { type ApplyField, type ApplyType, metadataType, StructType, structType } from '../apply/apply-type.ts';
import { objectMetaMessage } from './embedded-objects.ts';
import { isEmbedded, itemSchema, keepsUnknown, type Schema, valueSchema } from './schema.ts';

const ANY: ApplyType = { kind: 'any' };
const DEDUCED: ApplyType = { kind: 'deduced' };
const STRING: ApplyType = { kind: 'scalar', scalar: 'string' };

const SCALARS: Readonly<Record<string, 'string' | 'number' | 'boolean'>> = {
  string: 'string',
  integer: 'number',
  number: 'number',
  boolean: 'boolean',
};

/** The type of the objects of a kind. */
export function applyTypeOfSchema(schema: Schema | undefined): ApplyType {
  return new StructType(false, () => {
    const fields: [string, ApplyField][] = [
      ['metadata', { type: metadataType(objectMetaMessage()), owned: true }],
      ['kind', { type: STRING, owned: false }],
      ['apiVersion', { type: STRING, owned: false }],
    ];
    return fieldMap(schema, fields);
  });
}

/** Fields of which a few are known and any other may be. */
class OpenFields extends Map<string, ApplyField> {
  override get(name: string): ApplyField {
    return super.get(name) ?? { type: DEDUCED, owned: true };
  }

  override has(): boolean {
    return true;
  }
}

function fieldMap(schema: Schema | undefined, fixed: readonly [string, ApplyField][]): Map<string, ApplyField> {
  const own = Object.entries(schema?.properties ?? {}).map(([name, property]): [string, ApplyField] => [
    name,
    { type: typeOf(property), owned: true },
  ]);
  const all = [...own, ...fixed];
  return keepsUnknown(schema) ? new OpenFields(all) : new Map(all);
}

function typeOf(schema: Schema): ApplyType {
  if (schema['x-kubernetes-int-or-string']) return { kind: 'scalar', scalar: 'any' };
  const scalar = SCALARS[schema.type ?? ''];
  if (scalar) return { kind: 'scalar', scalar };
  if (schema.type === 'array') return listType(schema);
  if (schema.type === 'object') return objectType(schema);
  return keepsUnknown(schema) ? DEDUCED : ANY;
}

function objectType(schema: Schema): ApplyType {
  const atomic = schema['x-kubernetes-map-type'] === 'atomic';
  if (schema.additionalProperties !== undefined && !schema.properties) {
    const values = valueSchema(schema);
    return { kind: 'map', atomic, element: values ? typeOf(values) : DEDUCED };
  }
  if (!schema.properties && keepsUnknown(schema) && !isEmbedded(schema)) return atomic ? ANY : DEDUCED;
  const meta: [string, ApplyField][] = isEmbedded(schema)
    ? [
        ['kind', { type: STRING, owned: true }],
        ['apiVersion', { type: STRING, owned: true }],
        ['metadata', { type: structType(objectMetaMessage()), owned: true }],
      ]
    : [];
  return new StructType(atomic, () => fieldMap(schema, meta));
}

function listType(schema: Schema): ApplyType {
  const items = itemSchema(schema);
  const element = items ? typeOf(items) : DEDUCED;
  const merge = schema['x-kubernetes-list-type'];
  const names = [...(schema['x-kubernetes-list-map-keys'] ?? [])].sort();
  return {
    kind: 'list',
    merge: merge === 'set' || merge === 'map' ? merge : 'atomic',
    keys: names.map((name) => ({ name, default: items?.properties?.[name]?.default })),
    element,
  };
}
