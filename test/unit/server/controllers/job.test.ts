import assert from 'node:assert/strict';
import { afterEach, beforeEach, describe, it } from 'node:test';
import type { KubeObject } from '../../../../src/api/object.ts';
import type { Job, JobSpec, JobStatus } from '../../../../src/api/types/batch-v1.gen.ts';
import type { Pod } from '../../../../src/api/types/core-v1.gen.ts';
import { rfc3339 } from '../../../../src/base/clock.ts';
import { JOBS, PODS } from '../../../../src/client/resources.ts';
import { jobController } from '../../../../src/server/controllers/job.ts';
import { formatIndexes, parseIndexes } from '../../../../src/server/controllers/job-indexes.ts';
import { type JobPlan, planJob } from '../../../../src/server/controllers/job-plan.ts';
import { jobPod } from '../../../../src/server/controllers/job-pods.ts';
import { ControllerWorld } from '../../../support/controller-world.ts';

const NOW = Date.UTC(2026, 0, 1);
const seconds = (ago: number): string => rfc3339(NOW - ago * 1000);

const job = (spec: Partial<JobSpec> = {}, status: JobStatus = {}): Job & KubeObject => ({
  metadata: { name: 'j', namespace: 'ns', uid: 'job' },
  spec: {
    completions: 3,
    parallelism: 2,
    backoffLimit: 6,
    selector: { matchLabels: { job: 'j' } },
    template: { metadata: { labels: { job: 'j' } }, spec: { containers: [{ name: 'c' }], restartPolicy: 'Never' } },
    ...spec,
  },
  status: { startTime: seconds(60), ...status },
});

interface Shape {
  index?: number;
  failures?: number;
  phase?: string;
  going?: boolean;
  free?: boolean;
  exit?: number;
  ended?: number;
}

/** A pod of the job; `free` = it has no finalizer any more, `ended` = seconds ago. */
function pod(
  name: string,
  { index, failures, phase = 'Running', going = false, free = false, exit, ended = 3600 }: Shape = {},
): Pod & KubeObject {
  const made = jobPod(job(), { ...(index !== undefined && { index }), ...(failures !== undefined && { failures }) });
  const { finalizers: _, ...rest } = made.metadata;
  const state = { terminated: { exitCode: exit ?? (phase === 'Failed' ? 1 : 0), finishedAt: seconds(ended) } };
  const over = phase === 'Failed' || phase === 'Succeeded';
  return {
    ...made,
    metadata: { ...(free ? rest : made.metadata), name, uid: name, ...(going && { deletionTimestamp: seconds(1) }) },
    status: { phase, ...(over && { containerStatuses: [{ name: 'c', image: '', imageID: '', ready: false, restartCount: 0, state }] }) },
  };
}

/** The plan in short: what is made, dropped, ended, released, and the conditions that are true. */
function brief(plan: JobPlan): string {
  const names = (pods: readonly KubeObject[]): string => pods.map((p) => p.metadata.name).join(' ');
  const made = plan.create.map((r) => r.index ?? '*').join(' ');
  const conditions = (plan.status.conditions ?? []).filter((c) => c.status === 'True').map((c) => `${c.type}/${c.reason}`);
  return [`+${made}`, `-${names(plan.drop)}`, `x${names(plan.end)}`, `~${names(plan.release)}`, ...conditions].join(' | ');
}

describe('job indexes', () => {
  const cases: [string, number[]][] = [
    ['', []],
    ['3', [3]],
    ['1,2', [1, 2]],
    ['0-2,4,6-9', [0, 1, 2, 4, 6, 7, 8, 9]],
  ];
  for (const [text, list] of cases) {
    it(`'${text}' is ${list.length} indexes, and back`, () => {
      assert.deepEqual([...parseIndexes(text)], list);
      assert.equal(formatIndexes(list.toReversed()), text);
    });
  }
});

describe('planJob', () => {
  const indexed = { completionMode: 'Indexed' };
  const policy = (action: string) => ({ podFailurePolicy: { rules: [{ action, onExitCodes: { operator: 'In', values: [42] } }] } });
  const done = (n: number): JobStatus => ({ succeeded: n });
  const cases: [string, Partial<JobSpec>, JobStatus, (Pod & KubeObject)[], string][] = [
    ['makes as many pods as run at a time', {}, {}, [], '+* * | - | x | ~'],
    ['makes no more than are still needed', {}, done(2), [], '+* | - | x | ~'],
    ['fills up', {}, {}, [pod('a')], '+* | - | x | ~'],
    ['drops what is too much after parallelism went down', { parallelism: 1 }, {}, [pod('a'), pod('b')], '+ | -a | x | ~'],
    ['notes a success before it lets the pod go', {}, {}, [pod('a', { phase: 'Succeeded' })], '+* * | - | x | ~a'],
    [
      'ends well when enough succeeded, and what runs beside',
      {},
      done(3),
      [pod('a')],
      '+ | - | xa | ~ | SuccessCriteriaMet/CompletionsReached',
    ],
    [
      'is complete when all is counted',
      {},
      done(3),
      [],
      '+ | - | x | ~ | SuccessCriteriaMet/CompletionsReached | Complete/CompletionsReached',
    ],
    [
      'waits for pods that are going before it is complete',
      {},
      done(3),
      [pod('a', { going: true, free: true })],
      '+ | - | x | ~ | SuccessCriteriaMet/CompletionsReached',
    ],
    ['waits after a failure', {}, {}, [pod('a', { phase: 'Failed', ended: 1 })], '+ | - | x | ~a'],
    ['goes on when the wait is over', {}, {}, [pod('a', { phase: 'Failed', ended: 11 })], '+* * | - | x | ~a'],
    [
      'fails beyond the limit',
      { backoffLimit: 0 },
      {},
      [pod('a', { phase: 'Failed' }), pod('b')],
      '+ | - | xb | ~a | FailureTarget/BackoffLimitExceeded',
    ],
    [
      'has failed when all is counted',
      { backoffLimit: 0 },
      { failed: 1 },
      [],
      '+ | - | x | ~ | FailureTarget/BackoffLimitExceeded | Failed/BackoffLimitExceeded',
    ],
    ['fails at the deadline', { activeDeadlineSeconds: 60 }, {}, [pod('a')], '+ | - | xa | ~ | FailureTarget/DeadlineExceeded'],
    ['drops all pods when suspended', { suspend: true }, {}, [pod('a')], '+ | -a | x | ~ | Suspended/JobSuspended'],
    ['counts a pod that is being deleted as failed', {}, {}, [pod('a', { going: true })], '+ | - | x | ~a'],
    [
      'replaces it only when it ended if so asked',
      { podReplacementPolicy: 'Failed', parallelism: 1 },
      {},
      [pod('a', { going: true })],
      '+ | - | x | ~',
    ],
    ['a work queue makes no more pods after a success', { completions: undefined as never }, done(1), [pod('a')], '+ | - | x | ~'],
    [
      'a work queue ends with its last pod',
      { completions: undefined as never },
      done(1),
      [],
      '+ | - | x | ~ | SuccessCriteriaMet/CompletionsReached | Complete/CompletionsReached',
    ],
    ['gives each pod the lowest free index', indexed, { completedIndexes: '0' }, [pod('a', { index: 1 })], '+2 | - | x | ~'],
    ['drops a second pod of an index', indexed, {}, [pod('a', { index: 0 }), pod('b', { index: 0 })], '+1 | -b | x | ~'],
    [
      'does not count an ignored failure',
      { ...policy('Ignore'), backoffLimit: 0 },
      {},
      [pod('a', { phase: 'Failed', exit: 42 })],
      '+* * | - | x | ~a',
    ],
    [
      'fails by the failure policy',
      policy('FailJob'),
      {},
      [pod('a', { phase: 'Failed', exit: 42 })],
      '+ | - | x | ~a | FailureTarget/PodFailurePolicy',
    ],
    ['other exit codes count as usual', policy('FailJob'), {}, [pod('a', { phase: 'Failed', exit: 1 })], '+* * | - | x | ~a'],
    [
      'ends by the success policy',
      { ...indexed, successPolicy: { rules: [{ succeededIndexes: '0-1', succeededCount: 1 }] } },
      { completedIndexes: '1' },
      [pod('a', { index: 0 })],
      '+ | - | xa | ~ | SuccessCriteriaMet/SuccessPolicy',
    ],
    [
      'gives an index up beyond its own limit',
      { ...indexed, backoffLimitPerIndex: 1 },
      {},
      [pod('a', { index: 0, failures: 1, phase: 'Failed' })],
      '+1 2 | - | x | ~a',
    ],
    [
      'tries an index again within its limit',
      { ...indexed, backoffLimitPerIndex: 1 },
      {},
      [pod('a', { index: 0, failures: 0, phase: 'Failed' })],
      '+0 1 | - | x | ~a',
    ],
    [
      'fails when every index is done and some failed',
      { ...indexed, backoffLimitPerIndex: 0 },
      { completedIndexes: '0,1', failedIndexes: '2', failed: 1 },
      [],
      '+ | - | x | ~ | FailureTarget/FailedIndexes | Failed/FailedIndexes',
    ],
    [
      'fails beyond the number of failed indexes',
      { ...indexed, backoffLimitPerIndex: 0, maxFailedIndexes: 0 },
      { failedIndexes: '2', failed: 1 },
      [pod('a', { index: 0 })],
      '+ | - | xa | ~ | FailureTarget/MaxFailedIndexesExceeded',
    ],
  ];
  for (const [title, spec, status, pods, want] of cases) {
    it(title, () => {
      const backoffLimit = spec.backoffLimitPerIndex === undefined ? {} : { backoffLimit: 1000 };
      assert.equal(brief(planJob(job({ ...backoffLimit, ...spec }, status), pods, NOW)), want);
    });
  }

  it('counts each pod once over the steps of counting', () => {
    const noted = planJob(job(), [pod('a', { phase: 'Succeeded' })], NOW).status;
    assert.deepEqual([noted.succeeded, noted.uncountedTerminatedPods], [0, { succeeded: ['a'] }]);
    const still = planJob(job({}, noted), [pod('a', { phase: 'Succeeded' })], NOW).status;
    assert.deepEqual([still.succeeded, still.uncountedTerminatedPods], [0, { succeeded: ['a'] }]);
    const counted = planJob(job({}, noted), [pod('a', { phase: 'Succeeded', free: true })], NOW).status;
    assert.deepEqual([counted.succeeded, counted.uncountedTerminatedPods], [1, {}]);
    const after = planJob(job({}, counted), [pod('a', { phase: 'Succeeded', free: true })], NOW).status;
    assert.deepEqual([after.succeeded, after.uncountedTerminatedPods], [1, {}]);
    const gone = planJob(job({}, noted), [], NOW).status;
    assert.equal(gone.succeeded, 1);
  });
});

describe('jobController', () => {
  let world: ControllerWorld;
  beforeEach(() => {
    world = new ControllerWorld();
  });
  afterEach(async () => {
    await world.stop();
    assert.deepEqual(world.errors, []);
  });
  const make = async (spec: Partial<JobSpec> = {}): Promise<void> => {
    const given: Job & KubeObject = { metadata: { name: 'j', namespace: 'ns' }, spec: { ...job().spec, ...spec } as JobSpec };
    await world.create(JOBS, given);
    await world.run(jobController);
    await world.settle(100);
  };
  const status = async () => (await world.get(JOBS, 'ns/j'))?.status;
  const conditions = async () => (await status())?.conditions?.filter((c) => c.status === 'True').map((c) => c.type);
  /** Ends all pods that run, as the kubelet would. */
  async function end(phase: string): Promise<void> {
    for (const { metadata, status: now } of await world.all(PODS)) {
      const name = { namespace: 'ns', name: metadata.name ?? '' };
      if (!now?.phase) await world.client.patch(PODS, name, { type: 'merge', body: { status: { phase } } }, { subresource: 'status' });
    }
    await world.settle(700_000);
  }

  it('runs pods until enough have succeeded, and says so', async () => {
    await make();
    assert.equal((await world.all(PODS)).length, 2);
    await end('Succeeded');
    await end('Succeeded');
    assert.deepEqual(await conditions(), ['SuccessCriteriaMet', 'Complete']);
    const { succeeded, active, completionTime, uncountedTerminatedPods } = (await status()) ?? {};
    assert.deepEqual([succeeded, active, uncountedTerminatedPods], [3, 0, {}]);
    assert.ok(completionTime);
    const pods = await world.all(PODS);
    assert.equal(pods.length, 3);
    assert.ok(pods.every((p) => p.metadata.finalizers === undefined));
    assert.ok(world.events.includes('j: Completed Job completed'));
  });

  it('tries again after failures, and gives up beyond the limit', async () => {
    await make({ backoffLimit: 1, parallelism: 1, completions: 1 });
    await end('Failed');
    await end('Failed');
    assert.equal((await status())?.failed, 2);
    assert.deepEqual(await conditions(), ['FailureTarget', 'Failed']);
    assert.ok(world.events.includes('j: BackoffLimitExceeded Job has reached the specified backoff limit'));
  });

  it('stops and resumes', async () => {
    await make();
    const suspend = async (value: boolean) => {
      await world.client.patch(JOBS, { namespace: 'ns', name: 'j' }, { type: 'merge', body: { spec: { suspend: value } } });
      await world.settle(100);
    };
    await suspend(true);
    assert.deepEqual(await world.all(PODS), []);
    assert.deepEqual([(await status())?.startTime, (await status())?.failed], [undefined, 0]);
    await suspend(false);
    assert.equal((await world.all(PODS)).length, 2);
    assert.ok(world.events.includes('j: Resumed Job resumed'));
  });

  it('holds no pod when the Job is gone', async () => {
    await make();
    await world.client.delete(JOBS, { namespace: 'ns', name: 'j' });
    await world.settle(100);
    assert.ok((await world.all(PODS)).every((p) => p.metadata.finalizers === undefined));
  });

  it('runs each index once, with its name and variable', async () => {
    await make({ completionMode: 'Indexed', parallelism: 3 });
    const pods = await world.all(PODS);
    assert.deepEqual(pods.map((p) => p.spec?.hostname).sort(), ['j-0', 'j-1', 'j-2']);
    assert.equal(pods[0]?.spec?.containers[0]?.env?.[0]?.name, 'JOB_COMPLETION_INDEX');
    await end('Succeeded');
    assert.equal((await status())?.completedIndexes, '0-2');
    assert.deepEqual(await conditions(), ['SuccessCriteriaMet', 'Complete']);
  });

  it('writes nothing when nothing happens', async () => {
    await make();
    const writes = world.api.writes.length;
    await world.settle(3_600_000);
    assert.equal(world.api.writes.length, writes);
  });
});
