// Times and durations as text: RFC 3339 with nanoseconds, and Go's durations (`1h30m`, `-1.5s`). Rules: CEL specification, "Timestamps and Durations".

import { durationNanos } from '../codec/time.ts';
import { CelDuration, CelTimestamp } from './values.ts';

const SECOND = 1_000_000_000n;
/** 0001-01-01T00:00:00Z. */
const MIN_TIME = -62_135_596_800n * SECOND;
/** 9999-12-31T23:59:59.999999999Z. */
const MAX_TIME = 253_402_300_800n * SECOND - 1n;
/** What 64 bits hold. */
const MAX_DURATION = 2n ** 63n - 1n;

/** A point in time, or undefined if it is before the year 1 or after 9999. */
export function timestampOf(nanos: bigint): CelTimestamp | undefined {
  return nanos < MIN_TIME || nanos > MAX_TIME ? undefined : new CelTimestamp(nanos);
}

/** A duration, or undefined if 64 bits of nanoseconds do not hold it. */
export function durationOf(nanos: bigint): CelDuration | undefined {
  return nanos > MAX_DURATION || nanos < -MAX_DURATION - 1n ? undefined : new CelDuration(nanos);
}

const RFC3339 = /^(\d{4}-\d{2}-\d{2})[Tt](\d{2}:\d{2}:\d{2})(?:[.,](\d{1,9})\d*)?([Zz]|[+-]\d{2}:\d{2})$/;
const DATE = /^\d{4}-\d{2}-\d{2}$/;

/** Reads RFC 3339, or a date alone; undefined if the text is neither. */
export function parseTimestamp(text: string): CelTimestamp | undefined {
  const whole = DATE.test(text) ? `${text}T00:00:00Z` : text;
  const match = RFC3339.exec(whole);
  if (!match) return undefined;
  const [, date = '', time, fraction = '', zone = 'Z'] = match;
  const millis = Date.parse(`${date}T${time}${zone.toUpperCase()}`);
  // JavaScript takes the 30th of February for a day of March.
  if (Number.isNaN(millis) || new Date(`${date}T00:00:00Z`).toISOString().slice(0, 10) !== date) return undefined;
  return timestampOf(BigInt(millis) * 1_000_000n + BigInt(fraction.padEnd(9, '0')));
}

/** Reads Go's form; undefined if the text is none. */
export function parseDuration(text: string): CelDuration | undefined {
  const nanos = durationNanos(text);
  return nanos === undefined ? undefined : durationOf(nanos);
}

/** RFC 3339 in UTC, with as many digits of the second as it takes. */
export function timestampText({ nanos }: CelTimestamp): string {
  const seconds = nanos / SECOND - (nanos % SECOND < 0n ? 1n : 0n);
  const rest = nanos - seconds * SECOND;
  const base = new Date(Number(seconds) * 1000).toISOString().slice(0, 19);
  const fraction = rest === 0n ? '' : `.${rest.toString().padStart(9, '0').replace(/0+$/, '')}`;
  return `${base}${fraction}Z`;
}

/** Seconds, with a fraction if there is one: `90s`, `0.25s`. */
export function durationText({ nanos }: CelDuration): string {
  const positive = nanos < 0n ? -nanos : nanos;
  const fraction = positive % SECOND === 0n ? '' : `.${(positive % SECOND).toString().padStart(9, '0').replace(/0+$/, '')}`;
  return `${nanos < 0n ? '-' : ''}${positive / SECOND}${fraction}s`;
}
