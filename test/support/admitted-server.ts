// An API server with the built-in admission and some controllers, for integration tests: what a cluster without nodes is.

import assert from 'node:assert/strict';
import type { KubeObject } from '../../src/api/object.ts';
import { StatusError } from '../../src/api/status-error.ts';
import { systemClock } from '../../src/base/clock.ts';
import { type Component, startAll, stopAll } from '../../src/base/component.ts';
import { type Logger, silentLogger } from '../../src/base/log.ts';
import type { UserInfo } from '../../src/client/api-backend.ts';
import type { TypedResource } from '../../src/client/client.ts';
import { LocalClient } from '../../src/client/local-client.ts';
import { NAMESPACES, SERVICE_ACCOUNTS } from '../../src/client/resources.ts';
import { SharedInformerFactory } from '../../src/client/shared-informer.ts';
import { AdmissionMetrics } from '../../src/server/admission/admission-metrics.ts';
import { type AdmissionDeps, builtinAdmission, type ChainOptions } from '../../src/server/admission/chain.ts';
import type { MakeController } from '../../src/server/controllers/list.ts';
import { serviceResolver } from '../../src/server/extensions/service-resolver.ts';
import { WebhookClient } from '../../src/server/extensions/webhook-client.ts';
import type { ApiServerDeps } from '../../src/server/http/api-server.ts';
import { kindReader } from '../../src/server/registry/kind-reader.ts';
import { registryReader } from '../../src/server/registry/registry-reader.ts';
import { registryStatusWriter } from '../../src/server/registry/registry-status-writer.ts';
import { MemoryStore } from '../../src/server/store/memory-store.ts';
import { startTestServer, type TestServer } from './api-server.ts';
import { MemoryJournal } from './memory-journal.ts';

/** What a test may set. */
export interface AdmittedServerOptions {
  readonly controllers?: Readonly<Record<string, MakeController>>;
  readonly admission?: Partial<AdmissionDeps>;
  /** Default: the default plugins. */
  readonly plugins?: ChainOptions;
  readonly api?: Partial<ApiServerDeps>;
}

/** The running server. */
export interface AdmittedServer {
  readonly server: TestServer;
  /** The store behind it. */
  readonly store: MemoryStore;
  /** The administrator's client. */
  readonly client: LocalClient;
  /** A client of another user, who may do everything: nothing is authorized in process. Its warnings are gathered in `warnings`. */
  as(user: UserInfo): LocalClient;
  /** Warnings since the last call. */
  takeWarnings(): string[];
  /** What admission has had to say in the audit log since the last call. */
  takeAnnotations(): Readonly<Record<string, string>>;
  /** Makes a namespace with its default service account. */
  namespace(name: string, labels?: Record<string, string>): Promise<void>;
  /** The object as soon as `holds` holds for it; fails after 5 seconds. */
  eventually<T extends KubeObject>(
    resource: TypedResource<T>,
    name: { namespace: string; name: string },
    holds: (object: T) => boolean,
  ): Promise<T>;
  /** Resolves when the object is gone; fails after 5 seconds. */
  gone<T extends KubeObject>(resource: TypedResource<T>, name: { namespace: string; name: string }): Promise<void>;
  stop(): Promise<void>;
}

const ADMIN: UserInfo = { name: 'admin', groups: ['system:masters', 'system:authenticated'] };
const PATIENCE_MS = 5_000;

/** Starts it. */
export async function startAdmittedServer(options: AdmittedServerOptions = {}): Promise<AdmittedServer> {
  const clock = systemClock;
  const bugs: string[] = [];
  const log: Logger = {
    ...silentLogger,
    error: (message, fields) => void bugs.push(`${message} ${JSON.stringify(fields)} ${String(fields?.['error'])}`),
    child: () => log,
  };
  const journal = new MemoryJournal();
  const store = new MemoryStore({ content: journal.content() }, { journal, clock, log });
  const reader = registryReader(store);
  const webhooks = new WebhookClient({ userAgent: 'kube-apiserver-admission' }, { clock, resolver: serviceResolver(reader) });
  const metrics = new AdmissionMetrics(clock);
  const deps: AdmissionDeps = {
    reader,
    writer: registryStatusWriter(store),
    clock,
    webhooks: { client: webhooks, log },
    metrics,
    authorizer: { authorize: () => ({ decision: 'allow', reason: '' }) },
    kinds: kindReader(store, () => server.server.catalog),
    resources: () => server.server.catalog.infos(),
    ...options.admission,
  };
  const server: TestServer = await startTestServer({
    store,
    log,
    metrics: [() => metrics.text()],
    admission: builtinAdmission(deps, options.plugins),
    ...options.api,
  });
  const warnings: string[] = [];
  const annotations = new Map<string, string>();
  const { backend, catalog } = server.server;
  const warned: typeof backend = {
    call: (call) =>
      backend.call({ ...call, warn: (text) => void warnings.push(text), annotate: (key, value) => void annotations.set(key, value) }),
    watch: (call) => backend.watch(call),
  };
  const as = (user: UserInfo): LocalClient => new LocalClient(warned, user);
  const client = as(ADMIN);
  const informers = new SharedInformerFactory({ client, clock, log });
  const parts: Component[] = Object.values(options.controllers ?? {}).map((make) =>
    make({
      client,
      informers,
      recorder: () => ({ event() {} }),
      clock,
      log,
      resources: () => catalog.infos(),
      extensions: () => ({ resources: [], unreachable: [] }),
      onResourcesChange: (listener: () => void) => catalog.onChange(listener),
      rootCa: 'CA',
      clusterCidrs: ['10.42.0.0/16'],
      issueSecretToken: () => 'token',
    }),
  );
  await startAll(parts);
  return {
    server,
    store,
    client,
    as,
    takeWarnings: () => warnings.splice(0),
    takeAnnotations() {
      const taken = Object.fromEntries(annotations);
      annotations.clear();
      return taken;
    },
    async namespace(name, labels = {}) {
      await client.create(NAMESPACES, { metadata: { name, labels } });
      await client.create(SERVICE_ACCOUNTS, { metadata: { name: 'default', namespace: name } }).catch(ignoreExisting);
    },
    async eventually(resource, name, holds) {
      const signal = AbortSignal.timeout(PATIENCE_MS);
      const fieldSelector = `metadata.name=${name.name}`;
      for await (const { type, object } of client.watch(resource, { namespace: name.namespace, fieldSelector, signal })) {
        if (type !== 'BOOKMARK' && holds(object)) return object;
      }
      assert.fail(`${resource.resource} ${name.namespace}/${name.name} has not become what was waited for`);
    },
    async gone(resource, name) {
      const signal = AbortSignal.timeout(PATIENCE_MS);
      const { namespace } = name;
      const listed = await client.list(resource, { namespace });
      if (!listed.items.some(({ metadata }) => metadata.name === name.name)) return;
      const resourceVersion = listed.metadata.resourceVersion ?? '';
      for await (const { type, object } of client.watch(resource, { namespace, resourceVersion, signal })) {
        if (type === 'DELETED' && object.metadata.name === name.name) return;
      }
      assert.fail(`${resource.resource} ${name.namespace}/${name.name} stays`);
    },
    async stop() {
      webhooks.close();
      await stopAll(parts);
      await informers.stop();
      await server.stop();
      await store.close();
      assert.deepEqual(bugs, []);
    },
  };
}

function ignoreExisting(error: unknown): void {
  if (!(error instanceof StatusError && error.reason === 'AlreadyExists')) throw error;
}

/** The code and text with which a write is refused. */
export async function refusalOf(write: Promise<unknown>): Promise<{ code: number; message: string }> {
  try {
    await write;
  } catch (error) {
    assert.ok(error instanceof StatusError, String(error));
    return { code: error.code, message: error.message };
  }
  assert.fail('was admitted');
}
