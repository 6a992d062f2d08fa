// Validation of Services. Pure. Rules: "Service", "IPv4/IPv6 dual-stack", "Virtual IPs and Service Proxies".
// What an update may not change stands in service-updates.ts.

import type { FieldError } from '../status-error.ts';
import type { LoadBalancerStatus, Service, ServicePort, ServiceSpec } from '../types/core-v1.gen.ts';
import {
  checkOptional,
  checkPort,
  checkRequired,
  checkString,
  duplicateValue,
  eachItem,
  forbiddenValue,
  invalidValue,
  notSupported,
  requiredValue,
  requireOneOf,
} from './field-error.ts';
import { checkPortNumberOrName } from './handlers.ts';
import { dnsLabel, dnsSubdomain, qualifiedName, validateLabels } from './object-meta.ts';
import { checkNonSpecialAddress, cidr, ipAddress, isDualStack } from './strings.ts';

const PROTOCOLS = ['SCTP', 'TCP', 'UDP'];
const TYPES = ['ClusterIP', 'ExternalName', 'LoadBalancer', 'NodePort'];
const FAMILIES = ['IPv4', 'IPv6'];
const DISTRIBUTIONS = ['PreferClose', 'PreferSameZone', 'PreferSameNode'];
const DAY = 86_400;
const LOAD_BALANCER_ONLY = "may only be used when `type` is 'LoadBalancer'";
const SOURCE_RANGES = 'service.beta.kubernetes.io/load-balancer-source-ranges';
const TOPOLOGY_HINTS = 'service.kubernetes.io/topology-aware-hints';
const TOPOLOGY_MODE = 'service.kubernetes.io/topology-mode';

/** Whether a Service has no address of its own by its user's will. */
export const isHeadless = ({ clusterIP, clusterIPs }: ServiceSpec): boolean =>
  clusterIPs ? clusterIPs.length === 1 && clusterIPs[0] === 'None' : clusterIP === 'None';

const isExposed = (spec: ServiceSpec): boolean =>
  spec.type === 'LoadBalancer' || spec.type === 'NodePort' || (spec.type === 'ClusterIP' && (spec.externalIPs?.length ?? 0) > 0);

/** Whether load balancers ask its nodes for their health on a port of its own. */
export const needsHealthCheck = (spec: ServiceSpec): boolean => spec.type === 'LoadBalancer' && spec.externalTrafficPolicy === 'Local';

/** Validates a Service. */
export function validateService({ metadata, spec }: Service): FieldError[] {
  return [
    ...validateTopologyAnnotations(metadata.annotations ?? {}),
    ...validateType(spec),
    ...validatePorts(spec),
    ...(spec.selector ? validateLabels(spec.selector, 'spec.selector') : []),
    ...validateSessionAffinity(spec),
    ...validateServiceAddresses(spec),
    ...eachItem('spec.externalIPs', spec.externalIPs, (ip, at) => {
      const errors = checkString(at, ip, ipAddress);
      return errors.length > 0 ? errors : checkNonSpecialAddress(at, ip);
    }),
    ...requireOneOf('spec.type', spec.type, TYPES),
    ...validatePortUse(spec),
    ...validateSourceRanges(spec, metadata.annotations ?? {}),
    ...validateLoadBalancer(spec),
    ...validateTraffic(spec),
  ];
}

function validateTopologyAnnotations(annotations: Readonly<Record<string, string>>): FieldError[] {
  const [hints, mode] = [annotations[TOPOLOGY_HINTS], annotations[TOPOLOGY_MODE]];
  if (hints === undefined || mode === undefined || hints === mode) return [];
  const why = `must match annotations[${TOPOLOGY_HINTS}] when both are specified`;
  return [invalidValue(`metadata.annotations[${TOPOLOGY_MODE}]`, mode, why)];
}

function validateType(spec: ServiceSpec): FieldError[] {
  const headless = isHeadless(spec);
  const { type } = spec;
  const errors = !spec.ports?.length && !headless && type !== 'ExternalName' ? [requiredValue('spec.ports')] : [];
  if (headless && (type === 'LoadBalancer' || type === 'NodePort'))
    errors.push(invalidValue('spec.clusterIPs[0]', 'None', `may not be set to 'None' for ${type} services`));
  if (type !== 'ExternalName') return errors;
  const why = 'may not be set for ExternalName services';
  if (spec.clusterIPs?.length || spec.clusterIP) errors.push(forbiddenValue('spec.clusterIPs', why));
  if (spec.ipFamilies?.length) errors.push(forbiddenValue('spec.ipFamilies', why));
  if (spec.ipFamilyPolicy !== undefined) errors.push(forbiddenValue('spec.ipFamilyPolicy', why));
  return [...errors, ...checkRequired('spec.externalName', spec.externalName?.replace(/\.$/, ''), dnsSubdomain)];
}

function validatePorts({ ports }: ServiceSpec): FieldError[] {
  const names = new Set<string>();
  const several = (ports?.length ?? 0) > 1;
  return eachItem('spec.ports', ports, (port, at) => {
    const { name, protocol, targetPort } = port;
    const errors: FieldError[] = [];
    if (name) {
      errors.push(...checkString(`${at}.name`, name, dnsLabel));
      if (names.has(name)) errors.push(duplicateValue(`${at}.name`, name));
      names.add(name);
    } else if (several) errors.push(requiredValue(`${at}.name`));
    errors.push(...checkPort(`${at}.port`, port.port ?? 0), ...requireOneOf(`${at}.protocol`, protocol, PROTOCOLS));
    if (targetPort !== undefined) errors.push(...checkPortNumberOrName(`${at}.targetPort`, targetPort));
    return port.appProtocol === undefined ? errors : [...errors, ...checkString(`${at}.appProtocol`, port.appProtocol, qualifiedName)];
  });
}

/** A port as upstream shows it where two are one. */
const shownPort = ({ protocol = '', port }: ServicePort): object => ({
  Name: '',
  Protocol: protocol,
  AppProtocol: null,
  Port: port,
  TargetPort: 0,
  NodePort: 0,
});

/** Ports and node ports are taken once for each protocol. */
function validatePortUse({ type, ports = [] }: ServiceSpec): FieldError[] {
  const errors: FieldError[] = [];
  const used = new Set<string>();
  const nodeUsed = new Set<string>();
  for (const [index, port] of ports.entries()) {
    const at = `spec.ports[${index}]`;
    if (!port.nodePort) continue;
    if (type === 'ClusterIP') errors.push(forbiddenValue(`${at}.nodePort`, "may not be used when `type` is 'ClusterIP'"));
    const key = `${port.protocol}/${port.nodePort}`;
    if (nodeUsed.has(key)) errors.push(duplicateValue(`${at}.nodePort`, port.nodePort));
    nodeUsed.add(key);
  }
  for (const [index, port] of ports.entries()) {
    const key = `${port.protocol}/${port.port}`;
    if (used.has(key)) errors.push(duplicateValue(`spec.ports[${index}]`, shownPort(port)));
    used.add(key);
  }
  return errors;
}

function validateSessionAffinity({ sessionAffinity = 'None', sessionAffinityConfig: config }: ServiceSpec): FieldError[] {
  const errors = requireOneOf('spec.sessionAffinity', sessionAffinity, ['ClientIP', 'None']);
  const path = 'spec.sessionAffinityConfig';
  if (sessionAffinity === 'None')
    return config ? [...errors, forbiddenValue(path, 'must not be set when session affinity is None')] : errors;
  if (sessionAffinity !== 'ClientIP') return errors;
  const why = 'when session affinity type is ClientIP';
  if (!config) return [...errors, requiredValue(path, why)];
  if (!config.clientIP) return [...errors, requiredValue(`${path}.clientIP`, why)];
  const seconds = config.clientIP.timeoutSeconds;
  if (seconds === undefined) return [...errors, requiredValue(`${path}.clientIP.timeoutSeconds`, why)];
  if (seconds > 0 && seconds <= DAY) return errors;
  return [...errors, invalidValue(`${path}.clientIP.timeoutSeconds`, seconds, `must be greater than 0 and less than ${DAY}`)];
}

/** Cluster addresses, their families, and the policy of families belong together: what must hold before any is given. */
export function validateServiceAddresses(spec: ServiceSpec): FieldError[] {
  const { type, clusterIP, clusterIPs = [], ipFamilies = [], ipFamilyPolicy } = spec;
  if (type === 'ExternalName') return [];
  const path = 'spec.clusterIPs';
  const errors: FieldError[] = [];
  if (clusterIP && clusterIPs.length === 0) errors.push(...(clusterIP === 'None' ? [] : checkString(`${path}[0]`, clusterIP, ipAddress)));
  else if (clusterIP && clusterIPs[0] !== clusterIP) errors.push(invalidValue(path, clusterIPs, 'first value must match `clusterIP`'));
  else if (!clusterIP && clusterIPs.length > 0)
    errors.push(invalidValue(path, clusterIPs, 'must be empty when `clusterIP` is not specified'));
  errors.push(
    ...eachItem('spec.ipFamilies', ipFamilies, (family, at, index) => [
      ...(FAMILIES.includes(family) ? [] : [notSupported(at, family, FAMILIES)]),
      ...(ipFamilies.indexOf(family) < index ? [duplicateValue(at, family)] : []),
    ]),
  );
  const policies = ['PreferDualStack', 'RequireDualStack', 'SingleStack'];
  if (ipFamilyPolicy !== undefined && !policies.includes(ipFamilyPolicy))
    errors.push(notSupported('spec.ipFamilyPolicy', ipFamilyPolicy, policies));
  return [...errors, ...validateClusterIps(path, clusterIPs, isHeadless(spec) ? [] : ipFamilies)];
}

function validateClusterIps(path: string, ips: readonly string[], families: readonly string[]): FieldError[] {
  if (ips.length === 0) return [];
  const errors: FieldError[] = [];
  for (const [index, ip] of ips.entries()) {
    if (index > 0 || ip !== 'None') errors.push(...checkString(`${path}[${index}]`, ip, ipAddress));
    else if (ips.length > 1) errors.push(invalidValue(path, ips, "'None' must be the first and only value"));
  }
  const wrong = errors.length > 0;
  if (ips.length > 2) errors.push(invalidValue(path, ips, 'may only hold up to 2 values'));
  if (wrong) return errors;
  if (ips.length > 1 && !isDualStack(ips)) errors.push(invalidValue(path, ips, 'may specify no more than one IP for each IP family'));
  for (const [index, ip] of ips.entries()) {
    const family = families[index];
    if (family !== undefined && FAMILIES.includes(family) && (family === 'IPv6') !== ip.includes(':'))
      errors.push(invalidValue(`${path}[${index}]`, ip, `expected an ${family} value as indicated by \`ipFamilies[${index}]\``));
  }
  return errors;
}

function validateSourceRanges(spec: ServiceSpec, annotations: Readonly<Record<string, string>>): FieldError[] {
  const ranges = spec.loadBalancerSourceRanges ?? [];
  const wrongType = spec.type !== 'LoadBalancer';
  if (ranges.length > 0) {
    const path = 'spec.LoadBalancerSourceRanges';
    // Blanks around a range are allowed: they were in the annotation.
    const errors = eachItem(path, ranges, (range, at) => checkString(at, range.trim(), cidr));
    return wrongType ? [forbiddenValue(path, LOAD_BALANCER_ONLY), ...errors] : errors;
  }
  const text = annotations[SOURCE_RANGES];
  if (text === undefined) return [];
  const path = `metadata.annotations[${SOURCE_RANGES}]`;
  const errors = text.trim() === '' ? [] : text.split(',').flatMap((range) => checkString(path, range.trim(), cidr));
  return wrongType ? [forbiddenValue(path, LOAD_BALANCER_ONLY), ...errors] : errors;
}

function validateLoadBalancer({ type, allocateLoadBalancerNodePorts, loadBalancerClass }: ServiceSpec): FieldError[] {
  if (type === 'LoadBalancer')
    return loadBalancerClass === undefined ? [] : checkString('spec.loadBalancerClass', loadBalancerClass, qualifiedName);
  return [
    ...(allocateLoadBalancerNodePorts === undefined ? [] : [forbiddenValue('spec.allocateLoadBalancerNodePorts', LOAD_BALANCER_ONLY)]),
    ...(loadBalancerClass === undefined ? [] : [forbiddenValue('spec.loadBalancerClass', LOAD_BALANCER_ONLY)]),
  ];
}

function validateTraffic(spec: ServiceSpec): FieldError[] {
  const { externalTrafficPolicy: external, internalTrafficPolicy: internal, healthCheckNodePort: health, trafficDistribution } = spec;
  const errors: FieldError[] = [];
  const policies = ['Cluster', 'Local'];
  if (!isExposed(spec)) {
    if (external) errors.push(invalidValue('spec.externalTrafficPolicy', external, 'may only be set for externally-accessible services'));
  } else if (external && !policies.includes(external)) errors.push(notSupported('spec.externalTrafficPolicy', external, policies));
  if (needsHealthCheck(spec)) errors.push(...checkPort('spec.healthCheckNodePort', health));
  else if (health) {
    const why = "may only be set when `type` is 'LoadBalancer' and `externalTrafficPolicy` is 'Local'";
    errors.push(invalidValue('spec.healthCheckNodePort', health, why));
  }
  if (internal !== undefined && !policies.includes(internal)) errors.push(notSupported('spec.internalTrafficPolicy', internal, policies));
  if (trafficDistribution !== undefined && !DISTRIBUTIONS.includes(trafficDistribution))
    errors.push(notSupported('spec.trafficDistribution', trafficDistribution, DISTRIBUTIONS));
  return errors;
}

/** Validates what a load balancer or an ingress controller says of its addresses, at `path`. */
export function validateLoadBalancerStatus(
  path: string,
  ingress: LoadBalancerStatus['ingress'],
  { modes }: { readonly modes: boolean },
): FieldError[] {
  return eachItem(`${path}.ingress`, ingress, ({ ip, ipMode, hostname }, at) => {
    const errors = checkOptional(`${at}.ip`, ip, ipAddress);
    if (modes && ip && ipMode === undefined) errors.push(requiredValue(`${at}.ipMode`, 'must be specified when `ip` is set'));
    else if (ipMode !== undefined && !ip) errors.push(forbiddenValue(`${at}.ipMode`, 'may not be specified when `ip` is not set'));
    else if (ipMode !== undefined && ipMode !== 'VIP' && ipMode !== 'Proxy')
      errors.push(notSupported(`${at}.ipMode`, ipMode, ['Proxy', 'VIP']));
    errors.push(...checkOptional(`${at}.hostname`, hostname, dnsSubdomain));
    if (hostname && ipAddress(hostname).length === 0)
      errors.push(invalidValue(`${at}.hostname`, hostname, 'must be a DNS name, not an IP address'));
    return errors;
  });
}

/** Validates a write of a Service's status. */
export function validateServiceStatus({ spec, status }: Service): FieldError[] {
  const ingress = status?.loadBalancer?.ingress;
  const path = 'status.loadBalancer';
  if (spec.type !== 'LoadBalancer' && ingress?.length)
    return [forbiddenValue(`${path}.ingress`, "may only be used when `spec.type` is 'LoadBalancer'")];
  return validateLoadBalancerStatus(path, ingress, { modes: true });
}
