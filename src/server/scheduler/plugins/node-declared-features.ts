// NodeDeclaredFeatures: a pod that needs something of the kubelet goes only where the node declares it.

import { featuresToRun, lackingFeatures } from '../../../api/node-features.ts';
import type { FilterPlugin } from '../plugin.ts';

const NAME = 'NodeDeclaredFeatures';
const REJECTION = { plugin: NAME, reasons: ["node(s) didn't match Pod's required features"], preemptionHelps: false };

/** Looks at status.declaredFeatures. */
export const nodeDeclaredFeatures: FilterPlugin = {
  name: NAME,
  prepare({ pod }) {
    const wanted = featuresToRun(pod.spec);
    if (wanted.length === 0) return undefined;
    return { check: ({ node }) => (lackingFeatures(wanted, node).length > 0 ? REJECTION : undefined) };
  },
};
