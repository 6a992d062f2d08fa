// CEL's operators and the functions that come with them: arithmetic with overflow errors, comparison, indexing, size.
// Rules: CEL specification, "Standard Definitions"; comparisons between number types as Kubernetes enables them.

import { BOOL, BYTES, type CelType, DOUBLE, DURATION, INT, type ListMerge, listOf, mapOf, STRING, TIMESTAMP, UINT } from '../cel-type.ts';
import { AFFIX, COMPARE, CONCATENATE, CONCATENATE_LISTS, CONTAINS, EQUALS, SEARCH_LIST } from '../cost/cost-models.ts';
import { celCompare, celEquals, itemKey, itemsByKey } from '../equality.ts';
import { failure } from '../errors.ts';
import { A, ANY_A, ANY_B, B, fn, listParam, mapParam, method, type Overload, optionalParam, P, type Param } from '../overload.ts';
import { MAX_INT, MAX_UINT, MIN_INT } from '../syntax/literals.ts';
import { durationOf, timestampOf } from '../time-text.ts';
import { ArrayList, CelList, CelMap, CelUint, type CelValue, EntryMap, hasKey, numeric, stringSize } from '../values.ts';

/** The int, unless 64 bits do not hold it. */
function int(value: bigint): bigint {
  if (value > MAX_INT || value < MIN_INT) throw failure('integer overflow');
  return value;
}

function uint(value: bigint): CelUint {
  if (value > MAX_UINT || value < 0n) throw failure('unsigned integer overflow');
  return new CelUint(value);
}

const duration = (nanos: bigint): CelValue => durationOf(nanos) ?? overflow('duration');
const timestamp = (nanos: bigint): CelValue => timestampOf(nanos) ?? overflow('timestamp');

function overflow(what: string): never {
  throw failure(`${what} overflow`);
}

function nonZero(value: bigint, what: string): bigint {
  if (value === 0n) throw failure(`${what} by zero`);
  return value;
}

const pair = <T extends CelValue>(param: Param<T>): readonly [Param<T>, Param<T>] => [param, param];

function arithmetic(): Overload[] {
  const ints = { params: pair(P.int), result: INT };
  const uints = { params: pair(P.uint), result: UINT };
  const doubles = { params: pair(P.double), result: DOUBLE };
  return [
    fn('_+_', ints, (a, b) => int(a + b)),
    fn('_+_', uints, (a, b) => uint(a.value + b.value)),
    fn('_+_', doubles, (a, b) => a + b),
    fn('_-_', ints, (a, b) => int(a - b)),
    fn('_-_', uints, (a, b) => uint(a.value - b.value)),
    fn('_-_', doubles, (a, b) => a - b),
    fn('_*_', ints, (a, b) => int(a * b)),
    fn('_*_', uints, (a, b) => uint(a.value * b.value)),
    fn('_*_', doubles, (a, b) => a * b),
    fn('_/_', ints, (a, b) => int(a / nonZero(b, 'division'))),
    fn('_/_', uints, (a, b) => uint(a.value / nonZero(b.value, 'division'))),
    fn('_/_', doubles, (a, b) => a / b),
    fn('_%_', ints, (a, b) => a % nonZero(b, 'modulus')),
    fn('_%_', uints, (a, b) => uint(a.value % nonZero(b.value, 'modulus'))),
    fn('-_', { params: [P.int], result: INT }, (a) => int(-a)),
    fn('-_', { params: [P.double], result: DOUBLE }, (a) => -a),
    fn('!_', { params: [P.bool], result: BOOL }, (a) => !a),
  ];
}

function timeArithmetic(): Overload[] {
  return [
    fn('_+_', { params: [P.timestamp, P.duration], result: TIMESTAMP }, (a, b) => timestamp(a.nanos + b.nanos)),
    fn('_+_', { params: [P.duration, P.timestamp], result: TIMESTAMP }, (a, b) => timestamp(a.nanos + b.nanos)),
    fn('_+_', { params: [P.duration, P.duration], result: DURATION }, (a, b) => duration(a.nanos + b.nanos)),
    fn('_-_', { params: [P.timestamp, P.timestamp], result: DURATION }, (a, b) => duration(a.nanos - b.nanos)),
    fn('_-_', { params: [P.timestamp, P.duration], result: TIMESTAMP }, (a, b) => timestamp(a.nanos - b.nanos)),
    fn('_-_', { params: [P.duration, P.duration], result: DURATION }, (a, b) => duration(a.nanos - b.nanos)),
  ];
}

const joinBytes = (a: Uint8Array, b: Uint8Array): Uint8Array => new Uint8Array(Buffer.concat([a, b]));

/** A fold's own list grows in place (the planner sees to that); all others are copied. */
function joinLists(a: CelList, b: CelList): CelList {
  return a.merge ? mergeLists(a, b, a.merge) : new ArrayList([...a, ...b]);
}

/** A set takes what it does not have, a map the items of the other in place of its own. */
function mergeLists(a: CelList, b: CelList, merge: ListMerge): CelList {
  const items = itemsByKey(a);
  for (const item of b) {
    const key = itemKey(item, merge);
    if (merge !== 'set' || !items.has(key)) items.set(key, item);
  }
  return new ArrayList([...items.values()], merge);
}

function concatenation(): Overload[] {
  return [
    fn('_+_', { params: [P.string, P.string], result: STRING, cost: CONCATENATE }, (a, b) => a + b),
    fn('_+_', { params: [P.bytes, P.bytes], result: BYTES, cost: CONCATENATE }, joinBytes),
    fn('_+_', { params: [listParam(A), listParam(A)], result: listOf(A), cost: CONCATENATE_LISTS }, joinLists),
  ];
}

const ORDER: readonly (readonly [string, (order: number) => boolean])[] = [
  ['_<_', (order) => order < 0],
  ['_<=_', (order) => order <= 0],
  ['_>_', (order) => order > 0],
  ['_>=_', (order) => order >= 0],
];

function comparison(): Overload[] {
  const numbers = [P.int, P.uint, P.double];
  return ORDER.flatMap(([name, holds]) => {
    const run = (a: CelValue, b: CelValue): boolean => holds(celCompare(a, b));
    const same = [P.bool, P.int, P.uint, P.double, P.timestamp, P.duration].map((param: Param<CelValue>) =>
      fn(name, { params: [param, param], result: BOOL }, run),
    );
    const long = [P.string, P.bytes].map((param: Param<CelValue>) =>
      fn(name, { params: [param, param], result: BOOL, cost: COMPARE }, run),
    );
    const crossed = numbers.flatMap((a: Param<CelValue>) =>
      numbers.filter((b) => b !== a).map((b: Param<CelValue>) => fn(name, { params: [a, b], result: BOOL }, run)),
    );
    return [...same, ...long, ...crossed];
  });
}

function equality(): Overload[] {
  const shape = { params: [ANY_A, ANY_A], result: BOOL } as const;
  return [fn('_==_', { ...shape, cost: EQUALS }, celEquals), fn('_!=_', { ...shape, cost: COMPARE }, (a, b) => !celEquals(a, b))];
}

function listHolds(list: CelList, value: CelValue): boolean {
  for (let index = 0; index < list.size; index++) if (celEquals(list.at(index), value)) return true;
  return false;
}

function membership(): Overload[] {
  return [
    fn('@in', { params: [ANY_A, listParam(A)], result: BOOL, cost: SEARCH_LIST }, (value, list) => listHolds(list, value)),
    fn('@in', { params: [ANY_A, mapParam(A, B)], result: BOOL }, (key, map) => hasKey(map, key)),
  ];
}

/** The item or entry of an index. @throws CelEvaluationError if there is none */
export function indexValue(operand: CelValue, index: CelValue): CelValue {
  const found = findIndexed(operand, index);
  if (found !== undefined) return found;
  if (operand instanceof CelList) throw failure(`index out of bounds: ${numeric(index)}`);
  throw failure(`no such key: ${typeof index === 'string' ? index : (numeric(index) ?? index)}`);
}

/** The item or entry of an index, or undefined. @throws CelEvaluationError if the operand has no items, or the index is no whole number */
export function findIndexed(operand: CelValue, index: CelValue): CelValue | undefined {
  if (operand instanceof CelMap) return operand.find(index);
  if (!(operand instanceof CelList)) throw failure('no such overload');
  const number = Number(numeric(index) ?? Number.NaN);
  if (!Number.isInteger(number)) throw failure(`unsupported index type '${typeof index === 'string' ? 'string' : 'double'}' in list`);
  return number >= 0 && number < operand.size ? operand.at(number) : undefined;
}

/** What indexing gives, for the checker: the planner evaluates it itself. */
function indexing(): Overload[] {
  const optional = (of: CelType): CelType => ({ kind: 'optional', of });
  const never = (): CelValue => null;
  return [
    fn('_[_]', { params: [listParam(A), P.int], result: A }, never),
    fn('_[_]', { params: [mapParam(A, B), ANY_A], result: B }, never),
    fn('_[_]', { params: [optionalParam(listOf(A)), P.int], result: optional(A) }, never),
    fn('_[_]', { params: [optionalParam(mapOf(A, B)), ANY_A], result: optional(B) }, never),
    fn('_[?_]', { params: [listParam(A), P.int], result: optional(A) }, never),
    fn('_[?_]', { params: [mapParam(A, B), ANY_A], result: optional(B) }, never),
    fn('_[?_]', { params: [optionalParam(listOf(A)), P.int], result: optional(A) }, never),
    fn('_[?_]', { params: [optionalParam(mapOf(A, B)), ANY_A], result: optional(B) }, never),
    fn('_?_:_', { params: [P.bool, ANY_A, ANY_A], result: A }, never),
    fn('_&&_', { params: [P.bool, P.bool], result: BOOL }, never),
    fn('_||_', { params: [P.bool, P.bool], result: BOOL }, never),
    fn('@not_strictly_false', { params: [P.bool], result: BOOL }, never),
  ];
}

function sizes(): Overload[] {
  const of = [
    [P.string, (value: CelValue) => stringSize(String(value))],
    [P.bytes, (value: CelValue) => (value instanceof Uint8Array ? value.length : 0)],
    [listParam(A), (value: CelValue) => (value instanceof CelList ? value.size : 0)],
    [mapParam(A, B), (value: CelValue) => (value instanceof CelMap ? value.size : 0)],
  ] as const;
  return of.flatMap(([param, size]: readonly [Param<CelValue>, (value: CelValue) => number]) => {
    const run = (value: CelValue): CelValue => BigInt(size(value));
    return [fn('size', { params: [param], result: INT }, run), method('size', { params: [param], result: INT }, run)];
  });
}

function insert(map: CelMap, key: CelValue, value: CelValue): CelMap {
  const copy = map instanceof EntryMap ? map : new EntryMap();
  if (copy !== map) for (const known of map.keys()) copy.insert(known, map.find(known) ?? null);
  if (!copy.insert(key, value)) throw failure(`insert failed: key ${typeof key === 'string' ? key : numeric(key)} already exists`);
  return copy;
}

function insertAll(map: CelMap, entries: CelMap): CelMap {
  let result = map;
  for (const key of entries.keys()) result = insert(result, key, entries.find(key) ?? null);
  return result;
}

/** What macros over maps become: the fold's own map grows in place. */
function insertion(): Overload[] {
  const result = mapOf(A, B);
  return [
    fn('cel.@mapInsert', { params: [mapParam(A, B), ANY_A, ANY_B], result }, insert),
    fn('cel.@mapInsert', { params: [mapParam(A, B), mapParam(A, B)], result }, insertAll),
  ];
}

function strings(): Overload[] {
  const shape = { params: pair(P.string), result: BOOL };
  return [
    method('startsWith', { ...shape, cost: AFFIX }, (text, prefix) => text.startsWith(prefix)),
    method('endsWith', { ...shape, cost: AFFIX }, (text, suffix) => text.endsWith(suffix)),
    method('contains', { ...shape, cost: CONTAINS }, (text, part) => text.includes(part)),
  ];
}

/** The operators, and what else the language itself defines. */
export function standardOperators(): readonly Overload[] {
  return [
    ...arithmetic(),
    ...timeArithmetic(),
    ...concatenation(),
    ...comparison(),
    ...equality(),
    ...membership(),
    ...indexing(),
    ...sizes(),
    ...insertion(),
    ...strings(),
  ];
}
