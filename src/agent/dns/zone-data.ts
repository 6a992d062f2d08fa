// The zone's view of the cluster: informers of Services, EndpointSlices and Namespaces with the indexes that questions need.

import { isIPv4, isIPv6 } from 'node:net';
import type { Service } from '../../api/types/core-v1.gen.ts';
import type { EndpointSlice } from '../../api/types/discovery-v1.gen.ts';
import type { InformerFactory } from '../../client/informer.ts';
import { ENDPOINT_SLICES, NAMESPACES, SERVICES } from '../../client/resources.ts';
import { SLICES_BY_SERVICE, serviceKeysOf } from '../proxy/service-slices.ts';
import type { ZoneData } from './zone.ts';

const SERVICES_BY_IP = 'dns-cluster-ip';
const SLICES_BY_NAMED_IP = 'dns-named-ip';

/** Starts the informers; `synced` resolves when questions can be answered. */
export function zoneDataFrom(informers: InformerFactory): ZoneData & { synced(signal?: AbortSignal): Promise<void> } {
  const services = informers.informer(SERVICES, { indexers: { [SERVICES_BY_IP]: clusterIpsOf } });
  const slices = informers.informer(ENDPOINT_SLICES, {
    indexers: { [SLICES_BY_SERVICE]: serviceKeysOf, [SLICES_BY_NAMED_IP]: namedIpsOf },
  });
  const namespaces = informers.informer(NAMESPACES);
  return {
    service: (key) => services.lister.get(key),
    slices: (key) => slices.lister.byIndex(SLICES_BY_SERVICE, key),
    hasNamespace: (name) => namespaces.lister.get(name) !== undefined,
    servicesByIp: (ip) => services.lister.byIndex(SERVICES_BY_IP, ip),
    hostnamesByIp: (ip) => slices.lister.byIndex(SLICES_BY_NAMED_IP, ip).flatMap((slice) => hostnamesIn(slice, ip)),
    async synced(signal) {
      await Promise.all([services.synced(signal), slices.synced(signal), namespaces.synced(signal)]);
    },
  };
}

function clusterIpsOf(service: Service): string[] {
  const { clusterIPs, clusterIP } = service.spec;
  return [...new Set([clusterIP ?? '', ...(clusterIPs ?? [])])].filter((ip) => isIPv4(ip) || isIPv6(ip));
}

function namedIpsOf(slice: EndpointSlice): string[] {
  return (slice.endpoints ?? []).flatMap((e) => (e.hostname ? e.addresses : []));
}

function hostnamesIn(slice: EndpointSlice, ip: string): { serviceKey: string; hostname: string }[] {
  const [serviceKey] = serviceKeysOf(slice);
  if (serviceKey === undefined) return [];
  return (slice.endpoints ?? []).flatMap((e) => (e.hostname && e.addresses.includes(ip) ? [{ serviceKey, hostname: e.hostname }] : []));
}
