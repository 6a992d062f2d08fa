// Threads of this program by name. A thread's code is a module that exports `run…Thread(data, port)`; cli/threads.ts maps
// names to modules and starts them from source or from the single executable.

import type { Worker } from 'node:worker_threads';

/**
 * Starts the thread `name`; `data` is structured-cloned to it. Messages go through the Worker's own port.
 * Parts that need a thread take this as a dependency.
 */
export type StartThread = (name: 'journal' | 'agent', data: unknown) => Worker;
