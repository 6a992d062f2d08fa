// The cells of Services, endpoints, ingresses and network policies. Pure.

import type * as core from '../types/core-v1.gen.ts';
import type * as discovery from '../types/discovery-v1.gen.ts';
import type * as networking from '../types/networking-v1.gen.ts';
import { created, maker } from './cell-maker.ts';
import type { Cell, CellMaker } from './columns.ts';
import { firstOf, joined, labels, NONE, selector } from './format.ts';

const MOST_ENDPOINTS = 3;

function ingressAddresses(status: { ingress?: { ip?: string; hostname?: string }[] } | undefined): string[] {
  return (status?.ingress ?? []).map((point) => point.ip || point.hostname || '').filter((text) => text !== '');
}

function externalAddress(service: core.Service): string {
  const { type, externalIPs = [], externalName } = service.spec;
  if (type === 'ExternalName') return externalName ?? '';
  if (type !== 'LoadBalancer') return joined(externalIPs);
  const addresses = [...ingressAddresses(service.status?.loadBalancer), ...externalIPs];
  return addresses.length > 0 ? addresses.join(',') : '<pending>';
}

function servicePorts(service: core.Service): string {
  return joined(
    (service.spec.ports ?? []).map(({ port, nodePort, protocol }) => `${port}${nodePort ? `:${nodePort}` : ''}/${protocol ?? 'TCP'}`),
  );
}

function serviceCells(service: core.Service, now: number): Cell[] {
  const { type, clusterIP } = service.spec;
  return [
    service.metadata.name ?? '',
    type ?? '',
    type === 'ExternalName' ? NONE : clusterIP || NONE,
    externalAddress(service),
    servicePorts(service),
    created(service, now),
    labels(service.spec.selector),
  ];
}

function endpointsText({ subsets = [] }: core.Endpoints): string {
  const all = subsets.flatMap((subset) => {
    const addresses = subset.addresses ?? [];
    if (!subset.ports?.length) return addresses.map((address) => address.ip);
    return subset.ports.flatMap((port) => addresses.map(({ ip }) => (ip.includes(':') ? `[${ip}]:${port.port}` : `${ip}:${port.port}`)));
  });
  return all.length === 0 ? NONE : firstOf(all, MOST_ENDPOINTS);
}

function sliceCells(slice: discovery.EndpointSlice, now: number): Cell[] {
  const ports = (slice.ports ?? []).map((port) => (port.port === undefined ? (port.name ?? '*') : String(port.port)));
  const addresses = (slice.endpoints ?? []).flatMap((endpoint) => endpoint.addresses);
  return [
    slice.metadata.name ?? '',
    slice.addressType,
    ports.length > 0 ? firstOf(ports, MOST_ENDPOINTS) : '<unset>',
    addresses.length > 0 ? firstOf(addresses, MOST_ENDPOINTS) : '<unset>',
    created(slice, now),
  ];
}

function ingressHosts(ingress: networking.Ingress): string {
  const hosts = (ingress.spec.rules ?? []).slice(0, MOST_ENDPOINTS).map((rule) => rule.host || '*');
  const more = (ingress.spec.rules?.length ?? 0) - hosts.length;
  return hosts.length === 0 ? '*' : `${hosts.join(',')}${more > 0 ? ` + ${more} more...` : ''}`;
}

function ingressClassParameters(parameters: networking.IngressClassParametersReference | undefined): string {
  if (!parameters) return NONE;
  return `${parameters.kind}${parameters.apiGroup ? `.${parameters.apiGroup}` : ''}/${parameters.name}`;
}

/** Cell makers by `group/resource`. */
export const NETWORK_CELLS: Readonly<Record<string, CellMaker>> = {
  '/services': maker(serviceCells),
  '/endpoints': maker<core.Endpoints>((o, now) => [o.metadata.name ?? '', endpointsText(o), created(o, now)]),
  'discovery.k8s.io/endpointslices': maker(sliceCells),
  'networking.k8s.io/ingresses': maker<networking.Ingress>((o, now) => [
    o.metadata.name ?? '',
    o.spec.ingressClassName ?? o.metadata.annotations?.['kubernetes.io/ingress.class'] ?? NONE,
    ingressHosts(o),
    ingressAddresses(o.status?.loadBalancer).join(','),
    o.spec.tls?.length ? '80, 443' : '80',
    created(o, now),
  ]),
  'networking.k8s.io/ingressclasses': maker<networking.IngressClass>((o, now) => [
    o.metadata.name ?? '',
    o.spec.controller ?? '',
    ingressClassParameters(o.spec.parameters),
    created(o, now),
  ]),
  'networking.k8s.io/networkpolicies': maker<networking.NetworkPolicy>((o, now) => [
    o.metadata.name ?? '',
    selector(o.spec.podSelector),
    created(o, now),
  ]),
  'networking.k8s.io/servicecidrs': maker<networking.ServiceCIDR>((o, now) => [
    o.metadata.name ?? '',
    (o.spec.cidrs ?? []).join(','),
    created(o, now),
  ]),
  'networking.k8s.io/ipaddresses': maker<networking.IPAddress>((o) => {
    const { group, resource, namespace, name } = o.spec.parentRef ?? {};
    return [o.metadata.name ?? '', [`${resource ?? ''}${group ? `.${group}` : ''}`, namespace, name].filter((word) => word).join('/')];
  }),
};
