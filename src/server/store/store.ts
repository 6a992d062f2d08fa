// Contract of the store: objects by key under revisions. Implementations: sqlite-store.ts (embedded), later etcd.
// Keys are etcd's of kube-apiserver: `/registry/<resource or group/resource>/<namespace>/<name>`.
//
// What a caller may assume:
// - revisions are positive integers that only grow, one step per write, also across restarts and crashes;
// - a write that was answered is durable (strict class); one that failed changed nothing;
// - watchers see every write exactly once, in order of revision, and never before it is durable (strict class);
// - what reads return is frozen and shared.

/** A revision of the store. 0 = before the first write. */
export type Revision = number;

/** One stored object. */
export interface Entry<T = unknown> {
  readonly key: string;
  /** Revision of the last write of this key. */
  readonly revision: Revision;
  /** Revision at which this key was created. */
  readonly createRevision: Revision;
  /** The object, deeply frozen. metadata.resourceVersion is set to `revision`. */
  readonly object: T;
  /** The object as JSON, UTF-8, with metadata.resourceVersion. The same bytes for every reader: send, don't change. */
  readonly bytes: Uint8Array;
}

/** One write as watchers see it. */
export interface StoreEvent<T = unknown> {
  readonly type: 'create' | 'update' | 'delete';
  readonly revision: Revision;
  /** The entry after the write; for a delete the last state with resourceVersion = the revision of the delete. */
  readonly entry: Entry<T>;
  /** The entry before the write; absent for a create. */
  readonly previous?: Entry<T>;
}

/** A page of a list. */
export interface StorePage<T = unknown> {
  /** Revision the list is consistent at. */
  readonly revision: Revision;
  readonly entries: readonly Entry<T>[];
  /** Key after which the next page starts; absent on the last page. */
  readonly continueKey?: string;
  /** Entries after this page, at this revision. */
  readonly remaining: number;
}

/** Reads. Synchronous: the store lives in memory. */
export interface StoreReader {
  /** The newest durable revision: what a consistent read is at. */
  readonly revision: Revision;
  get<T = unknown>(key: string): Entry<T> | undefined;
  /**
   * Entries whose key begins with `prefix`, in byte order of keys. With `revision` the state at that revision, served from the
   * watch ring. `match` drops entries before the limit counts. @throws StoreError `compacted` when that revision is no longer known, `future` when it is not reached.
   */
  list<T = unknown>(
    prefix: string,
    options?: { limit?: number; after?: string; revision?: Revision; match?: (entry: Entry<T>) => boolean },
  ): StorePage<T>;
  /** Number of entries under a prefix. */
  count(prefix: string): number;
}

/** What a write demands of the state before it. */
export interface Precondition {
  /** The key's current revision; 0 = the key must not exist. */
  readonly revision: Revision;
}

/**
 * How durable a write is before it is answered (design: store). `lazy` = published at once, written within 30 s and at shutdown; a key
 * that is rewritten again and again is written every 5 minutes.
 */
export type Durability = 'strict' | 'lazy';

/**
 * Writes. Each resolves when durable. The object passed is frozen by the store and owned by it from then on; the store sets
 * metadata.resourceVersion in its own copy.
 */
export interface StoreWriter {
  /** @throws StoreError `exists`. */
  create<T extends object>(key: string, object: T, options: { durability: Durability; signal?: AbortSignal }): Promise<Entry<T>>;
  /** Replaces. @throws StoreError `conflict` when the key's head revision differs, `missing` when there is none. */
  update<T extends object>(key: string, object: T, options: Precondition & { durability: Durability }): Promise<Entry<T>>;
  /** Removes; resolves to the deleted state. @throws StoreError `conflict`, `missing`. */
  delete<T extends object>(key: string, options: Precondition & { durability: Durability }): Promise<Entry<T>>;
  /** The entry as the next write will see it: the head state, which may not be durable yet. Precondition revisions come from here. */
  head<T = unknown>(key: string): Entry<T> | undefined;
}

/** A running watch. */
export interface StoreWatch {
  /** Ends the watch; no call of `listener` happens after it returns. */
  close(): void;
}

/** Watches. */
export interface StoreWatcher {
  /**
   * Calls `listener` with every event under `prefix` after `from`, first those of the ring (synchronously, before this
   * returns), then live ones, in order and without gaps. `listener` must not throw and must not wait: who is slow is cut off by the caller's own bound.
   * @throws StoreError `compacted` when `from` is older than the ring.
   */
  watch<T = unknown>(prefix: string, from: Revision, listener: (event: StoreEvent<T>) => void): StoreWatch;
  /** Calls `listener` with each newly durable revision (coalesced), for bookmarks and consistent reads. */
  onProgress(listener: (revision: Revision) => void): StoreWatch;
}

/** The store. `open` of an implementation makes it; `close` writes what is lazy and ends it. */
export interface Store extends StoreReader, StoreWriter, StoreWatcher {
  close(): Promise<void>;
}
