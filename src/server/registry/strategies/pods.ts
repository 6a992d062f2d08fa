// Pods: status belongs to the node, deletion is graceful, and the quality-of-service class is fixed at creation.

import { qosClass } from '../../../api/pod-resources.ts';
import type * as core from '../../../api/types/core-v1.gen.ts';
import { rfc3339 } from '../../../base/clock.ts';
import type { Strategy } from '../strategy.ts';

/** Whether all containers of a pod have ended for good. */
function isTerminal(pod: core.Pod): boolean {
  return pod.status?.phase === 'Succeeded' || pod.status?.phase === 'Failed';
}

/** Strategy of pods. */
export const podStrategy: Strategy<core.Pod> = {
  prepareForCreate(pod, { nowMs }) {
    pod.status = { phase: 'Pending' };
    pod.status.qosClass = qosClass(pod);
    const gates = pod.spec.schedulingGates ?? [];
    if (gates.length > 0) {
      pod.status.conditions = [
        {
          type: 'PodScheduled',
          status: 'False',
          lastTransitionTime: rfc3339(nowMs),
          reason: 'SchedulingGated',
          message: 'Scheduling is blocked due to non-empty scheduling gates',
        },
      ];
    }
  },
  prepareForStatusUpdate(pod, old) {
    pod.spec = old.spec;
    if (old.metadata.ownerReferences) pod.metadata.ownerReferences = old.metadata.ownerReferences;
    else delete pod.metadata.ownerReferences;
    const kept = old.status?.qosClass;
    pod.status ??= {};
    if (!pod.status.qosClass && kept !== undefined) pod.status.qosClass = kept;
  },
  gracePeriod(pod, requested) {
    if (!pod.spec.nodeName || isTerminal(pod)) return 0;
    const period = requested ?? pod.spec.terminationGracePeriodSeconds ?? 0;
    // A negative period means "at once, but as a graceful deletion".
    return period < 0 ? 1 : period;
  },
};
