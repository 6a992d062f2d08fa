import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isExpired, unauthorized } from '../../../../src/api/status-error.ts';
import { BoundedEvents, MAX_WAITING_EVENTS } from '../../../../src/server/registry/bounded-events.ts';

const object = (name: string) => ({ metadata: { name } });

async function drain(events: BoundedEvents, signal = new AbortController().signal): Promise<string[]> {
  const out: string[] = [];
  for await (const event of events.read(signal)) out.push(`${event.type} ${event.object.metadata.name}`);
  return out;
}

test('BoundedEvents yields in order and ends with the watch', async () => {
  const events = new BoundedEvents(() => {});
  events.change('ADDED', object('a'));
  const reading = drain(events);
  await Promise.resolve();
  events.change('DELETED', object('a'));
  events.bookmark(object('b'));
  events.end(undefined);
  assert.deepEqual(await reading, ['ADDED a', 'DELETED a', 'BOOKMARK b']);
});

test('BoundedEvents fails with what ended the watch', async () => {
  const events = new BoundedEvents(() => {});
  events.end(unauthorized());
  await assert.rejects(drain(events), { name: 'StatusError' });
});

test('BoundedEvents holds an initial state of any size, and cuts off who does not read beyond', async () => {
  let overflows = 0;
  const events = new BoundedEvents(() => overflows++);
  for (let i = 0; i < MAX_WAITING_EVENTS + 5; i++) events.change('ADDED', object('x'));
  events.bound();
  assert.equal(overflows, 0);
  for (let i = 0; i < MAX_WAITING_EVENTS + 5; i++) events.change('MODIFIED', object('x'));
  assert.equal(overflows, 1);
  await assert.rejects(drain(events), isExpired);
});

test('BoundedEvents ends quietly when aborted', async () => {
  const events = new BoundedEvents(() => {});
  const abort = new AbortController();
  const reading = drain(events, abort.signal);
  abort.abort();
  assert.deepEqual(await reading, []);
});
