// Writes objects as protobuf, driven by the tables. proto2 as upstream writes it: fields by number; a field whose presence is not
// tracked is written even when zero; map entries sorted by key; embedded fields are one sub-message.

import { BYTES, type ProtoWriter, VARINT, wireTypeOf, writeTag } from '../../base/protobuf-wire.ts';
import type { Field, Message } from '../schema/schema.ts';
import { parseDuration, parseTime } from './time.ts';
import { formOf } from './zero.ts';

type Values = Readonly<Record<string, unknown>>;

const orders = new WeakMap<Message, readonly Field[]>();

/** Fields that exist in protobuf, by number. */
function fieldsByNumber(message: Message): readonly Field[] {
  const known = orders.get(message);
  if (known) return known;
  const fields = message.fields.filter((field) => field.number > 0).sort((a, b) => a.number - b.number);
  orders.set(message, fields);
  return fields;
}

/** Writes the fields of an object, without length or envelope. */
export function writeMessage(writer: ProtoWriter, object: Values, message: Message): void {
  for (const field of fieldsByNumber(message)) {
    if (field.inline && field.message) {
      writeTag(writer, field.number, BYTES).fork();
      writeMessage(writer, object, field.message);
      writer.ldelim();
    } else writeField(writer, field, Object.hasOwn(object, field.name) ? object[field.name] : undefined);
  }
}

function writeField(writer: ProtoWriter, field: Field, value: unknown): void {
  if (field.cardinality === 'list') {
    if (Array.isArray(value)) for (const item of value) writeTagged(writer, field, item);
  } else if (field.cardinality === 'map') {
    if (typeof value === 'object' && value !== null) writeMap(writer, field, value as Values); // the table says it is a map
  } else if (field.type === 'bytes') {
    if (value) writeTagged(writer, field, value);
  } else if (value !== undefined && value !== null) writeTagged(writer, field, value);
  else if (!field.optional) writeTagged(writer, field, undefined);
}

function writeMap(writer: ProtoWriter, field: Field, entries: Values): void {
  for (const key of Object.keys(entries).sort()) {
    writeTag(writer, field.number, BYTES).fork();
    writeTag(writer, 1, BYTES).string(key);
    writeTag(writer, 2, wireTypeOf(field.type));
    writeValue(writer, field, entries[key]);
    writer.ldelim();
  }
}

function writeTagged(writer: ProtoWriter, field: Field, value: unknown): void {
  writeTag(writer, field.number, wireTypeOf(field.type));
  writeValue(writer, field, value);
}

/** Writes one value after its tag; undefined is the zero value. */
function writeValue(writer: ProtoWriter, field: Field, value: unknown): void {
  const { message } = field;
  if (!message) {
    writeScalar(writer, field.type, value);
    return;
  }
  writer.fork();
  const form = formOf(message);
  if (form) writeForm(writer, message, value);
  else writeMessage(writer, typeof value === 'object' && value !== null ? (value as Values) : {}, message);
  writer.ldelim();
}

function writeScalar(writer: ProtoWriter, type: string, value: unknown): void {
  switch (type) {
    case 'string':
      writer.string(String(value ?? ''));
      break;
    case 'bool':
      writer.bool(value === true);
      break;
    case 'int32':
      writer.int32(Number(value ?? 0));
      break;
    case 'uint32':
      writer.uint32(Number(value ?? 0));
      break;
    case 'int64':
      writer.int64(Number(value ?? 0));
      break;
    case 'uint64':
      writer.uint64(Number(value ?? 0));
      break;
    case 'double':
      writer.double(Number(value ?? 0));
      break;
    case 'float':
      writer.float(Number(value ?? 0));
      break;
    case 'bytes':
      writer.bytes(Buffer.from(String(value ?? ''), 'base64'));
      break;
    default:
      writer.fork();
      writeSpecial(writer, type, value);
      writer.ldelim();
  }
}

/** The messages behind the special forms. An unset value is an empty message, but for the form's own fields that are always there. */
function writeSpecial(writer: ProtoWriter, type: string, value: unknown): void {
  switch (type) {
    case 'time':
    case 'microtime':
      if (typeof value === 'string') writeTime(writer, value, type);
      break;
    case 'duration':
      writeTag(writer, 1, VARINT).int64(Number(parseDuration(String(value ?? '0s'))));
      break;
    case 'quantity':
      writeTag(writer, 1, BYTES).string(String(value ?? '0'));
      break;
    case 'intstr':
      writeIntOrString(writer, value);
      break;
    default: // raw, fieldsv1, json: the JSON text of any value
      if (value !== undefined) writeTag(writer, 1, BYTES).bytes(Buffer.from(JSON.stringify(value)));
  }
}

function writeTime(writer: ProtoWriter, text: string, form: 'time' | 'microtime'): void {
  const { seconds, fraction } = parseTime(text, form);
  writeTag(writer, 1, VARINT).int64(seconds);
  writeTag(writer, 2, VARINT).int32(form === 'time' ? 0 : Number(fraction.padEnd(9, '0').slice(0, 9)));
}

function writeIntOrString(writer: ProtoWriter, value: unknown): void {
  const isText = typeof value === 'string';
  writeTag(writer, 1, VARINT).int64(isText ? 1 : 0);
  writeTag(writer, 2, VARINT).int32(isText ? 0 : Number(value ?? 0));
  writeTag(writer, 3, BYTES).string(isText ? value : '');
}

/** Messages whose JSON is a list or one of several types: the first or the second field of the table is set. */
function writeForm(writer: ProtoWriter, message: Message, value: unknown): void {
  const [first, second] = message.fields;
  if (!first) return;
  switch (formOf(message)) {
    case 'list':
      writeField(writer, first, value);
      break;
    case 'schemaOrBool': // boolean first, always there; a schema means that more is allowed
      writeTagged(writer, first, value !== false && value !== undefined);
      if (second && typeof value === 'object' && value !== null) writeTagged(writer, second, value);
      break;
    default:
      if (Array.isArray(value)) {
        if (second) writeField(writer, second, value);
      } else if (value !== undefined) writeTagged(writer, first, value);
  }
}
