// Percentiles and medians of samples.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { median, percentile, summary } from '../../bench/statistics.ts';

const upTo = (n: number): number[] => Array.from({ length: n }, (_, i) => n - i);

for (const [samples, share, expected] of [
  [[7], 0.99, 7],
  [[3, 1, 2], 0, 1],
  [[3, 1, 2], 0.5, 2],
  [[3, 1, 2], 1, 3],
  [upTo(100), 0.5, 50],
  [upTo(100), 0.99, 99],
  [upTo(1000), 0.999, 999],
  [[10, 9, 100], 0.5, 10],
] as const) {
  test(`percentile ${share} of ${samples.length} samples is ${expected}`, () => assert.equal(percentile(samples, share), expected));
}

test('percentile leaves the samples in their order', () => {
  const samples = [3, 1, 2];
  percentile(samples, 0.5);
  assert.deepEqual(samples, [3, 1, 2]);
});

test('median of an even number of samples is the mean of the middle two', () => {
  assert.equal(median([10, 1, 2, 4]), 3);
  assert.equal(median([5, 1, 9]), 5);
});

test('figures of no samples are refused', () => {
  assert.throws(() => percentile([], 0.5), RangeError);
  assert.throws(() => median([]), RangeError);
});

test('summary says count, extremes, median and 99th percentile', () => {
  assert.deepEqual(summary(upTo(200)), { count: 200, min: 1, p50: 100, p99: 198, max: 200 });
});
