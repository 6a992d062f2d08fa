import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { KubeObject } from '../../../../src/api/object.ts';
import type { Job } from '../../../../src/api/types/batch-v1.gen.ts';
import { rfc3339 } from '../../../../src/base/clock.ts';
import { JOBS } from '../../../../src/client/resources.ts';
import { msUntilExpiry, ttlAfterFinishedController } from '../../../../src/server/controllers/ttl-after-finished.ts';
import { ControllerWorld } from '../../../support/controller-world.ts';

const job = (ttlSecondsAfterFinished: number | undefined, finishedMs?: number, type = 'Complete'): Job & KubeObject => ({
  metadata: { name: 'j', namespace: 'ns' },
  spec: {
    template: { metadata: {}, spec: { containers: [] } },
    ...(ttlSecondsAfterFinished !== undefined && { ttlSecondsAfterFinished }),
  },
  status: finishedMs === undefined ? {} : { conditions: [{ type, status: 'True', lastTransitionTime: rfc3339(finishedMs) }] },
});

describe('msUntilExpiry', () => {
  const now = Date.UTC(2026, 0, 1);
  const cases: [string, Job & KubeObject, number | undefined][] = [
    ['a job that runs', job(10), undefined],
    ['a job without a time to live', job(undefined, now), undefined],
    ['a job that just completed', job(10, now), 10_000],
    ['a job that failed a while ago', job(10, now - 4_000, 'Failed'), 6_000],
    ['a job whose time is over', job(10, now - 60_000), 0],
    ['a time to live of zero', job(0, now), 0],
    ['a job that is only about to complete', job(10, now, 'SuccessCriteriaMet'), undefined],
  ];
  for (const [title, given, want] of cases) {
    it(`of ${title} is ${want}`, () => {
      assert.equal(msUntilExpiry(given, now), want);
    });
  }
});

describe('ttlAfterFinishedController', () => {
  it('deletes a finished Job when its time has come, and not before', async () => {
    const world = new ControllerWorld();
    await world.create(JOBS, job(10, world.clock.now()));
    await world.run(ttlAfterFinishedController);
    await world.settle(9_999);
    assert.equal((await world.get(JOBS, 'ns/j'))?.metadata.deletionTimestamp, undefined);
    await world.settle(1);
    assert.ok((await world.get(JOBS, 'ns/j'))?.metadata.deletionTimestamp);
    await world.stop();
    assert.deepEqual(world.errors, []);
  });
});
