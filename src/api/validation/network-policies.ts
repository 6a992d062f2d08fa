// Validation of NetworkPolicies. Pure. Rules: "Network Policies".

import { isIP } from 'node:net';
import { ipBytes } from '../../base/ip-bytes.ts';
import type { FieldError } from '../status-error.ts';
import type { IPBlock, NetworkPolicy, NetworkPolicyPeer, NetworkPolicyPort } from '../types/networking-v1.gen.ts';
import { validateLabelSelector } from './affinity.ts';
import { checkPort, checkString, eachItem, forbiddenValue, invalidValue, notSupported, requiredValue } from './field-error.ts';
import { cidr, portName } from './strings.ts';

const PROTOCOLS = ['TCP', 'UDP', 'SCTP'];
const POLICY_TYPES = ['Ingress', 'Egress'];

function validatePort({ protocol, port, endPort }: NetworkPolicyPort, path: string): FieldError[] {
  const errors = protocol === undefined || PROTOCOLS.includes(protocol) ? [] : [notSupported(`${path}.protocol`, protocol, PROTOCOLS)];
  const end = (why: string): FieldError => invalidValue(`${path}.endPort`, endPort, why);
  if (port === undefined) return endPort === undefined ? errors : [...errors, end('may not be specified when `port` is not specified')];
  if (typeof port === 'string') {
    if (endPort !== undefined) errors.push(end('may not be specified when `port` is non-numeric'));
    return [...errors, ...checkString(`${path}.port`, port, portName)];
  }
  errors.push(...checkPort(`${path}.port`, port));
  if (endPort !== undefined && endPort < port) errors.push(end('must be greater than or equal to `port`'));
  return [...errors, ...checkPort(`${path}.endPort`, endPort)];
}

/** Whether `inner` is a part of `outer` and not all of it. Both are valid ranges. */
function isStrictSubset(inner: string, outer: string): boolean {
  const [address = '', bits = ''] = inner.split('/');
  const [network = '', size = ''] = outer.split('/');
  if (isIP(address) !== isIP(network) || Number(size) >= Number(bits)) return false;
  const [a, b] = [ipBytes(address), ipBytes(network)];
  return b.every((byte, i) => {
    const mask = 0xff & ~(0xff >> Math.min(8, Math.max(0, Number(size) - 8 * i)));
    return (byte & mask) === ((a[i] ?? 0) & mask);
  });
}

function validateBlock(block: IPBlock, path: string): FieldError[] {
  if (!block.cidr) return [requiredValue(`${path}.cidr`)];
  const errors = checkString(`${path}.cidr`, block.cidr, cidr);
  if (errors.length > 0) return errors;
  return eachItem(`${path}.except`, block.except, (range, at) => {
    const faults = checkString(at, range, cidr);
    if (faults.length > 0 || isStrictSubset(range, block.cidr)) return faults;
    return [invalidValue(at, range, 'must be a strict subset of `cidr`')];
  });
}

function validatePeer({ podSelector, namespaceSelector, ipBlock }: NetworkPolicyPeer, path: string): FieldError[] {
  const errors = [
    ...validateLabelSelector(`${path}.podSelector`, podSelector),
    ...validateLabelSelector(`${path}.namespaceSelector`, namespaceSelector),
    ...(ipBlock ? validateBlock(ipBlock, `${path}.ipBlock`) : []),
  ];
  if (!podSelector && !namespaceSelector && !ipBlock) return [requiredValue(path, 'must specify a peer')];
  if (ipBlock && (podSelector || namespaceSelector)) errors.push(forbiddenValue(path, 'may not specify both ipBlock and another peer'));
  return errors;
}

/** Validates a NetworkPolicy. */
export function validateNetworkPolicy({ spec }: NetworkPolicy): FieldError[] {
  if (!spec) return [];
  const { policyTypes = [] } = spec;
  const errors = [
    ...validateLabelSelector('spec.podSelector', spec.podSelector),
    ...eachItem('spec.ingress', spec.ingress, ({ ports, from }, at) => [
      ...eachItem(`${at}.ports`, ports, validatePort),
      ...eachItem(`${at}.from`, from, validatePeer),
    ]),
    ...eachItem('spec.egress', spec.egress, ({ ports, to }, at) => [
      ...eachItem(`${at}.ports`, ports, validatePort),
      ...eachItem(`${at}.to`, to, validatePeer),
    ]),
  ];
  if (policyTypes.length > POLICY_TYPES.length)
    return [...errors, invalidValue('spec.policyTypes', policyTypes, 'may not specify more than two policyTypes')];
  return [
    ...errors,
    ...eachItem('spec.policyTypes', policyTypes, (type, at) => (POLICY_TYPES.includes(type) ? [] : [notSupported(at, type, POLICY_TYPES)])),
  ];
}
