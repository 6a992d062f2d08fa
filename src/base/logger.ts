// The logger of the program: levels, parts, and one line for what is said many times. Lines are written at once and whole, so that
// threads can share standard error and nothing is lost when the process dies.

import { openSync, writeSync } from 'node:fs';
import { type Clock, systemClock, type Timer } from './clock.ts';
import { hasCode } from './errors.ts';
import type { LogFields, Logger, LogLevel } from './log.ts';
import { formatRecord, type LogFormat, type LogRecord } from './log-line.ts';

/** Options of the logger. */
export interface LoggerOptions {
  /** Least level that is written. Default `info`. */
  readonly level?: LogLevel;
  /** Default `text`, or `journal` with that option. */
  readonly format?: LogFormat;
  /** Standard error is read by journald (JOURNAL_STREAM is set); of no meaning with `file`. */
  readonly journal?: boolean;
  /** Appends to this file instead of standard error. */
  readonly file?: string;
}

/** What the logger needs. */
export interface LoggerDeps {
  /** Default: the machine's. */
  readonly clock?: Pick<Clock, 'now' | 'after'>;
  /** Writes one line, line feed included. Default: the file, or standard error. */
  readonly write?: (line: string) => void;
}

/** The root of all loggers. */
export interface RootLogger extends Logger {
  /** Writes how often lines were repeated that nobody was told of yet. For the end of the program. */
  flush(): void;
}

const RANK: Readonly<Record<LogLevel, number>> = { debug: 0, info: 1, warn: 2, error: 3 };
/** A line that is said again within this time is counted, and written once more at its end with the count. */
const WINDOW_MS = 30_000;
/** Different lines that are remembered for that; the oldest is told of and forgotten first. */
const MAX_REMEMBERED = 256;

/** Makes the logger of the program. @throws an error of open(2) for a file that cannot be written */
export function createLogger(options: LoggerOptions, deps: LoggerDeps = {}): RootLogger {
  const sink = new LogSink(options, deps);
  return Object.assign(partLogger(sink, ''), { flush: () => sink.flush() });
}

function partLogger(sink: LogSink, part: string): Logger {
  const at =
    (level: LogLevel) =>
    (message: string, fields: LogFields = {}): void =>
      sink.log(level, part, { message, fields });
  return {
    debug: at('debug'),
    info: at('info'),
    warn: at('warn'),
    error: at('error'),
    child: (name) => partLogger(sink, part === '' ? name : `${part}/${name}`),
  };
}

interface Remembered {
  readonly record: LogRecord;
  repeats: number;
  timer: Timer;
}

class LogSink {
  readonly #rank: number;
  readonly #format: LogFormat;
  readonly #stacks: boolean;
  readonly #clock: Pick<Clock, 'now' | 'after'>;
  readonly #write: (line: string) => void;
  readonly #remembered = new Map<string, Remembered>();

  constructor(options: LoggerOptions, deps: LoggerDeps) {
    this.#rank = RANK[options.level ?? 'info'];
    this.#stacks = options.level === 'debug';
    this.#format = options.format ?? (options.journal && options.file === undefined ? 'journal' : 'text');
    this.#clock = deps.clock ?? systemClock;
    this.#write = deps.write ?? writerTo(options.file === undefined ? STANDARD_ERROR : openSync(options.file, 'a', LOG_FILE_MODE));
  }

  log(level: LogLevel, part: string, said: { readonly message: string; readonly fields: LogFields }): void {
    if (RANK[level] < this.#rank) return;
    const record = { timeMs: this.#clock.now(), level, part, ...said, repeats: 0 };
    // The journal form has no time: what is equal in it was said before.
    const key = formatRecord(record, 'journal', { stacks: false });
    const known = this.#remembered.get(key);
    if (known) known.repeats++;
    else {
      this.#put(record);
      this.#remember(key, record);
    }
  }

  flush(): void {
    for (const key of [...this.#remembered.keys()]) this.#forget(key);
  }

  #put(record: LogRecord): void {
    this.#write(`${formatRecord(record, this.#format, { stacks: this.#stacks })}\n`);
  }

  #remember(key: string, record: LogRecord): void {
    const [oldest] = this.#remembered.keys();
    if (this.#remembered.size >= MAX_REMEMBERED && oldest !== undefined) this.#forget(oldest);
    this.#remembered.set(key, { record, repeats: 0, timer: this.#clock.after(WINDOW_MS, () => this.#windowEnds(key)) });
  }

  /** What goes on being said is told of once a window; what has stopped is forgotten. */
  #windowEnds(key: string): void {
    const known = this.#remembered.get(key);
    if (!known || known.repeats === 0) {
      this.#remembered.delete(key);
      return;
    }
    this.#put({ ...known.record, timeMs: this.#clock.now(), repeats: known.repeats });
    known.repeats = 0;
    known.timer = this.#clock.after(WINDOW_MS, () => this.#windowEnds(key));
  }

  #forget(key: string): void {
    const known = this.#remembered.get(key);
    if (!known) return;
    known.timer.cancel();
    this.#remembered.delete(key);
    if (known.repeats > 0) this.#put({ ...known.record, timeMs: this.#clock.now(), repeats: known.repeats });
  }
}

/** File descriptor of standard error. */
const STANDARD_ERROR = 2;
const LOG_FILE_MODE = 0o640;
/** Tries to write to a pipe that is full: its reader may be a moment late, but a reader that stands still must not stop the program. */
const MAX_TRIES = 1_000;

function writerTo(descriptor: number): (line: string) => void {
  return (line) => {
    let bytes = Buffer.from(line);
    for (let tries = 0; bytes.length > 0 && tries < MAX_TRIES; tries++) {
      try {
        bytes = bytes.subarray(writeSync(descriptor, bytes));
      } catch (error) {
        // Nobody reads any more, or the disk is full: there is no one left to tell.
        if (!hasCode(error, 'EAGAIN')) return;
      }
    }
  };
}
