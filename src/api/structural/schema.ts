// Structural schemas as they stand in a CustomResourceDefinition, read in place: the frozen object of the store is the compiled form.
// Nothing is copied out of it, so a hundred large definitions cost what the store keeps of them and no more.
// Rules: https://kubernetes.io/docs/tasks/extend-kubernetes/custom-resources/custom-resource-definitions/#specifying-a-structural-schema

import { isObject } from '../copy.ts';
import type { JSONSchemaProps } from '../types/apiextensions-v1.gen.ts';

/** A schema. */
export type Schema = JSONSchemaProps;

/** What of an object belongs to the API itself and not to its schema. */
export const TYPE_AND_META: ReadonlySet<string> = new Set(['apiVersion', 'kind', 'metadata']);

/** The schema of a list's items. */
export function itemSchema(schema: Schema | undefined): Schema | undefined {
  const items = schema?.items;
  return Array.isArray(items) ? undefined : items;
}

/** The schema of a map's values; undefined also where `additionalProperties` is a boolean. */
export function valueSchema(schema: Schema | undefined): Schema | undefined {
  const values = schema?.additionalProperties;
  return isObject(values) ? values : undefined;
}

/** The schema of a property by name. */
export function propertySchema(schema: Schema | undefined, name: string): Schema | undefined {
  const properties = schema?.properties;
  return properties && Object.hasOwn(properties, name) ? properties[name] : undefined;
}

/** The schema of a property, or of the values of a map. */
export function memberSchema(schema: Schema | undefined, name: string): Schema | undefined {
  return propertySchema(schema, name) ?? valueSchema(schema);
}

/** Whether fields that the schema does not name are kept. */
export function keepsUnknown(schema: Schema | undefined): boolean {
  return schema?.['x-kubernetes-preserve-unknown-fields'] === true;
}

/** Whether the value is an API object of its own. */
export function isEmbedded(schema: Schema | undefined): boolean {
  return schema?.['x-kubernetes-embedded-resource'] === true;
}

/** Every schema within a schema, itself first. */
export function* eachSchema(schema: Schema): Generator<Schema> {
  yield schema;
  const { items, additionalProperties, additionalItems, not, allOf = [], anyOf = [], oneOf = [] } = schema;
  const parts: unknown[] = [
    ...(Array.isArray(items) ? items : [items]),
    additionalProperties,
    additionalItems,
    not,
    ...allOf,
    ...anyOf,
    ...oneOf,
  ];
  for (const map of [schema.properties, schema.patternProperties, schema.definitions, schema.dependencies])
    parts.push(...Object.values(map ?? {}));
  for (const part of parts) if (isObject(part)) yield* eachSchema(part);
}
