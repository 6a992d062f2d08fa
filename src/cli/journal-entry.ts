// The journal's thread. In the executable it is a bundle of its own (src/journal.ts): a thread that only commits must not hold the
// source text of all of kts.

import { parentPort, workerData } from 'node:worker_threads';
import { nativeAddon } from '../base/assets.ts';
import { runJournalThread } from '../server/store/journal-thread.ts';
import type { ThreadData } from './thread-data.ts';

/** Runs the journal with the data this thread was started with. */
export function runJournal(): void {
  const { buildDirectory, data } = workerData as ThreadData; // Set by threadStarter only.
  if (!parentPort) throw new RangeError('runJournal outside a thread');
  const loadBinding = (): object | undefined => nativeAddon('better_sqlite3.node', buildDirectory);
  runJournalThread(data as Parameters<typeof runJournalThread>[0], parentPort, { loadBinding });
}
