// Validation of what stands behind Services: Endpoints and EndpointSlices. Pure. Rules: "EndpointSlices", "Topology Aware Routing".

import { isIPv4, isIPv6 } from 'node:net';
import type { FieldError } from '../status-error.ts';
import type { EndpointAddress, Endpoints } from '../types/core-v1.gen.ts';
import type { Endpoint, EndpointHints, EndpointPort, EndpointSlice } from '../types/discovery-v1.gen.ts';
import {
  checkImmutable,
  checkOptional,
  checkPort,
  checkString,
  duplicateValue,
  eachItem,
  internalValue,
  invalidValue,
  notSupported,
  requiredValue,
  requireOneOf,
  tooMany,
} from './field-error.ts';
import { dnsLabel, dnsSubdomain, labelValue, qualifiedName, validateLabels } from './object-meta.ts';
import { checkNonSpecialAddress, ipAddress } from './strings.ts';

const PROTOCOLS = ['SCTP', 'TCP', 'UDP'];
const MAX_ENDPOINTS = 1000;
const MAX_PORTS = 20_000;
const MAX_ADDRESSES = 100;
const MAX_TOPOLOGY = 16;
const MAX_HINTS = 8;

/** Validates Endpoints. */
export function validateEndpoints({ subsets }: Endpoints): FieldError[] {
  return eachItem('subsets', subsets, ({ addresses, notReadyAddresses, ports }, at) => [
    ...(addresses?.length || notReadyAddresses?.length ? [] : [requiredValue(at, 'must specify `addresses` or `notReadyAddresses`')]),
    ...eachItem(`${at}.addresses`, addresses, validateAddress),
    ...eachItem(`${at}.notReadyAddresses`, notReadyAddresses, validateAddress),
    ...eachItem(`${at}.ports`, ports, (port, field) => [
      ...((ports?.length ?? 0) > 1 && !port.name ? [requiredValue(`${field}.name`)] : []),
      ...checkOptional(`${field}.name`, port.name, dnsLabel),
      ...checkPort(`${field}.port`, port.port ?? 0),
      ...requireOneOf(`${field}.protocol`, port.protocol ?? 'TCP', PROTOCOLS),
      ...(port.appProtocol === undefined ? [] : checkString(`${field}.appProtocol`, port.appProtocol, qualifiedName)),
    ]),
  ]);
}

function validateAddress({ ip = '', hostname, nodeName }: EndpointAddress, path: string): FieldError[] {
  return [
    ...checkString(`${path}.ip`, ip, ipAddress),
    ...checkOptional(`${path}.hostname`, hostname, dnsLabel),
    ...(nodeName === undefined ? [] : checkString(`${path}.nodeName`, nodeName, dnsSubdomain)),
    ...checkNonSpecialAddress(`${path}.ip`, ip),
  ];
}

/** Validates an EndpointSlice. */
export function validateEndpointSlice(slice: EndpointSlice): FieldError[] {
  const { addressType, endpoints = [], ports = [] } = slice;
  const errors = requireOneOf('addressType', addressType, ['FQDN', 'IPv4', 'IPv6']);
  errors.push(...(ports.length > MAX_PORTS ? [tooMany('ports', ports.length, MAX_PORTS)] : validatePorts(ports)));
  if (endpoints.length > MAX_ENDPOINTS) return [...errors, tooMany('endpoints', endpoints.length, MAX_ENDPOINTS)];
  return [...errors, ...eachItem('endpoints', endpoints, (endpoint, at) => validateEndpoint(endpoint, at, addressType))];
}

/** The address type of a slice does not change. */
export function validateEndpointSliceUpdate(slice: EndpointSlice, old: EndpointSlice): FieldError[] {
  return checkImmutable('addressType', slice.addressType, old.addressType);
}

function checkAddress(field: string, address: string, type: string): FieldError[] {
  switch (type) {
    case 'IPv4':
    case 'IPv6': {
      const errors = checkString(field, address, ipAddress);
      if (errors.length > 0) return errors;
      const isRight = type === 'IPv4' ? isIPv4(address) : isIPv6(address);
      // Upstream shows which address it is, but names the whole list.
      const list = field.replace(/\[\d+\]$/, '');
      return [...(isRight ? [] : [invalidValue(list, address, `must be an ${type} address`)]), ...checkNonSpecialAddress(field, address)];
    }
    case 'FQDN': {
      if (address === '') return [requiredValue(field)];
      const errors = checkString(field, address, dnsSubdomain);
      const parts = address.split('.');
      if (errors.length > 0) return errors;
      if (parts.length < 2) return [invalidValue(field, address, 'should be a domain with at least two segments separated by dots')];
      return parts.flatMap((part) => (part.length > 63 ? [invalidValue(field, part, 'must be no more than 63 characters')] : []));
    }
    default:
      return [];
  }
}

function validateEndpoint(endpoint: Endpoint, path: string, type: string): FieldError[] {
  const { addresses = [], deprecatedTopology, nodeName, hostname, hints } = endpoint;
  const errors: FieldError[] = [];
  if (addresses.length === 0) errors.push(requiredValue(`${path}.addresses`, 'must contain at least 1 address'));
  else if (addresses.length > MAX_ADDRESSES) errors.push(tooMany(`${path}.addresses`, addresses.length, MAX_ADDRESSES));
  errors.push(...eachItem(`${path}.addresses`, addresses, (address, at) => checkAddress(at, address, type)));
  if (nodeName !== undefined) errors.push(...checkString(`${path}.nodeName`, nodeName, dnsSubdomain));
  if (deprecatedTopology) {
    const count = Object.keys(deprecatedTopology).length;
    if (count > MAX_TOPOLOGY) errors.push(tooMany(`${path}.deprecatedTopology`, count, MAX_TOPOLOGY));
    errors.push(...validateLabels(deprecatedTopology, `${path}.deprecatedTopology`));
    const zone = 'topology.kubernetes.io/zone';
    if (deprecatedTopology[zone] !== undefined)
      errors.push(internalValue(`${path}.deprecatedTopology[${zone}]`, 'reserved key was not removed in conversion'));
  }
  if (hostname !== undefined) errors.push(...checkString(`${path}.hostname`, hostname, dnsLabel));
  return [...errors, ...validateHints(hints, `${path}.hints`)];
}

/** For whom an endpoint is; a list that is too long is not looked at further, nor is the next. */
function validateHints(hints: EndpointHints | undefined, path: string): FieldError[] {
  const errors: FieldError[] = [];
  for (const [list, check] of [
    ['forZones', labelValue],
    ['forNodes', dnsSubdomain],
  ] as const) {
    const names = (hints?.[list] ?? []).map(({ name }) => name);
    const at = `${path}.${list}`;
    if (names.length > MAX_HINTS) return [...errors, tooMany(at, names.length, MAX_HINTS)];
    errors.push(
      ...eachItem(at, names, (name, field, index) => [
        ...(names.indexOf(name) < index ? [duplicateValue(`${field}.name`, name)] : []),
        ...checkString(`${field}.name`, name, check),
      ]),
    );
  }
  return errors;
}

function validatePorts(ports: readonly EndpointPort[]): FieldError[] {
  const names = new Set<string>();
  return eachItem('ports', ports, ({ name = '', protocol = 'TCP', appProtocol }, at) => {
    const errors = checkOptional(`${at}.name`, name, dnsLabel);
    if (names.has(name)) errors.push(duplicateValue(`${at}.name`, name));
    names.add(name);
    // Upstream looks at no port's number here.
    if (!PROTOCOLS.includes(protocol)) errors.push(notSupported(`${at}.protocol`, protocol, PROTOCOLS));
    return appProtocol === undefined ? errors : [...errors, ...checkString(`${at}.appProtocol`, appProtocol, qualifiedName)];
  });
}
