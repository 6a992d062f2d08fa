// What one evaluation works on: its variables, its local values, and what it may still cost.

import type { CelType } from './cel-type.ts';
import { DYN } from './cel-type.ts';
import { CelEvaluationError } from './errors.ts';
import { adaptJson } from './json-adapter.ts';
import type { CelValue } from './values.ts';

/** The cost of one evaluation may not be higher; upstream's PerCallLimit. */
export const MAX_COST_PER_EVALUATION = 1_000_000;

/** What the expressions of one request, or of one object, may cost together. */
export class CelBudget {
  #remaining: number;

  constructor(limit: number) {
    this.#remaining = limit;
  }

  /** Units that are left; not positive when it is used up. */
  get remaining(): number {
    return this.#remaining;
  }

  /** Takes what an evaluation has cost. */
  use(cost: number): void {
    this.#remaining -= cost;
  }
}

/** An error that is a step's result for now: later steps may make it irrelevant. */
export class Fault {
  readonly error: CelEvaluationError;
  constructor(error: CelEvaluationError) {
    this.error = error;
  }
}

/** The state of one evaluation. */
export class Frame {
  /** By the planner's numbering. */
  readonly locals: (CelValue | Fault)[] = [];
  readonly #limit: number;
  readonly #values: Readonly<Record<string, unknown>>;
  readonly #types: ReadonlyMap<string, CelType>;
  readonly #adapted = new Map<string, CelValue>();
  #cost = 0;

  constructor(limit: number, values: Readonly<Record<string, unknown>>, types: ReadonlyMap<string, CelType>) {
    this.#limit = limit;
    this.#values = values;
    this.#types = types;
  }

  get cost(): number {
    return this.#cost;
  }

  /** Counts what a step costs. @throws CelEvaluationError when that is too much */
  charge(units: number): void {
    this.#cost += units;
    if (this.#cost > this.#limit) throw new CelEvaluationError('operation cancelled: actual cost limit exceeded', 'cost');
  }

  /** The value of a declared variable, adapted when first asked for. @throws CelEvaluationError if it was not given */
  variable(name: string): CelValue {
    const known = this.#adapted.get(name);
    if (known !== undefined) return known;
    const given = this.#values[name];
    if (given === undefined) throw new CelEvaluationError(`no such attribute(s): ${name}`);
    const value = adaptJson(typeof given === 'function' ? given() : given, this.#types.get(name) ?? DYN);
    this.#adapted.set(name, value);
    return value;
  }
}
