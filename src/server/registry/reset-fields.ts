// Fields that a write cannot change, whatever it says: nobody comes to own them by it.

import { type Fields, LEAF, nodeOf } from '../../api/apply/field-set.ts';
import { groupResourceString } from '../../api/resources.ts';
import type { ServedResource } from './served-resource.ts';

const SPEC: Fields = nodeOf({ 'f:spec': LEAF }, false);
const STATUS: Fields = nodeOf({ 'f:status': LEAF }, false);
const SPEC_AND_STATUS: Fields = nodeOf({ 'f:spec': LEAF, 'f:status': LEAF }, false);
const SPEC_AND_METADATA: Fields = nodeOf({ 'f:spec': LEAF, 'f:metadata': LEAF }, false);
const NOT_SPEC: Fields = nodeOf({ 'f:metadata': LEAF, 'f:status': LEAF }, false);
const SPEC_AND_LABELS: Fields = nodeOf({ 'f:spec': LEAF, 'f:metadata': nodeOf({ 'f:labels': LEAF }, false) }, false);
const POD_NOT_STATUS: Fields = nodeOf(
  { 'f:spec': LEAF, 'f:metadata': nodeOf({ 'f:deletionTimestamp': LEAF, 'f:ownerReferences': LEAF }, false) },
  false,
);

/** Whole fields (with all below them) that a write of a resource or of one of its sub-resources leaves as they are. */
export function resetFields(served: ServedResource, subresource: string): Fields {
  const name = groupResourceString(served.info);
  switch (subresource) {
    case '':
      if (name === 'certificatesigningrequests.certificates.k8s.io') return SPEC_AND_STATUS;
      return served.info.hasStatus ? STATUS : undefined;
    case 'status':
      if (name === 'pods') return POD_NOT_STATUS;
      if (served.flags.statusKeepsMetadata) return SPEC_AND_METADATA;
      return served.strategy.prepareForStatusUpdate ? SPEC : SPEC_AND_LABELS;
    case 'approval':
      return SPEC;
    case 'ephemeralcontainers':
    case 'resize':
      return NOT_SPEC;
    default:
      return undefined;
  }
}
