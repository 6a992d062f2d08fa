// What writing a message as protobuf takes, worked out of its table once: fields by number, their tags, and what is written for a field
// that is not set. Messages are planned when first written.

import { BYTES, tagOf, wireTypeOf } from '../../base/protobuf-wire.ts';
import type { Field, Message } from '../schema/schema.ts';
import { formOf } from './zero.ts';

/** A field to write. */
export class FieldPlan {
  readonly type: string;
  readonly cardinality: Field['cardinality'];
  /** Number and wire type as one integer. */
  readonly tag: number;
  /** Of values of a map, whose own field number is 2. */
  readonly valueTag: number;
  /** The value is a message by itself, no scalar, no special form. */
  readonly isMessage: boolean;
  /** The message's JSON is a list or one of several types. */
  readonly form: string | undefined;
  /** Written even when unset, as the zero value: its presence is not tracked. */
  readonly always: boolean;
  /** Its fields sit in the parent's JSON object: what is written of them, or undefined for other fields. */
  readonly embedded: MessagePlan | undefined;
  /** Where its value is put when the object is read; of embedded ones, where those of their fields begin. */
  readonly slot: number;
  readonly #message: Message | undefined;
  #plan: MessagePlan | undefined;
  #unset: Uint8Array | undefined;

  constructor(field: Field, slot: number) {
    const { type, cardinality, message, number } = field;
    const wire = wireTypeOf(type);
    this.type = type;
    this.cardinality = cardinality;
    this.tag = tagOf(number, cardinality === 'map' ? BYTES : wire);
    this.valueTag = tagOf(2, wire);
    this.form = formOf(message);
    this.isMessage = message !== undefined && this.form === undefined;
    this.always = cardinality === 'one' && type !== 'bytes' && !field.optional;
    this.embedded = field.inline && message ? planOf(message) : undefined;
    this.slot = slot;
    this.#message = message;
  }

  /** How the value is written where it is a message or a form that is one. Messages hold each other in circles: not before it is asked for. */
  get plan(): MessagePlan {
    this.#plan ??= this.#message ? planOf(this.#message) : EMPTY;
    return this.#plan;
  }

  /** What is written for an unset field with `always`; `make` makes it when it is first asked for. */
  unset(make: (plan: FieldPlan) => Uint8Array): Uint8Array {
    this.#unset ??= make(this);
    return this.#unset;
  }
}

/** A message to write. */
export interface MessagePlan {
  /** By number, ascending. */
  readonly fields: readonly FieldPlan[];
  /** The slots of all fields, embedded ones included, by JSON name. */
  readonly slots: ReadonlyMap<string, number>;
  /** Slots in all. */
  readonly size: number;
}

const EMPTY: MessagePlan = { fields: [], slots: new Map(), size: 0 };

const plans = new WeakMap<Message, MessagePlan>();

/** The plan of a message. */
export function planOf(message: Message): MessagePlan {
  const known = plans.get(message);
  if (known) return known;
  const plan = planMessage(message);
  plans.set(message, plan);
  return plan;
}

function planMessage(message: Message): MessagePlan {
  const fields: FieldPlan[] = [];
  const slots = new Map<string, number>();
  let size = 0;
  for (const field of message.fields.filter(({ number }) => number > 0).sort((a, b) => a.number - b.number)) {
    const plan = new FieldPlan(field, size);
    fields.push(plan);
    if (plan.embedded) for (const [name, slot] of plan.embedded.slots) slots.set(name, size + slot);
    else if (field.name !== '') slots.set(field.name, size);
    size += plan.embedded ? plan.embedded.size : 1;
  }
  return { fields, slots, size };
}
