// Defaults that a schema itself gives must be valid under it and its rules, and say nothing that it does not know. Texts as upstream's.

import { DecodeError } from '../codec/errors.ts';
import { deepCopy, deepEqual, isObject } from '../copy.ts';
import type { FieldError } from '../status-error.ts';
import { invalidValue } from '../validation/field-error.ts';
import { coerceEmbedded, embeddedFaults } from './embedded-objects.ts';
import { prunedObject, UnknownFields } from './pruning.ts';
import { isEmbedded, itemSchema, type Schema, TYPE_AND_META } from './schema.ts';
import { type ValueContext, validateValueAt } from './value-validation.ts';

/** The faults of a default under the rules (x-kubernetes-validations) of its schema; `root` = it is the default of a whole object. */
export type HoldDefault = (value: unknown, schema: Schema, at: { path: string; root: boolean }) => FieldError[];

/** What defaults are checked with. */
export interface DefaultContext extends ValueContext {
  /** One for each schema that is checked: what its rules cost is counted together. */
  readonly hold: HoldDefault;
}

/** The faults of all defaults of a schema that stands at `path`. */
export function defaultFaults(schema: Schema, path: string, context: DefaultContext): FieldError[] {
  return check(schema, { path, context, root: true, owner: undefined });
}

interface Place {
  readonly path: string;
  readonly context: DefaultContext;
  readonly root: boolean;
  /** The API object whose own fields this is within. */
  readonly owner: Owner | undefined;
}

interface Owner {
  readonly schema: Schema;
  /** An object of the least that it must have, with a value at this place. */
  readonly around: (value: unknown) => Record<string, unknown>;
}

function check(schema: Schema, { path, context, root, owner }: Place): FieldError[] {
  const isOwner = root || isEmbedded(schema);
  const within = isOwner ? undefined : owner;
  const faults = schema.default === undefined ? [] : ownFaults(schema, { path, context, root, owner: within });
  const items = itemSchema(schema);
  const inItem = within && { ...within, around: (value: unknown) => within.around([value]) };
  if (items) faults.push(...check(items, { path: `${path}.items`, context, root: false, owner: inItem }));
  for (const [name, property] of Object.entries(schema.properties ?? {})) {
    const inside = isOwner ? ownField(schema, name) : within && { ...within, around: (value: unknown) => within.around({ [name]: value }) };
    faults.push(...check(property, { path: `${path}.properties[${name}]`, context, root: false, owner: inside }));
  }
  return faults;
}

const ownField = (schema: Schema, name: string): Owner | undefined =>
  TYPE_AND_META.has(name) ? { schema, around: (value) => ({ [name]: value, apiVersion: 'validation/v1', kind: 'Validation' }) } : undefined;

function ownFaults(schema: Schema, { path, context, root, owner }: Place): FieldError[] {
  const at = `${path}.default`;
  const value: unknown = schema.default;
  const faults = !owner && hasUnknown(value, schema) ? [invalidValue(at, value, 'must not have unknown fields')] : [];
  const wrong = owner ? metaFaults(owner, value, at) : objectFaults(schema, value, at);
  if (wrong.length > 0) return [...faults, ...wrong];
  const values = validateValueAt(at, value, schema, context);
  return [...faults, ...(values.length > 0 ? values : context.hold(value, schema, { path: at, root: root || isEmbedded(schema) }))];
}

/** The faults of the API objects that a default is, or has in it. */
function objectFaults(schema: Schema, value: unknown, at: string): FieldError[] {
  const why = coercionFault({ value: deepCopy(value) }, { properties: { value: schema } });
  return why === undefined ? embeddedFaults(value, schema, { path: at, self: true }) : [invalidValue(at, value, why)];
}

/** The faults that an API object has by a default of one of its own fields. */
function metaFaults(owner: Owner, value: unknown, at: string): FieldError[] {
  const holder = { value: owner.around(deepCopy(value)) };
  const schema = { properties: { value: { ...owner.schema, 'x-kubernetes-embedded-resource': true } } };
  const why = coercionFault(holder, schema);
  const texts =
    why === undefined
      ? embeddedFaults(holder.value, schema.properties.value, { path: '', self: true }).map(({ field, detail }) => `${field}: ${detail}`)
      : [why];
  if (texts.length === 0) return [];
  const said = texts.length === 1 ? texts[0] : `[${texts.join(', ')}]`;
  return [invalidValue(at, value, `must result in valid metadata: ${said}`)];
}

function coercionFault(holder: { value: unknown }, schema: Schema): string | undefined {
  try {
    coerceEmbedded(holder, schema);
    return undefined;
  } catch (error) {
    if (!(error instanceof DecodeError)) throw error;
    return error.message;
  }
}

function hasUnknown(value: unknown, schema: Schema): boolean {
  if (!isObject(value) && !Array.isArray(value)) return false;
  const holder = { value };
  const pruned = prunedObject(holder, { properties: { value: schema } }, { root: false, unknown: new UnknownFields() });
  return !deepEqual(pruned, holder);
}
