// The CronJob controller: starts a Job at the times of a schedule, and forgets old ones.

import { deepEqual } from '../../api/copy.ts';
import { parseCronSchedule } from '../../api/cron-schedule.ts';
import { keyOf, nameOf } from '../../api/object.ts';
import { isAlreadyExists, isNotFound } from '../../api/status-error.ts';
import { isTimeZone } from '../../api/time-zone.ts';
import type { CronJobStatus } from '../../api/types/batch-v1.gen.ts';
import { rfc3339 } from '../../base/clock.ts';
import type { Component } from '../../base/component.ts';
import { messageOf } from '../../base/errors.ts';
import { ControllerLoop, source } from '../../client/controller-loop.ts';
import type { Change, Lister } from '../../client/informer.ts';
import type { ReconcileResult } from '../../client/reconciler.ts';
import { CRON_JOBS, JOBS } from '../../client/resources.ts';
import type { ControllerDeps } from './controller.ts';
import { byControllerUid, controllerKeys, isControlledBy } from './controller-ref.ts';
import {
  activeReference,
  type CronEvent,
  type CronJobObject,
  type CronPlan,
  cronJobJob,
  type JobObject,
  jobsToForget,
  observeJobs,
  planCronJob,
} from './cron-job-plan.ts';
import { isNamespaceGone } from './service-account.ts';
import { WrittenVersions } from './written-versions.ts';

interface Listers {
  readonly crons: Lister<CronJobObject>;
  readonly jobs: Lister<JobObject>;
}

/** Runs CronJobs. */
export function cronJobController(deps: ControllerDeps): Component {
  const setup = () => {
    const crons = deps.informers.informer(CRON_JOBS);
    const jobs = deps.informers.informer(JOBS, { indexers: byControllerUid });
    const reconciler = new CronJobReconciler(deps, { crons: crons.lister, jobs: jobs.lister });
    const sources = [source(crons, (change) => reconciler.cronKeys(change)), source(jobs, (change) => reconciler.jobKeys(change))];
    return { sources, reconcile: (key: string, signal: AbortSignal) => reconciler.reconcile(key, signal) };
  };
  return new ControllerLoop({ name: 'cronjob', setup }, deps);
}

class CronJobReconciler {
  readonly #deps: ControllerDeps;
  readonly #listers: Listers;
  readonly #recorder: ReturnType<ControllerDeps['recorder']>;
  /** CronJobs and Jobs that were written: on an old picture a Job would be missed or started again. */
  readonly #written: { readonly crons: WrittenVersions; readonly jobs: WrittenVersions };

  constructor(deps: ControllerDeps, listers: Listers) {
    this.#deps = deps;
    this.#listers = listers;
    this.#recorder = deps.recorder('cronjob-controller');
    this.#written = { crons: new WrittenVersions(deps.clock), jobs: new WrittenVersions(deps.clock) };
  }

  /** A CronJob that changed. */
  cronKeys(change: Change<CronJobObject>): string[] {
    this.#written.crons.saw(change);
    return [keyOf(change.object)];
  }

  /** The CronJob that owns a Job. */
  jobKeys(change: Change<JobObject>): string[] {
    this.#written.jobs.saw(change);
    return controllerKeys(change.object, 'CronJob', this.#listers.crons);
  }

  async reconcile(key: string, signal: AbortSignal): Promise<ReconcileResult | undefined> {
    const cron = this.#listers.crons.get(key);
    if (!cron) return undefined;
    // The change that is awaited brings the key again; if it does not come, the informer is trusted after a while.
    if (!this.#written.crons.isVisible(key, this.#listers.crons) || !this.#written.jobs.isVisible(key, this.#listers.jobs)) {
      return { requeueAfterMs: 1_000 };
    }
    const jobs = this.#listers.jobs.byIndex('controllerUid', cron.metadata.uid ?? '');
    const observed = observeJobs(cron, jobs);
    this.#report(cron, observed.events);
    await this.#forget(cron, jobs, signal);
    const plan = this.#plan(cron, observed.status);
    const status = await this.#start(cron, { plan, status: observed.status }, signal);
    if (!deepEqual(status, cron.status ?? {})) {
      const written = await this.#deps.client.update(CRON_JOBS, { ...cron, status }, { subresource: 'status', signal });
      this.#written.crons.wrote(key, written);
    }
    return plan.waitMs === undefined ? undefined : { requeueAfterMs: plan.waitMs };
  }

  #plan(cron: CronJobObject, status: CronJobStatus): CronPlan {
    const nothing = (reason: string, message: string): CronPlan => ({ replace: [], events: [{ type: 'Warning', reason, message }] });
    const { timeZone, schedule: text, suspend } = cron.spec;
    if (cron.metadata.deletionTimestamp) return { replace: [], events: [] };
    if (timeZone !== undefined && !isTimeZone(timeZone)) {
      return nothing('UnknownTimeZone', `invalid timeZone: ${JSON.stringify(timeZone)}: unknown time zone ${timeZone}`);
    }
    if (suspend) return { replace: [], events: [] };
    const parsed = parseCronSchedule(text);
    if ('fault' in parsed) return nothing('UnparseableSchedule', `unparseable schedule: ${JSON.stringify(text)} : ${parsed.fault}`);
    return planCronJob(cron, parsed.schedule, { status, nowMs: this.#deps.clock.now() });
  }

  /** Starts what the plan says; returns the status that then holds. */
  async #start(
    cron: CronJobObject,
    { plan, status }: { plan: CronPlan; status: CronJobStatus },
    signal: AbortSignal,
  ): Promise<CronJobStatus> {
    this.#report(cron, plan.events);
    if (plan.startAt === undefined) return status;
    for (const { name = '', uid = '' } of plan.replace) await this.#delete(cron, { name, uid }, signal);
    const job = await this.#create(cron, plan.startAt, signal);
    if (!job) return status;
    const replaced = new Set(plan.replace.map(({ uid }) => uid));
    const active = [...(status.active ?? []).filter(({ uid }) => !replaced.has(uid)), activeReference(job)];
    return { ...status, active, lastScheduleTime: rfc3339(plan.startAt) };
  }

  /** The Job; one that is there already was made before a restart. `undefined` when the namespace goes. */
  async #create(cron: CronJobObject, at: number, signal: AbortSignal): Promise<JobObject | undefined> {
    const wanted = cronJobJob(cron, at);
    try {
      const job = await this.#deps.client.create(JOBS, wanted, { signal });
      this.#written.jobs.wrote(keyOf(cron), job);
      this.#recorder.event(cron, 'Normal', 'SuccessfulCreate', `Created job ${job.metadata.name}`);
      return job;
    } catch (error) {
      if (isNamespaceGone(error)) return undefined;
      if (isAlreadyExists(error)) {
        const found = await this.#deps.client.get(JOBS, nameOf(keyOf(wanted)), { signal });
        if (isControlledBy(found, cron)) return found;
      }
      this.#recorder.event(cron, 'Warning', 'FailedCreate', `Error creating job: ${messageOf(error)}`);
      throw error;
    }
  }

  async #forget(cron: CronJobObject, jobs: readonly JobObject[], signal: AbortSignal): Promise<void> {
    for (const { metadata } of jobsToForget(cron, jobs)) {
      await this.#delete(cron, { name: metadata.name ?? '', uid: metadata.uid ?? '' }, signal);
    }
  }

  async #delete(cron: CronJobObject, { name, uid }: { name: string; uid: string }, signal: AbortSignal): Promise<void> {
    const { namespace = '' } = cron.metadata;
    try {
      await this.#deps.client.delete(JOBS, { namespace, name }, { preconditions: { uid }, propagationPolicy: 'Background', signal });
      this.#recorder.event(cron, 'Normal', 'SuccessfulDelete', `Deleted job ${name}`);
    } catch (error) {
      if (isNotFound(error)) return;
      this.#recorder.event(cron, 'Warning', 'FailedDelete', `Deleted job: ${messageOf(error)}`);
      throw error;
    }
  }

  #report(cron: CronJobObject, events: readonly CronEvent[]): void {
    for (const { type, reason, message } of events) this.#recorder.event(cron, type, reason, message);
  }
}
