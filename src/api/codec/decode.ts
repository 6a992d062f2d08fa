// Structural decoding: turns any JSON value into an object of a message, on the path of every write. What the message does not
// know is left out, values become canonical, fields that JSON always shows are there (`spec: {}`, `name: ''`, `rules: []`), and
// fields that JSON leaves out when they are zero are not. Faults are told in the words of upstream's decoder.

import { isObject, setKey } from '../copy.ts';
import type { Field, Message } from '../schema/schema.ts';
import { DecodeError } from './errors.ts';
import { fieldTypeName, itemTypeName, jsonType, messageTypeName } from './go-types.ts';
import { formatPath, MAX_DEPTH, MAX_STRICT_ERRORS, parseJson, strictFindings } from './json-text.ts';
import { SCALAR_READERS, type ScalarReader, WrongType } from './scalars.ts';
import { fillAlways, formOf, isOmittable, zeroOf } from './zero.ts';

/** What happens with unknown and duplicate fields: refused, told, or dropped in silence (`fieldValidation` of a request). */
export type FieldValidation = 'Strict' | 'Warn' | 'Ignore';

/** An object that was read, and the warnings to send with the answer. */
export interface Decoded<T> {
  readonly object: T;
  readonly warnings: readonly string[];
}

/** How to read. */
export interface DecodeOptions {
  readonly validation: FieldValidation;
  /** The JSON text that a value was parsed from, where the caller has parsed it already: duplicate keys are looked for there. */
  readonly text?: string;
}

/**
 * Reads `input` as a message. A string is JSON text (only there duplicate keys can be seen), anything else a JSON value, which
 * is not changed and shares nothing with the result. `T` is the generated type of `message`.
 * @throws DecodeError; `cannotBeHandled` makes it the BadRequest of the API
 */
export function decodeObject<T = Record<string, unknown>>(
  input: unknown,
  message: Message,
  options: DecodeOptions = { validation: 'Ignore' },
): Decoded<T> {
  const strict = options.validation !== 'Ignore';
  const value = typeof input === 'string' ? parseJson(input) : input;
  const decoder = new Decoder();
  const object = decoder.root(value, message);
  const text = typeof input === 'string' ? input : options.text;
  const told = (): string[] =>
    text === undefined ? decoder.unknown.map((path) => `unknown field "${path}"`) : strictFindings(text, decoder.unknown);
  const findings = strict ? told() : [];
  if (options.validation === 'Strict' && findings.length > 0) {
    throw new DecodeError('strict', `strict decoding error: ${findings.join(', ')}`);
  }
  // The decoder checked each field against the table that T was generated from.
  return { object: object as T, warnings: findings };
}

/** Where the decoder is: a step below `parent`. Kept as a chain, so that a path costs nothing until it is told. */
interface Place {
  readonly parent: Place | undefined;
  /** A field or map key, or the index in a list. */
  readonly step: string | number;
  /** The step as upstream's type errors name it: with embedded structs, without indexes and map keys. */
  readonly goStep: string;
}

/** A field prepared for reading. */
interface FieldPlan {
  readonly field: Field;
  readonly owner: Message;
  readonly goStep: string;
  readonly scalar: ScalarReader | undefined;
  readonly form: string | undefined;
}

/** A message prepared for reading. */
interface Plan {
  readonly message: Message;
  readonly fields: ReadonlyMap<string, FieldPlan>;
}

const plans = new WeakMap<Message, Plan>();

function planOf(message: Message): Plan {
  const known = plans.get(message);
  if (known) return known;
  const fields = new Map(fieldPlans(message, message, ''));
  const plan = { message, fields };
  plans.set(message, plan);
  return plan;
}

function fieldPlans(message: Message, owner: Message, prefix: string): [string, FieldPlan][] {
  return message.fields.flatMap((field): [string, FieldPlan][] => {
    if (field.inline && field.message) return fieldPlans(field.message, owner, `${prefix}${field.message.name}.`);
    if (field.name === '') return [];
    const scalar = SCALAR_READERS[field.type];
    return [[field.name, { field, owner, goStep: prefix + field.name, scalar, form: formOf(field.message) }]];
  });
}

class Decoder {
  readonly unknown: string[] = [];
  #depth = 0;

  root(value: unknown, message: Message): Record<string, unknown> {
    if (!isObject(value)) {
      throw new DecodeError('type', `json: cannot unmarshal ${jsonType(value)} into Go value of type ${messageTypeName(message)}`);
    }
    return this.#message(value, planOf(message), undefined);
  }

  #message(value: Record<string, unknown>, plan: Plan, at: Place | undefined): Record<string, unknown> {
    this.#enter();
    const out: Record<string, unknown> = {};
    for (const key of Object.keys(value)) {
      const item = value[key];
      const field = plan.fields.get(key);
      if (field) {
        if (item !== null && item !== undefined) this.#field(out, item, field, at);
      } else if (plan.message.typed && (key === 'kind' || key === 'apiVersion')) {
        if (typeof item !== 'string' && item !== null && item !== undefined) {
          throw typeError(jsonType(item), plan.message, { parent: at, step: key, goStep: key }, 'string');
        }
        if (item) out[key] = item;
      } else this.#unknown(key, at);
    }
    this.#depth--;
    return fillAlways(out, plan.message);
  }

  #enter(): void {
    if (++this.#depth > MAX_DEPTH) throw new DecodeError('syntax', 'exceeded max depth');
  }

  #unknown(key: string, at: Place | undefined): void {
    if (this.unknown.length < MAX_STRICT_ERRORS) this.unknown.push(formatPath([...stepsOf(at), key]));
  }

  #field(out: Record<string, unknown>, value: unknown, plan: FieldPlan, at: Place | undefined): void {
    const { field } = plan;
    const place: Place = { parent: at, step: field.name, goStep: plan.goStep };
    const read =
      field.cardinality === 'one'
        ? this.#item(value, plan, place)
        : field.cardinality === 'list'
          ? this.#list(value, plan, place)
          : this.#map(value, plan, place);
    if (field.emit || !isOmittable(field, read)) out[field.name] = read;
  }

  #list(value: unknown, plan: FieldPlan, at: Place): unknown[] {
    if (!Array.isArray(value)) throw this.#wrong(value, plan, at, fieldTypeName(plan.field, plan.owner));
    const items: readonly unknown[] = value;
    if (plan.scalar) return items.map((item) => this.#item(item, plan, at));
    return items.map((item, index) => this.#item(item, plan, { parent: at, step: index, goStep: '' }));
  }

  #map(value: unknown, plan: FieldPlan, at: Place): Record<string, unknown> {
    if (!isObject(value)) throw this.#wrong(value, plan, at, fieldTypeName(plan.field, plan.owner));
    const out: Record<string, unknown> = {};
    for (const key of Object.keys(value)) {
      setKey(out, key, this.#item(value[key], plan, plan.scalar ? at : { parent: at, step: key, goStep: '' }));
    }
    return out;
  }

  /** One value of the field. Null in a list or map is the zero value. */
  #item(value: unknown, plan: FieldPlan, at: Place): unknown {
    if (plan.scalar) {
      if (value === null || value === undefined) return zeroItem(plan.field);
      try {
        return plan.scalar(value);
      } catch (error) {
        if (!(error instanceof WrongType)) throw error;
        const type = error.type ?? itemTypeName(plan.field, plan.owner);
        throw typeError(`${jsonType(value)}${error.shown}`, plan.owner, at, type);
      }
    }
    const { message } = plan.field;
    if (!message) return this.#raw(value);
    if (plan.form) return this.#form(value, plan, at);
    if (value === null || value === undefined) return this.#message({}, planOf(message), at);
    if (!isObject(value)) throw this.#wrong(value, plan, at, messageTypeName(message));
    return this.#message(value, planOf(message), at);
  }

  /** Any JSON value, copied. */
  #raw(value: unknown): unknown {
    if (typeof value !== 'object' || value === null) return value;
    this.#enter();
    let copy: unknown;
    if (Array.isArray(value)) copy = value.map((item) => this.#raw(item));
    else {
      const out: Record<string, unknown> = {};
      for (const [key, item] of Object.entries(value)) if (item !== undefined) setKey(out, key, this.#raw(item));
      copy = out;
    }
    this.#depth--;
    return copy;
  }

  /** Messages that are a list, or one of several JSON types. */
  #form(value: unknown, plan: FieldPlan, at: Place): unknown {
    if (plan.form === 'list') {
      if (!Array.isArray(value)) throw this.#wrong(value, plan, at, `[]string`);
      return this.#strings(value, plan, at);
    }
    const schema = plan.field.message?.fields.find((field) => field.message)?.message;
    if (isObject(value) && schema) return this.#message(value, planOf(schema), at);
    if (plan.form === 'schemaOrBool' && typeof value === 'boolean') return value;
    if (plan.form === 'schemaOrArray' && Array.isArray(value) && schema) {
      return value.map((item, index) => {
        if (!isObject(item)) throw this.#wrong(item, plan, at, messageTypeName(schema));
        return this.#message(item, planOf(schema), { parent: at, step: index, goStep: '' });
      });
    }
    if (plan.form === 'schemaOrStringArray' && Array.isArray(value)) return this.#strings(value, plan, at);
    throw new DecodeError('type', FORM_FAULTS[plan.form ?? ''] ?? 'unexpected value');
  }

  #strings(value: readonly unknown[], plan: FieldPlan, at: Place): string[] {
    return value.map((item) => {
      if (typeof item !== 'string') throw this.#wrong(item, plan, at, 'string');
      return item;
    });
  }

  #wrong(value: unknown, plan: FieldPlan, at: Place, type: string): DecodeError {
    return typeError(jsonType(value), plan.owner, at, type);
  }
}

function typeError(got: string, owner: Message, at: Place, type: string): DecodeError {
  const steps: string[] = [];
  for (let place: Place | undefined = at; place; place = place.parent) if (place.goStep) steps.unshift(place.goStep);
  return new DecodeError('type', `json: cannot unmarshal ${got} into Go struct field ${owner.name}.${steps.join('.')} of type ${type}`);
}

const FORM_FAULTS: Readonly<Record<string, string>> = {
  schemaOrBool: 'boolean or JSON schema expected',
  schemaOrArray: 'array or JSON schema expected',
  schemaOrStringArray: 'array of strings or JSON schema expected',
};

function zeroItem(field: Field): unknown {
  return field.type === 'time' || field.type === 'microtime' ? null : zeroOf({ ...field, cardinality: 'one' });
}

function stepsOf(at: Place | undefined): (string | number)[] {
  const steps: (string | number)[] = [];
  for (let place = at; place; place = place.parent) steps.unshift(place.step);
  return steps;
}
