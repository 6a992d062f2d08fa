// Types as values have them: the name that `type(x)` gives, and whether a value may be an argument. The types' parameters are not looked at.

import type { CelType } from './cel-type.ts';
import { CelDuration, CelList, CelMap, CelOptional, CelRef, CelTimestamp, CelTypeValue, CelUint, type CelValue } from './values.ts';

/** The name of a type as a value. */
export function runtimeTypeName(type: CelType): string {
  switch (type.kind) {
    case 'null':
      return 'null_type';
    case 'timestamp':
      return 'google.protobuf.Timestamp';
    case 'duration':
      return 'google.protobuf.Duration';
    case 'optional':
      return 'optional_type';
    case 'object':
    case 'opaque':
    case 'param':
      return type.name;
    default:
      return type.kind;
  }
}

/** Whether a value may stand for a parameter of that type. */
export function accepts(type: CelType, value: CelValue): boolean {
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
