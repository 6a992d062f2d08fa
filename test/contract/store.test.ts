// The store's contract on its implementations.

import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { systemClock } from '../../src/base/clock.ts';
import { silentLogger } from '../../src/base/log.ts';
import { MemoryStore } from '../../src/server/store/memory-store.ts';
import { openSqliteStore } from '../../src/server/store/sqlite-store.ts';
import { FakeClock } from '../support/fake-clock.ts';
import { startJournalThread } from '../support/journal-thread.ts';
import { MemoryJournal } from '../support/memory-journal.ts';
import { storeSuite } from './store-suite.ts';

const ring = { events: 64, bytes: 1 << 20, ms: 60_000 };

storeSuite({
  name: 'a journal in memory',
  async create() {
    const journal = new MemoryJournal();
    const open = (): MemoryStore =>
      new MemoryStore({ content: journal.content(), ring }, { journal, clock: new FakeClock(), log: silentLogger });
    return { store: open(), reopen: async () => open(), remove: async () => {} };
  },
});

storeSuite({
  name: 'SQLite',
  async create() {
    const directory = await mkdtemp(join(tmpdir(), 'kts-store-'));
    const deps = { startThread: startJournalThread, clock: systemClock, log: silentLogger };
    const open = () => openSqliteStore({ path: join(directory, 'db/state.db'), ring }, deps);
    return { store: await open(), reopen: open, remove: () => rm(directory, { recursive: true }) };
  },
});
