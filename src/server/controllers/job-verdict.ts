// Whether a Job is done, well or badly: pure. Reasons and messages are those users know from upstream.

import type { KubeObject } from '../../api/object.ts';
import type { Job, SuccessPolicyRule } from '../../api/types/batch-v1.gen.ts';
import type { Pod } from '../../api/types/core-v1.gen.ts';
import type { JobCount } from './job-count.ts';
import { parseIndexes } from './job-indexes.ts';
import { isIndexed, outcomeOf } from './job-pods.ts';
import { timeOf } from './replica-set-pods.ts';

/** Failures allowed by default. */
const BACKOFF_LIMIT = 6;

type PodObject = Pod & KubeObject;
type JobObject = Job & KubeObject;

/** How a Job ends. */
export interface JobVerdict {
  readonly success: boolean;
  readonly reason: string;
  readonly message: string;
}

const fail = (reason: string, message: string): JobVerdict => ({ success: false, reason, message });
const succeed = (reason: string, message: string): JobVerdict => ({ success: true, reason, message });

/** Judges; `undefined` = it goes on. What was decided before stays decided. */
export function judge(
  job: JobObject,
  { pods, count, nowMs }: { pods: readonly PodObject[]; count: JobCount; nowMs: number },
): JobVerdict | undefined {
  return earlier(job) ?? failure(job, { pods, count, nowMs }) ?? success(job, { pods, count });
}

function earlier(job: JobObject): JobVerdict | undefined {
  for (const { type, status, reason = '', message = '' } of job.status?.conditions ?? []) {
    if (status !== 'True') continue;
    if (type === 'FailureTarget' || type === 'Failed') return fail(reason, message);
    if (type === 'SuccessCriteriaMet' || type === 'Complete') return succeed(reason, message);
  }
  return undefined;
}

function failure(
  job: JobObject,
  { pods, count, nowMs }: { pods: readonly PodObject[]; count: JobCount; nowMs: number },
): JobVerdict | undefined {
  const { spec } = job;
  if (count.failJob) {
    const { why, position } = count.failJob;
    return fail('PodFailurePolicy', `${why} matching FailJob rule at index ${position}`);
  }
  const limit = spec?.backoffLimit ?? BACKOFF_LIMIT;
  if (count.totalFailed > limit || restartsBeyond(job, pods, limit))
    return fail('BackoffLimitExceeded', 'Job has reached the specified backoff limit');
  const left = deadlineLeft(job, nowMs);
  if (left !== undefined && left <= 0) return fail('DeadlineExceeded', 'Job was active longer than specified deadline');
  if (spec?.maxFailedIndexes !== undefined && count.failedIndexes.size > spec.maxFailedIndexes) {
    return fail('MaxFailedIndexesExceeded', 'Job has exceeded the specified maximal number of failed indexes');
  }
  const all = count.failedIndexes.size > 0 && count.failedIndexes.size + count.completedIndexes.size >= (spec?.completions ?? 0);
  return all ? fail('FailedIndexes', 'Job has failed indexes') : undefined;
}

/** With restartPolicy OnFailure the kubelet restarts containers: their restarts count against the limit. */
function restartsBeyond(job: JobObject, pods: readonly PodObject[], limit: number): boolean {
  if (job.spec?.template.spec?.restartPolicy !== 'OnFailure') return false;
  let restarts = 0;
  for (const pod of pods) {
    if (outcomeOf(job, pod) !== 'active') continue;
    const statuses = [...(pod.status?.initContainerStatuses ?? []), ...(pod.status?.containerStatuses ?? [])];
    for (const { restartCount } of statuses) restarts += restartCount ?? 0;
  }
  return limit === 0 ? restarts > 0 : restarts >= limit;
}

/** Milliseconds until the deadline; `undefined` when there is none. */
export function deadlineLeft({ spec, status }: JobObject, nowMs: number): number | undefined {
  const started = timeOf(status?.startTime);
  if (spec?.activeDeadlineSeconds === undefined || started === undefined || spec.suspend) return undefined;
  return started + spec.activeDeadlineSeconds * 1000 - nowMs;
}

function success(job: JobObject, { pods, count }: { pods: readonly PodObject[]; count: JobCount }): JobVerdict | undefined {
  const { completions, successPolicy } = job.spec ?? {};
  for (const [position, rule] of (isIndexed(job) ? (successPolicy?.rules ?? []) : []).entries()) {
    if (meetsRule(rule, count.completedIndexes)) return succeed('SuccessPolicy', `Matched rules at index ${position}`);
  }
  const active = pods.some((pod) => outcomeOf(job, pod) === 'active');
  const reached = completions === undefined ? count.totalSucceeded > 0 && !active : count.totalSucceeded >= completions;
  return reached ? succeed('CompletionsReached', 'Reached expected number of succeeded pods') : undefined;
}

function meetsRule({ succeededIndexes, succeededCount }: SuccessPolicyRule, completed: ReadonlySet<number>): boolean {
  const wanted = succeededIndexes === undefined ? undefined : parseIndexes(succeededIndexes);
  const done = wanted ? [...wanted].filter((index) => completed.has(index)).length : completed.size;
  return done >= (succeededCount ?? wanted?.size ?? Number.POSITIVE_INFINITY);
}
