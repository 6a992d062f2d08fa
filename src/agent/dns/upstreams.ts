// Which servers answer what the cluster does not know: the node's own resolvers, and how they fared lately.

import { isIP } from 'node:net';
import type { Clock } from '../../base/clock.ts';

/** A server that failed is asked last for so long. */
const PENALTY_MS = 10_000;

/** The `nameserver` lines of a resolv.conf(5), without doubles and without `own` addresses (asking oneself would loop). */
export function parseResolvConf(text: string, own: ReadonlySet<string>): string[] {
  const servers = text.split('\n').flatMap((line) => {
    const [keyword, address = ''] = line.trim().split(/\s+/);
    return keyword === 'nameserver' && isIP(address) !== 0 && !own.has(address) ? [address] : [];
  });
  return [...new Set(servers)];
}

/** A list of servers, those that failed lately last. */
export class Upstreams {
  readonly #clock: Pick<Clock, 'monotonic'>;
  /** Until when a server is asked last; at most one entry a server of the list. */
  readonly #penalties = new Map<string, number>();

  constructor(deps: { readonly clock: Pick<Clock, 'monotonic'> }) {
    this.#clock = deps.clock;
  }

  /** In the order to ask them. */
  order(servers: readonly string[]): string[] {
    const now = this.#clock.monotonic();
    for (const server of this.#penalties.keys()) if (!servers.includes(server)) this.#penalties.delete(server);
    const isWell = (server: string): boolean => (this.#penalties.get(server) ?? 0) <= now;
    return [...servers.filter(isWell), ...servers.filter((s) => !isWell(s))];
  }

  failed(server: string): void {
    this.#penalties.set(server, this.#clock.monotonic() + PENALTY_MS);
  }

  answered(server: string): void {
    this.#penalties.delete(server);
  }
}
