import assert from 'node:assert/strict';
import { test } from 'node:test';
import { forbidden } from '../../../../src/api/status-error.ts';
import type { ReplicaSet } from '../../../../src/api/types/apps-v1.gen.ts';
import type { Pod } from '../../../../src/api/types/core-v1.gen.ts';
import { PODS, REPLICA_SETS } from '../../../../src/client/resources.ts';
import { replicaSetController } from '../../../../src/server/controllers/replica-set.ts';
import { planReplicas, slowStartBatches } from '../../../../src/server/controllers/replica-set-plan.ts';
import { inDeletionOrder, msUntilAvailable } from '../../../../src/server/controllers/replica-set-pods.ts';
import { inWorld } from '../../../support/controller-world.ts';

const NOW = Date.UTC(2026, 0, 1, 12);
const labels = { app: 'web' };

const replicaSet = (replicas: number, shape: Partial<ReplicaSet['spec']> = {}): ReplicaSet => ({
  metadata: { name: 'web', namespace: 'default' },
  spec: {
    replicas,
    selector: { matchLabels: labels },
    template: { metadata: { labels }, spec: { containers: [{ name: 'c' }] } },
    ...shape,
  },
});

interface Shape {
  readonly node?: string;
  readonly phase?: string;
  readonly ready?: string;
  readonly cost?: string;
  readonly restarts?: number;
  readonly created?: string;
}

function pod(name: string, shape: Shape = {}): Pod {
  const { node = 'n1', phase = 'Running', ready = '2026-01-01T00:00:00Z', cost, restarts = 0, created = '2026-01-01T00:00:00Z' } = shape;
  return {
    metadata: {
      name,
      uid: name,
      namespace: 'default',
      labels,
      creationTimestamp: created,
      ...(cost && { annotations: { 'controller.kubernetes.io/pod-deletion-cost': cost } }),
    },
    spec: { containers: [{ name: 'c' }], ...(node && { nodeName: node }) },
    status: {
      phase,
      conditions: ready ? [{ type: 'Ready', status: 'True', lastTransitionTime: ready }] : [],
      containerStatuses: [{ name: 'c', ready: true, restartCount: restarts, image: '', imageID: '' }],
    },
  };
}

const ORDER: readonly { title: string; first: Pod; second: Pod; ranks?: Record<string, number> }[] = [
  { title: 'pods without a node', first: pod('b', { node: '' }), second: pod('a') },
  { title: 'pending pods', first: pod('b', { phase: 'Pending' }), second: pod('a') },
  { title: 'pods that are not ready', first: pod('b', { ready: '' }), second: pod('a') },
  { title: 'cheap pods', first: pod('b', { cost: '-5' }), second: pod('a') },
  { title: 'pods on crowded nodes', first: pod('b', { node: 'n2' }), second: pod('a'), ranks: { n1: 1, n2: 3 } },
  { title: 'pods that became ready lately', first: pod('b', { ready: '2026-01-01T11:59:00Z' }), second: pod('a') },
  { title: 'pods that restarted more', first: pod('b', { restarts: 3 }), second: pod('a') },
  { title: 'younger pods', first: pod('b', { created: '2026-01-01T11:59:00Z' }), second: pod('a') },
  {
    title: 'by uid of pods of about the same age',
    first: pod('a', { created: '2026-01-01T01:00:00Z' }),
    second: pod('b', { created: '2026-01-01T01:01:00Z' }),
  },
];
for (const { title, first, second, ranks = {} } of ORDER) {
  test(`inDeletionOrder takes first ${title}`, () => {
    const rank = (p: Pod): number => ranks[p.spec.nodeName ?? ''] ?? 0;
    const names = [second, first].map((p) => p.metadata.name);
    const got = inDeletionOrder([second, first], { rank, nowMs: NOW }).map((p) => p.metadata.name);
    assert.deepEqual(got, names.toReversed());
  });
}

test('planReplicas creates and deletes in bursts of 500, and nothing for a set that goes', () => {
  const many = Array.from({ length: 600 }, (_, i) => pod(`p${i}`));
  assert.equal(planReplicas(replicaSet(3), [pod('a')], [], NOW).create, 2);
  assert.equal(planReplicas(replicaSet(1000), [], [], NOW).create, 500);
  assert.equal(planReplicas(replicaSet(1), many, many, NOW).delete.length, 500);
  assert.deepEqual(planReplicas(replicaSet(1), [pod('a')], [], NOW), { create: 0, delete: [] });
  const going = { ...replicaSet(0), metadata: { name: 'web', deletionTimestamp: '2026-01-01T00:00:00Z' } };
  assert.deepEqual(planReplicas(going, [pod('a')], [], NOW), { create: 0, delete: [] });
});

test('slowStartBatches doubles and adds up', () => {
  assert.deepEqual(slowStartBatches(0), []);
  assert.deepEqual(slowStartBatches(1), [1]);
  assert.deepEqual(slowStartBatches(10), [1, 2, 4, 3]);
});

test('msUntilAvailable counts from readiness', () => {
  const ready = pod('a', { ready: '2026-01-01T11:59:50Z' });
  assert.equal(msUntilAvailable(ready, 0, NOW), 0);
  assert.equal(msUntilAvailable(ready, 30, NOW), 20_000);
  assert.equal(msUntilAvailable(ready, 10, NOW), 0);
  assert.equal(msUntilAvailable(pod('b', { ready: '' }), 0, NOW), undefined);
});

test('a ReplicaSet adopts orphans that match and releases pods that no longer do', () =>
  inWorld(async (world) => {
    await world.create(REPLICA_SETS, replicaSet(2));
    await world.create(PODS, pod('orphan'));
    await world.run(replicaSetController);
    await world.settle();
    assert.equal((await world.all(PODS)).length, 2);
    const adopted = await world.get(PODS, 'default/orphan');
    assert.equal(adopted?.metadata.ownerReferences?.[0]?.name, 'web');
    assert.ok(adopted);
    await world.client.update(PODS, { ...adopted, metadata: { ...adopted.metadata, labels: { app: 'debug' } } });
    await world.settle();
    assert.deepEqual((await world.get(PODS, 'default/orphan'))?.metadata.ownerReferences ?? [], []);
    assert.equal((await world.all(PODS)).length, 3);
  }));

test('a deleted pod is replaced once', () =>
  inWorld(async (world) => {
    await world.create(REPLICA_SETS, replicaSet(3));
    await world.run(replicaSetController);
    await world.settle();
    const [first] = await world.all(PODS);
    await world.client.delete(PODS, { namespace: 'default', name: first?.metadata.name ?? '' });
    await world.settle();
    assert.equal((await world.all(PODS)).length, 3);
    assert.equal(world.api.writes.filter((w) => w.startsWith('create pods')).length, 4);
  }));

test('a refused creation is tried with one pod, told, and tried again', () =>
  inWorld(async (world) => {
    let refusing = true;
    world.api.before = (call) => {
      if (call.verb === 'create' && call.resource.resource === 'pods' && refusing)
        throw forbidden({ group: '', resource: 'pods' }, 'web-x', 'exceeded quota');
    };
    await world.create(REPLICA_SETS, replicaSet(10));
    await world.run(replicaSetController);
    await world.settle();
    const failure = (await world.get(REPLICA_SETS, 'default/web'))?.status?.conditions?.[0];
    assert.deepEqual([failure?.type, failure?.status, failure?.reason], ['ReplicaFailure', 'True', 'FailedCreate']);
    assert.equal(failure?.message, 'pods "web-x" is forbidden: exceeded quota');
    assert.ok(world.events.includes('web: FailedCreate Error creating: pods "web-x" is forbidden: exceeded quota'));
    assert.equal((await world.all(PODS)).length, 0);
    assert.ok(world.events.length <= 2, 'one try at a time, with pauses');
    refusing = false;
    await world.settle(20);
    assert.equal((await world.all(PODS)).length, 10);
    assert.deepEqual((await world.get(REPLICA_SETS, 'default/web'))?.status?.conditions ?? [], []);
  }));

test('status counts ready and available pods; minReadySeconds is waited for', () =>
  inWorld(async (world) => {
    await world.create(REPLICA_SETS, replicaSet(1, { minReadySeconds: 10 }));
    await world.run(replicaSetController);
    await world.settle();
    const [made] = await world.all(PODS);
    assert.ok(made);
    const conditions = [{ type: 'Ready', status: 'True', lastTransitionTime: new Date(world.clock.now()).toISOString() }];
    await world.client.update(PODS, { ...made, status: { phase: 'Running', conditions } }, { subresource: 'status' });
    await world.settle();
    const status = async () => (await world.get(REPLICA_SETS, 'default/web'))?.status;
    assert.deepEqual([(await status())?.readyReplicas, (await status())?.availableReplicas], [1, 0]);
    await world.settle(10_000);
    assert.equal((await status())?.availableReplicas, 1);
  }));
