import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { applyConflict } from '../../../../src/api/apply/apply-conflict.ts';
import { applyTypeOf } from '../../../../src/api/apply/apply-type.ts';
import { applyConfiguration, type FieldWrite, ownersAfterUpdate } from '../../../../src/api/apply/field-owners.ts';
import { nodeOf } from '../../../../src/api/apply/field-set.ts';
import { entriesOf, type Manager } from '../../../../src/api/apply/managed-fields.ts';
import { decodeObject } from '../../../../src/api/codec/decode.ts';
import { deepEqual } from '../../../../src/api/copy.ts';
import { builtinSchema } from '../../../../src/api/schema/schema.ts';

const message = builtinSchema().kind('apps', 'v1', 'Deployment');
assert.ok(message);
const type = applyTypeOf(message);

function by(manager: string, operation: 'Apply' | 'Update', time = '2026-01-01T00:00:00Z'): FieldWrite {
  return { by: { manager, operation, apiVersion: 'apps/v1', subresource: '' }, time, type, reset: nodeOf({ 'f:status': {} }, false) };
}

interface State {
  object: unknown;
  managers: readonly Manager[];
}

const NOTHING: State = { object: { spec: {} }, managers: [] };

const apply = (state: State, manager: string, config: unknown): ReturnType<typeof applyConfiguration> =>
  applyConfiguration(state.managers, { live: state.object, config }, by(manager, 'Apply'));

const update = (state: State, manager: string, now: unknown): State => ({
  object: now,
  managers: ownersAfterUpdate(state.managers, { live: state.object, now }, by(manager, 'Update')),
});

/** What of a state is kept: read by the schema, which drops nulls and empty maps. */
const stored = (state: State): State => ({ ...state, object: decodeObject(state.object, message).object });

const owned = (state: State, manager: string): unknown => state.managers.find((one) => one.manager === manager)?.fields;
const replicas = (count: number): object => ({ spec: { replicas: count } });
const REPLICAS = { 'f:spec': { 'f:replicas': {} } };

describe('applyConfiguration', () => {
  it('lets two appliers own what they agree on', () => {
    const both = apply(apply(NOTHING, 'a', replicas(3)), 'b', replicas(3));
    assert.deepEqual(both.conflicts, []);
    assert.deepEqual([owned(both, 'a'), owned(both, 'b')], [REPLICAS, REPLICAS]);
  });

  it('reports a conflict, and takes the field away when it is forced', () => {
    const taken = apply(update(NOTHING, 'scaler', replicas(5)), 'kubectl', replicas(3));
    assert.equal(
      applyConflict(taken.conflicts).message,
      'Apply failed with 1 conflict: conflict with "scaler" using apps/v1: .spec.replicas',
    );
    assert.deepEqual(taken.object, replicas(3));
    assert.deepEqual([owned(taken, 'scaler'), owned(taken, 'kubectl')], [undefined, REPLICAS]);
  });

  it('lists several conflicts by manager', () => {
    const state = apply(update(NOTHING, 'z', replicas(5)), 'a', { spec: { paused: true, minReadySeconds: 3 } });
    const { conflicts } = apply(state, 'me', { spec: { replicas: 1, paused: false, minReadySeconds: 4 } });
    const error = applyConflict(conflicts);
    assert.equal(
      error.message,
      'Apply failed with 3 conflicts: conflicts with "a":\n- .spec.minReadySeconds\n- .spec.paused\nconflicts with "z" using apps/v1:\n- .spec.replicas',
    );
    assert.deepEqual(
      error.status.details?.causes?.find((cause) => cause.field === '.spec.replicas'),
      {
        reason: 'FieldManagerConflict',
        message: 'conflict with "z" using apps/v1',
        field: '.spec.replicas',
      },
    );
  });

  it('removes what the applier no longer says and nobody else owns', () => {
    const config = (labels: object): object => ({ metadata: { labels } });
    const first = apply(apply(NOTHING, 'a', config({ x: '1', y: '1', z: '1' })), 'b', config({ y: '1' }));
    const then = apply(first, 'a', config({ z: '1' }));
    assert.deepEqual(then.object, { spec: {}, metadata: { labels: { y: '1', z: '1' } } });
    assert.deepEqual(owned(then, 'a'), { 'f:metadata': { 'f:labels': { 'f:z': {} } } });
  });

  it('removes an item with what defaulting has put into it, and keeps the items of others', () => {
    const pods = (containers: object[]): object => ({ spec: { template: { spec: { containers } } } });
    const first = apply(
      NOTHING,
      'a',
      pods([
        { name: 'x', image: 'i' },
        { name: 'y', image: 'i' },
      ]),
    );
    const live = {
      object: pods([
        { name: 'x', image: 'i', imagePullPolicy: 'Always' },
        { name: 'y', image: 'i', imagePullPolicy: 'Always' },
      ]),
      managers: first.managers,
    };
    const side = { ...live, ...apply(live, 'sidecar', pods([{ name: 's', image: 'j' }])) };
    const then = apply(side, 'a', pods([{ name: 'x', image: 'i' }]));
    assert.deepEqual(
      then.object,
      pods([
        { name: 'x', image: 'i', imagePullPolicy: 'Always' },
        { name: 's', image: 'j' },
      ]),
    );
  });

  it('does not remove what an update owns', () => {
    const first = apply(NOTHING, 'a', { spec: { replicas: 3, paused: true } });
    const scaled = update(first, 'scaler', { spec: { replicas: 5, paused: true } });
    const then = apply(scaled, 'a', { spec: { paused: true } });
    assert.deepEqual(then.object, { spec: { replicas: 5, paused: true } });
    assert.deepEqual(owned(then, 'scaler'), REPLICAS);
  });

  it('gives nobody a field that the write cannot change', () => {
    assert.deepEqual(owned(apply(NOTHING, 'a', { ...replicas(1), status: { replicas: 3 } }), 'a'), REPLICAS);
  });

  // Decoding leaves empty maps out, so none reaches the merge.
  const label = fc.dictionary(fc.constantFrom('a', 'b', 'c'), fc.constantFrom('1', '2'), { minKeys: 1 });
  const container = fc.record({ name: fc.constantFrom('x', 'y', 'z'), image: fc.constantFrom('i', 'j') });
  const config = fc.record(
    {
      metadata: fc.record({ labels: label }, { requiredKeys: [] }),
      spec: fc.record(
        {
          replicas: fc.nat(3),
          selector: fc.record({ matchLabels: label }),
          template: fc.record({ spec: fc.record({ containers: fc.uniqueArray(container, { selector: (c) => c.name }) }) }),
        },
        { requiredKeys: [] },
      ),
    },
    { requiredKeys: [] },
  );

  it('changes nothing the second time', () => {
    fc.assert(
      fc.property(config, config, config, (mine, theirs, before) => {
        const once = stored(apply(stored(apply(stored(apply(NOTHING, 'me', before)), 'you', theirs)), 'me', mine));
        const twice = stored(apply(once, 'me', mine));
        assert.ok(deepEqual(twice.object, once.object));
        assert.deepEqual(entriesOf(twice.managers), entriesOf(once.managers));
      }),
    );
  });

  it('makes an object say what the last applier wanted', () => {
    fc.assert(
      fc.property(config, config, (theirs, mine) => {
        const after = apply(apply(NOTHING, 'you', theirs), 'me', mine);
        assert.ok(deepEqual(apply(after, 'other', mine).object, after.object));
      }),
    );
  });

  it('leaves nothing of an applier that applies nothing any more', () => {
    fc.assert(
      fc.property(config, (mine) => {
        const after = apply(apply(NOTHING, 'me', mine), 'me', {});
        assert.deepEqual(after.managers, []);
        assert.equal(JSON.stringify(after.object).includes('"'.concat('matchLabels')), false);
      }),
    );
  });
});

describe('ownersAfterUpdate', () => {
  it('returns the same managers when nothing changes', () => {
    const state = update(NOTHING, 'a', replicas(1));
    assert.equal(update(state, 'b', replicas(1)).managers, state.managers);
  });

  it('moves a field to who changes it, and takes a removed one from everybody', () => {
    const first = update(NOTHING, 'a', { spec: { replicas: 1, paused: true } });
    const second = update(first, 'b', replicas(2));
    assert.deepEqual([owned(second, 'a'), owned(second, 'b')], [undefined, REPLICAS]);
  });

  it('keeps ten updaters at most and merges the oldest', () => {
    let state: State = NOTHING;
    for (let i = 0; i < 15; i++) {
      const now = {
        ...(state.object as object),
        metadata: { labels: Object.fromEntries(Array.from({ length: i + 1 }, (_, n) => [`l${n}`, '1'])) },
      };
      const write = by(`m${i}`, 'Update', `2026-01-01T00:00:${10 + i}Z`);
      state = { object: now, managers: ownersAfterUpdate(state.managers, { live: state.object, now }, write) };
    }
    const names = entriesOf(state.managers).map((entry) => entry.manager);
    assert.deepEqual(names, ['ancient-changes', ...Array.from({ length: 9 }, (_, n) => `m${n + 6}`)]);
    const ancient = owned(state, 'ancient-changes');
    assert.equal(
      JSON.stringify(ancient),
      '{"f:metadata":{".":{},"f:labels":{".":{},"f:l0":{},"f:l1":{},"f:l2":{},"f:l3":{},"f:l4":{},"f:l5":{}}}}',
    );
  });
});
