// How server-side apply sees a value: what is one field and what is many. Made from the message tables when first asked for.
// Rules: https://kubernetes.io/docs/reference/using-api/server-side-apply/ ("Merge strategy").

import type { Field, Message } from '../schema/schema.ts';
import type { ListKey } from './path-element.ts';

/** A field of a struct. */
export interface ApplyField {
  readonly type: ApplyType;
  /** Managers may own it. What names an object, and what the server alone writes, they may not. */
  readonly owned: boolean;
}

/** A type of values. `atomic` = one field, whatever is in it. */
export type ApplyType =
  | { readonly kind: 'scalar'; readonly scalar: 'string' | 'number' | 'boolean' | 'any' }
  /** Anything, as one field. */
  | { readonly kind: 'any' }
  /** Anything; objects are maps. */
  | { readonly kind: 'deduced' }
  | { readonly kind: 'struct'; readonly atomic: boolean; readonly fields: ReadonlyMap<string, ApplyField> }
  | { readonly kind: 'map'; readonly atomic: boolean; readonly element: ApplyType }
  | ListApplyType;

/** A list, merged as a whole, by value, or by the keys of its items (in alphabetical order). */
export interface ListApplyType {
  readonly kind: 'list';
  readonly merge: 'atomic' | 'set' | 'map';
  readonly keys: readonly ListKey[];
  readonly element: ApplyType;
}

const SCALARS: Readonly<Record<string, 'string' | 'number' | 'boolean' | 'any'>> = {
  string: 'string',
  bytes: 'string',
  time: 'string',
  microtime: 'string',
  duration: 'string',
  bool: 'boolean',
  int32: 'number',
  int64: 'number',
  uint32: 'number',
  uint64: 'number',
  double: 'number',
  float: 'number',
  quantity: 'any',
  intstr: 'any',
};

const NEVER_OWNED: ReadonlySet<string> = new Set([
  'name',
  'namespace',
  'creationTimestamp',
  'selfLink',
  'uid',
  'clusterName',
  'generation',
  'managedFields',
  'resourceVersion',
]);

const ANY: ApplyType = { kind: 'any' };
const STRING: ApplyType = { kind: 'scalar', scalar: 'string' };
const STRINGS: ApplyType = { kind: 'list', merge: 'atomic', keys: [], element: STRING };

type Fields = ReadonlyMap<string, ApplyField>;

/** A struct whose fields are made when first asked for: messages refer to each other in circles, and most schemas are never applied. */
export class StructType {
  readonly kind = 'struct';
  readonly atomic: boolean;
  readonly #make: () => Fields;
  #fields: Fields | undefined;

  constructor(atomic: boolean, make: () => Fields) {
    this.atomic = atomic;
    this.#make = make;
  }

  get fields(): Fields {
    this.#fields ??= this.#make();
    return this.#fields;
  }
}

const granular = new WeakMap<Message, ApplyType>();
const atomic = new WeakMap<Message, ApplyType>();
const roots = new WeakMap<Message, ApplyType>();

/** The value of a map of lazily built types. */
function cached(cache: WeakMap<Message, ApplyType>, message: Message, make: () => ApplyType): ApplyType {
  const known = cache.get(message);
  if (known) return known;
  const type = make();
  cache.set(message, type);
  return type;
}

/** The type of a kind's objects. */
export function applyTypeOf(message: Message): ApplyType {
  return cached(
    roots,
    message,
    () =>
      new StructType(false, () => {
        const fields = [...message.byJsonName].map(([name, field]): [string, ApplyField] => [
          name,
          { type: name === 'metadata' && field.message ? metadataType(field.message) : typeOfField(field), owned: true },
        ]);
        return new Map([...fields, ['kind', { type: STRING, owned: false }], ['apiVersion', { type: STRING, owned: false }]]);
      }),
  );
}

/** The type of metadata; what names an object, and what the server alone writes, nobody owns. */
export function metadataType(message: Message): ApplyType {
  return new StructType(
    false,
    () =>
      new Map([...message.byJsonName].map(([name, field]) => [name, { type: typeOfField(field), owned: !NEVER_OWNED.has(name) }] as const)),
  );
}

/** The type of a message inside of an object; `whole` = it changes owners as a whole, whatever its schema says. */
export function structType(message: Message, whole = false): ApplyType {
  const isAtomic = whole || message.flags.has('atomic');
  return cached(
    isAtomic ? atomic : granular,
    message,
    () =>
      new StructType(
        isAtomic,
        () => new Map([...message.byJsonName].map(([name, field]) => [name, { type: typeOfField(field), owned: true }] as const)),
      ),
  );
}

function itemType(field: Field): ApplyType {
  const { message } = field;
  if (!message) {
    const scalar = SCALARS[field.type];
    return scalar ? { kind: 'scalar', scalar } : ANY;
  }
  const form = message.flags.get('form');
  if (form === 'list') return STRINGS;
  if (form !== undefined) return ANY;
  return structType(message, field.cardinality === 'one' && field.atomicMap);
}

function typeOfField(field: Field): ApplyType {
  const element = itemType(field);
  if (field.cardinality === 'one') return element;
  if (field.cardinality === 'map') return { kind: 'map', atomic: field.atomicMap, element };
  const names = [...(field.listType?.keys ?? [])].sort();
  const keys = names.map((name) => ({ name, default: field.message?.byJsonName.get(name)?.default }));
  return { kind: 'list', merge: field.listType?.kind ?? 'atomic', keys, element };
}
