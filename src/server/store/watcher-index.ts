// The watchers of a store by the prefix they watch: a write costs only those that may want it, however many others there are.

import type { Revision, StoreEvent } from './store.ts';

/** One running watch. */
export interface Watcher {
  readonly prefix: string;
  readonly listener: (event: StoreEvent) => void;
  /** Revision of the last event it was given or need not be given. */
  seen: Revision;
}

/** Watchers, found by key. */
export class WatcherIndex {
  readonly #byPrefix = new Map<string, Set<Watcher>>();

  add(watcher: Watcher): void {
    const same = this.#byPrefix.get(watcher.prefix);
    if (same) same.add(watcher);
    else this.#byPrefix.set(watcher.prefix, new Set([watcher]));
  }

  has(watcher: Watcher): boolean {
    return this.#byPrefix.get(watcher.prefix)?.has(watcher) ?? false;
  }

  delete(watcher: Watcher): void {
    const same = this.#byPrefix.get(watcher.prefix);
    if (!same?.delete(watcher) || same.size > 0) return;
    this.#byPrefix.delete(watcher.prefix);
  }

  clear(): void {
    this.#byPrefix.clear();
  }

  /** The watchers of all prefixes that `key` begins with. Prefixes are few: a resource, or a namespace of one. */
  *of(key: string): Generator<Watcher> {
    for (const [prefix, watchers] of this.#byPrefix) if (key.startsWith(prefix)) yield* watchers;
  }
}
