// LapsingValue: made when asked for, held while in use, forgotten after.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { LapsingValue } from '../../../src/base/lapsing-value.ts';
import { FakeClock } from '../../support/fake-clock.ts';

test('LapsingValue makes its value once while it is asked for, and again after it lapsed', async () => {
  const clock = new FakeClock();
  let made = 0;
  const value = new LapsingValue(() => ++made, { ms: 1000, clock });
  assert.equal(made, 0);
  assert.equal(value.get(), 1);
  for (let i = 0; i < 5; i++) {
    await clock.advance(900);
    assert.equal(value.get(), 1);
  }
  await clock.advance(1000);
  assert.equal(clock.pending, 0, 'no timer runs for a value that is not held');
  assert.equal(value.get(), 2);
});

test('LapsingValue holds nothing when making fails', () => {
  const clock = new FakeClock();
  let broken = true;
  const make = (): string => {
    if (broken) throw new RangeError('broken');
    return 'made';
  };
  const value = new LapsingValue(make, { ms: 1000, clock });
  assert.throws(() => value.get(), RangeError);
  assert.equal(clock.pending, 0);
  broken = false;
  assert.equal(value.get(), 'made');
});
