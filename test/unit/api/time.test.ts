import assert from 'node:assert/strict';
import { test } from 'node:test';
import { canonicalTime, formatDuration, formatTime, parseDuration, parseTime } from '../../../src/api/codec/time.ts';

test('canonicalTime normalises to UTC and to the digits of the form', () => {
  const cases: [string, 'time' | 'microtime', string][] = [
    ['2024-02-29T23:59:59Z', 'time', '2024-02-29T23:59:59Z'],
    ['2024-01-01T00:30:00+01:00', 'time', '2023-12-31T23:30:00Z'],
    ['2024-01-01T00:00:00.999Z', 'time', '2024-01-01T00:00:00Z'],
    ['2024-01-01T00:00:00.123456-05:30', 'microtime', '2024-01-01T05:30:00.123456Z'],
    ['0001-01-01T00:00:00Z', 'time', '0001-01-01T00:00:00Z'],
  ];
  for (const [text, form, expected] of cases) assert.equal(canonicalTime(text, form), expected);
  for (const text of [
    '2023-02-29T00:00:00Z',
    '2024-04-31T00:00:00Z',
    '2024-01-01T24:00:00Z',
    '2024-01-01T00:60:00Z',
    '2024-01-01 00:00:00Z',
    '2024-01-01T00:00:00',
    '2024-01-01T00:00:00Zx',
  ]) {
    assert.throws(() => canonicalTime(text, 'time'), { code: 'type' }, text);
  }
});

test('formatTime gives back what parseTime read', () => {
  const { seconds, fraction } = parseTime('1969-12-31T23:59:58.000007Z', 'microtime');
  assert.equal(seconds, -2);
  assert.equal(formatTime(seconds, Number(fraction.padEnd(9, '0')), 'microtime'), '1969-12-31T23:59:58.000007Z');
});

test('durations are read and written as Go does', () => {
  const cases: [string, string][] = [
    ['90s', '1m30s'],
    ['1h', '1h0m0s'],
    ['1.5h', '1h30m0s'],
    ['-1.5s', '-1.5s'],
    ['1500ms', '1.5s'],
    ['250ms', '250ms'],
    ['1500us', '1.5ms'],
    ['10ns', '10ns'],
    ['0', '0s'],
    ['1h2m3.004s', '1h2m3.004s'],
  ];
  for (const [text, expected] of cases) assert.equal(formatDuration(parseDuration(text)), expected, text);
  for (const text of ['', '5', 's', '1d', '1 s', '--1s']) assert.throws(() => parseDuration(text), { code: 'type' }, text);
});
