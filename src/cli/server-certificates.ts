// The certificates of the server: which names they are for, where they are kept, what the API's port shows.

import { isIP } from 'node:net';
import { hostname } from 'node:os';
import { join } from 'node:path';
import type { Clock } from '../base/clock.ts';
import type { Logger } from '../base/log.ts';
import { servingNames } from '../server/pki/certificate-plan.ts';
import { type ClusterPki, openClusterPki } from '../server/pki/cluster-pki.ts';
import type { ServerOptions } from './options.ts';
import type { ServerPlace } from './server-place.ts';

/** The first address of an IPv4 network: that of the Service `kubernetes`. */
function firstAddress(network: string): string {
  const parts = (network.split('/')[0] ?? '').split('.').map(Number);
  return [...parts.slice(0, 3), (parts[3] ?? 0) + 1].join('.');
}

function names(options: ServerOptions, place: ServerPlace) {
  const addresses = [place.address, options.advertiseAddress, options.nodeExternalIp].filter((address) => address !== undefined);
  return servingNames(
    {
      hostname: hostname(),
      addresses,
      serviceAddresses: [firstAddress(options.serviceCidr)],
      clusterDomain: options.clusterDomain,
      extra: [...options.tlsSans, place.nodeName],
    },
    (text) => isIP(text) > 0,
  );
}

/** All names of the serving certificate. */
export function certificateNames(options: ServerOptions, place: ServerPlace): string[] {
  const { dns, ips } = names(options, place);
  return [...dns, ...ips];
}

/** Opens the PKI of the cluster, making what is missing. */
export function openPki(options: ServerOptions, place: ServerPlace, deps: { clock: Clock; log: Logger }): ClusterPki {
  return openClusterPki(
    { directory: join(options.directories.data, 'server/tls'), sans: names(options, place) },
    { clock: deps.clock, log: deps.log.child('pki') },
  );
}

/** What the API shows, and whom it believes. */
export function servingTls(pki: ClusterPki, leaves: ClusterPki['leaves']) {
  const { certificate, key } = leaves['serving-kube-apiserver'];
  const { 'client-ca': clients, 'request-header-ca': proxies } = pki.authorities;
  return { cert: certificate, key, clientCa: `${clients.certificate}\n${proxies.certificate}` };
}
