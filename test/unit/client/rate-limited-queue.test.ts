import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { RateLimitedQueue } from '../../../src/client/rate-limited-queue.ts';
import { FakeClock } from '../../support/fake-clock.ts';

function make(options = {}): { clock: FakeClock; queue: RateLimitedQueue } {
  const clock = new FakeClock();
  return { clock, queue: new RateLimitedQueue(options, { clock }) };
}

describe('RateLimitedQueue', () => {
  it('gives keys out once, in order of arrival', async () => {
    const { queue } = make();
    for (const key of ['b', 'a', 'b', 'c']) queue.add(key);
    assert.equal(queue.length, 3);
    assert.deepEqual([await queue.take(), await queue.take(), await queue.take()], ['b', 'a', 'c']);
    assert.equal(queue.length, 0);
  });

  it('does not give a key out twice at a time, but again after done', async () => {
    const { queue } = make();
    queue.add('a');
    assert.equal(await queue.take(), 'a');
    queue.add('a');
    queue.add('a');
    assert.equal(queue.length, 0);
    queue.done('a');
    assert.equal(queue.length, 1);
    assert.equal(await queue.take(), 'a');
    queue.done('a');
    assert.equal(queue.length, 0);
  });

  it('hands a key to a worker that already waits', async () => {
    const { queue } = make();
    const first = queue.take();
    const second = queue.take();
    queue.add('a');
    queue.add('b');
    assert.deepEqual(await Promise.all([first, second]), ['a', 'b']);
  });

  it('keeps the earliest of several delays of a key', async () => {
    const { clock, queue } = make();
    queue.addAfter('a', 1000);
    queue.addAfter('a', 100);
    queue.addAfter('a', 500);
    await clock.advance(99);
    assert.equal(queue.length, 0);
    await clock.advance(1);
    assert.equal(queue.length, 1);
    assert.equal(clock.pending, 0);
  });

  it('waits in pieces for a delay that no timer can hold', async () => {
    const { clock, queue } = make();
    const days40 = 40 * 86_400_000;
    queue.addAfter('a', days40);
    await clock.advance(days40 - 1000);
    assert.equal(queue.length, 0);
    await clock.advance(1000);
    assert.equal(queue.length, 1);
  });

  it('doubles the delay of a failing key up to its maximum, until it is forgotten', async () => {
    const { clock, queue } = make({ baseDelayMs: 10, maxDelayMs: 35 });
    for (const delay of [10, 20, 35, 35]) {
      queue.addRateLimited('a');
      await clock.advance(delay - 1);
      assert.equal(queue.length, 0, `before ${delay}`);
      await clock.advance(1);
      assert.equal(await queue.take(), 'a');
      queue.done('a');
    }
    assert.equal(queue.failures('a'), 4);
    queue.forget('a');
    queue.addRateLimited('a');
    await clock.advance(10);
    assert.equal(queue.length, 1);
  });

  it('ends waiting workers and timers when closed', async () => {
    const { clock, queue } = make();
    const waiting = queue.take();
    queue.addAfter('later', 10);
    queue.close();
    assert.equal(await waiting, undefined);
    assert.equal(clock.pending, 0);
    queue.add('a');
    queue.addAfter('b', 5);
    assert.equal(queue.length, 0);
    assert.equal(clock.pending, 0);
    assert.equal(await queue.take(), undefined);
  });
});
