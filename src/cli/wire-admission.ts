// The admission of a control plane: the built-in plugins as the operator chose and configured them.

import type { Clock } from '../base/clock.ts';
import type { Logger } from '../base/log.ts';
import type { AdmissionPlugin } from '../server/admission/admission.ts';
import type { AdmissionConfiguration } from '../server/admission/admission-configuration.ts';
import { builtinAdmission } from '../server/admission/chain.ts';
import type { ClusterAuth } from '../server/auth/cluster-auth.ts';
import { kindReader } from '../server/registry/kind-reader.ts';
import { registryReader } from '../server/registry/registry-reader.ts';
import { registryStatusWriter } from '../server/registry/registry-status-writer.ts';
import type { ResourceCatalog } from '../server/registry/resource-catalog.ts';
import type { Store } from '../server/store/store.ts';
import type { ServerOptions } from './options.ts';
import type { WiredWebhooks } from './wire-webhooks.ts';

/** What the plugins are made with. */
export interface AdmissionWiring {
  readonly store: Store;
  readonly clock: Clock;
  readonly log: Logger;
  readonly auth: Pick<ClusterAuth, 'authorizer' | 'grantAdmission'>;
  readonly webhooks: Pick<WiredWebhooks, 'client' | 'metrics'>;
  /** The resources of the API server, which is made after its plugins. */
  readonly catalog: () => ResourceCatalog;
}

/** The plugins in the order in which they run. */
export function wireAdmission(
  options: ServerOptions['admission'],
  configuration: AdmissionConfiguration | undefined,
  { store, clock, log, auth, webhooks, catalog }: AdmissionWiring,
): AdmissionPlugin[] {
  const deps = {
    reader: registryReader(store),
    writer: registryStatusWriter(store),
    clock,
    webhooks: { client: webhooks.client, log: log.child('admission') },
    metrics: webhooks.metrics,
    authorizer: auth.authorizer,
    kinds: kindReader(store, catalog),
    resources: () => catalog().infos(),
  };
  return [...builtinAdmission(deps, { ...options, ...(configuration && { configuration }) }), auth.grantAdmission];
}
