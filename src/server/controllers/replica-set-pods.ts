// What workload controllers ask of pods: active, ready, available, in which order to delete. Pure.
// Rules: Kubernetes documentation "Pod readiness", "ReplicaSet: Pod deletion cost" and scaling down.

import type { Pod, PodCondition } from '../../api/types/core-v1.gen.ts';

const DELETION_COST = 'controller.kubernetes.io/pod-deletion-cost';

/** The condition of that type. */
export function podCondition(pod: Pod, type: string): PodCondition | undefined {
  return pod.status?.conditions?.find((condition) => condition.type === type);
}

/** Whether the Ready condition is True. */
export function isPodReady(pod: Pod): boolean {
  return podCondition(pod, 'Ready')?.status === 'True';
}

/** Whether a pod counts as a replica: neither finished nor being deleted. */
export function isPodActive(pod: Pod): boolean {
  return !isPodFinished(pod) && pod.metadata.deletionTimestamp === undefined;
}

/** Whether all containers ended for good. */
export function isPodFinished(pod: Pod): boolean {
  return pod.status?.phase === 'Succeeded' || pod.status?.phase === 'Failed';
}

/** Milliseconds since 1970 of a time field, `undefined` when it is absent. */
export function timeOf(text: string | undefined): number | undefined {
  return text === undefined ? undefined : Date.parse(text);
}

/** Milliseconds until a ready pod counts as available; 0 = it does; undefined = it is not ready. */
export function msUntilAvailable(pod: Pod, minReadySeconds: number, nowMs: number): number | undefined {
  if (!isPodReady(pod)) return undefined;
  if (minReadySeconds === 0) return 0;
  const since = timeOf(podCondition(pod, 'Ready')?.lastTransitionTime);
  return since === undefined ? undefined : Math.max(0, since + minReadySeconds * 1000 - nowMs);
}

/** Whether a pod has been ready for at least minReadySeconds. */
export function isPodAvailable(pod: Pod, minReadySeconds: number, nowMs: number): boolean {
  return msUntilAvailable(pod, minReadySeconds, nowMs) === 0;
}

const PHASES = ['Pending', 'Unknown', 'Running'];
const deletionCost = (pod: Pod): number => {
  const text = pod.metadata.annotations?.[DELETION_COST] ?? '0';
  return /^(0|-?[1-9]\d*)$/.test(text) ? Number(text) : 0;
};
const restarts = (pod: Pod): { sidecar: number; regular: number } => {
  const count = (statuses: { restartCount: number }[] | undefined): number =>
    (statuses ?? []).reduce((most, status) => Math.max(most, status.restartCount), 0);
  return { sidecar: count(pod.status?.initContainerStatuses), regular: count(pod.status?.containerStatuses) };
};

/** Ages are compared by magnitude, so that among pods of about the same age the choice is left to chance. */
const magnitude = (sinceMs: number, nowMs: number): number => Math.floor(Math.log2(Math.max(1, nowMs - sinceMs)));

/** What the order of deletion depends on beside the pods. */
interface DeletionContext {
  /** Pods of related workloads on the node of the pod. */
  readonly rank: (pod: Pod) => number;
  readonly nowMs: number;
}

/** The younger first; a time that is not set counts as youngest. */
function byAge(a: number | undefined, b: number | undefined, nowMs: number): number {
  if (a === undefined || b === undefined) return a === b ? 0 : a === undefined ? -1 : 1;
  return magnitude(a, nowMs) - magnitude(b, nowMs);
}

/** The criteria in order; each returns a negative number when `a` should go before `b`. */
const CRITERIA: readonly ((a: Pod, b: Pod, context: DeletionContext) => number)[] = [
  (a, b) => Number(Boolean(a.spec.nodeName)) - Number(Boolean(b.spec.nodeName)),
  (a, b) => PHASES.indexOf(a.status?.phase ?? 'Pending') - PHASES.indexOf(b.status?.phase ?? 'Pending'),
  (a, b) => Number(isPodReady(a)) - Number(isPodReady(b)),
  (a, b) => deletionCost(a) - deletionCost(b),
  (a, b, { rank }) => rank(b) - rank(a),
  (a, b, { nowMs }) =>
    isPodReady(a) && isPodReady(b)
      ? byAge(timeOf(podCondition(a, 'Ready')?.lastTransitionTime), timeOf(podCondition(b, 'Ready')?.lastTransitionTime), nowMs)
      : 0,
  (a, b) => restarts(b).regular - restarts(a).regular,
  (a, b) => restarts(b).sidecar - restarts(a).sidecar,
  (a, b, { nowMs }) => byAge(timeOf(a.metadata.creationTimestamp), timeOf(b.metadata.creationTimestamp), nowMs),
  (a, b) => ((a.metadata.uid ?? '') < (b.metadata.uid ?? '') ? -1 : 1),
];

/** The pods in the order in which they should be deleted. */
export function inDeletionOrder(pods: readonly Pod[], context: DeletionContext): Pod[] {
  return pods.toSorted((a, b) => {
    for (const criterion of CRITERIA) {
      const order = criterion(a, b, context);
      if (order !== 0) return order;
    }
    return 0;
  });
}
