// Validation of ServiceCIDRs and IPAddresses. Pure. Rules: "Virtual IPs and Service Proxies", IP address objects (KEP-1880).

import { isIP } from 'node:net';
import { ipBytes, ipText } from '../../base/ip-bytes.ts';
import type { FieldError } from '../status-error.ts';
import type { IPAddress, ServiceCIDR } from '../types/networking-v1.gen.ts';
import {
  checkImmutable,
  checkOptional,
  checkRequired,
  checkString,
  eachItem,
  IMMUTABLE,
  invalidValue,
  requiredValue,
} from './field-error.ts';
import { dnsSubdomain, pathSegment, type StringCheck } from './object-meta.ts';
import { cidr, ipAddress, isDualStack } from './strings.ts';

/** One range of each family. */
const RANGES_MAX = 2;

/** Validates a ServiceCIDR. */
export function validateServiceCidr({ spec }: ServiceCIDR): FieldError[] {
  const cidrs = spec?.cidrs ?? [];
  const field = 'spec.cidrs';
  if (cidrs.length === 0) return [requiredValue(field, 'at least one CIDR required')];
  if (cidrs.length > RANGES_MAX) return [invalidValue(field, spec, 'may only hold up to 2 values')];
  const faults = eachItem(field, cidrs, (text, at) => checkString(at, text, strictCidr));
  if (cidrs.length < RANGES_MAX || cidrs.some((text) => cidr(text).length > 0) || isDualStack(cidrs)) return faults;
  return [
    ...faults,
    invalidValue(field, cidrs, 'may specify no more than one IP for each IP family, i.e 192.168.0.0/24 and 2001:db8::/64'),
  ];
}

/** Bytes 0 to 11 of an IPv4 address that is written as an IPv6 one. */
const MAPPED = Buffer.from('00000000000000000000ffff', 'hex');
const isMapped = (address: string): boolean => isIP(address) === 6 && MAPPED.equals(ipBytes(address).subarray(0, MAPPED.length));

/** Whether an IPv4 address or range would be one without its leading zeros. */
const hasZeros = (value: string, check: StringCheck): boolean =>
  value.includes('.') && /(^|[./])0\d/.test(value) && check(value.replace(/(^|[./])0+(?=\d)/g, '$1')).length === 0;

/** An address in the one form that is right for it. */
const strictAddress: StringCheck = (value) => {
  if (hasZeros(value, ipAddress)) return ['must not have leading 0s'];
  const faults = ipAddress(value);
  if (faults.length > 0) return faults;
  if (isMapped(value)) return ['must not be an IPv4-mapped IPv6 address'];
  const canonical = ipText(ipBytes(value));
  return canonical === value ? [] : [`must be in canonical form (${JSON.stringify(canonical)})`];
};

/** A range in the one form that is right for it. */
const strictCidr: StringCheck = (value) => {
  if (hasZeros(value, cidr)) return ['must not have leading 0s in IP or prefix length'];
  const faults = cidr(value);
  if (faults.length > 0) return faults;
  const [address = '', bits = ''] = value.split('/');
  if (isMapped(address)) return ['must not have an IPv4-mapped IPv6 address'];
  if (!isNetwork(address, bits)) return ['must not have bits set beyond the prefix length'];
  const canonical = `${ipText(ipBytes(address))}/${bits}`;
  return canonical === value ? [] : [`must be in canonical form (${JSON.stringify(canonical)})`];
};

/** Whether only bits of the prefix are set. */
function isNetwork(address: string, bits: string): boolean {
  return ipBytes(address).every((byte, i) => (byte & (0xff >> Math.min(8, Math.max(0, Number(bits) - 8 * i)))) === 0);
}

/** The ranges of a ServiceCIDR do not change, but a second one may come to the first. */
export function validateServiceCidrUpdate(object: ServiceCIDR, old: ServiceCIDR): FieldError[] {
  const [now, before] = [object.spec?.cidrs ?? [], old.spec?.cidrs ?? []];
  const changed = before.flatMap((range, index) =>
    now[index] === range ? [] : [invalidValue(`spec.cidrs[${index}]`, now[index] ?? '', IMMUTABLE)],
  );
  if (now.length === before.length) return changed;
  if (before.length === 1 && now.length === RANGES_MAX) return [...changed, ...validateServiceCidr(object)];
  return [invalidValue('spec.cidrs', now, IMMUTABLE)];
}

/** Validates an IPAddress: its name is the address, its parent is named. */
export function validateIpAddress({ metadata, spec }: IPAddress): FieldError[] {
  const { name = '' } = metadata;
  const errors = name === '' ? [] : checkString('metadata.name', name, strictAddress);
  const parent = spec?.parentRef;
  if (!parent) return [...errors, requiredValue('spec.parentRef')];
  return [
    ...errors,
    ...checkOptional('spec.parentRef.group', parent.group, dnsSubdomain),
    ...checkRequired('spec.parentRef.resource', parent.resource, pathSegment),
    ...checkRequired('spec.parentRef.name', parent.name, pathSegment),
    ...checkOptional('spec.parentRef.namespace', parent.namespace, pathSegment),
  ];
}

/** The parent of an IPAddress does not change. */
export function validateIpAddressUpdate(object: IPAddress, old: IPAddress): FieldError[] {
  return checkImmutable('spec.parentRef', object.spec?.parentRef, old.spec?.parentRef);
}
