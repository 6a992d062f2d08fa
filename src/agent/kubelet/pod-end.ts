// When and how a pod ends here: by its deadline, by the node's decision, within which grace period. Pure.

import type { Pod } from '../../api/types/core-v1.gen.ts';

/** Why a kubelet ends a pod by itself; `graceSeconds` absent = the pod's own. */
export interface PodEnd {
  readonly reason: string;
  readonly message: string;
  readonly graceSeconds?: number;
  /** It never ran here, and its status has nothing to say of its containers. */
  readonly rejected?: boolean;
}

/** The end of a pod that ran longer than it may. */
export const DEADLINE_EXCEEDED: PodEnd = {
  reason: 'DeadlineExceeded',
  message: 'Pod was active on the node longer than the specified deadline',
};

/** Milliseconds that the pod may still run, not positive when they are over; undefined without a deadline. `seenMs` is when it was first seen here. */
export function deadlineLeftMs({ spec, status }: Pod, { seenMs, nowMs }: { seenMs: number; nowMs: number }): number | undefined {
  if (spec.activeDeadlineSeconds === undefined) return undefined;
  return (status?.startTime ? Date.parse(status.startTime) : seenMs) + spec.activeDeadlineSeconds * 1000 - nowMs;
}

/** Seconds that the pod's containers have to end. */
export function graceSecondsOf({ metadata, spec }: Pod, end: PodEnd | undefined): number {
  return end?.graceSeconds ?? Math.max(1, metadata.deletionGracePeriodSeconds ?? spec.terminationGracePeriodSeconds ?? 30);
}
