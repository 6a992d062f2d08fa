// Writes between being accepted and being published: the head state, group commit, the lazy class, reserved revisions.
//
// One batch is at the journal at a time; whatever is queued when it returns goes into the next, so a slow disk makes large batches
// and a fast one small ones. When the journal fails, every write in flight is refused and the head state falls back to what is
// published; reads and watches go on, and the next write tries the journal again.

import type { Clock } from '../../base/clock.ts';
import { messageOf } from '../../base/errors.ts';
import type { Logger } from '../../base/log.ts';
import { StoreError } from './errors.ts';
import { type Journal, type JournalBatch, type JournalWrite, REVISION_BLOCK } from './journal.ts';
import { LazyWrites } from './lazy-writes.ts';
import type { Durability, Entry, Revision, StoreEvent } from './store.ts';

/** Most writes in one transaction: bounds how long the first of them waits for the last. */
const MAX_BATCH = 1_000;
/** Most writes in flight. The API server admits some hundred requests at once; beyond this something has run away. */
const MAX_IN_FLIGHT = 20_000;

/** An accepted write. */
interface PendingWrite {
  readonly event: StoreEvent;
  readonly durability: Durability;
  readonly resolve: (entry: Entry) => void;
  readonly reject: (error: unknown) => void;
  state: 'queued' | 'sent' | 'durable';
}

/** Keys whose published state goes to the journal again. */
interface Rewrite {
  readonly keys: string[];
  readonly resolve: () => void;
  readonly reject: (error: unknown) => void;
}

/** What the queue needs of its store. */
export interface WriteQueueDeps {
  readonly journal: Journal;
  readonly clock: Clock;
  readonly log: Logger;
  /** The published entry of a key. */
  readonly published: (key: string) => Entry | undefined;
  /** Writes may be ready to be published: call `takeReady`. */
  readonly onReady: () => void;
}

/** The queue of one store. */
export class WriteQueue {
  readonly #deps: WriteQueueDeps;
  readonly #lazy: LazyWrites;
  /** In order of revision. */
  readonly #inFlight: PendingWrite[] = [];
  /** Newest state in flight of each key that has one. */
  readonly #heads = new Map<string, StoreEvent>();
  /** Oldest first. */
  readonly #rewrites: Rewrite[] = [];
  #lastRevision: Revision;
  /** Revisions up to here are reserved durably. */
  #reserved: Revision;
  /** Revisions up to here are reserved when the journal answers. */
  #reserving: Revision;
  #pump: Promise<void> | undefined;
  /** The next batch reserves a block even if it writes nothing else. */
  #wantsBlock = false;
  #failing = false;
  #closed = false;

  constructor(content: { revision: Revision; reserved: Revision }, deps: WriteQueueDeps) {
    this.#deps = deps;
    this.#lastRevision = content.revision;
    this.#reserved = content.reserved;
    this.#reserving = content.reserved;
    this.#lazy = new LazyWrites(deps.clock, () => this.#start());
  }

  /** The entry as the next write will find it. */
  head(key: string): Entry | undefined {
    const event = this.#heads.get(key);
    if (!event) return this.#deps.published(key);
    return event.type === 'delete' ? undefined : event.entry;
  }

  /** The revision for the write that is `add`ed next. @throws StoreError `closed`, or `unwritable` when too much waits for the disk. */
  nextRevision(): Revision {
    if (this.#closed) throw new StoreError('closed', 'the store is closed');
    if (this.#inFlight.length >= MAX_IN_FLIGHT) throw new StoreError('unwritable', `${MAX_IN_FLIGHT} writes wait for the disk`);
    return ++this.#lastRevision;
  }

  /** Accepts a write; resolves when it is published, rejects when the journal could not take it. */
  add(event: StoreEvent, durability: Durability): Promise<Entry> {
    return new Promise((resolve, reject) => {
      this.#inFlight.push({ event, durability, resolve, reject, state: 'queued' });
      this.#heads.set(event.entry.key, event);
      if (this.#needsBlock) this.#wantsBlock = true;
      if (durability === 'strict' || this.#wantsBlock) this.#start();
      if (this.hasReady) this.#deps.onReady();
    });
  }

  /**
   * Gives the journal the published state of `keys` again, revisions unchanged and nobody told; keys with a write in flight are left to that
   * write. Resolves when all of it is durable, rejects when the journal could not take it.
   */
  rewrite(keys: Iterable<string>): Promise<void> {
    if (this.#closed) return Promise.reject(new StoreError('closed', 'the store is closed'));
    return new Promise((resolve, reject) => {
      this.#rewrites.push({ keys: [...keys], resolve, reject });
      this.#start();
    });
  }

  get hasReady(): boolean {
    const first = this.#inFlight[0];
    if (!first) return false;
    return first.state === 'durable' || (first.durability === 'lazy' && first.event.revision <= this.#reserved);
  }

  /** Removes and returns the oldest write if it may be published now. */
  takeReady(): PendingWrite | undefined {
    const write = this.hasReady ? this.#inFlight.shift() : undefined;
    if (!write) return undefined;
    const { key } = write.event.entry;
    if (this.#heads.get(key) === write.event) this.#heads.delete(key);
    if (write.durability === 'lazy') this.#lazy.add(key);
    else this.#lazy.delete(key);
    return write;
  }

  /** Finishes what is in flight, writes what is lazy, closes the journal. */
  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    this.#lazy.stop();
    await this.#pump;
    const writes = this.#lazy.take(() => true, 'all').map((key) => this.#publishedWrite(key));
    await this.#deps.journal.close({ writes, reserve: this.#lastRevision });
  }

  get #needsBlock(): boolean {
    return this.#lastRevision > this.#reserving - REVISION_BLOCK / 2;
  }

  #start(): void {
    this.#pump ??= this.#run();
  }

  async #run(): Promise<void> {
    await undefined; // Writes of the same turn go into one batch.
    for (let batch = this.#nextBatch(); batch; batch = this.#nextBatch()) {
      const failure = await this.#deps.journal.commit(batch.content).then(
        () => undefined,
        (error: unknown) => ({ error }),
      );
      if (failure) this.#failed(batch, failure.error);
      else this.#succeeded(batch);
    }
    this.#pump = undefined;
  }

  #nextBatch(): SentBatch | undefined {
    const strict: PendingWrite[] = [];
    for (const write of this.#inFlight) {
      if (strict.length === MAX_BATCH) break;
      if (write.durability === 'strict' && write.state === 'queued') strict.push(write);
    }
    // A key with a write in flight is left for later: what is published of it may be older than what the batch before it wrote.
    const free = (key: string): boolean => !this.#heads.has(key);
    const lazyKeys = this.#lazy.take(free, 'due');
    const rewrite = this.#rewrites[0];
    const rewritten = (rewrite?.keys.splice(0, MAX_BATCH) ?? []).filter(free);
    if (strict.length === 0 && lazyKeys.length === 0 && !rewrite && !this.#wantsBlock) return undefined;
    const reserve = this.#needsBlock ? { reserve: this.#lastRevision + REVISION_BLOCK } : {};
    this.#reserving = reserve.reserve ?? this.#reserving;
    this.#wantsBlock = false;
    for (const write of strict) write.state = 'sent';
    const published = [...lazyKeys, ...rewritten].map((key) => this.#publishedWrite(key));
    const writes = [...published, ...strict.map((write) => strictWrite(write.event))];
    return { strict, lazyKeys, rewrite, content: { writes, ...reserve } };
  }

  #publishedWrite(key: string): JournalWrite {
    const entry = this.#deps.published(key);
    return { key, revision: entry?.revision ?? 0, createRevision: entry?.createRevision ?? 0, value: entry?.bytes };
  }

  #succeeded(batch: SentBatch): void {
    if (this.#failing) this.#deps.log.info('the journal can be written again');
    this.#failing = false;
    for (const write of batch.strict) write.state = 'durable';
    this.#reserved = Math.max(this.#reserved, batch.content.reserve ?? 0);
    if (batch.rewrite?.keys.length === 0) {
      this.#rewrites.shift();
      batch.rewrite.resolve();
    }
    this.#deps.onReady();
  }

  #failed(batch: SentBatch, error: unknown): void {
    if (!this.#failing) this.#deps.log.error('the journal cannot be written: writes are refused', { error: messageOf(error) });
    this.#failing = true;
    this.#reserving = this.#reserved;
    this.#lazy.putBack(batch.lazyKeys);
    if (batch.rewrite) this.#rewrites.shift()?.reject(error);
    if (batch.strict.length === 0 && batch.content.reserve === undefined) return;
    // Later writes may build on refused ones, so all go. Their revisions are not given out again: a failed commit may have reached the disk.
    this.#heads.clear();
    for (const write of this.#inFlight.splice(0)) write.reject(error);
  }
}

interface SentBatch {
  readonly strict: readonly PendingWrite[];
  readonly lazyKeys: readonly string[];
  /** The rewrite that has keys in this batch. */
  readonly rewrite: Rewrite | undefined;
  readonly content: JournalBatch;
}

function strictWrite({ type, revision, entry }: StoreEvent): JournalWrite {
  const value = type === 'delete' ? undefined : entry.bytes;
  return { key: entry.key, revision, createRevision: entry.createRevision, value };
}
