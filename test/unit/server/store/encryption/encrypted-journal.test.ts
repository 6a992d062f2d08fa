// The journal that encrypts, over one that can be held back and fail: what it knows of its rows, and when a key may be forgotten.

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { EncryptedJournal } from '../../../../../src/server/store/encryption/encrypted-journal.ts';
import type { EncryptionKeys } from '../../../../../src/server/store/encryption/encryption-config.ts';
import { keyNameOf } from '../../../../../src/server/store/encryption/value-cipher.ts';
import { StoreError } from '../../../../../src/server/store/errors.ts';
import { MemoryJournal } from '../../../../support/memory-journal.ts';

const key = (name: string) => ({ name, secret: Buffer.alloc(32, name) });
const keys = (...names: string[]): EncryptionKeys => ({ enabled: true, keys: names.map(key) });
const PLACE = '/registry/secrets/default/a';
const row = (text: string, place = PLACE) => ({ key: place, revision: 1, createRevision: 1, value: Buffer.from(JSON.stringify({ text })) });

function world() {
  const inner = new MemoryJournal();
  const journal = EncryptedJournal.open({ journal: inner, entries: [], keys: undefined }, '/keys').start(keys('a'));
  const nameOnDisk = (place = PLACE): string | undefined => keyNameOf(inner.rows.get(place)?.value ?? new Uint8Array());
  return { inner, journal, nameOnDisk };
}

describe('EncryptedJournal', () => {
  it('encrypts Secrets and nothing else, and forgets those that are deleted', async () => {
    const { inner, journal, nameOnDisk } = world();
    await journal.commit({ writes: [row('x'), row('y', '/registry/configmaps/default/a')] });
    assert.deepEqual([nameOnDisk(), nameOnDisk('/registry/configmaps/default/a')], ['a', undefined]);
    await journal.commit({ writes: [{ ...row(''), value: undefined }] });
    assert.deepEqual([inner.rows.has(PLACE), journal.counts().size], [false, 0]);
  });

  it('says that a new key is in use only when no batch of the old one is on its way', async () => {
    const { inner, journal, nameOnDisk } = world();
    const gate = Promise.withResolvers<void>();
    inner.gate = gate.promise;
    const commit = journal.commit({ writes: [row('x')] });
    let settled = false;
    const used = journal.use(keys('b', 'a')).then(() => {
      settled = true;
    });
    await new Promise((resolve) => setImmediate(resolve));
    assert.deepEqual([settled, journal.stale()], [false, []]);
    gate.resolve();
    await Promise.all([commit, used]);
    assert.deepEqual([nameOnDisk(), journal.stale()], ['a', [PLACE]]);
    await journal.commit({ writes: [row('x')] });
    assert.deepEqual([nameOnDisk(), journal.stale(), [...journal.counts()]], ['b', [], [['b', 1]]]);
  });

  it('doubts a row whose write failed until it is written again', async () => {
    const { inner, journal } = world();
    await journal.commit({ writes: [row('x')] });
    inner.failure = new StoreError('unwritable', 'the disk is full');
    await assert.rejects(journal.commit({ writes: [row('y')] }), /the disk is full/);
    assert.deepEqual(journal.stale(), [PLACE]);
    assert.equal(journal.counts().get('a'), undefined);
    inner.failure = undefined;
    await journal.commit({ writes: [row('y')] });
    assert.deepEqual(journal.stale(), []);
  });

  it('asks for a scrub when it replaces what is plain or of another key, and only then', async () => {
    const { inner, journal } = world();
    const asked = (): boolean | undefined => inner.batches.at(-1)?.scrubDue;
    await journal.commit({ writes: [row('x')] });
    assert.equal(asked(), undefined);
    await journal.use(keys('b', 'a'));
    await journal.commit({ writes: [row('x')] });
    assert.equal(asked(), true);
    await journal.use({ ...keys('b'), enabled: false });
    await journal.commit({ writes: [row('x')] });
    assert.equal(asked(), undefined);
    await journal.use(keys('b'));
    await journal.commit({ writes: [row('x')] });
    assert.equal(asked(), true);
  });
});
