// ServiceCIDRs and IPAddresses: how the addresses of Services are written down (KEP-1880). Pure.

import type { KubeObject } from './object.ts';
import type { Service } from './types/core-v1.gen.ts';
import type { IPAddress, ServiceCIDR } from './types/networking-v1.gen.ts';

/** The ServiceCIDR of the ranges that the server was started with. */
export const DEFAULT_SERVICE_CIDR = 'kubernetes';

const FAMILY_LABEL = 'ipaddress.kubernetes.io/ip-family';
const MANAGER_LABEL = 'ipaddress.kubernetes.io/managed-by';
const MANAGER = 'ipallocator.k8s.io';

/** Whether addresses may be taken from a ServiceCIDR. */
export function isReadyServiceCidr({ metadata, status }: ServiceCIDR): boolean {
  if (metadata.deletionTimestamp !== undefined) return false;
  return status?.conditions?.some(({ type, status: is }) => type === 'Ready' && is === 'True') ?? false;
}

/** Whether an IPAddress is one that the cluster itself writes for a Service. */
export function isManagedAddress({ metadata }: IPAddress): boolean {
  return metadata.labels?.[MANAGER_LABEL] === MANAGER;
}

/** The addresses of a Service; none of a headless one. */
export function addressesOf({ spec }: Service): string[] {
  return (spec?.clusterIPs ?? []).filter((ip) => ip !== '' && ip !== 'None');
}

/** The IPAddress of an address that a Service has. */
export function ipAddressOf(ip: string, service: { readonly namespace: string; readonly name: string }): IPAddress & KubeObject {
  const labels = { [FAMILY_LABEL]: ip.includes(':') ? 'IPv6' : 'IPv4', [MANAGER_LABEL]: MANAGER };
  const { namespace, name } = service;
  return { metadata: { name: ip, labels }, spec: { parentRef: { resource: 'services', namespace, name } } };
}

/** Whether an IPAddress says that a Service has the address. */
export function isAddressOf({ spec }: IPAddress, service: { readonly namespace: string; readonly name: string }): boolean {
  const { group = '', resource, namespace, name } = spec?.parentRef ?? {};
  return group === '' && resource === 'services' && namespace === service.namespace && name === service.name;
}
