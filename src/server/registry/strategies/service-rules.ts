// What the fields of a Service imply for each other: which address families, addresses and node ports it needs, and what a change of
// type takes away. Pure. https://kubernetes.io/docs/concepts/services-networking/service/ and .../dual-stack/

import { type FieldError, invalid } from '../../../api/status-error.ts';
import type * as core from '../../../api/types/core-v1.gen.ts';

/** Families of the cluster's service ranges, the primary one first. */
export type Families = readonly ('IPv4' | 'IPv6')[];

const NONE = 'None';

/** Whether a Service has addresses of its own. */
export function needsClusterIp(spec: core.ServiceSpec): boolean {
  return spec.type !== 'ExternalName' && spec.clusterIPs?.[0] !== NONE && spec.clusterIP !== NONE;
}

/** Whether its ports are opened on every node. */
export function needsNodePort(spec: core.ServiceSpec): boolean {
  return spec.type === 'NodePort' || (spec.type === 'LoadBalancer' && spec.allocateLoadBalancerNodePorts !== false);
}

/** Whether it needs a node port for health checks of load balancers. */
export function needsHealthPort(spec: core.ServiceSpec): boolean {
  return spec.type === 'LoadBalancer' && spec.externalTrafficPolicy === 'Local';
}

/** clusterIP and clusterIPs say the same; who set one gets the other. */
export function alignClusterIps(spec: core.ServiceSpec, old: core.ServiceSpec | undefined): void {
  const changed = old !== undefined && spec.clusterIP !== old.clusterIP;
  const listChanged = old !== undefined && JSON.stringify(spec.clusterIPs ?? []) !== JSON.stringify(old.clusterIPs ?? []);
  if (spec.clusterIP && (spec.clusterIPs?.length ?? 0) === 0) spec.clusterIPs = [spec.clusterIP];
  else if (changed && !listChanged) {
    if (spec.clusterIP) spec.clusterIPs = [spec.clusterIP];
    else delete spec.clusterIPs;
  } else if (!spec.clusterIP && spec.clusterIPs?.[0]) spec.clusterIP = spec.clusterIPs[0];
}

/** Keeps what was allocated when a client leaves it out of an update. */
export function keepAllocated(spec: core.ServiceSpec, old: core.ServiceSpec): void {
  if (needsClusterIp(old) && needsClusterIp(spec)) {
    if (!spec.clusterIP && (spec.clusterIPs?.length ?? 0) === 0 && old.clusterIP) {
      spec.clusterIP = old.clusterIP;
      spec.clusterIPs = [...(old.clusterIPs ?? [old.clusterIP])];
    }
    if (!spec.ipFamilyPolicy && old.ipFamilyPolicy) spec.ipFamilyPolicy = old.ipFamilyPolicy;
    if (!spec.ipFamilies && old.ipFamilies) spec.ipFamilies = [...old.ipFamilies];
  }
  if (needsNodePort(old) && needsNodePort(spec)) {
    for (const port of spec.ports ?? []) {
      const before = old.ports?.find((p) => p.port === port.port && p.protocol === port.protocol);
      const free =
        before?.nodePort !== undefined && !spec.ports?.some((p) => p.nodePort === before.nodePort && p.protocol === port.protocol);
      if (!port.nodePort && free && before.nodePort) port.nodePort = before.nodePort;
    }
  }
  if (needsHealthPort(old) && needsHealthPort(spec) && !spec.healthCheckNodePort && old.healthCheckNodePort) {
    spec.healthCheckNodePort = old.healthCheckNodePort;
  }
}

/** Takes away what a new type does not have, where the client only carried it over. */
export function dropForType(spec: core.ServiceSpec, old: core.ServiceSpec): void {
  const same = (a: unknown, b: unknown): boolean => JSON.stringify(a ?? null) === JSON.stringify(b ?? null);
  if (spec.type === 'ExternalName' && old.type !== 'ExternalName') {
    if (same(spec.clusterIPs, old.clusterIPs)) {
      delete spec.clusterIP;
      delete spec.clusterIPs;
    }
    if (same(spec.ipFamilies, old.ipFamilies)) delete spec.ipFamilies;
    if (same(spec.ipFamilyPolicy, old.ipFamilyPolicy)) delete spec.ipFamilyPolicy;
  }
  const ports = (s: core.ServiceSpec): unknown => s.ports?.map((p) => p.nodePort ?? 0);
  if (needsNodePort(old) && !needsNodePort(spec) && same(ports(spec), ports(old)))
    for (const port of spec.ports ?? []) delete port.nodePort;
  if (needsHealthPort(old) && !needsHealthPort(spec) && same(spec.healthCheckNodePort, old.healthCheckNodePort))
    delete spec.healthCheckNodePort;
  const external = spec.type === 'NodePort' || spec.type === 'LoadBalancer';
  if (!external && (spec.externalIPs?.length ?? 0) === 0 && spec.externalTrafficPolicy === old.externalTrafficPolicy)
    delete spec.externalTrafficPolicy;
  if (spec.type !== 'LoadBalancer' && old.type === 'LoadBalancer') {
    if (spec.allocateLoadBalancerNodePorts === old.allocateLoadBalancerNodePorts) delete spec.allocateLoadBalancerNodePorts;
    if (spec.loadBalancerClass === old.loadBalancerClass) delete spec.loadBalancerClass;
  }
}

const familyOf = (address: string): 'IPv4' | 'IPv6' => (address.includes(':') ? 'IPv6' : 'IPv4');

/** The 422 of a Service. */
export function serviceInvalid(name: string, ...errors: FieldError[]): ReturnType<typeof invalid> {
  return invalid({ group: '', resource: 'Service' }, name, errors);
}

const wrong = (field: string, value: unknown, why: string): FieldError => ({
  type: 'FieldValueInvalid',
  field,
  detail: `Invalid value: ${JSON.stringify(value)}: ${why}`,
});

/** Fills ipFamilies and ipFamilyPolicy. @throws StatusError Invalid when the cluster does not have what is asked */
export function fillFamilies(name: string, spec: core.ServiceSpec, cluster: Families): void {
  if (spec.type === 'ExternalName') return;
  const headless = spec.clusterIPs?.[0] === NONE;
  const selectorless = Object.keys(spec.selector ?? {}).length === 0;
  const asked = spec.ipFamilies ?? (headless ? [] : (spec.clusterIPs ?? []).map(familyOf));
  const free = headless && selectorless;
  spec.ipFamilyPolicy ??= asked.length > 1 || free ? 'RequireDualStack' : 'SingleStack';
  if (!free) checkFamilies(name, spec, { asked, cluster });
  const primary = asked[0] ?? cluster[0] ?? 'IPv4';
  const other = primary === 'IPv4' ? 'IPv6' : 'IPv4';
  const both = spec.ipFamilyPolicy !== 'SingleStack' && (free || cluster.includes(other));
  spec.ipFamilies = asked.length > 1 ? [...asked] : both ? [primary, other] : [primary];
}

function checkFamilies(name: string, spec: core.ServiceSpec, way: { asked: readonly string[]; cluster: Families }): void {
  const { asked, cluster } = way;
  if (spec.ipFamilyPolicy === 'RequireDualStack' && cluster.length < 2) {
    const why = 'this cluster is not configured for dual-stack services';
    throw serviceInvalid(name, wrong('spec.ipFamilyPolicy', spec.ipFamilyPolicy, why));
  }
  const own: readonly string[] = cluster;
  const missing = asked.findIndex((family) => !own.includes(family));
  if (missing >= 0) throw serviceInvalid(name, wrong(`spec.ipFamilies[${missing}]`, asked[missing], 'not configured on this cluster'));
}
