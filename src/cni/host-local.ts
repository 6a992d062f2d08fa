// Which address the next pod gets: pure. The journal of attachments is what says which are taken.

import { type Cidr, cidrContains, cidrSize, formatIpv4, parseIpv4 } from './cidr.ts';

/**
 * The next free address after `last`, wrapping around, so that an address just freed is used again as late as possible.
 * The network's own, the gateway's and the broadcast address are never given. `undefined` when none is free.
 */
export function nextAddress(range: Cidr, taken: { has(address: string): boolean }, last: string | undefined): string | undefined {
  const first = range.base + 2;
  const count = cidrSize(range) - 3;
  const lastNumber = last === undefined ? first - 1 : parseIpv4(last);
  const start = cidrContains(range, lastNumber) ? lastNumber + 1 - first : 0;
  for (let i = 0; i < count; i += 1) {
    const address = formatIpv4(first + ((start + i) % count));
    if (!taken.has(address)) return address;
  }
  return undefined;
}
