// How the API server reaches kubelets: the address of a node, and the key material to speak with it.

import { serviceUnavailable } from '../../../api/status-error.ts';
import type * as core from '../../../api/types/core-v1.gen.ts';
import type { UpgradeTls } from '../../../base/spdy/upgrade.ts';

/** What is injected. */
export interface KubeletAccess {
  /** TLS of a connection to the kubelet of that node: the API server's client certificate and the CA of serving certificates. */
  tls(node: core.Node): UpgradeTls;
  /** Another way to a node than its address (a tunnel): the base URL, e.g. `https://127.0.0.1:40001`; undefined = the address. */
  url?(node: core.Node): string | undefined;
}

/** Types of node addresses in the order in which they are tried. */
const ADDRESS_TYPES = ['InternalIP', 'ExternalIP', 'InternalDNS', 'Hostname', 'ExternalDNS'];
const KUBELET_PORT = 10_250;

/** The address by which a node is reached. @throws StatusError ServiceUnavailable when it has none */
export function nodeAddress(node: core.Node): string {
  const addresses = node.status?.addresses ?? [];
  const found = ADDRESS_TYPES.map((type) => addresses.find((item) => item.type === type)).find((item) => item !== undefined);
  if (!found) throw serviceUnavailable(`no preferred addresses found; known addresses: []`);
  return found.address;
}

/** The port of a node's kubelet. */
export function kubeletPort(node: core.Node): number {
  return node.status?.daemonEndpoints?.kubeletEndpoint?.Port || KUBELET_PORT;
}

/** The base URL of a node's kubelet. @throws StatusError ServiceUnavailable when the node has no address */
export function kubeletUrl(node: core.Node, access: KubeletAccess): string {
  const other = access.url?.(node);
  if (other !== undefined) return other;
  const address = nodeAddress(node);
  return `https://${address.includes(':') ? `[${address}]` : address}:${kubeletPort(node)}`;
}
