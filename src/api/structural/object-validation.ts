// Validation of custom objects as a whole: values, embedded objects, lists; for updates only what has changed counts.

import type { KubeObject } from '../object.ts';
import type { FieldError } from '../status-error.ts';
import { embeddedFaults } from './embedded-objects.ts';
import { listFaults } from './list-uniqueness.ts';
import type { Patterns } from './patterns.ts';
import { propertySchema, type Schema } from './schema.ts';
import { validateValue } from './value-validation.ts';

/** What objects are validated with. */
export interface Validated {
  readonly schema: Schema;
  readonly patterns: Patterns;
}

/** A write to validate. */
export interface ValidatedWrite {
  readonly object: KubeObject;
  /** Absent for a new object. */
  readonly old: KubeObject | undefined;
  readonly warn: (text: string) => void;
}

/** The faults of an object. Its metadata is validated elsewhere, by the rules of every object. */
export function objectFaults({ schema, patterns }: Validated, { object, old }: ValidatedWrite): FieldError[] {
  const values = shownToSchema(object, schema);
  const before = old && shownToSchema(old, schema);
  const faults = validateValue(values, schema, { path: '', context: { patterns }, old: before && { value: before } });
  const embedded = embeddedFaults(values, schema);
  const lists = before && listFaults(before, schema).length > 0 ? [] : listFaults(values, schema);
  return [...faults, ...embedded, ...lists];
}

/** Of metadata a schema may restrict the name and generateName only. */
function shownToSchema(object: KubeObject, schema: Schema): Record<string, unknown> {
  const { name, generateName } = object.metadata;
  const properties = propertySchema(schema, 'metadata')?.properties;
  const metadata = { ...(properties?.['name'] && { name }), ...(properties?.['generateName'] && generateName && { generateName }) };
  return { ...object, metadata };
}
