// UDP has no connections, but the kernel remembers flows: when an endpoint goes, or the first one comes, what it remembers is
// wrong and must be dropped, or a client that keeps its port is never answered. Pure part and effect.

import { messageOf } from '../../base/errors.ts';
import type { Exec } from '../../base/exec.ts';
import type { Logger } from '../../base/log.ts';
import type { Fragment } from './ruleset.ts';

/** The kernel's memory to drop: arguments of `conntrack -D`. */
export type FlowFilter = readonly string[];

/** The most filters run after one change; beyond it all UDP flows of the address are dropped at once. */
const ENDPOINT_FILTERS_MAX = 64;

/** Which flows are stale after a Service's rules changed from `before` to `after`. */
export function staleFlows(before: Fragment | undefined, after: Fragment | undefined): FlowFilter[] {
  const old = udpFrontends(before);
  const now = udpFrontends(after);
  const filters: FlowFilter[] = [];
  for (const [frontend, { flow, backends }] of old) {
    const kept = now.get(frontend)?.backends ?? new Set();
    const gone = [...backends].filter((ip) => !kept.has(ip));
    if (gone.length > ENDPOINT_FILTERS_MAX) filters.push(flow);
    else filters.push(...gone.map((ip) => [...flow, '--dst-nat', ip]));
  }
  for (const [frontend, { flow }] of now) if (!old.has(frontend)) filters.push(flow);
  return filters;
}

interface Frontend {
  readonly flow: FlowFilter;
  readonly backends: ReadonlySet<string>;
}

/** UDP addresses and node ports with the endpoint addresses behind them. */
function udpFrontends(fragment: Fragment | undefined): Map<string, Frontend> {
  const out = new Map<string, Frontend>();
  for (const { table, key, value } of fragment?.elements ?? []) {
    if (!fragment || (table !== 'services' && table !== 'nodeports')) continue;
    const parts = key.split(' . ');
    const [ip, protocol, port] = table === 'services' ? parts : ['', ...parts];
    if (protocol !== 'udp' || !port) continue;
    const flow = ['-p', 'udp', ...(ip ? ['--orig-dst', ip] : []), '--orig-port-dst', port];
    out.set(`${table} ${key}`, { flow, backends: backendsOf(fragment, value.replace('goto ', '')) });
  }
  return out;
}

/** The endpoint addresses that a chain and those it goes to name. */
function backendsOf(fragment: Fragment, chain: string): Set<string> {
  const found = new Set<string>();
  const seen = new Set<string>();
  const visit = (name: string): void => {
    if (seen.has(name)) return;
    seen.add(name);
    for (const rule of fragment.chains.get(name) ?? []) {
      for (const [, next = ''] of rule.matchAll(/goto ([^\s,]+)/g)) visit(next);
      for (const [, direct, mapped] of rule.matchAll(/dnat to ([\d.]+):|: ([\d.]+) \. /g)) found.add(direct ?? mapped ?? '');
    }
  };
  visit(chain);
  return found;
}

/** Drops flows, one `conntrack` a filter. Failures are logged: the flows end by themselves after their time (30 to 180 s). */
export async function dropFlows(filters: readonly FlowFilter[], deps: { readonly exec: Exec; readonly log: Logger }): Promise<void> {
  for (const filter of filters) {
    try {
      const result = await deps.exec.run('conntrack', ['-D', ...filter], { timeoutMs: 10_000 });
      // Exit code 1 says both "none matched" and "failed"; the text tells.
      if (result.code !== 0 && !result.stderr.includes('0 flow entries')) {
        deps.log.warn('stale flows were not dropped', { filter, error: result.stderr.trim() });
      }
    } catch (error) {
      deps.log.warn('stale flows were not dropped', { filter, error: messageOf(error) });
      return;
    }
  }
}
