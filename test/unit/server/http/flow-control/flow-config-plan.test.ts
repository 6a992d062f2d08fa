// Upkeep of upstream's objects: what is made, kept, given back, left alone, removed; and the condition Dangling.

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import {
  AUTO_UPDATE_ANNOTATION,
  type FlowControlObjects,
  MANDATORY_FLOW_CONTROL,
  SUGGESTED_FLOW_CONTROL,
} from '../../../../../src/api/flow-control-objects.ts';
import type { FlowSchema, PriorityLevelConfiguration } from '../../../../../src/api/types/flowcontrol-v1.gen.ts';
import { danglingCondition, flowConfigPlan } from '../../../../../src/server/http/flow-control/flow-config-plan.ts';

const all: FlowControlObjects = {
  schemas: [...MANDATORY_FLOW_CONTROL.schemas, ...SUGGESTED_FLOW_CONTROL.schemas],
  levels: [...MANDATORY_FLOW_CONTROL.levels, ...SUGGESTED_FLOW_CONTROL.levels],
};

function levelNamed(name: string): PriorityLevelConfiguration {
  const level = all.levels.find(({ metadata }) => metadata.name === name);
  assert.ok(level);
  return level;
}

/** All objects, the level of that name replaced. */
function withLevel(name: string, level: PriorityLevelConfiguration | undefined): FlowControlObjects {
  return { ...all, levels: [...all.levels.filter(({ metadata }) => metadata.name !== name), ...(level ? [level] : [])] };
}

const changed = (name: string, annotations: Record<string, string>, generation: number): PriorityLevelConfiguration => {
  const level = levelNamed(name);
  const { limited } = level.spec;
  return {
    ...level,
    metadata: { name, annotations, generation },
    spec: { ...level.spec, ...(limited && { limited: { ...limited, nominalConcurrencyShares: 77 } }) },
  };
};

const shares = (level: PriorityLevelConfiguration | undefined): number | undefined => level?.spec.limited?.nominalConcurrencyShares;

describe('flowConfigPlan', () => {
  it('makes everything in an empty cluster, and then does nothing', () => {
    const { schemas, levels } = flowConfigPlan({ schemas: [], levels: [] });
    assert.deepEqual([schemas.length, levels.length], [13, 8]);
    assert.ok([...schemas, ...levels].every(({ action }) => action === 'create'));
    assert.deepEqual(flowConfigPlan(all), { schemas: [], levels: [] });
  });

  const cases: readonly [string, PriorityLevelConfiguration, { shares: number | undefined; annotation: string } | undefined][] = [
    [
      'restores a suggested level that says so',
      changed('system', { [AUTO_UPDATE_ANNOTATION]: 'true' }, 5),
      { shares: 30, annotation: 'true' },
    ],
    ['leaves one alone that says so', changed('system', { [AUTO_UPDATE_ANNOTATION]: 'false' }, 1), undefined],
    ['restores one that says nothing and was never changed', changed('system', {}, 1), { shares: 30, annotation: 'true' }],
    [
      'leaves the spec of one that says nothing and was changed, and says so',
      changed('system', {}, 2),
      { shares: 77, annotation: 'false' },
    ],
    [
      'restores a mandatory level whatever it says',
      changed('catch-all', { [AUTO_UPDATE_ANNOTATION]: 'false' }, 5),
      { shares: 5, annotation: 'true' },
    ],
  ];
  for (const [title, level, expected] of cases) {
    it(title, () => {
      const { levels } = flowConfigPlan(withLevel(level.metadata.name ?? '', level));
      const [step] = levels;
      assert.equal(levels.length, expected ? 1 : 0);
      if (!expected) return;
      assert.deepEqual(
        [step?.action, shares(step?.object), step?.object.metadata.annotations?.[AUTO_UPDATE_ANNOTATION]],
        ['update', expected.shares, expected.annotation],
      );
    });
  }

  it('leaves to the administrator what the exempt level lends', () => {
    const level = levelNamed('exempt');
    const own = { ...level, spec: { ...level.spec, exempt: { nominalConcurrencyShares: 10, lendablePercent: 50 } } };
    assert.deepEqual(flowConfigPlan(withLevel('exempt', own)).levels, []);
  });

  it('makes again what was deleted', () => {
    assert.deepEqual(
      flowConfigPlan(withLevel('catch-all', undefined)).levels.map(({ action, object }) => [action, object.metadata.name]),
      [['create', 'catch-all']],
    );
  });

  it('removes what an older version made, and nothing that is somebody else s', () => {
    const level = levelNamed('system');
    const old = { ...level, metadata: { ...level.metadata, name: 'old' } };
    const other = { ...level, metadata: { name: 'other' } };
    const { levels } = flowConfigPlan({ ...all, levels: [...all.levels, old, other] });
    assert.deepEqual(
      levels.map(({ action, object }) => [action, object.metadata.name]),
      [['delete', 'old']],
    );
  });
});

describe('danglingCondition', () => {
  const schema = (status: FlowSchema['status']): FlowSchema => ({
    apiVersion: 'flowcontrol.apiserver.k8s.io/v1',
    kind: 'FlowSchema',
    metadata: { name: 's' },
    spec: { priorityLevelConfiguration: { name: 'l' }, matchingPrecedence: 1_000 },
    ...(status && { status }),
  });
  const intro = 'This FlowSchema references the PriorityLevelConfiguration object named "l"';
  const level = { ...levelNamed('system'), metadata: { name: 'l' } };
  const found = { type: 'Dangling', status: 'False', reason: 'Found', message: `${intro} and it exists` };
  const missing = { type: 'Dangling', status: 'True', reason: 'NotFound', message: `${intro} but there is no such object` };
  it('says whether the level is there', () => {
    assert.deepEqual(danglingCondition(schema({}), [level]), found);
    assert.deepEqual(danglingCondition(schema({}), []), missing);
  });
  it('says nothing twice', () => {
    const present = { conditions: [{ ...found, lastTransitionTime: '2026-01-01T00:00:00Z' }] };
    assert.equal(danglingCondition(schema(present), [level]), undefined);
    assert.deepEqual(danglingCondition(schema(present), []), missing);
  });
});
