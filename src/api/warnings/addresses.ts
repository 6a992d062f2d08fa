// Warnings about addresses and ranges that are valid but not written as they should be: RFC 5952, "Strict IP/CIDR validation" (KEP-4858). Pure.

import { isIP } from 'node:net';
import { ipBytes, ipText } from '../../base/ip-bytes.ts';

/** Warns of an IPv6 address that is not in its canonical form. `value` that is no address is no matter of warnings. */
export function addressWarnings(path: string, value: string | undefined): string[] {
  if (value === undefined || isIP(value) !== 6) return [];
  const canonical = ipText(ipBytes(value));
  return canonical === value
    ? []
    : [`${path}: IPv6 address ${JSON.stringify(value)} should be in RFC 5952 canonical format ("${canonical}")`];
}

/** Warns of a range with bits beyond its prefix, and of an IPv6 range that is not in its canonical form. */
export function rangeWarnings(path: string, value: string | undefined): string[] {
  const [address = '', bits = ''] = value?.split('/') ?? [];
  const family = isIP(address);
  if (value === undefined || family === 0 || bits === '') return [];
  const bytes = ipBytes(address);
  const network = bytes.map((byte, i) => byte & ~(0xff >> Math.min(8, Math.max(0, Number(bits) - 8 * i))));
  const canonical = `${ipText(network)}/${bits}`;
  if (network.some((byte, i) => byte !== bytes[i])) {
    const single = `${ipText(bytes)}/${family === 6 ? 128 : 32}`;
    return [`${path}: CIDR value ${JSON.stringify(value)} is ambiguous in this context (should be "${canonical}" or "${single}"?)`];
  }
  if (family === 4 || canonical === value) return [];
  return [`${path}: IPv6 CIDR value ${JSON.stringify(value)} should be in RFC 5952 canonical format ("${canonical}")`];
}
