// Equality and order of CEL values. Rules: CEL specification, "Equality" and "Ordering": numbers compare across their types, other types never are equal.

import type { ListMerge } from './cel-type.ts';
import { CelDuration, CelList, CelMap, CelOpaque, CelOptional, CelTimestamp, CelTypeValue, type CelValue, numeric } from './values.ts';

/** Whether two values are equal; NaN equals nothing. */
export function celEquals(a: CelValue, b: CelValue): boolean {
  if (a === b) return true;
  const left = numeric(a);
  if (left !== undefined) {
    const right = numeric(b);
    return right !== undefined && compareNumbers(left, right) === 0;
  }
  if (a === null || b === null || typeof a !== 'object' || typeof b !== 'object') return false;
  if (a instanceof Uint8Array) return b instanceof Uint8Array && Buffer.compare(a, b) === 0;
  if (b instanceof Uint8Array) return false;
  if (a instanceof CelList) return b instanceof CelList && equalLists(a, b);
  if (a instanceof CelMap) return b instanceof CelMap && equalMaps(a, b);
  if (a instanceof CelTimestamp) return b instanceof CelTimestamp && a.nanos === b.nanos;
  if (a instanceof CelDuration) return b instanceof CelDuration && a.nanos === b.nanos;
  if (a instanceof CelTypeValue) return b instanceof CelTypeValue && a.name === b.name;
  if (a instanceof CelOptional) return b instanceof CelOptional && equalOptionals(a, b);
  return a instanceof CelOpaque && b instanceof CelOpaque && a.typeName === b.typeName && a.equals(b);
}

/** A list that is a set or a map is equal to one with the same items in any order. */
function equalLists(a: CelList, b: CelList): boolean {
  if (a.size !== b.size) return false;
  if (a.merge) {
    const items = itemsByKey(a);
    for (const item of b) {
      const own = items.get(itemKey(item, a.merge));
      if (own === undefined || !celEquals(own, item)) return false;
    }
    return true;
  }
  for (let index = 0; index < a.size; index++) if (!celEquals(a.at(index), b.at(index))) return false;
  return true;
}

/** Items of a set or map list by what names them. */
export function itemsByKey(list: CelList): Map<string, CelValue> {
  return new Map(Array.from(list, (item) => [itemKey(item, list.merge ?? 'set'), item]));
}

/** What names an item of a set (itself) or of a map (the values of its key fields). */
export function itemKey(item: CelValue, merge: ListMerge): string {
  const values = merge === 'set' ? [item] : merge.map((name) => (item instanceof CelMap ? (item.find(name) ?? null) : null));
  return values.map((value) => `${typeof value} ${String(numeric(value) ?? value)}`).join('\0');
}

function equalMaps(a: CelMap, b: CelMap): boolean {
  if (a.size !== b.size) return false;
  for (const key of a.keys()) {
    const other = b.entry(key);
    if (other === undefined || !celEquals(a.entry(key) ?? null, other)) return false;
  }
  return true;
}

function equalOptionals(a: CelOptional, b: CelOptional): boolean {
  if (a.value === undefined || b.value === undefined) return a.value === b.value;
  return celEquals(a.value, b.value);
}

/** Negative, zero or positive; NaN when the values have no order (other types, or a number that is none). */
export function celCompare(a: CelValue, b: CelValue): number {
  const left = numeric(a);
  const right = numeric(b);
  if (left !== undefined && right !== undefined) return compareNumbers(left, right);
  if (typeof a === 'string' && typeof b === 'string') return compareStrings(a, b);
  if (typeof a === 'boolean' && typeof b === 'boolean') return Number(a) - Number(b);
  if (a instanceof Uint8Array && b instanceof Uint8Array) return Buffer.compare(a, b);
  if ((a instanceof CelTimestamp && b instanceof CelTimestamp) || (a instanceof CelDuration && b instanceof CelDuration)) {
    return a.nanos < b.nanos ? -1 : a.nanos > b.nanos ? 1 : 0;
  }
  return Number.NaN;
}

/** A whole number is compared with a floating point one as one of those, as CEL does; NaN if one of them is. */
function compareNumbers(a: bigint | number, b: bigint | number): number {
  const [left, right] = typeof a === typeof b ? [a, b] : [Number(a), Number(b)];
  if (left < right) return -1;
  if (left > right) return 1;
  return Number.isNaN(left) || Number.isNaN(right) ? Number.NaN : 0;
}

/** By code points, not by UTF-16 units: the two differ above the surrogates. */
function compareStrings(a: string, b: string): number {
  const length = Math.min(a.length, b.length);
  for (let index = 0; index < length; index++) {
    const left = a.charCodeAt(index);
    const right = b.charCodeAt(index);
    if (left === right) continue;
    const leftHigh = left >= 0xd800 && left <= 0xdfff;
    const rightHigh = right >= 0xd800 && right <= 0xdfff;
    return leftHigh === rightHigh ? left - right : leftHigh ? 1 : -1;
  }
  return a.length - b.length;
}
