// Batches of audit events: when they go, how large they are, and what is lost.

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { AuditBuffer, type AuditBufferOptions } from '../../../../src/server/audit/audit-buffer.ts';
import { FakeClock } from '../../../support/fake-clock.ts';

function world(options: Partial<AuditBufferOptions> = {}) {
  const clock = new FakeClock();
  const batches: string[] = [];
  const answers: (() => void)[] = [];
  const lost: string[] = [];
  const buffer = new AuditBuffer(
    { bufferSize: 100, maxSize: 3, maxWaitMs: 30_000, throttle: undefined, parallel: 10, ...options },
    {
      clock,
      deliver: (lines) => {
        batches.push(lines.join(''));
        return new Promise<void>((resolve) => answers.push(resolve));
      },
      lose: (count, why) => lost.push(`${count} ${why}`),
    },
  );
  const write = (text: string): void => {
    for (const line of text) buffer.write(line);
  };
  /** The oldest batch under way has arrived. */
  const answer = async (): Promise<void> => {
    answers.shift()?.();
    for (let turn = 0; turn < 5; turn++) await Promise.resolve();
  };
  return { clock, buffer, batches, answers, lost, write, answer };
}

describe('AuditBuffer', () => {
  it('sends a batch when it is full, and what is left when it has waited long enough', async () => {
    const { clock, batches, write } = world();
    write('abcde');
    assert.deepEqual(batches, ['abc']);
    await clock.advance(29_999);
    assert.deepEqual(batches, ['abc']);
    await clock.advance(1);
    assert.deepEqual(batches, ['abc', 'de']);
    write('f');
    await clock.advance(29_999);
    assert.equal(batches.length, 2, 'what comes later waits its own time');
    await clock.advance(1);
    assert.deepEqual(batches[2], 'f');
  });

  it('has no timer while nothing waits', () => {
    const { clock, write } = world({ maxSize: 1 });
    write('abc');
    assert.equal(clock.pending, 0);
  });

  it('loses what does not fit, and takes events again once there is room', async () => {
    const { lost, batches, write, answer, answers } = world({ bufferSize: 2, maxSize: 1, parallel: 1 });
    write('abcd');
    assert.deepEqual(batches, ['a']);
    assert.deepEqual(lost, ['1 audit buffer queue blocked']);
    await answer();
    write('e');
    assert.equal(lost.length, 1);
    while (answers.length > 0) await answer();
    assert.deepEqual(batches, ['a', 'b', 'c', 'e']);
  });

  it('bounds the bytes that wait or are on their way', async () => {
    const { buffer, lost, answer } = world({ maxSize: 1 });
    const large = 'x'.repeat(9 << 20);
    buffer.write(large);
    buffer.write(large);
    assert.equal(lost.length, 1);
    await answer();
    buffer.write(large);
    assert.equal(lost.length, 1);
  });

  it('keeps batches below their bytes, but lets a large event go alone', () => {
    const { batches, buffer } = world({ maxBatchBytes: 4 });
    for (const line of ['ab', 'cde', 'fghijk', 'l']) buffer.write(line);
    void buffer.stop();
    assert.deepEqual(batches, ['ab', 'cde', 'fghijk', 'l']);
  });

  it('holds batches to their rate after a burst', async () => {
    const { clock, batches, write } = world({ maxSize: 1, throttle: { qps: 10, burst: 2 } });
    write('abcd');
    assert.deepEqual(batches, ['a', 'b']);
    await clock.advance(100);
    assert.deepEqual(batches, ['a', 'b', 'c']);
    await clock.advance(100);
    assert.deepEqual(batches, ['a', 'b', 'c', 'd']);
    await clock.advance(10_000);
    write('efg');
    assert.equal(batches.length, 6, 'a pause earns a burst, no more');
  });

  it('has no more batches on their way than make sense', async () => {
    const { batches, write, answer } = world({ maxSize: 1, parallel: 2 });
    write('abc');
    assert.deepEqual(batches, ['a', 'b']);
    await answer();
    assert.deepEqual(batches, ['a', 'b', 'c']);
  });

  it('hands on all that waits at its end, and waits for it', async () => {
    const { clock, buffer, batches, write, answer } = world({ maxSize: 2, parallel: 1, throttle: { qps: 1, burst: 1 } });
    write('abc');
    let isStopped = false;
    const stopped = buffer.stop().then(() => (isStopped = true));
    await answer();
    assert.deepEqual([batches, isStopped], [['ab', 'c'], false]);
    await answer();
    await stopped;
    assert.equal(clock.pending, 0);
  });
});
