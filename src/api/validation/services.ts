// Validation of Services, endpoints and Ingresses. Pure. Rules: "Service", "EndpointSlices", "Ingress".

import { deepEqual } from '../copy.ts';
import type { FieldError } from '../status-error.ts';
import type { Endpoints, Service, ServicePort } from '../types/core-v1.gen.ts';
import type { EndpointSlice } from '../types/discovery-v1.gen.ts';
import type { Ingress, IngressBackend, IngressClass, NetworkPolicy } from '../types/networking-v1.gen.ts';
import { validateLabelSelector } from './affinity.ts';
import {
  checkOneOf,
  checkPort,
  checkRequired,
  checkString,
  duplicates,
  eachItem,
  forbiddenValue,
  IMMUTABLE,
  invalidValue,
  notSupported,
  requiredValue,
  tooMany,
} from './field-error.ts';
import { dnsLabel, dnsSubdomain, validateLabels } from './object-meta.ts';
import { cidr, ipAddress, portName } from './strings.ts';

const PROTOCOLS = ['SCTP', 'TCP', 'UDP'];
const TYPES = ['ClusterIP', 'ExternalName', 'LoadBalancer', 'NodePort'];
const DAY = 86_400;

/** Validates a Service. */
export function validateService({ spec }: Service): FieldError[] {
  const headless = spec.clusterIP === 'None';
  const errors = [
    ...(spec.type ? checkOneOf('spec.type', spec.type, TYPES) : [requiredValue('spec.type')]),
    ...validateLabels(spec.selector ?? {}, 'spec.selector'),
    ...checkOneOf('spec.sessionAffinity', spec.sessionAffinity, ['ClientIP', 'None']),
    ...checkOneOf('spec.internalTrafficPolicy', spec.internalTrafficPolicy, ['Cluster', 'Local']),
    ...checkOneOf('spec.externalTrafficPolicy', spec.externalTrafficPolicy, ['Cluster', 'Local']),
    ...checkOneOf('spec.ipFamilyPolicy', spec.ipFamilyPolicy, ['PreferDualStack', 'RequireDualStack', 'SingleStack']),
    ...eachItem('spec.externalIPs', spec.externalIPs, (ip, at) => checkString(at, ip, ipAddress)),
    ...eachItem('spec.loadBalancerSourceRanges', spec.loadBalancerSourceRanges, (range, at) => checkString(at, range.trim(), cidr)),
    ...validatePorts(spec.ports, spec),
  ];
  if (spec.type === 'ExternalName') errors.push(...validateExternalName(spec));
  else if (!headless && !spec.ports?.length) errors.push(requiredValue('spec.ports'));
  if (headless && (spec.type === 'NodePort' || spec.type === 'LoadBalancer'))
    errors.push(invalidValue('spec.clusterIPs[0]', 'None', `may not be set to 'None' for ${spec.type} services`));
  if (spec.clusterIP && !headless) errors.push(...checkString('spec.clusterIPs[0]', spec.clusterIP, ipAddress));
  const seconds = spec.sessionAffinityConfig?.clientIP?.timeoutSeconds;
  if (seconds !== undefined && (seconds <= 0 || seconds > DAY)) {
    errors.push(invalidValue('spec.sessionAffinityConfig.clientIP.timeoutSeconds', seconds, `must be greater than 0 and less than ${DAY}`));
  }
  return errors;
}

function validateExternalName(spec: Service['spec']): FieldError[] {
  const name = spec.externalName?.replace(/\.$/, '') ?? '';
  const errors = name === '' ? [requiredValue('spec.externalName')] : checkString('spec.externalName', name, dnsSubdomain);
  if (spec.clusterIP) errors.push(forbiddenValue('spec.clusterIPs[0]', "may not be set when `type` is 'ExternalName'"));
  return errors;
}

function validatePorts(ports: readonly ServicePort[] | undefined, spec: Service['spec']): FieldError[] {
  const several = (ports?.length ?? 0) > 1;
  const one = (port: ServicePort, at: string): FieldError[] => [
    ...(port.name ? checkString(`${at}.name`, port.name, dnsLabel) : several ? [requiredValue(`${at}.name`)] : []),
    ...checkPort(`${at}.port`, port.port),
    ...(PROTOCOLS.includes(port.protocol ?? '') ? [] : [notSupported(`${at}.protocol`, port.protocol ?? '', PROTOCOLS)]),
    ...(typeof port.targetPort === 'string'
      ? checkString(`${at}.targetPort`, port.targetPort, portName)
      : port.targetPort
        ? checkPort(`${at}.targetPort`, port.targetPort)
        : []),
    ...(port.nodePort && (spec.type === 'ClusterIP' || spec.type === 'ExternalName')
      ? [forbiddenValue(`${at}.nodePort`, "may not be used when `type` is 'ClusterIP'")]
      : []),
  ];
  const list = ports ?? [];
  return [
    ...eachItem('spec.ports', ports, one),
    ...duplicates(
      list,
      (port) => port.name || undefined,
      (index) => `spec.ports[${index}].name`,
    ),
    ...list.flatMap((port, index) =>
      list.slice(0, index).some((other) => other.port === port.port && other.protocol === port.protocol)
        ? [
            {
              type: 'FieldValueDuplicate',
              field: `spec.ports[${index}]`,
              detail: `Duplicate value: {"protocol":"${port.protocol}","port":${port.port}}`,
            },
          ]
        : [],
    ),
  ];
}

/** Validates an update of a Service: its address stays unless its type gives it up. */
export function validateServiceUpdate(object: Service, old: Service): FieldError[] {
  const before = old.spec.clusterIP;
  const changed = before !== undefined && before !== '' && object.spec.clusterIP !== before;
  if (!changed || old.spec.type === 'ExternalName' || object.spec.type === 'ExternalName') return [];
  return [invalidValue('spec.clusterIPs[0]', object.spec.clusterIPs ?? [], 'may not change once set')];
}

function validateAddress(field: string, ip: string): FieldError[] {
  const errors = checkString(field, ip, ipAddress);
  if (errors.length > 0) return errors;
  if (/^127\./.test(ip) || ip === '::1') return [invalidValue(field, ip, 'may not be in the loopback range (127.0.0.0/8, ::1/128)')];
  if (ip === '0.0.0.0' || ip === '::') return [invalidValue(field, ip, `may not be unspecified (${ip})`)];
  return /^169\.254\./.test(ip) ? [invalidValue(field, ip, 'may not be in the link-local range (169.254.0.0/16, fe80::/10)')] : [];
}

/** Validates Endpoints. */
export function validateEndpoints(object: Endpoints): FieldError[] {
  return eachItem('subsets', object.subsets, (subset, at) => [
    ...(subset.addresses?.length || subset.notReadyAddresses?.length
      ? []
      : [requiredValue(at, 'must specify `addresses` or `notReadyAddresses`')]),
    ...eachItem(`${at}.addresses`, subset.addresses, ({ ip }, field) => validateAddress(`${field}.ip`, ip)),
    ...eachItem(`${at}.notReadyAddresses`, subset.notReadyAddresses, ({ ip }, field) => validateAddress(`${field}.ip`, ip)),
    ...eachItem(`${at}.ports`, subset.ports, (port, field) => [
      ...((subset.ports?.length ?? 0) > 1 && !port.name ? [requiredValue(`${field}.name`)] : []),
      ...checkPort(`${field}.port`, port.port),
    ]),
  ]);
}

const MAX_ENDPOINTS = 1000;
const MAX_SLICE_PORTS = 20_000;

/** Validates an EndpointSlice. */
export function validateEndpointSlice(object: EndpointSlice): FieldError[] {
  const endpoints = object.endpoints ?? [];
  return [
    ...(object.addressType ? checkOneOf('addressType', object.addressType, ['FQDN', 'IPv4', 'IPv6']) : [requiredValue('addressType')]),
    ...(endpoints.length > MAX_ENDPOINTS ? [tooMany('endpoints', endpoints.length, MAX_ENDPOINTS)] : []),
    ...((object.ports?.length ?? 0) > MAX_SLICE_PORTS ? [tooMany('ports', object.ports?.length ?? 0, MAX_SLICE_PORTS)] : []),
    ...eachItem('endpoints', endpoints, (endpoint, at) => [
      ...(endpoint.addresses?.length ? [] : [requiredValue(`${at}.addresses`, 'must contain at least 1 address')]),
      ...eachItem(`${at}.addresses`, endpoint.addresses, (address, field) =>
        object.addressType === 'FQDN' ? checkString(field, address, dnsSubdomain) : validateAddress(field, address),
      ),
    ]),
  ];
}

/** The address type of a slice does not change. */
export function validateEndpointSliceUpdate(object: EndpointSlice, old: EndpointSlice): FieldError[] {
  return object.addressType === old.addressType ? [] : [invalidValue('addressType', object.addressType, IMMUTABLE)];
}

function validateBackend(path: string, backend: IngressBackend): FieldError[] {
  if (backend.resource && backend.service) return [invalidValue(path, '', 'cannot set both resource and service backends')];
  if (backend.resource) return [];
  if (!backend.service) return [requiredValue(path, 'resource or service backend is required')];
  const { name, port } = backend.service;
  const errors = checkRequired(`${path}.service.name`, name, dnsLabel);
  if (!port?.name && !port?.number) errors.push(requiredValue(`${path}.service.port`, 'port name or number is required'));
  else if (port.name && port.number) errors.push(invalidValue(`${path}.service.port`, port, 'cannot set both port name & port number'));
  return errors;
}

/** Validates an Ingress. */
export function validateIngress({ spec }: Ingress): FieldError[] {
  const errors: FieldError[] = [];
  if (!spec.rules?.length && !spec.defaultBackend)
    errors.push(invalidValue('spec', {}, 'either `defaultBackend` or `rules` must be specified'));
  if (spec.defaultBackend) errors.push(...validateBackend('spec.defaultBackend', spec.defaultBackend));
  errors.push(
    ...eachItem('spec.rules', spec.rules, (rule, at) => [
      ...(rule.host ? checkString(`${at}.host`, rule.host.replace(/^\*\./, ''), dnsSubdomain) : []),
      ...eachItem(`${at}.http.paths`, rule.http?.paths, (item, field) => [
        ...(item.pathType
          ? checkOneOf(`${field}.pathType`, item.pathType, ['Exact', 'ImplementationSpecific', 'Prefix'])
          : [requiredValue(`${field}.pathType`, 'pathType must be specified')]),
        ...(item.pathType !== 'ImplementationSpecific' && item.path !== undefined && !item.path.startsWith('/')
          ? [invalidValue(`${field}.path`, item.path, 'must be an absolute path')]
          : []),
        ...validateBackend(`${field}.backend`, item.backend),
      ]),
    ]),
  );
  return errors;
}

/** Validates an IngressClass; its controller does not change. */
export function validateIngressClass(object: IngressClass, old?: IngressClass): FieldError[] {
  if (!object.spec.controller) return [requiredValue('spec.controller')];
  return old && !deepEqual(object.spec.controller, old.spec.controller)
    ? [invalidValue('spec.controller', object.spec.controller, IMMUTABLE)]
    : [];
}

/** Validates a NetworkPolicy. */
export function validateNetworkPolicy({ spec }: NetworkPolicy): FieldError[] {
  if (!spec) return [];
  const peers = (
    path: string,
    list: readonly { podSelector?: object; namespaceSelector?: object; ipBlock?: { cidr: string; except?: string[] } }[] | undefined,
  ): FieldError[] =>
    eachItem(path, list, (peer, at) => {
      if (!peer.podSelector && !peer.namespaceSelector && !peer.ipBlock) return [requiredValue(at, 'must specify a peer')];
      if (peer.ipBlock && (peer.podSelector || peer.namespaceSelector))
        return [forbiddenValue(at, 'may not specify both ipBlock and another peer')];
      return [
        ...validateLabelSelector(`${at}.podSelector`, peer.podSelector),
        ...validateLabelSelector(`${at}.namespaceSelector`, peer.namespaceSelector),
        ...(peer.ipBlock ? checkRequired(`${at}.ipBlock.cidr`, peer.ipBlock.cidr, cidr) : []),
      ];
    });
  return [
    ...validateLabelSelector('spec.podSelector', spec.podSelector),
    ...eachItem('spec.ingress', spec.ingress, (rule, at) => peers(`${at}.from`, rule.from)),
    ...eachItem('spec.egress', spec.egress, (rule, at) => peers(`${at}.to`, rule.to)),
    ...eachItem('spec.policyTypes', spec.policyTypes, (type, at) => checkOneOf(at, type, ['Egress', 'Ingress'])),
  ];
}
