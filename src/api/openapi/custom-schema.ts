// The definitions of custom kinds in OpenAPI documents: the schema of the kind, completed by what every object has. Version 2 says less: what it cannot
// say would make old clients refuse what is right. Rules: "Publish Validation Schema in OpenAPI", with what upstream leaves out.

import type { GroupVersionKind } from '../resources.ts';
import type { JsonObject } from './definitions.ts';

const META = 'io.k8s.apimachinery.pkg.apis.meta.v1';
const CONVENTIONS = 'https://git.k8s.io/community/contributors/devel/sig-architecture/api-conventions.md';
const OBJECT_META_TEXT = `Standard object's metadata. More info: ${CONVENTIONS}#metadata`;
const LIST_META_TEXT = `Standard list metadata. More info: ${CONVENTIONS}#types-kinds`;

/** How a definition is written. */
export interface CustomSchemaOptions {
  readonly dialect: 'v2' | 'v3';
  readonly reference: (name: string) => JsonObject;
  /** Descriptions of `kind` and `apiVersion`. */
  readonly describe: (field: 'kind' | 'apiVersion') => string | undefined;
}

const isObject = (value: unknown): value is JsonObject => typeof value === 'object' && value !== null && !Array.isArray(value);

const KEEPS = 'x-kubernetes-preserve-unknown-fields';

/** The definition of a kind by its schema; undefined = nothing is known of it. */
export function customDefinition(schema: JsonObject | undefined, gvk: GroupVersionKind, options: CustomSchemaOptions): JsonObject {
  const kinds = { 'x-kubernetes-group-version-kind': [{ group: gvk.group, kind: gvk.kind, version: gvk.version }] };
  // With properties, kubectl would take all others for unknown.
  if (!schema || (options.dialect === 'v2' && schema[KEEPS] === true)) return { type: 'object', ...kinds };
  const written = writtenSchema(schema, options);
  return { ...written, type: 'object', properties: objectProperties(written['properties'], options), ...kinds };
}

/** The definition of a list of the kind whose definition is `item`. */
export function customListDefinition(item: string, gvk: GroupVersionKind, options: CustomSchemaOptions): JsonObject {
  const items = { type: 'array', items: options.reference(item) };
  return {
    type: 'object',
    required: ['items'],
    properties: { ...typeProperties(options), items, metadata: described(`${META}.ListMeta`, LIST_META_TEXT, options) },
    'x-kubernetes-group-version-kind': [{ group: gvk.group, kind: gvk.kind, version: gvk.version }],
  };
}

function typeProperties({ describe }: CustomSchemaOptions): JsonObject {
  const text = (field: 'kind' | 'apiVersion'): JsonObject => {
    const description = describe(field);
    return { ...(description !== undefined && { description }), type: 'string' };
  };
  return { apiVersion: text('apiVersion'), kind: text('kind') };
}

/** Properties of an object, with kind, apiVersion and metadata. */
function objectProperties(properties: unknown, options: CustomSchemaOptions): JsonObject {
  const metadata = described(`${META}.ObjectMeta`, OBJECT_META_TEXT, options);
  return { ...(isObject(properties) && properties), ...typeProperties(options), metadata };
}

/** A reference to a definition with a description of its own, which version 3 does not allow beside a reference. */
function described(name: string, description: string, { dialect, reference }: CustomSchemaOptions): JsonObject {
  return dialect === 'v3' ? { description, allOf: [reference(name)] } : { description, ...reference(name) };
}

const NOT_IN_V2: ReadonlySet<string> = new Set(['oneOf', 'anyOf', 'allOf', 'not', 'nullable', 'default', 'example']);
/** What describes the structure of values. */
const STRUCTURE: ReadonlySet<string> = new Set(['items', 'properties', 'additionalProperties']);

/** A schema in the dialect. */
function writtenSchema(schema: JsonObject, options: CustomSchemaOptions): JsonObject {
  const isOld = options.dialect === 'v2';
  const isNullable = isOld && schema['nullable'] === true;
  const hidesStructure = isOld && (isNullable || schema[KEEPS] === true);
  const out: JsonObject = {};
  for (const [key, value] of Object.entries(schema)) {
    if (isOld && NOT_IN_V2.has(key)) continue;
    if (isNullable && key === 'type') continue;
    if (hidesStructure && STRUCTURE.has(key)) continue;
    if (key === 'properties' && isObject(value)) out[key] = writtenProperties(value, options);
    else if ((key === 'items' || key === 'additionalProperties') && isObject(value)) out[key] = writtenSchema(value, options);
    else if (key === 'required' && isOld) {
      const required = withoutNullable(value, schema['properties']);
      if (required.length > 0) out[key] = required;
    } else out[key] = value;
  }
  if (schema['x-kubernetes-embedded-resource'] === true && !hidesStructure)
    out['properties'] = objectProperties(out['properties'], options);
  return out;
}

function writtenProperties(properties: JsonObject, options: CustomSchemaOptions): JsonObject {
  return Object.fromEntries(Object.entries(properties).map(([name, item]) => [name, isObject(item) ? writtenSchema(item, options) : item]));
}

/** A property that may be null has no type in version 2, so it cannot be required there. */
function withoutNullable(required: unknown, properties: unknown): unknown[] {
  if (!Array.isArray(required)) return [];
  return required.filter((name) => {
    const property = isObject(properties) && typeof name === 'string' ? properties[name] : undefined;
    return !(isObject(property) && property['nullable'] === true);
  });
}
