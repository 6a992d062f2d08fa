// Calls whose overload is found when they run, by the values of their arguments. The parts of types (elements, keys) are not looked at.

import type { CelType } from '../cel-type.ts';
import { ONE } from '../cost/cost-models.ts';
import { noSuchOverload } from '../errors.ts';
import type { Overload } from '../overload.ts';
import { CelDuration, CelList, CelMap, CelOptional, CelRef, CelTimestamp, CelTypeValue, CelUint, type CelValue } from '../values.ts';
import { planned, runOverload, type Step } from './steps.ts';

/** A call of the first overload that fits. */
export function planDispatch(overloads: readonly Overload[], steps: readonly Step[]): Step {
  const isOneOfSeveral = overloads.length > 1;
  return (frame) => {
    const args = planned(frame, steps);
    const overload = overloads.find(({ params }) => params.every((param, index) => accepts(param, args[index] ?? null)));
    if (!overload) throw noSuchOverload();
    return runOverload(frame, isOneOfSeveral && overload.cost.onlyResolved ? { ...overload, cost: ONE } : overload, args);
  };
}

/** Whether a value may stand for a parameter of that type. */
function accepts(type: CelType, value: CelValue): boolean {
  switch (type.kind) {
    case 'dyn':
    case 'param':
      return true;
    case 'null':
      return value === null;
    case 'bool':
      return typeof value === 'boolean';
    case 'int':
      return typeof value === 'bigint';
    case 'double':
      return typeof value === 'number';
    case 'string':
      return typeof value === 'string';
    case 'bytes':
      return value instanceof Uint8Array;
    default:
      return value instanceof CelRef && acceptsRef(type, value);
  }
}

function acceptsRef(type: CelType, value: CelRef): boolean {
  switch (type.kind) {
    case 'uint':
      return value instanceof CelUint;
    case 'timestamp':
      return value instanceof CelTimestamp;
    case 'duration':
      return value instanceof CelDuration;
    case 'list':
      return value instanceof CelList;
    case 'map':
      return value instanceof CelMap;
    case 'optional':
      return value instanceof CelOptional;
    case 'type':
      return value instanceof CelTypeValue;
    default:
      return (type.kind === 'object' || type.kind === 'opaque') && value.typeName === type.name;
  }
}
