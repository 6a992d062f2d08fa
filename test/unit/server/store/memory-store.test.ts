// What the store in memory does with a journal that is slow, failing or idle.

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { silentLogger } from '../../../../src/base/log.ts';
import { StoreError } from '../../../../src/server/store/errors.ts';
import { MemoryStore } from '../../../../src/server/store/memory-store.ts';
import { FakeClock } from '../../../support/fake-clock.ts';
import { MemoryJournal } from '../../../support/memory-journal.ts';

const strict = { durability: 'strict' } as const;
const lazy = { durability: 'lazy' } as const;
const object = () => ({ metadata: { name: 'x' } });

function setup() {
  const journal = new MemoryJournal();
  const clock = new FakeClock();
  const open = (): MemoryStore => new MemoryStore({ content: journal.content() }, { journal, clock, log: silentLogger });
  return { journal, clock, open, store: open() };
}

/** Lets everything that can happen without time passing happen. */
const settle = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
const written = (journal: MemoryJournal): string[][] => journal.batches.map((batch) => batch.writes.map((write) => write.key));

describe('MemoryStore, strict class', () => {
  it('publishes and answers only what the journal has committed', async () => {
    const { journal, store } = setup();
    const gate = Promise.withResolvers<void>();
    journal.gate = gate.promise;
    const events: string[] = [];
    store.watch('', 0, (event) => events.push(event.entry.key));
    const write = store.create('/a', object(), strict);
    await settle();
    assert.deepEqual([events, store.get('/a'), store.revision], [[], undefined, 0]);
    gate.resolve();
    await write;
    assert.deepEqual(events, ['/a']);
  });

  it('commits in one batch what is queued', async () => {
    const { journal, store } = setup();
    const first = store.create('/a', object(), strict);
    await settle();
    await first;
    const gate = Promise.withResolvers<void>();
    journal.gate = gate.promise;
    const writes = [store.create('/b', object(), strict)];
    await settle();
    writes.push(store.create('/c', object(), strict), store.create('/d', object(), strict));
    gate.resolve();
    await Promise.all(writes);
    assert.deepEqual(written(journal), [['/a'], ['/b'], ['/c', '/d']]);
  });

  it('refuses all in flight when the journal fails, goes back to the published state, and accepts writes again later', async () => {
    const { journal, store } = setup();
    const a = await store.create('/a', object(), strict);
    journal.failure = new StoreError('unwritable', 'disk full');
    const update = store.update('/a', object(), { revision: a.revision, ...strict });
    const next = store.update('/a', object(), { revision: store.head('/a')?.revision ?? 0, ...strict });
    const create = store.create('/b', object(), strict);
    for (const result of await Promise.allSettled([update, next, create])) assert.equal(result.status, 'rejected');
    assert.equal(store.head('/a'), a);
    assert.equal(store.head('/b'), undefined);
    assert.equal(store.revision, a.revision);
    journal.failure = undefined;
    const again = await store.update('/a', object(), { revision: a.revision, ...strict });
    assert.ok(again.revision > a.revision + 3, 'revisions of refused writes are not given out again');
  });
});

describe('MemoryStore, lazy class', () => {
  it('publishes at once, behind strict writes that came before', async () => {
    const { journal, store } = setup();
    await store.create('/first', object(), strict);
    await store.create('/lazy1', object(), lazy);
    assert.deepEqual(written(journal), [['/first']]);
    const gate = Promise.withResolvers<void>();
    journal.gate = gate.promise;
    const order: string[] = [];
    store.watch('', store.revision, (event) => order.push(event.entry.key));
    const writes = [store.create('/strict', object(), strict), store.create('/lazy2', object(), lazy)];
    await settle();
    assert.deepEqual(order, []);
    gate.resolve();
    await Promise.all(writes);
    assert.deepEqual(order, ['/strict', '/lazy2']);
  });

  it('writes new keys within 30 s in one batch, and a heartbeat every 5 minutes', async () => {
    const { journal, clock, store } = setup();
    await store.create('/s', object(), strict);
    for (const key of ['/a', '/b']) await store.create(key, object(), lazy);
    await clock.advance(30_000);
    assert.deepEqual(written(journal), [['/s'], ['/a', '/b']]);
    for (let second = 0; second < 600; second += 10) {
      await store.update('/a', object(), { revision: store.head('/a')?.revision ?? 0, ...lazy });
      await clock.advance(10_000);
    }
    const heartbeats = written(journal).slice(2);
    assert.deepEqual(heartbeats, [['/a'], ['/a']]);
  });

  it('writes nothing while nothing changes', async () => {
    const { journal, clock, store } = setup();
    await store.create('/a', object(), lazy);
    await clock.advance(30_000);
    const before = journal.batches.length;
    await clock.advance(3_600_000);
    assert.equal(journal.batches.length, before);
    assert.equal(clock.pending, 0);
  });

  it('tries again with the next turn when the journal failed', async () => {
    const { journal, clock, store } = setup();
    await store.create('/s', object(), strict);
    await store.create('/a', object(), lazy);
    journal.failure = new StoreError('unwritable', 'disk full');
    await clock.advance(30_000);
    assert.ok(store.get('/a'));
    journal.failure = undefined;
    await clock.advance(30_000);
    assert.ok(journal.rows.has('/a'));
  });

  it('never overwrites a newer strict state with an older lazy one', async () => {
    const { journal, clock, store } = setup();
    const a = await store.create('/a', object(), lazy);
    const gate = Promise.withResolvers<void>();
    journal.gate = gate.promise;
    const update = store.update('/a', { ...object(), spec: 1 }, { revision: a.revision, ...strict });
    await clock.advance(30_000);
    gate.resolve();
    const { revision } = await update;
    await clock.advance(600_000);
    assert.equal(journal.rows.get('/a')?.revision, revision);
  });

  it('never gives a revision out twice, even when the process dies before a lazy write is on disk', async () => {
    const { journal, store, open } = setup();
    for (let i = 0; i < 12_000; i++) await store.create(`/${i}`, object(), lazy);
    const { revision } = store;
    const again = open();
    assert.ok(again.revision >= revision);
    assert.equal(again.count(''), 0);
    assert.ok(journal.batches.length <= 4, 'reservations are rare');
  });

  it('goes on exactly where it was after a clean close', async () => {
    const { store, open } = setup();
    const { revision } = await store.create('/a', object(), lazy);
    await store.close();
    assert.equal(open().revision, revision);
  });
});

describe('MemoryStore, watchers', () => {
  it('cuts off a listener that throws and serves the others', async () => {
    const { store } = setup();
    const seen: string[] = [];
    let calls = 0;
    store.watch('', 0, () => {
      calls++;
      throw new RangeError('bug');
    });
    store.watch('', 0, (event) => seen.push(event.entry.key));
    await store.create('/a', object(), strict);
    await store.create('/b', object(), strict);
    assert.deepEqual([calls, seen], [1, ['/a', '/b']]);
  });
});

describe('MemoryStore.rewrite', () => {
  it('gives the journal what is published again: the same revisions, nobody told, in batches', async () => {
    const { journal, store } = setup();
    const keys = Array.from({ length: 1_500 }, (_, i) => `/k/${i}`);
    await Promise.all(keys.map((key) => store.create(key, object(), strict)));
    const before = journal.batches.length;
    const { revision } = store;
    let events = 0;
    store.watch('', revision, () => events++);
    await store.rewrite(keys);
    const rewritten = journal.batches.slice(before).map((batch) => batch.writes.length);
    assert.deepEqual([rewritten, events, store.revision], [[1_000, 500], 0, revision]);
    assert.ok(keys.every((key) => journal.rows.get(key)?.revision === store.get(key)?.revision));
  });

  it('leaves a key with a write in flight to that write, and one that is gone alone', async () => {
    const { journal, store } = setup();
    const a = await store.create('/a', object(), strict);
    await store.create('/b', object(), strict);
    const gate = Promise.withResolvers<void>();
    journal.gate = gate.promise;
    const update = store.update('/a', object(), { ...strict, revision: a.revision });
    await settle();
    const rewrite = store.rewrite(['/a', '/b', '/gone']);
    gate.resolve();
    await Promise.all([update, rewrite]);
    assert.equal(journal.rows.get('/a')?.revision, (await update).revision);
    assert.deepEqual([...journal.rows.keys()], ['/a', '/b']);
  });

  it('fails when the journal does, and refuses no write with it', async () => {
    const { journal, store } = setup();
    const a = await store.create('/a', object(), strict);
    journal.failure = new StoreError('unwritable', 'the disk is full');
    await assert.rejects(store.rewrite(['/a']), /the disk is full/);
    journal.failure = undefined;
    await store.update('/a', object(), { ...strict, revision: a.revision });
    await store.rewrite(['/a']);
  });
});
