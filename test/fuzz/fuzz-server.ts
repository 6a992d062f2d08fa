// The API server that is fuzzed, in a process of its own: it tells its parent of errors in its log, of its memory, and dies with what it
// did not catch.

import { systemClock } from '../../src/base/clock.ts';
import { type Logger, silentLogger } from '../../src/base/log.ts';
import { registryReader } from '../../src/server/registry/registry-reader.ts';
import { registryStatusWriter } from '../../src/server/registry/registry-status-writer.ts';
import { MemoryStore } from '../../src/server/store/memory-store.ts';
import { startAdmittedServer } from '../support/admitted-server.ts';

/** What the server tells its parent. */
export type FuzzServerMessage =
  | { readonly type: 'ready'; readonly url: string; readonly ca: string }
  | { readonly type: 'error'; readonly text: string }
  | { readonly type: 'usage'; readonly heapBytes: number; readonly handles: number };

const tell = (message: FuzzServerMessage): void => void process.send?.(message);
const textOf = (value: unknown): string => (value instanceof Error ? (value.stack ?? value.message) : JSON.stringify(value));

// Warnings are about clients; an error is a bug.
const log: Logger = {
  ...silentLogger,
  error: (message, fields) =>
    tell({
      type: 'error',
      text: `${message} ${Object.entries(fields ?? {})
        .map(([name, value]) => `${name}=${textOf(value)}`)
        .join(' ')}`,
    }),
  child: () => log,
};
// Nothing is read again: what is committed is let go of.
const journal = { commit: async () => {}, scrub: async () => {}, close: async () => {} };
const store = new MemoryStore({ content: { revision: 0, reserved: 0, entries: [] } }, { journal, clock: systemClock, log });
const admission = { reader: registryReader(store), writer: registryStatusWriter(store) };
const { server, stop } = await startAdmittedServer({ admission, api: { store, log } });

/** Collects garbage until nothing more is found, then tells what is held. */
async function tellUsage(): Promise<void> {
  for (let round = 0; round < 4; round++) {
    globalThis.gc?.();
    await systemClock.sleep(50);
  }
  tell({ type: 'usage', heapBytes: process.memoryUsage().heapUsed, handles: process.getActiveResourcesInfo().length });
}

process.on('message', (message) => {
  if (message === 'usage') void tellUsage();
  else if (message === 'stop') void stop().then(() => process.disconnect());
});
tell({ type: 'ready', url: server.url, ca: server.ca });
