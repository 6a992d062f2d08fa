// Holds the defaults of a schema against its rules (x-kubernetes-validations). Loaded with the first definition that has rules.

import { CelBudget } from '../cel/frame.ts';
import type { HoldDefault } from './default-check.ts';
import { OBJECT_BUDGET, ruleFaults } from './rule-validation.ts';

/**
 * The check of one schema's defaults, which share the budget of an object. Each is taken for a value that has not changed, so that transition
 * rules speak, and then for a new one, so that rules of an optional old value do; the dearer of the two counts. As upstream.
 */
export function defaultRules(): HoldDefault {
  let left = OBJECT_BUDGET;
  return (value, schema, at) => {
    if (left <= 0) return [];
    const unchanged = new CelBudget(left);
    const created = new CelBudget(left);
    const faults = ruleFaults(schema, { value, old: { value }, budget: unchanged }, at);
    if (faults.length === 0) faults.push(...ruleFaults(schema, { value, old: undefined, budget: created }, at));
    left = Math.min(unchanged.remaining, created.remaining);
    return faults;
  };
}
