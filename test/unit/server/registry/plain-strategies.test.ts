// Strategies of a few lines each.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { LimitRange, PersistentVolume, PersistentVolumeStatus, Pod } from '../../../../src/api/types/core-v1.gen.ts';
import { limitRangeStrategy, persistentVolumeStrategy } from '../../../../src/server/registry/strategies/plain-strategies.ts';
import { podStrategy } from '../../../../src/server/registry/strategies/pods.ts';
import type { WriteContext } from '../../../../src/server/registry/strategy.ts';

const NOW = '1970-01-01T00:01:00Z';
const CONTEXT: WriteContext = { user: { name: 'x', groups: [] }, namespace: '', nowMs: 60_000, dryRun: false, warn: () => {} };
const volume = (status?: PersistentVolumeStatus): PersistentVolume => ({ metadata: { name: 'a' }, spec: {}, ...(status && { status }) });

test('persistentVolumeStrategy stamps the phase of a new volume', () => {
  const created = volume({ phase: 'Bound' });
  persistentVolumeStrategy.prepareForCreate?.(created, CONTEXT);
  assert.deepEqual(created.status, { phase: 'Pending', lastPhaseTransitionTime: NOW });
});

const THEN = '1970-01-01T00:00:00Z';
const OWN = '1980-01-01T00:00:00Z';
const CASES: readonly (readonly [title: string, status: PersistentVolumeStatus, time: string])[] = [
  ['keeps the time of a phase that stays', { phase: 'Pending' }, THEN],
  ['takes a time that its writer sets', { phase: 'Pending', lastPhaseTransitionTime: OWN }, OWN],
  ['stamps a phase that changes', { phase: 'Bound' }, NOW],
  ['stamps a phase that changes while its time does not', { phase: 'Bound', lastPhaseTransitionTime: THEN }, NOW],
  ['takes a time that comes with a phase', { phase: 'Bound', lastPhaseTransitionTime: OWN }, OWN],
];
for (const [title, status, time] of CASES)
  test(`persistentVolumeStrategy ${title}`, () => {
    const updated = volume({ ...status });
    persistentVolumeStrategy.prepareForStatusUpdate?.(updated, volume({ phase: 'Pending', lastPhaseTransitionTime: THEN }), CONTEXT);
    assert.equal(updated.status?.lastPhaseTransitionTime, time);
  });

test('limitRangeStrategy names what has no name', () => {
  const nameOf = (metadata: LimitRange['metadata']): string | undefined => {
    limitRangeStrategy.prepareForCreate?.({ metadata, spec: { limits: [] } }, CONTEXT);
    return metadata.name;
  };
  assert.match(nameOf({}) ?? '', /^[0-9a-f-]{36}$/);
  assert.equal(nameOf({ name: 'a' }), 'a');
  assert.equal(nameOf({ generateName: 'a-' }), undefined);
});

test('podStrategy says since when a gated pod waits', () => {
  const pod: Pod = { metadata: { name: 'a' }, spec: { containers: [], schedulingGates: [{ name: 'a.b/c' }] } };
  podStrategy.prepareForCreate?.(pod, CONTEXT);
  assert.equal(pod.status?.conditions?.[0]?.lastTransitionTime, NOW);
});
