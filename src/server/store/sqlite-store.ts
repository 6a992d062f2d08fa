// Opens the embedded store: memory in front, a SQLite journal in its own thread behind.

import type { Clock } from '../../base/clock.ts';
import type { Logger } from '../../base/log.ts';
import type { StartThread } from '../../base/thread.ts';
import type { StoreError } from './errors.ts';
import { JournalClient } from './journal-client.ts';
import type { JournalThreadData } from './journal-messages.ts';
import { MemoryStore } from './memory-store.ts';
import type { Store } from './store.ts';
import type { RingLimits } from './watch-ring.ts';

/** Options of the embedded store. */
export interface SqliteStoreOptions {
  /** Path of the database file, e.g. `<data-dir>/server/db/state.db`. Created with mode 600 if missing. */
  readonly path: string;
  /** Bounds of the watch ring. Default RING_LIMITS. */
  readonly ring?: RingLimits;
}

/** What it needs of the world. */
export interface SqliteStoreDeps {
  readonly startThread: StartThread;
  readonly clock: Clock;
  readonly log: Logger;
  /** Told when the journal thread died: reads go on, every write is refused, only a restart helps. */
  readonly onDeath?: (error: StoreError) => void;
}

/**
 * Opens or creates the store and verifies what is there.
 * @throws StoreError `corrupt`, `unwritable`; the message says what to do
 */
export async function openSqliteStore(options: SqliteStoreOptions, deps: SqliteStoreDeps): Promise<Store> {
  const { clock, log } = deps;
  const started = clock.monotonic();
  const data: JournalThreadData = { path: options.path };
  const { journal, state, entries } = await JournalClient.open(deps.startThread('journal', data), (error) => {
    log.error('the journal thread died: writes are refused', { error: error.message });
    deps.onDeath?.(error);
  });
  log.info('store opened', {
    path: options.path,
    objects: state.objects,
    revision: state.revision,
    fileBytes: state.fileBytes,
    recoveredBytes: state.recoveredBytes,
    ms: Math.round(clock.monotonic() - started),
  });
  const content = { revision: state.revision, reserved: state.reserved, entries };
  return new MemoryStore({ content, ...(options.ring && { ring: options.ring }) }, { journal, clock, log });
}
