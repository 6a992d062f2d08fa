// Whether a disruption budget lets a pod go: decided purely.
// https://kubernetes.io/docs/concepts/scheduling-eviction/api-eviction/ and .../workloads/pods/disruptions/

import { StatusError } from '../../../api/status-error.ts';
import type * as core from '../../../api/types/core-v1.gen.ts';
import type * as policy from '../../../api/types/policy-v1.gen.ts';

/** What a budget says. `spend` = allowed, and the budget must count it. */
export type Disruption =
  | { readonly type: 'allowed' }
  | { readonly type: 'spend' }
  | { readonly type: 'refused'; readonly error: StatusError };

/** Pods that serve nobody any more, or not yet, may always go. */
export function isFreeToGo(pod: core.Pod): boolean {
  const phase = pod.status?.phase;
  return phase === 'Succeeded' || phase === 'Failed' || phase === 'Pending' || Boolean(pod.metadata.deletionTimestamp);
}

/** Evictions that the disruption controller has not seen done yet; more than this many are not allowed at a time: upstream's bound. */
const MAX_DISRUPTED_PODS = 2000;

const isReady = (pod: core.Pod): boolean => pod.status?.conditions?.some((c) => c.type === 'Ready' && c.status === 'True') ?? false;

function refusal(message: string, retryAfterSeconds: number): Disruption {
  const error = new StatusError(429, 'TooManyRequests', "Cannot evict pod as it would violate the pod's disruption budget.", {
    causes: [{ reason: 'DisruptionBudget', message }],
    ...(retryAfterSeconds > 0 && { retryAfterSeconds }),
  });
  return { type: 'refused', error };
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
  if (observedGeneration < generation) return refusal(`The disruption budget ${name} is still being processed by the server.`, 10);
  if (Object.keys(budget.status?.disruptedPods ?? {}).length > MAX_DISRUPTED_PODS) {
    const message = 'DisruptedPods map too big - too many evictions not confirmed by PDB controller';
    return { type: 'refused', error: new StatusError(403, 'Forbidden', `poddisruptionbudgets.policy "${name}" is forbidden: ${message}`) };
  }
  if (disruptionsAllowed <= 0) {
    const sync = budget.status?.conditions?.find((c) => c.type === 'DisruptionAllowed' && c.reason === 'SyncFailed');
    if (sync)
      return refusal(`The disruption budget ${name} does not allow evicting pods currently because it failed sync: ${sync.message}`, 0);
    return refusal(`The disruption budget ${name} needs ${desiredHealthy} healthy pods and has ${currentHealthy} currently`, 0);
  }
  return { type: 'spend' };
}
