// The time forms of the API: RFC 3339 in UTC with whole seconds (`time`) or six fraction digits (`microtime`), and Go's duration text.

import { rfc3339 } from '../../base/clock.ts';
import { DecodeError } from './errors.ts';

const LAYOUTS = { time: '2006-01-02T15:04:05Z07:00', microtime: '2006-01-02T15:04:05.000000Z07:00' } as const;

/** The parts of a time in order: pattern, and how the layout names the part. */
const PARTS: readonly (readonly [RegExp, string])[] = [
  [/\d{4}/y, '2006'],
  [/-/y, '-'],
  [/\d\d/y, '01'],
  [/-/y, '-'],
  [/\d\d/y, '02'],
  [/T/y, 'T'],
  [/\d\d/y, '15'],
  [/:/y, ':'],
  [/\d\d/y, '04'],
  [/:/y, ':'],
  [/\d\d/y, '05'],
];
const ZONE: readonly [RegExp, string] = [/Z|[+-]\d\d:\d\d/y, 'Z07:00'];
const MICROS: readonly [RegExp, string] = [/[.,]\d{6}(?!\d)/y, '.000000'];
const FRACTION: readonly [RegExp, string] = [/(?:[.,]\d+)?/y, ''];

const CANONICAL = {
  time: /^\d{4}-(?:0[1-9]|1[0-2])-(?:0[1-9]|1\d|2[0-8])T(?:[01]\d|2[0-3]):[0-5]\d:[0-5]\dZ$/,
  microtime: /^\d{4}-(?:0[1-9]|1[0-2])-(?:0[1-9]|1\d|2[0-8])T(?:[01]\d|2[0-3]):[0-5]\d:[0-5]\d\.\d{6}Z$/,
} as const;

/** The canonical text of a time. @throws DecodeError `type` with upstream's text */
export function canonicalTime(text: string, form: 'time' | 'microtime'): string {
  if (CANONICAL[form].test(text)) return text;
  const { seconds, fraction } = parseTime(text, form);
  const whole = rfc3339(seconds * 1000);
  return form === 'time' ? whole : `${whole.slice(0, 19)}.${fraction.padEnd(6, '0').slice(0, 6)}Z`;
}

const ZERO = 48;
const ZULU = 90;
const SECONDS_A_DAY = 86_400;

/** Seconds since 1970 of a time in canonical form (decode.ts has made it so), without looking for faults; undefined for other texts, which `parseTime` reads. */
export function canonicalSeconds(text: string): number | undefined {
  if (text.length !== 20 || text.charCodeAt(19) !== ZULU) return undefined;
  const year = (text.charCodeAt(0) - ZERO) * 1000 + (text.charCodeAt(1) - ZERO) * 100 + twoDigits(text, 2);
  const month = twoDigits(text, 5);
  const day = twoDigits(text, 8);
  if (!(year >= 1970 && month >= 1 && month <= 12 && day >= 1 && day <= 31)) return undefined;
  // Days of a year that begins in March: the leap day comes last.
  const march = month > 2 ? year : year - 1;
  const days = Math.floor((153 * (month > 2 ? month - 3 : month + 9) + 2) / 5) + day - 1;
  const whole = march * 365 + Math.floor(march / 4) - Math.floor(march / 100) + Math.floor(march / 400) + days - 719_468;
  return whole * SECONDS_A_DAY + twoDigits(text, 11) * 3600 + twoDigits(text, 14) * 60 + twoDigits(text, 17);
}

const twoDigits = (text: string, at: number): number => (text.charCodeAt(at) - ZERO) * 10 + text.charCodeAt(at + 1) - ZERO;

/** Parses a time: seconds since 1970, and the digits after the point. @throws DecodeError `type` */
export function parseTime(text: string, form: 'time' | 'microtime'): { seconds: number; fraction: string } {
  checkShape(text, form);
  const field = (at: number, length = 2): number => Number(text.slice(at, at + length));
  const [year, month, day, hour, minute, second] = [field(0, 4), field(5), field(8), field(11), field(14), field(17)];
  const fail = (what: string): DecodeError => new DecodeError('type', `parsing time ${JSON.stringify(text)}: ${what} out of range`);
  if (month < 1 || month > 12) throw fail('month');
  const midnight = utcDays(year, month, day) * 86_400;
  if (day < 1 || day > daysIn(year, month)) throw fail('day');
  if (hour > 23) throw fail('hour');
  if (minute > 59) throw fail('minute');
  if (second > 59) throw fail('second');
  const fraction = /^[.,](\d+)/.exec(text.slice(19))?.[1] ?? '';
  return { seconds: midnight + hour * 3600 + minute * 60 + second - zoneSeconds(text), fraction };
}

function checkShape(text: string, form: 'time' | 'microtime'): void {
  let at = 0;
  for (const [pattern, name] of [...PARTS, form === 'time' ? FRACTION : MICROS, ZONE]) {
    pattern.lastIndex = at;
    if (!pattern.test(text)) {
      const rest = JSON.stringify(text.slice(at));
      throw new DecodeError('type', `parsing time ${JSON.stringify(text)} as "${LAYOUTS[form]}": cannot parse ${rest} as "${name}"`);
    }
    at = pattern.lastIndex;
  }
  if (at < text.length)
    throw new DecodeError('type', `parsing time ${JSON.stringify(text)}: extra text: ${JSON.stringify(text.slice(at))}`);
}

const daysIn = (year: number, month: number): number =>
  utcDays(month === 12 ? year + 1 : year, (month % 12) + 1, 1) - utcDays(year, month, 1);

/** Days since 1970-01-01 of the proleptic Gregorian calendar. Date.UTC takes years below 100 for 19xx: shifted by 400 years. */
function utcDays(year: number, month: number, day: number): number {
  return Date.UTC(year + 400, month - 1, day) / 86_400_000 - 146_097;
}

function zoneSeconds(text: string): number {
  const zone = /([+-])(\d\d):(\d\d)$/.exec(text);
  if (!zone) return 0;
  return (zone[1] === '-' ? -1 : 1) * (Number(zone[2]) * 3600 + Number(zone[3]) * 60);
}

/** The text of a time read from protobuf. */
export function formatTime(seconds: number, nanos: number, form: 'time' | 'microtime'): string {
  const whole = rfc3339(seconds * 1000);
  return form === 'time' ? whole : `${whole.slice(0, 19)}.${String(Math.floor(nanos / 1000)).padStart(6, '0')}Z`;
}

// Regular expressions spell the two micro signs as escapes: with a character beyond ASCII left in the bundle every thread would hold
// its source text with two bytes a character.
const UNITS = new Map<string, bigint>([
  ['ns', 1n],
  ['us', 1_000n],
  ['µs', 1_000n],
  ['μs', 1_000n],
  ['ms', 1_000_000n],
  ['s', 1_000_000_000n],
  ['m', 60_000_000_000n],
  ['h', 3_600_000_000_000n],
]);

/** What 64 bits of nanoseconds hold. */
const MAX_NANOS = 2n ** 63n - 1n;

/** Reads a duration such as `1h30m` or `-1.5s` as nanoseconds; undefined if the text is none, or more than 64 bits hold. */
export function durationNanos(text: string): bigint | undefined {
  if (/^[+-]?0$/.test(text)) return 0n;
  const match = /^([+-]?)((?:(?:\d+(?:\.\d*)?|\.\d+)(?:ns|us|\u00b5s|\u03bcs|ms|s|m|h))+)$/.exec(text);
  if (!match) return undefined;
  let nanos = 0n;
  for (const [, whole = '', fraction = '', unit = ''] of (match[2] ?? '').matchAll(/(\d*)(?:\.(\d*))?(ns|us|\u00b5s|\u03bcs|ms|s|m|h)/g)) {
    nanos += (BigInt(whole + fraction) * (UNITS.get(unit) ?? 0n)) / 10n ** BigInt(fraction.length);
  }
  if (nanos > MAX_NANOS) return undefined;
  return match[1] === '-' ? -nanos : nanos;
}

/** Parses a duration such as `1h30m` or `-1.5s`; the result is in nanoseconds. @throws DecodeError `type` */
export function parseDuration(text: string): bigint {
  const nanos = durationNanos(text);
  if (nanos === undefined) throw new DecodeError('type', `time: invalid duration ${JSON.stringify(text)}`);
  return nanos;
}

/** The canonical text of a duration: `1h0m0.5s`, `300ms`, `0s`. */
export function formatDuration(nanos: bigint): string {
  if (nanos < 0n) return `-${formatDuration(-nanos)}`;
  if (nanos === 0n) return '0s';
  for (const [unit, size] of [
    ['ns', 1n],
    ['µs', 1_000n],
    ['ms', 1_000_000n],
  ] as const) {
    if (nanos < size * 1000n && size < 1_000_000_000n) return `${decimal(nanos, size)}${unit}`;
  }
  const hours = nanos / 3_600_000_000_000n;
  const minutes = (nanos / 60_000_000_000n) % 60n;
  const seconds = `${decimal(nanos % 60_000_000_000n, 1_000_000_000n)}s`;
  return hours > 0n ? `${hours}h${minutes}m${seconds}` : minutes > 0n ? `${minutes}m${seconds}` : seconds;
}

function decimal(value: bigint, unit: bigint): string {
  const fraction = String(value % unit)
    .padStart(String(unit).length - 1, '0')
    .replace(/0+$/, '');
  return unit === 1n || fraction === '' ? String(value / unit) : `${value / unit}.${fraction}`;
}
