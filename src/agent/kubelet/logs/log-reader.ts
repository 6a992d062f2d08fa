// Reads a container's log for a client: from the end or the beginning, since a time, up to a number of bytes, and on and on while
// the container writes, across rotation. As documented for upstream, reading starts in the newest file of the container.

import { type FSWatcher, watch } from 'node:fs';
import { type FileHandle, open, stat } from 'node:fs/promises';
import { basename, dirname } from 'node:path';
import type { Clock } from '../../../base/clock.ts';
import { LineFormatter, type LineOptions, parseLogLine } from './cri-log.ts';

/** What to read. */
export interface LogRequest extends LineOptions {
  /** The log file of the container's instance. */
  readonly path: string;
  /** Only so many last lines of the file. */
  readonly tailLines?: number | undefined;
  /** Ends after so many bytes of output. */
  readonly limitBytes?: number | undefined;
  readonly follow: boolean;
}

/** What following needs. */
export interface LogReaderDeps {
  readonly clock: Pick<Clock, 'after'>;
  /** Whether the container may still write; asked when there is nothing to read. */
  readonly running: () => boolean;
  /** Takes output; resolves when there is room for more. */
  readonly write: (bytes: Buffer) => Promise<void>;
  readonly signal: AbortSignal;
}

const BLOCK_BYTES = 64 * 1024;
/** Longest line kept while waiting for its end: the runtime splits at 16 KiB; more is a damaged file. */
const MAX_LINE_BYTES = 1 << 20;
/** A container that ended is noticed after this time at the latest, when its log says nothing more. */
const RUNNING_CHECK_MS = 1_000;
const LINE_FEED = 0x0a;

/** Offset at which the last `lines` lines of the file begin. A last line without a line feed counts. */
export async function tailOffset(file: FileHandle, lines: number): Promise<number> {
  const { size } = await file.stat();
  if (lines <= 0) return size;
  const block = Buffer.allocUnsafe(BLOCK_BYTES);
  let left = lines;
  for (let end = size; end > 0; ) {
    const start = Math.max(0, end - BLOCK_BYTES);
    const { bytesRead } = await file.read(block, 0, end - start, start);
    for (let at = bytesRead - 1; at >= 0; at--) {
      // The line feed at the very end closes the last line, it does not begin one.
      if (block[at] !== LINE_FEED || start + at === size - 1) continue;
      left--;
      if (left === 0) return start + at + 1;
    }
    end = start;
  }
  return 0;
}

/** Reads to the end (or, with `follow`, until the container has ended or the signal aborts). @throws the errors of open(2) */
export async function readLog(request: LogRequest, deps: LogReaderDeps): Promise<void> {
  const reader = new LogReader(request, deps);
  try {
    await reader.run();
  } finally {
    await reader.close();
  }
}

class LogReader {
  readonly #request: LogRequest;
  readonly #deps: LogReaderDeps;
  readonly #formatter: LineFormatter;
  readonly #block = Buffer.allocUnsafe(BLOCK_BYTES);
  #file: FileHandle | undefined;
  #offset = 0;
  #rest = Buffer.alloc(0);
  #budget: number;
  #watcher: FSWatcher | undefined;
  #changed = false;
  #wake: (() => void) | undefined;

  constructor(request: LogRequest, deps: LogReaderDeps) {
    this.#request = request;
    this.#deps = deps;
    this.#formatter = new LineFormatter(request);
    this.#budget = request.limitBytes ?? Number.POSITIVE_INFINITY;
  }

  async run(): Promise<void> {
    const { path, tailLines, follow } = this.#request;
    this.#file = await open(path);
    if (tailLines !== undefined) this.#offset = await tailOffset(this.#file, tailLines);
    if (follow) this.#watch();
    while (!this.#deps.signal.aborted && this.#budget > 0) {
      // Asked before reading: what was written before the end is then surely read.
      const last = !follow || !this.#deps.running();
      if (await this.#readOn()) continue;
      if (follow && (await this.#nextFile())) continue;
      if (last) break;
      await this.#change();
    }
    if (!this.#deps.signal.aborted) await this.#writeLine(this.#rest);
  }

  async close(): Promise<void> {
    this.#watcher?.close();
    await this.#file?.close();
  }

  /** Reads one block. @returns whether there was something */
  async #readOn(): Promise<boolean> {
    if (!this.#file) return false;
    const { bytesRead } = await this.#file.read(this.#block, 0, BLOCK_BYTES, this.#offset);
    if (bytesRead === 0) return false;
    this.#offset += bytesRead;
    let bytes = Buffer.concat([this.#rest, this.#block.subarray(0, bytesRead)]);
    const output: Buffer[] = [];
    for (let end = bytes.indexOf(LINE_FEED); end >= 0; end = bytes.indexOf(LINE_FEED)) {
      output.push(...this.#formatted(bytes.subarray(0, end)));
      bytes = bytes.subarray(end + 1);
    }
    this.#rest = bytes.length > MAX_LINE_BYTES ? Buffer.alloc(0) : Buffer.from(bytes);
    await this.#write(Buffer.concat(output));
    return true;
  }

  #formatted(line: Buffer): Buffer[] {
    const parsed = parseLogLine(line);
    const text = parsed && this.#formatter.format(parsed);
    return text ? [text] : [];
  }

  /** A line that was never finished, at the end of everything. */
  async #writeLine(line: Buffer): Promise<void> {
    if (line.length > 0) await this.#write(Buffer.concat(this.#formatted(line)));
  }

  async #write(bytes: Buffer): Promise<void> {
    const within = bytes.subarray(0, this.#budget);
    this.#budget -= within.length;
    if (within.length > 0) await this.#deps.write(within);
  }

  /** After rotation: the old file has been read to its end, the path names a new one. */
  async #nextFile(): Promise<boolean> {
    const current = await stat(this.#request.path).catch(() => undefined); // Between rename and reopen there is none.
    const own = await this.#file?.stat();
    if (!current || !own || (current.ino === own.ino && current.dev === own.dev)) return false;
    const next = await open(this.#request.path).catch(() => undefined);
    if (!next) return false;
    // What the runtime wrote to the old file up to the moment it opened the new one.
    while (await this.#readOn());
    await this.#writeLine(this.#rest);
    this.#rest = Buffer.alloc(0);
    await this.#file?.close();
    this.#file = next;
    this.#offset = 0;
    return true;
  }

  #watch(): void {
    const name = basename(this.#request.path);
    this.#watcher = watch(dirname(this.#request.path), { persistent: false }, (_event, changed) => {
      if (changed === null || changed === name) this.#notify();
    });
    this.#watcher.on('error', () => {
      // The directory went away with its pod; the check of `running` ends the reading.
    });
  }

  #notify(): void {
    this.#changed = true;
    this.#wake?.();
  }

  /** Resolves when the file may have changed, at an abort, or when it is time to look at the container. */
  async #change(): Promise<void> {
    const { signal, clock } = this.#deps;
    if (!this.#changed) {
      await new Promise<void>((resolve) => {
        const timer = clock.after(RUNNING_CHECK_MS, done);
        function done(): void {
          timer.cancel();
          signal.removeEventListener('abort', done);
          resolve();
        }
        this.#wake = done;
        signal.addEventListener('abort', done, { once: true });
      });
    }
    this.#wake = undefined;
    this.#changed = false;
  }
}
