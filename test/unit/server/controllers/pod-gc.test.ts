import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Node, Pod } from '../../../../src/api/types/core-v1.gen.ts';
import { NODES, PODS } from '../../../../src/client/resources.ts';
import { podGcController } from '../../../../src/server/controllers/pod-gc.ts';
import { planPodGarbage } from '../../../../src/server/controllers/pod-gc-plan.ts';
import { ControllerWorld } from '../../../support/controller-world.ts';

const pod = (name: string, shape: { node?: string; phase?: string; created?: string; going?: boolean; reason?: string } = {}): Pod => ({
  metadata: {
    name,
    namespace: 'default',
    creationTimestamp: shape.created ?? '2026-01-01T00:00:00Z',
    ...(shape.going && { deletionTimestamp: '2026-01-01T00:00:00Z' }),
  },
  spec: { containers: [{ name: 'c' }], ...(shape.node && { nodeName: shape.node }) },
  status: { phase: shape.phase ?? 'Running', ...(shape.reason && { reason: shape.reason }) },
});
const dead: Node = {
  metadata: { name: 'dead' },
  spec: { taints: [{ key: 'node.kubernetes.io/out-of-service', effect: 'NoExecute' }] },
  status: { conditions: [{ type: 'Ready', status: 'Unknown' }] },
};

const CASES: readonly { title: string; pods: Pod[]; want: string[]; threshold?: number }[] = [
  { title: 'running pods of known nodes stay', pods: [pod('a', { node: 'live' }), pod('b')], want: [] },
  {
    title: 'pods of a node that is gone',
    pods: [pod('a', { node: 'gone' }), pod('b', { node: 'missing' })],
    want: ['a: PodGC: node no longer exists'],
  },
  { title: 'terminating pods without a node', pods: [pod('a', { going: true })], want: ['a: PodGC: terminating pod without a node'] },
  {
    title: 'terminating pods of a node that is out of service',
    pods: [pod('a', { node: 'dead', going: true }), pod('b', { node: 'dead' }), pod('c', { node: 'live', going: true })],
    want: ['a: PodGC: node is out of service'],
  },
  {
    title: 'finished pods beyond the threshold: evicted, then oldest',
    threshold: 1,
    pods: [
      pod('new', { node: 'live', phase: 'Succeeded', created: '2026-01-03T00:00:00Z' }),
      pod('old', { node: 'live', phase: 'Failed', created: '2026-01-01T00:00:00Z' }),
      pod('evicted', { node: 'live', phase: 'Failed', reason: 'Evicted', created: '2026-01-04T00:00:00Z' }),
    ],
    want: ['evicted: finished', 'old: finished'],
  },
];
for (const { title, pods, want, threshold = 100 } of CASES) {
  test(`planPodGarbage: ${title}`, () => {
    const node = (name: string): Node | undefined =>
      name === 'dead' ? dead : name === 'live' ? { metadata: { name }, spec: {} } : undefined;
    const got = planPodGarbage({ pods, node, isGone: (name) => name === 'gone', threshold });
    assert.deepEqual(
      got.map((g) => `${g.pod.metadata.name}: ${g.message ?? 'finished'}`),
      want,
    );
  });
}

test('pods of a deleted node are deleted after the quarantine', async () => {
  const world = new ControllerWorld();
  try {
    await world.create(NODES, { metadata: { name: 'n1' }, spec: {} });
    await world.create(PODS, pod('a', { node: 'n1' }));
    await world.run(podGcController);
    await world.client.delete(NODES, { namespace: '', name: 'n1' });
    await world.settle(39_000);
    assert.ok(await world.get(PODS, 'default/a'));
    for (let i = 0; i < 5; i++) await world.settle(10_000);
    assert.equal(await world.get(PODS, 'default/a'), undefined);
    assert.deepEqual(
      world.api.writes.filter((w) => w.includes('pods')),
      ['create pods default/a', 'patch pods/status default/a', 'delete pods default/a'],
    );
    assert.deepEqual(world.errors, []);
  } finally {
    await world.stop();
  }
});
