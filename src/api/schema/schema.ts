// The tables of this folder as one indexed whole: messages and enums by full name, references resolved.
// Everything that is derived (types, codecs, decoding, OpenAPI, patches) starts from here.

import { type EnumTable, type FieldTable, type MessageTable, parseMessageTable, SCALAR_TYPES } from '../../base/message-table.ts';
import { SCHEMA_PACKAGES, type SchemaPackage } from './packages.ts';

/** A field whose type is resolved: `message` is set unless the type is a scalar or special form. */
export interface Field extends FieldTable {
  /** The message the field holds (each item of a list, each value of a map). */
  readonly message: Message | undefined;
}

/** A message with resolved fields. */
export interface Message {
  /** Full OpenAPI name, e.g. `io.k8s.api.core.v1.Pod`. */
  readonly fullName: string;
  readonly name: string;
  readonly package: SchemaPackage;
  readonly flags: ReadonlyMap<string, string>;
  /** Fields in JSON output order; embedded fields are one entry, with `inline`. */
  readonly fields: readonly Field[];
  /** Fields by JSON name, embedded ones flattened in. */
  readonly byJsonName: ReadonlyMap<string, Field>;
  /** JSON begins with kind and apiVersion, which are not protobuf fields. */
  readonly typed: boolean;
}

const ALIASES = new Map(SCHEMA_PACKAGES.map((p) => [p.alias, p]));

/** A message under construction: fields come when all messages exist, since they refer to each other in circles. */
class MessageNode implements Message {
  readonly fullName: string;
  readonly name: string;
  readonly package: SchemaPackage;
  readonly flags: ReadonlyMap<string, string>;
  readonly typed: boolean;
  readonly #table: MessageTable;
  readonly #schema: Schema;
  #fields: readonly Field[] | undefined;
  #byJsonName: ReadonlyMap<string, Field> | undefined;

  constructor(table: MessageTable, pkg: SchemaPackage, schema: Schema) {
    this.#table = table;
    this.#schema = schema;
    this.name = table.name;
    this.fullName = `${pkg.name}.${table.name}`;
    this.package = pkg;
    this.flags = table.flags;
    this.typed = ['kind', 'typed', 'everywhere'].some((flag) => table.flags.has(flag));
  }

  get fields(): readonly Field[] {
    this.#fields ??= this.#table.fields.map((field) => ({ ...field, message: this.#schema.resolve(field.type, this.package) }));
    return this.#fields;
  }

  get byJsonName(): ReadonlyMap<string, Field> {
    this.#byJsonName ??= new Map(
      this.fields.flatMap((field): [string, Field][] =>
        field.inline ? [...(field.message?.byJsonName ?? [])] : field.name === '' ? [] : [[field.name, field]],
      ),
    );
    return this.#byJsonName;
  }
}

/** All messages and enums of the API. Immutable; fields resolve when first asked for. */
export class Schema {
  readonly #messages = new Map<string, MessageNode>();
  readonly #enums = new Map<string, EnumTable>();
  readonly #kinds = new Map<string, MessageNode>();

  constructor(packages: readonly SchemaPackage[]) {
    for (const pkg of packages) for (const text of pkg.tables) this.#add(pkg, text);
  }

  #add(pkg: SchemaPackage, text: string): void {
    const content = parseMessageTable(text);
    for (const table of content.messages) {
      const node = new MessageNode(table, pkg, this);
      this.#messages.set(node.fullName, node);
      if (table.flags.has('kind')) this.#kinds.set(`${pkg.group}/${pkg.version}/${table.name}`, node);
    }
    for (const table of content.enums) this.#enums.set(`${pkg.name}.${table.name}`, table);
  }

  /** All messages, by package in table order. */
  messages(): Iterable<Message> {
    return this.#messages.values();
  }

  /** The message of that full name, or undefined. */
  message(fullName: string): Message | undefined {
    return this.#messages.get(fullName);
  }

  /** The message registered for a kind in a group version, or undefined. */
  kind(group: string, version: string, kind: string): Message | undefined {
    return this.#kinds.get(`${group}/${version}/${kind}`);
  }

  /** The message of a kind that only connections exchange, as options in their query (PodExecOptions …), or undefined. */
  connectKind({ group, version, kind }: { group: string; version: string; kind: string }): Message | undefined {
    return group === '' && version === 'v1' ? this.#messages.get(`io.k8s.api.core.v1.${kind}`) : undefined;
  }

  /** The enum a field names, looked up in the field's own package, or undefined. */
  enum(pkg: SchemaPackage, name: string): EnumTable | undefined {
    return this.#enums.get(name.includes('.') ? name : `${pkg.name}.${name}`);
  }

  /**
   * Resolves a type name of a table of `pkg`; undefined for scalars.
   * @throws SyntaxError when the table names a message that does not exist.
   */
  resolve(type: string, pkg: SchemaPackage): Message | undefined {
    if (SCALAR_TYPES.has(type)) return undefined;
    const dot = type.indexOf('.');
    const home = dot < 0 ? pkg : ALIASES.get(type.slice(0, dot));
    const found = this.#messages.get(`${home?.name}.${type.slice(dot + 1)}`);
    if (!found) throw new SyntaxError(`message table of ${pkg.name}: no such type ${type}`);
    return found;
  }
}

let schema: Schema | undefined;

/** The schema of the built-in API, parsed when first used (a few milliseconds) and kept. */
export function builtinSchema(): Schema {
  schema ??= new Schema(SCHEMA_PACKAGES);
  return schema;
}
