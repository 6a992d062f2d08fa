// A full disk, for real: a small tmpfs. Writes are refused, reads go on, nothing that was answered is lost, and with room writes work again.

import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, it } from 'node:test';
import { systemClock } from '../../src/base/clock.ts';
import { silentLogger } from '../../src/base/log.ts';
import type { StoreError } from '../../src/server/store/errors.ts';
import { openSqliteStore } from '../../src/server/store/sqlite-store.ts';
import { startJournalThread } from '../support/journal-thread.ts';

const strict = { durability: 'strict' } as const;
let directory: string;
before(() => {
  directory = mkdtempSync(join(tmpdir(), 'kts-full-'));
  execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=3m', 'kts-full', directory]);
});
after(() => {
  execFileSync('umount', [directory]);
  rmdirSync(directory);
});

it('Store on SQLite survives a full disk', async () => {
  const deps = { startThread: startJournalThread, clock: systemClock, log: silentLogger };
  const path = join(directory, 'state.db');
  const store = await openSqliteStore({ path }, deps);
  const ballast = join(directory, 'ballast');
  writeFileSync(ballast, new Uint8Array(1 << 20));
  const answered: string[] = [];
  let refusal: unknown;
  for (let i = 0; i < 200 && refusal === undefined; i++) {
    const key = `/k/${i}`;
    await store.create(key, { metadata: {}, fill: 'x'.repeat(30_000) }, strict).then(
      () => answered.push(key),
      (error: unknown) => {
        refusal = error;
      },
    );
  }
  assert.equal((refusal as StoreError).code, 'unwritable');
  assert.match(String(refusal), /full: make room/);
  assert.equal(store.count('/k/'), answered.length);
  await store.create('/lazy', { metadata: {} }, { durability: 'lazy' });
  rmSync(ballast);
  const { key } = await store.create('/k/again', { metadata: {} }, strict);
  await store.close();
  const again = await openSqliteStore({ path }, deps);
  assert.deepEqual(
    again.list('').entries.map((entry) => entry.key),
    [...answered, key, '/lazy'].sort(),
  );
  await again.close();
});

it('Store on SQLite refuses a read-only disk with one clear error', async () => {
  const path = join(directory, 'db', 'state.db');
  execFileSync('mount', ['-o', 'remount,ro', directory]);
  try {
    const opening = openSqliteStore({ path }, { startThread: startJournalThread, clock: systemClock, log: silentLogger });
    await assert.rejects(opening, (error) => (error as StoreError).code === 'unwritable' && /cannot be written/.test(String(error)));
    const existing = openSqliteStore(
      { path: join(directory, 'state.db') },
      { startThread: startJournalThread, clock: systemClock, log: silentLogger },
    );
    await assert.rejects(existing, (error) => (error as StoreError).code === 'unwritable' && /cannot be written/.test(String(error)));
  } finally {
    execFileSync('mount', ['-o', 'remount,rw', directory]);
  }
});
