// Flow control with a clock moved by hand: who runs, who waits and for how long, who is turned away and in which words, what levels lend.

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { FlowControlObjects } from '../../../../../src/api/flow-control-objects.ts';
import { StatusError } from '../../../../../src/api/status-error.ts';
import type { FlowSchema, PriorityLevelConfiguration } from '../../../../../src/api/types/flowcontrol-v1.gen.ts';
import { type Admitted, FlowControl } from '../../../../../src/server/http/flow-control/flow-control.ts';
import { requestsText } from '../../../../../src/server/http/flow-control/flow-dump-routes.ts';
import { parseRequestInfo } from '../../../../../src/server/http/request-info.ts';
import { FakeClock } from '../../../../support/fake-clock.ts';

const API_VERSION = 'flowcontrol.apiserver.k8s.io/v1';

interface LevelRow {
  readonly shares: number;
  readonly lendable?: number;
  readonly queueLengthLimit?: number;
}

/** A level of that name for the group of that name. */
function objects(rows: Readonly<Record<string, LevelRow>>): FlowControlObjects {
  const levels = Object.entries(rows).map(
    ([name, { shares, lendable = 0, queueLengthLimit }]): PriorityLevelConfiguration => ({
      apiVersion: API_VERSION,
      kind: 'PriorityLevelConfiguration',
      metadata: { name },
      spec: {
        type: 'Limited',
        limited: {
          nominalConcurrencyShares: shares,
          lendablePercent: lendable,
          limitResponse:
            queueLengthLimit === undefined ? { type: 'Reject' } : { type: 'Queue', queuing: { queues: 8, handSize: 1, queueLengthLimit } },
        },
      },
      status: {},
    }),
  );
  const schemas = Object.keys(rows).map(
    (name): FlowSchema => ({
      apiVersion: API_VERSION,
      kind: 'FlowSchema',
      metadata: { name },
      spec: {
        priorityLevelConfiguration: { name },
        matchingPrecedence: 100,
        distinguisherMethod: { type: 'ByUser' },
        rules: [{ subjects: [{ kind: 'Group', group: { name } }], nonResourceRules: [{ verbs: ['*'], nonResourceURLs: ['*'] }] }],
      },
      status: {},
    }),
  );
  return { schemas, levels };
}

/** Flow control of the given levels; catch-all has 5 shares beside theirs. */
function world(rows: Readonly<Record<string, LevelRow>>, seats: number) {
  const clock = new FakeClock();
  const control = new FlowControl({ seats }, { clock });
  control.configure(objects(rows));
  const flow = (group: string, user = 'u') =>
    control.flowOf({ user: { name: user, groups: [group] }, info: parseRequestInfo('GET', '/x', new URLSearchParams()) });
  const admit = (group: string, user = 'u', signal = new AbortController().signal, seats = 1) =>
    control.admit(flow(group, user), signal, seats);
  const level = (name: string) => control.levels().find((candidate) => candidate.name === name);
  return { clock, control, flow, admit, level };
}

const isRejection = (error: unknown): boolean =>
  error instanceof StatusError &&
  error.code === 429 &&
  error.message === 'Too many requests, please try again later.' &&
  error.status.details?.retryAfterSeconds === 1;

function running(admitted: Admitted | Promise<Admitted>): Admitted {
  assert.ok(!(admitted instanceof Promise), 'it runs at once');
  return admitted;
}

describe('FlowControl', () => {
  it('lets run what has a seat, queues what has none, and refuses what finds its queue full', async () => {
    const { admit, level } = world({ a: { shares: 5, queueLengthLimit: 2 } }, 2);
    const first = running(admit('a'));
    const second = admit('a');
    const third = admit('a');
    assert.throws(() => admit('a'), isRejection);
    assert.deepEqual([level('a')?.running, level('a')?.waiting], [1, 2]);
    first.release();
    first.release();
    (await second).release();
    (await third).release();
    assert.deepEqual([level('a')?.running, level('a')?.waiting], [0, 0]);
  });

  it('refuses at once where a level does not queue', () => {
    const { admit } = world({ a: { shares: 5 } }, 2);
    running(admit('a'));
    assert.throws(() => admit('a'), isRejection);
  });

  it('refuses after a quarter of a minute in a queue, and leaves nothing behind', async () => {
    const { clock, admit, level } = world({ a: { shares: 5, queueLengthLimit: 2 } }, 2);
    const first = running(admit('a'));
    const refused = assert.rejects(Promise.resolve(admit('a')), isRejection);
    await clock.advance(14_999);
    assert.equal(level('a')?.waiting, 1);
    await clock.advance(1);
    await refused;
    assert.deepEqual([level('a')?.waiting, clock.pending], [0, 0]);
    first.release();
    running(admit('a'));
  });

  it('forgets who no longer waits', async () => {
    const { clock, admit, level } = world({ a: { shares: 5, queueLengthLimit: 2 } }, 2);
    running(admit('a'));
    const abort = new AbortController();
    const refused = assert.rejects(Promise.resolve(admit('a', 'u', abort.signal)));
    abort.abort();
    await refused;
    assert.deepEqual([level('a')?.waiting, clock.pending], [0, 0]);
  });

  it('takes turns between the users of a level', async () => {
    const { clock, admit } = world({ a: { shares: 5, queueLengthLimit: 10 } }, 2);
    const first = running(admit('a', 'noisy'));
    const order: string[] = [];
    const waiting = ['noisy', 'noisy', 'noisy', 'calm'].map(async (user) => {
      const admitted = await admit('a', user);
      order.push(user);
      await clock.sleep(10);
      admitted.release();
    });
    await clock.advance(10);
    first.release();
    await clock.advance(100);
    await Promise.all(waiting);
    assert.equal(order.indexOf('calm'), 0, 'noisy has had its turn');
  });

  it('never holds back what is exempt', () => {
    const { control } = world({ a: { shares: 5 } }, 1);
    const flow = control.flowOf({
      user: { name: 'root', groups: ['system:masters'] },
      info: parseRequestInfo('GET', '/x', new URLSearchParams()),
    });
    for (let i = 0; i < 50; i++) running(control.admit(flow, new AbortController().signal));
    assert.equal(flow.schema.metadata.name, 'exempt');
  });

  it('takes for catch-all what matches nothing', () => assert.equal(world({}, 10).flow('nobody').schema.metadata.name, 'catch-all'));

  it('lends seats, never those a level keeps, and gives the next free one back to its lender', async () => {
    // 20 seats: a and b have 8 each, catch-all 4; a lends half.
    const { admit, level } = world({ a: { shares: 10, lendable: 50, queueLengthLimit: 20 }, b: { shares: 10, queueLengthLimit: 20 } }, 20);
    const borrowers = Array.from({ length: 12 }, () => running(admit('b')));
    const late = admit('b');
    assert.equal(level('b')?.running, 12, 'eight of its own and four of a');
    for (let i = 0; i < 4; i++) running(admit('a'));
    const owed = admit('a');
    assert.ok(owed instanceof Promise && late instanceof Promise);
    borrowers[0]?.release();
    (await owed).release();
    await late;
  });

  it('gives borrowed seats to nobody when a level may borrow none', () => {
    const { admit } = world({ a: { shares: 10, lendable: 0 }, b: { shares: 10, lendable: 0 } }, 20);
    for (let i = 0; i < 8; i++) running(admit('a'));
    assert.throws(() => admit('a'), isRejection);
  });

  it('keeps what waits when its level changes or goes', async () => {
    const { control, admit, level } = world({ a: { shares: 5, queueLengthLimit: 5 } }, 2);
    const first = running(admit('a'));
    const second = admit('a');
    control.configure(objects({ a: { shares: 5, queueLengthLimit: 7 } }));
    const third = admit('a');
    assert.equal(level('a')?.waiting, 2);
    control.configure(objects({}));
    first.release();
    (await second).release();
    (await third).release();
  });

  it('runs at once what waited when a level becomes larger', async () => {
    const { control, admit } = world({ a: { shares: 5, queueLengthLimit: 5 } }, 2);
    running(admit('a'));
    const second = admit('a');
    control.configure(objects({ a: { shares: 500, queueLengthLimit: 5 } }));
    (await second).release();
  });

  /** `a` has 50 seats and a hand of one: a request takes 8 at most. */
  const wide = () => {
    const made = world({ a: { shares: 95, queueLengthLimit: 20 } }, 53);
    return { ...made, list: (seats: number, user = 'u') => made.admit('a', user, new AbortController().signal, seats) };
  };

  it('lets a wide request hold as many seats as it is worth, at most a part of its level', async () => {
    const { list, level } = wide();
    assert.equal(level('a')?.limits.nominal, 51);
    const first = running(list(3));
    assert.deepEqual([level('a')?.running, level('a')?.taken], [1, 3]);
    for (let i = 0; i < 6; i++) running(list(1_000));
    assert.deepEqual([level('a')?.running, level('a')?.taken], [7, 51]);
    const waits = list(1);
    assert.ok(waits instanceof Promise);
    first.release();
    (await waits).release();
    assert.deepEqual([level('a')?.running, level('a')?.taken], [6, 48]);
  });

  it('keeps the turn of a wide request until enough seats are free', async () => {
    const { list } = wide();
    const all = Array.from({ length: 51 }, () => running(list(1)));
    const order: string[] = [];
    const note = (name: string, admitted: Admitted | Promise<Admitted>) => Promise.resolve(admitted).then(() => order.push(name));
    const waiting = [note('wide', list(8)), note('narrow', list(1))];
    for (const { release } of all.slice(0, 7)) release();
    await Promise.resolve();
    assert.deepEqual(order, []);
    for (const { release } of all.slice(7, 9)) release();
    await Promise.all(waiting);
    assert.deepEqual(order, ['wide', 'narrow']);
  });

  it('shows what runs and what waits, and forgets what is over', async () => {
    const { clock, control, admit } = world({ a: { shares: 5, queueLengthLimit: 2 } }, 2);
    const first = running(admit('a', 'eve'));
    await clock.advance(1_500);
    const second = admit('a', 'bob');
    const third = admit('a', 'bob');
    const shown = (details: boolean) => requestsText(control.requests(), details).split('\n').slice(1, -1);
    const start = '2026-01-01T00:00:00.000Z';
    const later = '2026-01-01T00:00:01.500Z';
    const [a = '', b = '', c = '', ...more] = shown(false);
    assert.match(a, new RegExp(`^a, a, \\d, -1, eve, ${start}, 1, 0, 0s, ${start}$`));
    assert.match(b, new RegExp(`^a, a, \\d, 0, bob, ${later}, 1, 0, 0s, 0001-01-01T00:00:00Z$`));
    assert.match(c, /^a, a, \d, 1, bob, /);
    assert.deepEqual(more, []);
    assert.match(shown(true)[0] ?? '', /, eve, get, \/x, , , , , $/);
    first.release();
    (await second).release();
    (await third).release();
    assert.deepEqual(shown(false), []);
  });

  it('counts under the names of upstream', async () => {
    const { clock, control, admit } = world({ a: { shares: 5, queueLengthLimit: 1 } }, 2);
    const first = running(admit('a'));
    const second = admit('a');
    assert.throws(() => admit('a'));
    await clock.advance(300);
    first.release();
    (await second).release();
    const text = control.metrics();
    for (const line of [
      'apiserver_flowcontrol_dispatched_requests_total{priority_level="a",flow_schema="a"} 2',
      'apiserver_flowcontrol_rejected_requests_total{priority_level="a",flow_schema="a",reason="queue-full"} 1',
      'apiserver_flowcontrol_request_wait_duration_seconds_bucket{priority_level="a",flow_schema="a",execute="true",le="0.5"} 2',
      'apiserver_flowcontrol_request_wait_duration_seconds_sum{priority_level="a",flow_schema="a",execute="true"} 0.3',
      'apiserver_flowcontrol_nominal_limit_seats{priority_level="a"} 1',
      'apiserver_flowcontrol_current_inqueue_requests{priority_level="a"} 0',
    ])
      assert.ok(text.includes(`${line}\n`), line);
  });
});
