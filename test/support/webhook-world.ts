// A cluster without nodes, and a real HTTPS server behind a Service of it, whose answers as an admission webhook are functions.

import type { KubeObject } from '../../src/api/object.ts';
import { builtinResource } from '../../src/api/resources.ts';
import type * as admission from '../../src/api/types/admission-v1.gen.ts';
import type {
  MutatingWebhook,
  MutatingWebhookConfiguration,
  ValidatingWebhook,
  ValidatingWebhookConfiguration,
} from '../../src/api/types/admissionregistration-v1.gen.ts';
import type { EndpointSlice } from '../../src/api/types/discovery-v1.gen.ts';
import { MUTATING_WEBHOOK_CONFIGURATIONS, SERVICES, VALIDATING_WEBHOOK_CONFIGURATIONS } from '../../src/client/resources.ts';
import { storagePrefix } from '../../src/server/registry/storage-prefix.ts';
import { type AdmittedServer, type AdmittedServerOptions, startAdmittedServer } from './admitted-server.ts';
import { startWebhookServer, type WebhookAnswer, type WebhookServer } from './webhook-server.ts';

/** What a webhook says of a request: an answer without uid. Allowed unless it says otherwise. */
export type Say = (
  request: admission.AdmissionRequest,
) => Partial<admission.AdmissionResponse> | Promise<Partial<admission.AdmissionResponse>>;

/** The world of one test file. */
export interface WebhookWorld {
  readonly cluster: AdmittedServer;
  readonly hooks: WebhookServer;
  /** A webhook that `say` answers, about ConfigMaps that are created or updated. */
  webhook(name: string, say: Say, more?: Partial<MutatingWebhook>): ValidatingWebhook & MutatingWebhook;
  /** Configures validating webhooks. */
  validating(...webhooks: ValidatingWebhook[]): Promise<ValidatingWebhookConfiguration & KubeObject>;
  /** Configures mutating webhooks. */
  mutating(...webhooks: MutatingWebhook[]): Promise<MutatingWebhookConfiguration & KubeObject>;
  /** Deletes all configurations. */
  reset(): Promise<void>;
  stop(): Promise<void>;
}

/** What the rule of a webhook says unless the test says otherwise. */
export const CONFIG_MAP_RULE = { operations: ['CREATE', 'UPDATE'], apiGroups: [''], apiVersions: ['v1'], resources: ['configmaps'] };

/** An answer that patches. */
export function patch(...operations: object[]): Partial<admission.AdmissionResponse> {
  return { patch: Buffer.from(JSON.stringify(operations)).toString('base64'), patchType: 'JSONPatch' };
}

/** Starts it, with the namespaces `default` and `shop`. */
export async function startWebhookWorld(options: AdmittedServerOptions = {}): Promise<WebhookWorld> {
  const handlers = new Map<string, Say>();
  const hooks = await startWebhookServer(async ({ path, body }): Promise<WebhookAnswer> => {
    const { request = {}, ...review } = body as admission.AdmissionReview;
    const say = handlers.get(path.split('?')[0] ?? '');
    if (!say) return { code: 404, text: 'no such webhook' };
    return { value: { ...review, response: { uid: request.uid, allowed: true, ...(await say(request)) } } };
  });
  const cluster = await startAdmittedServer(options);
  const { client } = cluster;
  await cluster.namespace('shop', { team: 'shop' });
  await serveAt(cluster, hooks.port);
  let configurations = 0;
  const metadata = () => ({ name: `c${++configurations}` });
  return {
    cluster,
    hooks,
    webhook(name, say, more) {
      handlers.set(`/${name}`, say);
      return {
        name: `${name}.example.com`,
        clientConfig: { service: { namespace: 'default', name: 'webhook', path: `/${name}` }, caBundle: hooks.caBundle },
        rules: [CONFIG_MAP_RULE],
        sideEffects: 'None',
        admissionReviewVersions: ['v1'],
        ...more,
      };
    },
    validating: (...webhooks) => client.create(VALIDATING_WEBHOOK_CONFIGURATIONS, { metadata: metadata(), webhooks }),
    mutating: (...webhooks) => client.create(MUTATING_WEBHOOK_CONFIGURATIONS, { metadata: metadata(), webhooks }),
    async reset() {
      await client.deleteCollection(VALIDATING_WEBHOOK_CONFIGURATIONS, {});
      await client.deleteCollection(MUTATING_WEBHOOK_CONFIGURATIONS, {});
      handlers.clear();
      cluster.takeWarnings();
      cluster.takeAnnotations();
    },
    async stop() {
      await cluster.stop();
      await hooks.stop();
    },
  };
}

/** The Service `webhook` of `default`, with this machine behind it. */
async function serveAt({ client, store }: AdmittedServer, port: number): Promise<void> {
  await client.create(SERVICES, {
    metadata: { name: 'webhook', namespace: 'default' },
    spec: { ports: [{ port: 443, targetPort: port }], clusterIP: 'None' },
  });
  // Straight into the store: nobody may make endpoints on this machine itself.
  const slice: EndpointSlice = {
    kind: 'EndpointSlice',
    apiVersion: 'discovery.k8s.io/v1',
    metadata: { name: 'webhook', namespace: 'default', labels: { 'kubernetes.io/service-name': 'webhook' } },
    addressType: 'IPv4',
    endpoints: [{ addresses: ['127.0.0.1'] }],
    ports: [{ name: '', port }],
  };
  const key = `${storagePrefix(builtinResource('discovery.k8s.io', 'v1', 'endpointslices'))}default/webhook`;
  await store.create(key, slice as KubeObject, { durability: 'strict' });
}
