// Whether a disruption budget lets a pod go: decided purely.
// https://kubernetes.io/docs/concepts/scheduling-eviction/api-eviction/ and .../workloads/pods/disruptions/

import { forbidden, StatusError } from '../../../api/status-error.ts';
import type * as core from '../../../api/types/core-v1.gen.ts';
import type * as policy from '../../../api/types/policy-v1.gen.ts';

/** What a budget says. `spend` = allowed, and the budget must count it. */
export type Disruption =
  /** The pod does not count: for as long as it is as it was seen. */
  { readonly type: 'allowed' } | { readonly type: 'spend' } | { readonly type: 'refused'; readonly error: StatusError };

/** Pods that serve nobody any more, or not yet, may always go. */
export function isFreeToGo(pod: core.Pod): boolean {
  const phase = pod.status?.phase;
  return phase === 'Succeeded' || phase === 'Failed' || phase === 'Pending' || Boolean(pod.metadata.deletionTimestamp);
}

/** Evictions that the disruption controller has not seen done yet; more than this many are not allowed at a time: upstream's bound. */
const MAX_DISRUPTED_PODS = 2000;

const isReady = (pod: core.Pod): boolean => pod.status?.conditions?.some((c) => c.type === 'Ready' && c.status === 'True') ?? false;

function tooMany(message: string, retryAfterSeconds: number): StatusError {
  return new StatusError(429, 'TooManyRequests', "Cannot evict pod as it would violate the pod's disruption budget.", {
    causes: [{ reason: 'DisruptionBudget', message }],
    ...(retryAfterSeconds > 0 && { retryAfterSeconds }),
  });
}

const refused = (error: StatusError): Disruption => ({ type: 'refused', error });

/** 429 that asks to come again in ten seconds: the budget, or the pod, is not as it was seen. */
export function notSettled(budgetName: string): StatusError {
  return tooMany(`The disruption budget ${budgetName} is still being processed by the server.`, 10);
}

/** Whether a pod that is free to go could begin to serve while it is on its way out. */
export function mayBecomeReady(pod: core.Pod): boolean {
  return pod.status?.phase === 'Pending' && !pod.metadata.deletionTimestamp;
}

/** The status of a budget when `pod` goes: one disruption less, the pod noted, and the condition when none is left. */
export function spentStatus(
  { metadata, status }: policy.PodDisruptionBudget,
  podName: string,
  now: string,
): policy.PodDisruptionBudgetStatus | undefined {
  if (!status) return undefined;
  const disruptionsAllowed = (status.disruptionsAllowed ?? 0) - 1;
  const disruptedPods = { ...status.disruptedPods, [podName]: now };
  const spent = { ...status, disruptionsAllowed, disruptedPods };
  if (disruptionsAllowed > 0) return spent;
  const type = 'DisruptionAllowed';
  const old = status.conditions?.find((c) => c.type === type);
  const lastTransitionTime = old?.status === 'False' ? old.lastTransitionTime : now;
  const observedGeneration = metadata.generation ?? 0;
  const none = { type, status: 'False', reason: 'InsufficientPods', message: '', observedGeneration, lastTransitionTime };
  return { ...spent, conditions: [...(status.conditions ?? []).filter((c) => c !== old), none] };
}

/** Why a budget without room has none. */
function noRoom({ metadata: { name = '' }, status = {} as policy.PodDisruptionBudgetStatus }: policy.PodDisruptionBudget): string {
  const { currentHealthy = 0, desiredHealthy = 0 } = status;
  const condition = status.conditions?.find((c) => c.type === 'DisruptionAllowed' && c.status === 'False' && c.message);
  const denied = `The disruption budget ${name} does not allow evicting pods currently`;
  // The numbers of a budget that could not be synced are not to be trusted.
  if (condition?.reason === 'SyncFailed') return `${denied} because it failed sync: ${condition.message}`;
  if (currentHealthy <= desiredHealthy)
    return `The disruption budget ${name} needs ${desiredHealthy} healthy pods and has ${currentHealthy} currently`;
  return condition ? `${denied} (${condition.reason}): ${condition.message}` : denied;
}

/** The pod with the condition that says why it goes. */
export function withDisruptionTarget(pod: core.Pod, lastTransitionTime: string): core.Pod {
  const type = 'DisruptionTarget';
  const others = (pod.status?.conditions ?? []).filter((c) => c.type !== type);
  const observed = pod.metadata.generation === undefined ? {} : { observedGeneration: pod.metadata.generation };
  const target = {
    type,
    status: 'True',
    reason: 'EvictionByEvictionAPI',
    message: 'Eviction API: evicting',
    lastTransitionTime,
    ...observed,
  };
  return { ...pod, status: { ...pod.status, conditions: [...others, target] } };
}

/** What `budget` says to the eviction of `pod`. */
export function askBudget(budget: policy.PodDisruptionBudget, pod: core.Pod): Disruption {
  const { name = '', generation = 0 } = budget.metadata;
  const { currentHealthy = 0, desiredHealthy = 0, disruptionsAllowed = 0, observedGeneration = 0 } = budget.status ?? {};
  if (!isReady(pod)) {
    const always = budget.spec.unhealthyPodEvictionPolicy === 'AlwaysAllow';
    if (always || (currentHealthy >= desiredHealthy && desiredHealthy > 0)) return { type: 'allowed' };
  }
  if (observedGeneration < generation) return refused(notSettled(name));
  const subject = { group: 'policy', resource: 'poddisruptionbudget' };
  if (disruptionsAllowed < 0) return refused(forbidden(subject, name, 'pdb disruptions allowed is negative'));
  if (Object.keys(budget.status?.disruptedPods ?? {}).length > MAX_DISRUPTED_PODS) {
    const why = 'DisruptedPods map too big - too many evictions not confirmed by PDB controller';
    return refused(forbidden(subject, name, why));
  }
  return disruptionsAllowed === 0 ? refused(tooMany(noRoom(budget), 0)) : { type: 'spend' };
}
