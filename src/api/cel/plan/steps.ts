// The parts that planned expressions are made of: closures for operators, access, calls and loops, which count what they cost.
// Rules: CEL specification, "Evaluation"; costs: "Resource use by CEL functions" of the Kubernetes documentation.

import { COST_OF_ACCESS } from '../cost/node-costs.ts';
import { CelEvaluationError, failure, noSuchOverload } from '../errors.ts';
import type { Frame } from '../frame.ts';
import { findIndexed, indexValue } from '../library/operators.ts';
import type { Overload } from '../overload.ts';
import { CelList, CelMap, CelOptional, type CelValue } from '../values.ts';

/** Evaluates one node. @throws CelEvaluationError */
export type Step = (frame: Frame) => CelValue;

/** The error, if an operator may outweigh it; being too costly is final. */
export function absorbed(error: unknown): CelEvaluationError {
  if (error instanceof CelEvaluationError && error.code === 'error') return error;
  throw error;
}

/** A step that costs so much more. */
export function charging(units: number, step: Step): Step {
  return (frame) => {
    frame.charge(units);
    return step(frame);
  };
}

/** A call of one overload. All arguments are evaluated, also when one fails: that is what it costs upstream. */
export function planCall(overload: Overload, steps: readonly Step[]): Step {
  const [first] = steps;
  if (first && steps.length === 1) return (frame) => runOverload(frame, overload, [counted(frame, first)]);
  return (frame) => runOverload(frame, overload, planned(frame, steps));
}

/** Runs an overload and counts what that costs: before it runs where it can take long, so that it holds up the server no longer than its budget. */
export function runOverload(frame: Frame, { run, cost }: Overload, args: readonly CelValue[]): CelValue {
  if (cost.early) {
    frame.charge(cost.count(args, null));
    return run(...args);
  }
  const result = run(...args);
  frame.charge(cost.count(args, result));
  return result;
}

const COST_OF_FAILED_CALL = 1;

function counted(frame: Frame, step: Step): CelValue {
  try {
    return step(frame);
  } catch (error) {
    absorbed(error);
    frame.charge(COST_OF_FAILED_CALL);
    throw error;
  }
}

/** The values of all arguments. @throws the error of the first that fails, when all have been tried */
export function planned(frame: Frame, steps: readonly Step[]): CelValue[] {
  const values: CelValue[] = [];
  let fault: CelEvaluationError | undefined;
  for (const step of steps) {
    try {
      values.push(step(frame));
    } catch (error) {
      fault ??= absorbed(error);
    }
  }
  if (!fault) return values;
  frame.charge(COST_OF_FAILED_CALL);
  throw fault;
}

/** `decides` is the value of one side that makes the other irrelevant. */
export function planLogic(left: Step, right: Step, decides: boolean): Step {
  return (frame) => {
    let fault: CelEvaluationError | undefined;
    try {
      const value = left(frame);
      if (value === decides) return decides;
      if (typeof value !== 'boolean') fault = noSuchOverload();
    } catch (error) {
      fault = absorbed(error);
    }
    const value = right(frame);
    if (value === decides) return decides;
    if (fault) throw fault;
    if (typeof value !== 'boolean') throw noSuchOverload();
    return value;
  };
}

/** `condition ? yes : no`. */
export function planConditional(condition: Step, yes: Step, no: Step): Step {
  return (frame) => {
    const value = condition(frame);
    if (typeof value !== 'boolean') throw noSuchOverload();
    return value ? yes(frame) : no(frame);
  };
}

/** What ends a loop: only an answer that is surely false. */
export function planNotFalse(operand: Step): Step {
  return (frame) => {
    frame.charge(COST_OF_ACCESS);
    try {
      return operand(frame) !== false;
    } catch (error) {
      absorbed(error);
      return true;
    }
  };
}

/** `operand[index]`, and `operand[?index]` where `optional`. */
export function planIndex(operand: Step, index: Step, optional: boolean): Step {
  return (frame) => {
    const value = operand(frame);
    const at = index(frame);
    frame.charge(COST_OF_ACCESS);
    if (value instanceof CelOptional) {
      return new CelOptional(value.value === undefined ? undefined : findIndexed(value.value, at));
    }
    return optional ? new CelOptional(findIndexed(value, at)) : indexValue(value, at);
  };
}

/** `operand.?field`. */
export function planOptionalField(operand: Step, field: string): Step {
  return (frame) => {
    const value = operand(frame);
    frame.charge(COST_OF_ACCESS);
    return optionalField(value, field);
  };
}

/** `a.or(b)` and `a.orValue(b)`: b is evaluated only where a is empty. */
export function planOr(left: Step, right: Step, unwraps: boolean): Step {
  return (frame) => {
    const value = left(frame);
    if (!(value instanceof CelOptional)) throw noSuchOverload();
    if (value.value === undefined) return right(frame);
    return unwraps ? value.value : value;
  };
}

/** The value in an optional item; undefined leaves the item out. */
export function unwrap(value: CelValue): CelValue | undefined {
  if (!(value instanceof CelOptional)) throw failure('cannot initialize optional entry from non-optional value');
  return value.value;
}

function optionalField(value: CelValue, field: string): CelOptional {
  if (value instanceof CelOptional) return value.value === undefined ? value : optionalField(value.value, field);
  if (!(value instanceof CelMap)) throw noSuchOverload();
  return new CelOptional(value.find(field));
}

/** Whether a map or object has a field, or an optional one that has. */
export function hasField(value: CelValue, field: string): boolean {
  if (value instanceof CelOptional) return value.value !== undefined && hasField(value.value, field);
  if (!(value instanceof CelMap)) throw noSuchOverload();
  return value.find(field) !== undefined;
}

/** The field of a map or object. @throws CelEvaluationError if there is none */
export function selectField(value: CelValue, field: string): CelValue {
  if (value instanceof CelMap) {
    const found = value.find(field);
    if (found === undefined) throw failure(`no such key: ${field}`);
    return found;
  }
  if (value instanceof CelOptional) return optionalField(value, field);
  throw noSuchOverload();
}

/** Where a loop's variables are. */
export interface LoopSlots {
  readonly frame: Frame;
  readonly first: number;
  readonly second: number | undefined;
}

/** Calls `turn` for each item or key until it returns false. @throws CelEvaluationError for what has no items */
export function iterate(values: CelValue, { frame, first, second }: LoopSlots, turn: (frame: Frame) => boolean): void {
  const { locals } = frame;
  if (values instanceof CelList) {
    for (let index = 0; index < values.size; index++) {
      if (second === undefined) locals[first] = values.at(index);
      else {
        locals[first] = BigInt(index);
        locals[second] = values.at(index);
      }
      if (!turn(frame)) return;
    }
  } else if (values instanceof CelMap) {
    for (const key of values.keys()) {
      locals[first] = key;
      if (second !== undefined) locals[second] = values.find(key) ?? null;
      if (!turn(frame)) return;
    }
  } else throw noSuchOverload();
}
