// Validation of the expressions that select devices: each is compiled as it will be evaluated. Loads the engine: whoever needs this file imports it
// with `await import()`. Rules: "Dynamic Resource Allocation"; texts are upstream's. Pure.

import { compileDeviceSelector } from '../cel/device-selector.ts';
import { CelCompileError } from '../cel/errors.ts';
import type { FieldError } from '../status-error.ts';
import type { DeviceExpression } from './device-expressions.ts';
import { forbiddenValue, invalidValue } from './field-error.ts';

/** What the worst case of one expression may cost. */
const MAX_COST = 1_000_000;

/** The faults of expressions: they do not compile, or could cost too much. */
export function selectorFaults(expressions: readonly DeviceExpression[]): FieldError[] {
  return expressions.flatMap(({ field, expression }) => {
    try {
      const { maxCost } = compileDeviceSelector(expression);
      return maxCost > MAX_COST ? [forbiddenValue(field, 'too complex, exceeds cost limit')] : [];
    } catch (error) {
      if (!(error instanceof CelCompileError)) throw error;
      return [invalidValue(field, expression, error.message)];
    }
  });
}
