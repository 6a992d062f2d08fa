// The two fields that tell where a claim's volume is copied from.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { alignDataSources } from '../../../src/api/claim-sources.ts';
import type { PersistentVolumeClaimSpec } from '../../../src/api/types/core-v1.gen.ts';

const SNAPSHOT = { apiGroup: 'snapshot.storage.k8s.io', kind: 'VolumeSnapshot', name: 's' };
const OTHER = { apiGroup: 'a.example', kind: 'Book', name: 'b' };

const CASES: readonly (readonly [title: string, spec: object, old: object | undefined, expected: object])[] = [
  ['copies dataSource to dataSourceRef', { dataSource: SNAPSHOT }, undefined, { dataSource: SNAPSHOT, dataSourceRef: SNAPSHOT }],
  ['copies dataSourceRef to dataSource', { dataSourceRef: OTHER }, undefined, { dataSource: OTHER, dataSourceRef: OTHER }],
  ['drops a dataSource of another kind', { dataSource: OTHER }, undefined, {}],
  [
    'leaves what contradicts itself to validation',
    { dataSource: OTHER, dataSourceRef: SNAPSHOT },
    undefined,
    { dataSource: OTHER, dataSourceRef: SNAPSHOT },
  ],
  [
    'leaves a reference to another namespace',
    { dataSourceRef: { ...OTHER, namespace: 'n' } },
    undefined,
    { dataSourceRef: { ...OTHER, namespace: 'n' } },
  ],
  [
    'keeps what was aligned',
    { dataSource: OTHER, dataSourceRef: OTHER },
    { dataSource: OTHER, dataSourceRef: OTHER },
    { dataSource: OTHER, dataSourceRef: OTHER },
  ],
  ['leaves what was stored with one of both', { dataSource: SNAPSHOT }, { dataSource: SNAPSHOT }, { dataSource: SNAPSHOT }],
];
for (const [title, spec, old, expected] of CASES)
  test(`alignDataSources ${title}`, () => {
    const draft = { ...spec } as PersistentVolumeClaimSpec;
    alignDataSources(draft, old as PersistentVolumeClaimSpec | undefined);
    assert.deepEqual(draft, expected);
  });
