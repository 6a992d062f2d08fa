import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Node, Pod, Taint } from '../../../../src/api/types/core-v1.gen.ts';
import { rfc3339, rfc3339Micro } from '../../../../src/base/clock.ts';
import type { Component } from '../../../../src/base/component.ts';
import { startAll, stopAll } from '../../../../src/base/component.ts';
import { LEASES, NODES, PODS } from '../../../../src/client/resources.ts';
import type { ControllerDeps } from '../../../../src/server/controllers/controller.ts';
import { nodeLifecycleController } from '../../../../src/server/controllers/node-lifecycle.ts';
import { evictionRate, plannedTaints, zoneState } from '../../../../src/server/controllers/node-lifecycle-plan.ts';
import { taintEvictionController } from '../../../../src/server/controllers/taint-eviction.ts';
import { toleratedMs } from '../../../../src/server/controllers/taint-eviction-plan.ts';
import { type ControllerWorld, inWorld } from '../../../support/controller-world.ts';

function both(deps: ControllerDeps): Component {
  const parts = [nodeLifecycleController(deps), taintEvictionController(deps)];
  return { name: 'both', start: () => startAll(parts), stop: () => stopAll(parts) };
}

const NOT_READY = 'node.kubernetes.io/not-ready';
const UNREACHABLE = 'node.kubernetes.io/unreachable';

function node(name: string, conditions: Record<string, string> = { Ready: 'True' }, spec: Node['spec'] = {}): Node {
  const list = Object.entries(conditions).map(([type, status]) => ({ type, status, lastHeartbeatTime: '2026-01-01T00:00:00Z' }));
  return { metadata: { name }, spec, status: { conditions: list } };
}

const runningPod = (name: string, nodeName: string, tolerationSeconds = 300): Pod => ({
  metadata: { name, namespace: 'default' },
  spec: {
    nodeName,
    containers: [{ name: 'c' }],
    tolerations: [NOT_READY, UNREACHABLE].map((key) => ({ key, operator: 'Exists', effect: 'NoExecute', tolerationSeconds })),
  },
  status: { phase: 'Running', conditions: [{ type: 'Ready', status: 'True' }] },
});

const lease = (world: ControllerWorld, name: string) => ({
  metadata: { name, namespace: 'kube-node-lease' },
  spec: { renewTime: rfc3339Micro(world.clock.now()) },
});

/** Lets time pass while the named nodes renew their leases every 10 s. */
async function live(world: ControllerWorld, seconds: number, alive: readonly string[]): Promise<void> {
  for (let t = 0; t < seconds; t += 10) {
    for (const name of alive) {
      const old = await world.get(LEASES, `kube-node-lease/${name}`);
      if (old) await world.client.update(LEASES, { ...old, spec: lease(world, name).spec });
      else await world.create(LEASES, lease(world, name));
    }
    for (let i = 0; i < 10; i++) await world.settle(1_000);
  }
}

const taints = async (world: ControllerWorld, name: string): Promise<string[]> =>
  ((await world.get(NODES, name))?.spec?.taints ?? []).map((t) => `${t.key}:${t.effect}`).sort();

const inNodes = (use: (world: ControllerWorld) => Promise<void>): Promise<void> =>
  inWorld(async (world) => {
    await world.create(NODES, node('n1'));
    await world.create(NODES, node('n2'));
    await world.run(both);
    await use(world);
  });

test('a silent node becomes Unknown, is tainted, its pods are not ready and later evicted', () =>
  inNodes(async (world) => {
    await world.create(PODS, runningPod('lost', 'n2'));
    await world.create(PODS, runningPod('safe', 'n1'));
    await live(world, 30, ['n1', 'n2']);
    await live(world, 30, ['n1']);
    assert.deepEqual(await taints(world, 'n2'), [], 'not before the grace period is over');
    await live(world, 20, ['n1']);
    const n2 = await world.get(NODES, 'n2');
    const ready = n2?.status?.conditions?.find((c) => c.type === 'Ready');
    assert.deepEqual(
      [ready?.status, ready?.reason, ready?.message],
      ['Unknown', 'NodeStatusUnknown', 'Kubelet stopped posting node status.'],
    );
    assert.equal(ready?.lastHeartbeatTime, '2026-01-01T00:00:00Z');
    assert.deepEqual(await taints(world, 'n2'), [`${UNREACHABLE}:NoExecute`, `${UNREACHABLE}:NoSchedule`]);
    assert.deepEqual(await taints(world, 'n1'), []);
    assert.equal((await world.get(PODS, 'default/lost'))?.status?.conditions?.[0]?.status, 'False');
    assert.equal((await world.get(PODS, 'default/safe'))?.status?.conditions?.[0]?.status, 'True');
    assert.ok(world.events.includes('n2: NodeNotReady Node n2 status is now: NodeNotReady'), world.events.join('\n'));
    assert.ok(world.events.includes('lost: NodeNotReady Node is not ready'));
    await live(world, 280, ['n1']);
    assert.equal((await world.get(PODS, 'default/lost'))?.metadata.deletionTimestamp, undefined);
    await live(world, 30, ['n1']);
    const lost = await world.get(PODS, 'default/lost');
    assert.ok(lost?.metadata.deletionTimestamp);
    assert.equal(lost?.status?.conditions?.find((c) => c.type === 'DisruptionTarget')?.reason, 'DeletionByTaintManager');
    assert.ok(world.events.includes('lost: TaintManagerEviction Marking for deletion Pod default/lost'));
  }));

test('a node that returns loses its taints and its pods stay', () =>
  inNodes(async (world) => {
    await world.create(PODS, runningPod('lost', 'n2'));
    await live(world, 20, ['n1', 'n2']);
    await live(world, 60, ['n1']);
    const n2 = await world.get(NODES, 'n2');
    assert.ok(n2);
    const conditions = [{ type: 'Ready', status: 'True', lastHeartbeatTime: rfc3339(world.clock.now()) }];
    await world.client.update(NODES, { ...n2, status: { conditions } }, { subresource: 'status' });
    await live(world, 10, ['n1', 'n2']);
    assert.deepEqual(await taints(world, 'n2'), []);
    assert.ok(world.events.includes('lost: TaintManagerEviction Cancelling deletion of Pod default/lost'), world.events.join('\n'));
    await live(world, 400, ['n1', 'n2']);
    assert.equal((await world.get(PODS, 'default/lost'))?.metadata.deletionTimestamp, undefined);
  }));

test('when all nodes are lost nothing is evicted', () =>
  inNodes(async (world) => {
    await live(world, 20, ['n1', 'n2']);
    await live(world, 70, []);
    for (const name of ['n1', 'n2']) assert.deepEqual(await taints(world, name), [`${UNREACHABLE}:NoSchedule`]);
  }));

test('a pod that does not tolerate a NoExecute taint goes at once', () =>
  inNodes(async (world) => {
    await world.create(PODS, runningPod('p', 'n1'));
    await world.settle();
    const n1 = await world.get(NODES, 'n1');
    assert.ok(n1);
    await world.client.update(NODES, { ...n1, spec: { taints: [{ key: 'mine', effect: 'NoExecute' }] } });
    await world.settle();
    assert.ok((await world.get(PODS, 'default/p'))?.metadata.deletionTimestamp);
    assert.deepEqual(await taints(world, 'n1'), ['mine:NoExecute'], 'taints of others stay');
  }));

const NOW = '2026-01-01T00:00:00Z';
const TAINT_CASES: readonly { title: string; node: Node; want: string[] | undefined }[] = [
  { title: 'a healthy node', node: node('n'), want: undefined },
  {
    title: 'a cordoned node',
    node: node('n', { Ready: 'True' }, { unschedulable: true }),
    want: ['node.kubernetes.io/unschedulable:NoSchedule'],
  },
  {
    title: 'pressure',
    node: node('n', { Ready: 'True', MemoryPressure: 'True', DiskPressure: 'True', PIDPressure: 'True', NetworkUnavailable: 'True' }),
    want: ['memory-pressure', 'disk-pressure', 'network-unavailable', 'pid-pressure'].map((k) => `node.kubernetes.io/${k}:NoSchedule`),
  },
  { title: 'a node that is not ready', node: node('n', { Ready: 'False' }), want: [`${NOT_READY}:NoSchedule`, `${NOT_READY}:NoExecute`] },
  {
    title: 'unreachable after not ready',
    node: node('n', { Ready: 'Unknown' }, { taints: [{ key: NOT_READY, effect: 'NoExecute' }] }),
    want: [`${UNREACHABLE}:NoSchedule`, `${UNREACHABLE}:NoExecute`],
  },
  {
    title: 'a node that is ready again',
    node: node(
      'n',
      { Ready: 'True' },
      {
        taints: [
          { key: UNREACHABLE, effect: 'NoExecute' },
          { key: 'mine', effect: 'NoSchedule' },
        ],
      },
    ),
    want: ['mine:NoSchedule'],
  },
];
for (const { title, node: subject, want } of TAINT_CASES) {
  test(`plannedTaints of ${title}`, () => {
    const got = plannedTaints(subject, 'allowed', NOW);
    assert.deepEqual(
      got?.map((t) => `${t.key}:${t.effect}`),
      want,
    );
  });
}

test('toleratedMs is the shortest of the tolerations that are used', () => {
  const pod = runningPod('p', 'n', 300);
  const hard = (key: string): Taint => ({ key, effect: 'NoExecute' });
  const also = {
    ...pod,
    spec: { ...pod.spec, tolerations: [...(pod.spec.tolerations ?? []), { key: 'k', operator: 'Exists', tolerationSeconds: 60 }] },
  };
  const forever = { ...pod, spec: { ...pod.spec, tolerations: [{ operator: 'Exists' }] } };
  assert.equal(toleratedMs(pod, [{ key: 'x', effect: 'NoSchedule' }]), undefined);
  assert.equal(toleratedMs(pod, [hard(UNREACHABLE)]), 300_000);
  assert.equal(toleratedMs(pod, [hard(UNREACHABLE), hard('x')]), 0);
  assert.equal(toleratedMs(also, [hard(UNREACHABLE), hard('k')]), 60_000);
  assert.equal(toleratedMs(forever, [hard(UNREACHABLE), hard('k')]), undefined);
});

test('zones decide how fast nodes are evicted', () => {
  assert.deepEqual([zoneState(3, 0), zoneState(1, 1), zoneState(2, 3), zoneState(0, 2)], ['normal', 'normal', 'partial', 'full']);
  assert.equal(evictionRate('normal', { nodes: 3, allZonesFull: false }), 0.1);
  assert.equal(evictionRate('partial', { nodes: 5, allZonesFull: false }), 0);
  assert.equal(evictionRate('partial', { nodes: 51, allZonesFull: false }), 0.01);
  assert.equal(evictionRate('full', { nodes: 5, allZonesFull: true }), 0);
});
