// Schedules of CronJobs: parsing and the next time. Pure. Kubernetes documentation, "CronJob: Schedule syntax" and "Time zones".
// Times are milliseconds since 1970.

import { timeOffset } from './time-zone.ts';

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;
/** A schedule without a time in this many days never has one (29 February comes at least every eight years, but upstream looks ahead five). */
const HORIZON_DAYS = 5 * 366;

/** Which values of a field fit. `any` = the field is a star, which matters for days. */
interface Field {
  readonly values: ReadonlySet<number>;
  readonly any: boolean;
}

/** A parsed schedule. */
export type CronSchedule =
  | {
      readonly type: 'fields';
      readonly minute: Field;
      readonly hour: Field;
      readonly day: Field;
      readonly month: Field;
      readonly weekday: Field;
    }
  | { readonly type: 'every'; readonly ms: number };

interface FieldRange {
  readonly min: number;
  readonly max: number;
  /** Names of the values from `min` on. */
  readonly names?: readonly string[];
}

const MONTHS = ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec'];
const WEEKDAYS = ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat'];
const RANGES = {
  minute: { min: 0, max: 59 },
  hour: { min: 0, max: 23 },
  day: { min: 1, max: 31 },
  month: { min: 1, max: 12, names: MONTHS },
  weekday: { min: 0, max: 6, names: WEEKDAYS },
} as const satisfies Record<string, FieldRange>;

const DESCRIPTORS: Readonly<Record<string, string>> = {
  '@yearly': '0 0 1 1 *',
  '@annually': '0 0 1 1 *',
  '@monthly': '0 0 1 * *',
  '@weekly': '0 0 * * 0',
  '@daily': '0 0 * * *',
  '@midnight': '0 0 * * *',
  '@hourly': '0 * * * *',
};

/** Why a text is no schedule. */
class ScheduleFault extends RangeError {}

/** Parses a schedule; `fault` says what is wrong with the text. */
export function parseCronSchedule(text: string): { readonly schedule: CronSchedule } | { readonly fault: string } {
  try {
    return { schedule: parse(text) };
  } catch (error) {
    if (error instanceof ScheduleFault) return { fault: error.message };
    throw error;
  }
}

function parse(text: string): CronSchedule {
  if (text === '') throw new ScheduleFault('empty spec string');
  if (text.startsWith('@every ')) return parseEvery(text);
  const fields = (DESCRIPTORS[text] ?? text).trim().split(/\s+/);
  if (text.startsWith('@') && !DESCRIPTORS[text]) throw new ScheduleFault(`unrecognized descriptor: ${text}`);
  const [minute = '', hour = '', day = '', month = '', weekday = ''] = fields;
  if (fields.length !== 5) throw new ScheduleFault(`expected exactly 5 fields, found ${fields.length}: [${fields.join(' ')}]`);
  return {
    type: 'fields',
    minute: parseField(minute, RANGES.minute),
    hour: parseField(hour, RANGES.hour),
    day: parseField(day, RANGES.day),
    month: parseField(month, RANGES.month),
    weekday: parseField(weekday, RANGES.weekday),
  };
}

const UNITS: Readonly<Record<string, number>> = { h: HOUR_MS, m: MINUTE_MS, s: 1000, ms: 1 };

/** A Go duration of at least a second. */
function parseEvery(text: string): CronSchedule {
  const duration = text.slice('@every '.length);
  if (!/^(\d+(\.\d+)?(h|ms|m|s))+$/.test(duration)) {
    throw new ScheduleFault(`failed to parse duration ${text}: time: invalid duration "${duration}"`);
  }
  let ms = 0;
  for (const [, number, unit] of duration.matchAll(/(\d+(?:\.\d+)?)(h|ms|m|s)/g)) ms += Number(number) * (UNITS[unit ?? ''] ?? 0);
  return { type: 'every', ms: Math.max(1000, Math.floor(ms / 1000) * 1000) };
}

function parseField(text: string, range: FieldRange): Field {
  const values = new Set<number>();
  let any = false;
  for (const part of text.split(',').filter((item) => item !== '')) {
    const { first, last, step, star } = parsePart(part, range);
    for (let value = first; value <= last; value += step) values.add(value);
    any ||= star;
  }
  return { values, any };
}

interface Part {
  readonly first: number;
  readonly last: number;
  readonly step: number;
  readonly star: boolean;
}

/** One of `*`, `?`, `a`, `a-b`, each with an optional `/step`; `a/step` runs to the end. */
function parsePart(part: string, range: FieldRange): Part {
  const [span = '', stepText, ...slashes] = part.split('/');
  if (slashes.length > 0) throw new ScheduleFault(`too many slashes: ${part}`);
  const [from = '', to, ...hyphens] = span.split('-');
  if (hyphens.length > 0) throw new ScheduleFault(`too many hyphens: ${part}`);
  const star = from === '*' || from === '?';
  const step = stepText === undefined ? 1 : parseNumber(stepText);
  const first = star ? range.min : parseValue(from, range);
  const open = star || (to === undefined && stepText !== undefined);
  const last = open ? range.max : to === undefined ? first : parseValue(to, range);
  if (first < range.min) throw new ScheduleFault(`beginning of range (${first}) below minimum (${range.min}): ${part}`);
  if (last > range.max) throw new ScheduleFault(`end of range (${last}) above maximum (${range.max}): ${part}`);
  if (first > last) throw new ScheduleFault(`beginning of range (${first}) beyond end of range (${last}): ${part}`);
  if (step === 0) throw new ScheduleFault(`step of range should be a positive number: ${part}`);
  return { first, last, step, star: star && step === 1 };
}

function parseValue(text: string, { min, names }: FieldRange): number {
  const named = names?.indexOf(text.toLowerCase()) ?? -1;
  return named >= 0 ? min + named : parseNumber(text);
}

function parseNumber(text: string): number {
  if (/^-\d+$/.test(text)) throw new ScheduleFault(`negative number (${text}) not allowed: ${text}`);
  if (!/^\d+$/.test(text)) throw new ScheduleFault(`failed to parse int from ${text}: strconv.Atoi: parsing "${text}": invalid syntax`);
  return Number(text);
}

/** The first time after another, `undefined` when there is none. */
export type NextTime = (afterMs: number) => number | undefined;

/** The times of a schedule in a time zone; without one in that of this machine. @throws RangeError for an unknown zone */
export function cronTimes(schedule: CronSchedule, timeZone?: string): NextTime {
  if (schedule.type === 'every') return (afterMs) => Math.floor(afterMs / 1000) * 1000 + schedule.ms;
  const offset = timeOffset(timeZone);
  return (afterMs) => nextTime(schedule, offset, afterMs);
}

type Fields = Extract<CronSchedule, { type: 'fields' }>;

/** Steps through real time, so that an hour the clocks leave out has no times and one they repeat has them twice. */
function nextTime(schedule: Fields, offset: (ms: number) => number, afterMs: number): number | undefined {
  const end = afterMs + HORIZON_DAYS * DAY_MS;
  let at = Math.floor(afterMs / MINUTE_MS) * MINUTE_MS + MINUTE_MS;
  while (at <= end) {
    const local = new Date(at + offset(at));
    if (!schedule.month.values.has(local.getUTCMonth() + 1) || !dayFits(schedule, local)) at = nextDay(at, offset);
    else if (!schedule.hour.values.has(local.getUTCHours())) at += HOUR_MS - local.getUTCMinutes() * MINUTE_MS;
    else if (!schedule.minute.values.has(local.getUTCMinutes())) at += MINUTE_MS;
    else return at;
  }
  return undefined;
}

/** Day of the month and of the week: where both are restricted, either will do. */
function dayFits({ day, weekday }: Fields, local: Date): boolean {
  const [byDay, byWeekday] = [day.values.has(local.getUTCDate()), weekday.values.has(local.getUTCDay())];
  return day.any || weekday.any ? byDay && byWeekday : byDay || byWeekday;
}

/** The first minute of the next local day. */
function nextDay(at: number, offset: (ms: number) => number): number {
  const local = at + offset(at);
  const midnight = (Math.floor(local / DAY_MS) + 1) * DAY_MS;
  let next = midnight - offset(at);
  // The clocks change that day: come to the same wall time under the other offset, and past a midnight they leave out.
  next = midnight - offset(next);
  while (next + offset(next) < midnight) next += 30 * MINUTE_MS;
  return Math.max(next, at + MINUTE_MS);
}
