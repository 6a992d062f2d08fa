// Counts a Job's pods exactly once each: pure. A finished pod is first noted in status.uncountedTerminatedPods (or its index
// in completedIndexes), then loses its finalizer, and only when that shows its uid moves into the counters (KEP-2307).

import type { KubeObject } from '../../api/object.ts';
import type { Job } from '../../api/types/batch-v1.gen.ts';
import type { Pod } from '../../api/types/core-v1.gen.ts';
import { parseIndexes } from './job-indexes.ts';
import { failuresOf, indexOf, isIndexed, isTracked, type MatchedRule, matchFailurePolicy, outcomeOf } from './job-pods.ts';

/** Pods noted as uncounted at a time: bounds the size of the status, as upstream. */
const MAX_UNCOUNTED = 500;

type PodObject = Pod & KubeObject;
type JobObject = Job & KubeObject;

/** The state of the counting. */
export interface JobCount {
  /** Counters of the status. */
  readonly succeeded: number;
  readonly failed: number;
  /** Uids noted and not counted yet. */
  readonly uncounted: { readonly succeeded: readonly string[]; readonly failed: readonly string[] };
  readonly completedIndexes: ReadonlySet<number>;
  readonly failedIndexes: ReadonlySet<number>;
  /** Counted and noted together: what decisions go by. */
  readonly totalSucceeded: number;
  readonly totalFailed: number;
  /** Pods that may lose their finalizer once the status is written. */
  readonly release: readonly PodObject[];
  /** The first rule of the failure policy that ends the Job. */
  readonly failJob?: MatchedRule;
}

interface Draft {
  readonly succeeded: string[];
  readonly failed: string[];
  readonly completed: Set<number>;
  readonly broken: Set<number>;
  readonly release: PodObject[];
  failJob?: MatchedRule;
}

/** Counts from the job's status and its pods. */
export function countPods(job: JobObject, pods: readonly PodObject[]): JobCount {
  const status = job.status ?? {};
  const tracked = new Map(pods.filter(isTracked).map((pod) => [pod.metadata.uid ?? '', pod]));
  const { succeeded = [], failed = [] } = status.uncountedTerminatedPods ?? {};
  const draft: Draft = {
    succeeded: succeeded.filter((uid) => tracked.has(uid)),
    failed: failed.filter((uid) => tracked.has(uid)),
    completed: parseIndexes(status.completedIndexes),
    broken: parseIndexes(status.failedIndexes),
    release: [],
  };
  for (const pod of tracked.values()) note(job, pod, draft);
  const countedSucceeded = (status.succeeded ?? 0) + succeeded.length - [...succeeded].filter((uid) => tracked.has(uid)).length;
  const countedFailed = (status.failed ?? 0) + failed.length - [...failed].filter((uid) => tracked.has(uid)).length;
  return {
    succeeded: isIndexed(job) ? draft.completed.size : countedSucceeded,
    failed: countedFailed,
    uncounted: { succeeded: draft.succeeded, failed: draft.failed },
    completedIndexes: draft.completed,
    failedIndexes: draft.broken,
    totalSucceeded: isIndexed(job) ? draft.completed.size : countedSucceeded + draft.succeeded.length,
    totalFailed: countedFailed + draft.failed.length,
    release: draft.release,
    ...(draft.failJob && { failJob: draft.failJob }),
  };
}

function note(job: JobObject, pod: PodObject, draft: Draft): void {
  const uid = pod.metadata.uid ?? '';
  const outcome = outcomeOf(job, pod);
  if (outcome === 'active' || outcome === 'terminating') return;
  if (draft.succeeded.includes(uid) || draft.failed.includes(uid)) {
    draft.release.push(pod);
    return;
  }
  if (draft.succeeded.length + draft.failed.length >= MAX_UNCOUNTED) return;
  draft.release.push(pod);
  if (outcome === 'failed') noteFailure(job, pod, draft);
  else if (!isIndexed(job)) draft.succeeded.push(uid);
  else {
    const index = indexOf(pod);
    if (index !== undefined && index < (job.spec?.completions ?? 0)) draft.completed.add(index);
  }
}

function noteFailure(job: JobObject, pod: PodObject, draft: Draft): void {
  const match = matchFailurePolicy(job, pod);
  if (match?.rule.action === 'Ignore') return;
  if (match?.rule.action === 'FailJob') draft.failJob ??= match;
  draft.failed.push(pod.metadata.uid ?? '');
  const { backoffLimitPerIndex } = job.spec ?? {};
  const index = indexOf(pod);
  if (backoffLimitPerIndex === undefined || index === undefined || draft.completed.has(index)) return;
  if (match?.rule.action === 'FailIndex' || failuresOf(pod) >= backoffLimitPerIndex) draft.broken.add(index);
}
