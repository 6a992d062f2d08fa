// One log record as a line of text, in the formats kts writes. Pure.

import type { LogFields, LogLevel } from './log.ts';

/** `text` for a person at a terminal, `journal` for journald (priority first, no time: it has its own), `json` for log collectors. */
export type LogFormat = 'text' | 'journal' | 'json';

/** What is logged at one time. */
export interface LogRecord {
  /** Milliseconds since 1970. */
  readonly timeMs: number;
  readonly level: LogLevel;
  /** `''` for the root. */
  readonly part: string;
  readonly message: string;
  readonly fields: LogFields;
  /** How often it was said again since it was last written; 0 = this is the first time. */
  readonly repeats: number;
}

/** Longest value of a field: a log line is no place for a body. */
const MAX_VALUE = 2048;
/** Longest chain of causes that is written. */
const MAX_CAUSES = 5;
/** Priorities of syslog (sd-daemon(3)). */
const PRIORITY: Readonly<Record<LogLevel, number>> = { debug: 7, info: 6, warn: 4, error: 3 };

/** The line, without line feed. `stacks` says whether errors bring theirs. */
export function formatRecord(record: LogRecord, format: LogFormat, options: { readonly stacks: boolean }): string {
  const fields = Object.entries(record.fields).filter(([, value]) => value !== undefined);
  if (format === 'json') return jsonLine(record, fields, options);
  const pairs = fields.map(([name, value]) => ` ${name}=${quoted(plainText(value, options))}`).join('');
  const part = record.part === '' ? '' : `${record.part}: `;
  const again = record.repeats > 0 ? ` ×${record.repeats}` : '';
  const text = `${part}${record.message}${again}${pairs}`;
  if (format === 'journal') return `<${PRIORITY[record.level]}>${text}`;
  return `${new Date(record.timeMs).toISOString()} ${record.level.toUpperCase().padEnd(5)} ${text}`;
}

function jsonLine(record: LogRecord, fields: readonly (readonly [string, unknown])[], options: { readonly stacks: boolean }): string {
  return JSON.stringify({
    time: new Date(record.timeMs).toISOString(),
    level: record.level,
    ...(record.part !== '' && { part: record.part }),
    msg: record.message,
    ...(record.repeats > 0 && { repeated: record.repeats }),
    ...Object.fromEntries(fields.map(([name, value]) => [name, jsonValue(value, options)])),
  });
}

/** Numbers, booleans and text stay what they are; everything else becomes text. */
function jsonValue(value: unknown, options: { readonly stacks: boolean }): unknown {
  return typeof value === 'number' || typeof value === 'boolean' ? value : plainText(value, options);
}

function plainText(value: unknown, options: { readonly stacks: boolean }): string {
  return limited(value instanceof Error ? errorText(value, options) : typeof value === 'object' ? objectText(value) : String(value));
}

const limited = (text: string): string => (text.length > MAX_VALUE ? `${text.slice(0, MAX_VALUE)}…` : text);

/** The message, then those of its causes that do not repeat it. */
function errorText(error: Error, options: { readonly stacks: boolean }): string {
  const messages = [error.message || error.name];
  let cause = error.cause;
  for (let depth = 0; depth < MAX_CAUSES && cause instanceof Error; depth++) {
    const { message } = cause;
    if (!messages.some((known) => known.includes(message))) messages.push(message);
    cause = cause.cause;
  }
  const text = messages.join(': ');
  return options.stacks && error.stack ? `${text}\n${error.stack}` : text;
}

function objectText(value: object | null): string {
  try {
    return JSON.stringify(value, (_name, inner: unknown) => (typeof inner === 'bigint' ? String(inner) : inner)) ?? '';
  } catch {
    // A cycle: its place in the code matters more than its content.
    return '[object]';
  }
}

/** As it is when it is one word, else as a JSON string: one record stays one line. */
function quoted(text: string): string {
  return /^[^\s"=\p{C}]+$/u.test(text) ? text : JSON.stringify(text);
}
