// The node's links, routes and neighbours: what they should be, and the steps from what they are. Pure.
// VXLAN as flannel lays it out: a link per node, one remote entry, one neighbour and one route per peer; no learning, no flooding.

import { KtsError } from '../../base/errors.ts';
import { cidrContains, gatewayOf, macOf, parseCidr, parseIpv4 } from '../../cni/cidr.ts';
import type { NetworkErrorCode } from './errors.ts';
import type { LinkState, NetworkState, VxlanState } from './link-state.ts';
import type { NodeAddress } from './node-address.ts';

/** How packets get to the pods of other nodes; `auto` = a plain route where the peer shares our link, VXLAN where it does not. */
export type Backend = 'vxlan' | 'host-gw' | 'auto';

/** Settings of the pod network that all nodes share. */
export interface NetworkSettings {
  /** Name of the pods' bridge, e.g. `kts0`. */
  readonly bridge: string;
  /** Name of the VXLAN link, e.g. `kts.vx`. */
  readonly vxlan: string;
  readonly vni: number;
  /** UDP port of VXLAN. */
  readonly port: number;
  readonly backend: Backend;
}

/** Another node. */
export interface Peer {
  readonly name: string;
  readonly podCidr: string;
  /** Its address towards us. */
  readonly ip: string;
}

/** Bytes VXLAN over IPv4 adds to a packet. */
const VXLAN_OVERHEAD = 50;
/** Routing protocol number that marks our routes, so that they are found again; unused in /etc/iproute2/rt_protos. */
const ROUTE_PROTOCOL = '107';

/** The network this node should have. */
export interface DesiredNetwork {
  readonly bridge: { readonly name: string; readonly address: string; readonly mac: string; readonly mtu: number };
  readonly vxlan:
    | ({ readonly name: string; readonly address: string; readonly mac: string; readonly mtu: number } & VxlanState)
    | undefined;
  readonly peers: readonly (Peer & { readonly direct: boolean })[];
  /** Link of plain routes. */
  readonly device: string;
  /** Name of a VXLAN link to remove if `vxlan` is undefined. */
  readonly vxlanName: string;
}

/** Works out what this node should have. `podCidr` is its own prefix. */
export function desiredNetwork(
  settings: NetworkSettings,
  node: { readonly address: NodeAddress; readonly podCidr: string },
  peers: readonly Peer[],
): DesiredNetwork {
  const { address, podCidr } = node;
  const own = parseCidr(podCidr);
  const network = podCidr.split('/')[0] ?? '';
  const mtu = podMtu(settings.backend, address.mtu);
  const { vni, port } = settings;
  return {
    bridge: { name: settings.bridge, address: `${gatewayOf(own)}/${own.bits}`, mac: macOf(gatewayOf(own)), mtu },
    vxlan:
      settings.backend === 'host-gw'
        ? undefined
        : {
            name: settings.vxlan,
            address: `${network}/32`,
            mac: macOf(network),
            mtu,
            vni,
            port,
            local: address.ip,
            device: address.device,
          },
    peers: peers.map((peer) => ({ ...peer, direct: isDirect(settings.backend, address, peer) })),
    device: address.device,
    vxlanName: settings.vxlan,
  };
}

/** MTU of pods: room is left for VXLAN wherever a peer may need it. */
function podMtu(backend: Backend, deviceMtu: number): number {
  return backend === 'host-gw' ? deviceMtu : deviceMtu - VXLAN_OVERHEAD;
}

function isDirect(backend: Backend, address: NodeAddress, peer: Peer): boolean {
  if (backend !== 'auto') return backend === 'host-gw';
  return cidrContains(parseCidr(`${address.ip}/${address.bits}`), parseIpv4(peer.ip));
}

/** Steps as lines: `ip` for `ip -batch`, then `bridge` for `bridge -batch`. */
export interface NetworkSteps {
  readonly ip: readonly string[];
  readonly bridge: readonly string[];
}

/** The steps from `state` to `desired`; none when all is as it should be. @throws KtsError `network-name-taken` */
export function planNetwork(desired: DesiredNetwork, state: NetworkState): NetworkSteps {
  const vxlan = state.links.find((l) => l.name === desired.vxlanName);
  const stays = vxlan !== undefined && desired.vxlan !== undefined && sameVxlan(desired.vxlan, vxlan);
  // With its link go a peer's entries and routes: they are planned as if nothing had been there.
  const now: NetworkState = stays
    ? state
    : { ...state, forwarding: [], neighbours: [], routes: state.routes.filter((r) => r.device !== desired.vxlanName) };
  return {
    ip: [
      ...bridgeLines(desired, state),
      ...vxlanLines(desired, vxlan, stays),
      ...neighbourLines(desired, now),
      ...routeLines(desired, now),
    ],
    bridge: forwardingLines(desired, now),
  };
}

function bridgeLines({ bridge }: DesiredNetwork, state: NetworkState): string[] {
  const link = state.links.find((l) => l.name === bridge.name);
  if (link && link.kind !== 'bridge') {
    throw new KtsError<NetworkErrorCode>('network-name-taken', `link ${bridge.name} exists and is no bridge: remove or rename it`);
  }
  const lines: string[] = [];
  // A bridge without an address of its own takes that of a port, which changes as pods come and go.
  if (!link) lines.push(`link add name ${bridge.name} address ${bridge.mac} type bridge`);
  else if (link.mac !== bridge.mac) lines.push(`link set dev ${bridge.name} address ${bridge.mac}`);
  lines.push(...addressLines(bridge, link));
  if (link?.mtu !== bridge.mtu) lines.push(`link set dev ${bridge.name} mtu ${bridge.mtu}`);
  if (!link?.up) lines.push(`link set dev ${bridge.name} up`);
  return lines;
}

function addressLines(wanted: { readonly name: string; readonly address: string }, link: LinkState | undefined): string[] {
  const old = (link?.addresses ?? []).filter((a) => a !== wanted.address);
  const lines = old.map((address) => `addr del ${address} dev ${wanted.name}`);
  if (!link?.addresses.includes(wanted.address)) lines.push(`addr add ${wanted.address} dev ${wanted.name}`);
  return lines;
}

function sameVxlan(wanted: NonNullable<DesiredNetwork['vxlan']>, link: LinkState): boolean {
  const { vxlan } = link;
  return (
    vxlan !== undefined &&
    link.mac === wanted.mac &&
    vxlan.vni === wanted.vni &&
    vxlan.port === wanted.port &&
    vxlan.local === wanted.local &&
    vxlan.device === wanted.device
  );
}

function vxlanLines({ vxlan, vxlanName }: DesiredNetwork, link: LinkState | undefined, stays: boolean): string[] {
  const lines: string[] = [];
  if (link && !stays) lines.push(`link del dev ${vxlanName}`);
  if (!vxlan) return lines;
  const { name, mac, mtu, vni, local, device, port } = vxlan;
  const kept = stays ? link : undefined;
  if (!kept)
    lines.push(`link add name ${name} address ${mac} type vxlan id ${vni} local ${local} dev ${device} dstport ${port} nolearning`);
  lines.push(...addressLines(vxlan, kept));
  if (kept?.mtu !== mtu) lines.push(`link set dev ${name} mtu ${mtu}`);
  if (!kept?.up) lines.push(`link set dev ${name} up`);
  return lines;
}

/** The address of a peer's VXLAN link: its pod prefix's own. */
const linkIp = (peer: Peer): string => peer.podCidr.split('/')[0] ?? '';

const tunnelled = (desired: DesiredNetwork) => (desired.vxlan ? desired.peers.filter((p) => !p.direct) : []);

function neighbourLines(desired: DesiredNetwork, state: NetworkState): string[] {
  const wanted = new Map(tunnelled(desired).map((peer) => [linkIp(peer), macOf(linkIp(peer))]));
  const have = new Map(state.neighbours.map((n) => [n.ip, n.mac]));
  const dev = desired.vxlanName;
  const gone = [...have.keys()].filter((ip) => !wanted.has(ip)).map((ip) => `neigh del ${ip} dev ${dev}`);
  const missing = [...wanted].filter(([ip, mac]) => have.get(ip) !== mac);
  return [...gone, ...missing.map(([ip, mac]) => `neigh replace ${ip} lladdr ${mac} dev ${dev} nud permanent`)];
}

function forwardingLines(desired: DesiredNetwork, state: NetworkState): string[] {
  const wanted = new Map(tunnelled(desired).map((peer) => [macOf(linkIp(peer)), peer.ip]));
  const dev = desired.vxlanName;
  const gone = state.forwarding.filter(({ mac, ip }) => wanted.get(mac) !== ip).map(({ mac, ip }) => `fdb del ${mac} dev ${dev} dst ${ip}`);
  const missing = [...wanted].filter(([mac, ip]) => !state.forwarding.some((f) => f.mac === mac && f.ip === ip));
  return [...gone, ...missing.map(([mac, ip]) => `fdb replace ${mac} dev ${dev} dst ${ip}`)];
}

function routeLines(desired: DesiredNetwork, state: NetworkState): string[] {
  const wanted = new Map(
    desired.peers.map((peer) => {
      const via = peer.direct ? { gateway: peer.ip, device: desired.device } : { gateway: linkIp(peer), device: desired.vxlanName };
      return [peer.podCidr, via];
    }),
  );
  const ours = state.routes.filter((r) => r.protocol === ROUTE_PROTOCOL);
  const gone = ours.filter((r) => !wanted.has(r.destination)).map((r) => `route del ${r.destination} proto ${ROUTE_PROTOCOL}`);
  const missing = [...wanted].filter(
    ([destination, via]) => !ours.some((r) => r.destination === destination && r.gateway === via.gateway && r.device === via.device),
  );
  const set = missing.map(([destination, { gateway, device }]) => {
    const onlink = device === desired.vxlanName ? ' onlink' : '';
    return `route replace ${destination} via ${gateway} dev ${device}${onlink} proto ${ROUTE_PROTOCOL}`;
  });
  return [...gone, ...set];
}

/** Name of a pod's link on the node (cni/bridge-plan.ts). */
const POD_LINK = /^kts[0-9a-f]{12}$/;

/** The steps that remove everything kts made. */
export function planCleanUp(settings: Pick<NetworkSettings, 'bridge' | 'vxlan'>, state: NetworkState): string[] {
  const ours = state.links.filter(
    (l) =>
      (l.name === settings.bridge && l.kind === 'bridge') ||
      (l.name === settings.vxlan && l.kind === 'vxlan') ||
      (l.kind === 'veth' && POD_LINK.test(l.name)),
  );
  const names = new Set(ours.map((l) => l.name));
  const routes = state.routes.filter((r) => r.protocol === ROUTE_PROTOCOL && !names.has(r.device));
  return [...routes.map((r) => `route del ${r.destination} proto ${ROUTE_PROTOCOL}`), ...ours.map((l) => `link del dev ${l.name}`)];
}
