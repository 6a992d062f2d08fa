// proto3 codec of the CRI messages, driven by the tables of schema/: values in, bytes out, no message objects between.
// Decoding fills in proto3's zero values (not for single messages, which may be absent); encoding leaves them out.

import type { FieldTable, MessageTable } from '../base/message-table.ts';
import { BYTES, newReader, newWriter, type ProtoReader, type ProtoWriter, wireTypeOf, writeTag } from '../base/protobuf-wire.ts';
import { criError } from './errors.ts';
import type { CriMessages } from './messages.gen.ts';
import { criSchema, isBig } from './schema/schema.ts';

/** What may be encoded as a `T`: any field may be left out. */
export type Input<T> = T extends Uint8Array | bigint | string | number | boolean
  ? T
  : T extends readonly (infer E)[]
    ? readonly Input<E>[]
    : string extends keyof T
      ? T
      : { readonly [K in keyof T]?: Input<T[K]> | undefined };

/** Nested messages deeper than this are refused: no CRI message nests deeper than 8. */
const MAX_DEPTH = 32;

type Values = Record<string, unknown>;

/** Encodes a value as the message of that name. @throws TypeError for a value of the wrong type, RangeError for an unknown enum value. */
export function encodeCri<N extends keyof CriMessages>(name: N, value: Input<CriMessages[N]>): Uint8Array {
  const writer = newWriter();
  writeMessage(writer, tableOf(name), value as Values);
  return writer.finish();
}

/** Decodes the message of that name; unknown fields are skipped. @throws KtsError `cri-protocol` for bytes that are not of it. */
export function decodeCri<N extends keyof CriMessages>(name: N, bytes: Uint8Array): CriMessages[N] {
  try {
    return readMessage(newReader(bytes), tableOf(name), bytes.length, 0) as unknown as CriMessages[N];
  } catch (error) {
    throw criError('cri-protocol', `the runtime sent a ${name} that cannot be read`, error);
  }
}

function tableOf(name: string): MessageTable {
  const table = criSchema().messages.get(name);
  if (!table) throw new RangeError(`no CRI message ${name}`);
  return table;
}

function writeMessage(writer: ProtoWriter, table: MessageTable, value: Values): void {
  for (const field of table.fields) {
    const item = value[field.name];
    if (item === undefined) continue;
    if (field.cardinality === 'map') writeMap(writer, field, item as Values);
    else if (field.cardinality === 'list') writeList(writer, field, item as readonly unknown[]);
    else if (!isZero(field, item)) writeField(writer, field, item);
  }
}

function isZero(field: FieldTable, value: unknown): boolean {
  if (field.enum) return criSchema().enums.get(field.enum)?.byName.get(String(value)) === 0;
  if (field.type === 'bytes') return (value as Uint8Array).length === 0;
  return value === 0 || value === '' || value === false || value === 0n;
}

/** Tag and value. */
function writeField(writer: ProtoWriter, field: FieldTable, value: unknown): void {
  writeTag(writer, field.number, wireTypeOf(field.type));
  writeValue(writer, field, value);
}

function writeValue(writer: ProtoWriter, field: FieldTable, value: unknown): void {
  switch (field.type) {
    case 'string':
      writer.string(value as string);
      return;
    case 'bytes':
      writer.bytes(value as Uint8Array);
      return;
    case 'bool':
      writer.bool(value as boolean);
      return;
    case 'double':
      writer.double(value as number);
      return;
    case 'uint32':
      writer.uint32(value as number);
      return;
    case 'int32':
      writer.int32(field.enum ? enumNumber(field.enum, value) : (value as number));
      return;
    case 'int64':
    case 'uint64':
      writer.uint64(longOf(value as number | bigint));
      return;
    default:
      writer.fork();
      writeMessage(writer, tableOf(field.type), value as Values);
      writer.ldelim();
  }
}

function enumNumber(name: string, value: unknown): number {
  const number = criSchema().enums.get(name)?.byName.get(String(value));
  if (number === undefined) throw new RangeError(`${String(value)} is no ${name}`);
  return number;
}

/** The two halves in the form protobufjs takes without the `long` package. */
function longOf(value: number | bigint): { low: number; high: number; unsigned: boolean } {
  const big = BigInt.asUintN(64, BigInt(value));
  return { low: Number(big & 0xffffffffn) | 0, high: Number(big >> 32n) | 0, unsigned: true };
}

function writeList(writer: ProtoWriter, field: FieldTable, items: readonly unknown[]): void {
  if (items.length === 0) return;
  if (wireTypeOf(field.type) === BYTES) {
    for (const item of items) writeField(writer, field, item);
    return;
  }
  writeTag(writer, field.number, BYTES).fork(); // proto3 packs scalars
  for (const item of items) writeValue(writer, field, item);
  writer.ldelim();
}

function writeMap(writer: ProtoWriter, field: FieldTable, entries: Values): void {
  for (const [key, value] of Object.entries(entries)) {
    writeTag(writer, field.number, BYTES).fork();
    writeTag(writer, 1, BYTES).string(key);
    writeTag(writer, 2, wireTypeOf(field.type));
    writeValue(writer, field, value);
    writer.ldelim();
  }
}

function readMessage(reader: ProtoReader, table: MessageTable, end: number, depth: number): Values {
  if (depth > MAX_DEPTH) throw new RangeError('nested too deep');
  const value = zeroOf(table);
  while (reader.pos < end) {
    const tag = reader.uint32();
    const field = table.fields.find((f) => f.number === tag >>> 3);
    if (field) readField(reader, field, { wire: tag & 7, into: value, depth });
    else reader.skipType(tag & 7);
  }
  return value;
}

function zeroOf(table: MessageTable): Values {
  const value: Values = {};
  for (const field of table.fields) {
    if (field.cardinality === 'list') value[field.name] = [];
    else if (field.cardinality === 'map') value[field.name] = {};
    else {
      const zero = zeroScalar(field);
      if (zero !== undefined) value[field.name] = zero;
    }
  }
  return value;
}

function zeroScalar(field: FieldTable): unknown {
  if (field.enum) return enumName(field.enum, 0);
  if (field.type === 'string') return '';
  if (field.type === 'bytes') return new Uint8Array();
  if (field.type === 'bool') return false;
  if (wireTypeOf(field.type) === BYTES) return undefined;
  return isBig(field) ? 0n : 0;
}

/** The name of an enum value; a number this table does not know reads as the zero value. */
function enumName(name: string, number: number): string | undefined {
  const numbers = criSchema().enums.get(name)?.byNumber;
  return numbers?.get(number) ?? numbers?.get(0);
}

interface Target {
  readonly wire: number;
  readonly into: Values;
  readonly depth: number;
}

function readField(reader: ProtoReader, field: FieldTable, target: Target): void {
  const { wire, into, depth } = target;
  if (field.cardinality === 'map') {
    readMapEntry(reader, field, target);
    return;
  }
  if (field.cardinality === 'one') {
    into[field.name] = readValue(reader, field, depth);
    return;
  }
  const list = into[field.name] as unknown[];
  if (wire !== BYTES || wireTypeOf(field.type) === BYTES) {
    list.push(readValue(reader, field, depth));
    return;
  }
  const length = reader.uint32();
  for (const end = reader.pos + length; reader.pos < end; ) list.push(readValue(reader, field, depth));
}

function readMapEntry(reader: ProtoReader, field: FieldTable, { into, depth }: Target): void {
  const end = reader.uint32() + reader.pos;
  let key = '';
  let value: unknown = zeroScalar({ ...field, cardinality: 'one' });
  while (reader.pos < end) {
    const tag = reader.uint32();
    if (tag >>> 3 === 1) key = reader.string();
    else if (tag >>> 3 === 2) value = readValue(reader, field, depth);
    else reader.skipType(tag & 7);
  }
  Object.defineProperty(into[field.name], key, { value, enumerable: true, configurable: true, writable: true }); // also for `__proto__`
}

function readValue(reader: ProtoReader, field: FieldTable, depth: number): unknown {
  switch (field.type) {
    case 'string':
      return reader.string();
    case 'bytes':
      return new Uint8Array(reader.bytes());
    case 'bool':
      return reader.bool();
    case 'double':
      return reader.double();
    case 'uint32':
      return reader.uint32();
    case 'int32':
      return field.enum ? enumName(field.enum, reader.int32()) : reader.int32();
    case 'int64':
    case 'uint64':
      return read64(reader, field);
    default: {
      const length = reader.uint32();
      return readMessage(reader, tableOf(field.type), reader.pos + length, depth + 1);
    }
  }
}

/** A 64-bit varint, without the `long` package. */
function read64(reader: ProtoReader, field: FieldTable): number | bigint {
  let big = 0n;
  for (let shift = 0n; shift < 70n; shift += 7n) {
    const byte = reader.buf[reader.pos++];
    if (byte === undefined || reader.pos > reader.len) throw new RangeError('a number is cut off');
    big |= BigInt(byte & 0x7f) << shift;
    if (byte < 0x80) {
      const value = field.type === 'int64' ? BigInt.asIntN(64, big) : BigInt.asUintN(64, big);
      return isBig(field) ? value : Number(value);
    }
  }
  throw new RangeError('a number is too long');
}
