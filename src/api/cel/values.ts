// CEL values at run time. null, booleans, strings, int (bigint), double (number) and bytes are JavaScript's own; the rest are classes of this file.
// Rules: CEL specification, "Values".

import type { ListMerge } from './cel-type.ts';

/** A value during evaluation. */
export type CelValue = null | boolean | string | bigint | number | Uint8Array | CelRef;

/** Values that are not JavaScript's own. */
export abstract class CelRef {
  /** The name of the value's type, e.g. `list`. */
  abstract readonly typeName: string;
}

/** An unsigned integer. */
export class CelUint extends CelRef {
  readonly typeName = 'uint';
  readonly value: bigint;
  constructor(value: bigint) {
    super();
    this.value = value;
  }
}

/** A point in time, in nanoseconds since 1970. */
export class CelTimestamp extends CelRef {
  readonly typeName = 'google.protobuf.Timestamp';
  readonly nanos: bigint;
  constructor(nanos: bigint) {
    super();
    this.nanos = nanos;
  }
}

/** A length of time in nanoseconds. */
export class CelDuration extends CelRef {
  readonly typeName = 'google.protobuf.Duration';
  readonly nanos: bigint;
  constructor(nanos: bigint) {
    super();
    this.nanos = nanos;
  }
}

/** A list. */
export abstract class CelList extends CelRef {
  readonly typeName = 'list';
  abstract readonly size: number;
  /** Set for lists of schemas that are sets or maps. */
  abstract readonly merge: ListMerge | undefined;
  /** The item at an index below `size`. */
  abstract at(index: number): CelValue;

  *[Symbol.iterator](): Iterator<CelValue> {
    for (let index = 0; index < this.size; index++) yield this.at(index);
  }
}

/** A list of values that are at hand. */
export class ArrayList extends CelList {
  readonly items: CelValue[];
  readonly merge: ListMerge | undefined;
  constructor(items: CelValue[], merge?: ListMerge) {
    super();
    this.items = items;
    this.merge = merge;
  }
  override get size(): number {
    return this.items.length;
  }
  override at(index: number): CelValue {
    return this.items[index] ?? null;
  }
}

/** A map, or an object with fields. */
export abstract class CelMap extends CelRef {
  abstract override readonly typeName: string;
  abstract readonly size: number;
  /** The value of a key, undefined if there is none. */
  abstract find(key: CelValue): CelValue | undefined;
  abstract keys(): Iterable<CelValue>;

  /** The value beside one of `keys()`: also of a field that the object's type does not know. */
  entry(key: CelValue): CelValue | undefined {
    return this.find(key);
  }
}

/** The form of a key by which maps compare: whole numbers of all types are one. Undefined if it can be no key. */
export function mapKey(key: CelValue): string | boolean | bigint | undefined {
  if (typeof key === 'string' || typeof key === 'boolean' || typeof key === 'bigint') return key;
  if (key instanceof CelUint) return key.value;
  return typeof key === 'number' && Number.isInteger(key) ? BigInt(key) : undefined;
}

/** A map of values that are at hand, in the order of insertion. */
export class EntryMap extends CelMap {
  readonly typeName = 'map';
  readonly #entries = new Map<string | boolean | bigint, { key: CelValue; value: CelValue }>();

  get size(): number {
    return this.#entries.size;
  }

  /** Adds an entry. False if the key is there already, or can be none. */
  insert(key: CelValue, value: CelValue): boolean {
    const form = mapKey(key);
    if (form === undefined || this.#entries.has(form)) return false;
    this.#entries.set(form, { key, value });
    return true;
  }

  find(key: CelValue): CelValue | undefined {
    const form = mapKey(key);
    return form === undefined ? undefined : this.#entries.get(form)?.value;
  }

  *keys(): Iterable<CelValue> {
    for (const { key } of this.#entries.values()) yield key;
  }
}

/** A value that may be absent. */
export class CelOptional extends CelRef {
  readonly typeName = 'optional_type';
  /** Undefined if there is none. */
  readonly value: CelValue | undefined;
  constructor(value: CelValue | undefined) {
    super();
    this.value = value;
  }
}

/** A type as a value: what `type(x)` gives. */
export class CelTypeValue extends CelRef {
  readonly typeName = 'type';
  readonly name: string;
  constructor(name: string) {
    super();
    this.name = name;
  }
}

/** A value of a library's own type. */
export abstract class CelOpaque extends CelRef {
  /** Whether the other, of the same type, is equal. */
  abstract equals(other: CelOpaque): boolean;
}

/** The name of a value's type. */
export function typeNameOf(value: CelValue): string {
  if (value === null) return 'null_type';
  if (value instanceof CelRef) return value.typeName;
  if (value instanceof Uint8Array) return 'bytes';
  switch (typeof value) {
    case 'boolean':
      return 'bool';
    case 'bigint':
      return 'int';
    case 'number':
      return 'double';
    default:
      return 'string';
  }
}

/** A number of any of the three types as JavaScript compares them, or undefined. */
export function numeric(value: CelValue): bigint | number | undefined {
  if (typeof value === 'bigint' || typeof value === 'number') return value;
  return value instanceof CelUint ? value.value : undefined;
}

/** Whether a string has characters outside the basic plane, so that its length is not its count of characters. */
const hasSurrogates = (text: string): boolean => /[\ud800-\udfff]/.test(text);

/** Characters (code points) of a string. */
export function stringSize(text: string): number {
  return hasSurrogates(text) ? [...text].length : text.length;
}

/** The size of a value, 1 for what has none; what costs are counted by. */
export function sizeOf(value: CelValue): number {
  if (typeof value === 'string') return stringSize(value);
  if (value instanceof CelList || value instanceof CelMap) return value.size;
  return value instanceof Uint8Array ? value.length : 1;
}

/** The key of a map by a string, e.g. a field's name. */
export function hasKey(map: CelMap, key: CelValue): boolean {
  return map.find(key) !== undefined;
}
