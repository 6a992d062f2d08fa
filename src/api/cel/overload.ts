// Declarations of functions: which types they take and give, what they do, what they cost. A library is a list of overloads.

import { BOOL, BYTES, type CelType, DOUBLE, DURATION, DYN, INT, listOf, mapOf, NULL, opaque, STRING, TIMESTAMP, UINT } from './cel-type.ts';
import { type CostModel, ONE } from './cost/cost-models.ts';
import type { CelDuration, CelList, CelMap, CelOpaque, CelOptional, CelTimestamp, CelUint, CelValue } from './values.ts';

/** One way to call a function. */
export interface Overload {
  readonly name: string;
  /** Called as `x.name(…)`; the first parameter is the receiver. */
  readonly member: boolean;
  readonly params: readonly CelType[];
  readonly result: CelType;
  /** Arguments are of the types of `params`. @throws CelEvaluationError */
  readonly run: (...args: CelValue[]) => CelValue;
  readonly cost: CostModel;
  /** Makes a `run` for a second argument that is a literal string, e.g. compiles a regular expression once. */
  readonly prepare?: (constant: string) => Overload['run'];
}

/** A parameter's type for the checker, and what it is in JavaScript. */
export interface Param<T extends CelValue> {
  readonly type: CelType;
  /** Never set: it only carries the type. */
  readonly value?: T;
}

type Arguments<P extends readonly Param<CelValue>[]> = { [K in keyof P]: P[K] extends Param<infer T> ? T : never };

const param = <T extends CelValue>(type: CelType): Param<T> => ({ type });

/** Parameters of the simple types. */
export const P = {
  null: param<null>(NULL),
  bool: param<boolean>(BOOL),
  int: param<bigint>(INT),
  uint: param<CelUint>(UINT),
  double: param<number>(DOUBLE),
  string: param<string>(STRING),
  bytes: param<Uint8Array>(BYTES),
  timestamp: param<CelTimestamp>(TIMESTAMP),
  duration: param<CelDuration>(DURATION),
  dyn: param<CelValue>(DYN),
};

/** The type parameter `A`, as a type. */
export const A: CelType = { kind: 'param', name: 'A' };
/** The type parameter `B`, as a type. */
export const B: CelType = { kind: 'param', name: 'B' };
/** A parameter of any one type `A`. */
export const ANY_A = param<CelValue>(A);
/** A parameter of any one type `B`. */
export const ANY_B = param<CelValue>(B);

/** A list parameter. */
export const listParam = (element: CelType): Param<CelList> => param(listOf(element));
/** A map parameter. */
export const mapParam = (key: CelType, value: CelType): Param<CelMap> => param(mapOf(key, value));
/** An optional parameter. */
export const optionalParam = (of: CelType): Param<CelOptional> => param({ kind: 'optional', of });
/** A parameter of a library's own type. */
export const opaqueParam = <T extends CelOpaque>(name: string): Param<T> => param(opaque(name));

/** A call's shape: its parameters, its result and what it costs (one unit unless said). */
interface Shape<Q extends readonly Param<CelValue>[]> {
  readonly params: Q;
  readonly result: CelType;
  readonly cost?: CostModel;
  readonly prepare?: (constant: string) => (...args: Arguments<Q>) => CelValue;
}

function overload<const Q extends readonly Param<CelValue>[]>(
  head: { name: string; member: boolean },
  shape: Shape<Q>,
  run: (...args: Arguments<Q>) => CelValue,
): Overload {
  return {
    ...head,
    params: shape.params.map(({ type }) => type),
    result: shape.result,
    // The checker or the dispatcher has made sure of the arguments' types before it calls.
    run: run as Overload['run'],
    cost: shape.cost ?? ONE,
    ...(shape.prepare && { prepare: shape.prepare as NonNullable<Overload['prepare']> }),
  };
}

/** A function called as `name(…)`. */
export function fn<const Q extends readonly Param<CelValue>[]>(
  name: string,
  shape: Shape<Q>,
  run: (...args: Arguments<Q>) => CelValue,
): Overload {
  return overload({ name, member: false }, shape, run);
}

/** A function called as `x.name(…)`, x being the first parameter. */
export function method<const Q extends readonly Param<CelValue>[]>(
  name: string,
  shape: Shape<Q>,
  run: (...args: Arguments<Q>) => CelValue,
): Overload {
  return overload({ name, member: true }, shape, run);
}
