// Shuffle sharding: each flow is dealt a few of the queues, so that a flow which fills its own leaves others at least one that is short. Pure.
// https://github.com/kubernetes/enhancements/tree/master/keps/sig-api-machinery/1040-priority-and-fairness

const FNV_OFFSET = 0x811c9dc5;
const FNV_PRIME = 0x01000193;
/** 2^21: with the 32 bits below it fills a number's 53. */
const UPPER = 2 ** 21;

/** A whole number below 2^53 for a flow, evenly spread (FNV-1a over its texts, from both ends). */
export function flowHash(schema: string, distinguisher: string): number {
  const text = `${schema}\0${distinguisher}`;
  let low = FNV_OFFSET;
  let high = FNV_OFFSET ^ text.length;
  for (let at = 0; at < text.length; at++) {
    low = Math.imul(low ^ text.charCodeAt(at), FNV_PRIME);
    high = Math.imul(high ^ text.charCodeAt(text.length - 1 - at), FNV_PRIME);
  }
  return (low >>> 0) * UPPER + (mixed(high) % UPPER);
}

/** Spreads what the last characters changed over all bits. */
function mixed(value: number): number {
  let bits = value ^ (value >>> 16);
  bits = Math.imul(bits, 0x85ebca6b);
  bits ^= bits >>> 13;
  return bits >>> 0;
}

/** `handSize` different indexes below `deckSize`, in ascending order, decided by `hash` alone. */
export function dealHand(hash: number, deckSize: number, handSize: number): number[] {
  const hand: number[] = [];
  let rest = hash;
  for (let left = deckSize; hand.length < handSize && left > 0; left--) {
    let card = rest % left;
    rest = Math.floor(rest / left);
    // The card is the n-th of those still in the deck: step over the ones dealt, lowest first.
    let place = 0;
    for (; place < hand.length && (hand[place] ?? 0) <= card; place++) card++;
    hand.splice(place, 0, card);
  }
  return hand;
}
