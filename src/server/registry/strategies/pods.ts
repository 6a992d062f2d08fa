// Pods: status belongs to the node, deletion is graceful, and the quality-of-service class is fixed at creation.

import { parseQuantity } from '../../../api/quantity.ts';
import type * as core from '../../../api/types/core-v1.gen.ts';
import type { Strategy } from '../strategy.ts';

const QOS_RESOURCES = ['cpu', 'memory'] as const;

/** The class of https://kubernetes.io/docs/concepts/workloads/pods/pod-qos/. */
function qosClass(spec: core.PodSpec): 'Guaranteed' | 'Burstable' | 'BestEffort' {
  const parts: (core.ResourceRequirements | undefined)[] = spec.resources
    ? [spec.resources]
    : [...(spec.initContainers ?? []), ...(spec.containers ?? [])].map((container) => container.resources);
  const set = (list: Record<string, string> | undefined, name: string): string | undefined =>
    list?.[name] !== undefined && parseQuantity(list[name]).sign() > 0 ? list[name] : undefined;
  const asks = parts.some((part) => QOS_RESOURCES.some((name) => set(part?.requests, name) ?? set(part?.limits, name)));
  if (!asks) return 'BestEffort';
  const guaranteed = parts.every((part) =>
    QOS_RESOURCES.every((name) => {
      const limit = set(part?.limits, name);
      const request = set(part?.requests, name) ?? limit;
      return limit !== undefined && request !== undefined && parseQuantity(limit).compare(parseQuantity(request)) === 0;
    }),
  );
  return guaranteed ? 'Guaranteed' : 'Burstable';
}

/** Whether all containers of a pod have ended for good. */
function isTerminal(pod: core.Pod): boolean {
  return pod.status?.phase === 'Succeeded' || pod.status?.phase === 'Failed';
}

/** Strategy of pods. */
export const podStrategy: Strategy<core.Pod> = {
  prepareForCreate(pod) {
    pod.status = { phase: 'Pending', qosClass: qosClass(pod.spec) };
    const gates = pod.spec.schedulingGates ?? [];
    if (gates.length > 0) {
      pod.status.conditions = [
        {
          type: 'PodScheduled',
          status: 'False',
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
