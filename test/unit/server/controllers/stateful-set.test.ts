import assert from 'node:assert/strict';
import { afterEach, beforeEach, describe, it } from 'node:test';
import type { KubeObject } from '../../../../src/api/object.ts';
import type { StatefulSet, StatefulSetSpec } from '../../../../src/api/types/apps-v1.gen.ts';
import type { Pod } from '../../../../src/api/types/core-v1.gen.ts';
import { CONTROLLER_REVISIONS, PERSISTENT_VOLUME_CLAIMS, PODS, STATEFUL_SETS } from '../../../../src/client/resources.ts';
import { statefulSetController } from '../../../../src/server/controllers/stateful-set.ts';
import {
  claimOwners,
  claimsOf,
  missingIdentity,
  ordinalOf,
  statefulPod,
} from '../../../../src/server/controllers/stateful-set-identity.ts';
import { planStatefulSet, type StatefulStep, statefulSetStatus } from '../../../../src/server/controllers/stateful-set-plan.ts';
import { ControllerWorld } from '../../../support/controller-world.ts';

const NOW = Date.UTC(2026, 0, 2);
const template = (image: string) => ({ metadata: { labels: { app: 'web' } }, spec: { containers: [{ name: 'c', image }] } });
const set = (spec: Partial<StatefulSetSpec> = {}): StatefulSet & KubeObject => ({
  metadata: { name: 'web', namespace: 'ns', uid: 'set', generation: 1 },
  spec: { replicas: 3, serviceName: 'hub', selector: { matchLabels: { app: 'web' } }, template: template('i:2'), ...spec },
});
const OLD = { name: 'web-old', template: template('i:1') };
const NEW = { name: 'web-new', template: template('i:2') };

interface Shape {
  revision?: typeof OLD;
  phase?: string;
  ready?: boolean;
  going?: boolean;
  since?: number;
}

/** A pod of the set as the informer would show it, ready since `since` seconds. */
function pod(
  ordinal: number,
  { revision = NEW, phase = 'Running', ready = true, going = false, since = 3600 }: Shape = {},
): Pod & KubeObject {
  const made = statefulPod(set(), revision, ordinal);
  const lastTransitionTime = new Date(NOW - since * 1000).toISOString();
  return {
    ...made,
    metadata: { ...made.metadata, uid: `p${ordinal}`, ...(going && { deletionTimestamp: lastTransitionTime }) },
    status: { phase, conditions: [{ type: 'Ready', status: ready ? 'True' : 'False', lastTransitionTime }] },
  };
}

const brief = (step: StatefulStep): string => {
  if (step.type === 'create') return `+${step.ordinal}@${step.pod.metadata.labels?.['controller-revision-hash']}`;
  if (step.type === 'delete') return `-${step.pod.metadata.name?.slice(4)}${step.why ? ` ${step.why}` : ''}`;
  return `${step.type} ${step.pod.metadata.name?.slice(4)}`;
};
const old = { revision: OLD };
const sick = { ready: false };
const rolling = (rollingUpdate: object) => set({ updateStrategy: { type: 'RollingUpdate', rollingUpdate } });
const parallel = (more: Partial<StatefulSetSpec> = {}) => set({ podManagementPolicy: 'Parallel', ...more });

describe('planStatefulSet', () => {
  const three = [pod(0), pod(1), pod(2)];
  const oldThree = [pod(0, old), pod(1, old), pod(2, old)];
  const cases: [title: string, set: StatefulSet & KubeObject, pods: (Pod & KubeObject)[], want: string[]][] = [
    ['makes the first pod first', set(), [], ['+0@web-new']],
    ['waits until it is ready', set(), [pod(0, sick)], []],
    ['then makes the next', set(), [pod(0)], ['+1@web-new']],
    ['waits minReadySeconds too', set({ minReadySeconds: 60 }), [pod(0, { since: 30 })], []],
    ['makes all at once in parallel', parallel(), [pod(1, sick)], ['+0@web-new', '+2@web-new']],
    ['starts at another ordinal', set({ ordinals: { start: 5 }, replicas: 1 }), [], ['+5@web-new']],
    ['fills a hole', set(), [pod(0), pod(2)], ['+1@web-new']],
    ['sees to the claims of a pending pod', set(), [pod(0, { phase: 'Pending', ready: false })], ['claims 0']],
    ['replaces a failed pod', set(), [pod(0, { phase: 'Failed' }), pod(1)], ['-0 failed']],
    ['replaces a pod that ended', set(), [pod(0, { phase: 'Succeeded' })], ['-0 succeeded']],
    ['waits for a failed pod that is going', set(), [pod(0, { phase: 'Failed', going: true })], []],
    ['does nothing when all is well', set(), three, []],
    ['removes the highest surplus pod', set({ replicas: 1 }), three, ['-2']],
    ['removes one at a time', set({ replicas: 1 }), [pod(0), pod(1), pod(2, { going: true })], []],
    ['stops removing at a sick pod below', set({ replicas: 1 }), [pod(0), pod(1, sick), pod(2)], ['-2']],
    ['does not pass the first sick pod', set({ replicas: 0 }), [pod(0, sick), pod(1, sick)], []],
    ['removes the only sick pod', set({ replicas: 1 }), [pod(0), pod(1, sick)], ['-1']],
    ['scales nothing down while a pod that stays is sick', set({ replicas: 1 }), [pod(0, sick), pod(1)], []],
    ['removes all surplus at once in parallel', parallel({ replicas: 1 }), three, ['-2', '-1']],
    ['updates from the highest ordinal', set(), oldThree, ['-2']],
    ['waits for the updated pod', set(), [pod(0, old), pod(1, old), pod(2, sick)], []],
    ['goes on when it is ready', set(), [pod(0, old), pod(1, old), pod(2)], ['-1']],
    ['stops at the partition', rolling({ partition: 2 }), [pod(0, old), pod(1, old), pod(2)], []],
    ['makes pods below the partition of the old revision', rolling({ partition: 2 }), [pod(0, old)], ['+1@web-old']],
    ['makes pods above the partition of the new revision', rolling({ partition: 1 }), [pod(0, old)], ['+1@web-new']],
    ['updates as many as may be unavailable', rolling({ maxUnavailable: 2 }), oldThree, ['-2', '-1']],
    ['leaves the update to the user on OnDelete', set({ updateStrategy: { type: 'OnDelete' } }), oldThree, []],
    ['uses the new revision then', set({ updateStrategy: { type: 'OnDelete' } }), oldThree.slice(0, 2), ['+2@web-new']],
    ['does nothing for a set that is going', { ...set(), metadata: { ...set().metadata, deletionTimestamp: 'now' } }, [], []],
  ];
  for (const [title, what, pods, want] of cases) {
    it(title, () => {
      assert.deepEqual(planStatefulSet({ set: what, pods, current: OLD, update: NEW, nowMs: NOW }).map(brief), want);
    });
  }
});

describe('statefulSetStatus', () => {
  const status = (pods: (Pod & KubeObject)[]) => statefulSetStatus({ set: set(), pods, current: OLD, update: NEW, nowMs: NOW });

  it('counts the pods of each revision', () => {
    const { replicas, readyReplicas, currentReplicas, updatedReplicas, currentRevision } = status([
      pod(0, old),
      pod(1, { ...old, ready: false }),
      pod(2),
    ]);
    assert.deepEqual([replicas, readyReplicas, currentReplicas, updatedReplicas, currentRevision], [3, 2, 2, 1, 'web-old']);
  });

  it('makes the new revision current when all pods have it and are ready', () => {
    assert.equal(status([pod(0), pod(1), pod(2, sick)]).currentRevision, 'web-old');
    const through = status([pod(0), pod(1), pod(2)]);
    assert.deepEqual([through.currentRevision, through.currentReplicas], ['web-new', 3]);
  });
});

describe('the identity of pods', () => {
  const claimed = set({ volumeClaimTemplates: [{ metadata: { name: 'data', labels: { tier: 'db' } }, spec: {} }] });

  it('is name, host name, labels and claims', () => {
    const base = template('i');
    const made = statefulPod(
      claimed,
      { name: 'r', template: { ...base, spec: { ...base.spec, volumes: [{ name: 'data', emptyDir: {} }] } } },
      3,
    );
    assert.equal(made.metadata.name, 'web-3');
    assert.deepEqual([made.spec?.hostname, made.spec?.subdomain], ['web-3', 'hub']);
    assert.deepEqual(made.metadata.labels, {
      app: 'web',
      'statefulset.kubernetes.io/pod-name': 'web-3',
      'apps.kubernetes.io/pod-index': '3',
      'controller-revision-hash': 'r',
    });
    assert.deepEqual(made.spec?.volumes, [{ name: 'data', persistentVolumeClaim: { claimName: 'data-web-3' } }]);
    const [claim] = claimsOf(claimed, 3);
    assert.deepEqual([claim?.claim.metadata.name, claim?.claim.metadata.labels], ['data-web-3', { tier: 'db', app: 'web' }]);
    assert.equal(missingIdentity(claimed, made), undefined);
    assert.equal(missingIdentity(claimed, { ...made, metadata: { name: 'web-3' } })?.['apps.kubernetes.io/pod-index'], '3');
  });

  it('ordinalOf knows its own names', () => {
    const of = (name: string) => ordinalOf(set(), { metadata: { name }, spec: { containers: [] } });
    assert.deepEqual(['web-0', 'web-12', 'web-01', 'web', 'web-a', 'web-x-1'].map(of), [0, 12, undefined, undefined, undefined, undefined]);
  });

  it('claimOwners follows the retention policy', () => {
    type Owner = string[] | undefined;
    const cases: [whenDeleted: string, whenScaled: string, ordinal: number, want: Owner][] = [
      ['Retain', 'Retain', 0, undefined],
      ['Delete', 'Retain', 0, ['StatefulSet']],
      ['Delete', 'Retain', 7, ['StatefulSet']],
      ['Retain', 'Delete', 0, undefined],
      ['Retain', 'Delete', 7, ['Pod']],
      ['Delete', 'Delete', 7, ['Pod']],
      ['Delete', 'Delete', 0, ['StatefulSet']],
    ];
    for (const [whenDeleted, whenScaled, ordinal, want] of cases) {
      const owner = set({ persistentVolumeClaimRetentionPolicy: { whenDeleted, whenScaled } });
      const owners = claimOwners(owner, { metadata: { name: 'data' }, spec: {} }, pod(ordinal));
      assert.deepEqual(
        owners?.map(({ kind }) => kind),
        want,
        `${whenDeleted} ${whenScaled} ${ordinal}`,
      );
    }
  });
});

describe('statefulSetController', () => {
  let world: ControllerWorld;
  beforeEach(() => {
    world = new ControllerWorld();
  });
  afterEach(async () => {
    await world.stop();
    assert.deepEqual(world.errors, []);
  });
  const make = (spec: Partial<StatefulSetSpec> = {}) =>
    world.create(STATEFUL_SETS, { metadata: { name: 'web', namespace: 'ns' }, spec: { ...set(spec).spec } });
  const names = async () => (await world.all(PODS)).map((p) => p.metadata.name).sort();
  /** Does what a kubelet would: what goes is gone, what is new runs. */
  async function runPods(): Promise<void> {
    for (const { metadata, status } of await world.all(PODS)) {
      const name = { namespace: 'ns', name: metadata.name ?? '' };
      if (metadata.deletionTimestamp) await world.client.delete(PODS, name, { gracePeriodSeconds: 0 });
      else if (status?.phase !== 'Running') {
        const conditions = [{ type: 'Ready', status: 'True', lastTransitionTime: '2026-01-01T00:00:00Z' }];
        await world.client.patch(
          PODS,
          name,
          { type: 'merge', body: { status: { phase: 'Running', conditions } } },
          { subresource: 'status' },
        );
      }
    }
    await world.settle(100);
  }
  const status = async () => (await world.get(STATEFUL_SETS, 'ns/web'))?.status;
  const patch = (spec: object) => world.client.patch(STATEFUL_SETS, { namespace: 'ns', name: 'web' }, { type: 'merge', body: { spec } });

  it('makes pods in order, with their claims, then is quiet', async () => {
    await make({ volumeClaimTemplates: [{ metadata: { name: 'data' }, spec: {} }] });
    await world.run(statefulSetController);
    const seen: string[] = [];
    for (let round = 0; round < 5; round++) {
      seen.push((await names()).join());
      await runPods();
    }
    assert.deepEqual(seen, ['web-0', 'web-0,web-1', 'web-0,web-1,web-2', 'web-0,web-1,web-2', 'web-0,web-1,web-2']);
    const claims = (await world.all(PERSISTENT_VOLUME_CLAIMS)).map((c) => c.metadata.name).sort();
    assert.deepEqual(claims, ['data-web-0', 'data-web-1', 'data-web-2']);
    assert.equal((await status())?.availableReplicas, 3);
    assert.equal(world.events.filter((e) => e.includes('create Pod web-1 in StatefulSet web successful')).length, 1);
    const writes = world.api.writes.length;
    await world.settle(60_000);
    assert.equal(world.api.writes.length, writes);
  });

  it('rolls out from the top, keeps the history and rolls back to the same revision', async () => {
    await make();
    await world.run(statefulSetController);
    for (let round = 0; round < 4; round++) await runPods();
    const first = (await status())?.currentRevision;
    await patch({ template: template('i:9') });
    await world.settle(100);
    const images = async () => (await world.all(PODS)).map((p) => p.spec?.containers[0]?.image);
    assert.deepEqual(await images(), ['i:2', 'i:2', 'i:9']);
    for (let round = 0; round < 8; round++) await runPods();
    assert.deepEqual(await images(), ['i:9', 'i:9', 'i:9']);
    const after = await status();
    assert.equal(after?.currentRevision, after?.updateRevision);
    assert.notEqual(after?.currentRevision, first);
    await patch({ template: template('i:2') });
    for (let round = 0; round < 8; round++) await runPods();
    assert.equal((await status())?.currentRevision, first);
    assert.deepEqual((await world.all(CONTROLLER_REVISIONS)).map((r) => r.revision).sort(), [2, 3]);
  });

  it('gives a claim to its pod before the pod is scaled away', async () => {
    const persistentVolumeClaimRetentionPolicy = { whenDeleted: 'Retain', whenScaled: 'Delete' };
    await make({ replicas: 2, volumeClaimTemplates: [{ metadata: { name: 'data' }, spec: {} }], persistentVolumeClaimRetentionPolicy });
    await world.run(statefulSetController);
    for (let round = 0; round < 3; round++) await runPods();
    await patch({ replicas: 1 });
    await world.settle(100);
    const owners = async (name: string) => (await world.get(PERSISTENT_VOLUME_CLAIMS, `ns/${name}`))?.metadata.ownerReferences;
    assert.equal((await owners('data-web-1'))?.[0]?.name, 'web-1');
    assert.equal(await owners('data-web-0'), undefined);
    // The pod is back before its claim has gone: it must not use that one.
    await runPods();
    await patch({ replicas: 2 });
    await world.settle(2_000);
    assert.deepEqual(await names(), ['web-0']);
    await world.client.delete(PERSISTENT_VOLUME_CLAIMS, { namespace: 'ns', name: 'data-web-1' });
    await world.settle(2_000);
    assert.deepEqual(await names(), ['web-0', 'web-1']);
  });

  it('adopts a pod of its name and releases one whose labels left', async () => {
    await world.create(PODS, { metadata: { name: 'web-0', namespace: 'ns', labels: { app: 'web' } }, spec: { containers: [] } });
    await make({ replicas: 1 });
    await world.run(statefulSetController);
    const owner = async () => (await world.get(PODS, 'ns/web-0'))?.metadata.ownerReferences?.[0]?.kind;
    assert.equal(await owner(), 'StatefulSet');
    await world.settle(100);
    assert.equal((await world.get(PODS, 'ns/web-0'))?.metadata.labels?.['apps.kubernetes.io/pod-index'], '0');
    await world.client.patch(PODS, { namespace: 'ns', name: 'web-0' }, { type: 'merge', body: { metadata: { labels: { app: 'x' } } } });
    await world.settle(100);
    assert.equal(await owner(), undefined);
  });

  it('replaces a pod that fails again and again ever more slowly', async () => {
    await make({ replicas: 1 });
    await world.run(statefulSetController);
    for (let second = 0; second < 20; second++) {
      const body = { status: { phase: 'Failed' } };
      for (const { metadata } of await world.all(PODS)) {
        await world.client.patch(PODS, { namespace: 'ns', name: metadata.name ?? '' }, { type: 'merge', body }, { subresource: 'status' });
      }
      await world.settle(1000);
    }
    const made = world.api.writes.filter((w) => w.startsWith('create pods ')).length;
    assert.ok(made >= 4 && made <= 7, `${made} pods in 20 s`);
    assert.ok(world.events.some((e) => e.includes('RecreatingFailedPod')));
  });

  it('adopts the history that a set of its name left', async () => {
    await make({ replicas: 1 });
    await world.run(statefulSetController);
    await runPods();
    const first = (await status())?.currentRevision;
    await world.client.delete(STATEFUL_SETS, { namespace: 'ns', name: 'web' });
    const orphan = { type: 'merge' as const, body: { metadata: { ownerReferences: null } } };
    for (const [resource, name] of [
      [CONTROLLER_REVISIONS, first ?? ''],
      [PODS, 'web-0'],
    ] as const) {
      await world.client.patch<KubeObject>(resource, { namespace: 'ns', name }, orphan);
    }
    await make({ replicas: 1 });
    await world.settle(100);
    assert.equal((await status())?.currentRevision, first);
    assert.equal((await world.all(CONTROLLER_REVISIONS)).length, 1);
    assert.deepEqual(await names(), ['web-0']);
  });
});
