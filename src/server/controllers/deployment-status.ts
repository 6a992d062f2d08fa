// The status of a Deployment: numbers, the conditions Available, Progressing and ReplicaFailure. Pure.
// Rules: Kubernetes documentation "Deployments: Deployment status", "Progress Deadline Seconds".

import { deepEqual } from '../../api/copy.ts';
import type { Deployment, DeploymentCondition, DeploymentStatus, ReplicaSet } from '../../api/types/apps-v1.gen.ts';
import { allOf, type ReplicaSets, replicasOf } from './deployment-plan.ts';
import { maxUnavailableOf } from './deployment-strategy.ts';

/** progressDeadlineSeconds of this value means none: the largest 32-bit number. */
const NO_DEADLINE = 2 ** 31 - 1;

type Condition = Pick<DeploymentCondition, 'type' | 'status' | 'reason' | 'message'>;

/** When it is: milliseconds and as RFC 3339. */
export interface Moment {
  readonly nowMs: number;
  readonly now: string;
}

const find = (conditions: readonly DeploymentCondition[] | undefined, type: string): DeploymentCondition | undefined =>
  conditions?.find((condition) => condition.type === type);

/** The condition of that type of a Deployment. */
export function deploymentCondition(deployment: Deployment, type: string): DeploymentCondition | undefined {
  return find(deployment.status?.conditions, type);
}

/** Conditions with one set; one with the same status and reason stays as it is. */
export function withCondition(conditions: readonly DeploymentCondition[], wanted: Condition, now: string): DeploymentCondition[] {
  const old = find(conditions, wanted.type);
  if (old && old.status === wanted.status && old.reason === wanted.reason) return [...conditions];
  const lastTransitionTime = old?.status === wanted.status ? (old.lastTransitionTime ?? now) : now;
  return [...conditions.filter((c) => c.type !== wanted.type), { ...wanted, lastUpdateTime: now, lastTransitionTime }];
}

/** As `withCondition`, always noting the time: progress is told by it. */
function refreshed(conditions: readonly DeploymentCondition[], wanted: Condition, now: string): DeploymentCondition[] {
  const old = find(conditions, wanted.type);
  const lastTransitionTime = old?.status === wanted.status ? (old.lastTransitionTime ?? now) : now;
  return [...conditions.filter((c) => c.type !== wanted.type), { ...wanted, lastUpdateTime: now, lastTransitionTime }];
}

const progressing = (status: string, reason: string, message: string): Condition => ({ type: 'Progressing', status, reason, message });

/** Progressing conditions that mark a single moment. */
export const PROGRESS = {
  created: (set: string) => progressing('True', 'NewReplicaSetCreated', `Created new replica set "${set}"`),
  found: (set: string) => progressing('True', 'FoundNewReplicaSet', `Found new replica set "${set}"`),
  createFailed: (message: string) => progressing('False', 'ReplicaSetCreateError', message),
  paused: () => progressing('Unknown', 'DeploymentPaused', 'Deployment is paused'),
  resumed: () => progressing('Unknown', 'DeploymentResumed', 'Deployment is resumed'),
} as const;

/** Whether a deadline for progress is set. */
export function hasDeadline(deployment: Deployment): boolean {
  const seconds = deployment.spec.progressDeadlineSeconds;
  return seconds !== undefined && seconds !== NO_DEADLINE;
}

/** Numbers and the Available condition. */
export function baseStatus(deployment: Deployment, sets: ReplicaSets, now: string): DeploymentStatus {
  const all = allOf(sets);
  const total = (of: (set: ReplicaSet) => number | undefined): number => all.reduce((sum, set) => sum + (of(set) ?? 0), 0);
  const available = total((set) => set.status?.availableReplicas);
  const desired = deployment.spec.replicas ?? 1;
  const enough = available >= desired - maxUnavailableOf(deployment);
  const condition: Condition = enough
    ? { type: 'Available', status: 'True', reason: 'MinimumReplicasAvailable', message: 'Deployment has minimum availability.' }
    : {
        type: 'Available',
        status: 'False',
        reason: 'MinimumReplicasUnavailable',
        message: 'Deployment does not have minimum availability.',
      };
  const { collisionCount, conditions = [] } = deployment.status ?? {};
  return {
    observedGeneration: deployment.metadata.generation ?? 0,
    replicas: total((set) => set.status?.replicas),
    updatedReplicas: sets.current?.status?.replicas ?? 0,
    readyReplicas: total((set) => set.status?.readyReplicas),
    availableReplicas: available,
    unavailableReplicas: Math.max(0, total(replicasOf) - available),
    terminatingReplicas: total((set) => set.status?.terminatingReplicas),
    ...(collisionCount !== undefined && { collisionCount }),
    conditions: withCondition(conditions, condition, now),
  };
}

/** Whether all replicas are of the new revision and available. */
export function isComplete(deployment: Deployment, status: DeploymentStatus): boolean {
  const desired = deployment.spec.replicas ?? 1;
  const { updatedReplicas = 0, replicas = 0, availableReplicas = 0, observedGeneration = 0 } = status;
  const all = updatedReplicas === desired && replicas === desired && availableReplicas === desired;
  return all && observedGeneration >= (deployment.metadata.generation ?? 0);
}

function hasProgressed(before: DeploymentStatus, after: DeploymentStatus): boolean {
  const number = (status: DeploymentStatus): { updated: number; old: number; ready: number; available: number } => ({
    updated: status.updatedReplicas ?? 0,
    old: (status.replicas ?? 0) - (status.updatedReplicas ?? 0),
    ready: status.readyReplicas ?? 0,
    available: status.availableReplicas ?? 0,
  });
  const [a, b] = [number(before), number(after)];
  return b.updated > a.updated || b.old < a.old || b.ready > a.ready || b.available > a.available;
}

function deadlineOf(deployment: Deployment, condition: DeploymentCondition): number {
  return Date.parse(condition.lastUpdateTime ?? '') + (deployment.spec.progressDeadlineSeconds ?? 0) * 1000;
}

function isTimedOut(deployment: Deployment, conditions: readonly DeploymentCondition[], nowMs: number): boolean {
  const condition = find(conditions, 'Progressing');
  if (!condition || condition.reason === 'NewReplicaSetAvailable') return false;
  return condition.reason === 'ProgressDeadlineExceeded' || deadlineOf(deployment, condition) < nowMs;
}

function withProgress(deployment: Deployment, sets: ReplicaSets, next: { status: DeploymentStatus; at: Moment }): DeploymentCondition[] {
  const { status, at } = next;
  const { conditions = [] } = status;
  const old = find(conditions, 'Progressing');
  const wasComplete = status.replicas === status.updatedReplicas && old?.reason === 'NewReplicaSetAvailable';
  if (!hasDeadline(deployment) || wasComplete) return conditions;
  const who = sets.current ? `ReplicaSet "${sets.current.metadata.name}"` : `Deployment "${deployment.metadata.name}"`;
  if (isComplete(deployment, status)) {
    return withCondition(conditions, progressing('True', 'NewReplicaSetAvailable', `${who} has successfully progressed.`), at.now);
  }
  if (hasProgressed(deployment.status ?? {}, status)) {
    return refreshed(conditions, progressing('True', 'ReplicaSetUpdated', `${who} is progressing.`), at.now);
  }
  if (!isTimedOut(deployment, conditions, at.nowMs)) return conditions;
  return withCondition(conditions, progressing('False', 'ProgressDeadlineExceeded', `${who} has timed out progressing.`), at.now);
}

/** The failure of a ReplicaSet (the new one's first) is the Deployment's. */
function withFailure(conditions: readonly DeploymentCondition[], sets: ReplicaSets): DeploymentCondition[] {
  const others = conditions.filter((condition) => condition.type !== 'ReplicaFailure');
  const failures = [...(sets.current ? [sets.current] : []), ...sets.old].flatMap(
    (set) => set.status?.conditions?.filter((c) => c.type === 'ReplicaFailure') ?? [],
  );
  const [failure] = failures;
  if (!failure) return others;
  const { lastTransitionTime } = failure;
  return [...others, { ...failure, ...(lastTransitionTime && { lastUpdateTime: lastTransitionTime }) }];
}

/** The whole status during and after a rollout. */
export function rolloutStatus(deployment: Deployment, sets: ReplicaSets, at: Moment): DeploymentStatus {
  const status = baseStatus(deployment, sets, at.now);
  const conditions = withFailure(withProgress(deployment, sets, { status, at }), sets);
  return { ...status, conditions };
}

/** Whether two statuses say the same; the order of conditions does not count. */
export function sameStatus(a: DeploymentStatus | undefined, b: DeploymentStatus): boolean {
  const comparable = (status: DeploymentStatus): unknown => ({
    ...baseNumbers(status),
    conditions: (status.conditions ?? []).toSorted((x, y) => (x.type < y.type ? -1 : 1)),
  });
  return a !== undefined && deepEqual(comparable(a), comparable(b));
}

const baseNumbers = (s: DeploymentStatus): Record<string, number> => ({
  observedGeneration: s.observedGeneration ?? 0,
  replicas: s.replicas ?? 0,
  updatedReplicas: s.updatedReplicas ?? 0,
  readyReplicas: s.readyReplicas ?? 0,
  availableReplicas: s.availableReplicas ?? 0,
  unavailableReplicas: s.unavailableReplicas ?? 0,
  terminatingReplicas: s.terminatingReplicas ?? 0,
  collisionCount: s.collisionCount ?? 0,
});

/** Milliseconds until the deadline has to be looked at; undefined when nothing is awaited. */
export function msUntilDeadline(deployment: Deployment, status: DeploymentStatus, nowMs: number): number | undefined {
  const condition = find(status.conditions, 'Progressing');
  if (!condition || !hasDeadline(deployment) || isComplete(deployment, status)) return undefined;
  if (condition.reason === 'ProgressDeadlineExceeded' || condition.reason === 'NewReplicaSetAvailable') return undefined;
  return Math.max(0, deadlineOf(deployment, condition) - nowMs) + 1000;
}
