// What the kernel says of links, routes and neighbours in this network namespace, read by `ip -j` and `bridge -j`.
// /sys/class/net is not read: it shows another namespace when the agent runs in one of its own.

import { type Exec, runOk } from '../../base/exec.ts';

/** One link. Absent strings are `''`. */
export interface LinkState {
  readonly name: string;
  /** e.g. `bridge`, `vxlan`, `veth`; `''` for hardware. */
  readonly kind: string;
  readonly mac: string;
  readonly mtu: number;
  readonly up: boolean;
  /** IPv4 addresses with prefix length. */
  readonly addresses: readonly string[];
  readonly vxlan?: VxlanState;
}

/** The settings of a VXLAN link. */
export interface VxlanState {
  readonly vni: number;
  readonly local: string;
  readonly port: number;
  readonly device: string;
}

/** One IPv4 route of the main table. */
export interface RouteState {
  readonly destination: string;
  readonly gateway: string;
  readonly device: string;
  readonly source: string;
  readonly protocol: string;
}

/** An entry of a link's forwarding table or neighbour table. */
export interface NeighbourState {
  readonly mac: string;
  readonly ip: string;
}

/** All of it. `forwarding` and `neighbours` are those of the VXLAN link. */
export interface NetworkState {
  readonly links: readonly LinkState[];
  readonly routes: readonly RouteState[];
  readonly forwarding: readonly NeighbourState[];
  readonly neighbours: readonly NeighbourState[];
}

/** Reads the state; `vxlan` is the name of the link whose tables are read. @throws KtsError when iproute2 is missing or fails. */
export async function readNetworkState(exec: Exec, vxlan: string): Promise<NetworkState> {
  const links = parseLinks(await runOk(exec, 'ip', ['-j', '-d', 'addr', 'show']));
  const routes = parseRoutes(await runOk(exec, 'ip', ['-j', '-4', 'route', 'show', 'table', 'main']));
  if (!links.some((link) => link.name === vxlan)) return { links, routes, forwarding: [], neighbours: [] };
  return {
    links,
    routes,
    forwarding: parseForwarding(await runOk(exec, 'bridge', ['-j', 'fdb', 'show', 'dev', vxlan])),
    neighbours: parseNeighbours(await runOk(exec, 'ip', ['-j', '-4', 'neigh', 'show', 'dev', vxlan, 'nud', 'permanent'])),
  };
}

type Json = Readonly<Record<string, unknown>>;

/** iproute2 prints an array of objects, some of them empty. */
function objects(text: string): Json[] {
  // Parser: iproute2's JSON.
  return text.trim() === '' ? [] : (JSON.parse(text) as Json[]);
}

const text = (value: unknown): string => (typeof value === 'string' ? value : typeof value === 'number' ? String(value) : '');
const object = (value: unknown): Json => (typeof value === 'object' && value !== null ? (value as Json) : {}); // Parser: as above.
const list = (value: unknown): Json[] => (Array.isArray(value) ? value.map(object) : []);

/** Reads `ip -j -d addr show`. */
export function parseLinks(json: string): LinkState[] {
  return objects(json).flatMap((link) => {
    const name = text(link['ifname']);
    if (name === '') return [];
    const info = object(link['linkinfo']);
    const kind = text(info['info_kind']);
    const data = object(info['info_data']);
    const vxlan = { vni: Number(data['id']), local: text(data['local']), port: Number(data['port']), device: text(data['link']) };
    const flags: unknown = link['flags'];
    return [
      {
        name,
        kind,
        mac: text(link['address']),
        mtu: Number(link['mtu']),
        up: Array.isArray(flags) && flags.includes('UP'),
        addresses: list(link['addr_info']).flatMap((a) => (a['family'] === 'inet' ? [`${text(a['local'])}/${text(a['prefixlen'])}`] : [])),
        ...(kind === 'vxlan' && { vxlan }),
      },
    ];
  });
}

/** Reads `ip -j route show`. */
export function parseRoutes(json: string): RouteState[] {
  return objects(json).map((route) => ({
    destination: text(route['dst']),
    gateway: text(route['gateway']),
    device: text(route['dev']),
    source: text(route['prefsrc']),
    protocol: text(route['protocol']),
  }));
}

/** Reads `bridge -j fdb show`: the entries with a remote address. */
export function parseForwarding(json: string): NeighbourState[] {
  return objects(json).flatMap((entry) => (entry['dst'] ? [{ mac: text(entry['mac']), ip: text(entry['dst']) }] : []));
}

/** Reads `ip -j neigh show`. */
export function parseNeighbours(json: string): NeighbourState[] {
  return objects(json).map((entry) => ({ mac: text(entry['lladdr']), ip: text(entry['dst']) }));
}
