// Port of the journal: where the store in memory puts its writes so that they survive. One implementation: journal-client.ts.

import type { Entry, Revision } from './store.ts';

/** Revisions reserved at once: a node's heartbeats use about this many a day, and a reservation costs one small write. */
export const REVISION_BLOCK = 10_000;

/** What an encrypted value begins with (the form of upstream's providers); JSON never does. */
export const ENCRYPTED_MARK = 'k8s:enc:';

/** One key's new state. */
export interface JournalWrite {
  readonly key: string;
  readonly revision: Revision;
  readonly createRevision: Revision;
  /** The object as JSON, UTF-8, or encrypted (then it begins with ENCRYPTED_MARK); undefined = the key is gone. */
  readonly value: Uint8Array | undefined;
}

/** What is written in one transaction: wholly or not at all. */
export interface JournalBatch {
  /** In order of revision for each key. */
  readonly writes: readonly JournalWrite[];
  /** Revisions up to this one may be given out from now on without being written; a start after a crash goes on above it. */
  readonly reserve?: Revision;
  /** What these writes replace must not survive anywhere in the file: remembered durably until `scrub` has succeeded. */
  readonly scrubDue?: boolean;
}

/** What a journal held when it was opened. */
export interface JournalContent {
  /** The revision to go on from. */
  readonly revision: Revision;
  /** Revisions up to this one are reserved. */
  readonly reserved: Revision;
  readonly entries: Iterable<Entry>;
}

/** Keeps batches durable, in the order they are given. */
export interface Journal {
  /** Resolves when the batch is durable. @throws StoreError: nothing of the batch is kept, a later one may succeed (`unwritable`) or not (`closed`). */
  commit(batch: JournalBatch): Promise<void>;
  /** Rewrites the file, so that no byte of what was replaced or deleted before is left in it. Other requests wait meanwhile. @throws StoreError */
  scrub(): Promise<void>;
  /** Commits the last batch and lets go of the file. `reserve` of that batch may be lower than before: nothing was given out above it. */
  close(batch: JournalBatch): Promise<void>;
}
