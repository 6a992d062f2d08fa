// What every Store does. Run by store.test.ts on each implementation.

import assert from 'node:assert/strict';
import { afterEach, beforeEach, describe, it } from 'node:test';
import type { StoreError } from '../../src/server/store/errors.ts';
import type { Entry, Store, StoreEvent } from '../../src/server/store/store.ts';

/** One implementation: opens the same store again and again. */
export interface StoreFixture {
  readonly name: string;
  /** A fresh, empty store. Ring of 64 events. */
  create(): Promise<{ store: Store; reopen(): Promise<Store>; remove(): Promise<void> }>;
}

interface Thing {
  readonly metadata: { readonly name: string; readonly resourceVersion?: string };
  readonly spec?: { readonly n: number };
}

const strict = { durability: 'strict' } as const;
const lazy = { durability: 'lazy' } as const;
const thing = (name: string, n = 0): Thing => ({ metadata: { name }, spec: { n } });
const key = (name: string): string => `/registry/things/default/${name}`;
const code = (expected: string) => (error: unknown) => (error as StoreError).code === expected;
const keysOf = (entries: readonly Entry[]): string[] => entries.map((entry) => entry.key);
const json = (entry: Entry): unknown => JSON.parse(new TextDecoder().decode(entry.bytes));
const summary = (event: StoreEvent): string => `${event.type} ${event.entry.key.split('/').at(-1)}@${event.revision}`;

/** Registers the suite. */
export function storeSuite(fixture: StoreFixture): void {
  describe(`Store on ${fixture.name}`, () => {
    let opened: Awaited<ReturnType<StoreFixture['create']>>;
    let store: Store;
    beforeEach(async () => {
      opened = await fixture.create();
      store = opened.store;
    });
    afterEach(async () => {
      await store.close();
      await opened.remove();
    });
    const use = (): Store => store;
    const reopen = async (): Promise<Store> => {
      store = await opened.reopen();
      return store;
    };
    writes(use);
    preconditions(use);
    lists(use);
    listsOfThePast(use);
    watches(use);
    lives(use, reopen);
  });
}

function writes(use: () => Store): void {
  describe('writes', () => {
    it('create returns the entry that get then returns, stamped in object and bytes', async () => {
      const entry = await use().create(key('a'), thing('a', 1), strict);
      assert.equal(use().get(key('a')), entry);
      assert.equal(entry.createRevision, entry.revision);
      assert.equal(use().revision, entry.revision);
      const expected = { metadata: { name: 'a', resourceVersion: String(entry.revision) }, spec: { n: 1 } };
      assert.deepEqual(entry.object, expected);
      assert.deepEqual(json(entry), expected);
    });
    it('update keeps createRevision and stamps the new revision', async () => {
      const first = await use().create(key('a'), thing('a', 1), strict);
      const second = await use().update(key('a'), { ...first.object, spec: { n: 2 } }, { revision: first.revision, ...strict });
      assert.ok(second.revision > first.revision);
      assert.equal(second.createRevision, first.createRevision);
      assert.deepEqual(json(second), { metadata: { name: 'a', resourceVersion: String(second.revision) }, spec: { n: 2 } });
    });
    it('delete removes and returns the last state at the revision of the delete', async () => {
      const first = await use().create(key('a'), thing('a', 1), strict);
      const last = await use().delete<Thing>(key('a'), { revision: first.revision, ...strict });
      assert.equal(use().get(key('a')), undefined);
      assert.deepEqual(last.object, { metadata: { name: 'a', resourceVersion: String(last.revision) }, spec: { n: 1 } });
    });
    it('a key can be created again after its delete', async () => {
      const first = await use().create(key('a'), thing('a'), strict);
      await use().delete(key('a'), { revision: first.revision, ...strict });
      const again = await use().create(key('a'), thing('a'), strict);
      assert.ok(again.createRevision > first.revision);
    });
    it('objects are frozen through and through', async () => {
      const { object } = await use().create(key('a'), thing('a', 1), strict);
      assert.ok(Object.isFrozen(object) && Object.isFrozen(object.metadata) && Object.isFrozen(object.spec));
    });
    it('text outside ASCII survives in bytes', async () => {
      const entry = await use().create(key('a'), { metadata: { name: 'ä€😀' } }, strict);
      assert.deepEqual(json(entry), entry.object);
    });
    it('each write takes a higher revision, whatever its durability', async () => {
      const names = Array.from({ length: 40 }, (_, i) => `n${i}`);
      const entries = await Promise.all(names.map((name, i) => use().create(key(name), thing(name), i % 3 ? strict : lazy)));
      const revisions = entries.map((entry) => entry.revision);
      assert.deepEqual(
        revisions,
        [...new Set(revisions)].sort((a, b) => a - b),
      );
    });
    it('create with an aborted signal writes nothing', async () => {
      await assert.rejects(
        use().create(key('a'), thing('a'), { ...strict, signal: AbortSignal.abort(new RangeError('gone')) }),
        RangeError,
      );
      assert.equal(use().head(key('a')), undefined);
    });
  });
}

function preconditions(use: () => Store): void {
  describe('preconditions', () => {
    it('create of a key that is there fails with exists', async () => {
      await use().create(key('a'), thing('a'), strict);
      await assert.rejects(use().create(key('a'), thing('a'), strict), code('exists'));
    });
    it('update and delete of a key that is not there fail with missing', async () => {
      await assert.rejects(use().update(key('a'), thing('a'), { revision: 1, ...strict }), code('missing'));
      await assert.rejects(use().delete(key('a'), { revision: 1, ...strict }), code('missing'));
    });
    it('update and delete at another revision fail with conflict, say which is there, and change nothing', async () => {
      const entry = await use().create(key('a'), thing('a'), strict);
      for (const attempt of [
        use().update(key('a'), thing('a', 9), { revision: entry.revision - 1, ...strict }),
        use().delete(key('a'), { revision: 0, ...strict }),
      ]) {
        await assert.rejects(attempt, (error) => code('conflict')(error) && (error as StoreError).fields.revision === entry.revision);
      }
      assert.equal(use().get(key('a')), entry);
    });
    it('of concurrent updates of one revision exactly one succeeds', async () => {
      const { revision } = await use().create(key('a'), thing('a'), strict);
      const all = [1, 2, 3, 4].map((n) => use().update(key('a'), thing('a', n), { revision, ...strict }));
      const results = await Promise.allSettled(all);
      assert.deepEqual(
        results.map((result) => result.status),
        ['fulfilled', 'rejected', 'rejected', 'rejected'],
      );
      assert.equal(use().get<Thing>(key('a'))?.object.spec?.n, 1);
    });
    it('head shows a write that is accepted but not answered, and is the precondition of the next', async () => {
      const first = use().create(key('a'), thing('a', 1), strict);
      const head = use().head<Thing>(key('a'));
      assert.equal(head?.object.spec?.n, 1);
      assert.equal(use().get(key('a')), undefined);
      const second = use().update(key('a'), thing('a', 2), { revision: head?.revision ?? 0, ...strict });
      assert.deepEqual(await first, head);
      assert.equal((await second).object.spec?.n, 2);
      assert.equal(use().head(key('a')), use().get(key('a')));
    });
  });
}

function lists(use: () => Store): void {
  describe('list', () => {
    beforeEach(async () => {
      for (const name of ['c', 'a', 'd', 'b', 'e']) await use().create(key(name), thing(name, name.charCodeAt(0)), strict);
      await use().create('/registry/things/default2/x', thing('x'), strict);
      await use().create('/registry/thing', thing('y'), strict);
    });
    it('returns what begins with the prefix in order of keys, at the newest revision', () => {
      const page = use().list('/registry/things/default/');
      assert.deepEqual(keysOf(page.entries), ['a', 'b', 'c', 'd', 'e'].map(key));
      assert.deepEqual([page.revision, page.remaining, page.continueKey], [use().revision, 0, undefined]);
      assert.equal(use().list('/registry/things/').entries.length, 6);
      assert.equal(use().list('').entries.length, 7);
      assert.deepEqual(use().list('/nothing').entries, []);
    });
    it('pages by limit and after', () => {
      const first = use().list('/registry/things/default/', { limit: 2 });
      assert.deepEqual([keysOf(first.entries), first.continueKey, first.remaining], [['a', 'b'].map(key), key('b'), 3]);
      const second = use().list('/registry/things/default/', { limit: 2, after: key('b') });
      assert.deepEqual([keysOf(second.entries), second.remaining], [['c', 'd'].map(key), 1]);
      const third = use().list('/registry/things/default/', { limit: 2, after: key('d') });
      assert.deepEqual([keysOf(third.entries), third.continueKey, third.remaining], [[key('e')], undefined, 0]);
    });
    it('goes on after a key that is gone', async () => {
      const entry = use().get(key('b'));
      await use().delete(key('b'), { revision: entry?.revision ?? 0, ...strict });
      assert.deepEqual(keysOf(use().list('/registry/things/default/', { limit: 1, after: key('b') }).entries), [key('c')]);
      assert.equal(use().list('/registry/things/default/', { limit: 1, after: key('b') }).remaining, 2);
    });
    it('match drops entries before the limit counts', () => {
      const odd = (entry: Entry<Thing>): boolean => (entry.object.spec?.n ?? 0) % 2 === 1;
      const page = use().list<Thing>('/registry/things/default/', { limit: 2, match: odd });
      assert.deepEqual([keysOf(page.entries), page.continueKey, page.remaining], [['a', 'c'].map(key), key('c'), 1]);
    });
    it('count counts a prefix', () => {
      assert.deepEqual(
        ['/registry/things/default/', '/registry/things/', '', '/x'].map((prefix) => use().count(prefix)),
        [5, 6, 7, 0],
      );
    });
  });
}

function listsOfThePast(use: () => Store): void {
  describe('list at a revision', () => {
    const prefix = '/registry/things/';
    it('shows what was there then, page by page', async () => {
      for (const name of ['b', 'd', 'f']) await use().create(key(name), thing(name, 1), strict);
      const { revision } = use();
      await use().create(key('a'), thing('a'), strict);
      await use().update(key('b'), thing('b', 2), { revision: use().get(key('b'))?.revision ?? 0, ...strict });
      await use().delete(key('d'), { revision: use().get(key('d'))?.revision ?? 0, ...strict });
      await use().create(key('d'), thing('d', 5), strict);
      await use().delete(key('f'), { revision: use().get(key('f'))?.revision ?? 0, ...strict });
      const all = use().list<Thing>(prefix, { revision });
      assert.deepEqual(
        all.entries.map((entry) => [entry.key, entry.object.spec?.n]),
        ['b', 'd', 'f'].map((name) => [key(name), 1]),
      );
      assert.equal(all.revision, revision);
      const first = use().list(prefix, { revision, limit: 2 });
      assert.deepEqual([keysOf(first.entries), first.remaining, first.continueKey], [['b', 'd'].map(key), 1, key('d')]);
      assert.deepEqual(keysOf(use().list(prefix, { revision, limit: 2, after: key('d') }).entries), [key('f')]);
    });
    it('fails with future above the newest and with compacted below the ring', async () => {
      const { revision } = await use().create(key('a'), thing('a'), strict);
      assert.throws(() => use().list(prefix, { revision: revision + 1 }), code('future'));
      for (let i = 0; i < 70; i++) await use().create(key(`x${i}`), thing('x'), lazy);
      assert.throws(() => use().list(prefix, { revision }), code('compacted'));
      assert.throws(() => use().watch(prefix, revision, () => {}), code('compacted'));
    });
  });
}

function watches(use: () => Store): void {
  describe('watch', () => {
    const prefix = '/registry/things/';
    it('gives past events before it returns, then live ones, each once and in order', async () => {
      const a = await use().create(key('a'), thing('a'), strict);
      const b = await use().create(key('b'), thing('b'), strict);
      const seen: string[] = [];
      const watch = use().watch(prefix, a.revision, (event) => seen.push(summary(event)));
      assert.deepEqual(seen, [`create b@${b.revision}`]);
      const a2 = await use().update(key('a'), thing('a', 1), { revision: a.revision, ...strict });
      const c = await use().create(key('c'), thing('c'), lazy);
      const gone = await use().delete(key('b'), { revision: b.revision, ...strict });
      assert.deepEqual(seen.slice(1), [`update a@${a2.revision}`, `create c@${c.revision}`, `delete b@${gone.revision}`]);
      watch.close();
      await use().create(key('d'), thing('d'), strict);
      assert.equal(seen.length, 4);
    });
    it('carries the entry before and after; a delete carries the last state', async () => {
      const events: StoreEvent<Thing>[] = [];
      use().watch<Thing>(prefix, use().revision, (event) => events.push(event));
      const a = await use().create(key('a'), thing('a', 1), strict);
      const a2 = await use().update(key('a'), thing('a', 2), { revision: a.revision, ...strict });
      await use().delete(key('a'), { revision: a2.revision, ...strict });
      assert.deepEqual(
        events.map((event) => [event.type, event.entry.object.spec?.n, event.previous?.object.spec?.n]),
        [
          ['create', 1, undefined],
          ['update', 2, 1],
          ['delete', 2, 2],
        ],
      );
      assert.equal(events[2]?.entry.object.metadata.resourceVersion, String(events[2]?.revision));
    });
    it('hears only its prefix', async () => {
      const seen: string[] = [];
      use().watch('/registry/things/default/', use().revision, (event) => seen.push(event.entry.key));
      await use().create('/registry/things/other/a', thing('a'), strict);
      await use().create(key('a'), thing('a'), strict);
      assert.deepEqual(seen, [key('a')]);
    });
    it('never shows a write before get does, nor after it is answered', async () => {
      let shown = '';
      use().watch(prefix, use().revision, (event) => {
        shown = event.entry.key;
        assert.equal(use().get(event.entry.key), event.entry);
        assert.equal(use().revision, event.revision);
      });
      await use().create(key('a'), thing('a'), strict);
      assert.equal(shown, key('a'));
    });
    it('keeps the order for all when a listener writes or watches', async () => {
      const early: string[] = [];
      const nested: string[] = [];
      const late: string[] = [];
      let follow: Promise<unknown> | undefined;
      use().watch(prefix, use().revision, (event) => {
        early.push(summary(event));
        if (follow) return;
        follow = use().create(key('z'), thing('z'), lazy);
        use().watch(prefix, event.revision - 1, (inner) => nested.push(summary(inner)));
      });
      use().watch(prefix, use().revision, (event) => late.push(summary(event)));
      const a = await use().create(key('a'), thing('a'), strict);
      await follow;
      const expected = [`create a@${a.revision}`, `create z@${a.revision + 1}`];
      assert.deepEqual([early, late, nested], [expected, expected, expected]);
    });
    it('onProgress tells each newest revision until it is closed', async () => {
      const told: number[] = [];
      const progress = use().onProgress((revision) => told.push(revision));
      const { revision } = await use().create(key('a'), thing('a'), strict);
      assert.equal(told.at(-1), revision);
      progress.close();
      await use().create(key('b'), thing('b'), strict);
      assert.equal(told.at(-1), revision);
    });
  });
}

function lives(use: () => Store, reopen: () => Promise<Store>): void {
  describe('close and open', () => {
    it('keeps objects, revisions and creation of both classes', async () => {
      const a = await use().create(key('a'), thing('a', 1), strict);
      const b = await use().create(key('b'), thing('b', 2), lazy);
      const b2 = await use().update(key('b'), thing('b', 3), { revision: b.revision, ...lazy });
      const c = await use().create(key('c'), thing('c'), strict);
      await use().delete(key('c'), { revision: c.revision, ...lazy });
      const before = use().revision;
      await use().close();
      const again = await reopen();
      assert.ok(again.revision >= before);
      assert.deepEqual(
        again.list<Thing>('').entries.map((entry) => [entry.key, entry.revision, entry.createRevision, entry.object]),
        [a, b2].map((entry) => [entry.key, entry.revision, entry.createRevision, entry.object]),
      );
      assert.ok(Object.isFrozen(again.get<Thing>(key('a'))?.object.spec));
    });
    it('goes on above every revision given out, so watches of before resume or are refused', async () => {
      const a = await use().create(key('a'), thing('a'), strict);
      await use().close();
      const again = await reopen();
      const b = await again.create(key('b'), thing('b'), strict);
      assert.ok(b.revision > a.revision);
      assert.throws(() => again.watch('', a.revision - 1, () => {}), code('compacted'));
    });
    it('refuses writes after close and closes twice', async () => {
      await use().close();
      await assert.rejects(use().create(key('a'), thing('a'), strict), code('closed'));
      await use().close();
    });
  });
}
