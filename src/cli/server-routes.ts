// Routes of kts's own beside those of the Kubernetes API: joining, and encryption at rest.

import type { Logger } from '../base/log.ts';
import type { Client } from '../client/client.ts';
import type { Route } from '../server/http/routes.ts';
import { type SecretsEncryptionControl, secretsEncryptionRoute } from '../server/http/secrets-encryption-route.ts';
import { joinRoutes } from '../server/join/join-routes.ts';
import type { NodeBootstrapTokens } from '../server/join/node-bootstrap-tokens.ts';
import type { ClusterPki } from '../server/pki/cluster-pki.ts';
import type { JoinSecrets } from '../server/pki/join-secrets.ts';
import type { ServerOptions } from './options.ts';

/** What the routes are made of. */
export interface ServerRouteDeps {
  readonly options: ServerOptions;
  readonly pki: ClusterPki;
  readonly secrets: JoinSecrets;
  readonly encryption: SecretsEncryptionControl;
  readonly tokens: NodeBootstrapTokens;
  readonly client: Client;
  readonly log: Logger;
}

/** The routes. */
export function serverRoutes({ options, pki, secrets, encryption, tokens, client, log }: ServerRouteDeps): Route[] {
  const config = {
    clusterCidrs: [options.clusterCidr],
    serviceCidrs: [options.serviceCidr],
    clusterDns: options.clusterDns,
    clusterDomain: options.clusterDomain,
    backend: options.backend,
    clientCa: pki.authorities['client-ca'].certificate,
  };
  return [
    secretsEncryptionRoute(encryption),
    ...joinRoutes({ serverCa: pki.authorities['server-ca'].certificate, secrets, config, tokens, client, log: log.child('join') }),
  ];
}
