import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { EntryIndex } from '../../../../src/server/store/entry-index.ts';
import type { Entry } from '../../../../src/server/store/store.ts';

const entry = (key: string): Entry => ({ key, revision: 1, createRevision: 1, object: {}, bytes: new Uint8Array() });
const keys = (entries: Iterable<Entry>): string[] => Array.from(entries, (item) => item.key);

describe('EntryIndex', () => {
  it('keeps thousands of keys in order whatever the order of inserts and deletes', () => {
    const words = fc.array(fc.tuple(fc.integer({ min: 0, max: 3000 }), fc.boolean()), { minLength: 2500, maxLength: 3000 });
    fc.assert(
      fc.property(words, (changes) => {
        const index = new EntryIndex();
        const model = new Set<string>();
        for (const [n, add] of changes) {
          const key = `/k/${n}`;
          if (add || n % 3) model.add(key);
          else model.delete(key);
          if (add || n % 3) index.set(entry(key));
          else index.delete(key);
        }
        const all = [...model].sort();
        assert.deepEqual(keys(index.range('')), all);
        assert.deepEqual(
          keys(index.range('/k/2')),
          all.filter((key) => key.startsWith('/k/2')),
        );
        assert.equal(index.count('/k/1'), all.filter((key) => key.startsWith('/k/1')).length);
        assert.equal(index.countAfter('/k/', '/k/15'), all.filter((key) => key > '/k/15').length);
      }),
      { numRuns: 10 },
    );
  });

  it('takes keys that come in order', () => {
    const index = new EntryIndex();
    const all = Array.from({ length: 2000 }, (_, i) => `/k/${String(i).padStart(5, '0')}`);
    for (const key of all) index.set(entry(key));
    assert.deepEqual(keys(index.range('')), all);
    assert.deepEqual(keys(index.range('/k/', '/k/01997')), all.slice(-2));
  });
});
