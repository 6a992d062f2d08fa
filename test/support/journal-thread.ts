// The journal thread for tests: the module a Worker runs, and the StartThread that starts it.

import { isMainThread, parentPort, Worker, workerData } from 'node:worker_threads';
import type { StartThread } from '../../src/base/thread.ts';
import { runJournalThread } from '../../src/server/store/journal-thread.ts';

/** Starts the journal thread from source. */
export const startJournalThread: StartThread = (_name, data) => new Worker(new URL(import.meta.url), { workerData: data });

if (!isMainThread && parentPort) runJournalThread(workerData, parentPort);
