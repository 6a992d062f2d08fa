// OpenAPI schemas of messages, for both versions of OpenAPI: what kubectl explain, client-side apply and validation read.

import type { GroupVersion } from '../resources.ts';
import type { Field, Message, Schema } from '../schema/schema.ts';

/** A node of an OpenAPI document. */
export type JsonObject = Record<string, unknown>;

/** Gives the description of a message by its full name, or of one of its fields (JSON name), if there is one. */
export type Descriptions = (message: string, field?: string) => string | undefined;

/** How definitions are written. */
export interface DefinitionOptions {
  /** Version 2 has no defaults and alternatives. */
  readonly dialect: 'v2' | 'v3';
  readonly schema: Schema;
  /** Group versions of the kinds that belong to every group (DeleteOptions, WatchEvent). */
  readonly groupVersions: readonly GroupVersion[];
  readonly descriptions?: Descriptions;
}

const META = 'io.k8s.apimachinery.pkg.apis.meta.v1';

/** Special forms: the definition they refer to, and its schema in each dialect. */
const SPECIALS: Readonly<Record<string, { readonly name: string; readonly v2: JsonObject; readonly v3?: JsonObject }>> = {
  time: { name: `${META}.Time`, v2: { type: 'string', format: 'date-time' } },
  microtime: { name: `${META}.MicroTime`, v2: { type: 'string', format: 'date-time' } },
  duration: { name: `${META}.Duration`, v2: { type: 'string' } },
  fieldsv1: { name: `${META}.FieldsV1`, v2: { type: 'object' } },
  raw: { name: 'io.k8s.apimachinery.pkg.runtime.RawExtension', v2: { type: 'object' } },
  json: { name: 'io.k8s.apiextensions-apiserver.pkg.apis.apiextensions.v1.JSON', v2: {} },
  quantity: {
    name: 'io.k8s.apimachinery.pkg.api.resource.Quantity',
    v2: { type: 'string' },
    v3: { oneOf: [{ type: 'string' }, { type: 'number' }] },
  },
  intstr: {
    name: 'io.k8s.apimachinery.pkg.util.intstr.IntOrString',
    v2: { type: 'string', format: 'int-or-string' },
    v3: { oneOf: [{ type: 'integer' }, { type: 'string' }], format: 'int-or-string' },
  },
};
const SPECIAL_BY_NAME = new Map(Object.values(SPECIALS).map((special) => [special.name, special]));

/** The definitions that no message table has: quantities, times, and such. */
export const SPECIAL_NAMES: readonly string[] = [...SPECIAL_BY_NAME.keys()];

const SCALARS: Readonly<Record<string, JsonObject>> = {
  string: { type: 'string' },
  bool: { type: 'boolean' },
  bytes: { type: 'string', format: 'byte' },
  int32: { type: 'integer', format: 'int32' },
  int64: { type: 'integer', format: 'int64' },
  uint32: { type: 'integer', format: 'int64' },
  uint64: { type: 'integer', format: 'int64' },
  double: { type: 'number', format: 'double' },
  float: { type: 'number', format: 'float' },
  any: {},
};

/** The definitions of the named messages and of all they refer to, by name in order. */
export function definitions(names: Iterable<string>, options: DefinitionOptions): JsonObject {
  const writer = new DefinitionWriter(options);
  for (const name of names) writer.add(name);
  return writer.finish();
}

/** A reference to a definition. */
export function reference(name: string, dialect: 'v2' | 'v3'): JsonObject {
  return { $ref: `${dialect === 'v3' ? '#/components/schemas/' : '#/definitions/'}${name}` };
}

class DefinitionWriter {
  readonly #options: DefinitionOptions;
  readonly #out = new Map<string, JsonObject>();
  readonly #queue: string[] = [];

  constructor(options: DefinitionOptions) {
    this.#options = options;
  }

  add(name: string): void {
    if (this.#out.has(name)) return;
    this.#out.set(name, {});
    this.#queue.push(name);
  }

  finish(): JsonObject {
    for (let name = this.#queue.pop(); name !== undefined; name = this.#queue.pop()) this.#out.set(name, this.#definition(name));
    return Object.fromEntries([...this.#out].sort(([a], [b]) => (a < b ? -1 : 1)));
  }

  #definition(name: string): JsonObject {
    const special = SPECIAL_BY_NAME.get(name);
    const description = this.#options.descriptions?.(name);
    const head = description === undefined ? {} : { description };
    if (special) return { ...head, ...(this.#options.dialect === 'v3' ? (special.v3 ?? special.v2) : special.v2) };
    const message = this.#options.schema.message(name);
    if (!message) return { type: 'object' };
    if (message.flags.get('form')?.startsWith('schemaOr')) return head;
    return { ...head, ...this.#object(message) };
  }

  #object(message: Message): JsonObject {
    const properties: JsonObject = {};
    if (message.typed) for (const key of ['apiVersion', 'kind']) properties[key] = this.#described({ type: 'string' }, message, key);
    const required: string[] = [];
    for (const [name, field] of message.byJsonName) {
      properties[name] = this.#property(field, message, name);
      if (field.required) required.push(name);
    }
    const kinds = kindsOf(message, this.#options.groupVersions);
    const unions = unionsOf(message);
    return {
      type: 'object',
      ...(required.length > 0 && { required: required.sort() }),
      ...(Object.keys(properties).length > 0 && { properties: sorted(properties) }),
      ...(kinds.length > 0 && { 'x-kubernetes-group-version-kind': kinds }),
      ...(message.flags.has('atomic') && { 'x-kubernetes-map-type': 'atomic' }),
      ...(unions && { 'x-kubernetes-unions': unions }),
    };
  }

  #described(schema: JsonObject, message: Message, field: string): JsonObject {
    const description = this.#options.descriptions?.(message.fullName, field);
    return description === undefined ? schema : { description, ...schema };
  }

  #property(field: Field, owner: Message, name: string): JsonObject {
    const extensions = { ...this.#preset(field), ...extensionsOf(field) };
    const item = this.#item(field, owner);
    const schema: JsonObject =
      field.cardinality === 'list'
        ? { type: 'array', items: this.#nested(item, field) }
        : field.cardinality === 'map'
          ? { type: 'object', additionalProperties: this.#nested(item, field) }
          : item;
    return this.#beside(this.#described(schema, owner, name), extensions);
  }

  /** In version 3 a reference may have nothing beside it: it is wrapped. */
  #beside(schema: JsonObject, more: JsonObject): JsonObject {
    const { $ref, ...rest } = { ...schema, ...more };
    if ($ref === undefined) return rest;
    if (Object.keys(rest).length === 0 || this.#options.dialect === 'v2') return { ...rest, $ref };
    return { allOf: [{ $ref }], ...rest };
  }

  /** The schema of a list's items or a map's values. */
  #nested(item: JsonObject, field: Field): JsonObject {
    if (this.#options.dialect === 'v2') return item;
    const preset = field.message ? (field.message.flags.has('form') ? undefined : {}) : ZERO_DEFAULTS[field.type];
    return this.#beside(item, preset === undefined ? {} : { default: preset });
  }

  /** What stands for one value of the field. */
  #item(field: Field, owner: Message): JsonObject {
    const special = SPECIALS[field.type];
    const { message } = field;
    if (special || (message && message.flags.get('form') !== 'list')) {
      const name = special?.name ?? message?.fullName ?? '';
      this.add(name);
      return reference(name, this.#options.dialect);
    }
    if (message) return { type: 'array', items: { type: 'string', ...(this.#options.dialect === 'v3' && { default: '' }) } };
    const scalar = { ...SCALARS[field.type], ...(field.format !== undefined && { format: field.format }) };
    const values = field.enum === undefined ? undefined : this.#options.schema.enum(owner.package, field.enum);
    if (!values || values.open) return scalar;
    return { ...scalar, enum: [...values.values].sort() };
  }

  /** The default: the table's own, or the zero value of a field that is always there. */
  #preset(field: Field): JsonObject {
    if (this.#options.dialect === 'v2') return {};
    if (field.default !== undefined) return { default: field.default };
    if (!field.emit || field.optional || field.cardinality !== 'one') return {};
    const preset = field.message ? (field.message.flags.has('form') ? undefined : {}) : ZERO_DEFAULTS[field.type];
    return preset === undefined ? {} : { default: preset };
  }
}

const ZERO_DEFAULTS: Readonly<Record<string, unknown>> = { string: '', bool: false, int32: 0, int64: 0, double: 0 };

const sorted = (object: JsonObject): JsonObject => Object.fromEntries(Object.entries(object).sort(([a], [b]) => (a < b ? -1 : 1)));

function kindsOf(message: Message, groupVersions: readonly GroupVersion[]): JsonObject[] {
  const { group, version } = message.package;
  if (message.flags.has('kind')) return [{ group, kind: message.name, version }];
  if (!message.flags.has('everywhere')) return [];
  return groupVersions.map((gv) => ({ group: gv.group, kind: message.name, version: gv.version }));
}

/** `union=type(localhostProfile)`: the discriminator, and the fields it chooses from. */
function unionsOf(message: Message): JsonObject[] | undefined {
  const match = /^(\w*)\(([^)]*)\)$/.exec(message.flags.get('union') ?? '');
  if (!match) return undefined;
  const fields = (match[2] ?? '').split(',').map((name) => [name, name.charAt(0).toUpperCase() + name.slice(1)]);
  return [{ ...(match[1] && { discriminator: match[1] }), 'fields-to-discriminateBy': Object.fromEntries(fields) }];
}

function extensionsOf(field: Field): JsonObject {
  return {
    ...(field.listType && { 'x-kubernetes-list-type': field.listType.kind }),
    ...(field.listType && field.listType.keys.length > 0 && { 'x-kubernetes-list-map-keys': [...field.listType.keys] }),
    ...(field.atomicMap && { 'x-kubernetes-map-type': 'atomic' }),
    ...(field.patch?.key !== undefined && { 'x-kubernetes-patch-merge-key': field.patch.key }),
    ...(field.patch && { 'x-kubernetes-patch-strategy': field.patch.strategies.join(',') }),
  };
}
