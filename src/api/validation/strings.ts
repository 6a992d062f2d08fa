// Checks of strings beyond names: addresses, paths, ports, environment names, percentages. Pure. They complete those of object-meta.ts.

import { isIP } from 'node:net';
import type { StringCheck } from './object-meta.ts';

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
