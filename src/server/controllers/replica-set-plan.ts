// What a ReplicaSet controller decides: how many pods to make, which to delete, what status says. Pure.
// Rules: Kubernetes documentation "ReplicaSet"; apps/v1 ReplicaSetStatus.

import { deepEqual } from '../../api/copy.ts';
import type { ReplicaSet, ReplicaSetCondition, ReplicaSetStatus } from '../../api/types/apps-v1.gen.ts';
import type { Pod, PodTemplateSpec } from '../../api/types/core-v1.gen.ts';
import type { OwnerReference } from '../../api/types/meta-v1.gen.ts';
import { inDeletionOrder, isPodActive, isPodAvailable, isPodFinished, isPodReady, msUntilAvailable } from './replica-set-pods.ts';

/** Pods made or deleted in one go. */
const BURST_REPLICAS = 500;

/** What to do about the number of pods. */
interface ReplicaPlan {
  /** Pods to make. */
  readonly create: number;
  readonly delete: readonly Pod[];
}

/** Compares active pods with spec.replicas. `related` are the pods of all ReplicaSets of the same owner. */
export function planReplicas(set: ReplicaSet, active: readonly Pod[], related: readonly Pod[], nowMs: number): ReplicaPlan {
  const difference = active.length - (set.spec.replicas ?? 1);
  if (set.metadata.deletionTimestamp !== undefined || difference === 0) return { create: 0, delete: [] };
  if (difference < 0) return { create: Math.min(-difference, BURST_REPLICAS), delete: [] };
  const count = Math.min(difference, BURST_REPLICAS);
  if (count === active.length) return { create: 0, delete: active };
  const onNode = Map.groupBy(
    related.filter((pod) => isPodActive(pod) && pod.spec.nodeName),
    (pod) => pod.spec.nodeName ?? '',
  );
  const rank = (pod: Pod): number => onNode.get(pod.spec.nodeName ?? '')?.length ?? 0;
  return { create: 0, delete: inDeletionOrder(active, { rank, nowMs }).slice(0, count) };
}

/** The sizes of batches for `count` creations: 1, 2, 4, …, so that a template that is refused costs one request. */
export function slowStartBatches(count: number): number[] {
  const batches: number[] = [];
  for (let left = count, size = 1; left > 0; left -= size, size = Math.min(2 * size, left)) batches.push(size);
  return batches;
}

/** A pod made from a template. */
export function podFromTemplate(template: PodTemplateSpec, owner: OwnerReference): Pod {
  const { labels, annotations, finalizers } = template.metadata ?? {};
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: {
      generateName: `${owner.name}-`,
      ...(labels && { labels }),
      ...(annotations && { annotations }),
      ...(finalizers && { finalizers }),
      ownerReferences: [owner],
    },
    spec: template.spec,
  };
}

/** What went wrong when pods were made or deleted. */
export interface ReplicaFailure {
  readonly reason: 'FailedCreate' | 'FailedDelete';
  readonly message: string;
}

function conditionsOf(set: ReplicaSet, failure: ReplicaFailure | undefined, now: string): ReplicaSetCondition[] {
  const others = (set.status?.conditions ?? []).filter((condition) => condition.type !== 'ReplicaFailure');
  const old = set.status?.conditions?.find((condition) => condition.type === 'ReplicaFailure');
  if (!failure) return others;
  // While it lasts, the first failure is what is shown.
  return [...others, old ?? { type: 'ReplicaFailure', status: 'True', lastTransitionTime: now, ...failure }];
}

/** What there is to count. */
interface ReplicaCount {
  readonly owned: readonly Pod[];
  readonly failure: ReplicaFailure | undefined;
  readonly nowMs: number;
  /** `nowMs` as RFC 3339. */
  readonly now: string;
}

/** The status; `undefined` when the one that is there says the same. */
export function replicaSetStatus(set: ReplicaSet, count: ReplicaCount): ReplicaSetStatus | undefined {
  const active = count.owned.filter(isPodActive);
  const templateLabels = Object.entries(set.spec.template?.metadata?.labels ?? {});
  const minReady = set.spec.minReadySeconds ?? 0;
  const number = (test: (pod: Pod) => boolean): number => active.filter(test).length;
  const conditions = conditionsOf(set, count.failure, count.now);
  const status: ReplicaSetStatus = {
    replicas: active.length,
    fullyLabeledReplicas: number((pod) => templateLabels.every(([key, value]) => pod.metadata.labels?.[key] === value)),
    readyReplicas: number(isPodReady),
    availableReplicas: number((pod) => isPodAvailable(pod, minReady, count.nowMs)),
    terminatingReplicas: count.owned.filter((pod) => pod.metadata.deletionTimestamp !== undefined && !isPodFinished(pod)).length,
    observedGeneration: set.metadata.generation ?? 0,
    ...(conditions.length > 0 && { conditions }),
  };
  const { status: old } = set;
  const same = old && deepEqual(countsOf(old), countsOf(status)) && deepEqual(old.conditions ?? [], conditions);
  return same ? undefined : status;
}

const countsOf = (s: ReplicaSetStatus): number[] => [
  s.replicas,
  s.fullyLabeledReplicas ?? 0,
  s.readyReplicas ?? 0,
  s.availableReplicas ?? 0,
  s.terminatingReplicas ?? 0,
  s.observedGeneration ?? 0,
];

/** Milliseconds until the next ready pod becomes available; undefined when none will by itself. */
export function msUntilNextAvailable(set: ReplicaSet, owned: readonly Pod[], nowMs: number): number | undefined {
  const waits = owned
    .filter(isPodActive)
    .map((pod) => msUntilAvailable(pod, set.spec.minReadySeconds ?? 0, nowMs) ?? 0)
    .filter((ms) => ms > 0);
  return waits.length === 0 ? undefined : Math.min(...waits);
}
