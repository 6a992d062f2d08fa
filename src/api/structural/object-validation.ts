// Validation of custom objects as a whole: values, embedded objects, lists; for updates only what has changed counts.

import type { KubeObject } from '../object.ts';
import type { FieldError } from '../status-error.ts';
import { embeddedFaults } from './embedded-objects.ts';
import { listFaults } from './list-uniqueness.ts';
import type { Patterns } from './patterns.ts';
import { propertySchema, type Schema } from './schema.ts';
import { type OldValue, validateValue } from './value-validation.ts';

/** What objects are validated with. */
export interface Validated {
  readonly schema: Schema;
  readonly patterns: Patterns;
  /** Checks the rules of the schema; absent when it has none. */
  readonly rules: CheckObjectRules | undefined;
}

/** Checks values by the rules of their schema. */
export type CheckObjectRules = (
  schema: Schema,
  subject: { readonly value: unknown; readonly old: OldValue | undefined; readonly warn: (text: string) => void },
) => FieldError[];

/** A write to validate. */
export interface ValidatedWrite {
  readonly object: KubeObject;
  /** Absent for a new object. */
  readonly old: KubeObject | undefined;
  readonly warn: (text: string) => void;
}

/** Faults after which rules cannot be expected to make sense of the object. */
const BLOCKING: ReadonlySet<string> = new Set([
  'FieldValueNotSupported',
  'FieldValueRequired',
  'FieldValueTooLong',
  'FieldValueTooMany',
  'FieldValueTypeInvalid',
]);

const NOT_CHECKED: FieldError = {
  type: 'FieldValueInvalid',
  field: '<nil>',
  detail:
    'Invalid value: null: some validation rules were not checked because the object was invalid; correct the existing errors to complete validation',
};

/** The faults of an object. Its metadata is validated elsewhere, by the rules of every object. */
export function objectFaults({ schema, patterns, rules }: Validated, { object, old, warn }: ValidatedWrite): FieldError[] {
  const values = shownToSchema(object, schema);
  const before = old && shownToSchema(old, schema);
  const oldValue = before && { value: before };
  const lists = before && listFaults(before, schema).length > 0 ? [] : listFaults(values, schema);
  const faults = [
    ...validateValue(values, schema, { path: '', context: { patterns }, old: oldValue }),
    ...embeddedFaults(values, schema),
    ...lists,
  ];
  if (!rules) return faults;
  if (faults.some(({ type }) => BLOCKING.has(type))) return [...faults, NOT_CHECKED];
  return [...faults, ...rules(schema, { value: shownToRules(object), old: old && { value: shownToRules(old) }, warn })];
}

/** Of metadata rules see the names only. */
function shownToRules({ metadata: { name, generateName }, ...rest }: KubeObject): Record<string, unknown> {
  return { ...rest, metadata: { ...(name !== undefined && { name }), ...(generateName !== undefined && { generateName }) } };
}

/** Of metadata a schema may restrict the name and generateName only. */
function shownToSchema(object: KubeObject, schema: Schema): Record<string, unknown> {
  const { name, generateName } = object.metadata;
  const properties = propertySchema(schema, 'metadata')?.properties;
  const metadata = { ...(properties?.['name'] && { name }), ...(properties?.['generateName'] && generateName && { generateName }) };
  return { ...object, metadata };
}
