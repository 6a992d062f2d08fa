// What the schema of a CustomResourceDefinition may say beyond being structural: keywords, list and map types, places of defaults.
// Rules: the API reference of JSONSchemaProps; texts as upstream's.

import type { FieldError } from '../status-error.ts';
import { isEmbedded, itemSchema, type Schema, TYPE_AND_META, valueSchema } from '../structural/schema.ts';
import { ruleTextFaults } from './definition-rules.ts';
import { forbiddenValue, invalidValue, notSupported, requiredValue } from './field-error.ts';

const TYPES = ['array', 'boolean', 'integer', 'number', 'object', 'string'];

/** Where in a definition a schema stands. */
interface Place {
  readonly path: string;
  readonly root: boolean;
  /** Why no default may stand here. */
  readonly noDefaults?: string;
  /** Inside of kind, apiVersion or metadata of an API object. */
  readonly insideMeta: boolean;
}

/** The faults of a schema that stands at `path`. */
export function definitionSchemaFaults(schema: Schema, path: string): FieldError[] {
  return check(schema, { path, root: true, insideMeta: false });
}

function check(schema: Schema, at: Place): FieldError[] {
  return [
    ...keywordFaults(schema, at),
    ...partFaults(schema, at),
    ...typeFaults(schema, at.path),
    ...listFaults(schema, at.path),
    ...ruleTextFaults(schema, at.path),
  ];
}

/** Keywords of JSON schema that structural schemas do without. */
const UNSUPPORTED: readonly { field: string; has: (schema: Schema) => boolean }[] = [
  { field: 'id', has: ({ id }) => Boolean(id) },
  { field: 'additionalItems', has: ({ additionalItems }) => additionalItems !== undefined },
  { field: 'patternProperties', has: ({ patternProperties }) => Object.keys(patternProperties ?? {}).length > 0 },
  { field: 'definitions', has: ({ definitions }) => Object.keys(definitions ?? {}).length > 0 },
  { field: 'dependencies', has: ({ dependencies }) => dependencies !== undefined },
  { field: '$ref', has: (schema) => schema.$ref !== undefined },
];

function keywordFaults(schema: Schema, { path, noDefaults, insideMeta }: Place): FieldError[] {
  const { type = '', items } = schema;
  const faults: FieldError[] = [];
  if (type !== '' && !TYPES.includes(type)) faults.push(notSupported(`${path}.type`, type, TYPES));
  if (schema.default !== undefined && noDefaults !== undefined)
    faults.push(forbiddenValue(`${path}.default`, `must not be set ${noDefaults}`));
  for (const { field, has } of UNSUPPORTED) if (has(schema)) faults.push(forbiddenValue(`${path}.${field}`, `${field} is not supported`));
  if (type === 'null') faults.push(forbiddenValue(`${path}.type`, 'type cannot be set to null, use nullable as an alternative'));
  if (Array.isArray(items) && items.length > 0)
    faults.push(forbiddenValue(`${path}.items`, 'items must be a schema object and not an array'));
  if (insideMeta && isEmbedded(schema)) {
    faults.push(forbiddenValue(`${path}.x-kubernetes-embedded-resource`, 'must not be used inside of resource meta'));
  }
  if (schema.uniqueItems) {
    faults.push(forbiddenValue(`${path}.uniqueItems`, 'uniqueItems cannot be set to true since the runtime complexity becomes quadratic'));
  }
  return faults;
}

function partFaults(schema: Schema, at: Place): FieldError[] {
  const { path } = at;
  const { properties = {}, additionalProperties, not, allOf = [], anyOf = [], oneOf = [] } = schema;
  const faults: FieldError[] = [];
  const inside = (part: Schema, step: string, more: Partial<Place> = {}): void => {
    faults.push(...check(part, { ...at, root: false, ...more, path: `${path}.${step}` }));
  };
  const values = valueSchema(schema);
  if (Object.keys(properties).length > 0 && additionalProperties !== undefined && additionalProperties !== true) {
    faults.push(forbiddenValue(`${path}.additionalProperties`, 'additionalProperties and properties are mutual exclusive'));
  }
  if (values)
    inside(values, 'additionalProperties', at.insideMeta ? { noDefaults: 'inside additionalProperties applying to object metadata' } : {});
  for (const [name, property] of Object.entries(properties)) {
    const isMeta = (at.root || isEmbedded(schema)) && TYPE_AND_META.has(name);
    const meta = isMeta ? { insideMeta: true, ...(at.root && { noDefaults: `in top-level ${name}` }) } : {};
    inside(property, `properties[${name}]`, meta);
  }
  if (not) inside(not, 'not');
  for (const [word, list] of Object.entries({ allOf, oneOf, anyOf })) for (const [i, part] of list.entries()) inside(part, `${word}[${i}]`);
  const items = itemSchema(schema);
  if (items) inside(items, 'items');
  return faults;
}

function typeFaults(schema: Schema, path: string): FieldError[] {
  const { type = '', 'x-kubernetes-map-type': mapType, 'x-kubernetes-preserve-unknown-fields': keeps } = schema;
  const faults: FieldError[] = [];
  if (keeps === false) faults.push(invalidValue(`${path}.x-kubernetes-preserve-unknown-fields`, false, 'must be true or undefined'));
  if (mapType === undefined) return faults;
  if (type !== 'object') faults.push(otherType(path, type, 'must be object if x-kubernetes-map-type is specified'));
  if (mapType !== 'atomic' && mapType !== 'granular') {
    faults.push(notSupported(`${path}.x-kubernetes-map-type`, mapType, ['atomic', 'granular']));
  }
  return faults;
}

const otherType = (path: string, type: string, why: string): FieldError =>
  type === '' ? requiredValue(`${path}.type`, why) : invalidValue(`${path}.type`, type, why);

function listFaults(schema: Schema, path: string): FieldError[] {
  const { type = '', 'x-kubernetes-list-type': listType, 'x-kubernetes-list-map-keys': keys = [] } = schema;
  const items = itemSchema(schema);
  const at = `${path}.x-kubernetes-list-type`;
  const faults: FieldError[] = [];
  if (listType !== undefined && type !== 'array')
    faults.push(otherType(path, type, 'must be array if x-kubernetes-list-type is specified'));
  else if (listType === 'set' && items) faults.push(...setItemFaults(items, path));
  if (listType !== undefined && !['atomic', 'set', 'map'].includes(listType)) {
    faults.push(notSupported(at, listType, ['atomic', 'set', 'map']));
  }
  if (keys.length > 0 && listType !== 'map') {
    const why = 'must be map if x-kubernetes-list-map-keys is non-empty';
    faults.push(listType === undefined ? requiredValue(at, why) : invalidValue(at, listType, why));
  }
  if (listType === 'map') faults.push(...mapItemFaults(schema, items, path));
  if (items && (listType === 'set' || listType === 'map')) faults.push(...nullFaults(items, { path, listType, keys }));
  return faults;
}

function setItemFaults(items: Schema, path: string): FieldError[] {
  const why = 'must be atomic as item of a list with x-kubernetes-list-type=set';
  const { 'x-kubernetes-list-type': listType, 'x-kubernetes-map-type': mapType } = items;
  if (items.type === 'array' && listType !== undefined && listType !== 'atomic') {
    return [invalidValue(`${path}.items.x-kubernetes-list-type`, listType, why)];
  }
  if (items.type === 'object' && mapType !== 'atomic') return [invalidValue(`${path}.items.x-kubernetes-map-type`, mapType ?? null, why)];
  return [];
}

function mapItemFaults(schema: Schema, items: Schema | undefined, path: string): FieldError[] {
  const keys = schema['x-kubernetes-list-map-keys'] ?? [];
  const at = `${path}.x-kubernetes-list-map-keys`;
  if (!items) {
    const missing = keys.length === 0 ? [requiredValue(at, 'must not be empty if x-kubernetes-list-type is map')] : [];
    return [...missing, requiredValue(`${path}.items`, 'must have a schema if x-kubernetes-list-type is map')];
  }
  const faults = keys.length === 0 ? [requiredValue(at, 'must not be empty if x-kubernetes-list-type is map')] : [];
  if (items.type !== 'object') {
    return [
      ...faults,
      invalidValue(`${path}.items.type`, items.type ?? '', "must be object if parent array's x-kubernetes-list-type is map"),
    ];
  }
  for (const [i, key] of keys.entries()) {
    const property = items.properties?.[key];
    if (!property) faults.push(invalidValue(at, keys, 'entries must all be names of item properties'));
    else if (property.type === 'array' || property.type === 'object') {
      const why = "must be a scalar type if parent array's x-kubernetes-list-type is map";
      faults.push(invalidValue(`${path}.items.properties[${key}].type`, items.type, why));
    }
    if (keys.indexOf(key) < i) faults.push(invalidValue(at, keys, 'must not contain duplicate entries'));
  }
  return faults;
}

function nullFaults(items: Schema, { path, listType, keys }: { path: string; listType: string; keys: readonly string[] }): FieldError[] {
  const faults = items.nullable
    ? [forbiddenValue(`${path}.items.nullable`, `cannot be nullable when x-kubernetes-list-type is ${listType}`)]
    : [];
  if (listType !== 'map') return faults;
  for (const key of keys) {
    const property = items.properties?.[key];
    if (!property) continue;
    const at = `${path}.items.properties[${key}]`;
    if (!items.required?.includes(key) && property.default === undefined) {
      const why = 'this property is in x-kubernetes-list-map-keys, so it must have a default or be a required property';
      faults.push(requiredValue(`${at}.default`, why));
    }
    if (property.nullable) {
      faults.push(forbiddenValue(`${at}.nullable`, 'this property is in x-kubernetes-list-map-keys, so it cannot be nullable'));
    }
  }
  return faults;
}
