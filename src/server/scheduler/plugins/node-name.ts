// NodeName: a pod that already names a node can only be there.

import type { FilterPlugin } from '../plugin.ts';

const REJECTION = { plugin: 'NodeName', reasons: ["node(s) didn't match the requested node name"], preemptionHelps: false };

/** Compares spec.nodeName. */
export const nodeName: FilterPlugin = {
  name: 'NodeName',
  prepare(pod) {
    const wanted = pod.pod.spec.nodeName;
    if (!wanted) return undefined;
    return { check: (node) => (node.name === wanted ? undefined : REJECTION) };
  },
};
