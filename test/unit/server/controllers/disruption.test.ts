import assert from 'node:assert/strict';
import { afterEach, beforeEach, describe, it } from 'node:test';
import type { KubeObject } from '../../../../src/api/object.ts';
import type { Pod } from '../../../../src/api/types/core-v1.gen.ts';
import type { PodDisruptionBudget, PodDisruptionBudgetSpec, PodDisruptionBudgetStatus } from '../../../../src/api/types/policy-v1.gen.ts';
import { POD_DISRUPTION_BUDGETS, PODS, REPLICA_SETS } from '../../../../src/client/resources.ts';
import { disruptionController } from '../../../../src/server/controllers/disruption.ts';
import { failedBudget, msUntilStale, planBudget, sameStatus } from '../../../../src/server/controllers/disruption-plan.ts';
import { staleDisruptionController } from '../../../../src/server/controllers/stale-disruption.ts';
import { ControllerWorld } from '../../../support/controller-world.ts';

const NOW = Date.UTC(2026, 0, 2);
const ago = (seconds: number): string => new Date(NOW - seconds * 1000).toISOString();

const budget = (spec: PodDisruptionBudgetSpec, status?: PodDisruptionBudgetStatus): PodDisruptionBudget & KubeObject => ({
  metadata: { name: 'b', namespace: 'ns', generation: 2 },
  spec: { selector: { matchLabels: { app: 'web' } }, ...spec },
  ...(status && { status }),
});
const pod = (name: string, { ready = true, going = false } = {}): Pod & KubeObject => ({
  metadata: { name, namespace: 'ns', labels: { app: 'web' }, ...(going && { deletionTimestamp: ago(1) }) },
  spec: { containers: [] },
  status: { phase: 'Running', conditions: [{ type: 'Ready', status: ready ? 'True' : 'False' }] },
});
const pods = (ready: number, unready = 0) => [
  ...Array.from({ length: ready }, (_, i) => pod(`r${i}`)),
  ...Array.from({ length: unready }, (_, i) => pod(`u${i}`, { ready: false })),
];
/** One workload of `replicas`, named once for each pod. */
const scales = (replicas: number, uid = 'a') => [
  { uid, replicas },
  { uid, replicas },
];

describe('planBudget', () => {
  type Case = [title: string, spec: PodDisruptionBudgetSpec, pods: (Pod & KubeObject)[], replicas: number, want: number[]];
  /** want = expected, desired, healthy, allowed */
  const cases: Case[] = [
    ['a number of pods to keep', { minAvailable: 2 }, pods(3), 0, [3, 2, 3, 1]],
    ['counts only ready pods', { minAvailable: 2 }, pods(2, 1), 0, [3, 2, 2, 0]],
    ['counts no pod that is going', { minAvailable: 1 }, [...pods(1), pod('g', { going: true })], 0, [2, 1, 1, 0]],
    ['a share to keep, rounded up', { minAvailable: '50%' }, pods(3), 3, [3, 2, 3, 1]],
    ['a number that may be missing of what the workload wants', { maxUnavailable: 1 }, pods(2), 3, [3, 2, 2, 0]],
    ['a share that may be missing, rounded up', { maxUnavailable: '30%' }, pods(7), 7, [7, 4, 7, 3]],
    ['more may be missing than there are', { maxUnavailable: 9 }, pods(2), 2, [2, 0, 2, 2]],
    ['nothing is allowed where nothing is expected', { maxUnavailable: 1 }, [], 0, [0, 0, 0, 0]],
  ];
  for (const [title, spec, found, replicas, want] of cases) {
    it(title, () => {
      const { status } = planBudget({ budget: budget(spec), pods: found, scales: scales(replicas), nowMs: NOW });
      assert.deepEqual([status.expectedPods, status.desiredHealthy, status.currentHealthy, status.disruptionsAllowed], want);
      const condition = status.conditions?.[0];
      assert.equal(condition?.reason, (want[3] ?? 0) > 0 ? 'SufficientPods' : 'InsufficientPods');
      assert.equal(status.observedGeneration, 2);
    });
  }

  it('does not count a pod whose eviction was allowed, for two minutes', () => {
    const status = { disruptedPods: { r0: ago(30), r1: ago(121), gone: ago(1) } };
    const plan = planBudget({ budget: budget({ minAvailable: 1 }, status), pods: pods(3), scales: [], nowMs: NOW });
    assert.deepEqual(Object.keys(plan.status.disruptedPods ?? {}), ['r0']);
    assert.equal(plan.status.currentHealthy, 2);
    assert.deepEqual(plan.overdue, ['r1']);
    assert.equal(plan.waitMs, 90_000);
  });

  it('keeps the time of the last change of its condition', () => {
    const first = planBudget({ budget: budget({ minAvailable: 1 }), pods: pods(2), scales: [], nowMs: NOW }).status;
    const again = planBudget({ budget: budget({ minAvailable: 1 }, first), pods: pods(3), scales: [], nowMs: NOW + 5000 }).status;
    assert.equal(again.conditions?.[0]?.lastTransitionTime, first.conditions?.[0]?.lastTransitionTime);
    assert.equal(sameStatus(first, first), true);
    assert.equal(sameStatus(first, again), false);
  });
});

it('failedBudget allows nothing and says why', () => {
  const status = failedBudget(budget({ minAvailable: '50%' }, { disruptionsAllowed: 3 }), 'no controller', NOW);
  assert.equal(status.disruptionsAllowed, 0);
  assert.deepEqual([status.conditions?.[0]?.reason, status.conditions?.[0]?.message], ['SyncFailed', 'no controller']);
});

it('msUntilStale counts from the announcement', () => {
  const target = (seconds: number, status = 'True') => ({ type: 'DisruptionTarget', status, lastTransitionTime: ago(seconds) });
  const announced = (seconds: number, status?: string): Pod & KubeObject => ({
    ...pod('p'),
    status: { phase: 'Running', conditions: [target(seconds, status)] },
  });
  assert.equal(msUntilStale(announced(30), NOW), 90_000);
  assert.equal(msUntilStale(announced(300), NOW), 0);
  assert.equal(msUntilStale(announced(300, 'False'), NOW), undefined);
  assert.equal(msUntilStale(pod('p'), NOW), undefined);
});

describe('disruptionController', () => {
  let world: ControllerWorld;
  beforeEach(() => {
    world = new ControllerWorld();
  });
  afterEach(async () => {
    await world.stop();
    assert.deepEqual(world.errors, []);
  });
  const makeBudget = (spec: PodDisruptionBudgetSpec) =>
    world.create(POD_DISRUPTION_BUDGETS, { metadata: { name: 'b', namespace: 'ns' }, spec: { ...budget(spec).spec } });
  const allowed = async () => (await world.get(POD_DISRUPTION_BUDGETS, 'ns/b'))?.status?.disruptionsAllowed;

  it('follows the pods', async () => {
    await makeBudget({ minAvailable: 1 });
    await world.run(disruptionController);
    assert.equal(await allowed(), 0);
    assert.ok(world.events.some((e) => e.includes('NoPods')));
    await world.create(PODS, pod('x'));
    await world.create(PODS, pod('y'));
    await world.settle(100);
    assert.equal(await allowed(), 1);
    await world.client.delete(PODS, { namespace: 'ns', name: 'y' }, { gracePeriodSeconds: 0 });
    await world.settle(100);
    assert.equal(await allowed(), 0);
    const writes = world.api.writes.length;
    await world.settle(60_000);
    assert.equal(world.api.writes.length, writes);
  });

  it('asks the workload how many pods there should be, and allows nothing while it is unknown', async () => {
    const owner = (uid: string) => [{ apiVersion: 'apps/v1', kind: 'ReplicaSet', name: 'web', uid, controller: true }];
    await makeBudget({ maxUnavailable: 1 });
    await world.run(disruptionController);
    const spec = { replicas: 2, selector: { matchLabels: { app: 'web' } } };
    const set = await world.create(REPLICA_SETS, { metadata: { name: 'web', namespace: 'ns' }, spec });
    for (const name of ['x', 'y']) {
      await world.create(PODS, { ...pod(name), metadata: { ...pod(name).metadata, ownerReferences: owner(set.metadata.uid ?? '') } });
    }
    await world.settle(100);
    assert.equal(await allowed(), 1);
    await world.create(PODS, { ...pod('z'), metadata: { ...pod('z').metadata, ownerReferences: owner('other') } });
    await world.settle(100);
    assert.equal(await allowed(), 0);
    const status = (await world.get(POD_DISRUPTION_BUDGETS, 'ns/b'))?.status;
    assert.equal(status?.conditions?.[0]?.reason, 'SyncFailed');
  });
});

it('staleDisruptionController takes the announcement back when the pod stays', async () => {
  const world = new ControllerWorld();
  const at = new Date(world.clock.now()).toISOString();
  const conditions = [{ type: 'DisruptionTarget', status: 'True', lastTransitionTime: at }];
  await world.create(PODS, { ...pod('p'), status: { phase: 'Running', conditions } });
  await world.run(staleDisruptionController);
  const target = async () => (await world.get(PODS, 'ns/p'))?.status?.conditions?.find((c) => c.type === 'DisruptionTarget')?.status;
  await world.settle(100_000);
  assert.equal(await target(), 'True');
  await world.settle(21_000);
  assert.equal(await target(), 'False');
  await world.stop();
});
