import assert from 'node:assert/strict';
import { test } from 'node:test';
import type * as core from '../../../../src/api/types/core-v1.gen.ts';
import type * as policy from '../../../../src/api/types/policy-v1.gen.ts';
import { askBudget, isFreeToGo, mayBecomeReady, spentStatus } from '../../../../src/server/registry/subresources/eviction-rules.ts';

const pod = (ready: boolean): core.Pod => ({
  metadata: { name: 'web' },
  spec: { containers: [] },
  status: { phase: 'Running', conditions: [{ type: 'Ready', status: ready ? 'True' : 'False' }] },
});
const budget = (
  status: Partial<policy.PodDisruptionBudgetStatus>,
  spec: Partial<policy.PodDisruptionBudgetSpec> = {},
): policy.PodDisruptionBudget => ({
  metadata: { name: 'b', generation: 1 },
  spec,
  status: { observedGeneration: 1, disruptionsAllowed: 0, currentHealthy: 2, desiredHealthy: 2, expectedPods: 2, ...status },
});

const CASES: [title: string, budget: policy.PodDisruptionBudget, ready: boolean, expected: string][] = [
  ['a budget with room is spent', budget({ disruptionsAllowed: 1 }), true, 'spend'],
  ['a budget without room refuses', budget({}), true, 'refused'],
  ['a budget that is not observed yet refuses', budget({ disruptionsAllowed: 1, observedGeneration: 0 }), true, 'refused'],
  ['a pod that is not ready may go while the budget is healthy', budget({}), false, 'allowed'],
  ['a pod that is not ready stays while the budget is broken', budget({ currentHealthy: 1 }), false, 'refused'],
  ['AlwaysAllow lets it go even then', budget({ currentHealthy: 1 }, { unhealthyPodEvictionPolicy: 'AlwaysAllow' }), false, 'allowed'],
];

for (const [title, asked, ready, expected] of CASES) {
  test(`askBudget: ${title}`, () => assert.equal(askBudget(asked, pod(ready)).type, expected));
}

test('askBudget refuses with 429 and says why', () => {
  const answer = askBudget(budget({ currentHealthy: 1 }), pod(true));
  assert.equal(answer.type, 'refused');
  if (answer.type !== 'refused') return;
  assert.equal(answer.error.code, 429);
  assert.equal(answer.error.message, "Cannot evict pod as it would violate the pod's disruption budget.");
  assert.deepEqual(answer.error.status.details?.causes, [
    { reason: 'DisruptionBudget', message: 'The disruption budget b needs 2 healthy pods and has 1 currently' },
  ]);
});

test('isFreeToGo: pods that serve nobody', () => {
  const phase = (value: string): core.Pod => ({ ...pod(true), status: { phase: value } });
  assert.deepEqual(
    ['Pending', 'Succeeded', 'Failed', 'Running'].map((value) => isFreeToGo(phase(value))),
    [true, true, true, false],
  );
});

test('askBudget refuses in the words for what is in the way, and asks to come again only while the budget is not seen', () => {
  const condition = (reason: string, message: string) => ({
    conditions: [{ type: 'DisruptionAllowed', status: 'False', reason, message, lastTransitionTime: '' }],
  });
  const why = (status: Partial<policy.PodDisruptionBudgetStatus>): unknown[] => {
    const answer = askBudget(budget(status), pod(true));
    assert.equal(answer.type, 'refused');
    if (answer.type !== 'refused') return [];
    const { details, message, code } = answer.error.status;
    return [code, code === 403 ? message : details?.causes?.[0]?.message, details?.retryAfterSeconds];
  };
  const denied = 'The disruption budget b does not allow evicting pods currently';
  assert.deepEqual(why({ observedGeneration: 0 }), [429, 'The disruption budget b is still being processed by the server.', 10]);
  assert.deepEqual(why(condition('SyncFailed', 'no scale')), [429, `${denied} because it failed sync: no scale`, undefined]);
  assert.deepEqual(why({ currentHealthy: 3 }), [429, denied, undefined]);
  assert.deepEqual(why({ currentHealthy: 3, ...condition('Paused', 'for now') }), [429, `${denied} (Paused): for now`, undefined]);
  const forbidden = 'poddisruptionbudget.policy "b" is forbidden: ';
  assert.deepEqual(why({ disruptionsAllowed: -1 }), [403, `${forbidden}pdb disruptions allowed is negative`, undefined]);
  const disruptedPods = Object.fromEntries(Array.from({ length: 2001 }, (_, index) => [`p${index}`, '']));
  assert.deepEqual(why({ disruptionsAllowed: 1, disruptedPods }), [
    403,
    `${forbidden}DisruptedPods map too big - too many evictions not confirmed by PDB controller`,
    undefined,
  ]);
});

test('spentStatus counts a disruption, notes the pod and says when none is left', () => {
  const now = '2026-01-01T00:00:00Z';
  const two = spentStatus(budget({ disruptionsAllowed: 2 }), 'web', now);
  assert.deepEqual([two?.disruptionsAllowed, two?.disruptedPods, two?.conditions], [1, { web: now }, undefined]);
  const one = spentStatus(budget({ disruptionsAllowed: 1, disruptedPods: { old: now } }), 'web', now);
  assert.deepEqual([one?.disruptionsAllowed, one?.disruptedPods], [0, { old: now, web: now }]);
  const none = { type: 'DisruptionAllowed', status: 'False', reason: 'InsufficientPods', message: '', observedGeneration: 1 };
  assert.deepEqual(one?.conditions, [{ ...none, lastTransitionTime: now }]);
});

test('mayBecomeReady: only a pending pod that is not going already', () => {
  const pending: core.Pod = { ...pod(true), status: { phase: 'Pending' } };
  assert.deepEqual([mayBecomeReady(pending), mayBecomeReady({ ...pending, status: { phase: 'Failed' } })], [true, false]);
  assert.equal(mayBecomeReady({ ...pending, metadata: { deletionTimestamp: '2026-01-01T00:00:00Z' } }), false);
});
