import assert from 'node:assert/strict';
import { test } from 'node:test';
import { backupName, obsoleteBackups } from '../../../../src/server/audit/audit-rotation.ts';

const DAY = 86_400_000;
const NOW = Date.UTC(2026, 0, 10);

test('backupName puts the time before the extension', () => {
  assert.equal(backupName('audit.log', Date.UTC(2026, 0, 2, 3, 4, 5, 678)), 'audit-2026-01-02T03-04-05.678.log');
  assert.equal(backupName('audit', NOW), 'audit-2026-01-10T00-00-00.000');
});

test('obsoleteBackups names those beyond the number and those beyond the age, and nothing that is no backup', () => {
  const [one, two, three] = [1, 2, 3].map((days) => backupName('audit.log', NOW - days * DAY));
  const names = ['audit.log', 'audit-notes.log', 'other-2026-01-01T00-00-00.000.log', three ?? '', one ?? '', two ?? ''];
  assert.deepEqual(obsoleteBackups('audit.log', names, { maxBackups: 1, maxAgeDays: 0, nowMs: NOW }), [two, three]);
  assert.deepEqual(obsoleteBackups('audit.log', names, { maxBackups: 0, maxAgeDays: 2, nowMs: NOW }), [three]);
  assert.deepEqual(obsoleteBackups('audit.log', names, { maxBackups: 0, maxAgeDays: 0, nowMs: NOW }), []);
});
