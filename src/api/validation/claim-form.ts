// How upstream shows the spec of a device claim in faults: in its internal form. Pure.

import type { InternalShape } from './internal-form.ts';

const TOLERATION = { key: '', operator: '', value: '', effect: '', tolerationSeconds: null };
const SELECTOR = { cel: { expression: '' } };
const SUB_REQUEST = {
  name: '', deviceClassName: '', selectors: SELECTOR, allocationMode: '', count: 0, tolerations: TOLERATION, capacity: { requests: null },
}; // biome-ignore format: a list of members
const REQUEST = {
  deviceClassName: '', selectors: SELECTOR, allocationMode: '', count: 0, adminAccess: null, tolerations: TOLERATION,
  capacity: { requests: null },
}; // biome-ignore format: a list of members
/** The spec of a ResourceClaim. */
export const CLAIM_SPEC: InternalShape = {
  devices: {
    requests: { name: '', exactly: REQUEST, firstAvailable: SUB_REQUEST },
    constraints: { requests: null, matchAttribute: null, distinctAttribute: null },
    config: { requests: null, opaque: { driver: '', parameters: null } },
  },
};
