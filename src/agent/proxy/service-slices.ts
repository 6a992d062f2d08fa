// How EndpointSlices belong to Services: the index that proxy and DNS share.

import type { EndpointSlice } from '../../api/types/discovery-v1.gen.ts';

/** Label that names an EndpointSlice's Service. */
const SERVICE_NAME_LABEL = 'kubernetes.io/service-name';
/** Index of EndpointSlices by `namespace/name` of their Service. */
export const SLICES_BY_SERVICE = 'service';

/** Keys `namespace/name` of the Service an EndpointSlice belongs to; none when it belongs to none. */
export function serviceKeysOf(slice: EndpointSlice): string[] {
  const name = slice.metadata.labels?.[SERVICE_NAME_LABEL];
  return name ? [`${slice.metadata.namespace}/${name}`] : [];
}
