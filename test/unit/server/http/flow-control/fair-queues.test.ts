// Fair queuing: what comes next, who is turned away, and that a flow with many requests does not delay one with few.

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { FairQueues, type QueuedRequest } from '../../../../../src/server/http/flow-control/fair-queues.ts';

interface Work {
  readonly flow: string;
  queued?: QueuedRequest | undefined;
}

const shape = { queues: 2, handSize: 1, queueLengthLimit: 3 };
/** With two queues and hands of one, hash 0 is the first queue and 1 the second. */
const FLOWS: Readonly<Record<string, number>> = { a: 0, b: 1 };

function add(queues: FairQueues<Work>, flow: string, now = 0): Work {
  const work: Work = { flow };
  work.queued = queues.add(work, FLOWS[flow] ?? 0, { now, seats: 1 });
  return work;
}

/** Runs everything with one seat, each request for `ms`, and says in which order the flows came. */
function order(queues: FairQueues<Work>, ms: (flow: string) => number): string {
  let now = 0;
  let text = '';
  for (let work = queues.next({ now, seats: 1 }); work; work = queues.next({ now, seats: 1 })) {
    text += work.flow;
    now += ms(work.flow);
    if (work.queued) queues.finish(work.queued, { now, seats: 1 });
  }
  return text;
}

describe('FairQueues', () => {
  const cases: readonly [arrivals: string, ms: Readonly<Record<string, number>>, order: string][] = [
    ['aaabbb', { a: 10, b: 10 }, 'ababab'],
    ['aaab', { a: 10, b: 10 }, 'abaa'],
    ['aaabbb', { a: 30, b: 10 }, 'abbbaa'],
    ['ab', { a: 1, b: 1 }, 'ab'],
  ];
  for (const [arrivals, ms, expected] of cases) {
    it(`serves ${arrivals}, of ${JSON.stringify(ms)} ms each, as ${expected}`, () => {
      const queues = new FairQueues<Work>(shape);
      for (const flow of arrivals) add(queues, flow);
      assert.equal(
        order(queues, (flow) => ms[flow] ?? 0),
        expected,
      );
      assert.deepEqual([queues.waiting, queues.running, queues.lengths()], [0, 0, []]);
    });
  }

  it('refuses what a full queue cannot take, and no other', () => {
    const queues = new FairQueues<Work>(shape);
    for (let i = 0; i < 3; i++) assert.ok(add(queues, 'a').queued);
    assert.equal(add(queues, 'a').queued, undefined);
    assert.ok(add(queues, 'b').queued);
    assert.equal(queues.waiting, 4);
  });

  it('puts a request into the emptier queue of its hand', () => {
    const queues = new FairQueues<Work>({ queues: 2, handSize: 2, queueLengthLimit: 10 });
    for (let i = 0; i < 6; i++) add(queues, 'a');
    assert.deepEqual(
      queues.lengths().map(({ waiting }) => waiting),
      [3, 3],
    );
  });

  it('forgets a request that gave up', () => {
    const queues = new FairQueues<Work>(shape);
    const first = add(queues, 'a');
    add(queues, 'a');
    if (first.queued) queues.remove(first.queued);
    assert.equal(queues.waiting, 1);
    assert.equal(
      order(queues, () => 1),
      'a',
    );
  });

  it('owes nothing for the time in which a queue was idle', () => {
    const queues = new FairQueues<Work>(shape);
    add(queues, 'a');
    let now = 0;
    for (let i = 0; i < 100; i++) {
      const work = queues.next({ now, seats: 1 });
      now += 10;
      if (work?.queued) queues.finish(work.queued, { now, seats: 1 });
      add(queues, 'a', now);
    }
    for (let i = 0; i < 3; i++) add(queues, 'b', now);
    add(queues, 'a', now);
    let text = '';
    for (let work = queues.next({ now, seats: 1 }); work; work = queues.next({ now, seats: 1 })) {
      text += work.flow;
      now += 10;
      if (work.queued) queues.finish(work.queued, { now, seats: 1 });
    }
    assert.match(text, /^(ab|ba)/, 'the latecomer takes turns and no more');
  });

  it('makes no queue before it is needed', () => {
    const queues = new FairQueues<Work>({ queues: 10_000_000, handSize: 2, queueLengthLimit: 1 });
    assert.ok(add(queues, 'a').queued);
    assert.equal(queues.lengths().length, 1);
  });
});
