import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { bookedWrite } from '../../../../src/server/registry/booked-write.ts';

/** A store of one key whose writes enter the head state at once, or not at all. */
function place(options: { budget?: () => void; accepts?: boolean } = {}) {
  const steps: string[] = [];
  let revision = 1;
  const store = { head: () => ({ key: 'k', revision, createRevision: 1, object: {}, bytes: new Uint8Array() }) };
  const run = {
    draw() {
      steps.push('asked');
      options.budget?.();
      return async () => void steps.push('booked');
    },
  };
  const write = async (): Promise<string> => {
    if (options.accepts === false) throw new RangeError('lost');
    revision++;
    steps.push('written');
    return 'done';
  };
  return { steps, call: () => bookedWrite({ store: store as never, key: 'k', run }, write) };
}

describe('bookedWrite', () => {
  it('asks, writes and books in one turn', async () => {
    const { steps, call } = place();
    const result = call();
    assert.deepEqual(steps, ['asked', 'written', 'booked']);
    assert.equal(await result, 'done');
  });

  it('books nothing for a write that is refused', async () => {
    const { steps, call } = place({ accepts: false });
    await assert.rejects(call(), /lost/);
    assert.deepEqual(steps, ['asked']);
  });

  it('writes nothing when the budget refuses', async () => {
    const { steps, call } = place({
      budget: () => {
        throw new RangeError('too much');
      },
    });
    await assert.rejects(call(), /too much/);
    assert.deepEqual(steps, ['asked']);
  });
});
