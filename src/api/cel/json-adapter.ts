// JSON values as CEL values: adapted when they are read, by the types that are declared for them, without a copy.
// Rules: "Type checking" and the table of types in "Common Expression Language in Kubernetes".

import type { CelObjectType, CelType, ListMerge } from './cel-type.ts';
import { DYN } from './cel-type.ts';
import { failure } from './errors.ts';
import { escapeFieldName } from './field-names.ts';
import { durationText, parseDuration, parseTimestamp, timestampText } from './time-text.ts';
import { CelDuration, CelList, CelMap, CelOptional, CelRef, CelTimestamp, CelTypeValue, CelUint, type CelValue, mapKey } from './values.ts';

/** A JSON list. */
class JsonList extends CelList {
  readonly json: readonly unknown[];
  readonly merge: ListMerge | undefined;
  readonly #element: CelType;
  constructor(json: readonly unknown[], element: CelType, merge?: ListMerge) {
    super();
    this.json = json;
    this.#element = element;
    this.merge = merge;
  }
  get size(): number {
    return this.json.length;
  }
  at(index: number): CelValue {
    return adaptJson(this.json[index], this.#element);
  }
}

/** A JSON object as a map; all keys are strings. */
class JsonMap extends CelMap {
  readonly typeName = 'map';
  readonly json: Readonly<Record<string, unknown>>;
  readonly #value: CelType;
  constructor(json: Readonly<Record<string, unknown>>, value: CelType) {
    super();
    this.json = json;
    this.#value = value;
  }
  get size(): number {
    return Object.keys(this.json).length;
  }
  find(key: CelValue): CelValue | undefined {
    return typeof key === 'string' && Object.hasOwn(this.json, key) ? adaptJson(this.json[key], this.#value) : undefined;
  }
  keys(): Iterable<CelValue> {
    return Object.keys(this.json);
  }
}

/** A JSON object of a type with known fields. A field that is null is not there. */
class JsonObject extends CelMap {
  readonly json: Readonly<Record<string, unknown>>;
  readonly type: CelObjectType;
  constructor(json: Readonly<Record<string, unknown>>, type: CelObjectType) {
    super();
    this.json = json;
    this.type = type;
  }
  get typeName(): string {
    return this.type.name;
  }
  get size(): number {
    return Object.keys(this.json).length;
  }
  find(key: CelValue): CelValue | undefined {
    const field = typeof key === 'string' ? this.type.field(key) : undefined;
    const json = field && Object.hasOwn(this.json, field.jsonName) ? this.json[field.jsonName] : undefined;
    return json === undefined || json === null || !field ? undefined : adaptJson(json, field.type);
  }
  override entry(key: CelValue): CelValue | undefined {
    if (typeof key !== 'string') return undefined;
    const type = this.type.field(escapeFieldName(key) ?? '')?.type ?? DYN;
    return Object.hasOwn(this.json, key) ? adaptJson(this.json[key], type) : undefined;
  }
  /** All of them by their JSON names, also those that the type does not know: equality compares whole objects. */
  keys(): Iterable<CelValue> {
    return Object.keys(this.json).filter((name) => this.json[name] !== null && this.json[name] !== undefined);
  }
}

/** An object that an expression makes: `Type{field: value}`. */
export class MadeObject extends CelMap {
  readonly type: CelObjectType;
  /** By the names of the expression. */
  readonly fields: ReadonlyMap<string, CelValue>;
  constructor(type: CelObjectType, fields: ReadonlyMap<string, CelValue>) {
    super();
    this.type = type;
    this.fields = fields;
  }
  get typeName(): string {
    return this.type.name;
  }
  get size(): number {
    return this.fields.size;
  }
  find(key: CelValue): CelValue | undefined {
    return typeof key === 'string' ? this.fields.get(key) : undefined;
  }
  keys(): Iterable<CelValue> {
    return this.fields.keys();
  }
}

const isRecord = (json: unknown): json is Readonly<Record<string, unknown>> =>
  typeof json === 'object' && json !== null && !Array.isArray(json);

/** The CEL value of a JSON value of that type. CEL values pass through. @throws CelEvaluationError for a text that is no time */
export function adaptJson(json: unknown, type: CelType): CelValue {
  if (json === null || json === undefined) return null;
  if (json instanceof CelRef || json instanceof Uint8Array) return json;
  switch (typeof json) {
    case 'string':
      return adaptString(json, type);
    case 'number':
      return adaptNumber(json, type);
    case 'boolean':
    case 'bigint':
      return json;
    default:
      return adaptStructure(json, type);
  }
}

function adaptString(json: string, type: CelType): CelValue {
  switch (type.kind) {
    case 'timestamp':
      return parseTimestamp(json) ?? invalid('date-time', json);
    case 'duration':
      return parseDuration(json) ?? invalid('duration', json);
    case 'bytes':
      return new Uint8Array(Buffer.from(json, 'base64'));
    default:
      return json;
  }
}

const invalid = (format: string, text: string): never => {
  throw failure(`invalid ${format}: ${text}`);
};

function adaptNumber(json: number, type: CelType): CelValue {
  switch (type.kind) {
    case 'double':
      return json;
    case 'uint':
      return new CelUint(BigInt(Math.trunc(json)));
    case 'int':
      return BigInt(Math.trunc(json));
    default:
      return Number.isInteger(json) ? BigInt(json) : json;
  }
}

function adaptStructure(json: unknown, type: CelType): CelValue {
  if (Array.isArray(json)) return type.kind === 'list' ? new JsonList(json, type.element, type.merge) : new JsonList(json, DYN);
  if (!isRecord(json)) throw failure('no such overload');
  if (type.kind === 'object') return new JsonObject(json, type);
  return new JsonMap(json, type.kind === 'map' ? type.value : DYN);
}

/** Longer numbers than JSON's readers keep exactly are given as text in errors only. */
const jsonInteger = (value: bigint): number => Number(value);

/** The JSON of a value: times as text, bytes as base64, optionals as what is in them. @throws CelEvaluationError for what JSON cannot say */
export function toJson(value: CelValue): unknown {
  if (typeof value === 'bigint') return jsonInteger(value);
  if (value === null || typeof value !== 'object') return value;
  if (value instanceof Uint8Array) return Buffer.from(value).toString('base64');
  if (value instanceof JsonList || value instanceof JsonMap || value instanceof JsonObject) return value.json;
  if (value instanceof CelList) return Array.from(value, toJson);
  if (value instanceof MadeObject) {
    return Object.fromEntries([...value.fields].map(([name, field]) => [value.type.field(name)?.jsonName ?? name, toJson(field)]));
  }
  if (value instanceof CelMap)
    return Object.fromEntries(Array.from(value.keys(), (key) => [keyText(key), toJson(value.find(key) ?? null)]));
  if (value instanceof CelUint) return jsonInteger(value.value);
  if (value instanceof CelOptional) return value.value === undefined ? null : toJson(value.value);
  if (value instanceof CelTimestamp) return timestampText(value);
  if (value instanceof CelDuration) return durationText(value);
  if (value instanceof CelTypeValue) return value.name;
  throw failure(`unsupported conversion of type '${value.typeName}' to JSON`);
}

/** A map's key as JSON has it. */
const keyText = (key: CelValue): string => String(mapKey(key));
