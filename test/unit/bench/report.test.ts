// Verdicts and the table of the bench.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Budget, type Figure, figureText, table, verdict } from '../../bench/report.ts';

const atMost = (value: number): Budget => ({ kind: 'at most', value });
const atLeast = (value: number): Budget => ({ kind: 'at least', value });
const figure = (measured: number, budget?: Budget): Figure => ({ what: 'a thing', measured, unit: 'ms', ...(budget && { budget }) });

for (const [measured, budget, expected] of [
  [100, undefined, ''],
  [100, atMost(100), 'within'],
  [0, atMost(100), 'within'],
  [130, atMost(100), 'over by 30 %'],
  [100.1, atMost(100), 'over by 1 %'],
  [1000, atLeast(1000), 'within'],
  [5000, atLeast(1000), 'within'],
  [250, atLeast(1000), 'under by 75 %'],
  [999.9, atLeast(1000), 'under by 1 %'],
] as const) {
  test(`verdict of ${measured} with ${budget ? `${budget.kind} ${budget.value}` : 'no budget'} is '${expected}'`, () => {
    assert.equal(verdict(figure(measured, budget)), expected);
  });
}

for (const [value, expected] of [
  [0, '0.00'],
  [0.0123, '0.012'],
  [0.5485, '0.548'],
  [2.049, '2.05'],
  [23.81, '23.8'],
  [193.2, '193'],
  [12345.6, '12346'],
] as const) {
  test(`figureText of ${value} is ${expected}`, () => assert.equal(figureText(value), expected));
}

test('table prints a line a figure with the columns aligned, then what failed', () => {
  const text = table([
    { name: 'one', figures: [{ what: 'long name', measured: 130, unit: 'MB', budget: atMost(100) }, figure(2)] },
    { name: 'two', figures: [], failure: 'no containerd' },
  ]);
  assert.equal(
    text,
    [
      'what       measured    budget  verdict',
      '---------  --------  --------  ------------',
      'long name    130 MB  ≤ 100 MB  over by 30 %',
      'a thing     2.00 ms',
      'two: not measured: no containerd',
    ].join('\n'),
  );
});
