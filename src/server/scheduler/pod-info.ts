// A pod with everything that scheduling asks of it, worked out once per version of the pod.

import { keyOf } from '../../api/object.ts';
import type { Pod } from '../../api/types/core-v1.gen.ts';
import { affinityTermsOf, type Labels, type PodAffinityTerms, type PodIdentity } from './affinity-term.ts';
import { type HostPort, hostPortsOf } from './host-ports.ts';
import { podRequests, podRequestsWithDefaults, type Resources } from './resources.ts';

/** A pod as the scheduler sees it. */
export interface PodInfo extends PodIdentity {
  readonly pod: Pod;
  readonly key: string;
  readonly uid: string;
  readonly labels: Labels;
  readonly priority: number;
  readonly requests: Resources;
  /** With defaults for containers without requests; for scores only. */
  readonly scoredRequests: Resources;
  readonly hostPorts: readonly HostPort[];
  readonly affinity: PodAffinityTerms;
  /** Whether it has any inter-pod term. */
  readonly hasAffinity: boolean;
  readonly terminating: boolean;
}

/** Prepares a pod. */
export function podInfo(pod: Pod): PodInfo {
  const affinity = affinityTermsOf(pod);
  return {
    pod,
    key: keyOf(pod),
    uid: pod.metadata.uid ?? '',
    namespace: pod.metadata.namespace ?? '',
    labels: pod.metadata.labels ?? {},
    priority: pod.spec.priority ?? 0,
    requests: podRequests(pod),
    scoredRequests: podRequestsWithDefaults(pod),
    hostPorts: hostPortsOf(pod),
    affinity,
    hasAffinity: Object.values(affinity).some((terms) => terms.length > 0),
    terminating: pod.metadata.deletionTimestamp !== undefined,
  };
}

/** Whether a pod has ended and holds nothing of its node any more. */
export function isTerminated(pod: Pod): boolean {
  return pod.status?.phase === 'Succeeded' || pod.status?.phase === 'Failed';
}
