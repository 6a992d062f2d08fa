import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { CounterSeries, HistogramSeries } from '../../../../src/server/admission/metric-series.ts';

describe('CounterSeries', () => {
  it('says nothing before something is counted', () => assert.deepEqual(new CounterSeries('c', 'Help.').lines(), []));

  it('counts by labels, in the order of their names', () => {
    const series = new CounterSeries('c', 'Help.');
    series.add({ b: 1, a: 'x' });
    series.add({ a: 'x', b: 1 });
    series.add({ a: 'y', b: true });
    assert.deepEqual(series.lines(), ['# HELP c Help.', '# TYPE c counter', 'c{a="x",b="1"} 2', 'c{a="y",b="true"} 1']);
  });

  it('keeps to a bound of series', () => {
    const series = new CounterSeries('c', 'Help.');
    for (let i = 0; i < 2_000; i++) series.add({ name: i });
    series.add({ name: 0 });
    assert.equal(series.lines().length, 1_002);
    assert.equal(series.lines()[2], 'c{name="0"} 2');
  });
});

describe('HistogramSeries', () => {
  it('counts values below each bound, and writes bounds as Go does', () => {
    const series = new HistogramSeries('h', 'Help.', [0.0000005, 1]);
    for (const value of [0, 1, 2]) series.observe({ a: 'x' }, value);
    assert.deepEqual(series.lines(), [
      '# HELP h Help.',
      '# TYPE h histogram',
      'h_bucket{a="x",le="5e-07"} 1',
      'h_bucket{a="x",le="1"} 2',
      'h_bucket{a="x",le="+Inf"} 3',
      'h_sum{a="x"} 3',
      'h_count{a="x"} 3',
    ]);
  });
});
