import assert from 'node:assert/strict';
import { afterEach, beforeEach, describe, it } from 'node:test';
import type { KubeObject } from '../../../../src/api/object.ts';
import type { DaemonSet, DaemonSetSpec } from '../../../../src/api/types/apps-v1.gen.ts';
import type { Node, NodeSpec, Pod, PodSpec } from '../../../../src/api/types/core-v1.gen.ts';
import { CONTROLLER_REVISIONS, DAEMON_SETS, NODES, PODS } from '../../../../src/client/resources.ts';
import { daemonSetController } from '../../../../src/server/controllers/daemon-set.ts';
import { daemonPod, nodeFit, nodeNameOf } from '../../../../src/server/controllers/daemon-set-nodes.ts';
import { type DaemonSetPlan, daemonSetStatus, planPlacement, planUpdate } from '../../../../src/server/controllers/daemon-set-plan.ts';
import { ControllerWorld } from '../../../support/controller-world.ts';

const daemonSet = (podSpec: Partial<PodSpec> = {}, spec: Partial<DaemonSetSpec> = {}): DaemonSet & KubeObject => ({
  metadata: { name: 'agent', namespace: 'ns', uid: 'ds', generation: 3 },
  spec: {
    selector: { matchLabels: { app: 'agent' } },
    template: { metadata: { labels: { app: 'agent' } }, spec: { containers: [{ name: 'c', image: 'i:1' }], ...podSpec } },
    ...spec,
  },
});
const node = (name: string, spec: NodeSpec = {}, labels: Record<string, string> = {}): Node & KubeObject => ({
  metadata: { name, labels },
  spec,
});
const taint = (effect: string, key = 'x') => ({ taints: [{ key, effect }] });

describe('nodeFit', () => {
  const affinity = (values: string[]) => ({
    nodeAffinity: {
      requiredDuringSchedulingIgnoredDuringExecution: { nodeSelectorTerms: [{ matchExpressions: [{ key: 'a', operator: 'In', values }] }] },
    },
  });
  const cases: [string, Partial<PodSpec>, Node & KubeObject, boolean, boolean][] = [
    ['a plain node', {}, node('n'), true, true],
    ['a node that the selector wants', { nodeSelector: { a: 'b' } }, node('n', {}, { a: 'b' }), true, true],
    ['a node that the selector does not want', { nodeSelector: { a: 'b' } }, node('n'), false, false],
    ['a node that the affinity does not want', { affinity: affinity(['z']) }, node('n', {}, { a: 'b' }), false, false],
    ['another node than the named one', { nodeName: 'm' }, node('n'), false, false],
    ['a node with a NoSchedule taint', {}, node('n', taint('NoSchedule')), false, true],
    ['a node with a NoExecute taint', {}, node('n', taint('NoExecute')), false, false],
    ['a tolerated taint', { tolerations: [{ operator: 'Exists' }] }, node('n', taint('NoExecute')), true, true],
    ['a node that is not ready', {}, node('n', taint('NoExecute', 'node.kubernetes.io/not-ready')), true, true],
    ['a cordoned node', {}, node('n', taint('NoSchedule', 'node.kubernetes.io/unschedulable')), true, true],
    ['a node without network', {}, node('n', taint('NoSchedule', 'node.kubernetes.io/network-unavailable')), false, true],
    [
      'the same for the host network',
      { hostNetwork: true },
      node('n', taint('NoSchedule', 'node.kubernetes.io/network-unavailable')),
      true,
      true,
    ],
  ];
  for (const [title, spec, where, shouldRun, mayStay] of cases) {
    it(`judges ${title}`, () => {
      assert.deepEqual(nodeFit(daemonSet(spec), where), { shouldRun, mayStay });
    });
  }
});

interface Shape {
  hash?: string;
  ready?: boolean;
  phase?: string;
  bound?: boolean;
  going?: boolean;
  created?: number;
}

/** A pod of the set on a node, as the informer would show it. */
function pod(
  name: string,
  nodeName: string,
  { hash = 'new', ready = true, phase = 'Running', bound = true, going = false, created = 0 }: Shape = {},
): Pod & KubeObject {
  const made = daemonPod(daemonSet(), nodeName, hash);
  const at = `2026-01-01T00:00:0${created}Z`;
  return {
    ...made,
    metadata: { ...made.metadata, name, uid: name, creationTimestamp: at, ...(going && { deletionTimestamp: at }) },
    spec: { ...made.spec, ...(bound && { nodeName }) },
    status: { phase, conditions: [{ type: 'Ready', status: ready ? 'True' : 'False', lastTransitionTime: '2026-01-01T00:00:00Z' }] },
  };
}

const view = (pods: (Pod & KubeObject)[], nodes = [node('a'), node('b'), node('c')], set = daemonSet()) => ({
  set,
  nodes,
  pods,
  hash: 'new',
  nowMs: Date.UTC(2026, 0, 2),
});
const brief = (plan: DaemonSetPlan) => [
  ...plan.create.map((n) => `+${n}`),
  ...plan.delete.map((p) => `-${p.metadata.name}`),
  ...plan.replace.map((p) => `~${p.metadata.name}`),
];

describe('planPlacement', () => {
  const surging = daemonSet({}, { updateStrategy: { rollingUpdate: { maxSurge: 1 } } });
  const cases: [string, ReturnType<typeof view>, string[]][] = [
    ['makes a pod for each node without', view([pod('p', 'b')]), ['+a', '+c']],
    ['counts a pod that is not bound yet by its affinity', view([pod('p', 'b', { bound: false })]), ['+a', '+c']],
    [
      'keeps the oldest of several',
      view([pod('x', 'a', { created: 2 }), pod('y', 'a', { created: 1 }), pod('z', 'a', { created: 3 })], [node('a')]),
      ['-x', '-z'],
    ],
    ['replaces finished pods', view([pod('x', 'a', { phase: 'Failed' })], [node('a')]), ['~x']],
    ['waits for a pod that is going', view([pod('x', 'a', { going: true })], [node('a')]), []],
    ['removes pods from nodes they do not belong to', view([pod('x', 'a')], [node('a', taint('NoExecute'))]), ['-x']],
    ['leaves pods on nodes they only may stay on', view([pod('x', 'a')], [node('a', taint('NoSchedule'))]), []],
    ['removes pods that wait for a node that is gone', view([pod('x', 'gone', { bound: false }), pod('y', 'gone')], []), ['-x']],
    [
      'allows one old and one new while surging',
      view([pod('x', 'a', { hash: 'old' }), pod('y', 'a'), pod('z', 'a', { created: 1 })], [node('a')], surging),
      ['-z'],
    ],
  ];
  for (const [title, what, want] of cases) {
    it(title, () => {
      assert.deepEqual(brief(planPlacement(what)), want);
    });
  }
});

describe('planUpdate', () => {
  const old = { hash: 'old' };
  const strategy = (rollingUpdate: object, type = 'RollingUpdate') => daemonSet({}, { updateStrategy: { type, rollingUpdate } });
  const three = [pod('x', 'a', old), pod('y', 'b', old), pod('z', 'c', old)];
  const cases: [string, DaemonSet & KubeObject, (Pod & KubeObject)[], string[]][] = [
    ['replaces one at a time by default', daemonSet(), three, ['-x']],
    ['as many as allowed, percentages rounded up', strategy({ maxUnavailable: '50%' }), three, ['-x', '-y']],
    ['none while a new one is not ready', daemonSet(), [pod('x', 'a', { ready: false }), pod('y', 'b', old), pod('z', 'c', old)], []],
    ['none while one is going', daemonSet(), [pod('x', 'a', { ...old, going: true }), pod('y', 'b', old), pod('z', 'c', old)], []],
    ['sick old ones at once', daemonSet(), [pod('x', 'a', old), pod('y', 'b', { ...old, ready: false }), pod('z', 'c', old)], ['-y']],
    ['nothing on OnDelete', strategy({}, 'OnDelete'), three, []],
    ['makes new pods first when surging', strategy({ maxSurge: 1, maxUnavailable: 0 }), three, ['+a']],
    ['waits for the surging pod', strategy({ maxSurge: 1, maxUnavailable: 0 }), [...three, pod('n', 'a', { ready: false })], []],
    [
      'deletes the old pod and goes on when it is ready',
      strategy({ maxSurge: 1, maxUnavailable: 0 }),
      [...three, pod('n', 'a')],
      ['+b', '-x'],
    ],
    ['nothing when all are new', daemonSet(), [pod('x', 'a'), pod('y', 'b'), pod('z', 'c')], []],
  ];
  for (const [title, set, pods, want] of cases) {
    it(title, () => {
      assert.deepEqual(brief(planUpdate(view(pods, undefined, set))), want);
    });
  }
});

describe('daemonSetStatus', () => {
  it('counts nodes, not pods', () => {
    const nodes = [node('a'), node('b'), node('c'), node('d', taint('NoSchedule'))];
    const pods = [pod('x', 'a'), pod('y', 'b', { hash: 'old', ready: false }), pod('y2', 'b', { ready: false, created: 1 }), pod('m', 'd')];
    assert.deepEqual(daemonSetStatus(view(pods, nodes)), {
      currentNumberScheduled: 2,
      numberMisscheduled: 1,
      desiredNumberScheduled: 3,
      numberReady: 1,
      updatedNumberScheduled: 1,
      numberAvailable: 1,
      numberUnavailable: 2,
      observedGeneration: 3,
    });
  });
});

describe('daemonSetController', () => {
  let world: ControllerWorld;
  beforeEach(async () => {
    world = new ControllerWorld();
    for (const name of ['a', 'b']) await world.create(NODES, node(name));
  });
  afterEach(async () => {
    await world.stop();
    assert.deepEqual(world.errors, []);
  });
  const make = () =>
    world.create(DAEMON_SETS, { metadata: { name: 'agent', namespace: 'ns' }, spec: daemonSet().spec ?? {} } as DaemonSet & KubeObject);
  const places = async () =>
    (await world.all(PODS))
      .filter((p) => !p.metadata.deletionTimestamp)
      .map((p) => nodeNameOf(p))
      .sort();
  /** Does what scheduler and kubelet would. */
  async function runPods(phase = 'Running'): Promise<void> {
    for (const { metadata, spec, ...rest } of await world.all(PODS)) {
      const name = { namespace: 'ns', name: metadata.name ?? '' };
      if (metadata.deletionTimestamp) await world.client.delete(PODS, name, { gracePeriodSeconds: 0 });
      else if (!rest.status?.phase) {
        const nodeName = nodeNameOf({ metadata, spec }) ?? '';
        const binding = { metadata: { name: name.name, namespace: 'ns' }, target: { name: nodeName } };
        await world.client.create<KubeObject, typeof binding>(PODS, binding, { subresource: 'binding', name });
        const conditions = [{ type: 'Ready', status: 'True', lastTransitionTime: '2026-01-01T00:00:00Z' }];
        await world.client.patch(PODS, name, { type: 'merge', body: { status: { phase, conditions } } }, { subresource: 'status' });
      }
    }
    await world.settle(100);
  }

  it('runs a pod on every node, also on one that comes later, and leaves one that is tainted', async () => {
    await make();
    await world.run(daemonSetController);
    assert.deepEqual(await places(), ['a', 'b']);
    await runPods();
    await world.create(NODES, node('c'));
    await world.settle(100);
    assert.deepEqual(await places(), ['a', 'b', 'c']);
    await world.client.patch(NODES, { namespace: '', name: 'a' }, { type: 'merge', body: { spec: taint('NoExecute') } });
    await world.settle(100);
    assert.deepEqual(await places(), ['b', 'c']);
    await runPods();
    const status = (await world.get(DAEMON_SETS, 'ns/agent'))?.status;
    assert.equal(status?.desiredNumberScheduled, 2);
    assert.equal(status?.numberAvailable, 2);
  });

  it('replaces a deleted pod at once and a failing one ever more slowly', async () => {
    await make();
    await world.run(daemonSetController);
    await runPods();
    const [first] = await world.all(PODS);
    await world.client.delete(PODS, { namespace: 'ns', name: first?.metadata.name ?? '' }, { gracePeriodSeconds: 0 });
    await world.settle(100);
    assert.deepEqual(await places(), ['a', 'b']);
    await runPods();
    await world.client.delete(NODES, { namespace: '', name: 'b' });
    const made = () => world.api.writes.filter((w) => w.startsWith('create pods ')).length;
    const before = made();
    const status = { status: { phase: 'Failed' } };
    for (let second = 0; second < 20; second++) {
      for (const p of await world.all(PODS)) {
        const name = { namespace: 'ns', name: p.metadata.name ?? '' };
        if (p.metadata.deletionTimestamp) await world.client.delete(PODS, name, { gracePeriodSeconds: 0 });
        else if (nodeNameOf(p) === 'a') await world.client.patch(PODS, name, { type: 'merge', body: status }, { subresource: 'status' });
      }
      await world.settle(1000);
    }
    assert.ok(made() - before >= 3 && made() - before <= 6, `${made() - before} replacements in 20 s`);
    assert.ok(world.events.some((e) => e.includes('FailedDaemonPod')));
  });

  it('rolls a new template out one node at a time, and keeps the history', async () => {
    await make();
    await world.run(daemonSetController);
    await runPods();
    const template = { spec: { containers: [{ name: 'c', image: 'i:2' }] } };
    await world.client.patch(DAEMON_SETS, { namespace: 'ns', name: 'agent' }, { type: 'merge', body: { spec: { template } } });
    await world.settle(100);
    const going = (await world.all(PODS)).filter((p) => p.metadata.deletionTimestamp);
    assert.equal(going.length, 1);
    for (let round = 0; round < 4; round++) await runPods();
    const images = (await world.all(PODS)).map((p) => p.spec?.containers[0]?.image);
    assert.deepEqual(images, ['i:2', 'i:2']);
    const revisions = await world.all(CONTROLLER_REVISIONS);
    assert.deepEqual(revisions.map((r) => r.revision).sort(), [1, 2]);
    assert.equal((await world.get(DAEMON_SETS, 'ns/agent'))?.status?.updatedNumberScheduled, 2);
    const writes = world.api.writes.length;
    await world.settle(60_000);
    assert.equal(world.api.writes.length, writes);
  });

  it('makes nothing more once it is being deleted', async () => {
    const set = await make();
    await world.run(daemonSetController);
    await world.client.delete(DAEMON_SETS, { namespace: 'ns', name: 'agent' }, { propagationPolicy: 'Foreground' });
    await world.settle();
    for (const { metadata } of await world.all(PODS)) await world.client.delete(PODS, { namespace: 'ns', name: metadata.name ?? '' });
    await world.settle(1000);
    assert.deepEqual(await world.all(PODS), []);
    assert.ok(set.metadata.uid);
  });
});
