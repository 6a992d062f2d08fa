// Types that expressions name: CEL's own and those of Kubernetes' libraries.

import {
  BOOL,
  BYTES,
  type CelType,
  DOUBLE,
  DURATION,
  DYN,
  INT,
  listOf,
  mapOf,
  NULL,
  opaque,
  STRING,
  TIMESTAMP,
  typeName,
  UINT,
} from './cel-type.ts';
import { OPAQUE_TYPES } from './opaque-types.ts';

const TYPES: readonly CelType[] = [
  NULL,
  BOOL,
  INT,
  UINT,
  DOUBLE,
  STRING,
  BYTES,
  TIMESTAMP,
  DURATION,
  listOf(DYN),
  mapOf(DYN, DYN),
  { kind: 'type', of: DYN },
  { kind: 'optional', of: DYN },
  ...OPAQUE_TYPES.map(opaque),
];

let types: ReadonlyMap<string, CelType> | undefined;

/** The type of that name, or undefined. */
export function namedType(name: string): CelType | undefined {
  types ??= new Map(TYPES.map((type) => [typeName(type), type]));
  return types.get(name);
}
