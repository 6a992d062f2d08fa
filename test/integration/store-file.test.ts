// What SQLite files the store opens, which it refuses and why, and what a run leaves on the disk.

import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, it } from 'node:test';
import Database from 'better-sqlite3';
import { systemClock } from '../../src/base/clock.ts';
import type { LogFields, Logger } from '../../src/base/log.ts';
import { silentLogger } from '../../src/base/log.ts';
import type { StoreError, StoreErrorCode } from '../../src/server/store/errors.ts';
import { JournalFile } from '../../src/server/store/journal-file.ts';
import { openSqliteStore } from '../../src/server/store/sqlite-store.ts';
import type { Store } from '../../src/server/store/store.ts';
import { startJournalThread } from '../support/journal-thread.ts';

const strict = { durability: 'strict' } as const;
let directory: string;
let path: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'kts-store-file-'));
  path = join(directory, 'db/state.db');
});
afterEach(() => rmSync(directory, { recursive: true }));

const open = (log: Logger = silentLogger): Promise<Store> =>
  openSqliteStore({ path }, { startThread: startJournalThread, clock: systemClock, log });

async function filled(objects: number): Promise<void> {
  const store = await open();
  await Promise.all(Array.from({ length: objects }, (_, i) => store.create(`/k/${i}`, { metadata: {}, fill: 'x'.repeat(900) }, strict)));
  await store.close();
}

async function refused(code: StoreErrorCode, text: RegExp): Promise<void> {
  const before = readFileSync(path);
  await assert.rejects(open(), (error) => (error as StoreError).code === code && text.test((error as StoreError).message));
  assert.deepEqual(readFileSync(path), before, 'the file is not changed');
}

/** Changes a closed database file behind the store's back. */
function tamper(sql: string): void {
  const db = new Database(path);
  db.exec(sql);
  db.pragma('journal_mode = DELETE');
  db.close();
}

describe('openSqliteStore', () => {
  it('creates the file and its directory for the owner only and says what it found', async () => {
    const lines: { message: string; fields: LogFields | undefined }[] = [];
    const log = { ...silentLogger, info: (message: string, fields?: LogFields) => lines.push({ message, fields }) };
    await (await open(log)).close();
    assert.deepEqual([statSync(path).mode & 0o777, statSync(join(directory, 'db')).mode & 0o777], [0o600, 0o700]);
    assert.equal(lines.length, 1);
    assert.deepEqual([lines[0]?.message, lines[0]?.fields?.['objects'], lines[0]?.fields?.['path']], ['store opened', 0, path]);
  });

  it('loads what spans many messages of the thread', async () => {
    await filled(300);
    const store = await open();
    assert.equal(store.count('/k/'), 300);
    for (const entry of store.list<{ fill: string }>('/k/').entries) assert.equal(entry.object.fill.length, 900);
    await store.close();
  });

  it('leaves no log behind after close, and the file does not grow with rewriting', async () => {
    await filled(50);
    const size = statSync(path).size;
    const store = await open();
    for (let i = 0; i < 500; i++) {
      const revision = store.head('/k/1')?.revision ?? 0;
      await store.update('/k/1', { metadata: {}, fill: 'y'.repeat(900) }, { revision, ...strict });
    }
    assert.ok(statSync(`${path}-wal`).size < 9 << 20);
    await store.close();
    assert.equal(statSync(`${path}-wal`, { throwIfNoEntry: false }), undefined);
    assert.ok(statSync(path).size <= size + 8192);
  });

  it('refuses a file that is not SQLite', async () => {
    await filled(1);
    writeFileSync(path, 'hello, this is some text that is longer than a header');
    await refused('corrupt', /not a SQLite file.*restore it from a backup/);
  });

  it('refuses the file of another program', async () => {
    await filled(1);
    tamper('PRAGMA application_id = 7');
    await refused('corrupt', /another program/);
  });

  it('refuses the file of a newer version', async () => {
    await filled(1);
    tamper('PRAGMA user_version = 99');
    await refused('corrupt', /newer kts/);
  });

  it('refuses a file with damaged pages', async () => {
    await filled(200);
    const bytes = readFileSync(path);
    bytes.fill(0xab, 4096 * 5, 4096 * 9);
    writeFileSync(path, bytes);
    await refused('corrupt', /cannot be used/);
  });

  it('refuses a file that was cut short', async () => {
    await filled(200);
    writeFileSync(path, readFileSync(path).subarray(0, 4096 * 12));
    await refused('corrupt', /cannot be used/);
  });

  it('refuses a value that is not JSON, naming its key', async () => {
    await filled(3);
    tamper("UPDATE live SET value = CAST('{\"a\":' AS BLOB) WHERE key = '/k/2'");
    await refused('corrupt', /\/k\/2 is not JSON/);
  });

  it('refuses a file that another process uses', async () => {
    const first = await open();
    await refused('unwritable', /in use by another process/);
    await first.create('/a', { metadata: {} }, strict);
    await first.close();
  });

  it('refuses a path that cannot be made', async () => {
    writeFileSync(join(directory, 'db'), 'a file where a directory should be');
    await assert.rejects(open(), (error) => (error as StoreError).code === 'unwritable' && /check that its directory/.test(String(error)));
  });
});

describe('JournalFile', () => {
  const value = new TextEncoder().encode('{}');
  const write = (key: string, revision: number) => ({ key, revision, createRevision: revision, value });

  it('keeps nothing of a batch that fails in the middle', () => {
    const file = new JournalFile(path, undefined);
    file.commit({ writes: [write('/a', 1)] });
    const bad = { ...write('/c', 3), revision: Number.NaN };
    assert.throws(
      () => file.commit({ writes: [write('/b', 2), bad] }),
      (error) => (error as StoreError).code === 'unwritable',
    );
    assert.deepEqual(
      [...file.rows()].flatMap((rows) => rows.keys),
      ['/a'],
    );
    file.commit({ writes: [write('/d', 4)] });
    file.close();
  });

  it('bounds its log by checkpoints', () => {
    const file = new JournalFile(path, undefined);
    const large = new TextEncoder().encode(JSON.stringify('z'.repeat(100_000)));
    let most = 0;
    for (let i = 1; i < 200; i++) {
      file.commit({ writes: [{ ...write('/a', i), value: large }] });
      file.checkpointIfDue();
      most = Math.max(most, statSync(`${path}-wal`).size);
    }
    assert.ok(most < 6 << 20, `the log grew to ${most}`);
    file.close();
  });
});
