// Helpers of expressions that make JSON patches. Rules: "Mutating Admission Policy", JSONPatch; RFC 6901 for the escaping.

import { STRING } from '../cel-type.ts';
import { TRANSFORM } from '../cost/cost-models.ts';
import { fn, type Overload, P } from '../overload.ts';

/** jsonpatch.escapeKey. */
export function jsonPatchLibrary(): readonly Overload[] {
  return [
    fn('jsonpatch.escapeKey', { params: [P.string], result: STRING, cost: TRANSFORM }, (key) =>
      key.replaceAll('~', '~0').replaceAll('/', '~1'),
    ),
  ];
}
