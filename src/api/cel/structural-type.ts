// The CEL type of a structural schema, as rules of CustomResourceDefinitions see it, with the sizes that a request leaves room for.
// Rules: "Validation rules" in the documentation of CustomResourceDefinitions: its table of types, and its limits.

import type { JSONSchemaProps } from '../types/apiextensions-v1.gen.ts';
import { BOOL, type CelField, type CelType, DOUBLE, INT, type ListMerge, mapOf } from './cel-type.ts';
import { escapeFieldName } from './field-names.ts';

/** The largest request: nothing in it can be longer. */
const MAX_REQUEST_BYTES = 3 * 1024 * 1024;
const MAX_TEXT = MAX_REQUEST_BYTES - 2;
/** Bytes of the longest duration and time in JSON. */
const MAX_TIME_TEXT = 32;
/** Bytes of a date in JSON. */
const DATE_TEXT = 12;
/** A character has at most so many bytes. */
const BYTES_PER_CHARACTER = 4;

/** A type with the least bytes that its JSON takes. */
interface Sized {
  readonly type: CelType;
  readonly minBytes: number;
}

/**
 * The type of a schema; undefined if expressions cannot see such values (arrays without items, schemas without a type).
 * `root`: the schema of a whole object, which has kind, apiVersion and metadata whether it says so or not.
 */
export function celTypeOfSchema(
  schema: JSONSchemaProps,
  { root, name = 'selfType' }: { root: boolean; name?: string },
): CelType | undefined {
  return sizedType(schema, { root, name })?.type;
}

/** The least bytes that values of a schema take in JSON: how often they fit in a request. */
export function minJsonBytes(schema: JSONSchemaProps, { root }: { root: boolean }): number {
  return sizedType(schema, { root, name: 'selfType' })?.minBytes ?? 1;
}

interface Place {
  readonly root: boolean;
  /** The type's name, for messages. */
  readonly name: string;
}

const placeOf = (schema: JSONSchemaProps, name: string): Place => ({ root: schema['x-kubernetes-embedded-resource'] === true, name });

function sizedType(schema: JSONSchemaProps, place: Place): Sized | undefined {
  if (schema['x-kubernetes-int-or-string']) {
    const maxSize = schema.maxLength === undefined ? MAX_TEXT : characters(schema.maxLength);
    return { type: { kind: 'dyn', maxSize }, minBytes: 1 };
  }
  switch (schema.type) {
    case 'array':
      return arrayType(schema, place);
    case 'object':
      return schema.additionalProperties ? mapType(schema, place) : objectType(schema, place);
    case 'string':
      return stringType(schema);
    case 'boolean':
      return { type: BOOL, minBytes: 4 };
    case 'number':
      return { type: DOUBLE, minBytes: 1 };
    case 'integer':
      return { type: INT, minBytes: 1 };
    default:
      return undefined;
  }
}

const characters = (length: number): number => Math.max(length, 0) * BYTES_PER_CHARACTER;

function arrayType(schema: JSONSchemaProps, { name }: Place): Sized | undefined {
  const items = Array.isArray(schema.items) ? undefined : schema.items;
  const element = items && sizedType(items, placeOf(items, `${name}.@idx`));
  if (!element) return undefined;
  const room = Math.floor((MAX_REQUEST_BYTES - 2) / (element.minBytes + 1));
  const merge = mergeOf(schema);
  const maxSize = Math.max(schema.maxItems ?? room, 0);
  return { type: { kind: 'list', element: element.type, maxSize, ...(merge && { merge }) }, minBytes: 2 };
}

function mergeOf(schema: JSONSchemaProps): ListMerge | undefined {
  if (schema['x-kubernetes-list-type'] === 'set') return 'set';
  return schema['x-kubernetes-list-type'] === 'map' ? (schema['x-kubernetes-list-map-keys'] ?? []) : undefined;
}

function mapType(schema: JSONSchemaProps, { name }: Place): Sized | undefined {
  const values = schema.additionalProperties;
  const value = typeof values === 'object' ? sizedType(values, placeOf(values, `${name}.@elem`)) : undefined;
  if (!value) return undefined;
  const room = Math.floor((MAX_REQUEST_BYTES - 2) / (value.minBytes + 6));
  // Upstream counts keys as nothing.
  return { type: mapOf({ kind: 'string', maxSize: 0 }, value.type, Math.max(schema.maxProperties ?? room, 0)), minBytes: 2 };
}

/** The fields every whole object has. */
function metaProperties(schema: JSONSchemaProps): Record<string, JSONSchemaProps> {
  const text: JSONSchemaProps = { type: 'string' };
  const metadata = schema.properties?.['metadata'];
  const properties = { ...metadata?.properties, name: text, generateName: text };
  return { kind: text, apiVersion: text, metadata: { type: 'object', properties } };
}

function objectType(schema: JSONSchemaProps, { root, name }: Place): Sized {
  const properties = root ? { ...schema.properties, ...metaProperties(schema) } : (schema.properties ?? {});
  let minBytes = 2;
  for (const required of schema.required ?? []) {
    const property = properties[required];
    const sized = property && property.default === undefined ? sizedType(property, placeOf(property, name)) : undefined;
    if (sized) minBytes += required.length + sized.minBytes + 4;
  }
  return { type: lazyObject(properties, name), minBytes };
}

/** An object type whose fields are made when they are asked for: most expressions see few of them. */
function lazyObject(properties: Record<string, JSONSchemaProps>, name: string): CelType {
  const fields = new Map<string, CelField | undefined>();
  const names = new Map<string, string>();
  for (const property of Object.keys(properties)) {
    const escaped = escapeFieldName(property);
    if (escaped !== undefined) names.set(escaped, property);
  }
  const make = (field: string): CelField | undefined => {
    const jsonName = names.get(field);
    const schema = jsonName === undefined ? undefined : properties[jsonName];
    const type = schema && sizedType(schema, placeOf(schema, `${name}.${field}`))?.type;
    return jsonName !== undefined && type ? { jsonName, type } : undefined;
  };
  return {
    kind: 'object',
    name,
    field: (field) => {
      if (!fields.has(field) && names.has(field)) fields.set(field, make(field));
      return fields.get(field);
    },
  };
}

function stringType(schema: JSONSchemaProps): Sized {
  switch (schema.format) {
    case 'byte':
      return { type: { kind: 'bytes', maxSize: Math.max(schema.maxLength ?? MAX_TEXT, 0) }, minBytes: 2 };
    case 'duration':
      return { type: { kind: 'duration', maxSize: MAX_TIME_TEXT }, minBytes: 3 };
    case 'date':
      return { type: { kind: 'timestamp', maxSize: DATE_TEXT }, minBytes: DATE_TEXT };
    case 'date-time':
      return { type: { kind: 'timestamp', maxSize: MAX_TIME_TEXT }, minBytes: 21 };
    default:
      return { type: { kind: 'string', maxSize: textSize(schema) }, minBytes: 2 };
  }
}

function textSize(schema: JSONSchemaProps): number {
  if (schema.maxLength !== undefined) return characters(schema.maxLength);
  if (!schema.enum || schema.enum.length === 0) return MAX_TEXT;
  return Math.max(...schema.enum.map((value) => (typeof value === 'string' ? Buffer.byteLength(value) : 0)));
}
