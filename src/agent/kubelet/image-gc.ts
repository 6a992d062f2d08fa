// Removes images nobody uses when the disk fills up (documentation page "Garbage Collection": above 85 %, down to 80 %).

import type { Clock } from '../../base/clock.ts';
import { type Component, TaskGroup } from '../../base/component.ts';
import { messageOf } from '../../base/errors.ts';
import type { Logger } from '../../base/log.ts';
import type { Image } from '../../cri/messages.gen.ts';
import type { ImageService } from '../../cri/runtime.ts';
import type { DiskFacts } from './node-facts.ts';

/** An image with what the collector knows of it. */
export interface KnownImage {
  readonly id: string;
  readonly size: number;
  /** When a container used it last; when it was first seen, if none did. Milliseconds. */
  readonly lastUsedMs: number;
  readonly firstSeenMs: number;
  readonly inUse: boolean;
  readonly pinned: boolean;
}

/** Thresholds in percent of the file system. */
export interface ImageGcOptions {
  /** Default 85. */
  readonly highPercent?: number;
  /** Default 80. */
  readonly lowPercent?: number;
}

const HIGH_PERCENT = 85;
const LOW_PERCENT = 80;
/** A younger image was perhaps pulled for a pod that is just starting. */
const MIN_AGE_MS = 120_000;
const EVERY_MS = 300_000;

/** The ids to remove, least recently used first, until the disk is below the low threshold. Pure. */
export function planImageGc(
  images: readonly KnownImage[],
  disk: DiskFacts,
  options: ImageGcOptions & { readonly nowMs: number },
): readonly string[] {
  const used = disk.bytes - disk.availableBytes;
  if (disk.bytes === 0 || (used * 100) / disk.bytes < (options.highPercent ?? HIGH_PERCENT)) return [];
  let excess = used - (disk.bytes * (options.lowPercent ?? LOW_PERCENT)) / 100;
  const candidates = images
    .filter((i) => !i.inUse && !i.pinned && options.nowMs - i.firstSeenMs >= MIN_AGE_MS)
    .sort((a, b) => a.lastUsedMs - b.lastUsedMs || a.firstSeenMs - b.firstSeenMs);
  const remove: string[] = [];
  for (const image of candidates) {
    if (excess <= 0) break;
    remove.push(image.id);
    excess -= image.size;
  }
  return remove;
}

/** What the collector needs. */
export interface ImageGcDeps {
  readonly images: Pick<ImageService, 'listImages' | 'removeImage'>;
  readonly clock: Clock;
  readonly log: Logger;
  /** Images (ids and names) containers were made from. */
  used(): ReadonlySet<string>;
  pinned(): ReadonlySet<string>;
  disk(): Promise<DiskFacts>;
}

/** The collector. */
export class ImageGc implements Component {
  readonly name = 'image-gc';
  readonly #options: ImageGcOptions;
  readonly #deps: ImageGcDeps;
  readonly #tasks: TaskGroup;
  /** Times by image id; bounded by the images there are. */
  #times = new Map<string, { readonly firstSeenMs: number; readonly lastUsedMs: number }>();

  constructor(options: ImageGcOptions, deps: ImageGcDeps) {
    this.#options = options;
    this.#deps = deps;
    this.#tasks = new TaskGroup(deps.log);
  }

  async start(): Promise<void> {
    this.#tasks.run('collect', async (signal) => {
      for (;;) {
        await this.#deps.clock.sleep(EVERY_MS, signal);
        await this.#tryCollect();
      }
    });
  }

  async stop(): Promise<void> {
    await this.#tasks.stop();
  }

  async #tryCollect(): Promise<void> {
    try {
      await this.collect();
    } catch (error) {
      this.#deps.log.warn('collecting images failed', { error: messageOf(error) });
    }
  }

  /** Looks once and removes what the plan says. */
  async collect(): Promise<void> {
    const { images, clock, log } = this.#deps;
    const known = this.#look(await images.listImages());
    for (const id of planImageGc(known, await this.#deps.disk(), { ...this.#options, nowMs: clock.now() })) {
      await images.removeImage(id);
      log.info('removed an unused image', { image: id });
    }
  }

  #look(images: readonly Image[]): KnownImage[] {
    const nowMs = this.#deps.clock.now();
    const used = this.#deps.used();
    const pinned = this.#deps.pinned();
    const times = new Map<string, { firstSeenMs: number; lastUsedMs: number }>();
    const known = images.map((image): KnownImage => {
      const names = [image.id, ...image.repoTags, ...image.repoDigests];
      const inUse = names.some((n) => used.has(n));
      const before = this.#times.get(image.id);
      const firstSeenMs = before?.firstSeenMs ?? nowMs;
      const lastUsedMs = inUse ? nowMs : (before?.lastUsedMs ?? 0);
      times.set(image.id, { firstSeenMs, lastUsedMs });
      return { id: image.id, size: image.size, firstSeenMs, lastUsedMs, inUse, pinned: image.pinned || names.some((n) => pinned.has(n)) };
    });
    this.#times = times;
    return known;
  }
}
