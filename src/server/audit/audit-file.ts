// The audit log's file: lines that come together are written together, the file is rotated by size, old ones are deleted.

import { mkdirSync } from 'node:fs';
import { type FileHandle, open, readdir, rename, rm } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import type { Clock } from '../../base/clock.ts';
import { KtsError, messageOf } from '../../base/errors.ts';
import { backupName, obsoleteBackups, type RotationLimits } from './audit-rotation.ts';
import type { AuditOutput } from './audit-sink.ts';

/** Most bytes that wait for a slow disk: some 10,000 events without objects. */
const MAX_WAITING_BYTES = 16 << 20;
const MEGABYTE = 1 << 20;

/** Where the log is and how it is rotated. */
export interface AuditFileOptions extends RotationLimits {
  /** `-` = standard output. */
  readonly path: string;
  /** Megabytes after which the file is put aside. */
  readonly maxSizeMb: number;
}

/** The file. */
export class AuditFile implements AuditOutput {
  readonly name = 'audit-file';
  readonly plugin = 'log';
  readonly parallel = 1;
  readonly #options: AuditFileOptions;
  readonly #clock: Pick<Clock, 'now'>;
  #waiting: string[] = [];
  #waitingBytes = 0;
  /** The write that is under way, however it ends. */
  #writing: Promise<void> = Promise.resolve();
  /** The one after it, which takes all that waits. */
  #next: Promise<void> | undefined;
  #file: FileHandle | undefined;
  #fileBytes = 0;

  constructor(options: AuditFileOptions, deps: { readonly clock: Pick<Clock, 'now'> }) {
    this.#options = options;
    this.#clock = deps.clock;
  }

  /** @throws KtsError `audit-log` when the file cannot be written */
  async start(): Promise<void> {
    if (this.#options.path === '-') return;
    try {
      mkdirSync(dirname(this.#options.path), { recursive: true, mode: 0o700 });
      await this.#open();
    } catch (error) {
      throw new KtsError('audit-log', `--audit-log-path: ${messageOf(error)}`, { cause: error });
    }
    await this.#prune();
  }

  /** Closes the file; what comes after that opens it again. */
  async stop(): Promise<void> {
    await this.#next?.catch(() => {}); // Who wrote is told.
    await this.#writing;
    await this.#file?.close();
    this.#file = undefined;
  }

  /** Writes lines. @throws KtsError `audit-log` when too much waits, or whatever keeps the file from being written */
  deliver(lines: readonly string[]): Promise<void> {
    const bytes = lines.reduce((sum, line) => sum + line.length, 0);
    if (this.#waitingBytes + bytes > MAX_WAITING_BYTES) return Promise.reject(new KtsError('audit-log', 'the disk does not keep up'));
    this.#waiting.push(...lines);
    this.#waitingBytes += bytes;
    this.#next ??= this.#writing.then(() => this.#writeWaiting());
    return this.#next;
  }

  async #writeWaiting(): Promise<void> {
    const lines = this.#waiting;
    this.#next = undefined;
    this.#waiting = [];
    this.#waitingBytes = 0;
    const written = this.#writeOut(Buffer.from(lines.join('')));
    this.#writing = written.catch(() => {}); // Those who wait for these lines are told; the next are another matter.
    await written;
  }

  async #writeOut(bytes: Buffer): Promise<void> {
    if (this.#options.path === '-') {
      process.stdout.write(bytes);
      return;
    }
    if (this.#fileBytes > 0 && this.#fileBytes + bytes.byteLength > this.#options.maxSizeMb * MEGABYTE) await this.#rotate();
    this.#file ??= await this.#open();
    await this.#file.appendFile(bytes);
    this.#fileBytes += bytes.byteLength;
  }

  async #open(): Promise<FileHandle> {
    // Read by the operator alone: it may hold what requests held.
    const file = await open(this.#options.path, 'a', 0o600);
    this.#file = file;
    this.#fileBytes = (await file.stat()).size;
    return file;
  }

  async #rotate(): Promise<void> {
    const { path } = this.#options;
    await this.#file?.close();
    this.#file = undefined;
    await rename(path, join(dirname(path), backupName(basename(path), this.#clock.now())));
    await this.#prune();
  }

  async #prune(): Promise<void> {
    const { path } = this.#options;
    const names = await readdir(dirname(path));
    for (const name of obsoleteBackups(basename(path), names, { ...this.#options, nowMs: this.#clock.now() })) {
      await rm(join(dirname(path), name), { force: true });
    }
  }
}
