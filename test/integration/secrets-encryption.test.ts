// Secrets at rest: what is on the disk after a first start, an upgrade, a rotation; and what a wrong or missing key does.

import assert from 'node:assert/strict';
import { copyFileSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, it } from 'node:test';
import Database from 'better-sqlite3';
import { systemClock } from '../../src/base/clock.ts';
import { silentLogger } from '../../src/base/log.ts';
import { parseEncryptionKeys } from '../../src/server/store/encryption/encryption-config.ts';
import type { StoreError } from '../../src/server/store/errors.ts';
import { openEncryptedStore, openSqliteStore } from '../../src/server/store/sqlite-store.ts';
import type { Store } from '../../src/server/store/store.ts';
import { startJournalThread } from '../support/journal-thread.ts';

const strict = { durability: 'strict' } as const;
const deps = { startThread: startJournalThread, clock: systemClock, log: silentLogger };
let directory: string;
let path: string;
let keyFile: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'kts-encryption-'));
  path = join(directory, 'db/state.db');
  keyFile = join(directory, 'cred/encryption-config.json');
});
afterEach(() => rmSync(directory, { recursive: true }));

const open = () => openEncryptedStore({ path, keyFile }, deps);
const keys = () => parseEncryptionKeys(readFileSync(keyFile, 'utf8'), keyFile);
const secretKey = (name: string | number): string => `/registry/secrets/default/${name}`;
const secret = (text: string) => ({ metadata: {}, data: { password: text } });
const passwords = (store: Store): (string | undefined)[] =>
  store.list<ReturnType<typeof secret>>('/registry/secrets/').entries.map(({ object }) => object.data.password);

/** Whether a text stands anywhere in the database's directory. */
const onDisk = (text: string): boolean =>
  readdirSync(join(directory, 'db')).some((file) => readFileSync(join(directory, 'db', file)).includes(text));

async function fill(store: Store, count: number, text: string): Promise<void> {
  await Promise.all(Array.from({ length: count }, (_, i) => store.create(secretKey(i), secret(`${text}-${i}`), strict)));
}

/** Makes a database as kts wrote it before Secrets were encrypted: text in the column of values, and a Secret that was deleted. */
async function plainDatabase(): Promise<void> {
  const store = await openSqliteStore({ path }, deps);
  await fill(store, 20, 'plain-password');
  await store.create('/registry/configmaps/default/a', { metadata: {}, data: { plain: 'config' } }, strict);
  const gone = await store.create(secretKey('gone'), secret('deleted-password '.repeat(2_000)), strict);
  await store.delete(secretKey('gone'), { ...strict, revision: gone.revision });
  await store.close();
  const db = new Database(path);
  // Freed pages are left as they are.
  db.exec(`
    CREATE TABLE texts (key TEXT PRIMARY KEY, value TEXT NOT NULL, revision INTEGER NOT NULL, create_revision INTEGER NOT NULL) STRICT;
    INSERT INTO texts SELECT key, CAST(value AS TEXT), revision, create_revision FROM live;
    DROP TABLE live; ALTER TABLE texts RENAME TO live; PRAGMA user_version = 1;
  `);
  db.close();
}

describe('openEncryptedStore', () => {
  it('makes a key for the owner only and writes no plain byte of a Secret, while readers and watchers see it', async () => {
    const { store, encryption } = await open();
    const seen: unknown[] = [];
    store.watch<ReturnType<typeof secret>>('/registry/secrets/', 0, ({ entry }) => seen.push(entry.object.data.password));
    await store.create(secretKey('a'), secret('first-password'), strict);
    await store.create('/registry/configmaps/default/a', { metadata: {}, data: { text: 'not-a-secret' } }, strict);
    assert.deepEqual([seen, passwords(store)], [['first-password'], ['first-password']]);
    assert.deepEqual([onDisk('first-password'), onDisk('not-a-secret'), onDisk('k8s:enc:aesgcm:v1:')], [false, true, true]);
    assert.deepEqual([statSync(keyFile).mode & 0o777, encryption.status().keys.map((key) => key.secrets)], [0o600, [1]]);
    await store.close();
    const again = await open();
    assert.deepEqual(passwords(again.store), ['first-password']);
    await again.store.close();
    assert.equal(onDisk('first-password'), false);
  });

  it('encrypts the Secrets of an older database and leaves none of their bytes, nor those of deleted ones, in its files', async () => {
    await plainDatabase();
    assert.deepEqual([onDisk('plain-password-7'), onDisk('deleted-password')], [true, true]);
    const { store, encryption } = await open();
    assert.deepEqual([onDisk('plain-password'), onDisk('deleted-password')], [false, false]);
    assert.deepEqual([encryption.status().plain, encryption.status().keys.map((key) => key.secrets)], [0, [20]]);
    assert.equal(passwords(store).length, 20);
    assert.equal(store.get('/registry/configmaps/default/a') !== undefined, true);
    await store.close();
    assert.equal(onDisk('plain-password'), false);
  });

  it('removes plain bytes at the next start when a crash came between encrypting and removing', async () => {
    await plainDatabase();
    const { store } = await open();
    await store.close();
    const db = new Database(path);
    db.exec("INSERT INTO meta VALUES ('scrub', 1); CREATE TABLE x (t TEXT); INSERT INTO x VALUES ('left-over-password'); DROP TABLE x");
    db.close();
    assert.equal(onDisk('left-over-password'), true);
    await (await open()).store.close();
    assert.equal(onDisk('left-over-password'), false);
  });

  const faults: readonly (readonly [name: string, spoil: () => void, message: RegExp])[] = [
    [
      'a missing key file',
      () => rmSync(keyFile),
      /^\/registry\/secrets\/default\/0 is encrypted with the key aesgcmkey-\S+, which \S+encryption-config.json does not hold: restore/,
    ],
    [
      'a wrong secret under the right name',
      () => {
        const [key] = keys().keys;
        const text = readFileSync(keyFile, 'utf8');
        writeFileSync(keyFile, text.replace(Buffer.from(key?.secret ?? []).toString('base64'), Buffer.alloc(32).toString('base64')));
      },
      /is not encrypted with the key aesgcmkey-\S+ of /,
    ],
    ['a key file that is no JSON', () => writeFileSync(keyFile, 'x'), /cannot be used: it is not an EncryptionConfiguration/],
  ];
  for (const [name, spoil, message] of faults) {
    it(`refuses ${name} in one line and loses nothing`, async () => {
      const { store } = await open();
      await fill(store, 3, 'kept');
      await store.close();
      copyFileSync(keyFile, `${keyFile}.bak`);
      spoil();
      await assert.rejects(
        open(),
        (error: StoreError) => error.code === 'undecipherable' && message.test(error.message) && !error.message.includes('\n'),
      );
      copyFileSync(`${keyFile}.bak`, keyFile);
      const again = await open();
      assert.deepEqual(passwords(again.store), ['kept-0', 'kept-1', 'kept-2']);
      await again.store.close();
    });
  }

  it('finishes at start a rotation that a crash ended between the key file and the values', async () => {
    const { store } = await open();
    await fill(store, 3, 'kept');
    await store.close();
    const [old] = keys().keys;
    const text = readFileSync(keyFile, 'utf8');
    const added = JSON.stringify({ name: 'later', secret: Buffer.alloc(32, 9).toString('base64') });
    writeFileSync(keyFile, text.replace('"keys":[', `"keys":[${added},`));
    const again = await open();
    assert.deepEqual(again.encryption.status(), { enabled: true, keys: [{ name: 'later', secrets: 3 }], plain: 0 });
    assert.deepEqual([passwords(again.store), keys().keys.map(({ name }) => name)], [['kept-0', 'kept-1', 'kept-2'], ['later']]);
    assert.equal(onDisk(`k8s:enc:aesgcm:v1:${old?.name}:`), false);
    await again.store.close();
  });
});

describe('SecretsEncryption', () => {
  it('rotates under load: every Secret ends with the new key, no revision changes but by the writers, nobody is told', async () => {
    const { store, encryption } = await open();
    await fill(store, 1_500, 'v1');
    const before = encryption.status().keys[0]?.name;
    const { revision } = store;
    let events = 0;
    store.watch('/registry/secrets/', revision, () => events++);
    const writes = (async () => {
      for (let i = 0; i < 50; i++) {
        const head = store.head(secretKey(i));
        await store.update(secretKey(i), secret(`v2-${i}`), { ...strict, revision: head?.revision ?? 0 });
      }
    })();
    await Promise.all([encryption.rotate(), writes]);
    const [key, ...others] = encryption.status().keys;
    assert.deepEqual([key?.secrets, others, key?.name !== before, keys().keys.length], [1_500, [], true, 1]);
    assert.deepEqual([events, store.revision], [50, revision + 50]);
    await store.close();
    const again = await open();
    assert.equal(passwords(again.store).filter((text) => text?.startsWith('v2-')).length, 50);
    await again.store.close();
  });

  it('writes plain values while disabled, and leaves none of them behind when enabled again', async () => {
    const { store, encryption } = await open();
    await fill(store, 3, 'shown');
    await encryption.disable();
    assert.deepEqual(encryption.status(), { enabled: false, keys: [], plain: 3 });
    assert.equal(onDisk('shown-1'), true);
    await store.delete(secretKey(1), { ...strict, revision: store.head(secretKey(1))?.revision ?? 0 });
    await encryption.enable();
    assert.deepEqual([encryption.status().plain, onDisk('shown-0'), onDisk('shown-1')], [0, false, false]);
    await encryption.enable();
    await store.close();
  });
});
