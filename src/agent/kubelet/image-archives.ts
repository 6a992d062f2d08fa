// Imports image archives from a directory (`<data-dir>/agent/images`): all at start, and those that appear later. Images that came
// this way, and the built-in ones, are pinned: the garbage collector leaves them alone.

import { type FSWatcher, watch } from 'node:fs';
import { mkdir, readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { Clock, Timer } from '../../base/clock.ts';
import { type Component, TaskGroup } from '../../base/component.ts';
import { messageOf } from '../../base/errors.ts';
import type { Logger } from '../../base/log.ts';
import { type ImageImporter, importImages, isImageArchive } from '../../cri/image-import.ts';
import type { ImageService } from '../../cri/runtime.ts';

/** Options. */
export interface ImageArchivesOptions {
  readonly directory: string;
  /** Images of kts itself: name and the archive it is imported from when it is missing. */
  readonly builtin: readonly { readonly name: string; archive(): Uint8Array }[];
}

/** What importing needs. */
export interface ImageArchivesDeps {
  /** A new one each time: containerd may have been restarted. */
  importer(): ImageImporter;
  readonly images: Pick<ImageService, 'imageStatus' | 'listImages'>;
  readonly clock: Clock;
  readonly log: Logger;
}

/** A file that is still being written changes within this time. */
const SETTLE_MS = 500;
/** fs.watch loses events on some file systems. */
const RESCAN_MS = 60_000;

/** Imports archives. `start` resolves when the built-in images and all archives there are imported. */
export class ImageArchives implements Component {
  readonly name = 'image-archives';
  readonly #options: ImageArchivesOptions;
  readonly #deps: ImageArchivesDeps;
  readonly #tasks: TaskGroup;
  /** Archives imported, by name with size and time of change. Bounded by the directory. */
  #seen = new Map<string, string>();
  readonly #pinned = new Set<string>();
  #watcher: FSWatcher | undefined;
  #timer: Timer | undefined;
  #scanning = Promise.resolve();

  constructor(options: ImageArchivesOptions, deps: ImageArchivesDeps) {
    this.#options = options;
    this.#deps = deps;
    this.#tasks = new TaskGroup(deps.log);
  }

  /** Ids and names of images that are never collected. */
  get pinned(): ReadonlySet<string> {
    return this.#pinned;
  }

  async start(): Promise<void> {
    for (const { name, archive } of this.#options.builtin) {
      if (!(await this.#deps.images.imageStatus(name))) await importImages(this.#deps.importer(), { bytes: archive() });
      this.#pinned.add(name);
    }
    await mkdir(this.#options.directory, { recursive: true, mode: 0o755 });
    this.#watcher = watch(this.#options.directory, () => this.#scanIn(SETTLE_MS));
    this.#watcher.on('error', (error) => this.#deps.log.warn('watching the image directory failed', { error: error.message }));
    await this.#scan();
    this.#tasks.run('rescan', (signal) => this.#rescan(signal));
  }

  async stop(): Promise<void> {
    this.#watcher?.close();
    this.#timer?.cancel();
    await this.#tasks.stop();
    await this.#scanning;
  }

  async #rescan(signal: AbortSignal): Promise<void> {
    for (;;) {
      await this.#deps.clock.sleep(RESCAN_MS, signal);
      await this.#scan();
    }
  }

  #scanIn(ms: number): void {
    this.#timer?.cancel();
    this.#timer = this.#deps.clock.after(ms, () => this.#tasks.run('scan', () => this.#scan()));
  }

  /** One scan after the other. */
  #scan(): Promise<void> {
    this.#scanning = this.#scanning.then(() => this.#importNew());
    return this.#scanning;
  }

  async #importNew(): Promise<void> {
    const present = new Map<string, string>();
    for (const name of (await readdir(this.#options.directory)).filter(isImageArchive).sort()) {
      const info = await stat(join(this.#options.directory, name)).catch(() => undefined); // deleted meanwhile
      if (!info?.isFile()) continue;
      const mark = `${info.size}/${info.mtimeMs}`;
      if (this.#seen.get(name) === mark || (await this.#import(name))) present.set(name, mark);
    }
    this.#seen = present;
  }

  /** Imports one archive; one that cannot be read is reported and tried again when the directory is looked at again. */
  async #import(name: string): Promise<boolean> {
    const { images, log } = this.#deps;
    try {
      const before = new Set((await images.listImages()).flatMap((i) => [...i.repoTags]));
      await importImages(this.#deps.importer(), { file: join(this.#options.directory, name) });
      const after = (await images.listImages()).flatMap((i) => [...i.repoTags]);
      const added = after.filter((tag) => !before.has(tag));
      for (const tag of added) this.#pinned.add(tag);
      log.info('imported images', { archive: name, images: added.join(' ') });
      return true;
    } catch (error) {
      log.error('importing an image archive failed', { archive: name, error: messageOf(error) });
      return false;
    }
  }
}
