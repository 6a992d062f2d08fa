// The logger of a long-lived command, by its flags.

import { openSync, writeSync } from 'node:fs';
import { systemClock } from '../base/clock.ts';
import { createLogger, type RootLogger } from '../base/logger.ts';
import type { NodeOptions } from './options.ts';

/** Logs to the file of `--log`, else to standard error: readable lines, with priorities where journald reads them. */
export function openLogger(options: Pick<NodeOptions, 'debug' | 'logFile'>): RootLogger {
  const file = options.logFile === undefined ? undefined : openSync(options.logFile, 'a', 0o640);
  const format = file === undefined && process.env['JOURNAL_STREAM'] !== undefined ? 'journal' : 'text';
  return createLogger(
    { level: options.debug ? 'debug' : 'info', format },
    { clock: systemClock, ...(file !== undefined && { write: (line: string) => void writeSync(file, line) }) },
  );
}
