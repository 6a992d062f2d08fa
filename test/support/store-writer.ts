// A process that writes to a store until it is killed. Arguments: the database file, and for a store of encrypted Secrets the key file;
// then the keys are changed all the time. Prints a line of JSON for what it found, one before each write and one after its answer;
// see store-crash.test.ts.

import { writeSync } from 'node:fs';
import { systemClock } from '../../src/base/clock.ts';
import { hasCode } from '../../src/base/errors.ts';
import { silentLogger } from '../../src/base/log.ts';
import { openEncryptedStore, openSqliteStore } from '../../src/server/store/sqlite-store.ts';
import type { Entry } from '../../src/server/store/store.ts';
import { startJournalThread } from './journal-thread.ts';

/** What is stored: `n` at both ends with `n`-dependent filling between, so that half a value shows. */
export interface Filled {
  metadata: { resourceVersion?: string };
  n: number;
  filling: string;
  end: number;
}

/** The lines that are printed. `n` 0 = deleted. */
export type WriterLine =
  | { found: { key: string; revision: number; object: Filled }[]; revision: number }
  | { begin: string; n: number }
  | { done: string; n: number; revision: number };

const WRITERS = 8;
const filled = (n: number): Filled => ({ metadata: {}, n, filling: 'x'.repeat(n % 7919), end: n });

const pause = new Int32Array(new SharedArrayBuffer(4));

/** Prints a line before anything else is done: whole, however slowly the reader reads. */
function say(line: WriterLine): void {
  const bytes = Buffer.from(`${JSON.stringify(line)}\n`);
  for (let at = 0; at < bytes.length; ) {
    try {
      at += writeSync(1, bytes, at);
    } catch (error) {
      if (!hasCode(error, 'EAGAIN')) throw error;
      Atomics.wait(pause, 0, 0, 1);
    }
  }
}

const [, , path = '', keyFile] = process.argv;
const deps = { startThread: startJournalThread, clock: systemClock, log: silentLogger };
const encrypted = keyFile === undefined ? undefined : await openEncryptedStore({ path, keyFile }, deps);
const store = encrypted?.store ?? (await openSqliteStore({ path }, deps));
const ROOT = encrypted ? '/registry/secrets' : '/registry';
say({
  found: store.list<Filled>('').entries.map(({ key, revision, object }) => ({ key, revision, object })),
  revision: store.revision,
});

async function write(key: string, n: number, durability: 'strict' | 'lazy'): Promise<Entry> {
  const revision = store.head(key)?.revision ?? 0;
  if (revision === 0) return store.create(key, filled(n), { durability });
  if (n === 0) return store.delete(key, { revision, durability });
  return store.update(key, filled(n), { revision, durability });
}

async function writer(id: number): Promise<void> {
  const durability = id === 0 ? 'lazy' : 'strict';
  for (let turn = 0; ; turn++) {
    const key = `${ROOT}/${durability}/${id}-${turn % 3}`;
    const n = store.head(key) && Math.random() < 0.2 ? 0 : 1 + Math.floor(Math.random() * 1e6);
    say({ begin: key, n });
    const { revision } = await write(key, n, durability);
    say({ done: key, n, revision });
    if (durability === 'lazy') await new Promise((resolve) => setImmediate(resolve));
  }
}

async function changeKeys(): Promise<void> {
  for (let turn = 1; encrypted; turn++) {
    if (turn % 5 === 0) await encrypted.encryption.disable();
    else await encrypted.encryption.rotate();
  }
}

await Promise.all([...Array.from({ length: WRITERS }, (_, id) => writer(id)), changeKeys()]);
