// Which endpoints of a service port take traffic on this node: pure. Rules: KEP-1669 (terminating endpoints), KEP-2433 and
// KEP-3015 (hints), and the documentation of internalTrafficPolicy and externalTrafficPolicy.

import type { Endpoint, EndpointSlice } from '../../api/types/discovery-v1.gen.ts';

/** The node the tables are for. */
export interface ProxyNode {
  readonly name: string;
  /** Label topology.kubernetes.io/zone; `''` when it has none. */
  readonly zone: string;
}

/** Where to send a connection. */
export interface Target {
  readonly ip: string;
  readonly port: number;
  /** On this node. */
  readonly local: boolean;
}

/** The targets of a port, each list sorted and without doubles. */
export interface Targets {
  /** For policy Cluster. */
  readonly cluster: readonly Target[];
  /** For policy Local: those of this node. */
  readonly local: readonly Target[];
  /** Whether any node has an endpoint that could take traffic. */
  readonly any: boolean;
}

/** Picks the targets of the port `portName` (`''` for the only, unnamed one) with `protocol`. */
export function targetsOf(
  slices: readonly EndpointSlice[],
  port: { readonly name: string; readonly protocol: string },
  node: ProxyNode,
): Targets {
  const all = slices.flatMap((slice) => sliceTargets(slice, port, node));
  const ready = all.filter((e) => e.endpoint.conditions?.ready !== false);
  const draining = all.filter((e) => e.endpoint.conditions?.ready === false && isDraining(e.endpoint));
  const hinted = byHints(ready, node);
  const readyHere = ready.filter((e) => e.target.local);
  const drainingHere = draining.filter((e) => e.target.local);
  return {
    cluster: unique(ready.length > 0 ? hinted : draining),
    local: unique(readyHere.length > 0 ? readyHere : drainingHere),
    any: ready.length + draining.length > 0,
  };
}

interface Candidate {
  readonly endpoint: Endpoint;
  readonly target: Target;
}

function sliceTargets(slice: EndpointSlice, port: { readonly name: string; readonly protocol: string }, node: ProxyNode): Candidate[] {
  if (slice.addressType !== 'IPv4') return [];
  const match = slice.ports?.find((p) => (p.name ?? '') === port.name && (p.protocol ?? 'TCP') === port.protocol);
  const number = match?.port;
  if (!number) return [];
  // The addresses of one endpoint are the same place; consumers use the first (EndpointSlice API).
  return (slice.endpoints ?? []).flatMap((endpoint) => {
    const [ip] = endpoint.addresses;
    return ip ? [{ endpoint, target: { ip, port: number, local: endpoint.nodeName === node.name } }] : [];
  });
}

/** Going away, but still able to answer: used when nothing else is left. */
function isDraining(endpoint: Endpoint): boolean {
  return endpoint.conditions?.terminating === true && endpoint.conditions.serving !== false;
}

/** Keeps those hinted for this node or zone, where every endpoint has such a hint and some is for here; else all. */
function byHints(ready: readonly Candidate[], node: ProxyNode): readonly Candidate[] {
  if (ready.every((e) => e.endpoint.hints?.forNodes?.length)) {
    const here = ready.filter((e) => e.endpoint.hints?.forNodes?.some((n) => n.name === node.name));
    if (here.length > 0) return here;
  }
  if (node.zone !== '' && ready.every((e) => e.endpoint.hints?.forZones?.length)) {
    const here = ready.filter((e) => e.endpoint.hints?.forZones?.some((z) => z.name === node.zone));
    if (here.length > 0) return here;
  }
  return ready;
}

function unique(candidates: readonly Candidate[]): Target[] {
  const byId = new Map(candidates.map(({ target }) => [targetId(target), target]));
  return [...byId.keys()].sort().flatMap((id) => byId.get(id) ?? []);
}

/** `ip/port`. */
export function targetId(target: Target): string {
  return `${target.ip}/${target.port}`;
}
