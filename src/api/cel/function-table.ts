// All functions that expressions may call, by name. Built from the libraries when the first expression is compiled.

import { authorizerLibrary } from './library/authorizer.ts';
import { standardConversions } from './library/conversions.ts';
import { formatLibrary } from './library/formats.ts';
import { listTransformLibrary } from './library/list-transforms.ts';
import { listLibrary } from './library/lists.ts';
import { networkLibrary } from './library/network.ts';
import { standardOperators } from './library/operators.ts';
import { optionalLibrary } from './library/optionals.ts';
import { quantityLibrary } from './library/quantities.ts';
import { regexLibrary } from './library/regex.ts';
import { semverLibrary } from './library/semver.ts';
import { setLibrary } from './library/sets.ts';
import { stringLibrary } from './library/strings.ts';
import { timeLibrary } from './library/times.ts';
import { urlLibrary } from './library/urls.ts';
import type { Overload } from './overload.ts';

/** Functions by name. */
export interface FunctionTable {
  /** Its overloads; none if there is no such function. */
  get(name: string): readonly Overload[];
}

const LIBRARIES: readonly (() => readonly Overload[])[] = [
  standardOperators,
  standardConversions,
  timeLibrary,
  optionalLibrary,
  stringLibrary,
  listLibrary,
  listTransformLibrary,
  setLibrary,
  regexLibrary,
  urlLibrary,
  networkLibrary,
  quantityLibrary,
  semverLibrary,
  formatLibrary,
  authorizerLibrary,
];

let table: FunctionTable | undefined;

/** Kubernetes' functions: CEL's own and its libraries. */
export function kubernetesFunctions(): FunctionTable {
  if (table) return table;
  const byName = new Map<string, Overload[]>();
  for (const library of LIBRARIES) {
    for (const overload of library()) byName.set(overload.name, [...(byName.get(overload.name) ?? []), overload]);
  }
  table = { get: (name) => byName.get(name) ?? [] };
  return table;
}
