// Failures of the store.

import { KtsError } from '../../base/errors.ts';

/**
 * - `exists`: create of a key that is there
 * - `missing`: update or delete of a key that is not there
 * - `conflict`: the key's head revision is not the one demanded
 * - `compacted`: a revision older than the watch ring
 * - `future`: a revision that is not reached yet
 * - `closed`: the store is closed or its journal failed; nothing more is written
 * - `corrupt`: the database file is damaged, of another program, or of a newer version
 * - `unwritable`: the database file or its directory cannot be written; of a write: it changed nothing and may be tried again
 * - `undecipherable`: stored values are encrypted with a key that the key file does not hold, or that file cannot be used
 */
export type StoreErrorCode =
  | 'exists'
  | 'missing'
  | 'conflict'
  | 'compacted'
  | 'future'
  | 'closed'
  | 'corrupt'
  | 'unwritable'
  | 'undecipherable';

/** A failure of the store. */
export class StoreError extends KtsError<StoreErrorCode> {
  /** For `conflict`: the head revision that was found. */
  declare readonly fields: Readonly<{ key?: string; revision?: number }>;
}
