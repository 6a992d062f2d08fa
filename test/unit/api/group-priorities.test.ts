import assert from 'node:assert/strict';
import { test } from 'node:test';
import { compareVersions, localRank, type RankedGroupVersion, sortGroupVersions } from '../../../src/api/group-priorities.ts';

test('compareVersions puts stable before beta before alpha, newer first', () => {
  const versions = ['foo1', 'v1alpha1', 'v1', 'v2beta1', 'v10', 'v1beta2', 'v2', 'foo10', 'v11alpha2'];
  assert.deepEqual(versions.sort(compareVersions), ['v10', 'v2', 'v1', 'v2beta1', 'v1beta2', 'v11alpha2', 'v1alpha1', 'foo1', 'foo10']);
});

test('localRank is what stock servers register, and that of custom resources for groups it does not know', () => {
  assert.deepEqual(localRank({ group: '', version: 'v1' }), { group: 18_000, version: 1 });
  assert.deepEqual(localRank({ group: 'apps', version: 'v1' }), { group: 17_800, version: 15 });
  assert.deepEqual(localRank({ group: 'autoscaling', version: 'v2' }), { group: 17_500, version: 30 });
  assert.deepEqual(localRank({ group: 'example.com', version: 'v1' }), { group: 1_000, version: 100 });
});

test('sortGroupVersions takes the highest priority of a group, then its name; in the group the version priority, then the version', () => {
  const item = (name: string, group: number, version: number): RankedGroupVersion => {
    const [g = '', v = ''] = name.split('/');
    return { group: g, version: v, rank: { group, version } };
  };
  const sorted = sortGroupVersions([
    item('low/v1', 10, 5),
    item('b/v1', 100, 5),
    item('a/v1', 100, 5),
    item('mixed/v1alpha1', 1, 20),
    item('mixed/v1', 200, 10),
    item('mixed/v2', 1, 10),
  ]);
  assert.deepEqual(
    sorted.map(({ group, version }) => `${group}/${version}`),
    ['mixed/v1alpha1', 'mixed/v2', 'mixed/v1', 'a/v1', 'b/v1', 'low/v1'],
  );
});
