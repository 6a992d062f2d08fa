// The cluster's zone: which names exist and what they answer. Pure, over a view of Services, EndpointSlices and Namespaces.
// Kubernetes DNS-Based Service Discovery 1.1.0; pod records without a check of the pod, as CoreDNS does with "pods insecure".

import { isIPv4, isIPv6 } from 'node:net';
import type { Service } from '../../api/types/core-v1.gen.ts';
import type { Endpoint, EndpointSlice } from '../../api/types/discovery-v1.gen.ts';
import { type DnsRecord, type RecordReply, rcodeReply } from './message.ts';

/** Version of the specification, answered at `dns-version.<domain>`. */
const SCHEMA_VERSION = '1.1.0';
/** Seconds clients may keep an answer: CoreDNS's default. */
const TTL = 5;

/** The objects the zone is made of. Keys are `namespace/name`. */
export interface ZoneData {
  service(key: string): Service | undefined;
  slices(serviceKey: string): readonly EndpointSlice[];
  hasNamespace(name: string): boolean;
  /** Services with that cluster address. */
  servicesByIp(ip: string): readonly Service[];
  /** Keys of Services with host names given to endpoints of that address. */
  hostnamesByIp(ip: string): readonly { readonly serviceKey: string; readonly hostname: string }[];
}

/** The zone's own facts. */
export interface ZoneOptions {
  /** e.g. `cluster.local`. */
  readonly domain: string;
  /** Address of the name server. */
  readonly address: string;
}

/** What is asked. */
export interface ZoneQuestion {
  /** Lower case, no final dot. */
  readonly name: string;
  readonly type: string;
}

/** The answer of the zone; `undefined` when the name is not in it. */
export function answerFromZone(question: ZoneQuestion, options: ZoneOptions, data: ZoneData): RecordReply | undefined {
  const { domain } = options;
  if (question.name !== domain && !question.name.endsWith(`.${domain}`)) return undefined;
  const labels = question.name === domain ? [] : question.name.slice(0, -domain.length - 1).split('.');
  const found = records(question, labels, { options, data });
  if (found === undefined) return negative('NXDOMAIN', domain);
  const answers = found.filter((r) => r.type === question.type || r.type === 'CNAME');
  if (answers.length === 0) return negative('NOERROR', domain);
  const alias = answers[0]?.type === 'CNAME' ? answers[0].data : undefined;
  return {
    kind: 'records',
    rcode: 'NOERROR',
    authoritative: true,
    answers,
    authorities: [],
    additionals: question.type === 'SRV' ? targetAddresses(answers, options, data) : [],
    ...(alias !== undefined && question.type !== 'CNAME' && { chase: alias }),
  };
}

interface Context {
  readonly options: ZoneOptions;
  readonly data: ZoneData;
}

/** The records at a name; an empty list when the name exists without any; undefined when it does not exist. */
function records(question: ZoneQuestion, labels: readonly string[], context: Context): DnsRecord[] | undefined {
  const { name } = question;
  const { domain, address } = context.options;
  const kind = labels.at(-1);
  if (kind === undefined) return [soaRecord(domain), { name, type: 'NS', ttl: TTL, data: `ns.dns.${domain}` }];
  if (kind === 'svc') return serviceName(question, labels.slice(0, -1), context);
  if (kind === 'pod') return podName(name, labels.slice(0, -1), context.data);
  if (kind === 'dns-version' && labels.length === 1) return [{ name, type: 'TXT', ttl: TTL, data: SCHEMA_VERSION }];
  if (kind !== 'dns' || labels.length > 2) return undefined;
  if (labels.length === 1) return [];
  return labels[0] === 'ns' ? addressRecords(name, [address]) : undefined;
}

/** `[port.proto. | hostname.]name.namespace.svc`. */
function serviceName(question: ZoneQuestion, labels: readonly string[], context: Context): DnsRecord[] | undefined {
  const [name, namespace] = labels.slice(-2);
  if (namespace === undefined) return labels.length === 0 || context.data.hasNamespace(name ?? '') ? [] : undefined;
  const key = `${namespace}/${name}`;
  const service = context.data.service(key);
  if (!service) return undefined;
  const slices = context.data.slices(key);
  const view = { service, slices, domain: context.options.domain };
  const prefix = labels.slice(0, -2);
  if (prefix.length === 0) return serviceRecords(question, view);
  if (service.spec.type === 'ExternalName') return undefined;
  if (prefix.length === 2) return portRecords(question, prefix, view);
  if (prefix.length > 2) return undefined;
  const [label = ''] = prefix;
  if (label === '_tcp' || label === '_udp' || label === '_sctp') return []; // Names of ports lie below.
  const addresses = slices.flatMap(readyEndpoints).filter(({ hostname }) => hostname === label);
  return addresses.length === 0
    ? undefined
    : addressRecords(
        question.name,
        addresses.map((e) => e.ip),
      );
}

interface ServiceView {
  readonly service: Service;
  readonly slices: readonly EndpointSlice[];
  readonly domain: string;
}

const isHeadless = (service: Service): boolean => service.spec.clusterIP === 'None';

function clusterIps(service: Service): string[] {
  const { clusterIPs, clusterIP } = service.spec;
  return (clusterIPs?.length ? clusterIPs : [clusterIP ?? '']).filter((ip) => isIPv4(ip) || isIPv6(ip));
}

function serviceRecords(question: ZoneQuestion, view: ServiceView): DnsRecord[] {
  const { spec } = view.service;
  const { name } = question;
  if (spec.type === 'ExternalName') {
    const target = (spec.externalName ?? '').toLowerCase().replace(/\.$/, '');
    // An address where a name belongs is answered as one, as clients of other clusters have it.
    if (isIPv4(target) || isIPv6(target)) return addressRecords(name, [target]);
    return target === '' ? [] : [{ name, type: 'CNAME', ttl: TTL, data: target }];
  }
  if (question.type === 'SRV') return srvRecords(name, view, () => true);
  const addresses = isHeadless(view.service) ? view.slices.flatMap(readyEndpoints).map((e) => e.ip) : clusterIps(view.service);
  return addressRecords(name, addresses);
}

/** `_port._proto`: the port must exist. */
function portRecords(question: ZoneQuestion, [port = '', protocol = '']: readonly string[], view: ServiceView): DnsRecord[] | undefined {
  if (!port.startsWith('_') || !protocol.startsWith('_')) return undefined;
  const isAsked: PortFilter = (p) => `_${p.name ?? ''}` === port && `_${(p.protocol ?? 'TCP').toLowerCase()}` === protocol;
  const found = srvRecords(question.name, view, isAsked);
  return found.length > 0 ? found : undefined;
}

type PortFilter = (port: { readonly name?: string; readonly protocol?: string }) => boolean;

function srvRecords(name: string, view: ServiceView, filter: PortFilter): DnsRecord[] {
  const targets = isHeadless(view.service) ? endpointTargets(view, filter) : serviceTargets(view, filter);
  const weight = Math.max(1, Math.floor(100 / Math.max(1, targets.length)));
  return targets.map(({ target, port }) => ({ name, type: 'SRV', ttl: TTL, data: { priority: 0, weight, port, target } }));
}

interface SrvTarget {
  readonly target: string;
  readonly port: number;
}

const baseName = ({ service, domain }: ServiceView): string => `${service.metadata.name}.${service.metadata.namespace}.svc.${domain}`;

function serviceTargets(view: ServiceView, filter: PortFilter): SrvTarget[] {
  return (view.service.spec.ports ?? []).filter(filter).map(({ port }) => ({ target: baseName(view), port }));
}

function endpointTargets(view: ServiceView, filter: PortFilter): SrvTarget[] {
  const all = view.slices.flatMap((slice) => {
    const ports = (slice.ports ?? []).filter(filter).flatMap(({ port }) => (port ? [port] : []));
    return readyEndpoints(slice).flatMap(({ hostname }) => ports.map((port) => ({ target: `${hostname}.${baseName(view)}`, port })));
  });
  return [...new Map(all.map((t) => [`${t.target} ${t.port}`, t])).values()];
}

interface NamedEndpoint {
  readonly hostname: string;
  readonly ip: string;
}

function readyEndpoints(slice: EndpointSlice): NamedEndpoint[] {
  const ready = (slice.endpoints ?? []).filter((e: Endpoint) => e.conditions?.ready !== false);
  return ready.flatMap((e) => e.addresses.map((ip) => ({ hostname: (e.hostname || ip.replace(/[.:]/g, '-')).toLowerCase(), ip })));
}

/** `a-b-c-d.namespace.pod`: the address that the name spells. */
function podName(name: string, labels: readonly string[], data: ZoneData): DnsRecord[] | undefined {
  const [spelled, namespace] = labels.slice(-2);
  if (namespace === undefined) return labels.length === 0 || data.hasNamespace(spelled ?? '') ? [] : undefined;
  if (labels.length > 2 || !data.hasNamespace(namespace)) return undefined;
  const ip = [spelled?.replaceAll('-', '.') ?? '', spelled?.replaceAll('-', ':') ?? ''].find((text) => isIPv4(text) || isIPv6(text));
  return ip === undefined ? undefined : addressRecords(name, [ip]);
}

function addressRecords(name: string, addresses: readonly string[]): DnsRecord[] {
  return [...new Set(addresses)].map((data) => ({ name, type: isIPv4(data) ? 'A' : 'AAAA', ttl: TTL, data }));
}

/** Addresses of SRV targets, so that the client need not ask for them. */
function targetAddresses(answers: readonly DnsRecord[], options: ZoneOptions, data: ZoneData): DnsRecord[] {
  const targets = new Set(answers.flatMap((a) => (a.type === 'SRV' ? [a.data.target] : [])));
  return [...targets].flatMap((name) =>
    ['A', 'AAAA'].flatMap((type) => answerFromZone({ name, type }, options, data)?.answers.filter((r) => r.type === type) ?? []),
  );
}

function soaRecord(domain: string): DnsRecord {
  const timing = { serial: 1, refresh: 7200, retry: 1800, expire: 86_400, minimum: TTL };
  return { name: domain, type: 'SOA', ttl: TTL, data: { mname: `ns.dns.${domain}`, rname: `hostmaster.${domain}`, ...timing } };
}

function negative(rcode: 'NOERROR' | 'NXDOMAIN', domain: string): RecordReply {
  return { ...rcodeReply(rcode), authoritative: true, authorities: [soaRecord(domain)] };
}

/** Whether an address is one the cluster gives out. */
export type IsClusterAddress = (ip: string) => boolean;

/**
 * The name of an address: of a Service's cluster address, or of an endpoint that was given a host name. `undefined` when it is for
 * others to answer; for addresses of the cluster that have no name, NXDOMAIN.
 */
export function answerReverse(
  question: ZoneQuestion,
  zone: { readonly options: ZoneOptions; readonly data: ZoneData },
  isClusterAddress: IsClusterAddress,
): RecordReply | undefined {
  const ip = reversedAddress(question.name);
  if (ip === undefined) return undefined;
  const { domain } = zone.options;
  const names = [
    ...zone.data.servicesByIp(ip).map((s) => `${s.metadata.name}.${s.metadata.namespace}.svc.${domain}`),
    ...zone.data
      .hostnamesByIp(ip)
      .map(({ serviceKey, hostname }) => `${hostname}.${serviceKey.split('/').toReversed().join('.')}.svc.${domain}`),
  ];
  if (names.length === 0) return isClusterAddress(ip) ? negative('NXDOMAIN', domain) : undefined;
  if (question.type !== 'PTR') return negative('NOERROR', domain);
  const answers = [...new Set(names)].map((data): DnsRecord => ({ name: question.name, type: 'PTR', ttl: TTL, data }));
  return { ...rcodeReply('NOERROR'), authoritative: true, answers };
}

/** The IPv4 address that a name under in-addr.arpa, or the IPv6 address that one under ip6.arpa, stands for. */
function reversedAddress(name: string): string | undefined {
  if (name.endsWith('.in-addr.arpa')) {
    const ip = name.slice(0, -'.in-addr.arpa'.length).split('.').toReversed().join('.');
    return isIPv4(ip) ? ip : undefined;
  }
  if (!name.endsWith('.ip6.arpa')) return undefined;
  const digits = name.slice(0, -'.ip6.arpa'.length).split('.').toReversed().join('');
  if (!/^[0-9a-f]{32}$/.test(digits)) return undefined;
  return new URL(`http://[${digits.replace(/.{4}(?=.)/g, '$&:')}]`).hostname.slice(1, -1);
}
