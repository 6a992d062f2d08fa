// What a StatefulSet does next and what it says of itself: pure. Kubernetes documentation, "StatefulSets: Deployment and Scaling
// Guarantees", "Update strategies".

import { deepEqual } from '../../api/copy.ts';
import type { StatefulSetStatus } from '../../api/types/apps-v1.gen.ts';
import { scaledValue } from './int-or-percent.ts';
import { isPodAvailable, isPodFinished, isPodReady } from './replica-set-pods.ts';
import {
  missingIdentity,
  ordinalOf,
  ordinals,
  type PodObject,
  REVISION_LABEL,
  type SetObject,
  type SetRevision,
  statefulPod,
} from './stateful-set-identity.ts';

/** What a StatefulSet finds. */
export interface StatefulSetView {
  readonly set: SetObject;
  /** Its own pods. */
  readonly pods: readonly PodObject[];
  /** The revision that pods below the partition have, and the one pods are updated to. */
  readonly current: SetRevision;
  readonly update: SetRevision;
  readonly nowMs: number;
}

/** One thing to do. The claims of a pod are seen to before it is made, and again while it is pending. */
export type StatefulStep =
  | { readonly type: 'create'; readonly pod: PodObject; readonly ordinal: number }
  | { readonly type: 'delete'; readonly pod: PodObject; readonly why?: 'failed' | 'succeeded' }
  | { readonly type: 'claims'; readonly pod: PodObject; readonly ordinal: number }
  | { readonly type: 'identify'; readonly pod: PodObject; readonly labels: Record<string, string> };

/** `halt` = nothing after these steps before the world has followed. */
interface Progress {
  readonly steps: StatefulStep[];
  readonly halt: boolean;
}

const isGoing = (pod: PodObject): boolean => pod.metadata.deletionTimestamp !== undefined;
const revisionNameOf = (pod: PodObject): string => pod.metadata.labels?.[REVISION_LABEL] ?? '';
const isRunningReady = (pod: PodObject): boolean => pod.status?.phase === 'Running' && isPodReady(pod);
const isAvailable = ({ set, nowMs }: StatefulSetView, pod: PodObject): boolean =>
  isRunningReady(pod) && isPodAvailable(pod, set.spec.minReadySeconds ?? 0, nowMs);
const isHealthy = (view: StatefulSetView, pod: PodObject): boolean => isAvailable(view, pod) && !isGoing(pod);

/** The next steps. With OrderedReady at most one pod is made or deleted at a time. */
export function planStatefulSet(view: StatefulSetView): StatefulStep[] {
  if (view.set.metadata.deletionTimestamp) return [];
  const pods = podsByOrdinal(view);
  const filled = planReplicas(view, pods);
  if (filled.halt) return filled.steps;
  const scaled = planSurplus(view, pods);
  if (scaled.halt) return [...filled.steps, ...scaled.steps];
  return [...filled.steps, ...scaled.steps, ...planUpdate(view, pods)];
}

function podsByOrdinal({ set, pods }: StatefulSetView): Map<number, PodObject> {
  return new Map(pods.flatMap((pod) => [[ordinalOf(set, pod) ?? -1, pod] as const]).filter(([ordinal]) => ordinal >= 0));
}

const isOrdered = ({ set }: StatefulSetView): boolean => set.spec.podManagementPolicy !== 'Parallel';

/** Pods that should be there, from the lowest ordinal. */
function planReplicas(view: StatefulSetView, pods: ReadonlyMap<number, PodObject>): Progress {
  const steps: StatefulStep[] = [];
  for (const ordinal of ordinals(view.set)) {
    const pod = pods.get(ordinal);
    const next = pod ? keep(view, pod, ordinal) : { steps: [createStep(view, ordinal)], halt: true };
    steps.push(...next.steps);
    if (next.halt && isOrdered(view)) return { steps, halt: true };
  }
  return { steps, halt: false };
}

function createStep(view: StatefulSetView, ordinal: number): StatefulStep {
  const revision = ordinal < updateFrom(view) ? view.current : view.update;
  return { type: 'create', pod: statefulPod(view.set, revision, ordinal), ordinal };
}

function keep(view: StatefulSetView, pod: PodObject, ordinal: number): Progress {
  if (isPodFinished(pod)) {
    const why = pod.status?.phase === 'Failed' ? 'failed' : 'succeeded';
    return { steps: isGoing(pod) ? [] : [{ type: 'delete', pod, why }], halt: true };
  }
  const steps: StatefulStep[] = [];
  if (pod.status?.phase === 'Pending' && !isGoing(pod)) steps.push({ type: 'claims', pod, ordinal });
  const labels = isGoing(pod) ? undefined : missingIdentity(view.set, pod);
  if (labels) steps.push({ type: 'identify', pod, labels });
  return { steps, halt: !isHealthy(view, pod) };
}

/** Pods beyond the ordinals, from the highest. A sick one goes only when it is the first of the sick. */
function planSurplus(view: StatefulSetView, pods: ReadonlyMap<number, PodObject>): Progress {
  const wanted = new Set(ordinals(view.set));
  const surplus = [...pods].filter(([ordinal]) => !wanted.has(ordinal)).toSorted(([a], [b]) => b - a);
  const firstSick = surplus.toReversed().find(([, pod]) => !isHealthy(view, pod))?.[1];
  const steps: StatefulStep[] = [];
  for (const [, pod] of surplus) {
    if (isOrdered(view)) {
      if (isGoing(pod) || (!isHealthy(view, pod) && pod !== firstSick)) return { steps, halt: true };
      return { steps: [{ type: 'delete', pod }], halt: true };
    }
    if (!isGoing(pod)) steps.push({ type: 'delete', pod });
  }
  return { steps, halt: false };
}

/** Lowest ordinal that gets the new revision. */
function updateFrom({ set }: StatefulSetView): number {
  const { type, rollingUpdate } = set.spec.updateStrategy ?? {};
  return type === 'OnDelete' ? 0 : (set.spec.ordinals?.start ?? 0) + (rollingUpdate?.partition ?? 0);
}

/** Pods of an old revision, from the highest ordinal, as many as may be unavailable. Their successors are made when they are gone. */
function planUpdate(view: StatefulSetView, pods: ReadonlyMap<number, PodObject>): StatefulStep[] {
  const { type, rollingUpdate } = view.set.spec.updateStrategy ?? {};
  if (type === 'OnDelete') return [];
  const wanted = ordinals(view.set);
  let left = Math.max(1, scaledValue(rollingUpdate?.maxUnavailable ?? 1, wanted.length, Math.ceil));
  const steps: StatefulStep[] = [];
  for (const ordinal of wanted.toReversed().filter((n) => n >= updateFrom(view))) {
    if (left <= 0) break;
    const pod = pods.get(ordinal);
    if (pod && !isGoing(pod) && !isPodFinished(pod) && revisionNameOf(pod) !== view.update.name) {
      steps.push({ type: 'delete', pod });
      left--;
    } else if (!pod || !isHealthy(view, pod)) left--;
  }
  return steps;
}

/** The status that the view shows. A rollout that is through makes the new revision the current one. */
export function statefulSetStatus(view: StatefulSetView): StatefulSetStatus {
  const { set, pods, current, update } = view;
  const made = pods.filter((pod) => (pod.status?.phase ?? '') !== '' && ordinalOf(set, pod) !== undefined);
  const number = (test: (pod: PodObject) => boolean): number => made.filter(test).length;
  const counts = {
    replicas: made.length,
    readyReplicas: number(isRunningReady),
    availableReplicas: number((pod) => isAvailable(view, pod)),
    currentReplicas: number((pod) => !isGoing(pod) && revisionNameOf(pod) === current.name),
    updatedReplicas: number((pod) => !isGoing(pod) && revisionNameOf(pod) === update.name),
  };
  const wanted = set.spec.replicas ?? 1;
  const through =
    set.spec.updateStrategy?.type !== 'OnDelete' &&
    [counts.replicas, counts.readyReplicas, counts.updatedReplicas].every((count) => count === wanted);
  const { conditions, collisionCount } = set.status ?? {};
  return {
    observedGeneration: set.metadata.generation ?? 0,
    ...counts,
    currentReplicas: through ? counts.updatedReplicas : counts.currentReplicas,
    currentRevision: through ? update.name : current.name,
    updateRevision: update.name,
    collisionCount: collisionCount ?? 0,
    ...(conditions && { conditions }),
  };
}

/** Whether a status says the same as the one that is there. */
export function sameStatus(a: StatefulSetStatus | undefined, b: StatefulSetStatus): boolean {
  const shape = (s: StatefulSetStatus | undefined): unknown[] => [
    s?.observedGeneration ?? 0,
    s?.replicas,
    s?.readyReplicas ?? 0,
    s?.availableReplicas ?? 0,
    s?.currentReplicas ?? 0,
    s?.updatedReplicas ?? 0,
    s?.currentRevision,
    s?.updateRevision,
    s?.collisionCount,
  ];
  return deepEqual(shape(a), shape(b));
}
