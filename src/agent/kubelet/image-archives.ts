// Imports image archives from a directory (`<data-dir>/agent/images`): the new ones at start, and those that appear later. Images that
// came this way, and the built-in ones, are pinned: the garbage collector leaves them alone.

import { type FSWatcher, watch } from 'node:fs';
import { mkdir, readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { Clock, Timer } from '../../base/clock.ts';
import { type Component, TaskGroup } from '../../base/component.ts';
import { messageOf } from '../../base/errors.ts';
import type { Logger } from '../../base/log.ts';
import { type ImageImporter, importImages, isImageArchive } from '../../cri/image-import.ts';
import type { ImageService } from '../../cri/runtime.ts';
import { type ImportedArchive, ImportedArchivesFile } from './imported-archives.ts';

/** Options. */
export interface ImageArchivesOptions {
  readonly directory: string;
  /** File that tells the next process what was imported. */
  readonly recordPath: string;
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
  readonly #record: ImportedArchivesFile;
  /** Archives imported, by name. Bounded by the directory. */
  #seen = new Map<string, ImportedArchive>();
  readonly #pinned = new Set<string>();
  #watcher: FSWatcher | undefined;
  #timer: Timer | undefined;
  #scanning = Promise.resolve();

  constructor(options: ImageArchivesOptions, deps: ImageArchivesDeps) {
    this.#options = options;
    this.#deps = deps;
    this.#tasks = new TaskGroup(deps.log);
    this.#record = new ImportedArchivesFile(options.recordPath);
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
    await this.#recall();
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

  /** Takes up what an earlier process imported, as far as containerd still has it. */
  async #recall(): Promise<void> {
    const tags = await this.#tags();
    this.#seen = new Map(
      [...this.#record.read()].filter(([, { images }]) => images.length > 0 && images.every((image) => tags.has(image))),
    );
    for (const { images } of this.#seen.values()) this.#pin(images);
  }

  async #importNew(): Promise<void> {
    const present = new Map<string, ImportedArchive>();
    for (const name of (await readdir(this.#options.directory)).filter(isImageArchive).sort()) {
      const info = await stat(join(this.#options.directory, name)).catch(() => undefined); // deleted meanwhile
      if (!info?.isFile()) continue;
      const mark = `${info.size}/${info.mtimeMs}/${this.#deps.importer().snapshotter}`;
      const seen = this.#seen.get(name);
      const imported = seen?.mark === mark ? seen : await this.#import(name, mark);
      if (imported) present.set(name, imported);
    }
    const changed = present.size !== this.#seen.size || [...present].some(([name, archive]) => this.#seen.get(name) !== archive);
    this.#seen = present;
    if (changed) this.#save();
  }

  /** Imports one archive; one that cannot be read is reported and tried again when the directory is looked at again. */
  async #import(name: string, mark: string): Promise<ImportedArchive | undefined> {
    const { log } = this.#deps;
    try {
      const before = await this.#tags();
      await importImages(this.#deps.importer(), { file: join(this.#options.directory, name) });
      const after = await this.#tags();
      const added = [...after].filter(([tag, id]) => before.get(tag) !== id).map(([tag]) => tag);
      // What an earlier archive of this name brought may be in this one, too, and unchanged.
      const kept = (this.#seen.get(name)?.images ?? []).filter((tag) => after.has(tag) && !added.includes(tag));
      this.#pin(added);
      log.info('imported images', { archive: name, images: added.join(' ') });
      return { mark, images: [...added, ...kept] };
    } catch (error) {
      log.error('importing an image archive failed', { archive: name, error: messageOf(error) });
      return undefined;
    }
  }

  /** Names of all images with the ids they stand for. */
  async #tags(): Promise<Map<string, string>> {
    return new Map((await this.#deps.images.listImages()).flatMap(({ id, repoTags }) => repoTags.map((tag) => [tag, id])));
  }

  #pin(images: readonly string[]): void {
    for (const image of images) this.#pinned.add(image);
  }

  /** Without the file the next process imports all archives again and does not know which images are theirs, no more. */
  #save(): void {
    try {
      this.#record.write(this.#seen);
    } catch (error) {
      this.#deps.log.warn('the imported archives could not be noted for the next start', { error: messageOf(error) });
    }
  }
}
