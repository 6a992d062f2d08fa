// Whether a schema is structural: every field is described once, outside of the logical combinations, so that pruning and defaulting know it.
// Rules: KEP-1693 and the documentation of custom resources, "Specifying a structural schema"; texts as upstream's.

import { deepEqual } from '../copy.ts';
import type { FieldError } from '../status-error.ts';
import { forbiddenValue, invalidValue, requiredValue } from '../validation/field-error.ts';
import type { Patterns } from './patterns.ts';
import { isEmbedded, itemSchema, keepsUnknown, propertySchema, type Schema, valueSchema } from './schema.ts';

type Level = 'root' | 'item' | 'field';

const INT_OR_STRING: readonly Schema[] = [{ type: 'integer' }, { type: 'string' }];

/** The faults of a schema that stands at `path`, in order of their texts. */
export function structuralFaults(schema: Schema, path: string, patterns: Patterns): FieldError[] {
  const faults = [...new StructuralCheck(patterns).schema(schema, 'root', path), ...completeness(schema, path)];
  const text = (fault: FieldError): string => `${fault.field}: ${fault.detail}`;
  return faults.sort((a, b) => (text(a) < text(b) ? -1 : 1));
}

class StructuralCheck {
  readonly #patterns: Patterns;

  constructor(patterns: Patterns) {
    this.#patterns = patterns;
  }

  schema(schema: Schema, level: Level, path: string): FieldError[] {
    const items = itemSchema(schema);
    const values = valueSchema(schema);
    return [
      ...(schema.type === 'array' && !items ? [requiredValue(`${path}.items`, 'must be specified')] : []),
      ...(items ? this.schema(items, 'item', `${path}.items`) : []),
      ...Object.entries(schema.properties ?? {}).flatMap(([name, property]) =>
        this.schema(property, 'field', `${path}.properties[${name}]`),
      ),
      ...(level === 'root' && schema.additionalProperties !== undefined
        ? [forbiddenValue(`${path}.additionalProperties`, 'must not be used at the root')]
        : []),
      ...(values ? this.schema(values, 'field', `${path}.additionalProperties`) : []),
      ...extensionFaults(schema, path),
      ...this.#values(schema, path, skippedCombination(schema)),
      ...typeFaults(schema, level, path),
      ...metaFaults(schema, level, path),
    ];
  }

  /** What restricts values: combinations, and the pattern. `skip` names the one pattern of an int-or-string that may tell types. */
  #values(schema: Schema, path: string, skip: 'anyOf' | 'allOf' | undefined): FieldError[] {
    const { anyOf = [], allOf = [], oneOf = [], not } = schema;
    return [
      ...(skip === 'anyOf' ? [] : anyOf.flatMap((item, i) => this.#nested(item, `${path}.anyOf[${i}]`))),
      ...allOf.flatMap((item, i) => this.#nested(item, `${path}.allOf[${i}]`, skip === 'allOf' && i === 0 ? 'anyOf' : undefined)),
      ...oneOf.flatMap((item, i) => this.#nested(item, `${path}.oneOf[${i}]`)),
      ...(not ? this.#nested(not, `${path}.not`) : []),
      ...this.#pattern(schema, path),
    ];
  }

  #pattern({ pattern }: Schema, path: string): FieldError[] {
    if (!pattern) return [];
    try {
      this.#patterns.compile(pattern);
      return [];
    } catch (error) {
      if (!(error instanceof SyntaxError)) throw error;
      return [invalidValue(`${path}.pattern`, pattern, `must be a valid regular expression, but isn't: ${error.message}`)];
    }
  }

  #nested(schema: Schema, path: string, skip?: 'anyOf'): FieldError[] {
    const items = itemSchema(schema);
    return [
      ...this.#values(schema, path, skip),
      ...(items ? this.#nested(items, `${path}.items`) : []),
      ...Object.entries(schema.properties ?? {}).flatMap(([name, property]) => this.#nested(property, `${path}.properties[${name}]`)),
      ...NOT_NESTED.flatMap(({ field, word, has }) =>
        has(schema) ? [forbiddenValue(`${path}.${field}`, `must be ${word} to be structural`)] : [],
      ),
      ...(propertySchema(schema, 'metadata')
        ? [forbiddenValue(`${path}.properties[metadata]`, 'must not be specified in a nested context')]
        : []),
    ];
  }
}

/** What may stand outside of combinations only, and what it must be within. */
const NOT_NESTED: readonly { field: string; word: string; has: (schema: Schema) => boolean }[] = [
  { field: 'type', word: 'empty', has: ({ type }) => Boolean(type) },
  { field: 'additionalProperties', word: 'undefined', has: (schema) => schema.additionalProperties !== undefined },
  { field: 'default', word: 'undefined', has: (schema) => schema.default !== undefined },
  { field: 'title', word: 'empty', has: ({ title }) => Boolean(title) },
  { field: 'description', word: 'empty', has: ({ description }) => Boolean(description) },
  { field: 'nullable', word: 'false', has: ({ nullable }) => nullable === true },
  { field: 'x-kubernetes-preserve-unknown-fields', word: 'false', has: keepsUnknown },
  { field: 'x-kubernetes-embedded-resource', word: 'false', has: isEmbedded },
  { field: 'x-kubernetes-int-or-string', word: 'false', has: (schema) => schema['x-kubernetes-int-or-string'] === true },
  { field: 'x-kubernetes-list-map-keys', word: 'empty', has: (schema) => (schema['x-kubernetes-list-map-keys']?.length ?? 0) > 0 },
  { field: 'x-kubernetes-list-type', word: 'undefined', has: (schema) => schema['x-kubernetes-list-type'] !== undefined },
  { field: 'x-kubernetes-map-type', word: 'undefined', has: (schema) => schema['x-kubernetes-map-type'] !== undefined },
  { field: 'x-kubernetes-validations', word: 'empty', has: (schema) => (schema['x-kubernetes-validations']?.length ?? 0) > 0 },
];

/** An int-or-string may say its two types in the one form that code generators write. */
function skippedCombination({ anyOf, allOf }: Schema): 'anyOf' | 'allOf' | undefined {
  if (deepEqual(anyOf, INT_OR_STRING)) return 'anyOf';
  return deepEqual(allOf?.[0]?.anyOf, INT_OR_STRING) ? 'allOf' : undefined;
}

function extensionFaults(schema: Schema, path: string): FieldError[] {
  if (!schema['x-kubernetes-int-or-string']) return [];
  const why = 'must be false if x-kubernetes-int-or-string is true';
  return [
    ...(keepsUnknown(schema) ? [invalidValue(`${path}.x-kubernetes-preserve-unknown-fields`, true, why)] : []),
    ...(isEmbedded(schema) ? [invalidValue(`${path}.x-kubernetes-embedded-resource`, true, why)] : []),
  ];
}

const EMPTY_TYPE: Readonly<Record<Level, string>> = {
  root: 'must not be empty at the root',
  item: 'must not be empty for specified array items',
  field: 'must not be empty for specified object fields',
};

function typeFaults(schema: Schema, level: Level, path: string): FieldError[] {
  const { type = '' } = schema;
  const at = `${path}.type`;
  const faults: FieldError[] = [];
  if (isEmbedded(schema) && type !== 'object') {
    const why = 'must be object if x-kubernetes-embedded-resource is true';
    faults.push(type === '' ? requiredValue(at, why) : invalidValue(at, type, why));
  } else if (type === '' && !schema['x-kubernetes-int-or-string'] && !keepsUnknown(schema))
    faults.push(requiredValue(at, EMPTY_TYPE[level]));
  if (isEmbedded(schema) && schema.additionalProperties !== undefined) {
    faults.push(forbiddenValue(`${path}.additionalProperties`, 'must not be used if x-kubernetes-embedded-resource is set'));
  }
  if (level === 'root' && type !== '' && type !== 'object') faults.push(invalidValue(at, type, 'must be object at the root'));
  if (isEmbedded(schema) && !keepsUnknown(schema) && Object.keys(schema.properties ?? {}).length === 0) {
    const why = 'must not be empty if x-kubernetes-embedded-resource is true without x-kubernetes-preserve-unknown-fields';
    faults.push(requiredValue(`${path}.properties`, why));
  }
  return faults;
}

/** Of kind, apiVersion and metadata a schema can say next to nothing. */
function metaFaults(schema: Schema, level: Level, path: string): FieldError[] {
  if (level !== 'root' && !isEmbedded(schema)) return [];
  const faults = ['kind', 'apiVersion'].flatMap((name) => {
    const property = propertySchema(schema, name);
    return property && property.type !== 'string'
      ? [invalidValue(`${path}.properties[${name}].type`, property.type ?? '', 'must be string')]
      : [];
  });
  const metadata = propertySchema(schema, 'metadata');
  if (!metadata) return faults;
  const at = `${path}.properties[metadata]`;
  if (metadata.type !== 'object') faults.push(invalidValue(`${at}.type`, metadata.type ?? '', 'must be object'));
  if (level === 'root' && saysMore(metadata)) {
    faults.push(forbiddenValue(at, 'must not specify anything other than name and generateName, but metadata is implicitly specified'));
  }
  return faults;
}

function saysMore(metadata: Schema): boolean {
  const { type: _t, default: _d, properties = {}, ...rest } = metadata;
  const names = Object.keys(properties);
  return Object.keys(rest).length > 0 || names.some((name) => name !== 'name' && name !== 'generateName');
}

/** What a combination at the root speaks of must be described outside of it; upstream does not look at those further down. */
function completeness(schema: Schema, path: string): FieldError[] {
  return combined(schema, schema, { main: path, nested: path });
}

interface Paths {
  readonly main: string;
  readonly nested: string;
}

function combined(nested: Schema, main: Schema, at: Paths): FieldError[] {
  const { not, allOf = [], anyOf = [], oneOf = [] } = nested;
  const each = (word: string, list: readonly Schema[]): FieldError[] =>
    list.flatMap((item, i) => described(item, main, { main: at.main, nested: `${at.nested}.${word}[${i}]` }));
  return [
    ...(not ? described(not, main, { main: at.main, nested: `${at.nested}.not` }) : []),
    ...each('allOf', allOf),
    ...each('anyOf', anyOf),
    ...each('oneOf', oneOf),
  ];
}

function described(nested: Schema, main: Schema | undefined, at: Paths): FieldError[] {
  if (!main) return [requiredValue(at.main, `because it is defined in ${at.nested}`)];
  const items = itemSchema(nested);
  return [
    ...combined(nested, main, at),
    ...(items ? described(items, itemSchema(main), { main: `${at.main}.items`, nested: `${at.nested}.items` }) : []),
    ...Object.entries(nested.properties ?? {}).flatMap(([name, property]) => {
      const step = `.properties[${name}]`;
      return described(property, propertySchema(main, name), { main: at.main + step, nested: at.nested + step });
    }),
  ];
}
