// Warnings about Services, EndpointSlices, Ingresses and NetworkPolicies. Pure.

import type { Service } from '../types/core-v1.gen.ts';
import type { EndpointSlice } from '../types/discovery-v1.gen.ts';
import type { Ingress, NetworkPolicy, NetworkPolicyPeer } from '../types/networking-v1.gen.ts';
import { addressWarnings, rangeWarnings } from './addresses.ts';

const OLD_HINTS = 'service.kubernetes.io/topology-aware-hints';
const OLD_CLASS = 'kubernetes.io/ingress.class';

/** Warnings about a Service: what has no effect on its type, and what is deprecated. */
export function serviceWarnings({ metadata, spec = {} }: Service): string[] {
  const {
    type = 'ClusterIP',
    clusterIPs = [],
    externalIPs = [],
    sessionAffinity,
    loadBalancerIP,
    externalName,
    trafficDistribution,
  } = spec;
  const isNamed = type === 'ExternalName';
  const isHeadless = clusterIPs[0] === 'None';
  const ifSo = (holds: unknown, text: string): string[] => (holds ? [text] : []);
  return [
    ...ifSo(
      metadata.annotations?.[OLD_HINTS] !== undefined,
      `annotation ${OLD_HINTS} is deprecated, please use service.kubernetes.io/topology-mode instead`,
    ),
    ...(isHeadless ? [] : clusterIPs.flatMap((ip, i) => addressWarnings(`spec.clusterIPs[${i}]`, ip))),
    ...ifSo(isHeadless && loadBalancerIP, 'spec.loadBalancerIP is ignored for headless services'),
    ...ifSo(isHeadless && externalIPs.length > 0, 'spec.externalIPs is ignored for headless services'),
    ...ifSo(isHeadless && (sessionAffinity ?? 'None') !== 'None', 'spec.SessionAffinity is ignored for headless services'),
    ...ifSo(externalIPs.length > 0, 'spec.externalIPs is deprecated and may no longer be implemented in some clusters'),
    ...externalIPs.flatMap((ip, i) => addressWarnings(`spec.externalIPs[${i}]`, ip)),
    ...addressWarnings('spec.loadBalancerIP', loadBalancerIP),
    ...(spec.loadBalancerSourceRanges ?? []).flatMap((range, i) => rangeWarnings(`spec.loadBalancerSourceRanges[${i}]`, range)),
    ...ifSo(isNamed && externalIPs.length > 0, 'spec.externalIPs is ignored when spec.type is "ExternalName"'),
    ...ifSo(!isNamed && externalName, 'spec.externalName is ignored when spec.type is not "ExternalName"'),
    ...ifSo(trafficDistribution === 'PreferClose', 'spec.trafficDistribution: "PreferClose" is deprecated; use "PreferSameZone"'),
  ];
}

/** Warnings about a new EndpointSlice. */
export function endpointSliceWarnings(slice: EndpointSlice): string[] {
  return slice.addressType === 'FQDN' ? ['spec.addressType: FQDN endpoints are deprecated'] : endpointAddressWarnings(slice);
}

/** Warnings about the addresses of an EndpointSlice. */
export function endpointAddressWarnings({ endpoints }: EndpointSlice): string[] {
  return (endpoints ?? []).flatMap(({ addresses }, i) =>
    (addresses ?? []).flatMap((ip, j) => addressWarnings(`endpoints[${i}].addresses[${j}]`, ip)),
  );
}

/** Warnings about a new Ingress. */
export function ingressWarnings({ metadata }: Ingress): string[] {
  if (metadata.annotations?.[OLD_CLASS] === undefined) return [];
  return [`annotation "${OLD_CLASS}" is deprecated, please use 'spec.ingressClassName' instead`];
}

/** Warnings about a NetworkPolicy. */
export function networkPolicyWarnings({ spec }: NetworkPolicy): string[] {
  const peers = (path: string, list: readonly NetworkPolicyPeer[] | undefined): string[] =>
    (list ?? []).flatMap(({ ipBlock }, j) => [
      ...rangeWarnings(`${path}[${j}].ipBlock.cidr`, ipBlock?.cidr),
      ...(ipBlock?.except ?? []).flatMap((range, k) => rangeWarnings(`${path}[${j}].ipBlock.except[${k}]`, range)),
    ]);
  return [
    ...(spec?.ingress ?? []).flatMap(({ from }, i) => peers(`spec.ingress[${i}].from`, from)),
    ...(spec?.egress ?? []).flatMap(({ to }, i) => peers(`spec.egress[${i}].to`, to)),
  ];
}
