// Optional values. Rules: cel-go's "Optional Types", as Kubernetes has them.

import { BOOL, type CelType, listOf } from '../cel-type.ts';
import { failure } from '../errors.ts';
import { A, ANY_A, fn, listParam, method, type Overload, optionalParam } from '../overload.ts';
import { ArrayList, CelDuration, CelList, CelMap, CelOptional, CelTimestamp, CelUint, type CelValue } from '../values.ts';

/** Whether a value is its type's zero: what JSON leaves out. */
function isZero(value: CelValue): boolean {
  if (value instanceof CelList || value instanceof CelMap) return value.size === 0;
  if (value instanceof CelUint) return value.value === 0n;
  if (value instanceof CelDuration || value instanceof CelTimestamp) return value.nanos === 0n;
  if (value instanceof Uint8Array) return value.length === 0;
  if (value instanceof CelOptional) return value.value === undefined;
  return value === null || value === '' || value === 0 || value === 0n || value === false;
}

function heldValue(optional: CelOptional): CelValue {
  if (optional.value === undefined) throw failure('optional.none() dereference');
  return optional.value;
}

const itemOf = (list: CelList, index: number): CelValue => new CelOptional(list.size === 0 ? undefined : list.at(index));

/** The values of a list's optionals that have one. */
const unwrapped =
  (name: string) =>
  (list: CelList): CelValue => {
    const items = Array.from(list, (item) => {
      if (!(item instanceof CelOptional)) throw failure(`no such overload: ${name}(list)`);
      return item.value;
    });
    return new ArrayList(items.filter((item) => item !== undefined));
  };

/** The functions of optionals. `or` and `orValue` are here for the checker; the planner evaluates them itself. */
export function optionalLibrary(): readonly Overload[] {
  const optional: CelType = { kind: 'optional', of: A };
  const self = optionalParam(A);
  return [
    fn('optional.of', { params: [ANY_A], result: optional }, (value) => new CelOptional(value)),
    fn('optional.ofNonZeroValue', { params: [ANY_A], result: optional }, (value) => new CelOptional(isZero(value) ? undefined : value)),
    fn('optional.none', { params: [], result: optional }, () => new CelOptional(undefined)),
    method('first', { params: [listParam(A)], result: optional }, (list) => itemOf(list, 0)),
    method('last', { params: [listParam(A)], result: optional }, (list) => itemOf(list, list.size - 1)),
    fn('optional.unwrap', { params: [listParam(optional)], result: listOf(A) }, unwrapped('optional.unwrap')),
    method('unwrapOpt', { params: [listParam(optional)], result: listOf(A) }, unwrapped('unwrapOpt')),
    method('value', { params: [self], result: A }, heldValue),
    method('hasValue', { params: [self], result: BOOL }, ({ value }) => value !== undefined),
    method('or', { params: [self, self], result: optional }, (a, b) => (a.value === undefined ? b : a)),
    method('orValue', { params: [self, ANY_A], result: A }, (a, value) => a.value ?? value),
  ];
}
