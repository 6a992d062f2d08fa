import assert from 'node:assert/strict';
import { test } from 'node:test';
import type * as core from '../../../../src/api/types/core-v1.gen.ts';
import type * as policy from '../../../../src/api/types/policy-v1.gen.ts';
import { askBudget, isFreeToGo } from '../../../../src/server/registry/subresources/eviction-rules.ts';

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
