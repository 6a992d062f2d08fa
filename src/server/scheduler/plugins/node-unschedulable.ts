// NodeUnschedulable: cordoned nodes take only pods that tolerate node.kubernetes.io/unschedulable.

import type { FilterPlugin } from '../plugin.ts';
import { isTolerated, UNSCHEDULABLE_TAINT } from '../taints.ts';

const REJECTION = { plugin: 'NodeUnschedulable', reasons: ['node(s) were unschedulable'], preemptionHelps: false };

/** Looks at spec.unschedulable. */
export const nodeUnschedulable: FilterPlugin = {
  name: 'NodeUnschedulable',
  prepare(pod) {
    if (isTolerated(UNSCHEDULABLE_TAINT, pod.pod.spec.tolerations)) return undefined;
    return { check: (node) => (node.node.spec?.unschedulable ? REJECTION : undefined) };
  },
};
