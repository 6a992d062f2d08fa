// Types that expressions name: CEL's own and those of Kubernetes' libraries.

import { BOOL, BYTES, type CelType, DOUBLE, DURATION, DYN, INT, listOf, mapOf, NULL, opaque, STRING, TIMESTAMP, UINT } from './cel-type.ts';
import { OPAQUE_TYPES } from './opaque-types.ts';

let types: ReadonlyMap<string, CelType> | undefined;

function makeTypes(): ReadonlyMap<string, CelType> {
  return new Map<string, CelType>([
    ['null_type', NULL],
    ['bool', BOOL],
    ['int', INT],
    ['uint', UINT],
    ['double', DOUBLE],
    ['string', STRING],
    ['bytes', BYTES],
    ['google.protobuf.Timestamp', TIMESTAMP],
    ['google.protobuf.Duration', DURATION],
    ['list', listOf(DYN)],
    ['map', mapOf(DYN, DYN)],
    ['type', { kind: 'type', of: DYN }],
    ['optional_type', { kind: 'optional', of: DYN }],
    ...OPAQUE_TYPES.map((name): [string, CelType] => [name, opaque(name)]),
  ]);
}

/** The type of that name, or undefined. */
export function namedType(name: string): CelType | undefined {
  types ??= makeTypes();
  return types.get(name);
}
