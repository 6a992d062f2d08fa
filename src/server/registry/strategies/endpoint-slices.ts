// discovery.k8s.io/v1 has no topology of endpoints any more: what a client writes into its field is dropped.

import { deepEqual } from '../../../api/copy.ts';
import type { KubeObject } from '../../../api/object.ts';
import type { EndpointSlice } from '../../../api/types/discovery-v1.gen.ts';
import { dnsSubdomain } from '../../../api/validation/object-meta.ts';
import type { Strategy } from '../strategy.ts';

const HOST_NAME = 'kubernetes.io/hostname';

/** Drops the topology; the node it named in the object before stays known. */
function dropTopology({ endpoints }: EndpointSlice, old?: EndpointSlice): void {
  const known = new Set((old?.endpoints ?? []).map(({ deprecatedTopology }) => deprecatedTopology?.[HOST_NAME]));
  for (const endpoint of endpoints ?? []) {
    const node = endpoint.deprecatedTopology?.[HOST_NAME];
    if (endpoint.nodeName === undefined && node && known.has(node) && dnsSubdomain(node).length === 0) endpoint.nodeName = node;
    delete endpoint.deprecatedTopology;
  }
}

/** Endpoints that an update leaves as they are keep the topology they were stored with. */
export const endpointSliceStrategy: Strategy<EndpointSlice & KubeObject> = {
  prepareForCreate(slice) {
    dropTopology(slice);
  },
  prepareForUpdate(slice, old) {
    if (!deepEqual(slice.endpoints, old.endpoints)) dropTopology(slice, old);
  },
};
