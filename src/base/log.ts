// Logging as a port. The message is constant and lower case; what varies goes into fields.

/** Level of a line; `info` means an operator would act on it or look for it. */
export type LogLevel = 'debug' | 'info' | 'warn' | 'error';

/** Values of a log line. An `error` field may hold an Error: its message and causes are written, its stack only at debug. */
export type LogFields = Readonly<Record<string, unknown>>;

/** A logger of one part of the program. */
export interface Logger {
  debug(message: string, fields?: LogFields): void;
  info(message: string, fields?: LogFields): void;
  warn(message: string, fields?: LogFields): void;
  error(message: string, fields?: LogFields): void;
  /** A logger whose lines carry `part` (nested with `/`). */
  child(part: string): Logger;
}

/** A logger that drops everything. */
export const silentLogger: Logger = {
  debug() {},
  info() {},
  warn() {},
  error() {},
  child: () => silentLogger,
};
