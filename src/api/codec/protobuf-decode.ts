// Reads objects from protobuf, driven by the tables, into the same canonical form that decode.ts makes of JSON.

import { BYTES, type ProtoReader, tagOf, toNumber, VARINT, wireTypeOf } from '../../base/protobuf-wire.ts';
import { setKey } from '../copy.ts';
import type { Field, Message } from '../schema/schema.ts';
import { DecodeError } from './errors.ts';
import { MAX_DEPTH, parseJson } from './json-text.ts';
import { SCALAR_READERS } from './scalars.ts';
import { formatDuration, formatTime } from './time.ts';
import { fillAlways, formOf, isOmittable, zeroOf } from './zero.ts';

type Values = Record<string, unknown>;

/** A field as it comes: by its number, with the wire type it is written with. */
interface FieldReading {
  readonly field: Field;
  readonly wire: number;
}

const numberings = new WeakMap<Message, ReadonlyMap<number, FieldReading>>();

function fieldsByNumber(message: Message): ReadonlyMap<number, FieldReading> {
  const known = numberings.get(message);
  if (known) return known;
  const fields = new Map(
    message.fields
      .filter((field) => field.number > 0)
      .map((field) => [field.number, { field, wire: field.cardinality === 'map' ? BYTES : wireTypeOf(field.type) }]),
  );
  numberings.set(message, fields);
  return fields;
}

/** Reads the fields of a message up to `end`. @throws RangeError, DecodeError */
export function readMessage(reader: ProtoReader, message: Message, end: number): Values {
  return new MessageReader(reader).message(message, end);
}

class MessageReader {
  readonly #reader: ProtoReader;
  #depth = 0;

  constructor(reader: ProtoReader) {
    this.#reader = reader;
  }

  message(message: Message, end: number): Values {
    return fillAlways(this.#fields({}, message, end), message);
  }

  #fields(out: Values, message: Message, end: number): Values {
    if (++this.#depth > MAX_DEPTH) throw new DecodeError('syntax', 'exceeded max depth');
    const fields = fieldsByNumber(message);
    while (this.#reader.pos < end) {
      const tag = this.#reader.uint32();
      const field = fields.get(tag >>> 3);
      if (field) this.#field(out, field, tag & 7);
      else this.#reader.skipType(tag & 7);
    }
    if (this.#reader.pos !== end) throw new DecodeError('syntax', 'unexpected EOF');
    this.#depth--;
    return out;
  }

  #field(out: Values, { field, wire: expected }: FieldReading, wire: number): void {
    if (field.cardinality === 'list') {
      const list = Array.isArray(out[field.name]) ? (out[field.name] as unknown[]) : []; // what an earlier item of this field made
      out[field.name] = list;
      if (wire === expected) list.push(this.#value(field));
      else this.#packed(list, field, wire);
      return;
    }
    if (wire !== expected) throw new DecodeError('syntax', `proto: wrong wireType = ${wire} for field ${field.name}`);
    if (field.inline && field.message) this.#fields(out, field.message, this.#end());
    else if (field.cardinality === 'map') this.#entry(out, field);
    else {
      const value = this.#value(field);
      if (value !== undefined && (field.emit || !isOmittable(field, value))) out[field.name] = value;
    }
  }

  /** Several items in one (which upstream does not write, but protobuf allows). */
  #packed(list: unknown[], field: Field, wire: number): void {
    if (wire !== BYTES) throw new DecodeError('syntax', `proto: wrong wireType = ${wire} for field ${field.name}`);
    for (const end = this.#end(); this.#reader.pos < end; ) list.push(this.#value(field));
  }

  #entry(out: Values, field: Field): void {
    const end = this.#end();
    let key = '';
    let value: unknown;
    while (this.#reader.pos < end) {
      const tag = this.#reader.uint32();
      if (tag >>> 3 === 1) key = this.#reader.string();
      else if (tag >>> 3 === 2) value = this.#value(field);
      else this.#reader.skipType(tag & 7);
    }
    out[field.name] ??= {};
    setKey(out[field.name] as Values, key, value ?? zeroItem(field)); // a map of ours
  }

  /** The end of the length-delimited value that begins here. */
  #end(): number {
    const length = this.#reader.uint32();
    const end = this.#reader.pos + length;
    if (end > this.#reader.len) throw new DecodeError('syntax', 'unexpected EOF');
    return end;
  }

  #value(field: Field): unknown {
    const reader = this.#reader;
    switch (field.type) {
      case 'string':
        return reader.string();
      case 'bool':
        return reader.bool();
      case 'int32':
        return reader.int32();
      case 'uint32':
        return reader.uint32();
      case 'int64':
        return toNumber(reader.int64());
      case 'uint64':
        return toNumber(reader.uint64());
      case 'double':
        return reader.double();
      case 'float':
        return reader.float();
      case 'bytes':
        return Buffer.from(reader.bytes()).toString('base64');
    }
    const end = this.#end();
    if (!field.message) return this.#special(field.type, end);
    return formOf(field.message) ? this.#form(field.message, end) : this.message(field.message, end);
  }

  #special(type: string, end: number): unknown {
    switch (type) {
      case 'time':
      case 'microtime':
        return this.#time(type, end);
      case 'duration':
        return formatDuration(BigInt(this.#parts(end).first ?? 0));
      case 'quantity':
        return SCALAR_READERS['quantity']?.(this.#parts(end).text || '0');
      case 'intstr': {
        const { first, second, text } = this.#parts(end, 3);
        return first === 1 ? text : (second ?? 0);
      }
      default: {
        const { text } = this.#parts(end);
        return text === '' ? undefined : parseJson(text);
      }
    }
  }

  /** An empty message is the zero time: unset. */
  #time(type: 'time' | 'microtime', end: number): string | undefined {
    const { first, second } = this.#parts(end);
    return first === undefined && second === undefined ? undefined : formatTime(first ?? 0, second ?? 0, type);
  }

  /** The first and second field of a special form, if they are integers, and its text, which is field `textNumber`. */
  #parts(end: number, textNumber = 1): { first: number | undefined; second: number | undefined; text: string } {
    const parts: { first: number | undefined; second: number | undefined; text: string } = {
      first: undefined,
      second: undefined,
      text: '',
    };
    while (this.#reader.pos < end) {
      const tag = this.#reader.uint32();
      if (tag === tagOf(textNumber, BYTES)) parts.text = this.#reader.string();
      else if (tag === tagOf(1, VARINT)) parts.first = toNumber(this.#reader.int64());
      else if (tag === tagOf(2, VARINT)) parts.second = toNumber(this.#reader.int64());
      else this.#reader.skipType(tag & 7);
    }
    return parts;
  }

  #form(message: Message, end: number): unknown {
    const values = this.#fieldsByPosition(message, end);
    switch (formOf(message)) {
      case 'list':
        return values[0] ?? [];
      case 'schemaOrBool':
        return values[1] ?? values[0] ?? false;
      default:
        return values[0] ?? values[1];
    }
  }

  /** The values of the (nameless) fields of a form, in table order. */
  #fieldsByPosition(message: Message, end: number): unknown[] {
    const values: unknown[] = [];
    while (this.#reader.pos < end) {
      const tag = this.#reader.uint32();
      const index = message.fields.findIndex((field) => field.number === tag >>> 3);
      const field = message.fields[index];
      if (!field) this.#reader.skipType(tag & 7);
      else if (field.cardinality === 'list') values[index] = [...((values[index] as unknown[] | undefined) ?? []), this.#value(field)];
      else values[index] = this.#value(field);
    }
    return values;
  }
}

/** The value of a map entry that has only a key. */
function zeroItem(field: Field): unknown {
  return field.message && !formOf(field.message) ? fillAlways({}, field.message) : zeroOf({ ...field, cardinality: 'one' });
}
