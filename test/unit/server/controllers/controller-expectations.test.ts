import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { ControllerExpectations } from '../../../../src/server/controllers/controller-expectations.ts';
import { FakeClock } from '../../../support/fake-clock.ts';

describe('ControllerExpectations', () => {
  it('is satisfied when nothing was expected', () => {
    assert.ok(new ControllerExpectations(new FakeClock()).satisfied('a'));
  });

  it('waits for as many creations as were expected', () => {
    const expectations = new ControllerExpectations(new FakeClock());
    expectations.expectCreations('a', 2);
    expectations.creationObserved('a');
    expectations.creationObserved('b');
    assert.ok(!expectations.satisfied('a'));
    expectations.creationObserved('a');
    expectations.creationObserved('a');
    assert.ok(expectations.satisfied('a'));
  });

  it('counts a deletion once, however often it is seen', () => {
    const expectations = new ControllerExpectations(new FakeClock());
    expectations.expectDeletions('a', ['u1', 'u2']);
    expectations.deletionObserved('a', 'u1');
    expectations.deletionObserved('a', 'u1');
    assert.ok(!expectations.satisfied('a'));
    expectations.deletionObserved('a', 'u2');
    assert.ok(expectations.satisfied('a'));
  });

  it('trusts the informer again after five minutes, and when forgotten', async () => {
    const clock = new FakeClock();
    const expectations = new ControllerExpectations(clock);
    expectations.expectCreations('a', 1);
    expectations.expectCreations('b', 1);
    expectations.forget('b');
    assert.ok(expectations.satisfied('b'));
    await clock.advance(5 * 60_000);
    assert.ok(!expectations.satisfied('a'));
    await clock.advance(1);
    assert.ok(expectations.satisfied('a'));
  });
});
