import assert from 'node:assert/strict';
import { test } from 'node:test';
import { rfc3339 } from '../../../../src/base/clock.ts';
import { EVENTS } from '../../../../src/client/resources.ts';
import { eventTtlController } from '../../../../src/server/controllers/event-ttl.ts';
import { isEventExpired } from '../../../../src/server/controllers/event-ttl-plan.ts';
import { ControllerWorld } from '../../../support/controller-world.ts';

const HOUR = 3_600_000;
const NOW = Date.UTC(2026, 0, 1, 12);
const at = (ms: number): string => rfc3339(NOW - ms);

const CASES: readonly { title: string; times: object; created?: string; want: boolean }[] = [
  { title: 'young', times: {}, created: at(HOUR), want: false },
  { title: 'old', times: {}, created: at(HOUR + 1000), want: true },
  { title: 'old but seen again', times: { lastTimestamp: at(1000) }, created: at(2 * HOUR), want: false },
  { title: 'old but in a series', times: { series: { count: 2, lastObservedTime: at(1000) } }, created: at(2 * HOUR), want: false },
  { title: 'without any time', times: { lastTimestamp: undefined }, want: false },
];
for (const { title, times, created, want } of CASES) {
  test(`isEventExpired: ${title}`, () => {
    const event = { metadata: { name: 'e', ...(created && { creationTimestamp: created }) }, involvedObject: {}, ...times };
    assert.equal(isEventExpired(event, NOW), want);
  });
}

test('Events go an hour after they were written', async () => {
  const world = new ControllerWorld();
  try {
    await world.run(eventTtlController);
    await world.create(EVENTS, { metadata: { name: 'e', namespace: 'default' }, involvedObject: {} });
    await world.settle(HOUR - 10_000);
    assert.equal((await world.all(EVENTS)).length, 1);
    await world.settle(200_000);
    assert.equal((await world.all(EVENTS)).length, 0);
    assert.deepEqual(world.errors, []);
  } finally {
    await world.stop();
  }
});
