import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Deployment, ReplicaSet } from '../../../../src/api/types/apps-v1.gen.ts';
import type { Pod } from '../../../../src/api/types/core-v1.gen.ts';
import { rfc3339 } from '../../../../src/base/clock.ts';
import type { Component } from '../../../../src/base/component.ts';
import { startAll, stopAll } from '../../../../src/base/component.ts';
import { DEPLOYMENTS, PODS, REPLICA_SETS } from '../../../../src/client/resources.ts';
import type { ControllerDeps } from '../../../../src/server/controllers/controller.ts';
import { deploymentController } from '../../../../src/server/controllers/deployment.ts';
import { replicaSetController } from '../../../../src/server/controllers/replica-set.ts';
import { ControllerWorld, inWorld } from '../../../support/controller-world.ts';

function both(deps: ControllerDeps): Component {
  const parts = [deploymentController(deps), replicaSetController(deps)];
  return { name: 'both', start: () => startAll(parts), stop: () => stopAll(parts) };
}

function deployment(spec: Partial<Deployment['spec']> = {}, image = 'web:1'): Deployment {
  return {
    metadata: { name: 'web', namespace: 'default' },
    spec: {
      replicas: 3,
      selector: { matchLabels: { app: 'web' } },
      template: { metadata: { labels: { app: 'web' } }, spec: { containers: [{ name: 'c', image }] } },
      strategy: { type: 'RollingUpdate', rollingUpdate: { maxSurge: '25%', maxUnavailable: '25%' } },
      revisionHistoryLimit: 10,
      progressDeadlineSeconds: 600,
      ...spec,
    },
  };
}

/** Plays scheduler and kubelet: every live pod becomes ready, every deleted one ends. */
async function runPods(world: ControllerWorld, isReady: (pod: Pod) => boolean = () => true): Promise<void> {
  for (let round = 0; round < 12; round++) {
    for (const pod of await world.all(PODS)) {
      const name = { namespace: 'default', name: pod.metadata.name ?? '' };
      if (pod.metadata.deletionTimestamp) await world.client.delete(PODS, name, { gracePeriodSeconds: 0 });
      else if (!pod.status?.phase && isReady(pod)) {
        const conditions = [{ type: 'Ready', status: 'True', lastTransitionTime: rfc3339(world.clock.now()) }];
        await world.client.update(PODS, { ...pod, status: { phase: 'Running', conditions } }, { subresource: 'status' });
      }
    }
    await world.settle(10);
  }
}

async function changed(world: ControllerWorld, change: (deployment: Deployment) => Deployment): Promise<void> {
  const now = await world.get(DEPLOYMENTS, 'default/web');
  assert.ok(now);
  await world.client.update(DEPLOYMENTS, change(now));
  await world.settle(10);
}

const withImage =
  (image: string) =>
  (d: Deployment): Deployment => ({
    ...d,
    spec: { ...d.spec, template: { ...d.spec.template, spec: { containers: [{ name: 'c', image }] } } },
  });

const sizes = async (world: ControllerWorld): Promise<Record<string, number>> =>
  Object.fromEntries(
    (await world.all(REPLICA_SETS)).map((set: ReplicaSet) => [set.spec.template?.spec.containers[0]?.image ?? '', set.spec.replicas ?? -1]),
  );

const condition = async (world: ControllerWorld, type: string) =>
  (await world.get(DEPLOYMENTS, 'default/web'))?.status?.conditions?.find((c) => c.type === type);

test('a Deployment makes a ReplicaSet and pods, and becomes available', () =>
  inWorld(async (world) => {
    await world.create(DEPLOYMENTS, deployment());
    await world.run(both);
    await runPods(world);
    const [set] = await world.all(REPLICA_SETS);
    const hash = set?.metadata.labels?.['pod-template-hash'] ?? '';
    assert.match(hash, /^[bcdfghjklmnpqrstvwxz2456789]{1,10}$/);
    assert.equal(set?.metadata.name, `web-${hash}`);
    assert.deepEqual(set?.spec.selector, { matchLabels: { app: 'web', 'pod-template-hash': hash } });
    assert.equal(set?.metadata.annotations?.['deployment.kubernetes.io/revision'], '1');
    const pods = await world.all(PODS);
    assert.equal(pods.length, 3);
    assert.ok(pods.every((pod) => pod.metadata.labels?.['pod-template-hash'] === hash && pod.metadata.name?.startsWith(`web-${hash}-`)));
    assert.equal(pods[0]?.metadata.ownerReferences?.[0]?.kind, 'ReplicaSet');
    const made = await world.get(DEPLOYMENTS, 'default/web');
    assert.equal(made?.metadata.annotations?.['deployment.kubernetes.io/revision'], '1');
    assert.equal(made?.status?.availableReplicas, 3);
    assert.equal(made?.status?.unavailableReplicas, 0);
    assert.equal((await condition(world, 'Available'))?.reason, 'MinimumReplicasAvailable');
    assert.equal((await condition(world, 'Progressing'))?.reason, 'NewReplicaSetAvailable');
    assert.equal((await condition(world, 'Progressing'))?.message, `ReplicaSet "web-${hash}" has successfully progressed.`);
    assert.ok(world.events.includes(`web: ScalingReplicaSet Scaled up replica set web-${hash} from 0 to 3`), world.events.join('\n'));
    assert.ok(world.events.some((e) => e.startsWith(`web-${hash}: SuccessfulCreate Created pod: web-${hash}-`)));
  }));

test('a rolling update keeps to maxSurge and maxUnavailable', () =>
  inWorld(async (world) => {
    const strategy = { type: 'RollingUpdate', rollingUpdate: { maxSurge: 1, maxUnavailable: 0 } };
    await world.create(DEPLOYMENTS, deployment({ strategy }));
    await world.run(both);
    await runPods(world);
    await changed(world, withImage('web:2'));
    await world.settle(10);
    assert.deepEqual(await sizes(world), { 'web:1': 3, 'web:2': 1 });
    await runPods(world, () => false);
    assert.deepEqual(await sizes(world), { 'web:1': 3, 'web:2': 1 }, 'nothing old goes while nothing new is ready');
    await runPods(world);
    await runPods(world);
    assert.deepEqual(await sizes(world), { 'web:1': 0, 'web:2': 3 });
    assert.equal((await world.get(DEPLOYMENTS, 'default/web'))?.metadata.annotations?.['deployment.kubernetes.io/revision'], '2');
    assert.equal((await world.all(PODS)).length, 3);
  }));

test('going back to an old template uses its ReplicaSet again with a new revision, as kubectl rollout undo expects', () =>
  inWorld(async (world) => {
    await world.create(DEPLOYMENTS, deployment());
    await world.run(both);
    await runPods(world);
    await changed(world, (d) => ({
      ...withImage('web:2')(d),
      metadata: { ...d.metadata, annotations: { ...d.metadata.annotations, 'kubernetes.io/change-cause': 'two' } },
    }));
    await runPods(world);
    await changed(world, withImage('web:1'));
    await runPods(world);
    const sets = await world.all(REPLICA_SETS);
    const revisions = sets.map((s) => [
      s.spec.template?.spec.containers[0]?.image,
      s.metadata.annotations?.['deployment.kubernetes.io/revision'],
    ]);
    assert.deepEqual(revisions.sort(), [
      ['web:1', '3'],
      ['web:2', '2'],
    ]);
    const first = sets.find((s) => s.spec.template?.spec.containers[0]?.image === 'web:1');
    assert.equal(first?.metadata.annotations?.['deployment.kubernetes.io/revision-history'], '1');
    assert.equal(first?.metadata.annotations?.['kubernetes.io/change-cause'], 'two');
    assert.deepEqual(await sizes(world), { 'web:1': 3, 'web:2': 0 });
  }));

test('Recreate starts new pods only when all old ones are gone', () =>
  inWorld(async (world) => {
    await world.create(DEPLOYMENTS, deployment({ strategy: { type: 'Recreate' } }));
    await world.run(both);
    await runPods(world);
    for (const pod of await world.all(PODS)) await world.client.update(PODS, { ...pod, spec: { ...pod.spec, nodeName: 'n1' } });
    await changed(world, withImage('web:2'));
    await world.settle(50);
    assert.deepEqual(await sizes(world), { 'web:1': 0 });
    assert.ok((await world.all(PODS)).every((pod) => pod.metadata.deletionTimestamp));
    await runPods(world);
    assert.deepEqual(await sizes(world), { 'web:1': 0, 'web:2': 3 });
  }));

test('a paused Deployment scales but starts no revision', () =>
  inWorld(async (world) => {
    await world.create(DEPLOYMENTS, deployment());
    await world.run(both);
    await runPods(world);
    await changed(world, (d) => withImage('web:2')({ ...d, spec: { ...d.spec, paused: true, replicas: 5 } }));
    await runPods(world);
    assert.deepEqual(await sizes(world), { 'web:1': 5 });
    assert.equal((await condition(world, 'Progressing'))?.reason, 'DeploymentPaused');
    await changed(world, (d) => ({ ...d, spec: { ...d.spec, paused: false } }));
    await runPods(world);
    assert.deepEqual(await sizes(world), { 'web:1': 0, 'web:2': 5 });
  }));

test('a Deployment that does not progress within its deadline says so', () =>
  inWorld(async (world) => {
    await world.create(DEPLOYMENTS, deployment({ progressDeadlineSeconds: 60 }));
    await world.run(both);
    await world.settle(30_000);
    assert.equal((await condition(world, 'Progressing'))?.status, 'True');
    await world.settle(35_000);
    assert.equal((await condition(world, 'Progressing'))?.reason, 'ProgressDeadlineExceeded');
    assert.match((await condition(world, 'Progressing'))?.message ?? '', /^ReplicaSet "web-\w+" has timed out progressing\.$/);
    assert.equal((await condition(world, 'Available'))?.reason, 'MinimumReplicasUnavailable');
  }));

test('old ReplicaSets beyond the history limit are deleted', () =>
  inWorld(async (world) => {
    await world.create(DEPLOYMENTS, deployment({ revisionHistoryLimit: 1 }));
    await world.run(both);
    for (const image of ['web:2', 'web:3', 'web:4']) {
      await runPods(world);
      await changed(world, withImage(image));
    }
    await runPods(world);
    assert.deepEqual(await sizes(world), { 'web:3': 0, 'web:4': 3 });
  }));

test('a taken ReplicaSet name counts a collision and another name is used', () =>
  inWorld(async (world) => {
    const twin = new ControllerWorld();
    await twin.create(DEPLOYMENTS, deployment());
    await twin.run(both);
    const name = (await twin.all(REPLICA_SETS))[0]?.metadata.name ?? '';
    await twin.stop();
    const spec = {
      replicas: 0,
      selector: { matchLabels: { other: 'x' } },
      template: { metadata: { labels: { other: 'x' } }, spec: { containers: [] } },
    };
    await world.create(REPLICA_SETS, { metadata: { name, namespace: 'default' }, spec });
    await world.create(DEPLOYMENTS, deployment());
    await world.run(both);
    await runPods(world);
    assert.equal((await world.get(DEPLOYMENTS, 'default/web'))?.status?.collisionCount, 1);
    assert.equal((await world.get(DEPLOYMENTS, 'default/web'))?.status?.availableReplicas, 3);
  }));
