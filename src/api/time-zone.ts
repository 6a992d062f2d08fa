// Time zones of the IANA database, as the JavaScript engine has it.

/** Whether a name is one of a time zone that can be used in an object: not empty, not `Local`. */
export function isTimeZone(name: string): boolean {
  if (name === '' || name.toLowerCase() === 'local') return false;
  try {
    new Intl.DateTimeFormat('en-US', { timeZone: name });
    return true;
  } catch (error) {
    if (error instanceof RangeError) return false;
    throw error;
  }
}

/** The offset of a zone from UTC in milliseconds at a time (ms since 1970); without a name that of this machine. @throws RangeError for an unknown zone */
export function timeOffset(timeZone?: string): (ms: number) => number {
  const format = new Intl.DateTimeFormat('en-US', {
    ...(timeZone !== undefined && { timeZone }),
    hourCycle: 'h23',
    year: 'numeric',
    month: 'numeric',
    day: 'numeric',
    hour: 'numeric',
    minute: 'numeric',
    second: 'numeric',
  });
  if (format.resolvedOptions().timeZone === 'UTC') return () => 0;
  return (ms) => {
    const part = new Map<string, number>(format.formatToParts(ms).map(({ type, value }) => [type, Number(value)]));
    const of = (name: string): number => part.get(name) ?? 0;
    const local = Date.UTC(of('year'), of('month') - 1, of('day'), of('hour'), of('minute'), of('second'));
    return local - Math.floor(ms / 1000) * 1000;
  };
}

/** RFC 3339 in a time zone, e.g. `2026-03-01T09:00:00+01:00`; `Z` for UTC. */
export function rfc3339In(ms: number, timeZone?: string): string {
  const offset = timeOffset(timeZone)(ms);
  const local = new Date(ms + offset).toISOString().slice(0, 19);
  if (offset === 0) return `${local}Z`;
  const minutes = Math.abs(offset) / 60_000;
  const two = (n: number): string => String(Math.floor(n)).padStart(2, '0');
  return `${local}${offset < 0 ? '-' : '+'}${two(minutes / 60)}:${two(minutes % 60)}`;
}
