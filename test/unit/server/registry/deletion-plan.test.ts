import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { DeleteOptions, ObjectMeta } from '../../../../src/api/types/meta-v1.gen.ts';
import { rfc3339 } from '../../../../src/base/clock.ts';
import { type Dependents, finalizersFor, isDeletionDone, planDeletion } from '../../../../src/server/registry/deletion-plan.ts';

const NOW = Date.UTC(2026, 0, 1);
const at = (seconds: number): string => rfc3339(NOW + seconds * 1000);

interface Case {
  readonly title: string;
  readonly meta: ObjectMeta;
  readonly options?: DeleteOptions;
  readonly grace?: number;
  readonly held?: boolean;
  readonly dependents?: Dependents;
  readonly action: 'remove' | 'none' | 'mark';
  readonly marked?: Partial<ObjectMeta>;
}

const CASES: Case[] = [
  { title: 'a plain object goes at once', meta: {}, action: 'remove' },
  {
    title: 'finalizers hold it, marked with the time',
    meta: { finalizers: ['x'], generation: 2 },
    action: 'mark',
    marked: { deletionTimestamp: at(0), deletionGracePeriodSeconds: 0, generation: 3, finalizers: ['x'] },
  },
  {
    title: 'a second delete of what waits for finalizers changes nothing',
    meta: { finalizers: ['x'], deletionTimestamp: at(-5), deletionGracePeriodSeconds: 0 },
    action: 'none',
  },
  {
    title: 'a held object is marked, without a grace period',
    meta: {},
    held: true,
    action: 'mark',
    marked: { deletionTimestamp: at(0), deletionGracePeriodSeconds: undefined as never },
  },
  {
    title: 'what leaves its dependents behind by default waits until they are orphans',
    meta: {},
    dependents: 'orphaned',
    action: 'mark',
    marked: { finalizers: ['orphan'] },
  },
  {
    title: 'a word on dependents counts more',
    meta: {},
    options: { propagationPolicy: 'Background' },
    dependents: 'orphaned',
    action: 'remove',
  },
  {
    title: 'an earlier word on dependents counts more too',
    meta: { finalizers: ['foregroundDeletion'] },
    dependents: 'orphaned',
    action: 'mark',
    marked: { finalizers: ['foregroundDeletion'] },
  },
  {
    title: 'what can have no dependents waits for none',
    meta: {},
    options: { propagationPolicy: 'Foreground' },
    dependents: 'none',
    action: 'remove',
  },
  {
    title: 'what goes at once by its grace period is last seen so',
    meta: { generation: 1 },
    grace: 0,
    action: 'remove',
    marked: { deletionTimestamp: at(0), deletionGracePeriodSeconds: 0, generation: 2 },
  },
  {
    title: 'Foreground adds its finalizer',
    meta: {},
    options: { propagationPolicy: 'Foreground' },
    action: 'mark',
    marked: { finalizers: ['foregroundDeletion'] },
  },
  {
    title: 'Orphan adds its finalizer',
    meta: {},
    options: { propagationPolicy: 'Orphan' },
    action: 'mark',
    marked: { finalizers: ['orphan'] },
  },
  {
    title: 'orphanDependents is the old word for Orphan',
    meta: {},
    options: { orphanDependents: true },
    action: 'mark',
    marked: { finalizers: ['orphan'] },
  },
  {
    title: 'Background takes an earlier wish back',
    meta: { finalizers: ['foregroundDeletion'], deletionTimestamp: at(-5), deletionGracePeriodSeconds: 0 },
    options: { propagationPolicy: 'Background' },
    action: 'remove',
  },
  {
    title: 'a grace period marks',
    meta: {},
    grace: 30,
    action: 'mark',
    marked: { deletionTimestamp: at(30), deletionGracePeriodSeconds: 30 },
  },
  { title: 'a grace period of 0 removes', meta: {}, grace: 0, action: 'remove' },
  {
    title: 'a grace period of 0 with finalizers marks',
    meta: { finalizers: ['x'] },
    grace: 0,
    action: 'mark',
    marked: { deletionGracePeriodSeconds: 0 },
  },
  {
    title: 'a second delete may shorten the grace period',
    meta: { deletionTimestamp: at(20), deletionGracePeriodSeconds: 30 },
    options: { gracePeriodSeconds: 5 },
    grace: 5,
    action: 'mark',
    marked: { deletionTimestamp: at(-5), deletionGracePeriodSeconds: 5 },
  },
  {
    title: 'but not lengthen it',
    meta: { deletionTimestamp: at(20), deletionGracePeriodSeconds: 30 },
    options: { gracePeriodSeconds: 60 },
    grace: 60,
    action: 'none',
  },
  {
    title: 'without a wish of its own it changes nothing',
    meta: { deletionTimestamp: at(20), deletionGracePeriodSeconds: 30 },
    grace: 30,
    action: 'none',
  },
  {
    title: 'with 0 it removes what is on its way',
    meta: { deletionTimestamp: at(20), deletionGracePeriodSeconds: 30 },
    options: { gracePeriodSeconds: 0 },
    grace: 0,
    action: 'remove',
  },
];

for (const { title, meta, options = {}, grace, held = false, dependents = 'deleted', action, marked } of CASES) {
  test(`planDeletion: ${title}`, () => {
    const plan = planDeletion({ metadata: meta }, options, { grace, held, dependents, at });
    assert.equal(plan.action, action);
    if (plan.action !== 'none')
      for (const [key, value] of Object.entries(marked ?? {})) assert.deepEqual(Reflect.get(plan.metadata, key), value, key);
  });
}

test('finalizersFor keeps other finalizers and an earlier wish', () => {
  assert.deepEqual(finalizersFor(['a', 'orphan'], {}), ['a', 'orphan']);
  assert.deepEqual(finalizersFor(['a', 'orphan'], { propagationPolicy: 'Foreground' }), ['a', 'foregroundDeletion']);
  assert.deepEqual(finalizersFor(['a', 'orphan'], { orphanDependents: false }), ['a']);
});

test('isDeletionDone waits for the time, the finalizers and what holds', () => {
  const done = (meta: ObjectMeta, held = false): boolean => isDeletionDone({ metadata: meta }, held);
  assert.ok(done({ deletionTimestamp: at(0), deletionGracePeriodSeconds: 0 }));
  assert.ok(!done({}));
  assert.ok(!done({ deletionTimestamp: at(0), finalizers: ['x'] }));
  assert.ok(!done({ deletionTimestamp: at(0), deletionGracePeriodSeconds: 30 }));
  assert.ok(!done({ deletionTimestamp: at(0) }, true));
});
