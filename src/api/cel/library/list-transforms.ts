// Functions that make a list of another: slice, flatten, sort, distinct, reverse, and lists.range. Rules: cel-go's "Extended list library", which
// Kubernetes has since 1.34; sortBy is a macro over one of them.

import { DYN, INT, listOf } from '../cel-type.ts';
import { comparingItems, FLATTEN, RANGE, REVERSE, SLICE } from '../cost/list-costs.ts';
import { celCompare, celEquals } from '../equality.ts';
import { failure } from '../errors.ts';
import { A, fn, listParam, method, type Overload, P, type Param } from '../overload.ts';
import { SORT_BY_KEYS } from '../syntax/macros.ts';
import { ArrayList, CelList, type CelValue, typeNameOf } from '../values.ts';

const COMPARABLE: readonly Param<CelValue>[] = [P.int, P.uint, P.double, P.bool, P.duration, P.timestamp, P.string, P.bytes];

/** The whole numbers from 0 below a number, which take no room. */
class RangeList extends CelList {
  readonly merge = undefined;
  readonly size: number;
  constructor(size: number) {
    super();
    this.size = size;
  }
  at(index: number): CelValue {
    return BigInt(index);
  }
}

function slice(list: CelList, from: bigint, to: bigint): CelValue {
  const call = `cannot slice(${from}, ${to})`;
  if (from < 0n || to < 0n) throw failure(`${call}, negative indexes not supported`);
  if (from > to) throw failure(`${call}, start index must be less than or equal to end index`);
  if (to > list.size) throw failure(`${call}, list is length ${list.size}`);
  return new ArrayList(Array.from({ length: Number(to - from) }, (_, index) => list.at(Number(from) + index)));
}

function flatten(list: CelList, depth: bigint): CelValue {
  if (depth < 0n) throw failure('level must be non-negative');
  const items: CelValue[] = [];
  const add = (from: CelList, left: bigint): void => {
    for (const item of from) {
      if (item instanceof CelList && left > 0n) add(item, left - 1n);
      else items.push(item);
    }
  };
  add(list, depth);
  return new ArrayList(items);
}

function distinct(list: CelList): CelValue {
  const items: CelValue[] = [];
  for (const item of list) if (!items.some((other) => celEquals(item, other))) items.push(item);
  return new ArrayList(items);
}

const COMPARABLE_NAMES = new Set([
  'int',
  'uint',
  'double',
  'bool',
  'string',
  'bytes',
  'google.protobuf.Duration',
  'google.protobuf.Timestamp',
]);

/** The list in the order of its keys. */
function sortByKeys(list: CelList, keys: CelList): CelValue {
  if (list.size !== keys.size) {
    throw failure(
      `@sortByAssociatedKeys() expected a list of the same size as the associated keys list, but got ${list.size} and ${keys.size} elements respectively`,
    );
  }
  const items = Array.from(list, (item, index) => ({ item, key: keys.at(index) }));
  const type = typeNameOf(items[0]?.key ?? 0n);
  if (!COMPARABLE_NAMES.has(type)) throw failure('list elements must be comparable');
  if (items.some(({ key }) => typeNameOf(key) !== type)) throw failure('list elements must have the same type');
  return new ArrayList(items.sort((a, b) => celCompare(a.key, b.key) || 0).map(({ item }) => item));
}

function sorting(): Overload[] {
  return COMPARABLE.flatMap((param) => {
    const text = param === P.string || param === P.bytes;
    const keys = listParam(param.type);
    return [
      method('sort', { params: [keys], result: keys.type, cost: comparingItems(0, { text }) }, (list) => sortByKeys(list, list)),
      method(SORT_BY_KEYS, { params: [listParam(A), keys], result: listOf(A), cost: comparingItems(1, { text }) }, sortByKeys),
    ];
  });
}

/** The functions that make lists. */
export function listTransformLibrary(): readonly Overload[] {
  const list = listParam(A);
  const result = listOf(A);
  return [
    ...sorting(),
    method('slice', { params: [list, P.int, P.int], result, cost: SLICE }, slice),
    method('flatten', { params: [listParam(result)], result, cost: FLATTEN }, (nested) => flatten(nested, 1n)),
    method('flatten', { params: [listParam(DYN), P.int], result: listOf(DYN), cost: FLATTEN }, flatten),
    method('distinct', { params: [list], result, cost: { ...comparingItems(0, { text: false }), onlyResolved: false } }, distinct),
    method('reverse', { params: [list], result, cost: REVERSE }, (items) => new ArrayList([...items].reverse())),
    fn('lists.range', { params: [P.int], result: listOf(INT), cost: RANGE }, (size) => new RangeList(Math.max(Number(size), 0))),
  ];
}
