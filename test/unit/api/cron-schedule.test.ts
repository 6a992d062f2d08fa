import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { cronTimes, parseCronSchedule } from '../../../src/api/cron-schedule.ts';
import { isTimeZone, rfc3339In } from '../../../src/api/time-zone.ts';

/** The next `count` times after `after`, in UTC. */
function times(text: string, after: string, { zone = 'UTC', count = 1 } = {}): (string | undefined)[] {
  const parsed = parseCronSchedule(text);
  assert.ok('schedule' in parsed, JSON.stringify(parsed));
  const next = cronTimes(parsed.schedule, zone);
  let at: number | undefined = Date.parse(after);
  return Array.from({ length: count }, () => {
    at = at === undefined ? undefined : next(at);
    return at === undefined ? undefined : new Date(at).toISOString().slice(0, 16);
  });
}

describe('cronTimes', () => {
  const cases: [text: string, after: string, want: string | undefined][] = [
    ['* * * * *', '2026-01-01T10:00:00Z', '2026-01-01T10:01'],
    ['* * * * *', '2026-01-01T10:00:59.999Z', '2026-01-01T10:01'],
    ['*/15 * * * *', '2026-01-01T10:31:00Z', '2026-01-01T10:45'],
    ['5/20 * * * *', '2026-01-01T10:26:00Z', '2026-01-01T10:45'],
    ['0 9-17/4 * * *', '2026-01-01T13:00:00Z', '2026-01-01T17:00'],
    ['30 8 * * mon-fri', '2026-01-02T09:00:00Z', '2026-01-05T08:30'],
    ['0 0 1,15 * *', '2026-01-01T00:00:00Z', '2026-01-15T00:00'],
    ['0 0 13 * 5', '2026-01-03T00:00:00Z', '2026-01-09T00:00'],
    ['0 0 */2 * 5', '2026-01-03T00:00:00Z', '2026-01-05T00:00'],
    ['0 0 * JAN SUN', '2026-01-26T00:00:00Z', '2027-01-03T00:00'],
    ['0 0 29 2 ?', '2026-01-01T00:00:00Z', '2028-02-29T00:00'],
    ['0 0 31 2 *', '2026-01-01T00:00:00Z', undefined],
    ['59 23 31 12 *', '2026-01-01T00:00:00Z', '2026-12-31T23:59'],
    ['@hourly', '2026-01-01T10:00:00Z', '2026-01-01T11:00'],
    ['@daily', '2026-01-31T10:00:00Z', '2026-02-01T00:00'],
    ['@weekly', '2026-01-01T00:00:00Z', '2026-01-04T00:00'],
    ['@monthly', '2026-01-01T00:00:00Z', '2026-02-01T00:00'],
    ['@yearly', '2026-01-01T00:00:00Z', '2027-01-01T00:00'],
    ['@every 1h30m', '2026-01-01T10:07:00Z', '2026-01-01T11:37'],
  ];
  for (const [text, after, want] of cases) it(`${text} after ${after}`, () => assert.deepEqual(times(text, after), [want]));

  it('counts in the zone', () => {
    assert.deepEqual(times('0 9 * * *', '2026-01-01T00:00:00Z', { zone: 'Asia/Kolkata' }), ['2026-01-01T03:30']);
    assert.deepEqual(times('0 0 * * *', '2026-01-01T12:00:00Z', { zone: 'America/New_York', count: 2 }), [
      '2026-01-02T05:00',
      '2026-01-03T05:00',
    ]);
  });

  it('leaves out what the clocks leave out, and repeats what they repeat', () => {
    const zone = 'Europe/Berlin';
    assert.deepEqual(times('30 2 * * *', '2026-03-28T12:00:00Z', { zone, count: 2 }), ['2026-03-30T00:30', '2026-03-31T00:30']);
    assert.deepEqual(times('30 2 * * *', '2026-10-24T12:00:00Z', { zone, count: 3 }), [
      '2026-10-25T00:30',
      '2026-10-25T01:30',
      '2026-10-26T01:30',
    ]);
    assert.deepEqual(times('0 * * * *', '2026-03-29T00:30:00Z', { zone, count: 2 }), ['2026-03-29T01:00', '2026-03-29T02:00']);
    assert.deepEqual(times('0 0 * * *', '2026-10-25T12:00:00Z', { zone }), ['2026-10-25T23:00']);
  });

  it('passes a midnight that the clocks leave out', () => {
    // Cuba goes from 0:00 to 1:00.
    assert.deepEqual(times('0 5 * * *', '2026-03-07T12:00:00Z', { zone: 'America/Havana' }), ['2026-03-08T09:00']);
    assert.deepEqual(times('0 0 * * *', '2026-03-07T12:00:00Z', { zone: 'America/Havana' }), ['2026-03-09T04:00']);
  });
});

describe('parseCronSchedule refuses', () => {
  const cases: [text: string, want: RegExp][] = [
    ['', /empty spec/],
    ['* * * *', /^expected exactly 5 fields, found 4: \[\* \* \* \*\]$/],
    ['* * * * * *', /found 6/],
    ['60 * * * *', /^end of range \(60\) above maximum \(59\): 60$/],
    ['* * 0 * *', /^beginning of range \(0\) below minimum \(1\): 0$/],
    ['* * * * 7', /above maximum \(6\)/],
    ['10-5 * * * *', /^beginning of range \(10\) beyond end of range \(5\): 10-5$/],
    ['*/0 * * * *', /^step of range should be a positive number: \*\/0$/],
    ['1/2/3 * * * *', /too many slashes/],
    ['1-2-3 * * * *', /too many hyphens/],
    ['* * * foo *', /^failed to parse int from foo/],
    ['@never', /^unrecognized descriptor: @never$/],
    ['@every soon', /^failed to parse duration/],
  ];
  for (const [text, want] of cases) {
    it(JSON.stringify(text), () => {
      const parsed = parseCronSchedule(text);
      assert.match('fault' in parsed ? parsed.fault : 'it is accepted', want);
    });
  }
});

it('isTimeZone knows zones', () => {
  assert.deepEqual(['UTC', 'Etc/UTC', 'Asia/Tokyo', 'Local', '', 'Mars/Base'].map(isTimeZone), [true, true, true, false, false, false]);
});

it('rfc3339In writes the offset', () => {
  const at = Date.UTC(2026, 6, 1, 10);
  assert.deepEqual(
    ['UTC', 'Europe/Berlin', 'America/St_Johns'].map((zone) => rfc3339In(at, zone)),
    ['2026-07-01T10:00:00Z', '2026-07-01T12:00:00+02:00', '2026-07-01T07:30:00-02:30'],
  );
});
