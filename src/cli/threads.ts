// The threads of kts: which module each one runs, and how one is started from source or from the single executable.

import { Worker, workerData } from 'node:worker_threads';
import { executable } from '../base/assets.ts';
import type { StartThread } from '../base/thread.ts';
import type { ThreadData } from './thread-data.ts';

/** The function that starts threads; `buildDirectory` is where the executable's addons are unpacked. */
export function threadStarter(buildDirectory: string): StartThread {
  return (thread, data) => {
    const options = { name: `kts-${thread}`, workerData: { thread, buildDirectory, data } satisfies ThreadData };
    const sea = executable();
    return sea
      ? new Worker(sea.getAsset('boot.cjs', 'utf8'), { ...options, eval: true })
      : new Worker(new URL('../main.ts', import.meta.url), options);
  };
}

/** Runs the thread this one was started as. */
export async function runThread(): Promise<void> {
  const { thread } = workerData as ThreadData; // Set by threadStarter only.
  if (thread === 'journal') (await import('./journal-entry.ts')).runJournal();
  else await (await import('./agent-entry.ts')).runAgent();
}
