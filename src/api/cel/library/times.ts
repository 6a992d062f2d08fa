// Parts of timestamps and durations. Rules: CEL specification, "Timezones" and "Standard Definitions".

import { timeOffset } from '../../time-zone.ts';
import { INT } from '../cel-type.ts';
import { failure } from '../errors.ts';
import { method, type Overload, P } from '../overload.ts';
import type { CelTimestamp } from '../values.ts';

const MILLISECOND = 1_000_000n;

/** Milliseconds between a zone and UTC at a time: a name of the IANA database, or `+05:30`. */
function offsetOf(zone: string, ms: number): number {
  const fixed = /^([+-]?)(\d{2}):(\d{2})$/.exec(zone);
  if (fixed) return (fixed[1] === '-' ? -1 : 1) * (Number(fixed[2]) * 60 + Number(fixed[3])) * 60_000;
  if (zone === '' || zone === 'UTC') return 0;
  try {
    return timeOffset(zone)(ms);
  } catch (cause) {
    if (!(cause instanceof RangeError)) throw cause;
    throw failure(`unknown time zone ${zone}`);
  }
}

/** The time as a Date whose UTC parts are those of the zone. */
function local({ nanos }: CelTimestamp, zone: string): Date {
  const ms = Number(nanos / MILLISECOND - (nanos % MILLISECOND < 0n ? 1n : 0n));
  return new Date(ms + offsetOf(zone, ms));
}

const dayOfYear = (date: Date): number => {
  const start = new Date(date);
  start.setUTCMonth(0, 1);
  start.setUTCHours(0, 0, 0, 0);
  return Math.floor((date.getTime() - start.getTime()) / 86_400_000);
};

const PARTS: readonly (readonly [string, (date: Date) => number])[] = [
  ['getFullYear', (date) => date.getUTCFullYear()],
  ['getMonth', (date) => date.getUTCMonth()],
  ['getDate', (date) => date.getUTCDate()],
  ['getDayOfMonth', (date) => date.getUTCDate() - 1],
  ['getDayOfWeek', (date) => date.getUTCDay()],
  ['getDayOfYear', dayOfYear],
  ['getHours', (date) => date.getUTCHours()],
  ['getMinutes', (date) => date.getUTCMinutes()],
  ['getSeconds', (date) => date.getUTCSeconds()],
  ['getMilliseconds', (date) => date.getUTCMilliseconds()],
];

const UNITS: readonly (readonly [string, bigint])[] = [
  ['getHours', 3_600_000n * MILLISECOND],
  ['getMinutes', 60_000n * MILLISECOND],
  ['getSeconds', 1_000n * MILLISECOND],
];

/** The functions that take times apart. */
export function timeLibrary(): readonly Overload[] {
  return [
    ...PARTS.flatMap(([name, part]) => [
      method(name, { params: [P.timestamp], result: INT }, (time) => BigInt(part(local(time, '')))),
      method(name, { params: [P.timestamp, P.string], result: INT }, (time, zone) => BigInt(part(local(time, zone)))),
    ]),
    ...UNITS.map(([name, unit]) => method(name, { params: [P.duration], result: INT }, ({ nanos }) => nanos / unit)),
    method('getMilliseconds', { params: [P.duration], result: INT }, ({ nanos }) => (nanos / MILLISECOND) % 1_000n),
  ];
}
