// How what is written out is evaluated: literals, lists, maps and objects. Costs: "Resource use by CEL functions" of the Kubernetes documentation.

import { COST_OF_LIST, COST_OF_MAP, COST_OF_OBJECT } from '../cost/node-costs.ts';
import { failure } from '../errors.ts';
import { MadeObject } from '../json-adapter.ts';
import type { ListNode, LiteralNode, MapNode, StructNode } from '../syntax/syntax.ts';
import { ArrayList, type CelValue, EntryMap, mapKey } from '../values.ts';
import { constantValue } from './constants.ts';
import type { PlanScope } from './plan-scope.ts';
import { type Step, unwrap } from './steps.ts';

/** A constant. */
export function planLiteral(_scope: PlanScope, { value }: LiteralNode): Step {
  return () => value;
}

/** A list; optional elements that are absent are left out. */
export function planList(scope: PlanScope, expr: ListNode): Step {
  const constant = constantValue(scope, expr);
  if (constant !== undefined) return () => constant;
  const elements = expr.elements.map(({ value, optional }) => ({ step: scope.plan(value), optional }));
  return (frame) => {
    const items: CelValue[] = [];
    for (const { step, optional } of elements) {
      const value = optional ? unwrap(step(frame)) : step(frame);
      if (value !== undefined) items.push(value);
    }
    frame.charge(COST_OF_LIST);
    return new ArrayList(items);
  };
}

/** A map; optional entries that are absent are left out. */
export function planMap(scope: PlanScope, expr: MapNode): Step {
  const constant = constantValue(scope, expr);
  if (constant !== undefined) return () => constant;
  const entries = expr.entries.map((entry) => ({ key: scope.plan(entry.key), value: scope.plan(entry.value), optional: entry.optional }));
  return (frame) => {
    const map = new EntryMap();
    for (const { key: keyStep, value: valueStep, optional } of entries) {
      const key = keyStep(frame);
      const value = optional ? unwrap(valueStep(frame)) : valueStep(frame);
      if (value === undefined || map.insert(key, value)) continue;
      throw failure(mapKey(key) === undefined ? 'unsupported key type' : `Failed with repeated key`);
    }
    frame.charge(COST_OF_MAP);
    return map;
  };
}

/** An object of a declared type. */
export function planStruct(scope: PlanScope, expr: StructNode): Step {
  const type = scope.typeOf(expr.type.replace(/^\./, ''));
  const fields = expr.fields.map(({ name, value, optional }) => ({ name, step: scope.plan(value), optional }));
  return (frame) => {
    const values = new Map<string, CelValue>();
    for (const { name, step, optional } of fields) {
      const value = optional ? unwrap(step(frame)) : step(frame);
      if (value !== undefined) values.set(name, value);
    }
    frame.charge(COST_OF_OBJECT);
    if (type?.kind !== 'object') throw failure(`unknown type: ${expr.type}`);
    return new MadeObject(type, values);
  };
}
