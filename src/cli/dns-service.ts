// The Service kube-dns: the name and address by which users and charts know the cluster's DNS. Every node answers the address
// itself, so it has no endpoints and no selector.

import type { Service } from '../api/types/core-v1.gen.ts';
import { type BootstrapHook, ensure } from '../server/http/post-start-hooks.ts';
import type { ServerOptions } from './options.ts';

/** The hook that makes it. */
export function dnsServiceHook(options: Pick<ServerOptions, 'clusterDns'>): BootstrapHook {
  const service: Service = {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name: 'kube-dns', namespace: 'kube-system', labels: { 'k8s-app': 'kube-dns', 'kubernetes.io/name': 'CoreDNS' } },
    spec: {
      clusterIP: options.clusterDns,
      ports: [
        { name: 'dns', port: 53, protocol: 'UDP', targetPort: 53 },
        { name: 'dns-tcp', port: 53, protocol: 'TCP', targetPort: 53 },
      ],
    },
  };
  return { name: 'kts/dns-service', run: ({ backend }) => ensure(backend, { group: '', version: 'v1', resource: 'services' }, service) };
}
