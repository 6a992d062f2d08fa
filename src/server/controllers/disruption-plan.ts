// What a PodDisruptionBudget allows now: pure. Kubernetes documentation, "Specifying a Disruption Budget for your Application";
// policy/v1 PodDisruptionBudgetStatus.

import { deepEqual } from '../../api/copy.ts';
import type { KubeObject } from '../../api/object.ts';
import type { Pod } from '../../api/types/core-v1.gen.ts';
import type { Condition } from '../../api/types/meta-v1.gen.ts';
import type { PodDisruptionBudget, PodDisruptionBudgetStatus } from '../../api/types/policy-v1.gen.ts';
import { rfc3339 } from '../../base/clock.ts';
import { scaledValue } from './int-or-percent.ts';
import { isPodReady, timeOf } from './replica-set-pods.ts';

/** An eviction that was allowed must have deleted its pod in this time, or it does not count any more: upstream's DeletionTimeout. */
const DELETION_TIMEOUT_MS = 2 * 60_000;

type BudgetObject = PodDisruptionBudget & KubeObject;
type PodObject = Pod & KubeObject;

/** A workload that a budget's pods belong to, once however many of them there are. */
export interface ExpectedScale {
  readonly uid: string;
  readonly replicas: number;
}

/** What a budget finds. */
export interface BudgetView {
  readonly budget: BudgetObject;
  /** The pods that it selects. */
  readonly pods: readonly PodObject[];
  /** The workloads of these pods; unused where the budget is a plain number of pods. */
  readonly scales: readonly ExpectedScale[];
  readonly nowMs: number;
}

/** The status, and when it changes by itself. */
export interface BudgetPlan {
  readonly status: PodDisruptionBudgetStatus;
  readonly waitMs: number | undefined;
  /** Names of pods that were to go and did not. */
  readonly overdue: readonly string[];
}

/** Whether the number of pods that there should be follows from the workloads, not from the pods. */
export function needsScale({ spec }: BudgetObject): boolean {
  return spec.maxUnavailable !== undefined || typeof spec.minAvailable === 'string';
}

function demand({ budget, pods, scales }: BudgetView): { expected: number; desired: number } {
  const { maxUnavailable, minAvailable } = budget.spec;
  // Pods of one workload all say its number.
  const byWorkload = new Map(scales.map(({ uid, replicas }) => [uid, replicas]));
  const scale = [...byWorkload.values()].reduce((sum, replicas) => sum + replicas, 0);
  if (maxUnavailable !== undefined) {
    return { expected: scale, desired: Math.max(0, scale - scaledValue(maxUnavailable, scale, Math.ceil)) };
  }
  if (typeof minAvailable === 'string') return { expected: scale, desired: scaledValue(minAvailable, scale, Math.ceil) };
  return { expected: pods.length, desired: minAvailable ?? 0 };
}

/** Evictions that were allowed and whose pods are still there, and not for too long. */
function pendingEvictions({ budget, pods, nowMs }: BudgetView): { pending: Map<string, number>; overdue: string[] } {
  const pending = new Map<string, number>();
  const overdue: string[] = [];
  for (const pod of pods) {
    const { name = '', deletionTimestamp } = pod.metadata;
    const at = timeOf(budget.status?.disruptedPods?.[name]);
    if (at === undefined || deletionTimestamp) continue;
    if (at + DELETION_TIMEOUT_MS <= nowMs) overdue.push(name);
    else pending.set(name, at);
  }
  return { pending, overdue };
}

/** Computes a budget's status from its pods. */
export function planBudget(view: BudgetView): BudgetPlan {
  const { budget, pods, nowMs } = view;
  const { pending, overdue } = pendingEvictions(view);
  const { expected, desired } = demand(view);
  const healthy = pods.filter((pod) => !pod.metadata.deletionTimestamp && !pending.has(pod.metadata.name ?? '') && isPodReady(pod)).length;
  const disruptionsAllowed = expected > 0 ? Math.max(0, healthy - desired) : 0;
  const disrupted = [...pending].map(([name, at]) => [name, rfc3339(at)] as const);
  const condition = allowance(disruptionsAllowed);
  const status: PodDisruptionBudgetStatus = {
    observedGeneration: budget.metadata.generation ?? 0,
    ...(disrupted.length > 0 && { disruptedPods: Object.fromEntries(disrupted) }),
    disruptionsAllowed,
    currentHealthy: healthy,
    desiredHealthy: desired,
    expectedPods: expected,
    conditions: withCondition(budget, condition, nowMs),
  };
  const waits = [...pending.values()].map((at) => at + DELETION_TIMEOUT_MS - nowMs);
  return { status, waitMs: waits.length > 0 ? Math.min(...waits) : undefined, overdue };
}

/** The status of a budget that cannot be computed: nothing may go. */
export function failedBudget(budget: BudgetObject, message: string, nowMs: number): PodDisruptionBudgetStatus {
  const condition = { status: 'False', reason: 'SyncFailed', message };
  return { ...budget.status, disruptionsAllowed: 0, conditions: withCondition(budget, condition, nowMs) };
}

const allowance = (allowed: number): Pick<Condition, 'status' | 'reason' | 'message'> =>
  allowed > 0 ? { status: 'True', reason: 'SufficientPods', message: '' } : { status: 'False', reason: 'InsufficientPods', message: '' };

function withCondition(
  { metadata, status }: BudgetObject,
  now: Pick<Condition, 'status' | 'reason' | 'message'>,
  nowMs: number,
): Condition[] {
  const type = 'DisruptionAllowed';
  const others = (status?.conditions ?? []).filter((c) => c.type !== type);
  const old = status?.conditions?.find((c) => c.type === type);
  const lastTransitionTime = old?.status === now.status && old.lastTransitionTime ? old.lastTransitionTime : rfc3339(nowMs);
  return [...others, { type, ...now, observedGeneration: metadata.generation ?? 0, lastTransitionTime }];
}

/** Whether a status says the same as the one that is there. */
export function sameStatus(a: PodDisruptionBudgetStatus | undefined, b: PodDisruptionBudgetStatus): boolean {
  const shape = (s: PodDisruptionBudgetStatus | undefined) => [
    s?.observedGeneration ?? 0,
    s?.disruptedPods ?? {},
    s?.disruptionsAllowed ?? 0,
    s?.currentHealthy ?? 0,
    s?.desiredHealthy ?? 0,
    s?.expectedPods ?? 0,
    (s?.conditions ?? []).map(({ type, status, reason, message = '', observedGeneration = 0 }) => [
      type,
      status,
      reason,
      message,
      observedGeneration,
    ]),
  ];
  return deepEqual(shape(a), shape(b));
}

/** Milliseconds until a pod that was announced to go and did not is taken to stay; `undefined` when none was announced. */
export function msUntilStale({ metadata, status }: PodObject, nowMs: number): number | undefined {
  const phase = status?.phase;
  if (metadata.deletionTimestamp || phase === 'Succeeded' || phase === 'Failed') return undefined;
  const target = status?.conditions?.find((c) => c.type === 'DisruptionTarget');
  if (target?.status !== 'True') return undefined;
  return Math.max(0, (timeOf(target.lastTransitionTime) ?? nowMs) + DELETION_TIMEOUT_MS - nowMs);
}
