// What image archives brought, as a file: the next process of kts knows their images again without reading the archives.

import { readTextIfThere, writeFileAtomic } from '../../base/atomic-file.ts';

/** One archive that was imported. */
export interface ImportedArchive {
  /** Tells the archive from a later one of the same name. */
  readonly mark: string;
  /** Names of its images. */
  readonly images: readonly string[];
}

/** The file. Names of archives lead to what they brought. */
export class ImportedArchivesFile {
  readonly #path: string;

  constructor(path: string) {
    this.#path = path;
  }

  /** The archives; none when there is no file, or none that can be read: they are imported once more then. */
  read(): Map<string, ImportedArchive> {
    try {
      const entries = Object.entries(JSON.parse(readTextIfThere(this.#path) ?? '{}') as Record<string, Partial<ImportedArchive>>);
      return new Map(entries.flatMap(([name, { mark, images }]) => (mark && Array.isArray(images) ? [[name, { mark, images }]] : [])));
    } catch {
      return new Map();
    }
  }

  /** @throws what the disk says. */
  write(archives: ReadonlyMap<string, ImportedArchive>): void {
    writeFileAtomic(this.#path, JSON.stringify(Object.fromEntries(archives)), { mode: 0o600 });
  }
}
