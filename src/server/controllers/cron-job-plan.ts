// When a CronJob runs a Job and which Jobs it forgets: pure. Kubernetes documentation, "CronJob".

import { type CronSchedule, cronTimes, type NextTime } from '../../api/cron-schedule.ts';
import type { KubeObject } from '../../api/object.ts';
import { rfc3339In } from '../../api/time-zone.ts';
import type { CronJob, CronJobStatus, Job } from '../../api/types/batch-v1.gen.ts';
import type { ObjectReference } from '../../api/types/core-v1.gen.ts';
import { rfc3339 } from '../../base/clock.ts';
import { CRON_JOBS } from '../../client/resources.ts';
import { controllerRef } from './controller-ref.ts';
import { timeOf } from './replica-set-pods.ts';

const SCHEDULED_AT = 'batch.kubernetes.io/cronjob-scheduled-timestamp';
/** More missed times than this are reported: the clock or the deadline is not what the user thinks. */
const MANY_MISSED = 100;
/** Timers may fire a little early: look shortly after the minute. */
const SLACK_MS = 100;

/** A CronJob as stored. */
export type CronJobObject = CronJob & KubeObject;
/** A Job as stored. */
export type JobObject = Job & KubeObject;

/** An event to report. */
export interface CronEvent {
  readonly type: 'Normal' | 'Warning';
  readonly reason: string;
  readonly message: string;
}

/** Whether a Job is over, and how. */
function finishOf({ status }: JobObject): 'Complete' | 'Failed' | undefined {
  const last = status?.conditions?.find((c) => c.status === 'True' && (c.type === 'Complete' || c.type === 'Failed'));
  return last?.type === 'Complete' || last?.type === 'Failed' ? last.type : undefined;
}

/** Brings the list of running Jobs and the time of the last success up to date with the Jobs that the CronJob owns. */
export function observeJobs({ status }: CronJobObject, jobs: readonly JobObject[]): { status: CronJobStatus; events: CronEvent[] } {
  const events: CronEvent[] = [];
  const byUid = new Map(jobs.map((job) => [job.metadata.uid, job]));
  const listed = new Set((status?.active ?? []).map(({ uid }) => uid));
  for (const { metadata } of jobs.filter((job) => !listed.has(job.metadata.uid ?? '') && !finishOf(job))) {
    const message = `Saw a job that the controller did not create or forgot: ${metadata.name}`;
    events.push({ type: 'Warning', reason: 'UnexpectedJob', message });
  }
  const active: ObjectReference[] = [];
  for (const reference of status?.active ?? []) {
    const job = byUid.get(reference.uid);
    const finish = job && finishOf(job);
    if (!job) events.push({ type: 'Normal', reason: 'MissingJob', message: `Active job went missing: ${reference.name}` });
    else if (finish) {
      events.push({ type: 'Normal', reason: 'SawCompletedJob', message: `Saw completed job: ${job.metadata.name}, condition: ${finish}` });
    } else active.push(reference);
  }
  const successes = jobs.flatMap((job) => (finishOf(job) === 'Complete' ? (timeOf(job.status?.completionTime) ?? []) : []));
  const before = timeOf(status?.lastSuccessfulTime);
  const lastSuccess = Math.max(...successes, before ?? Number.NEGATIVE_INFINITY);
  const { lastScheduleTime } = status ?? {};
  return {
    events,
    status: {
      ...(active.length > 0 && { active }),
      ...(lastScheduleTime !== undefined && { lastScheduleTime }),
      ...(Number.isFinite(lastSuccess) && { lastSuccessfulTime: rfc3339(lastSuccess) }),
    },
  };
}

/** What a CronJob does now: start the Job of a time, or nothing; and when it looks again. */
export interface CronPlan {
  /** The time whose Job is to start. */
  readonly startAt?: number;
  /** Running Jobs that make room for it. */
  readonly replace: readonly ObjectReference[];
  readonly events: readonly CronEvent[];
  readonly waitMs?: number;
}

/** Decides what to start. `status` is as observed now. */
export function planCronJob(
  cron: CronJobObject,
  schedule: CronSchedule,
  { status, nowMs }: { status: CronJobStatus; nowMs: number },
): CronPlan {
  const next = cronTimes(schedule, cron.spec.timeZone);
  const following = next(nowMs);
  const wait = following === undefined ? {} : { waitMs: following - nowMs + SLACK_MS };
  const missed = lastMissed(cron, next, { since: status.lastScheduleTime, nowMs });
  const events: CronEvent[] = [];
  const idle = { replace: [], events, ...wait };
  if (missed.many) {
    const message = 'too many missed start times. Set or decrease .spec.startingDeadlineSeconds or check clock skew';
    events.push({ type: 'Warning', reason: 'TooManyMissedTimes', message });
  }
  const at = missed.at;
  if (at === undefined) return idle;
  const deadline = cron.spec.startingDeadlineSeconds;
  if (deadline !== undefined && at + deadline * 1000 < nowMs) {
    const message = `Missed scheduled time to start a job: ${rfc3339In(at, cron.spec.timeZone)}`;
    events.push({ type: 'Warning', reason: 'MissSchedule', message });
    return idle;
  }
  const active = status.active ?? [];
  if (active.some(({ name }) => name === jobName(cron, at))) return idle;
  if (cron.spec.concurrencyPolicy === 'Forbid' && active.length > 0) {
    const message = 'Not starting job because prior execution is running and concurrency policy is Forbid';
    events.push({ type: 'Normal', reason: 'JobAlreadyActive', message });
    return idle;
  }
  return { ...idle, startAt: at, replace: cron.spec.concurrencyPolicy === 'Replace' ? active : [] };
}

/** The last time that has passed and was not run; `many` = more than a hundred before it. */
function lastMissed(
  cron: CronJobObject,
  next: NextTime,
  { since, nowMs }: { since: string | undefined; nowMs: number },
): { at?: number; many: boolean } {
  const deadline = cron.spec.startingDeadlineSeconds;
  const earliest = timeOf(since) ?? timeOf(cron.metadata.creationTimestamp) ?? nowMs;
  const from = deadline === undefined ? earliest : Math.max(earliest, nowMs - deadline * 1000);
  let at: number | undefined;
  let count = 0;
  for (let time = next(from); time !== undefined && time <= nowMs; time = next(time)) {
    at = time;
    if (++count > MANY_MISSED) return { at: lastBefore(next, { nowMs, no: at }), many: true };
  }
  return { many: false, ...(at !== undefined && { at }) };
}

/** The last time up to now, found by looking back ever further, not before `no`. */
function lastBefore(next: NextTime, { nowMs, no }: { nowMs: number; no: number }): number {
  let last = no;
  for (let back = 60_000; last === no && nowMs - back > no; back *= 2) {
    for (let time = next(nowMs - back); time !== undefined && time <= nowMs; time = next(time)) last = time;
  }
  return last;
}

/** The Job of a time: its name says the minute, so that it is made once. */
function jobName({ metadata }: CronJobObject, at: number): string {
  return `${metadata.name}-${Math.floor(at / 60_000)}`;
}

/** The Job that runs at a time. */
export function cronJobJob(cron: CronJobObject, at: number): JobObject {
  const { metadata, spec } = cron.spec.jobTemplate;
  const annotations = { ...metadata?.annotations, [SCHEDULED_AT]: rfc3339In(at, cron.spec.timeZone) };
  return {
    apiVersion: 'batch/v1',
    kind: 'Job',
    metadata: {
      name: jobName(cron, at),
      namespace: cron.metadata.namespace ?? '',
      ...(metadata?.labels && { labels: metadata.labels }),
      annotations,
      ownerReferences: [controllerRef(cron, CRON_JOBS)],
    },
    spec: spec ?? { template: { metadata: {}, spec: { containers: [] } } },
  };
}

/** The entry of a running Job in the status. */
export function activeReference({ metadata }: JobObject): ObjectReference {
  const { name = '', namespace = '', uid = '', resourceVersion } = metadata;
  return { apiVersion: 'batch/v1', kind: 'Job', name, namespace, uid, ...(resourceVersion !== undefined && { resourceVersion }) };
}

/** Finished Jobs beyond the limits, oldest first. */
export function jobsToForget({ spec }: CronJobObject, jobs: readonly JobObject[]): JobObject[] {
  const surplus = (how: 'Complete' | 'Failed', limit: number | undefined): JobObject[] => {
    if (limit === undefined) return [];
    const finished = jobs.filter((job) => finishOf(job) === how && job.metadata.deletionTimestamp === undefined);
    return finished.toSorted(byStart).slice(0, Math.max(0, finished.length - limit));
  };
  return [...surplus('Complete', spec.successfulJobsHistoryLimit), ...surplus('Failed', spec.failedJobsHistoryLimit)];
}

function byStart(a: JobObject, b: JobObject): number {
  const start = ({ status }: JobObject): number => timeOf(status?.startTime) ?? Number.POSITIVE_INFINITY;
  if (start(a) !== start(b)) return start(a) < start(b) ? -1 : 1;
  return (a.metadata.name ?? '') < (b.metadata.name ?? '') ? -1 : 1;
}
