// API objects inside of others (x-kubernetes-embedded-resource): their kind, apiVersion and metadata follow the rules of every object.

import { decodeObject } from '../codec/decode.ts';
import { DecodeError } from '../codec/errors.ts';
import { isObject } from '../copy.ts';
import { parseGroupVersion } from '../resources.ts';
import { builtinSchema, type Message } from '../schema/schema.ts';
import type { FieldError } from '../status-error.ts';
import type { ObjectMeta } from '../types/meta-v1.gen.ts';
import { invalidValue, requiredValue } from '../validation/field-error.ts';
import { dns1035Label, pathSegment, validateObjectMeta } from '../validation/object-meta.ts';
import { isEmbedded, itemSchema, memberSchema, type Schema } from './schema.ts';

let metaMessage: Message | undefined;

/** The message of metadata. */
export function objectMetaMessage(): Message {
  metaMessage ??= builtinSchema().message('io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta');
  if (!metaMessage) throw new RangeError('the schema has no ObjectMeta');
  return metaMessage;
}

/** Reads metadata that stands at `path`; what it does not know is told as `unknown field "metadata.x"`. @throws DecodeError when it is not of its form */
export function decodeMeta(value: unknown, path = 'metadata'): { meta: ObjectMeta; unknown: string[] } {
  if (value === undefined || value === null) return { meta: {}, unknown: [] };
  const { object, warnings } = decodeObject<ObjectMeta>(value, objectMetaMessage(), { validation: 'Warn' });
  return { meta: object, unknown: warnings.map((text) => text.replace('"', `"${path}.`)) };
}

/** An embedded object and where it stands. */
interface Embedded {
  readonly object: Record<string, unknown>;
  readonly path: string;
}

/** Every object embedded in a value, outer ones first; `self` = the value may be one itself. */
function* embeddedIn(value: unknown, schema: Schema | undefined, at: { path: string; self: boolean }): Generator<Embedded> {
  if (!schema || typeof value !== 'object' || value === null) return;
  const { path, self } = at;
  if (Array.isArray(value)) {
    const items = itemSchema(schema);
    for (const [i, item] of value.entries()) yield* embeddedIn(item, items, { path: `${path}[${i}]`, self: true });
  } else if (isObject(value)) {
    if (self && isEmbedded(schema)) yield { object: value, path };
    for (const key of Object.keys(value)) {
      yield* embeddedIn(value[key], memberSchema(schema, key), { path: path === '' ? key : `${path}.${key}`, self: true });
    }
  }
}

/** Reads the metadata of embedded objects in place; what metadata does not know goes, and is told. @throws DecodeError */
export function coerceEmbedded(value: unknown, schema: Schema | undefined): string[] {
  const told: string[] = [];
  for (const { object, path } of embeddedIn(value, schema, { path: '', self: false })) {
    if (object['metadata'] === undefined) continue;
    const { meta, unknown } = decodeMeta(object['metadata'], path === '' ? 'metadata' : `${path}.metadata`);
    object['metadata'] = meta;
    told.push(...unknown);
  }
  return told;
}

/** The faults of embedded objects; `self` = the value may be one itself. */
export function embeddedFaults(value: unknown, schema: Schema | undefined, at = { path: '', self: false }): FieldError[] {
  return [...embeddedIn(value, schema, at)].flatMap(({ object, path }) => objectFaults(object, path));
}

function objectFaults(object: Record<string, unknown>, path: string): FieldError[] {
  const at = (name: string): string => (path === '' ? name : `${path}.${name}`);
  const { apiVersion, kind, metadata } = object;
  return [
    ...nameFaults(at('apiVersion'), apiVersion, (text) => (parseGroupVersion(text) ? [] : [`unexpected GroupVersion string: ${text}`])),
    ...nameFaults(at('kind'), kind, (text) => {
      const why = dns1035Label(text.toLowerCase());
      return why.length === 0 ? [] : [`may have mixed case, but should otherwise match: ${why.join(',')}`];
    }),
    ...metaFaults(metadata, at('metadata')),
  ];
}

function nameFaults(field: string, value: unknown, check: (text: string) => string[]): FieldError[] {
  if (value === undefined) return [requiredValue(field)];
  if (typeof value !== 'string') return [invalidValue(field, value, 'must be a string')];
  if (value === '') return [invalidValue(field, value, 'must not be empty')];
  return check(value).map((why) => invalidValue(field, value, why));
}

function metaFaults(value: unknown, path: string): FieldError[] {
  if (value === undefined) return [];
  try {
    const { meta } = decodeMeta(value);
    const named = { ...meta, name: meta.name || 'fakename' };
    return validateObjectMeta(named, { namespaced: (meta.namespace ?? '') !== '', name: pathSegment }, path);
  } catch (error) {
    if (!(error instanceof DecodeError)) throw error;
    return [invalidValue(path, value, error.message)];
  }
}
