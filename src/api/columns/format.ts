// How cells are written: ages, lists, labels, ports. Pure. The forms are those kubectl users read every day.

import { formatLabelSelector } from '../labels.ts';
import type { Container } from '../types/core-v1.gen.ts';
import type { LabelSelector } from '../types/meta-v1.gen.ts';

/** What stands in a cell that has no value. */
export const NONE = '<none>';

const SECOND = 1000;
const MINUTE = 60;
const HOUR = 60;

/** A duration in at most two units, e.g. `119s`, `3m5s`, `47h`, `2d3h`, `3y12d`. */
export function humanDuration(ms: number): string {
  const seconds = Math.trunc(ms / SECOND);
  if (seconds < -1) return '<invalid>';
  if (seconds < 0) return '0s';
  if (seconds < 2 * MINUTE) return `${seconds}s`;
  const minutes = Math.trunc(seconds / MINUTE);
  if (minutes < 10) return twoUnits(minutes, 'm', { rest: seconds % MINUTE, unit: 's' });
  if (minutes < 3 * HOUR) return `${minutes}m`;
  const hours = Math.trunc(minutes / HOUR);
  if (hours < 8) return twoUnits(hours, 'h', { rest: minutes % HOUR, unit: 'm' });
  if (hours < 48) return `${hours}h`;
  const days = Math.trunc(hours / 24);
  if (days < 8) return twoUnits(days, 'd', { rest: hours % 24, unit: 'h' });
  if (days < 2 * 365) return `${days}d`;
  const years = Math.trunc(days / 365);
  return years < 8 ? twoUnits(years, 'y', { rest: days % 365, unit: 'd' }) : `${years}y`;
}

function twoUnits(value: number, unit: string, small: { rest: number; unit: string }): string {
  return small.rest === 0 ? `${value}${unit}` : `${value}${unit}${small.rest}${small.unit}`;
}

/** The time since an RFC 3339 time; `<unknown>` without one. */
export function age(time: string | undefined, now: number): string {
  return time ? humanDuration(now - Date.parse(time)) : '<unknown>';
}

/** Labels as `a=b,c=d` in order of key. */
export function labels(map: Readonly<Record<string, string>> | undefined): string {
  const entries = Object.entries(map ?? {}).sort(([a], [b]) => (a < b ? -1 : 1));
  return entries.length === 0 ? NONE : entries.map(([key, value]) => `${key}=${value}`).join(',');
}

/** A label selector as text; `<none>` when absent. */
export function selector(value: LabelSelector | undefined): string {
  return value === undefined ? NONE : formatLabelSelector(value) || NONE;
}

/** Items joined by commas; `<none>` when there are none. */
export function joined(items: readonly (string | undefined)[]): string {
  return items.filter((item) => item).join(',') || NONE;
}

/** The first `most` items and how many more there are. */
export function firstOf(items: readonly string[], most: number): string {
  const head = items.slice(0, most).join(',');
  return items.length > most ? `${head} + ${items.length - most} more...` : head;
}

/** The wide cells of workloads: container names and images. */
export function containers(list: readonly Container[] | undefined): [string, string] {
  return [(list ?? []).map((c) => c.name).join(','), (list ?? []).map((c) => c.image ?? '').join(',')];
}

const SHORT_MODES: Readonly<Record<string, string>> = {
  ReadWriteOnce: 'RWO',
  ReadOnlyMany: 'ROX',
  ReadWriteMany: 'RWX',
  ReadWriteOncePod: 'RWOP',
};

/** Access modes in the usual order and short forms. */
export function accessModes(modes: readonly string[] | undefined): string {
  return Object.entries(SHORT_MODES)
    .filter(([mode]) => modes?.includes(mode))
    .map(([, brief]) => brief)
    .join(',');
}
