// The strategy of a Deployment as numbers. Pure. Rules: apps/v1 DeploymentStrategy.

import type { Deployment } from '../../api/types/apps-v1.gen.ts';
import { scaledValue } from './int-or-percent.ts';

/** spec.replicas, 1 when it is not set. */
export const desiredOf = (deployment: Deployment): number => deployment.spec.replicas ?? 1;

/** Whether pods are replaced bit by bit. */
export const isRolling = (deployment: Deployment): boolean => deployment.spec.strategy?.type !== 'Recreate';

function fenceposts(deployment: Deployment): { surge: number; unavailable: number } {
  const { maxSurge, maxUnavailable } = deployment.spec.strategy?.rollingUpdate ?? {};
  const total = desiredOf(deployment);
  const surge = scaledValue(maxSurge, total, Math.ceil);
  const unavailable = scaledValue(maxUnavailable, total, Math.floor);
  // Small percentages may both round to 0, which would stop the rollout.
  return surge === 0 && unavailable === 0 ? { surge, unavailable: 1 } : { surge, unavailable };
}

/** Pods beyond the desired number during a rollout; percentages round up. */
export function maxSurgeOf(deployment: Deployment): number {
  return isRolling(deployment) ? fenceposts(deployment).surge : 0;
}

/** Pods that may be missing during a rollout; percentages round down. */
export function maxUnavailableOf(deployment: Deployment): number {
  if (!isRolling(deployment) || desiredOf(deployment) === 0) return 0;
  return Math.min(fenceposts(deployment).unavailable, desiredOf(deployment));
}
