import assert from 'node:assert/strict';
import { it } from 'node:test';
import { ReplacementBackoff } from '../../../../src/server/controllers/replacement-backoff.ts';

it('ReplacementBackoff waits twice as long each time, up to its bound, for each place alone', () => {
  const backoff = new ReplacementBackoff(4_000);
  const take = (place: string, nowMs: number) => backoff.take('ns/web', place, nowMs);
  assert.deepEqual([take('a', 0), take('a', 0), take('b', 0)], [0, 1_000, 0]);
  assert.deepEqual([take('a', 1_000), take('a', 1_000)], [0, 2_000]);
  assert.deepEqual([take('a', 3_000), take('a', 3_000)], [0, 4_000]);
  assert.deepEqual([take('a', 7_000), take('a', 7_000)], [0, 4_000]);
  assert.deepEqual([take('a', 20_000), take('a', 20_000)], [0, 1_000]);
  backoff.forget('ns/web');
  assert.equal(take('a', 20_000), 0);
});
