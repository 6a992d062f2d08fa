// The JSONPatch type that expressions of mutating policies construct. Rules: "Mutating Admission Policy", JSONPatch.

import { type CelField, type CelType, DYN, objectOf, STRING } from './cel-type.ts';

/** One operation of a JSON patch. */
export function jsonPatchType(): CelType {
  const field = (jsonName: string, type: CelType): [string, CelField] => [jsonName, { jsonName, type }];
  return objectOf('JSONPatch', new Map([field('op', STRING), field('path', STRING), field('from', STRING), field('value', DYN)]));
}
