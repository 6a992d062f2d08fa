// The store against a model so simple that it is obviously right: a sorted array per revision.

import assert from 'node:assert/strict';
import { it } from 'node:test';
import fc from 'fast-check';
import { silentLogger } from '../../../../src/base/log.ts';
import { MemoryStore } from '../../../../src/server/store/memory-store.ts';
import type { Durability, Entry, StoreEvent } from '../../../../src/server/store/store.ts';
import { FakeClock } from '../../../support/fake-clock.ts';
import { MemoryJournal } from '../../../support/memory-journal.ts';

type State = ReadonlyMap<string, number>;

const step = fc.record({
  key: fc.constantFrom('/a', '/a/1', '/a/2', '/b', '/b/1', '/c', '/c/é'),
  action: fc.constantFrom<'put' | 'delete' | 'reopen'>('put', 'put', 'put', 'delete', 'reopen'),
  durability: fc.constantFrom<Durability>('strict', 'lazy'),
});

async function act(store: MemoryStore, { key, action, durability }: { key: string; action: string; durability: Durability }, n: number) {
  const revision = store.head(key)?.revision ?? 0;
  if (action === 'delete') return revision === 0 ? undefined : store.delete(key, { revision, durability });
  return revision === 0
    ? store.create(key, { metadata: {}, n }, { durability })
    : store.update(key, { metadata: {}, n }, { revision, durability });
}

const shown = (entries: readonly Entry<{ n: number }>[]): [string, number][] => entries.map((entry) => [entry.key, entry.object.n]);
const sorted = (state: State, prefix: string): [string, number][] =>
  [...state].filter(([key]) => key.startsWith(prefix)).sort(([a], [b]) => (a < b ? -1 : 1));

function checkLists(store: MemoryStore, history: ReadonlyMap<number, State>): void {
  for (const [revision, state] of history) {
    for (const prefix of ['', '/a', '/a/', '/c/']) {
      const all = sorted(state, prefix);
      assert.deepEqual(shown(store.list<{ n: number }>(prefix, { revision }).entries), all);
      const first = store.list<{ n: number }>(prefix, { revision, limit: 2 });
      const rest = first.continueKey ? store.list<{ n: number }>(prefix, { revision, after: first.continueKey }).entries : [];
      assert.deepEqual(shown([...first.entries, ...rest]), all);
      assert.equal(first.entries.length + first.remaining, all.length);
    }
  }
  assert.equal(store.count('/a'), sorted(history.get(store.revision) ?? new Map(), '/a').length);
}

it('MemoryStore agrees with a model on lists of every revision, counts and watches', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 40 }), async (steps) => {
      const journal = new MemoryJournal();
      const deps = { journal, clock: new FakeClock(), log: silentLogger };
      let store = new MemoryStore({ content: journal.content() }, deps);
      let state: State = new Map();
      let history = new Map([[store.revision, state]]);
      let events: StoreEvent[] = [];
      let written: number[] = [];
      store.watch('', store.revision, (event) => events.push(event));
      for (const [n, next] of steps.entries()) {
        if (next.action === 'reopen') {
          await store.close();
          store = new MemoryStore({ content: journal.content() }, deps);
          history = new Map([[store.revision, state]]);
          events = [];
          written = [];
          store.watch('', store.revision, (event) => events.push(event));
          continue;
        }
        const entry = await act(store, next, n);
        if (!entry) continue;
        const copy = new Map(state);
        if (next.action === 'delete') copy.delete(next.key);
        else copy.set(next.key, n);
        state = copy;
        history.set(entry.revision, state);
        written.push(entry.revision);
      }
      checkLists(store, history);
      assert.deepEqual(
        events.map((event) => event.revision),
        written,
      );
    }),
    { numRuns: 150 },
  );
});
