import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { LruMap } from '../../../src/base/lru-map.ts';

describe('LruMap', () => {
  it('forgets what was used longest ago, and counts get and set as use', () => {
    const map = new LruMap<string, number>(2);
    map.set('a', 1);
    map.set('b', 2);
    assert.equal(map.get('a'), 1);
    map.set('c', 3);
    assert.deepEqual(
      ['a', 'b', 'c'].map((key) => map.get(key)),
      [1, undefined, 3],
    );
    map.set('a', 4);
    map.set('d', 5);
    assert.deepEqual([map.size, map.get('a'), map.get('c')], [2, 4, undefined]);
  });
});
