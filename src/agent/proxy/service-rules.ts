// What one Service means in the nftables table: pure. Upstream's model of traffic policies (kube-proxy's documentation and KEPs),
// in the compact form: one chain a service port, one rule that picks an endpoint.

import type { LoadBalancerIngress, Service, ServicePort } from '../../api/types/core-v1.gen.ts';
import type { EndpointSlice } from '../../api/types/discovery-v1.gen.ts';
import type { HostPort } from '../../cni/bridge-plugin.ts';
import { isIpv4 } from '../../cni/cidr.ts';
import { type ProxyNode, type Target, type Targets, targetId, targetsOf } from './endpoints.ts';
import type { Element, Fragment } from './ruleset.ts';

/** Label by which a Service asks for another proxy. */
const PROXY_NAME_LABEL = 'service.kubernetes.io/service-proxy-name';
/** Upstream's default of sessionAffinityConfig. */
const AFFINITY_SECONDS = 10_800;

/** Where the rules are for. */
export interface RuleContext {
  readonly node: ProxyNode;
  /** Cluster addresses that this node answers itself (DNS): no rules are made for them. */
  readonly localAddresses: ReadonlySet<string>;
}

/** Whether a Service has a cluster address that this proxy serves. */
function isProxied(service: Service): boolean {
  const { type, clusterIP } = service.spec;
  return type !== 'ExternalName' && isIpv4(clusterIP ?? '') && service.metadata.labels?.[PROXY_NAME_LABEL] === undefined;
}

/** The rules of a Service with its EndpointSlices. */
export function serviceFragment(service: Service, slices: readonly EndpointSlice[], context: RuleContext): Fragment {
  const builder = new FragmentBuilder();
  if (!isProxied(service)) return builder;
  for (const port of service.spec.ports ?? []) {
    const targets = targetsOf(slices, { name: port.name ?? '', protocol: port.protocol ?? 'TCP' }, context.node);
    addPort(builder, portView(service, port, targets, context));
  }
  return builder;
}

class FragmentBuilder implements Fragment {
  readonly chains = new Map<string, readonly string[]>();
  readonly elements: Element[] = [];
  readonly affinities = new Map<string, number>();
}

/** One service port, resolved. */
interface PortView {
  /** `namespace/name/proto/port`: the stem of its chains. */
  readonly id: string;
  readonly protocol: string;
  readonly port: number;
  readonly nodePort: number;
  /** `''` when the node answers it itself. */
  readonly clusterIp: string;
  /** externalIPs, and load balancer addresses without source ranges. */
  readonly openIps: readonly string[];
  /** Load balancer addresses that only `sourceRanges` may use. */
  readonly fencedIps: readonly string[];
  readonly sourceRanges: readonly string[];
  readonly targets: Targets;
  readonly internalLocal: boolean;
  readonly externalLocal: boolean;
  /** 0 = none. */
  readonly affinitySeconds: number;
}

function portView(service: Service, port: ServicePort, targets: Targets, context: RuleContext): PortView {
  const { spec, status, metadata } = service;
  const protocol = (port.protocol ?? 'TCP').toLowerCase();
  const balanced = (status?.loadBalancer?.ingress ?? []).filter(isVirtual).flatMap((i) => (i.ip && isIpv4(i.ip) ? [i.ip] : []));
  const sourceRanges = (spec.loadBalancerSourceRanges ?? []).map((r) => r.trim()).filter((r) => isIpv4(r.split('/')[0] ?? ''));
  const external = (spec.externalIPs ?? []).filter(isIpv4);
  const clusterIp = spec.clusterIP ?? '';
  return {
    id: `${metadata.namespace}/${metadata.name}/${protocol}/${port.port}`,
    protocol,
    port: port.port,
    nodePort: port.nodePort ?? 0,
    clusterIp: context.localAddresses.has(clusterIp) ? '' : clusterIp,
    openIps: sourceRanges.length > 0 ? external : [...external, ...balanced],
    fencedIps: sourceRanges.length > 0 ? balanced : [],
    sourceRanges,
    targets,
    internalLocal: spec.internalTrafficPolicy === 'Local',
    externalLocal: spec.externalTrafficPolicy === 'Local',
    affinitySeconds: spec.sessionAffinity === 'ClientIP' ? (spec.sessionAffinityConfig?.clientIP?.timeoutSeconds ?? AFFINITY_SECONDS) : 0,
  };
}

/** ipMode Proxy: the load balancer rewrites the destination itself, the node must not short-cut it. */
const isVirtual = (ingress: LoadBalancerIngress): boolean => ingress.ipMode !== 'Proxy';

function addPort(builder: FragmentBuilder, view: PortView): void {
  addInternal(builder, view);
  if (view.nodePort || view.openIps.length > 0 || view.fencedIps.length > 0) addExternal(builder, view);
  const here = new Set([...view.targets.cluster, ...view.targets.local].flatMap(({ ip, local }) => (local ? [ip] : [])));
  for (const ip of here) builder.elements.push({ table: 'hairpin', key: `${ip} . ${ip}`, value: '' });
}

const addressKey = (view: PortView, ip: string): string => `${ip} . ${view.protocol} . ${view.port}`;

/** The cluster address. */
function addInternal(builder: FragmentBuilder, view: PortView): void {
  if (view.clusterIp === '') return;
  const key = addressKey(view, view.clusterIp);
  const chain = view.internalLocal ? localChain(builder, view) : clusterChain(builder, view);
  if (chain) builder.elements.push({ table: 'services', key, value: `goto ${chain}` });
  else builder.elements.push({ table: 'noeps', key, value: view.targets.any ? 'drop' : 'goto do-reject' });
}

/** Node port, external addresses, load balancer addresses. */
function addExternal(builder: FragmentBuilder, view: PortView): void {
  const nodeKey = `${view.protocol} . ${view.nodePort}`;
  const addresses = [...view.openIps, ...view.fencedIps];
  if (!view.targets.any) {
    for (const ip of addresses) builder.elements.push({ table: 'noeps', key: addressKey(view, ip), value: 'goto do-reject' });
    if (view.nodePort) builder.elements.push({ table: 'noepports', key: nodeKey, value: 'goto do-reject' });
    return;
  }
  const chain = externalChain(builder, view);
  if (view.nodePort) builder.elements.push({ table: 'nodeports', key: nodeKey, value: `goto ${chain}` });
  for (const ip of view.openIps) builder.elements.push({ table: 'services', key: addressKey(view, ip), value: `goto ${chain}` });
  if (view.fencedIps.length === 0) return;
  const fence = `fw-${view.id}`;
  builder.chains.set(fence, [`ip saddr { ${view.sourceRanges.join(', ')} } goto ${chain}`, 'drop']);
  for (const ip of view.fencedIps) builder.elements.push({ table: 'services', key: addressKey(view, ip), value: `goto ${fence}` });
}

/** From outside: any endpoint with the client's address hidden, or with policy Local those of this node with it kept. */
function externalChain(builder: FragmentBuilder, view: PortView): string {
  const chain = `ext-${view.id}`;
  const all = clusterChain(builder, view) ?? '';
  if (!view.externalLocal) {
    builder.chains.set(chain, ['jump do-mark', `goto ${all}`]);
    return chain;
  }
  const local = localChain(builder, view);
  // Pods and the node itself are inside: for them the policy does not hold.
  const inside =
    all === '' ? [] : [`ip saddr @podcidrs goto ${all}`, 'fib saddr type local jump do-mark', `fib saddr type local goto ${all}`];
  builder.chains.set(chain, [...inside, local ? `goto ${local}` : 'drop']);
  return chain;
}

const clusterChain = (builder: FragmentBuilder, view: PortView) =>
  balancedChain(builder, view, { name: 'svc', targets: view.targets.cluster });
const localChain = (builder: FragmentBuilder, view: PortView) => balancedChain(builder, view, { name: 'loc', targets: view.targets.local });

/** Makes the chain that picks one of the targets; `undefined` when there is none. */
function balancedChain(
  builder: FragmentBuilder,
  view: PortView,
  { name, targets }: { name: string; targets: readonly Target[] },
): string | undefined {
  if (targets.length === 0) return undefined;
  const chain = `${name}-${view.id}`;
  builder.chains.set(chain, view.affinitySeconds > 0 ? stickyRules(builder, view, targets) : [randomRule(view.protocol, targets)]);
  return chain;
}

function randomRule(protocol: string, targets: readonly Target[]): string {
  const [only] = targets;
  if (only && targets.length === 1) return `meta l4proto ${protocol} dnat to ${only.ip}:${only.port}`;
  const map = targets.map(({ ip, port }, i) => `${i} : ${ip} . ${port}`).join(', ');
  return `meta l4proto ${protocol} dnat ip addr . port to numgen random mod ${targets.length} map { ${map} }`;
}

/** Session affinity: a set of clients and a chain for each endpoint; each connection renews the client's time. */
function stickyRules(builder: FragmentBuilder, view: PortView, targets: readonly Target[]): string[] {
  const chains = targets.map((target) => {
    const chain = `ep-${view.id}/${targetId(target)}`;
    const clients = `aff-${view.id}/${targetId(target)}`;
    builder.affinities.set(clients, view.affinitySeconds);
    builder.chains.set(chain, [`update @${clients} { ip saddr }`, `meta l4proto ${view.protocol} dnat to ${target.ip}:${target.port}`]);
    return { chain, clients };
  });
  const known = chains.map(({ chain, clients }) => `ip saddr @${clients} goto ${chain}`);
  const pick = chains.map(({ chain }, i) => `${i} : goto ${chain}`).join(', ');
  return [...known, `numgen random mod ${targets.length} vmap { ${pick} }`];
}

/** The rules of host ports. */
export function hostPortFragment(ports: readonly HostPort[]): Fragment {
  const builder = new FragmentBuilder();
  for (const { protocol, hostIp, hostPort, address, containerPort } of ports) {
    const key = `${protocol} . ${hostPort}`;
    const value = `${address} . ${containerPort}`;
    if (hostIp === '') builder.elements.push({ table: 'hostports', key, value });
    else if (isIpv4(hostIp)) builder.elements.push({ table: 'hostportips', key: `${hostIp} . ${key}`, value });
    builder.elements.push({ table: 'hairpin', key: `${address} . ${address}`, value: '' });
  }
  return builder;
}
