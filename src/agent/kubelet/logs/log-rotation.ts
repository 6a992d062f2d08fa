// Rotation of container logs: a file beyond its size is renamed, the runtime opens a new one, older ones are compressed, the oldest
// removed. Names and order are upstream's: `0.log`, `0.log.20260102-030405` (the newest rotated one, plain), `….gz` (older).

import { createReadStream, createWriteStream } from 'node:fs';
import { readdir, rename, rm, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { createGzip } from 'node:zlib';
import { type Clock, rfc3339 } from '../../../base/clock.ts';
import { type Component, TaskGroup } from '../../../base/component.ts';
import { messageOf } from '../../../base/errors.ts';
import type { Logger } from '../../../base/log.ts';
import type { PodDirectory } from '../pod-directory.ts';

/** Limits, named as in the kubelet's configuration. */
export interface LogRotationOptions {
  /** `containerLogMaxSize` in bytes. Default 10 MiB. */
  readonly maxBytes?: number;
  /** `containerLogMaxFiles`, the current one included. Default 5, at least 2. */
  readonly maxFiles?: number;
  /** `containerLogMonitorInterval`. Default 10 s. */
  readonly intervalMs?: number;
}

/** What rotation needs. */
export interface LogRotationDeps {
  readonly pods: Pick<PodDirectory, 'pods' | 'containers' | 'reopenLog'>;
  readonly clock: Pick<Clock, 'now' | 'sleep'>;
  readonly log: Logger;
}

const DEFAULT_MAX_BYTES = 10 << 20;
const DEFAULT_MAX_FILES = 5;
const DEFAULT_INTERVAL_MS = 10_000;
const COMPRESSED = '.gz';
const TEMPORARY = '.tmp';

/** What happens to the rotated files of one log before the current one is renamed. */
export interface RotationPlan {
  readonly remove: readonly string[];
  readonly compress: readonly string[];
}

/**
 * Decides from the names of a directory. Of the files that stay, all but the newest are compressed; with the one that is about to be
 * made and the current one there are at most `maxFiles`.
 */
export function planRotation(names: readonly string[], current: string, maxFiles: number): RotationPlan {
  const own = names.filter((name) => name.startsWith(`${current}.`)).sort();
  const broken = own.filter((name) => name.endsWith(TEMPORARY));
  // A compressed file whose original is still there was cut off by a crash.
  const doubled = own.filter((name) => name.endsWith(COMPRESSED) && own.includes(name.slice(0, -COMPRESSED.length)));
  const rotated = own.filter((name) => !broken.includes(name) && !doubled.includes(name));
  const keep = Math.max(maxFiles - 2, 0);
  const surplus = rotated.slice(0, Math.max(rotated.length - keep, 0));
  const compress = rotated.filter((name) => !surplus.includes(name) && !name.endsWith(COMPRESSED));
  return { remove: [...broken, ...doubled, ...surplus], compress };
}

/** Looks at the logs of running containers from time to time. */
export class LogRotation implements Component {
  readonly name = 'log rotation';
  readonly #maxBytes: number;
  readonly #maxFiles: number;
  readonly #intervalMs: number;
  readonly #deps: LogRotationDeps;
  readonly #tasks: TaskGroup;

  constructor(options: LogRotationOptions, deps: LogRotationDeps) {
    this.#maxBytes = options.maxBytes ?? DEFAULT_MAX_BYTES;
    this.#maxFiles = Math.max(options.maxFiles ?? DEFAULT_MAX_FILES, 2);
    this.#intervalMs = options.intervalMs ?? DEFAULT_INTERVAL_MS;
    this.#deps = deps;
    this.#tasks = new TaskGroup(deps.log);
  }

  async start(): Promise<void> {
    this.#tasks.run('rotate logs', async (signal) => {
      for (;;) {
        await this.#deps.clock.sleep(this.#intervalMs, signal);
        await this.rotateAll(signal);
      }
    });
  }

  async stop(): Promise<void> {
    await this.#tasks.stop();
  }

  /** One round over all running containers. A log that fails is logged and tried in the next round. */
  async rotateAll(signal: AbortSignal): Promise<void> {
    for (const pod of this.#deps.pods.pods()) {
      for (const container of this.#deps.pods.containers(pod.metadata.uid ?? '')) {
        if (signal.aborted) return;
        if (container.state !== 'running' || container.logPath === '') continue;
        try {
          const { size } = await stat(container.logPath).catch(() => ({ size: 0 })); // Not written yet.
          if (size >= this.#maxBytes) await this.#rotate(container.id, container.logPath);
        } catch (error) {
          this.#deps.log.warn('container log not rotated', { container: container.id, error: messageOf(error) });
        }
      }
    }
  }

  async #rotate(containerId: string, path: string): Promise<void> {
    const directory = dirname(path);
    const plan = planRotation(await readdir(directory), basename(path), this.#maxFiles);
    for (const name of plan.remove) await rm(join(directory, name), { force: true });
    for (const name of plan.compress) await compress(join(directory, name));
    const stamp = rfc3339(this.#deps.clock.now()).replace(/[-:Z]/g, '').replace('T', '-');
    const rotated = `${path}.${stamp}`;
    await rename(path, rotated);
    try {
      await this.#deps.pods.reopenLog(containerId);
    } catch (error) {
      // The runtime still writes to the renamed file: give it its name back, or its output would be lost to readers.
      await rename(rotated, path);
      throw error;
    }
  }
}

async function compress(path: string): Promise<void> {
  const temporary = `${path}${TEMPORARY}`;
  await pipeline(createReadStream(path), createGzip(), createWriteStream(temporary));
  await rename(temporary, `${path}${COMPRESSED}`);
  await rm(path);
}
