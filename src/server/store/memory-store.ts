// The store itself: live entries, watch ring and watchers in memory. What waits to be written is the write queue's.

import type { Clock } from '../../base/clock.ts';
import { messageOf } from '../../base/errors.ts';
import type { Logger } from '../../base/log.ts';
import { stampedEntry } from './entry.ts';
import { EntryIndex } from './entry-index.ts';
import { StoreError } from './errors.ts';
import type { Journal, JournalContent } from './journal.ts';
import type { Durability, Entry, Precondition, Revision, Store, StoreEvent, StorePage, StoreWatch } from './store.ts';
import { RING_LIMITS, type RingLimits, WatchRing } from './watch-ring.ts';
import { type Watcher, WatcherIndex } from './watcher-index.ts';
import { WriteQueue } from './write-queue.ts';

type ListOptions = NonNullable<Parameters<Store['list']>[1]>;

/**
 * Memory is the database, `journal` its log. Reads see published writes; preconditions are checked against the head state, which
 * is ahead of that by what the journal still writes.
 */
export class MemoryStore implements Store {
  readonly #index = new EntryIndex();
  readonly #ring: WatchRing;
  readonly #watchers = new WatcherIndex();
  readonly #progress = new Set<(revision: Revision) => void>();
  readonly #queue: WriteQueue;
  readonly #log: Logger;
  readonly #clock: Clock;
  #revision: Revision;
  /** Events are being given to watchers: writes made meanwhile are published afterwards, so that order holds. */
  #publishing = false;

  constructor(options: { content: JournalContent; ring?: RingLimits }, deps: { journal: Journal; clock: Clock; log: Logger }) {
    const { content } = options;
    this.#revision = content.revision;
    this.#ring = new WatchRing(content.revision, options.ring ?? RING_LIMITS);
    this.#log = deps.log;
    this.#clock = deps.clock;
    for (const entry of content.entries) this.#index.set(entry);
    this.#queue = new WriteQueue(content, { ...deps, published: (key) => this.#index.get(key), onReady: () => this.#publish() });
  }

  get revision(): Revision {
    return this.#revision;
  }

  get<T>(key: string): Entry<T> | undefined {
    return typed(this.#index.get(key));
  }

  head<T>(key: string): Entry<T> | undefined {
    return typed(this.#queue.head(key));
  }

  count(prefix: string): number {
    return this.#index.count(prefix);
  }

  list<T>(prefix: string, options: { limit?: number; after?: string; revision?: Revision; match?: (entry: Entry<T>) => boolean } = {}) {
    const revision = options.revision ?? this.#revision;
    this.#checkRevision(revision);
    const changed = this.#ring.differences(prefix, revision);
    const untyped = options as ListOptions; // What is stored under the prefix is of the type that the caller names.
    const page = changed.size === 0 ? this.#page(prefix, untyped) : pageOf(this.#asOf(prefix, changed, untyped.after), untyped);
    return { revision, ...page } as StorePage<T>;
  }

  async create<T extends object>(key: string, object: T, options: { durability: Durability; signal?: AbortSignal }): Promise<Entry<T>> {
    options.signal?.throwIfAborted();
    const head = this.#queue.head(key);
    if (head) throw new StoreError('exists', `${key} exists`, { fields: { key, revision: head.revision } });
    const revision = this.#queue.nextRevision();
    const entry = stampedEntry({ key, revision, createRevision: revision }, object);
    return typed(await this.#queue.add({ type: 'create', revision, entry }, options.durability));
  }

  async update<T extends object>(key: string, object: T, options: Precondition & { durability: Durability }): Promise<Entry<T>> {
    const previous = this.#demand(key, options);
    const revision = this.#queue.nextRevision();
    const entry = stampedEntry({ key, revision, createRevision: previous.createRevision }, object);
    return typed(await this.#queue.add({ type: 'update', revision, entry, previous }, options.durability));
  }

  async delete<T extends object>(key: string, options: Precondition & { durability: Durability }): Promise<Entry<T>> {
    const previous = this.#demand(key, options);
    const revision = this.#queue.nextRevision();
    const entry = stampedEntry({ key, revision, createRevision: previous.createRevision }, previous.object as object); // Every entry holds an object.
    return typed(await this.#queue.add({ type: 'delete', revision, entry, previous }, options.durability));
  }

  watch<T>(prefix: string, from: Revision, listener: (event: StoreEvent<T>) => void): StoreWatch {
    if (from < this.#ring.floor) throw compacted(from, this.#ring.floor);
    // The caller names the type of what is stored under the prefix.
    const watcher: Watcher = { prefix, listener: listener as (event: StoreEvent) => void, seen: Math.max(from, this.#revision) };
    this.#watchers.add(watcher);
    this.#guarded(() => {
      for (const event of this.#ring.since(from)) this.#give(watcher, event);
    });
    return { close: () => this.#watchers.delete(watcher) };
  }

  onProgress(listener: (revision: Revision) => void): StoreWatch {
    this.#progress.add(listener);
    return { close: () => this.#progress.delete(listener) };
  }

  /**
   * Gives the journal what is published of `keys` again, e.g. to be encrypted with another key; no revision changes and no watcher is told.
   * @throws StoreError when the journal could not take it
   */
  rewrite(keys: Iterable<string>): Promise<void> {
    return this.#queue.rewrite(keys);
  }

  async close(): Promise<void> {
    await this.#queue.close();
    this.#watchers.clear();
    this.#progress.clear();
  }

  #demand(key: string, { revision }: Precondition): Entry {
    const head = this.#queue.head(key);
    if (!head) throw new StoreError('missing', `${key} does not exist`, { fields: { key } });
    if (head.revision !== revision) {
      throw new StoreError('conflict', `${key} is at revision ${head.revision}, not ${revision}`, {
        fields: { key, revision: head.revision },
      });
    }
    return head;
  }

  #checkRevision(revision: Revision): void {
    if (revision > this.#revision) {
      throw new StoreError('future', `revision ${revision} is above the newest, ${this.#revision}`, {
        fields: { revision: this.#revision },
      });
    }
    if (revision < this.#ring.floor) throw compacted(revision, this.#ring.floor);
  }

  /** A page of the present: without `match`, what is not on the page is counted, not walked. */
  #page(prefix: string, options: ListOptions): Omit<StorePage, 'revision'> {
    const { limit, match, after } = options;
    if (match !== undefined || limit === undefined) return pageOf(this.#index.range(prefix, after), options);
    const entries = take(this.#index.range(prefix, after), limit);
    const last = entries.at(-1)?.key;
    const remaining = last === undefined ? 0 : this.#index.countAfter(prefix, last);
    return { entries, remaining, ...(remaining > 0 && last !== undefined && { continueKey: last }) };
  }

  /** The entries as they were before `changed`. */
  #asOf(prefix: string, changed: Map<string, Entry | undefined>, after = ''): Entry[] {
    const entries = [...this.#index.range(prefix, after)].filter((entry) => !changed.has(entry.key));
    for (const [key, entry] of changed) if (entry && key > after) entries.push(entry);
    return entries.sort((a, b) => (a.key < b.key ? -1 : 1));
  }

  /** Takes what is ready from the queue, in order of revision, into the live state, the ring and to the watchers. */
  #publish(): void {
    if (this.#publishing) return;
    const before = this.#revision;
    this.#guarded(() => {
      for (let write = this.#queue.takeReady(); write; write = this.#queue.takeReady()) {
        this.#apply(write.event);
        write.resolve(write.event.entry);
      }
    });
    if (this.#revision === before) return;
    for (const listener of this.#progress) listener(this.#revision);
  }

  #apply(event: StoreEvent): void {
    if (event.type === 'delete') this.#index.delete(event.entry.key);
    else this.#index.set(event.entry);
    this.#revision = event.revision;
    this.#ring.push(event, this.#clock.monotonic());
    for (const watcher of this.#watchers.of(event.entry.key)) {
      if (event.revision <= watcher.seen) continue;
      watcher.seen = event.revision;
      this.#give(watcher, event);
    }
  }

  #give(watcher: Watcher, event: StoreEvent): void {
    if (!event.entry.key.startsWith(watcher.prefix) || !this.#watchers.has(watcher)) return;
    try {
      watcher.listener(event);
    } catch (error) {
      this.#watchers.delete(watcher);
      this.#log.error('store watcher failed and was cut off', { prefix: watcher.prefix, error: messageOf(error) });
    }
  }

  /** Runs `work` with publication held back, then publishes what came meanwhile. */
  #guarded(work: () => void): void {
    const outermost = !this.#publishing;
    this.#publishing = true;
    work();
    if (!outermost) return;
    this.#publishing = false;
    if (this.#queue.hasReady) this.#publish();
  }
}

/** An entry as the type the caller names: who reads a key knows what is stored there. */
function typed<T>(entry: Entry): Entry<T>;
function typed<T>(entry: Entry | undefined): Entry<T> | undefined;
function typed<T>(entry: Entry | undefined): Entry<T> | undefined {
  return entry as Entry<T> | undefined;
}

function take<T>(items: Iterable<T>, most: number): T[] {
  const out: T[] = [];
  for (const item of items) {
    if (out.length >= most) break;
    out.push(item);
  }
  return out;
}

function pageOf(candidates: Iterable<Entry>, { limit = Number.POSITIVE_INFINITY, match, after }: ListOptions): Omit<StorePage, 'revision'> {
  const entries: Entry[] = [];
  let remaining = 0;
  for (const entry of candidates) {
    if (after !== undefined && entry.key <= after) continue;
    if (match && !match(entry)) continue;
    if (entries.length < limit) entries.push(entry);
    else remaining++;
  }
  const last = entries.at(-1)?.key;
  return { entries, remaining, ...(remaining > 0 && last !== undefined && { continueKey: last }) };
}

function compacted(revision: Revision, floor: Revision): StoreError {
  return new StoreError('compacted', `revision ${revision} is no longer known, the oldest is ${floor}`, { fields: { revision: floor } });
}
