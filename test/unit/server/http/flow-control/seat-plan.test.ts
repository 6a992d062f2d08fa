// Shares of seats: nominal, what is never lent, what may be borrowed, and who may run.

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { MANDATORY_FLOW_CONTROL, SUGGESTED_FLOW_CONTROL } from '../../../../../src/api/flow-control-objects.ts';
import type { PriorityLevelConfiguration } from '../../../../../src/api/types/flowcontrol-v1.gen.ts';
import { mayRun, pooled, poolSize, seatLimits } from '../../../../../src/server/http/flow-control/seat-plan.ts';

const level = (
  name: string,
  nominalConcurrencyShares: number,
  lendablePercent = 0,
  borrowingLimitPercent?: number,
): PriorityLevelConfiguration => ({
  apiVersion: 'flowcontrol.apiserver.k8s.io/v1',
  kind: 'PriorityLevelConfiguration',
  metadata: { name },
  spec: {
    type: 'Limited',
    limited: {
      nominalConcurrencyShares,
      lendablePercent,
      ...(borrowingLimitPercent !== undefined && { borrowingLimitPercent }),
      limitResponse: { type: 'Reject' },
    },
  },
  status: {},
});

describe('seatLimits', () => {
  const cases: readonly [string, PriorityLevelConfiguration[], Record<string, { nominal: number; lower: number; upper: number }>][] = [
    [
      'shares alone',
      [level('a', 30), level('b', 10)],
      { a: { nominal: 75, lower: 75, upper: 100 }, b: { nominal: 25, lower: 25, upper: 100 } },
    ],
    [
      'what is lent',
      [level('a', 30, 50), level('b', 10)],
      { a: { nominal: 75, lower: 37, upper: 100 }, b: { nominal: 25, lower: 25, upper: 100 } },
    ],
    [
      'a limit of borrowing',
      [level('a', 10, 0, 20), level('b', 10, 0, 0)],
      { a: { nominal: 50, lower: 50, upper: 60 }, b: { nominal: 50, lower: 50, upper: 50 } },
    ],
    ['no shares at all', [level('a', 0)], { a: { nominal: 0, lower: 0, upper: 100 } }],
  ];
  for (const [name, levels, expected] of cases)
    it(`counts ${name}`, () => assert.deepEqual(Object.fromEntries(seatLimits(levels, 100)), expected));

  it("gives upstream's levels the seats that upstream documents for 600", () => {
    const limits = seatLimits([...MANDATORY_FLOW_CONTROL.levels, ...SUGGESTED_FLOW_CONTROL.levels], 600);
    const nominal = Object.fromEntries([...limits].map(([key, value]) => [key, [value.nominal, value.lower]]));
    assert.deepEqual(nominal, {
      exempt: [0, 0],
      'catch-all': [13, 13],
      system: [74, 50],
      'node-high': [98, 73],
      'leader-election': [25, 25],
      'workload-high': [98, 49],
      'workload-low': [245, 24],
      'global-default': [49, 24],
    });
    assert.equal(poolSize(limits.values()), 24 + 25 + 49 + 221 + 25);
  });
});

describe('mayRun', () => {
  const limits = { nominal: 10, lower: 4, upper: 12 };
  const cases: readonly [running: number, free: number, runs: boolean][] = [
    [3, 0, true],
    [4, 0, false],
    [4, 1, true],
    [11, 1, true],
    [12, 1, false],
  ];
  for (const [running, free, runs] of cases) {
    it(`${runs ? 'lets' : 'does not let'} one more run beside ${running} with ${free} free seats in the pool`, () =>
      assert.equal(mayRun({ taken: running, wanted: 1 }, limits, free), runs));
  }

  const widths: readonly [taken: number, wanted: number, free: number, runs: boolean][] = [
    [0, 4, 0, true],
    [0, 5, 0, false],
    [0, 5, 1, true],
    [3, 3, 1, false],
    [3, 3, 2, true],
    [6, 6, 9, true],
    [6, 7, 9, false],
    [0, 20, 8, true],
    [1, 20, 8, false],
  ];
  for (const [taken, wanted, free, runs] of widths) {
    it(`${runs ? 'gives' : 'does not give'} ${wanted} seats beside ${taken} with ${free} free ones in the pool`, () =>
      assert.equal(mayRun({ taken, wanted }, limits, free), runs));
  }

  it('counts as pooled what is beyond what is never lent', () =>
    assert.deepEqual(
      [3, 4, 9].map((running) => pooled(running, limits)),
      [0, 0, 5],
    ));
});
