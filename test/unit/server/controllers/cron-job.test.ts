import assert from 'node:assert/strict';
import { afterEach, beforeEach, describe, it } from 'node:test';
import { parseCronSchedule } from '../../../../src/api/cron-schedule.ts';
import type { KubeObject } from '../../../../src/api/object.ts';
import type { CronJob, CronJobSpec, CronJobStatus, Job } from '../../../../src/api/types/batch-v1.gen.ts';
import { CRON_JOBS, JOBS } from '../../../../src/client/resources.ts';
import { cronJobController } from '../../../../src/server/controllers/cron-job.ts';
import { cronJobJob, jobsToForget, observeJobs, planCronJob } from '../../../../src/server/controllers/cron-job-plan.ts';
import { ControllerWorld } from '../../../support/controller-world.ts';

const NOW = Date.UTC(2026, 0, 2, 12, 0, 30);
const jobTemplate = { metadata: { labels: { a: 'b' } }, spec: { template: { metadata: {}, spec: { containers: [] } } } };
const cron = (spec: Partial<CronJobSpec> = {}, status?: CronJobStatus): CronJob & KubeObject => ({
  metadata: { name: 'tick', namespace: 'ns', uid: 'cron', creationTimestamp: '2026-01-02T11:58:10Z' },
  spec: { schedule: '* * * * *', timeZone: 'UTC', jobTemplate, ...spec },
  ...(status && { status }),
});
const active = (name: string) => [{ name, uid: name }];
const plan = (object: CronJob & KubeObject, status: CronJobStatus = {}) => {
  const parsed = parseCronSchedule(object.spec.schedule);
  assert.ok('schedule' in parsed);
  return planCronJob(object, parsed.schedule, { status, nowMs: NOW });
};

describe('planCronJob', () => {
  type Case = [title: string, spec: Partial<CronJobSpec>, status: CronJobStatus, startAt: string | undefined, reason: string | undefined];
  const running = `tick-${Date.UTC(2026, 0, 2, 12) / 60_000}`;
  const cases: Case[] = [
    ['starts the last time that passed since creation', {}, {}, '12:00', undefined],
    ['nothing before the first time', { schedule: '0 13 * * *' }, {}, undefined, undefined],
    ['nothing twice', {}, { lastScheduleTime: '2026-01-02T12:00:00Z' }, undefined, undefined],
    ['the last one when several were missed', {}, { lastScheduleTime: '2026-01-02T11:00:00Z' }, '12:00', undefined],
    ['says so when very many were missed', {}, { lastScheduleTime: '2026-01-01T00:00:00Z' }, '12:00', 'TooManyMissedTimes'],
    [
      'finds the last of very many that are far apart',
      { schedule: '0 1 * * *' },
      { lastScheduleTime: '2025-01-01T00:00:00Z' },
      '01:00',
      'TooManyMissedTimes',
    ],
    ['not after the deadline', { startingDeadlineSeconds: 20 }, {}, undefined, undefined],
    ['within the deadline', { startingDeadlineSeconds: 40, schedule: '0 * * * *' }, {}, '12:00', undefined],
    ['beside a running one', {}, { active: active('x') }, '12:00', undefined],
    ['not the one that runs', {}, { active: active(running) }, undefined, undefined],
    [
      'not beside a running one when that is forbidden',
      { concurrencyPolicy: 'Forbid' },
      { active: active('x') },
      undefined,
      'JobAlreadyActive',
    ],
    ['in the place of a running one', { concurrencyPolicy: 'Replace' }, { active: active('x') }, '12:00', undefined],
  ];
  for (const [title, spec, status, startAt, reason] of cases) {
    it(title, () => {
      const { startAt: at, events, replace } = plan(cron(spec), status);
      assert.equal(at === undefined ? undefined : new Date(at).toISOString().slice(11, 16), startAt);
      assert.equal(events[0]?.reason, reason);
      assert.equal(replace.length, spec.concurrencyPolicy === 'Replace' ? 1 : 0);
    });
  }

  it('looks again just after the next time', () => assert.equal(plan(cron()).waitMs, 30_100));
});

const job = (name: string, finish?: 'Complete' | 'Failed', at = '2026-01-02T12:00:00Z'): Job & KubeObject => ({
  metadata: { name, uid: name },
  spec: jobTemplate.spec,
  status: { startTime: at, ...(finish && { completionTime: at, conditions: [{ type: finish, status: 'True' }] }) },
});

describe('observeJobs', () => {
  const list = ['a', 'b', 'c'].flatMap(active);
  const { status, events } = observeJobs(cron({}, { active: list }), [job('a'), job('b', 'Complete'), job('d')]);

  it('keeps what runs, and the last success', () => {
    assert.deepEqual(status, { active: active('a'), lastSuccessfulTime: '2026-01-02T12:00:00Z' });
  });

  it('reports what finished, vanished or is unknown', () => {
    assert.deepEqual(
      events.map((e) => e.message),
      [
        'Saw a job that the controller did not create or forgot: d',
        'Saw completed job: b, condition: Complete',
        'Active job went missing: c',
      ],
    );
  });
});

it('jobsToForget keeps the last ones of each kind', () => {
  const at = (minute: number) => `2026-01-02T12:0${minute}:00Z`;
  const jobs = [
    job('s3', 'Complete', at(3)),
    job('s1', 'Complete', at(1)),
    job('s2', 'Complete', at(2)),
    job('f1', 'Failed', at(1)),
    job('r'),
  ];
  const names = (spec: Partial<CronJobSpec>) => jobsToForget(cron(spec), jobs).map((j) => j.metadata.name);
  assert.deepEqual(names({ successfulJobsHistoryLimit: 1, failedJobsHistoryLimit: 1 }), ['s1', 's2']);
  assert.deepEqual(names({ successfulJobsHistoryLimit: 3, failedJobsHistoryLimit: 0 }), ['f1']);
});

it('cronJobJob names the minute and notes the time in the zone', () => {
  const made = cronJobJob(cron({ timeZone: 'Asia/Tokyo' }), Date.UTC(2026, 0, 2, 12));
  assert.equal(made.metadata.name, 'tick-29455920');
  assert.equal(made.metadata.annotations?.['batch.kubernetes.io/cronjob-scheduled-timestamp'], '2026-01-02T21:00:00+09:00');
  assert.deepEqual(made.metadata.labels, { a: 'b' });
  assert.equal(made.metadata.ownerReferences?.[0]?.kind, 'CronJob');
});

describe('cronJobController', () => {
  let world: ControllerWorld;
  beforeEach(() => {
    world = new ControllerWorld();
  });
  afterEach(async () => {
    await world.stop();
    assert.deepEqual(world.errors, []);
  });
  const make = (spec: Partial<CronJobSpec> = {}) =>
    world.create(CRON_JOBS, { metadata: { name: 'tick', namespace: 'ns' }, spec: { ...cron(spec).spec } });
  const jobs = async () => (await world.all(JOBS)).length;
  const status = async () => (await world.get(CRON_JOBS, 'ns/tick'))?.status;
  const finish = async () => {
    for (const { metadata, status: old } of await world.all(JOBS)) {
      const completionTime = new Date(world.clock.now()).toISOString();
      const body = { status: { startTime: completionTime, completionTime, conditions: [{ type: 'Complete', status: 'True' }] } };
      const name = { namespace: 'ns', name: metadata.name ?? '' };
      if (!old?.conditions) await world.client.patch(JOBS, name, { type: 'merge', body }, { subresource: 'status' });
    }
    await world.settle(100);
  };

  it('runs a Job each minute and keeps the last', async () => {
    await make({ successfulJobsHistoryLimit: 1 });
    await world.run(cronJobController);
    assert.equal(await jobs(), 0);
    for (let minute = 1; minute <= 3; minute++) {
      await world.settle(60_200);
      assert.equal((await status())?.active?.length, 1, `minute ${minute}`);
      await finish();
      assert.equal((await status())?.active, undefined);
      assert.equal(await jobs(), 1);
    }
    assert.ok((await status())?.lastSuccessfulTime);
    assert.equal(world.events.filter((e) => e.includes('SuccessfulCreate')).length, 3);
    assert.equal(world.events.filter((e) => e.includes('UnexpectedJob')).length, 0);
  });

  it('does not run while suspended, and runs once when resumed', async () => {
    await make({ suspend: true });
    await world.run(cronJobController);
    await world.settle(300_000);
    assert.equal(await jobs(), 0);
    await world.client.patch(CRON_JOBS, { namespace: 'ns', name: 'tick' }, { type: 'merge', body: { spec: { suspend: false } } });
    await world.settle(100);
    assert.equal(await jobs(), 1);
  });

  it('replaces the running Job', async () => {
    await make({ concurrencyPolicy: 'Replace' });
    await world.run(cronJobController);
    await world.settle(60_200);
    const [first] = await world.all(JOBS);
    await world.settle(60_000);
    const [second, ...more] = await world.all(JOBS);
    assert.notEqual(second?.metadata.name, first?.metadata.name);
    assert.equal(more.length, 0);
    assert.equal((await status())?.active?.length, 1);
  });

  it('leaves a Job alone that bears its name', async () => {
    await make();
    const at = Math.floor(world.clock.now() / 60_000) + 1;
    await world.create(JOBS, { metadata: { name: `tick-${at}`, namespace: 'ns' }, spec: jobTemplate.spec });
    await world.run(cronJobController);
    await world.settle(60_200);
    assert.ok(world.events.some((e) => e.includes('FailedCreate')));
    assert.equal((await status())?.active, undefined);
  });
});
