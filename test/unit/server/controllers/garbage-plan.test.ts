import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { KubeObject } from '../../../../src/api/object.ts';
import {
  blockingDependents,
  type CollectPlan,
  concernsCollector,
  lostOwners,
  type OwnerState,
  planCollect,
} from '../../../../src/server/controllers/garbage-plan.ts';

type Metadata = KubeObject['metadata'];
const object = (metadata: Metadata = {}): KubeObject => ({ metadata });
const ref = (uid: string, blockOwnerDeletion?: boolean) => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  name: uid,
  uid,
  ...(blockOwnerDeletion !== undefined && { blockOwnerDeletion }),
});
const judged = (...states: OwnerState[]) => states.map((state, n) => ({ reference: ref(`u${n}`), state }));
const deletionTimestamp = '2026-01-01T00:00:00Z';
const going = object({ deletionTimestamp, finalizers: ['foregroundDeletion'] });
const background: CollectPlan = { kind: 'delete', policy: 'Background' };

describe('planCollect', () => {
  const cases: [string, Metadata, OwnerState[], KubeObject[], CollectPlan][] = [
    ['keeps what has no owner', {}, [], [], { kind: 'keep' }],
    ['keeps what an owner holds', {}, ['solid'], [], { kind: 'keep' }],
    ['keeps what it cannot judge', {}, ['unresolvable', 'absent'], [], { kind: 'keep' }],
    ['drops references to owners that are gone', {}, ['absent', 'solid', 'waiting'], [], { kind: 'set-owners', references: [ref('u1')] }],
    ['deletes when all owners are gone', {}, ['absent', 'absent'], [], background],
    ['keeps the policy that finalizers ask for: orphan', { finalizers: ['orphan'] }, ['absent'], [], { kind: 'delete', policy: 'Orphan' }],
    [
      'keeps the policy that finalizers ask for: foreground',
      { finalizers: ['foregroundDeletion'] },
      ['absent'],
      [],
      { kind: 'delete', policy: 'Foreground' },
    ],
    ['deletes a leaf for an owner that waits', {}, ['waiting'], [], background],
    [
      'passes foreground deletion on to an object with dependents',
      {},
      ['waiting', 'absent'],
      [object()],
      { kind: 'delete', policy: 'Foreground' },
    ],
    [
      'breaks a circle of objects that wait for each other',
      {},
      ['waiting'],
      [going],
      { kind: 'delete', policy: 'Foreground', unblock: [ref('u0', false)] },
    ],
  ];
  for (const [title, metadata, states, dependents, want] of cases) {
    it(title, () => {
      assert.deepEqual(planCollect(object(metadata), judged(...states), dependents), want);
    });
  }
});

describe('blockingDependents', () => {
  it('are those whose reference to this owner blocks', () => {
    const owner = object({ uid: 'u1' });
    const dependents = [
      object({ name: 'a', ownerReferences: [ref('u1', true)] }),
      object({ name: 'b', ownerReferences: [ref('u1', false)] }),
      object({ name: 'c', ownerReferences: [ref('u1'), ref('u2', true)] }),
    ];
    assert.deepEqual(
      blockingDependents(owner, dependents).map((d) => d.metadata.name),
      ['a'],
    );
  });
});

describe('concernsCollector', () => {
  const owned = object({ ownerReferences: [ref('u1')] });
  const cases: [string, Parameters<typeof concernsCollector>[0], boolean][] = [
    ['an added object with owners', { type: 'added', object: owned }, true],
    ['an added object without', { type: 'added', object: object() }, false],
    ['an added object that waits for its dependents', { type: 'added', object: going }, true],
    ['a change that leaves metadata as it was', { type: 'modified', object: owned, old: object({ ownerReferences: [ref('u1')] }) }, false],
    ['new owners', { type: 'modified', object: owned, old: object() }, true],
    ['the begin of foreground deletion', { type: 'modified', object: going, old: object() }, true],
    ['a deletion', { type: 'deleted', object: owned }, false],
  ];
  for (const [title, change, want] of cases) {
    it(`${want ? 'sees' : 'passes over'} ${title}`, () => {
      assert.equal(concernsCollector(change), want);
    });
  }
});

describe('lostOwners', () => {
  it('are those a deleted object had, or that a changed one no longer names the same way', () => {
    const before = object({ ownerReferences: [ref('u1', true), ref('u2', true), ref('u3', true)] });
    const after = object({ ownerReferences: [ref('u1', true), ref('u2', false)] });
    const uids = (change: Parameters<typeof lostOwners>[0]) => lostOwners(change).map((r) => r.uid);
    assert.deepEqual(uids({ type: 'deleted', object: before }), ['u1', 'u2', 'u3']);
    assert.deepEqual(uids({ type: 'modified', object: after, old: before }), ['u2', 'u3']);
    assert.deepEqual(uids({ type: 'added', object: after }), []);
  });
});
