// Hands of queues: different indexes, the same for the same flow, spread evenly.

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { dealHand, flowHash } from '../../../../../src/server/http/flow-control/shuffle-shard.ts';

describe('dealHand', () => {
  it('deals different cards of the deck, as many as asked', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: Number.MAX_SAFE_INTEGER }), fc.integer({ min: 1, max: 128 }), (hash, deck) => {
        const size = Math.min(6, deck);
        const hand = dealHand(hash, deck, size);
        assert.equal(new Set(hand).size, size);
        assert.ok(hand.every((card) => card >= 0 && card < deck));
      }),
    );
  });

  it('deals every card about as often as any other', () => {
    const counts = new Array<number>(64).fill(0);
    for (let i = 0; i < 8_000; i++)
      for (const card of dealHand(flowHash('schema', `user-${i}`), 64, 6)) counts[card] = (counts[card] ?? 0) + 1;
    assert.ok(Math.min(...counts) > 600 && Math.max(...counts) < 900, `${Math.min(...counts)} to ${Math.max(...counts)} of 750`);
  });

  it('gives two flows the same hand hardly ever', () => {
    const hands = new Set(Array.from({ length: 2_000 }, (_, i) => String(dealHand(flowHash('schema', `user-${i}`), 64, 6))));
    assert.ok(hands.size > 1_995, String(hands.size));
  });
});

describe('flowHash', () => {
  it('tells schema and distinguisher apart and fits a number', () => {
    assert.notEqual(flowHash('a', 'bc'), flowHash('ab', 'c'));
    assert.equal(flowHash('a', 'b'), flowHash('a', 'b'));
    fc.assert(
      fc.property(fc.string(), fc.string(), (schema, user) => Number.isSafeInteger(flowHash(schema, user)) && flowHash(schema, user) >= 0),
    );
  });
});
