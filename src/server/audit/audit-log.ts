// The audit log's file: lines are gathered and written together, the file is rotated by size, old ones are deleted. Never holds up a
// request: what the disk cannot take is dropped, counted, and told once.

import { mkdirSync } from 'node:fs';
import { type FileHandle, open, readdir, rename, rm } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import type { Clock, Timer } from '../../base/clock.ts';
import type { Component } from '../../base/component.ts';
import { KtsError, messageOf } from '../../base/errors.ts';
import type { Logger } from '../../base/log.ts';
import { backupName, obsoleteBackups, type RotationLimits } from './audit-rotation.ts';

/** Lines wait at most this long to be written with others: a crash loses no more. */
const GATHER_MS = 1_000;
/** … or until they are as many bytes. */
const GATHER_BYTES = 64 << 10;
/** Most bytes that wait for a slow disk: some 10,000 events without objects. */
const MAX_WAITING_BYTES = 16 << 20;
const MEGABYTE = 1 << 20;

/** Where the log is and how it is rotated. */
export interface AuditLogOptions extends RotationLimits {
  /** `-` = standard output. */
  readonly path: string;
  /** Megabytes after which the file is put aside. */
  readonly maxSizeMb: number;
}

/** The log. */
export class AuditLog implements Component {
  readonly name = 'audit-log';
  readonly #options: AuditLogOptions;
  readonly #clock: Clock;
  readonly #log: Logger;
  #waiting: string[] = [];
  #waitingBytes = 0;
  #timer: Timer | undefined;
  #file: FileHandle | undefined;
  #fileBytes = 0;
  #writing: Promise<void> | undefined;
  #events = 0;
  #dropped = 0;
  #isFailing = false;

  constructor(options: AuditLogOptions, deps: { clock: Clock; log: Logger }) {
    this.#options = options;
    this.#clock = deps.clock;
    this.#log = deps.log;
  }

  /** Events that were taken, and those that could not be written. */
  get counts(): { readonly events: number; readonly dropped: number } {
    return { events: this.#events, dropped: this.#dropped };
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

  /** Writes what waits. */
  async stop(): Promise<void> {
    this.#timer?.cancel();
    await this.#flush();
    await this.#file?.close();
    this.#file = undefined;
  }

  /** Takes one line. */
  readonly write = (line: string): void => {
    this.#events++;
    if (this.#waitingBytes + line.length > MAX_WAITING_BYTES) {
      this.#drop(1, 'the disk does not keep up');
      return;
    }
    this.#waiting.push(line);
    this.#waitingBytes += line.length;
    if (this.#waitingBytes >= GATHER_BYTES) void this.#flush();
    else this.#timer ??= this.#clock.after(GATHER_MS, () => void this.#flush());
  };

  /** Writes until nothing waits. One at a time; who comes meanwhile waits for the same. Never rejects. */
  #flush(): Promise<void> {
    this.#writing ??= this.#writeAll().finally(() => {
      this.#writing = undefined;
    });
    return this.#writing;
  }

  async #writeAll(): Promise<void> {
    this.#timer?.cancel();
    this.#timer = undefined;
    while (this.#waiting.length > 0) {
      const lines = this.#waiting;
      this.#waiting = [];
      this.#waitingBytes = 0;
      try {
        await this.#writeOut(Buffer.from(lines.join('')));
        this.#isFailing = false;
      } catch (error) {
        this.#drop(lines.length, messageOf(error));
      }
    }
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

  #drop(count: number, why: string): void {
    this.#dropped += count;
    if (this.#isFailing) return;
    this.#isFailing = true;
    this.#log.error('audit events are lost', { path: this.#options.path, error: why });
  }
}
