// The parts of the aggregation layer in a control plane: whom extension API servers believe, and how they are reached.

import type { Clock } from '../base/clock.ts';
import type { Logger } from '../base/log.ts';
import type { CertifiedKey } from '../base/x509.ts';
import type { Client } from '../client/client.ts';
import type { InformerFactory } from '../client/informer.ts';
import { Aggregator } from '../server/extensions/aggregation/aggregator.ts';
import type { ServiceResolver } from '../server/extensions/service-resolver.ts';
import { authenticationConfigHook } from '../server/http/authentication-config.ts';
import type { BootstrapHook } from '../server/http/post-start-hooks.ts';
import { FRONT_PROXY_NAMES } from '../server/pki/certificate-plan.ts';
import type { ClusterPki } from '../server/pki/cluster-pki.ts';

/** What the layer is made with; clients and informers are asked for when it starts. */
export interface AggregationDeps {
  readonly client: () => Client;
  readonly informers: () => InformerFactory;
  readonly resolver: ServiceResolver;
  /** The newest certificate of the front proxy. */
  readonly identity: () => CertifiedKey;
  readonly clock: Clock;
  readonly log: Logger;
}

/** Makes the layer. */
export function makeAggregator(deps: AggregationDeps): Aggregator {
  return new Aggregator({ ...deps, log: deps.log.child('aggregator') });
}

/** Front proxies that the API server believes. */
export function believedFrontProxies({ authorities }: Pick<ClusterPki, 'authorities'>) {
  return { authority: authorities['request-header-ca'].certificate, names: FRONT_PROXY_NAMES };
}

/** Publishes whom extension API servers are to believe. */
export function publishedAuthentication({ authorities }: Pick<ClusterPki, 'authorities'>): BootstrapHook {
  return authenticationConfigHook({
    clientCa: authorities['client-ca'].certificate,
    requestHeaderCa: authorities['request-header-ca'].certificate,
    proxyNames: FRONT_PROXY_NAMES,
  });
}
