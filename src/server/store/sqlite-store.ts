// Opens the embedded store: memory in front, a SQLite journal in its own thread behind.

import type { Clock } from '../../base/clock.ts';
import type { Logger } from '../../base/log.ts';
import type { StartThread } from '../../base/thread.ts';
import { type OpenedJournal, SecretsEncryption } from './encryption/secrets-encryption.ts';
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
  const { journal, ...content } = await openJournal(options, deps);
  return new MemoryStore({ content, ...(options.ring && { ring: options.ring }) }, { ...deps, journal });
}

/**
 * The same with Secrets encrypted on the disk; `keyFile` holds the keys and is made if nothing is encrypted yet.
 * @throws StoreError also `undecipherable`
 */
export async function openEncryptedStore(
  options: SqliteStoreOptions & { readonly keyFile: string },
  deps: SqliteStoreDeps,
): Promise<{ store: Store; encryption: SecretsEncryption }> {
  const opened = await openJournal(options, deps);
  try {
    const { encryption, journal, content } = await SecretsEncryption.open({ keyFile: options.keyFile, opened }, deps);
    const store = new MemoryStore({ content, ...(options.ring && { ring: options.ring }) }, { ...deps, journal });
    encryption.attach(store);
    return { store, encryption };
  } catch (error) {
    await opened.journal.close({ writes: [] });
    throw error;
  }
}

async function openJournal(options: SqliteStoreOptions, deps: SqliteStoreDeps): Promise<OpenedJournal> {
  const { clock, log } = deps;
  const started = clock.monotonic();
  const data: JournalThreadData = { path: options.path };
  const { journal, state, entries } = await JournalClient.open(deps.startThread('journal', data), (error) => {
    log.error('the journal thread died: writes are refused', { error: error.message });
    deps.onDeath?.(error);
  });
  const { objects, revision, fileBytes, recoveredBytes, reserved, scrubDue } = state;
  const ms = Math.round(clock.monotonic() - started);
  log.info('store opened', { path: options.path, objects, revision, fileBytes, recoveredBytes, ms });
  return { journal, entries, revision, reserved, scrubDue };
}
