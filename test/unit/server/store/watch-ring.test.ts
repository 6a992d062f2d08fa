// The bounds of the watch ring: number, bytes and age, each by itself.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { StoreEvent } from '../../../../src/server/store/store.ts';
import { WatchRing } from '../../../../src/server/store/watch-ring.ts';

const event = (revision: number): StoreEvent =>
  ({ type: 'create', revision, entry: { key: `/k/${revision}`, revision, bytes: new Uint8Array(10) } }) as unknown as StoreEvent; // what the ring looks at

const CASES = [
  { bound: 'number', limits: { events: 2, bytes: 1000, ms: 1000 }, floor: 2 },
  { bound: 'bytes', limits: { events: 10, bytes: 15, ms: 1000 }, floor: 3 },
  { bound: 'age', limits: { events: 10, bytes: 1000, ms: 100 }, floor: 2 },
  { bound: 'nothing', limits: { events: 10, bytes: 1000, ms: 1000 }, floor: 0 },
];

for (const { bound, limits, floor } of CASES)
  test(`WatchRing drops what is over its bound of ${bound}`, () => {
    const ring = new WatchRing(0, limits);
    for (const revision of [1, 2, 3, 4]) ring.push(event(revision), revision * 90);
    assert.equal(ring.floor, floor);
    assert.deepEqual(
      ring.since(floor).map(({ revision }) => revision),
      [1, 2, 3, 4].slice(floor),
    );
  });
