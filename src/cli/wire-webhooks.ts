// How the control plane reaches webhooks and Services: one client for admission and conversion, its counters, and its end.

import type { Clock } from '../base/clock.ts';
import type { Component } from '../base/component.ts';
import { AdmissionMetrics } from '../server/admission/admission-metrics.ts';
import { type ServiceResolver, serviceResolver } from '../server/extensions/service-resolver.ts';
import { WebhookClient } from '../server/extensions/webhook-client.ts';
import { registryReader } from '../server/registry/registry-reader.ts';
import type { Store } from '../server/store/store.ts';

/** What was made. */
export interface WiredWebhooks {
  readonly resolver: ServiceResolver;
  readonly client: WebhookClient;
  /** Counters of admission. */
  readonly metrics: AdmissionMetrics;
  /** Ends the connections at a stop. */
  readonly connections: Component;
}

/** Makes it over a store. */
export function wireWebhooks({ store, clock }: { store: Store; clock: Clock }): WiredWebhooks {
  const resolver = serviceResolver(registryReader(store));
  const client = new WebhookClient({ userAgent: 'kube-apiserver-admission' }, { clock, resolver });
  const connections = { name: 'webhook-connections', start: async () => {}, stop: async () => client.close() };
  return { resolver, client, metrics: new AdmissionMetrics(clock), connections };
}
