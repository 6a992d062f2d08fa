// Validation of ServiceCIDRs and IPAddresses. Pure. Rules: "Virtual IPs and Service Proxies", IP address objects (KEP-1880).

import { isIP } from 'node:net';
import { ipBytes } from '../../base/ip-bytes.ts';
import { deepEqual } from '../copy.ts';
import type { FieldError } from '../status-error.ts';
import type { IPAddress, ServiceCIDR } from '../types/networking-v1.gen.ts';
import { checkString, eachItem, IMMUTABLE, invalidValue, requiredValue, tooMany } from './field-error.ts';
import { cidr } from './strings.ts';

/** One range of each family. */
const RANGES_MAX = 2;

/** Validates a ServiceCIDR. */
export function validateServiceCidr({ spec }: ServiceCIDR): FieldError[] {
  const cidrs = spec?.cidrs ?? [];
  const field = 'spec.cidrs';
  if (cidrs.length === 0) return [requiredValue(field, 'at least one CIDR required')];
  if (cidrs.length > RANGES_MAX) return [tooMany(field, cidrs.length, RANGES_MAX)];
  const faults = eachItem(field, cidrs, (text, at) => {
    const errors = checkString(at, text, cidr);
    return errors.length > 0 || isNetwork(text) ? errors : [invalidValue(at, text, 'must not have bits set beyond the prefix length')];
  });
  const [first = '', second] = cidrs;
  if (faults.length > 0 || second === undefined || first.includes(':') !== second.includes(':')) return faults;
  return [invalidValue(field, cidrs, 'may specify no more than one IP for each IP family, i.e 192.168.0.0/24 and 2001:db8::/64')];
}

/** Whether only bits of the prefix are set. */
function isNetwork(text: string): boolean {
  const [address = '', bits = ''] = text.split('/');
  return ipBytes(address).every((byte, i) => (byte & (0xff >> Math.min(8, Math.max(0, Number(bits) - 8 * i)))) === 0);
}

/** The ranges of a ServiceCIDR do not change. */
export function validateServiceCidrUpdate(object: ServiceCIDR, old: ServiceCIDR): FieldError[] {
  return deepEqual(object.spec?.cidrs, old.spec?.cidrs) ? [] : [invalidValue('spec.cidrs', object.spec?.cidrs ?? [], IMMUTABLE)];
}

/** Validates an IPAddress: its name is the address, its parent is named. */
export function validateIpAddress({ metadata, spec }: IPAddress): FieldError[] {
  const { name = '' } = metadata;
  const isCanonical = isIP(name) === 4 || (isIP(name) === 6 && new URL(`http://[${name}]`).hostname === `[${name}]`);
  const errors = isCanonical ? [] : [invalidValue('metadata.name', name, 'must be a valid IP address in canonical form')];
  const parent = spec?.parentRef;
  if (!parent) return [...errors, requiredValue('spec.parentRef')];
  const missing = (['resource', 'name'] as const).filter((key) => !parent[key]);
  return [...errors, ...missing.map((key) => requiredValue(`spec.parentRef.${key}`))];
}

/** The parent of an IPAddress does not change. */
export function validateIpAddressUpdate(object: IPAddress, old: IPAddress): FieldError[] {
  const parent = object.spec?.parentRef;
  return deepEqual(parent, old.spec?.parentRef) ? [] : [invalidValue('spec.parentRef', parent ?? {}, IMMUTABLE)];
}
