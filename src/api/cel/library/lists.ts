// Kubernetes' list functions: isSorted, sum, min, max, indexOf, lastIndexOf. Rules: "Kubernetes CEL libraries", "Kubernetes list library".

import { BOOL, INT } from '../cel-type.ts';
import { TRAVERSE } from '../cost/cost-models.ts';
import { celCompare, celEquals } from '../equality.ts';
import { failure } from '../errors.ts';
import { A, ANY_A, listParam, method, type Overload, P, type Param } from '../overload.ts';
import { MAX_INT, MAX_UINT, MIN_INT } from '../syntax/literals.ts';
import { CelDuration, type CelList, CelUint, type CelValue, numeric } from '../values.ts';

const COMPARABLE: readonly Param<CelValue>[] = [P.int, P.uint, P.double, P.bool, P.duration, P.timestamp, P.string, P.bytes];

function isSorted(list: CelList): boolean {
  for (let index = 1; index < list.size; index++) if (!(celCompare(list.at(index - 1), list.at(index)) <= 0)) return false;
  return true;
}

/** The item that no other one is before, where `direction` is 1, or after, where it is -1. */
function extreme(list: CelList, direction: 1 | -1): CelValue {
  if (list.size === 0) throw failure(`${direction === 1 ? 'min' : 'max'} called on empty list`);
  let best = list.at(0);
  for (let index = 1; index < list.size; index++) if (celCompare(list.at(index), best) * direction < 0) best = list.at(index);
  return best;
}

function find(list: CelList, value: CelValue): bigint {
  for (let index = 0; index < list.size; index++) if (celEquals(list.at(index), value)) return BigInt(index);
  return -1n;
}

function findLast(list: CelList, value: CelValue): bigint {
  for (let index = list.size - 1; index >= 0; index--) if (celEquals(list.at(index), value)) return BigInt(index);
  return -1n;
}

const whole = (list: CelList): bigint => {
  let sum = 0n;
  for (const item of list) sum += item instanceof CelDuration ? item.nanos : BigInt(numeric(item) ?? 0n);
  return sum;
};

function bounded(value: bigint, least: bigint, most: bigint): bigint {
  if (value < least || value > most) throw failure('integer overflow');
  return value;
}

function sumDoubles(list: CelList): number {
  let sum = 0;
  for (const item of list) sum += Number(numeric(item) ?? 0);
  return sum;
}

function sums(): Overload[] {
  const sum = (param: Param<CelValue>, run: (list: CelList) => CelValue): Overload =>
    method('sum', { params: [listParam(param.type)], result: param.type, cost: TRAVERSE }, run);
  return [
    sum(P.int, (list) => bounded(whole(list), MIN_INT, MAX_INT)),
    sum(P.uint, (list) => new CelUint(bounded(whole(list), 0n, MAX_UINT))),
    sum(P.double, sumDoubles),
    sum(P.duration, (list) => new CelDuration(bounded(whole(list), MIN_INT, MAX_INT))),
  ];
}

/** The list functions. */
export function listLibrary(): readonly Overload[] {
  return [
    ...COMPARABLE.flatMap((param) => [
      method('isSorted', { params: [listParam(param.type)], result: BOOL, cost: TRAVERSE }, isSorted),
      method('min', { params: [listParam(param.type)], result: param.type, cost: TRAVERSE }, (list) => extreme(list, 1)),
      method('max', { params: [listParam(param.type)], result: param.type, cost: TRAVERSE }, (list) => extreme(list, -1)),
    ]),
    ...sums(),
    method('indexOf', { params: [listParam(A), ANY_A], result: INT, cost: TRAVERSE }, find),
    method('lastIndexOf', { params: [listParam(A), ANY_A], result: INT, cost: TRAVERSE }, findLast),
  ];
}
