// What the journal thread and its client say to each other. Everything here is structured-cloned.

import type { StoreErrorCode } from './errors.ts';
import type { JournalBatch } from './journal.ts';
import type { Revision } from './store.ts';

/** What the thread is started with. */
export interface JournalThreadData {
  /** Path of the database file; its directory is made if missing. */
  readonly path: string;
}

/** To the thread. Answered in order, each by one `done`. */
export type JournalRequest =
  | { readonly type: 'commit'; readonly batch: JournalBatch }
  | { readonly type: 'scrub' }
  /** Also ends the thread. */
  | { readonly type: 'close'; readonly batch: JournalBatch };

/** Some live objects; `bytes` holds their values one after the other, `ends` where each ends. */
export interface JournalRows {
  readonly keys: readonly string[];
  readonly revisions: readonly Revision[];
  readonly createRevisions: readonly Revision[];
  readonly ends: readonly number[];
  readonly bytes: ArrayBuffer;
}

/** What start-up found. */
export interface JournalState {
  readonly revision: Revision;
  readonly reserved: Revision;
  readonly objects: number;
  /** Size of the database file. */
  readonly fileBytes: number;
  /** Bytes of the write-ahead log a crash left, which were taken over. */
  readonly recoveredBytes: number;
  /** A scrub is due: an earlier one was not finished, or the file was made before values were encrypted. */
  readonly scrubDue: boolean;
}

/** A failure, for structured cloning. */
export interface JournalFailure {
  readonly code: StoreErrorCode;
  readonly message: string;
}

/** From the thread: `rows`… then `opened`, or `failed`; afterwards one `done` for each request. */
export type JournalReply =
  | ({ readonly type: 'rows' } & JournalRows)
  | ({ readonly type: 'opened' } & JournalState)
  | { readonly type: 'failed'; readonly failure: JournalFailure }
  | { readonly type: 'done'; readonly failure: JournalFailure | undefined };
