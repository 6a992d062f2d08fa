import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Deployment, ReplicaSet } from '../../../../src/api/types/apps-v1.gen.ts';
import {
  isScalingEvent,
  newReplicas,
  planRollingUpdate,
  planScale,
  type ScaleStep,
} from '../../../../src/server/controllers/deployment-plan.ts';
import {
  findNewReplicaSet,
  replicaSetAnnotations,
  replicaSetsToPrune,
  templateHash,
} from '../../../../src/server/controllers/deployment-revision.ts';
import { maxSurgeOf, maxUnavailableOf } from '../../../../src/server/controllers/deployment-strategy.ts';

const template = (image: string) => ({ metadata: { labels: { app: 'web' } }, spec: { containers: [{ name: 'c', image }] } });

const deployment = (replicas: number, maxSurge: number | string = 1, maxUnavailable: number | string = 0): Deployment => ({
  metadata: { name: 'web', namespace: 'default', generation: 1 },
  spec: {
    replicas,
    selector: { matchLabels: { app: 'web' } },
    template: template('new'),
    strategy: { type: 'RollingUpdate', rollingUpdate: { maxSurge, maxUnavailable } },
  },
});

interface Shape {
  readonly available?: number;
  readonly age?: number;
  readonly desired?: number;
  readonly max?: number;
}

/** A ReplicaSet; a higher age is older. */
function set(name: string, replicas: number, shape: Shape = {}): ReplicaSet {
  const { available = replicas, age = 0, desired, max } = shape;
  return {
    metadata: {
      name,
      uid: name,
      creationTimestamp: new Date(Date.UTC(2026, 0, 100 - age)).toISOString(),
      annotations: {
        ...(desired !== undefined && { 'deployment.kubernetes.io/desired-replicas': String(desired) }),
        ...(max !== undefined && { 'deployment.kubernetes.io/max-replicas': String(max) }),
      },
    },
    spec: { replicas, selector: {}, template: template(name) },
    status: { replicas, availableReplicas: available },
  };
}

const steps = (list: readonly ScaleStep[]): Record<string, number> =>
  Object.fromEntries(list.map((step) => [step.set.metadata.name ?? '', step.replicas]));

const FENCES: readonly [number, number | string, number | string, number, number][] = [
  [10, '25%', '25%', 3, 2],
  [3, '25%', '25%', 1, 0],
  [1, '25%', '25%', 1, 0],
  [4, 0, '10%', 0, 1],
  [0, '25%', 1, 0, 0],
  [2, 5, 10, 5, 2],
];
for (const [replicas, surge, unavailable, wantSurge, wantUnavailable] of FENCES) {
  test(`maxSurge ${surge} and maxUnavailable ${unavailable} of ${replicas} are ${wantSurge} and ${wantUnavailable}`, () => {
    const subject = deployment(replicas, surge, unavailable);
    assert.deepEqual([maxSurgeOf(subject), maxUnavailableOf(subject)], [wantSurge, wantUnavailable]);
  });
}

test('newReplicas uses the room that surge leaves', () => {
  assert.equal(newReplicas(deployment(10, 3), [set('old', 10)], 0), 3);
  assert.equal(newReplicas(deployment(10, 3), [set('old', 6), set('new', 6)], 6), 7);
  assert.equal(newReplicas(deployment(10, 3), [set('old', 13)], 0), 0);
  assert.equal(newReplicas(deployment(10, 3), [], 0), 10);
});

const ROLLING: readonly { title: string; deployment: Deployment; current: ReplicaSet; old: ReplicaSet[]; want: Record<string, number> }[] =
  [
    { title: 'adds to the new first', deployment: deployment(10, 3, 2), current: set('new', 0), old: [set('old', 10)], want: { new: 3 } },
    {
      title: 'takes from the old what may be missing',
      deployment: deployment(10, 3, 2),
      current: set('new', 3, { available: 0 }),
      old: [set('old', 10)],
      want: { old: 8 },
    },
    {
      title: 'takes nothing from the old while the new is not available',
      deployment: deployment(10, 3, 2),
      current: set('new', 5, { available: 0 }),
      old: [set('old', 8)],
      want: {},
    },
    {
      title: 'takes pods that are not available first, the oldest set first',
      deployment: deployment(10, 0, 2),
      current: set('new', 2, { available: 2 }),
      old: [set('older', 4, { available: 1, age: 5 }), set('old', 4, { available: 4, age: 1 })],
      want: { older: 2 },
    },
    {
      title: 'scales a new set that is too large down',
      deployment: deployment(2),
      current: set('new', 5),
      old: [],
      want: { new: 2 },
    },
    { title: 'is done', deployment: deployment(3), current: set('new', 3), old: [set('old', 0)], want: {} },
  ];
for (const { title, deployment: subject, current, old, want } of ROLLING) {
  test(`planRollingUpdate ${title}`, () => assert.deepEqual(steps(planRollingUpdate(subject, { current, old })), want));
}

const SCALES: readonly { title: string; deployment: Deployment; current?: ReplicaSet; old: ReplicaSet[]; want: Record<string, number> }[] =
  [
    {
      title: 'the one active set',
      deployment: deployment(5),
      current: set('new', 3, { desired: 3, max: 4 }),
      old: [set('old', 0)],
      want: { new: 5 },
    },
    {
      title: 'the old set while there is no new one',
      deployment: deployment(5),
      old: [set('old', 3, { desired: 3, max: 4 })],
      want: { old: 5 },
    },
    {
      title: 'in proportion during a rollout',
      deployment: deployment(15, 3, 2),
      current: set('new', 5, { desired: 10, max: 13 }),
      old: [set('old', 8, { desired: 10, max: 13, age: 1 })],
      want: { old: 11, new: 7 },
    },
    {
      title: 'down in proportion',
      deployment: deployment(5, 3, 2),
      current: set('new', 5, { desired: 10, max: 13 }),
      old: [set('old', 8, { desired: 10, max: 13, age: 1 })],
      want: { old: 5, new: 3 },
    },
    {
      title: 'to nothing',
      deployment: deployment(0),
      current: set('new', 2, { desired: 3, max: 4 }),
      old: [set('old', 2, { desired: 3, max: 4, age: 1 })],
      want: { old: 0, new: 0 },
    },
  ];
for (const { title, deployment: subject, current, old, want } of SCALES) {
  test(`planScale scales ${title}`, () => assert.deepEqual(steps(planScale(subject, { current, old })), want));
}

test('isScalingEvent tells a change of size from a rollout', () => {
  assert.equal(isScalingEvent(deployment(5), { current: set('new', 3, { desired: 3 }), old: [] }), true);
  assert.equal(isScalingEvent(deployment(3), { current: set('new', 3, { desired: 3 }), old: [] }), false);
  assert.equal(isScalingEvent(deployment(5), { current: set('new', 0, { desired: 3 }), old: [] }), false);
});

test('templateHash depends on the content alone, and on collisions', () => {
  const a = templateHash(template('x'), 0);
  const reordered = { spec: { containers: [{ image: 'x', name: 'c' }] }, metadata: { labels: { 'pod-template-hash': 'abc', app: 'web' } } };
  assert.equal(templateHash(reordered, 0), a);
  assert.notEqual(templateHash(template('y'), 0), a);
  assert.notEqual(templateHash(template('x'), 1), a);
});

test('findNewReplicaSet takes the oldest of the present template', () => {
  const twins = [
    set('new', 1, { age: 1 }),
    { ...set('new', 1, { age: 9 }), metadata: { name: 'twin', creationTimestamp: '2026-01-01T00:00:00Z' } },
  ];
  assert.equal(findNewReplicaSet(deployment(1), [set('old', 1), ...twins])?.metadata.name, 'twin');
  assert.equal(findNewReplicaSet(deployment(1), [set('old', 1)]), undefined);
});

test('replicaSetAnnotations copies those of the Deployment but its own, and keeps the history of revisions', () => {
  const subject = deployment(1);
  subject.metadata.annotations = { 'kubernetes.io/change-cause': 'x', 'kubectl.kubernetes.io/last-applied-configuration': '{}' };
  const old = set('new', 1);
  old.metadata.annotations = { 'deployment.kubernetes.io/revision': '2', 'deployment.kubernetes.io/revision-history': '1', mine: 'y' };
  assert.deepEqual(replicaSetAnnotations(subject, old, 5), {
    'deployment.kubernetes.io/revision': '5',
    'deployment.kubernetes.io/revision-history': '1,2',
    'kubernetes.io/change-cause': 'x',
    mine: 'y',
  });
});

test('replicaSetsToPrune keeps sets with pods and the latest revisions', () => {
  const revision = (name: string, n: string, replicas = 0): ReplicaSet => {
    const out = set(name, replicas);
    out.metadata.annotations = { 'deployment.kubernetes.io/revision': n };
    return out;
  };
  const subject = { ...deployment(1), spec: { ...deployment(1).spec, revisionHistoryLimit: 1 } };
  const old = [revision('r10', '10'), revision('r2', '2'), revision('r1', '1', 3), revision('r3', '3')];
  assert.deepEqual(
    replicaSetsToPrune(subject, old).map((s) => s.metadata.name),
    ['r2', 'r3'],
  );
});
