import assert from 'node:assert/strict';
import { test } from 'node:test';
import { StatusError } from '../../../../src/api/status-error.ts';
import { deadlineOf, demandAccess, FILTERS } from '../../../../src/server/http/filters.ts';

const DEADLINES: [timeout: string, ms: number][] = [
  ['', 60_000],
  ['0', 60_000],
  ['5s', 5_000],
  ['1500ms', 1_500],
  ['1.5s', 1_500],
  ['1m30s', 60_000],
  ['1h', 60_000],
];
for (const [timeout, ms] of DEADLINES) {
  test(`deadlineOf allows ${ms} ms for timeout=${timeout}`, () => assert.equal(deadlineOf(new URLSearchParams({ timeout })), ms));
}

test('deadlineOf refuses what is no duration', () => {
  for (const timeout of ['5', 'soon', '5s5', '-1s']) {
    assert.throws(
      () => deadlineOf(new URLSearchParams({ timeout })),
      (error) => error instanceof StatusError && error.code === 400,
    );
  }
});

test('the filters run in their order', () => {
  assert.deepEqual(
    FILTERS.map((filter) => filter.name),
    ['deadline', 'authentication', 'audit', 'impersonation', 'priority-and-fairness', 'authorization'],
  );
});

const user = { name: 'eve', groups: [] };
const REFUSALS: [attributes: Parameters<typeof demandAccess>[1], message: string][] = [
  [{ user, verb: 'get', path: '/x' }, 'forbidden: User "eve" cannot get path "/x"'],
  [
    { user, verb: 'list', resource: { group: '', version: 'v1', resource: 'pods', subresource: '', namespace: '', name: '' } },
    'pods is forbidden: User "eve" cannot list resource "pods" in API group "" at the cluster scope',
  ],
  [
    {
      user,
      verb: 'get',
      resource: { group: 'apps', version: 'v1', resource: 'deployments', subresource: 'scale', namespace: 'a', name: 'web' },
    },
    'deployments.apps "web" is forbidden: User "eve" cannot get resource "deployments/scale" in API group "apps" in the namespace "a"',
  ],
];
for (const [attributes, message] of REFUSALS) {
  test(`demandAccess says: ${message}`, () => {
    assert.throws(() => demandAccess({ authorize: () => ({ decision: 'none', reason: '' }) }, attributes), { message });
    assert.throws(() => demandAccess({ authorize: () => ({ decision: 'deny', reason: 'because' }) }, attributes), {
      message: `${message}: because`,
    });
    demandAccess({ authorize: () => ({ decision: 'allow', reason: '' }) }, attributes);
  });
}
