// How a Deployment shares its replicas among ReplicaSets: rolling update, Recreate, scaling in proportion. Pure.
// Rules: Kubernetes documentation "Deployments": max surge, max unavailable, proportional scaling.

import type { Deployment, ReplicaSet } from '../../api/types/apps-v1.gen.ts';
import { DESIRED_REPLICAS, MAX_REPLICAS, oldestFirst, revisionOf } from './deployment-revision.ts';
import { desiredOf, isRolling, maxSurgeOf, maxUnavailableOf } from './deployment-strategy.ts';

/** One ReplicaSet to be given a number of replicas. */
export interface ScaleStep {
  readonly set: ReplicaSet;
  readonly replicas: number;
}

/** All ReplicaSets of a Deployment. */
export interface ReplicaSets {
  readonly current: ReplicaSet | undefined;
  readonly old: readonly ReplicaSet[];
}

/** spec.replicas of a ReplicaSet. */
export const replicasOf = (set: ReplicaSet): number => set.spec.replicas ?? 0;
const availableOf = (set: ReplicaSet): number => set.status?.availableReplicas ?? 0;
const sum = (sets: readonly ReplicaSet[], of: (set: ReplicaSet) => number): number => sets.reduce((total, set) => total + of(set), 0);
/** All ReplicaSets of a Deployment, the current one last. */
export const allOf = ({ current, old }: ReplicaSets): ReplicaSet[] => (current ? [...old, current] : [...old]);

/** How many replicas the new ReplicaSet may have now, given those of all. */
export function newReplicas(deployment: Deployment, all: readonly ReplicaSet[], current: number): number {
  const desired = desiredOf(deployment);
  if (!isRolling(deployment)) return desired;
  const room = desired + maxSurgeOf(deployment) - sum(all, replicasOf);
  return room <= 0 ? current : current + Math.min(room, desired - current);
}

/** The next steps of a rolling update: up first; when there is nothing to add, down. */
export function planRollingUpdate(deployment: Deployment, sets: ReplicaSets & { readonly current: ReplicaSet }): ScaleStep[] {
  const up = planNew(deployment, sets);
  return up.length > 0 ? up : planOld(deployment, sets);
}

function planNew(deployment: Deployment, sets: ReplicaSets & { readonly current: ReplicaSet }): ScaleStep[] {
  const { current } = sets;
  const desired = desiredOf(deployment);
  const now = replicasOf(current);
  const replicas = now > desired ? desired : newReplicas(deployment, allOf(sets), now);
  return replicas === now ? [] : [{ set: current, replicas }];
}

/** Takes from the old ReplicaSets: first pods that are not available anyway, then as many as may be missing. */
function planOld(deployment: Deployment, sets: ReplicaSets & { readonly current: ReplicaSet }): ScaleStep[] {
  const { current, old } = sets;
  const all = allOf(sets);
  const minAvailable = desiredOf(deployment) - maxUnavailableOf(deployment);
  const newUnavailable = replicasOf(current) - availableOf(current);
  const maxScaledDown = sum(all, replicasOf) - minAvailable - newUnavailable;
  if (sum(old, replicasOf) === 0 || maxScaledDown <= 0) return [];
  const sizes = new Map(oldestFirst(old).map((set) => [set, replicasOf(set)]));
  let unhealthy = maxScaledDown;
  for (const [set, size] of sizes) {
    const drop = Math.min(unhealthy, Math.max(0, size - availableOf(set)));
    sizes.set(set, size - drop);
    unhealthy -= drop;
  }
  let healthy = sum(all, availableOf) - minAvailable;
  for (const [set, size] of sizes) {
    const drop = Math.min(Math.max(0, healthy), size);
    sizes.set(set, size - drop);
    healthy -= drop;
  }
  return changed(sizes);
}

const changed = (sizes: ReadonlyMap<ReplicaSet, number>): ScaleStep[] =>
  [...sizes].filter(([set, replicas]) => replicas !== replicasOf(set)).map(([set, replicas]) => ({ set, replicas }));

/** Recreate: all that is old goes first. */
export function planScaleDownOld(old: readonly ReplicaSet[]): ScaleStep[] {
  return old.filter((set) => replicasOf(set) > 0).map((set) => ({ set, replicas: 0 }));
}

/** Whether the Deployment's size was changed since its ReplicaSets were last scaled. */
export function isScalingEvent(deployment: Deployment, sets: ReplicaSets): boolean {
  return allOf(sets).some((set) => {
    const desired = set.metadata.annotations?.[DESIRED_REPLICAS];
    return replicasOf(set) > 0 && desired !== undefined && Number(desired) !== desiredOf(deployment);
  });
}

function isSaturated(deployment: Deployment, set: ReplicaSet | undefined): boolean {
  const desired = desiredOf(deployment);
  if (!set || Number(set.metadata.annotations?.[DESIRED_REPLICAS]) !== desired) return false;
  return replicasOf(set) === desired && availableOf(set) === desired;
}

/** The only ReplicaSet with replicas, or without any the new or latest one; undefined when several have some. */
function activeOrLatest({ current, old }: ReplicaSets): ReplicaSet | undefined {
  const active = allOf({ current, old }).filter((set) => replicasOf(set) > 0);
  if (active.length > 1) return undefined;
  return active[0] ?? current ?? old.toSorted((a, b) => revisionOf(b) - revisionOf(a))[0];
}

/** Steps after a change of size: to the one active ReplicaSet, or in proportion while a rollout is under way. */
export function planScale(deployment: Deployment, sets: ReplicaSets): ScaleStep[] {
  const one = activeOrLatest(sets);
  // Also when the number is right: the size it remembers may be an old one.
  if (one) return [{ set: one, replicas: desiredOf(deployment) }];
  if (isSaturated(deployment, sets.current)) return planScaleDownOld(sets.old);
  return isRolling(deployment) ? planProportional(deployment, allOf(sets)) : [];
}

function planProportional(deployment: Deployment, all: readonly ReplicaSet[]): ScaleStep[] {
  const active = all.filter((set) => replicasOf(set) > 0);
  const desired = desiredOf(deployment);
  const toAdd = (desired > 0 ? desired + maxSurgeOf(deployment) : 0) - sum(active, replicasOf);
  const age = new Map(oldestFirst(active).map((set, i) => [set, i]));
  const newerFirst = toAdd > 0 ? -1 : 1;
  // The largest first; of equal ones the newer when adding, the older when taking away.
  const ordered = active.toSorted((a, b) => replicasOf(b) - replicasOf(a) || newerFirst * ((age.get(a) ?? 0) - (age.get(b) ?? 0)));
  const sizes = new Map<ReplicaSet, number>();
  let added = 0;
  for (const set of ordered) {
    const share = proportion(deployment, set, toAdd - added);
    sizes.set(set, replicasOf(set) + share);
    added += share;
  }
  const [first] = ordered;
  if (first) sizes.set(first, Math.max(0, (sizes.get(first) ?? 0) + toAdd - added));
  return ordered.map((set) => ({ set, replicas: sizes.get(set) ?? replicasOf(set) }));
}

/** The share of a ReplicaSet in `left` replicas that are still to be added (or, negative, taken away). */
function proportion(deployment: Deployment, set: ReplicaSet, left: number): number {
  if (left === 0 || replicasOf(set) === 0) return 0;
  const fraction = scaledSize(deployment, set) - replicasOf(set);
  return left > 0 ? Math.min(fraction, left) : Math.max(fraction, left);
}

function scaledSize(deployment: Deployment, set: ReplicaSet): number {
  const desired = desiredOf(deployment);
  if (desired === 0) return 0;
  const before = Number(set.metadata.annotations?.[MAX_REPLICAS] ?? Number.NaN) || (deployment.status?.replicas ?? 0);
  return before === 0 ? replicasOf(set) : Math.round((replicasOf(set) * (desired + maxSurgeOf(deployment))) / before);
}
