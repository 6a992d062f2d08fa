// What a Job has to do next: pods to make, to delete and to let go, and the status to write: pure.

import type { KubeObject } from '../../api/object.ts';
import type { Job, JobCondition, JobStatus } from '../../api/types/batch-v1.gen.ts';
import type { Pod } from '../../api/types/core-v1.gen.ts';
import { rfc3339 } from '../../base/clock.ts';
import { countPods, type JobCount } from './job-count.ts';
import { formatIndexes } from './job-indexes.ts';
import { backoffLeft, endedAt, failuresOf, indexOf, isIndexed, outcomeOf, type PodRequest, replacesOnlyEnded } from './job-pods.ts';
import { deadlineLeft, type JobVerdict, judge } from './job-verdict.ts';
import { isPodReady } from './replica-set-pods.ts';

/** Pods made in one pass: upstream's bound. */
const MAX_CREATE = 500;

type PodObject = Pod & KubeObject;
type JobObject = Job & KubeObject;

/** The steps, in this order: write the status, release, delete, create. */
export interface JobPlan {
  readonly status: JobStatus;
  readonly release: readonly PodObject[];
  /** Pods to delete because the Job is done: they are counted. */
  readonly end: readonly PodObject[];
  /** Pods to delete because there are too many: they are released first and not counted. */
  readonly drop: readonly PodObject[];
  readonly create: readonly PodRequest[];
  /** Look again after this. */
  readonly waitMs?: number;
  /** The condition that is new and ends the Job. */
  readonly finished?: JobCondition;
}

interface View {
  readonly job: JobObject;
  readonly pods: readonly PodObject[];
  readonly count: JobCount;
  readonly nowMs: number;
}

/** Plans for the job's own pods. */
export function planJob(job: JobObject, pods: readonly PodObject[], nowMs: number): JobPlan {
  const view: View = { job, pods, count: countPods(job, pods), nowMs };
  const verdict = judge(job, view);
  const active = pods.filter((pod) => outcomeOf(job, pod) === 'active');
  const conditions = nextConditions(view, verdict);
  const finished = conditions.find((c) => isTerminal(c) && !job.status?.conditions?.includes(c));
  const base = { status: nextStatus(view, conditions), release: view.count.release, ...(finished && { finished }) };
  if (job.metadata.deletionTimestamp) return { ...base, end: [], drop: [], create: [] };
  if (verdict) return { ...base, end: active, drop: [], create: [] };
  if (job.spec?.suspend) return { ...base, end: [], drop: active, create: [] };
  const { drop, create, backoffMs } = planPods(view, active);
  const waits = [deadlineLeft({ ...job, status: base.status }, nowMs), backoffMs].flatMap((ms) => (ms !== undefined && ms > 0 ? [ms] : []));
  return { ...base, end: [], drop, create, ...(waits.length > 0 && { waitMs: Math.min(...waits) }) };
}

function planPods(view: View, active: readonly PodObject[]): { drop: PodObject[]; create: PodRequest[]; backoffMs?: number } {
  const { job, pods, count } = view;
  const surplus = isIndexed(job) ? uselessIndexed(view, active) : [];
  const useful = active.filter((pod) => !surplus.includes(pod));
  const { parallelism = 1, completions } = job.spec ?? {};
  const remaining = completions === undefined ? Number.POSITIVE_INFINITY : completions - count.totalSucceeded - count.failedIndexes.size;
  const workQueueEnds = completions === undefined && count.totalSucceeded > 0;
  const wanted = Math.max(0, Math.min(workQueueEnds ? Math.min(parallelism, useful.length) : parallelism, remaining));
  if (useful.length > wanted) return { drop: [...surplus, ...inDropOrder(useful).slice(0, useful.length - wanted)], create: [] };
  const blocking = replacesOnlyEnded(job) ? pods.filter((pod) => outcomeOf(job, pod) === 'terminating').length : 0;
  const missing = Math.min(MAX_CREATE, wanted - useful.length - blocking);
  if (missing <= 0) return { drop: surplus, create: [] };
  return { drop: surplus, ...requests(view, missing) };
}

/** Pods to make now, or how long to wait after failures. */
function requests(view: View, missing: number): { create: PodRequest[]; backoffMs?: number } {
  const perIndex = view.job.spec?.backoffLimitPerIndex !== undefined;
  const wait = perIndex ? 0 : backoffAfter(view, view.pods);
  if (wait > 0) return { create: [], backoffMs: wait };
  if (!isIndexed(view.job)) return { create: Array.from({ length: missing }, () => ({})) };
  const free = freeIndexes(view);
  if (!perIndex) return { create: free.slice(0, missing).map((index) => ({ index })) };
  const judged = free.map((index) => {
    const own = view.pods.filter((pod) => indexOf(pod) === index);
    const failures = Math.max(0, ...own.filter((pod) => outcomeOf(view.job, pod) === 'failed').map((pod) => failuresOf(pod) + 1));
    const last = Math.max(0, ...own.map((pod) => endedAt(pod, view.nowMs)));
    return { index, failures, wait: backoffLeft(failures, last, view.nowMs) };
  });
  const due = judged.filter((j) => j.wait === 0).slice(0, missing);
  const later = judged.filter((j) => j.wait > 0).map((j) => j.wait);
  const create = due.map(({ index, failures }) => ({ index, failures }));
  return { create, ...(later.length > 0 && { backoffMs: Math.min(...later) }) };
}

/** The wait after the failures since the last success. */
function backoffAfter({ job, nowMs }: View, pods: readonly PodObject[]): number {
  const ended = pods.flatMap((pod) => {
    const outcome = outcomeOf(job, pod);
    return outcome === 'failed' || outcome === 'succeeded' ? [{ outcome, at: endedAt(pod, nowMs) }] : [];
  });
  const lastSuccess = Math.max(0, ...ended.filter((e) => e.outcome === 'succeeded').map((e) => e.at));
  const failures = ended.filter((e) => e.outcome === 'failed' && e.at > lastSuccess);
  return backoffLeft(failures.length, Math.max(0, ...failures.map((e) => e.at)), nowMs);
}

/** Indexes without a pod that is under way, not completed and not failed, lowest first. */
function freeIndexes({ job, pods, count }: View): number[] {
  const taken = new Set(
    pods.flatMap((pod) => {
      const outcome = outcomeOf(job, pod);
      return outcome === 'active' || outcome === 'terminating' ? (indexOf(pod) ?? []) : [];
    }),
  );
  const all = Array.from({ length: job.spec?.completions ?? 0 }, (_, index) => index);
  return all.filter((index) => !taken.has(index) && !count.completedIndexes.has(index) && !count.failedIndexes.has(index));
}

/** Active pods whose index is done, out of range, or held by another one. */
function uselessIndexed({ job, count }: View, active: readonly PodObject[]): PodObject[] {
  const seen = new Set<number>();
  return active.filter((pod) => {
    const index = indexOf(pod);
    const useless = index === undefined || index >= (job.spec?.completions ?? 0) || count.completedIndexes.has(index) || seen.has(index);
    if (index !== undefined) seen.add(index);
    return useless;
  });
}

/** Pods that have done least go first: not bound, not ready, younger. */
function inDropOrder(pods: readonly PodObject[]): PodObject[] {
  const worth = (pod: PodObject): number => Number(Boolean(pod.spec?.nodeName)) + 2 * Number(isPodReady(pod));
  const created = (pod: PodObject): string => pod.metadata.creationTimestamp ?? '';
  return pods.toSorted((a, b) => worth(a) - worth(b) || created(b).localeCompare(created(a)));
}

const isTerminal = ({ type, status }: JobCondition): boolean => status === 'True' && (type === 'Complete' || type === 'Failed');

function nextConditions(view: View, verdict: JobVerdict | undefined): JobCondition[] {
  const { job, count } = view;
  let conditions = job.status?.conditions ?? [];
  if (!verdict) return withSuspension(view, conditions);
  const { reason, message, success } = verdict;
  conditions = setCondition(view, conditions, { type: success ? 'SuccessCriteriaMet' : 'FailureTarget', status: 'True', reason, message });
  // The Job is over only when no pod of it is left that could still do something, and all are counted.
  const open = view.pods.some(
    (pod) => ['active', 'terminating'].includes(outcomeOf(job, pod)) || pod.metadata.deletionTimestamp !== undefined,
  );
  if (open || count.release.length > 0 || count.uncounted.succeeded.length + count.uncounted.failed.length > 0) return conditions;
  return setCondition(view, conditions, { type: success ? 'Complete' : 'Failed', status: 'True', reason, message });
}

function withSuspension(view: View, conditions: JobCondition[]): JobCondition[] {
  if (view.job.spec?.suspend)
    return setCondition(view, conditions, { type: 'Suspended', status: 'True', reason: 'JobSuspended', message: 'Job suspended' });
  const was = conditions.some((c) => c.type === 'Suspended' && c.status === 'True');
  return was
    ? setCondition(view, conditions, { type: 'Suspended', status: 'False', reason: 'JobResumed', message: 'Job resumed' })
    : conditions;
}

function setCondition({ nowMs }: View, conditions: JobCondition[], wanted: JobCondition): JobCondition[] {
  const old = conditions.find((c) => c.type === wanted.type);
  if (old?.status === wanted.status) return conditions;
  const now = rfc3339(nowMs);
  const condition = { ...wanted, lastProbeTime: now, lastTransitionTime: now };
  return old ? conditions.map((c) => (c === old ? condition : c)) : [...conditions, condition];
}

function nextStatus({ job, pods, count, nowMs }: View, conditions: JobCondition[]): JobStatus {
  const { startTime: started, ...old } = job.status ?? {};
  const active = pods.filter((pod) => outcomeOf(job, pod) === 'active');
  const terminating = pods.filter(
    (pod) => pod.metadata.deletionTimestamp && !['Succeeded', 'Failed'].includes(pod.status?.phase ?? ''),
  ).length;
  const complete = conditions.find((c) => c.type === 'Complete' && c.status === 'True');
  const { succeeded, failed } = count.uncounted;
  const paused = job.spec?.suspend && !conditions.some(isTerminal);
  const startTime = paused ? undefined : (started ?? rfc3339(nowMs));
  // Whatever the clock did, a Job does not end before it began.
  const ended = complete?.lastTransitionTime;
  const completionTime = ended && startTime && ended < startTime ? startTime : ended;
  return {
    ...old,
    ...(startTime && { startTime }),
    ...(completionTime && { completionTime }),
    ...(conditions.length > 0 && { conditions }),
    active: active.length,
    ready: active.filter(isPodReady).length,
    terminating,
    succeeded: count.succeeded,
    failed: count.failed,
    uncountedTerminatedPods: {
      ...(succeeded.length > 0 && { succeeded: [...succeeded] }),
      ...(failed.length > 0 && { failed: [...failed] }),
    },
    ...(isIndexed(job) && { completedIndexes: formatIndexes(count.completedIndexes) }),
    ...(job.spec?.backoffLimitPerIndex !== undefined && { failedIndexes: formatIndexes(count.failedIndexes) }),
  };
}
