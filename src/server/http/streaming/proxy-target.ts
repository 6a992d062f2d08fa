// Where pods/proxy, services/proxy and nodes/proxy lead: names of the form `[scheme:]name[:port]`, resolved purely.

import { isIP } from 'node:net';
import { badRequest, notFound, serviceUnavailable } from '../../../api/status-error.ts';
import type * as core from '../../../api/types/core-v1.gen.ts';
import { checkNonSpecialAddress } from '../../../api/validation/strings.ts';
import { ipBytes, ipText } from '../../../base/ip-bytes.ts';

/** A parsed name. */
export interface ProxyName {
  readonly scheme: 'http' | 'https';
  readonly name: string;
  /** Port number or name; `''` = the usual one. */
  readonly port: string;
}

/** Parses `web`, `web:80`, `https:web:` … @throws StatusError BadRequest */
export function parseProxyName(text: string): ProxyName {
  const parts = text.split(':');
  const [first = '', second = '', third = ''] = parts;
  if (parts.length === 1) return { scheme: 'http', name: first, port: '' };
  if (parts.length === 2) return { scheme: 'http', name: first, port: second };
  if (parts.length === 3 && (first === 'http' || first === 'https' || first === '')) {
    return { scheme: first === 'https' ? 'https' : 'http', name: second, port: third };
  }
  throw badRequest(`invalid pod request "${text}"`);
}

const MAPPED_PREFIX = '00000000000000000000ffff';

/** The IPv4 address in an IPv4-mapped one (RFC 4291, 2.5.5.2), which leads to the same place. */
function unmapped(ip: string): string {
  const bytes = ipBytes(ip);
  const mapped = Buffer.from(bytes).toString('hex').startsWith(MAPPED_PREFIX) && bytes.length === 16;
  return mapped ? ipText(bytes.subarray(12)) : ip;
}

/** Multicast, and the broadcast address. */
function isManyfold(ip: string): boolean {
  const [first = 0] = ipBytes(ip);
  return ip.includes(':') ? first === 0xff : first >> 4 === 0xe || ip === '255.255.255.255';
}

/**
 * `http://address:port` of a backend. Who may write a status or an endpoint must not lead the server to itself or its link.
 * @throws StatusError BadRequest for an address that is not one machine's own in the network, ServiceUnavailable for a port that is none
 */
export function backendBase(scheme: ProxyName['scheme'], address: string, port: number | string): string {
  const ip = isIP(address) === 0 || address.includes('%') ? undefined : unmapped(address);
  if (ip === undefined || isManyfold(ip) || checkNonSpecialAddress('', ip).length > 0) throw badRequest('address not allowed');
  // What else stands there could change which host the URL names.
  if (!/^\d{1,5}$/.test(`${port}`)) throw serviceUnavailable(`error trying to reach service: dial tcp: lookup tcp/${port}: unknown port`);
  if (Number(port) > 65_535) throw serviceUnavailable(`error trying to reach service: dial tcp: address ${port}: invalid port`);
  return `${scheme}://${address.includes(':') ? `[${address}]` : address}:${port}`;
}

/** Base URL of a pod's port. @throws StatusError BadRequest when the pod has no address, or one that is not for others */
export function podBase(pod: core.Pod, wish: ProxyName): string {
  const address = pod.status?.podIP || pod.status?.podIPs?.[0]?.ip || '';
  const usual = (pod.spec.containers ?? []).flatMap((container) => container.ports ?? [])[0]?.containerPort ?? 80;
  return backendBase(wish.scheme, address, wish.port === '' ? usual : wish.port);
}

/** An endpoint of a Service with the port that is wished. */
interface Candidate {
  readonly address: core.EndpointAddress;
  readonly port: number;
}

/** How an endpoint of a Service is found. */
export interface EndpointWay {
  readonly endpoints: core.Endpoints | undefined;
  readonly wish: ProxyName;
  /** Chooses among n. */
  readonly pick: (n: number) => number;
  /** The pod of that name in the Service's namespace. */
  readonly pod: (name: string) => core.Pod | undefined;
}

/**
 * The first, from a random one on, that really is a pod's. Who may write endpoints must not make the server a way to addresses that he cannot
 * reach himself: https://kubernetes.io/docs/concepts/services-networking/service/#services-without-selectors
 */
function podCandidate(candidates: readonly Candidate[], { pick, pod }: EndpointWay, namespace: string): Candidate | undefined {
  if (candidates.length === 0) return undefined;
  const start = pick(candidates.length);
  return [...candidates.slice(start), ...candidates.slice(0, start)].find(({ address: { ip, targetRef } }) => {
    if (!targetRef?.name || targetRef.namespace !== namespace) return false;
    const { podIP, podIPs = [] } = pod(targetRef.name)?.status ?? {};
    return podIP === ip || podIPs.some((item) => item.ip === ip);
  });
}

/**
 * Base URL of one of a Service's endpoints that are pods.
 * @throws StatusError NotFound without Endpoints, ServiceUnavailable when none is usable, BadRequest when its address is not for others
 */
export function serviceBase(service: core.Service, way: EndpointWay): string {
  const { endpoints, wish } = way;
  const name = service.metadata.name ?? '';
  const ports = service.spec?.ports ?? [];
  const wished =
    wish.port === '' && ports.length === 1 ? ports[0] : ports.find((port) => port.name === wish.port || String(port.port) === wish.port);
  if (!wished && /^\d+$/.test(wish.port)) throw serviceUnavailable(`no service port ${wish.port} found for service "${name}"`);
  if (!endpoints) throw notFound({ group: '', resource: 'endpoints' }, name);
  const portName = wished ? (wished.name ?? '') : wish.port;
  const candidates = (endpoints.subsets ?? []).flatMap((subset) => {
    const port = subset.ports?.find((item) => (item.name ?? '') === portName);
    return port ? (subset.addresses ?? []).map((address) => ({ address, port: port.port })) : [];
  });
  const found = podCandidate(candidates, way, service.metadata.namespace ?? '');
  if (found === undefined)
    throw serviceUnavailable(`no endpoints available for service "${name}${wish.port === '' ? '' : `:${wish.port}`}"`);
  return backendBase(wish.scheme, found.address.ip, found.port);
}
