// What a bridge network is made of, as lines for `ip -batch`: pure. bridge-plugin.ts runs them.

import { createHash } from 'node:crypto';
import type { AttachmentKey, CniResult, PortMapping } from './cni.ts';

/** The network of one node. IPv4 now; the lists are where a second family goes. */
export interface BridgeNetwork {
  /** Name of the bridge, e.g. `kts0`. */
  readonly bridge: string;
  /** MTU of the pods' interfaces in bytes. */
  readonly mtu: number;
  /** Prefix the pods' addresses come from, e.g. `10.42.1.0/24`. */
  readonly subnet: string;
  /** The bridge's own address, e.g. `10.42.1.1`: the pods' gateway. */
  readonly gateway: string;
}

/** One pod interface as it was made; what the journal keeps. */
export interface Attachment extends AttachmentKey {
  /** Path of the network namespace. */
  readonly netns: string;
  /** Name of the host's end of the veth pair. */
  readonly hostLink: string;
  readonly mac: string;
  /** Address without prefix length. */
  readonly address: string;
  /** Prefix length of the address. */
  readonly bits: number;
  readonly gateway: string;
  readonly portMappings: readonly PortMapping[];
}

/** Name of the host's end: follows from the key, so that a DEL needs no memory. 12 hex digits of SHA-256; Linux allows 15 bytes. */
export function hostLinkName(key: AttachmentKey): string {
  return `kts${createHash('sha256').update(`${key.containerId}/${key.ifName}`).digest('hex').slice(0, 12)}`;
}

/** Steps of an ADD: `host` lines run in the node's namespace, then `pod` lines in the pod's. */
export interface AttachPlan {
  readonly host: readonly string[];
  readonly pod: readonly string[];
}

/**
 * The veth pair, made with its far end already in the pod's namespace, on the bridge. Hairpin lets a pod reach itself through
 * a Service.
 */
export function planAttach(network: BridgeNetwork, attachment: Attachment): AttachPlan {
  const { hostLink, ifName, netns, mac, address, bits, gateway } = attachment;
  const { bridge, mtu } = network;
  return {
    host: [
      `link add ${hostLink} mtu ${mtu} type veth peer name ${ifName} mtu ${mtu} address ${mac} netns ${netns}`,
      `link set dev ${hostLink} master ${bridge} up`,
      `link set dev ${hostLink} type bridge_slave hairpin on`,
    ],
    pod: [
      'link set dev lo up',
      `addr add ${address}/${bits} dev ${ifName}`,
      `link set dev ${ifName} up`,
      `route add default via ${gateway} dev ${ifName}`,
    ],
  };
}

/** Steps of a DEL: removing one end removes both. */
export function planDetach(key: AttachmentKey): string[] {
  return [`link del dev ${hostLinkName(key)}`];
}

/** The CNI result of an attachment. */
export function attachmentResult(network: BridgeNetwork, attachment: Attachment): CniResult {
  return {
    interfaces: [
      { name: network.bridge, mac: '' },
      { name: attachment.hostLink, mac: '' },
      { name: attachment.ifName, mac: attachment.mac, sandbox: attachment.netns },
    ],
    ips: [{ address: `${attachment.address}/${attachment.bits}`, gateway: attachment.gateway, interface: 2 }],
    routes: [{ dst: '0.0.0.0/0', gw: attachment.gateway }],
  };
}
