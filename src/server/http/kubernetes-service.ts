// The Service `kubernetes` in the namespace `default` and its endpoints: how pods find the API.

import { addressAt, parseCidr } from '../../api/cidr.ts';
import type { KubeObject } from '../../api/object.ts';
import type * as core from '../../api/types/core-v1.gen.ts';
import type * as discovery from '../../api/types/discovery-v1.gen.ts';
import { checkNonSpecialAddress } from '../../api/validation/strings.ts';

/** Where the API is reached. */
export interface ApiAddress {
  readonly serviceCidrs: readonly string[];
  readonly advertiseAddress: string;
  readonly port: number;
}

const LABELS = { component: 'apiserver', provider: 'kubernetes' };

/**
 * The three objects as they should be. The Service has the first address of the range. An address that means this machine
 * alone (a server on loopback) is no endpoint: it would lead each pod to itself.
 */
export function kubernetesService(address: ApiAddress): {
  service: core.Service & KubeObject;
  endpoints: core.Endpoints & KubeObject;
  slice: discovery.EndpointSlice & KubeObject;
} {
  const metadata = { name: 'kubernetes', namespace: 'default' };
  const family = address.advertiseAddress.includes(':') ? 'IPv6' : 'IPv4';
  const clusterIP = addressAt(parseCidr(address.serviceCidrs[0] ?? ''), 1n);
  const isEndpoint = checkNonSpecialAddress('', address.advertiseAddress).length === 0;
  const port = { name: 'https', port: address.port, protocol: 'TCP' };
  return {
    service: {
      apiVersion: 'v1',
      kind: 'Service',
      metadata: { ...metadata, labels: { ...LABELS } },
      spec: {
        clusterIP,
        clusterIPs: [clusterIP],
        type: 'ClusterIP',
        sessionAffinity: 'None',
        ports: [{ name: 'https', protocol: 'TCP', port: 443, targetPort: address.port }],
      },
    },
    endpoints: {
      apiVersion: 'v1',
      kind: 'Endpoints',
      metadata: { ...metadata, labels: { 'endpointslice.kubernetes.io/skip-mirror': 'true' } },
      subsets: isEndpoint ? [{ addresses: [{ ip: address.advertiseAddress }], ports: [port] }] : [],
    },
    slice: {
      apiVersion: 'discovery.k8s.io/v1',
      kind: 'EndpointSlice',
      metadata: { ...metadata, labels: { 'kubernetes.io/service-name': 'kubernetes' } },
      addressType: family,
      endpoints: isEndpoint ? [{ addresses: [address.advertiseAddress], conditions: { ready: true } }] : [],
      ports: [port],
    },
  };
}
