import assert from 'node:assert/strict';
import { test } from 'node:test';
import { forbidden } from '../../../../src/api/status-error.ts';
import type { Pod } from '../../../../src/api/types/core-v1.gen.ts';
import { NODES, POD_DISRUPTION_BUDGETS, PODS } from '../../../../src/client/resources.ts';
import { Scheduler } from '../../../../src/server/scheduler/scheduler.ts';
import { ControllerWorld, inWorld } from '../../../support/controller-world.ts';
import { node, pod } from '../../../support/scheduling.ts';
import { strategicClient } from '../../../support/strategic-client.ts';

const inScheduler = (use: (world: ControllerWorld) => Promise<void>): Promise<void> =>
  inWorld(async (world) => {
    await world.run((deps) => new Scheduler({ random: () => 0 }, { ...deps, client: strategicClient(deps.client) }));
    await world.settle();
    await use(world);
  });

const nodeOf = async (world: ControllerWorld, name: string): Promise<string | undefined> =>
  (await world.get(PODS, `default/${name}`))?.spec.nodeName;

const scheduled = async (world: ControllerWorld, name: string) =>
  (await world.get(PODS, `default/${name}`))?.status?.conditions?.find((c) => c.type === 'PodScheduled');

test('Scheduler binds a pod and says so', () =>
  inScheduler(async (world) => {
    await world.create(NODES, node('node1'));
    await world.create(PODS, pod('web'));
    await world.settle();
    assert.equal(await nodeOf(world, 'web'), 'node1');
    assert.deepEqual(world.events, ['web: Scheduled Successfully assigned default/web to node1']);
    assert.deepEqual(
      world.api.writes.filter((w) => w.includes('binding')),
      ['create pods/binding default/web'],
    );
  }));

test('Scheduler counts a pod it has just placed before the binding is seen', () =>
  inScheduler(async (world) => {
    await world.create(NODES, node('node1', { cpu: '1' }));
    for (const name of ['a', 'b', 'c']) await world.create(PODS, pod(name, { requests: { cpu: '400m' } }));
    await world.settle();
    const placed = (await world.all(PODS)).filter((p) => p.spec.nodeName);
    assert.equal(placed.length, 2);
  }));

test('Scheduler leaves pods of other schedulers alone', () =>
  inScheduler(async (world) => {
    await world.create(NODES, node('node1'));
    await world.create(PODS, pod('web', { schedulerName: 'mine' }));
    await world.settle(20_000);
    assert.equal(await nodeOf(world, 'web'), undefined);
    assert.deepEqual(world.events, []);
  }));

test('Scheduler tells why a pod waits, and places it as soon as a node can take it', () =>
  inScheduler(async (world) => {
    await world.create(NODES, node('node1', { cpu: '1' }));
    await world.create(PODS, pod('web', { requests: { cpu: '2' } }));
    await world.settle();
    const message =
      '0/1 nodes are available: 1 Insufficient cpu. preemption: 0/1 nodes are available: 1 Preemption is not helpful for scheduling.';
    assert.deepEqual(world.events, [`web: FailedScheduling ${message}`]);
    const condition = await scheduled(world, 'web');
    assert.deepEqual([condition?.status, condition?.reason, condition?.message], ['False', 'Unschedulable', message]);
    await world.create(NODES, node('node2'));
    await world.settle();
    assert.equal(await nodeOf(world, 'web'), 'node2');
  }));

test('Scheduler does not try again for a change that cannot help', () =>
  inScheduler(async (world) => {
    await world.create(NODES, node('node1', { labels: { disk: 'hdd' } }));
    await world.create(PODS, pod('web', { nodeSelector: { disk: 'ssd' } }));
    await world.settle();
    const made = await world.get(NODES, 'node1');
    assert.ok(made);
    await world.client.update(NODES, { ...made, metadata: { ...made.metadata, annotations: { a: 'b' } } });
    await world.settle(20_000);
    assert.equal(world.events.length, 1);
    const again = await world.get(NODES, 'node1');
    assert.ok(again);
    await world.client.update(NODES, { ...again, metadata: { ...again.metadata, labels: { disk: 'ssd' } } });
    await world.settle();
    assert.equal(await nodeOf(world, 'web'), 'node1');
  }));

test('Scheduler waits for scheduling gates', () =>
  inScheduler(async (world) => {
    await world.create(NODES, node('node1'));
    const made = await world.create(PODS, pod('web', { schedulingGates: [{ name: 'example.com/wait' }] }));
    await world.settle(20_000);
    assert.equal(await nodeOf(world, 'web'), undefined);
    assert.equal((await scheduled(world, 'web'))?.reason, 'SchedulingGated');
    const { schedulingGates: _, ...spec } = made.spec;
    const now = await world.get(PODS, 'default/web');
    assert.ok(now);
    await world.client.update(PODS, { ...now, spec });
    await world.settle();
    assert.equal(await nodeOf(world, 'web'), 'node1');
  }));

test('Scheduler tries a refused binding again after a pause', () =>
  inScheduler(async (world) => {
    let refusals = 1;
    world.api.before = (call) => {
      if (call.subresource === 'binding' && refusals-- > 0) throw forbidden({ group: '', resource: 'pods' }, 'web', 'not now');
    };
    await world.create(NODES, node('node1'));
    await world.create(PODS, pod('web'));
    await world.settle();
    assert.equal(await nodeOf(world, 'web'), undefined);
    await world.settle(1_000);
    assert.equal(await nodeOf(world, 'web'), 'node1');
  }));

const filler = (name: string, priority: number, shape: object = {}): Pod =>
  pod(name, { priority, requests: { cpu: '800m' }, nodeName: 'node1', ...shape });

test('Scheduler preempts pods of lower priority and places the pod when they are gone', () =>
  inScheduler(async (world) => {
    await world.create(NODES, node('node1', { cpu: '1' }));
    await world.create(PODS, filler('low', 0));
    await world.settle();
    const high = await world.create(PODS, pod('high', { priority: 10, requests: { cpu: '500m' } }));
    await world.settle();
    assert.equal((await world.get(PODS, 'default/high'))?.status?.nominatedNodeName, 'node1');
    const victim = await world.get(PODS, 'default/low');
    assert.ok(victim?.metadata.deletionTimestamp);
    assert.equal(victim?.status?.conditions?.find((c) => c.type === 'DisruptionTarget')?.reason, 'PreemptionByScheduler');
    assert.ok(world.events.includes(`low: Preempted Preempted by pod ${high.metadata.uid} on node node1`), world.events.join('\n'));
    await world.client.delete(PODS, { namespace: 'default', name: 'low' }, { gracePeriodSeconds: 0 });
    await world.settle();
    assert.equal(await nodeOf(world, 'high'), 'node1');
  }));

test('Scheduler spares pods that a disruption budget protects when others will do', () =>
  inScheduler(async (world) => {
    await world.create(NODES, node('node1', { cpu: '2' }));
    await world.create(PODS, filler('kept', 0, { labels: { app: 'kept' } }));
    await world.create(PODS, filler('spare', 1));
    const budget = { metadata: { name: 'b', namespace: 'default' }, spec: { selector: { matchLabels: { app: 'kept' } } } };
    await world.create(POD_DISRUPTION_BUDGETS, {
      ...budget,
      status: { currentHealthy: 1, desiredHealthy: 1, disruptionsAllowed: 0, expectedPods: 1 },
    });
    await world.settle();
    await world.create(PODS, pod('high', { priority: 10, requests: { cpu: '1' } }));
    await world.settle();
    assert.equal((await world.get(PODS, 'default/kept'))?.metadata.deletionTimestamp, undefined);
    assert.ok((await world.get(PODS, 'default/spare'))?.metadata.deletionTimestamp);
  }));

const REFUSALS: readonly { title: string; high: Pod; low: Pod; want: string }[] = [
  {
    title: 'that may not',
    low: filler('low', 0),
    high: pod('high', { priority: 10, preemptionPolicy: 'Never', requests: { cpu: '500m' } }),
    want: '0/1 nodes are available: 1 Insufficient cpu. preemption: not eligible due to preemptionPolicy=Never.',
  },
  {
    title: 'that is no more important',
    low: filler('low', 10),
    high: pod('high', { priority: 10, requests: { cpu: '500m' } }),
    want: '0/1 nodes are available: 1 Insufficient cpu. preemption: 0/1 nodes are available: 1 No preemption victims found for incoming pod.',
  },
];

for (const { title, high, low, want } of REFUSALS) {
  test(`Scheduler does not preempt for a pod ${title}`, () =>
    inScheduler(async (world) => {
      await world.create(NODES, node('node1', { cpu: '1' }));
      await world.create(PODS, low);
      await world.settle();
      await world.create(PODS, high);
      await world.settle();
      assert.deepEqual(world.events, [`high: FailedScheduling ${want}`]);
    }));
}

test('Scheduler leaves no timer behind when it stops, with pods waiting in every place', async () => {
  const world = new ControllerWorld();
  world.api.before = (call) => {
    if (call.subresource === 'binding') throw forbidden({ group: '', resource: 'pods' }, 'web', 'never');
  };
  await world.run((deps) => new Scheduler({}, { ...deps, client: strategicClient(deps.client) }));
  await world.create(NODES, node('node1'));
  await world.create(PODS, pod('refused'));
  await world.create(PODS, pod('unschedulable', { nodeSelector: { a: 'b' } }));
  await world.create(PODS, pod('gated', { schedulingGates: [{ name: 'g' }] }));
  await world.settle();
  assert.ok(world.clock.pending > 0);
  await world.stop();
  assert.equal(world.clock.pending, 0);
});
