// Which address and link a node has towards the others: pure, and the effect that reads the kernel first.

import { KtsError } from '../../base/errors.ts';
import type { Exec } from '../../base/exec.ts';
import type { NetworkErrorCode } from './errors.ts';
import { type LinkState, type NetworkState, readNetworkState } from './link-state.ts';

/** What an operator may fix. */
export interface NodeAddressOptions {
  /** `--node-ip`: an address that is on a link here. */
  readonly nodeIp?: string;
  /** `--flannel-iface` as k3s names it: the link to use. */
  readonly interface?: string;
}

/** The node's place on the network. */
export interface NodeAddress {
  readonly ip: string;
  /** Prefix length of the address. */
  readonly bits: number;
  readonly device: string;
  /** MTU of the device in bytes. */
  readonly mtu: number;
}

/** Reads the kernel and chooses. @throws KtsError `network-no-address` */
export async function detectNodeAddress(options: NodeAddressOptions, exec: Exec): Promise<NodeAddress> {
  return chooseNodeAddress(options, await readNetworkState(exec, ''));
}

/**
 * The address asked for; else the first on the link asked for; else that of the default route; else the first of any link that is
 * up and not the loopback or kts's own. @throws KtsError `network-no-address`
 */
export function chooseNodeAddress(options: NodeAddressOptions, state: Pick<NetworkState, 'links' | 'routes'>): NodeAddress {
  const { nodeIp, interface: device } = options;
  if (nodeIp !== undefined) return found(byAddress(state.links, nodeIp), `address ${nodeIp} is on no link of this node`);
  if (device !== undefined) {
    const link = state.links.find((l) => l.name === device);
    return found(link && first(link), `link ${device} has no IPv4 address`);
  }
  const route = state.routes.find((r) => r.destination === 'default');
  const routed = route && (byAddress(state.links, route.source) ?? firstOf(state.links.filter((l) => l.name === route.device)));
  const usable = state.links.filter((l) => l.up && l.name !== 'lo' && !l.name.startsWith('kts'));
  return found(routed ?? firstOf(usable), 'this node has no IPv4 address: set --node-ip');
}

function found(address: NodeAddress | undefined, why: string): NodeAddress {
  if (!address) throw new KtsError<NetworkErrorCode>('network-no-address', why);
  return address;
}

function addressOn(link: LinkState, address: string): NodeAddress {
  const [ip = '', bits = ''] = address.split('/');
  return { ip, bits: Number(bits), device: link.name, mtu: link.mtu };
}

const first = (link: LinkState): NodeAddress | undefined => link.addresses.map((a) => addressOn(link, a))[0];
const firstOf = (links: readonly LinkState[]): NodeAddress | undefined => links.flatMap((l) => first(l) ?? [])[0];

function byAddress(links: readonly LinkState[], ip: string): NodeAddress | undefined {
  return links.flatMap((link) => link.addresses.map((a) => addressOn(link, a))).find((a) => a.ip === ip);
}
