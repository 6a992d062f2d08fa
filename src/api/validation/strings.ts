// Checks of strings beyond names: addresses, paths, ports, environment names, percentages. Pure. They complete those of object-meta.ts.

import { isIP } from 'node:net';
import { ipBytes, ipText } from '../../base/ip-bytes.ts';
import type { FieldError } from '../status-error.ts';
import { invalidValue, requiredValue, tooLong } from './field-error.ts';
import { dnsSubdomain, type StringCheck } from './object-meta.ts';

/** An IPv4 or IPv6 address in the form Go prints it: no leading zeros, no zone. */
export const ipAddress: StringCheck = (value) =>
  isIP(value) > 0 && !value.includes('%') ? [] : ['must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)'];

/** An address with a prefix length. */
export const cidr: StringCheck = (value) => {
  const [address = '', bits = '', ...rest] = value.split('/');
  const family = isIP(address);
  const most = family === 4 ? 32 : 128;
  const valid = rest.length === 0 && family > 0 && /^(0|[1-9]\d{0,2})$/.test(bits) && Number(bits) <= most;
  return valid ? [] : ['must be a valid CIDR value, (e.g. 10.9.8.0/24 or 2001:db8::/64)'];
};

/** The name of a port: an IANA service name. */
export const portName: StringCheck = (value) => {
  const faults: string[] = [];
  if (value.length > 15) faults.push('must be no more than 15 characters');
  if (!/^[-a-z0-9]+$/.test(value)) faults.push('must contain only alpha-numeric characters (a-z, 0-9), and hyphens (-)');
  if (!/[a-z]/.test(value)) faults.push('must contain at least one letter (a-z)');
  if (value.includes('--')) faults.push('must not contain consecutive hyphens');
  if (value.startsWith('-') || value.endsWith('-')) faults.push('must not begin or end with a hyphen');
  return faults;
};

/** The name of an environment variable: anything printable but `=`. */
export const environmentName: StringCheck = (value) =>
  /^[\x20-\x3c\x3e-\x7e]+$/.test(value)
    ? []
    : ["a valid environment variable name must consist only of printable ASCII characters other than '='"];

/** A key of a ConfigMap or Secret. */
export const configMapKey: StringCheck = (value) => {
  const faults: string[] = [];
  if (value.length > 253) faults.push('must be no more than 253 characters');
  if (!/^[-._a-zA-Z0-9]+$/.test(value)) {
    faults.push(
      "a valid config key must consist of alphanumeric characters, '-', '_' or '.' (e.g. 'key.name',  or 'KEY_NAME',  or 'key-name', regex used for validation is '[-._a-zA-Z0-9]+')",
    );
  }
  if (value === '.') faults.push("must not be '.'");
  if (value === '..') faults.push("must not be '..'");
  else if (value.startsWith('..')) faults.push("must not start with '..'");
  return faults;
};

/** A path below a volume: relative, and without a step up. */
export const localPath: StringCheck = (value) => [
  ...(value.startsWith('/') ? ['must be a relative path'] : []),
  ...(value.split('/').includes('..') ? ["must not contain '..'"] : []),
];

/** A number or a percentage, e.g. of replicas. */
export const percentage: StringCheck = (value) =>
  /^[0-9]+%$/.test(value)
    ? []
    : [
        "a valid percent string must be a numeric string followed by an ending '%' (e.g. '1%',  or '93%', regex used for validation is '[0-9]+%')",
      ];

/** The name of a header of HTTP. */
export const httpHeaderName: StringCheck = (value) =>
  /^[-A-Za-z0-9]+$/.test(value)
    ? []
    : [
        "a valid HTTP header must consist of alphanumeric characters or '-' (e.g. 'X-Header-Name', regex used for validation is '[-A-Za-z0-9]+')",
      ];

/** No step up anywhere in a path. */
export const noBacksteps: StringCheck = (value) => (value.split('/').includes('..') ? ["must not contain '..'"] : []);

/** A path below a volume whose first name is not kept for the node's own files. */
export const localNonReservedPath: StringCheck = (value) => [
  ...localPath(value),
  ...(value.startsWith('..') && !value.startsWith('../') ? ["must not start with '..'"] : []),
];

/** A subdomain that may hold underscores: search paths of DNS. */
export const subdomainWithUnderscore: StringCheck = (value) => [
  ...(value.length > 253 ? ['must be no more than 253 characters'] : []),
  ...(/^[a-z0-9]([-_a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-_a-z0-9]*[a-z0-9])?)*$/.test(value.replaceAll('._', '.'))
    ? []
    : [
        "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'example.com', regex used for validation is '[a-z0-9]([-_a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-_a-z0-9]*[a-z0-9])?)*')",
      ]),
];

/** `*.` and a subdomain. */
export const wildcardSubdomain: StringCheck = (value) => [
  ...(value.length > 253 ? ['must be no more than 253 characters'] : []),
  ...(/^\*\.[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/.test(value)
    ? []
    : [
        "a wildcard DNS-1123 subdomain must start with '*.', followed by a valid DNS subdomain, which must consist of lower case alphanumeric characters, '-' or '.' and end with an alphanumeric character (e.g. '*.example.com', regex used for validation is '\\*\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')",
      ]),
];

const CSI_NAME_BYTES = 63;

/** The name of a driver of CSI or of devices: a subdomain in any case, at most 63 bytes. */
export function checkDriverName(field: string, name: string | undefined): FieldError[] {
  const value = name ?? '';
  if (value === '') return [requiredValue(field)];
  return [
    ...(value.length > CSI_NAME_BYTES ? [tooLong(field, CSI_NAME_BYTES)] : []),
    ...dnsSubdomain(value.toLowerCase()).map((why) => invalidValue(field, value, why)),
  ];
}

/** Whether two or more addresses are one of each family; `false` also for two of one family. */
export function isDualStack(addresses: readonly string[]): boolean {
  return addresses.some((address) => address.includes(':')) && addresses.some((address) => !address.includes(':'));
}

/** A `Special` address is one that means this machine or this link, and so nothing to others. */
export function checkNonSpecialAddress(field: string, ip: string): FieldError[] {
  if (isIP(ip) === 0) return [invalidValue(field, ip, 'must be a valid IP address')];
  const [first = 0, second = 0, third = 0] = ipBytes(ip);
  const six = ip.includes(':');
  const bytes = ipBytes(ip);
  const zeros = (until: number): boolean => bytes.subarray(0, until).every((byte) => byte === 0);
  if (zeros(bytes.length)) return [invalidValue(field, ip, `may not be unspecified (${ip})`)];
  if (six ? zeros(15) && bytes[15] === 1 : first === 127)
    return [invalidValue(field, ip, 'may not be in the loopback range (127.0.0.0/8, ::1/128)')];
  if (six ? first === 0xfe && second >> 6 === 2 : first === 169 && second === 254)
    return [invalidValue(field, ip, 'may not be in the link-local range (169.254.0.0/16, fe80::/10)')];
  if (six ? first === 0xff && (second & 0x0f) === 2 : first === 224 && second === 0 && third === 0)
    return [invalidValue(field, ip, 'may not be in the link-local multicast range (224.0.0.0/24, ff02::/10)')];
  return [];
}

/** A domain and a path, e.g. `example.com/ingress-controller`. */
export function checkDomainPath(field: string, value: string): FieldError[] {
  if (value === '') return [requiredValue(field)];
  const slash = value.indexOf('/');
  const [domain, path] = slash < 0 ? [value, ''] : [value.slice(0, slash), value.slice(slash + 1)];
  if (slash < 0 || domain === '' || path === '') {
    return [invalidValue(field, value, 'must be a domain-prefixed path (such as "acme.io/foo")')];
  }
  const errors = dnsSubdomain(domain).map((why) => invalidValue(field, domain, why));
  return DOMAIN_PATH.test(path) ? errors : [...errors, invalidValue(field, path, DOMAIN_PATH_TEXT)];
}

const DOMAIN_PATH = /^[A-Za-z0-9/\-._~%!$&'()*+,;=:]+$/;
const DOMAIN_PATH_TEXT = `Invalid path (regex used for validation is '[A-Za-z0-9/\\-._~%!$&'()*+,;=:]+')`;

/** An address with the length of its network, in the form interfaces are given it. */
export const interfaceAddress: StringCheck = (value) => {
  if (cidr(value).length > 0) return ['must be a valid address in CIDR form, (e.g. 10.9.8.7/24 or 2001:db8::1/64)'];
  const [address = '', bits = ''] = value.split('/');
  const canonical = `${ipText(ipBytes(address))}/${bits}`;
  return canonical === value ? [] : [`must be in canonical form (${JSON.stringify(canonical)})`];
};
