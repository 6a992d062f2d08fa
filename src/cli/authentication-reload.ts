// Reads the file of --authentication-config again when it changes. What cannot be used leaves in force what was, and is told.

import { type FSWatcher, watch } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { Clock, Timer } from '../base/clock.ts';
import type { Component } from '../base/component.ts';
import { messageOf } from '../base/errors.ts';
import type { Logger } from '../base/log.ts';
import type { AuthenticationConfiguration, ConfigurationContext } from '../server/auth/oidc/authentication-configuration.ts';
import { parseAuthentication } from './authentication-file.ts';

/** The file is looked at this often, too: not every file system tells of changes. */
const POLL_MS = 60_000;
/** An editor writes a file in several steps; they are waited for. */
const SETTLE_MS = 200;

/** Which file, and what is done with it. */
export interface AuthenticationReloadOptions {
  readonly path: string;
  /** What it said when it was read first. */
  readonly text: string;
  readonly context: ConfigurationContext;
  /** Takes the configuration of a changed file. */
  readonly use: (configuration: AuthenticationConfiguration) => void;
}

/** The watch over the file. */
export class AuthenticationReload implements Component {
  readonly name = 'authentication-config';
  readonly #options: AuthenticationReloadOptions;
  readonly #clock: Clock;
  readonly #log: Logger;
  #watcher: FSWatcher | undefined;
  #timer: Timer | undefined;
  #reading: Promise<void> | undefined;
  /** What was read last, good or bad. */
  #text: string;
  #isStopped = false;

  constructor(options: AuthenticationReloadOptions, deps: { readonly clock: Clock; readonly log: Logger }) {
    this.#options = options;
    this.#text = options.text;
    this.#clock = deps.clock;
    this.#log = deps.log;
  }

  async start(): Promise<void> {
    try {
      // The directory: the file itself may be replaced, or be a link into another directory that is.
      this.#watcher = watch(dirname(this.#options.path), () => this.#lookIn(SETTLE_MS));
      this.#watcher.on('error', (error) => this.#log.warn('watching authentication config file failed', { error: messageOf(error) }));
      this.#watcher.unref();
    } catch (error) {
      this.#log.warn('watching authentication config file failed', { error: messageOf(error) });
    }
    this.#lookIn(SETTLE_MS); // It may have changed while the server started.
  }

  async stop(): Promise<void> {
    this.#isStopped = true;
    this.#watcher?.close();
    this.#timer?.cancel();
    await this.#reading;
  }

  #lookIn(ms: number): void {
    if (this.#isStopped) return;
    this.#timer?.cancel();
    this.#timer = this.#clock.after(ms, () => {
      // Who is reading already looks once more when done: what it reads may be older.
      this.#reading = (this.#reading ?? Promise.resolve()).then(() => this.#read());
    });
  }

  /** Never rejects. */
  async #read(): Promise<void> {
    const { path, context, use } = this.#options;
    try {
      const text = await readFile(path, 'utf8');
      if (text !== this.#text && text !== '') {
        this.#text = text;
        use(await parseAuthentication(text, { path, ...context }));
        this.#log.info('reloaded authentication config', { path });
      }
    } catch (error) {
      this.#log.error('failed to load authentication config', { path, error: messageOf(error) });
    }
    this.#lookIn(POLL_MS);
  }
}
