// Writes objects as protobuf, driven by the tables. proto2 as upstream writes it: fields by number; a field whose presence is not
// tracked is written even when zero; map entries sorted by key; embedded fields are one sub-message. All of it goes backwards, see
// BackwardWriter.

import { BackwardWriter } from '../../base/protobuf-writer.ts';
import type { Message } from '../schema/schema.ts';
import { type FieldPlan, type MessagePlan, planOf } from './protobuf-plan.ts';
import { canonicalSeconds, parseDuration, parseTime } from './time.ts';

type Values = Readonly<Record<string, unknown>>;

/** Tags of the messages behind the special forms: field number, and wire type 0 (an integer) or 2 (a text). */
const [FIRST_NUMBER, SECOND_NUMBER, FIRST_TEXT, THIRD_TEXT] = [0x08, 0x10, 0x0a, 0x1a];
const NOTHING: Values = {};

/** Writes messages one before the other. After an error it must not be used any more. */
export class MessageEncoder {
  readonly out = new BackwardWriter();
  /** The values of the objects that are being written, each at the slot of its field: an object is read by its few keys, not by all fields there are. */
  readonly #slots: unknown[] = [];
  #top = 0;

  /** Writes the fields of an object, without length or envelope. */
  message(object: Values, message: Message): void {
    this.#message(object, planOf(message));
  }

  #message(object: Values, plan: MessagePlan): void {
    const slots = this.#slots;
    const base = this.#top;
    this.#top = base + plan.size;
    while (slots.length < this.#top) slots.push(undefined);
    for (const name in object) {
      const slot = plan.slots.get(name); // what an object inherits has no name of a field
      if (slot !== undefined) slots[base + slot] = object[name];
    }
    this.#fields(plan, base);
    this.#top = base;
  }

  #fields({ fields }: MessagePlan, base: number): void {
    const slots = this.#slots;
    for (let i = fields.length - 1; i >= 0; i--) {
      const plan = fields[i];
      if (!plan) continue;
      const at = base + plan.slot;
      if (plan.embedded) {
        const mark = this.out.size;
        this.#fields(plan.embedded, at);
        this.out.lengthSince(mark);
        this.out.varint(plan.tag);
        continue;
      }
      const value = slots[at];
      slots[at] = undefined;
      if (value !== undefined && value !== null) this.#field(plan, value);
      else if (plan.always) this.out.raw(plan.unset(unsetField));
    }
  }

  #field(plan: FieldPlan, value: unknown): void {
    if (plan.cardinality === 'list') {
      if (Array.isArray(value)) for (let i = value.length - 1; i >= 0; i--) this.tagged(plan, value[i]);
    } else if (plan.cardinality === 'map') {
      if (typeof value === 'object') this.#map(plan, value as Values); // the table says it is a map
    } else if (plan.type !== 'bytes' || value !== '') this.tagged(plan, value);
  }

  #map(plan: FieldPlan, entries: Values): void {
    const { out } = this;
    const keys = Object.keys(entries).sort();
    for (let i = keys.length - 1; i >= 0; i--) {
      const key = keys[i] ?? '';
      const mark = out.size;
      this.#value(plan, entries[key]);
      out.varint(plan.valueTag);
      out.string(key);
      out.varint(FIRST_TEXT);
      out.lengthSince(mark);
      out.varint(plan.tag);
    }
  }

  /** Writes one value and its tag; undefined is the zero value. */
  tagged(plan: FieldPlan, value: unknown): void {
    this.#value(plan, value);
    this.out.varint(plan.tag);
  }

  #value(plan: FieldPlan, value: unknown): void {
    const { out } = this;
    if (plan.isMessage) {
      const mark = out.size;
      this.#message(typeof value === 'object' && value !== null ? (value as Values) : NOTHING, plan.plan);
      out.lengthSince(mark);
      return;
    }
    switch (plan.type) {
      case 'string':
        out.string(typeof value === 'string' ? value : String(value ?? ''));
        break;
      case 'bool':
        out.varint(value === true ? 1 : 0);
        break;
      case 'int32':
      case 'int64':
      case 'uint32':
      case 'uint64':
        out.integer(Number(value ?? 0));
        break;
      case 'double':
        out.double(Number(value ?? 0));
        break;
      case 'float':
        out.float(Number(value ?? 0));
        break;
      case 'bytes':
        out.base64(String(value ?? ''));
        break;
      default:
        this.#delimited(plan, value);
    }
  }

  #delimited(plan: FieldPlan, value: unknown): void {
    const mark = this.out.size;
    if (plan.form === undefined) this.#special(plan.type, value);
    else this.#form(plan.plan, plan.form, value);
    this.out.lengthSince(mark);
  }

  /** The messages behind the special forms. An unset value is an empty message, but for the form's own fields that are always there. */
  #special(type: string, value: unknown): void {
    switch (type) {
      case 'time':
      case 'microtime':
        if (typeof value === 'string') this.#time(value, type);
        break;
      case 'duration':
        this.out.integer(Number(parseDuration(String(value ?? '0s'))));
        this.out.varint(FIRST_NUMBER);
        break;
      case 'quantity':
        this.#text(String(value ?? '0'));
        break;
      case 'intstr':
        this.#intOrString(value);
        break;
      default: // raw, fieldsv1, json: the JSON text of any value
        if (value !== undefined) this.#text(JSON.stringify(value));
    }
  }

  /** A text as field 1. */
  #text(text: string): void {
    this.out.string(text);
    this.out.varint(FIRST_TEXT);
  }

  #time(text: string, form: 'time' | 'microtime'): void {
    const plain = canonicalSeconds(text);
    const { seconds, fraction } = plain === undefined ? parseTime(text, form) : { seconds: plain, fraction: '' };
    this.out.integer(form === 'time' ? 0 : Number(fraction.padEnd(9, '0').slice(0, 9)));
    this.out.varint(SECOND_NUMBER);
    this.out.integer(seconds);
    this.out.varint(FIRST_NUMBER);
  }

  #intOrString(value: unknown): void {
    const isText = typeof value === 'string';
    this.out.string(isText ? value : '');
    this.out.varint(THIRD_TEXT);
    this.out.integer(isText ? 0 : Number(value ?? 0));
    this.out.varint(SECOND_NUMBER);
    this.out.varint(isText ? 1 : 0);
    this.out.varint(FIRST_NUMBER);
  }

  /** Messages whose JSON is a list or one of several types: the first or the second field of the table is set. */
  #form(plan: MessagePlan, form: string, value: unknown): void {
    const [first, second] = plan.fields;
    if (!first) return;
    switch (form) {
      case 'list':
        if (Array.isArray(value)) this.#field(first, value);
        break;
      case 'schemaOrBool': // boolean first, always there; a schema means that more is allowed
        if (second && typeof value === 'object' && value !== null) this.tagged(second, value);
        this.tagged(first, value !== false && value !== undefined);
        break;
      default:
        if (Array.isArray(value)) {
          if (second) this.#field(second, value);
        } else if (value !== undefined) this.tagged(first, value);
    }
  }
}

/** What is written for a field that is not set. */
function unsetField(plan: FieldPlan): Uint8Array {
  const encoder = new MessageEncoder();
  encoder.tagged(plan, undefined);
  return Uint8Array.from(encoder.out.finish()); // The encoder's memory is larger.
}
