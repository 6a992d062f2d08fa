// Builds the graph of a control plane: the only place that knows how its parts fit together, and the order in which they start.

import { join } from 'node:path';
import { type Clock, systemClock } from '../base/clock.ts';
import { type Component, startAll, stopAll } from '../base/component.ts';
import type { Logger } from '../base/log.ts';
import type { StartThread } from '../base/thread.ts';
import type { ApiBackend } from '../client/api-backend.ts';
import type { InformerFactory } from '../client/informer.ts';
import { LocalClient } from '../client/local-client.ts';
import { SharedInformerFactory } from '../client/shared-informer.ts';
import type { AdmissionConfiguration } from '../server/admission/admission-configuration.ts';
import { LOOPBACK_USER } from '../server/auth/auth.ts';
import { type ClusterAuth, clusterAuth } from '../server/auth/cluster-auth.ts';
import type { Aggregator } from '../server/extensions/aggregation/aggregator.ts';
import { ApiServer } from '../server/http/api-server.ts';
import type { SecretsEncryptionControl } from '../server/http/secrets-encryption-route.ts';
import { NodeBootstrapTokens } from '../server/join/node-bootstrap-tokens.ts';
import type { ClusterPki } from '../server/pki/cluster-pki.ts';
import { type JoinSecrets, openJoinSecrets } from '../server/pki/join-secrets.ts';
import { openEncryptedStore } from '../server/store/sqlite-store.ts';
import type { Store } from '../server/store/store.ts';
import { writeAdminKubeconfig } from './admin-kubeconfig.ts';
import { readAdmissionConfig } from './admission-config-file.ts';
import { readDescriptions } from './api-descriptions.ts';
import { type ReadAuthentication, readAuthentication } from './authentication-file.ts';
import { CertificateRenewal } from './certificate-renewal.ts';
import { dnsServiceHook } from './dns-service.ts';
import type { ServerOptions } from './options.ts';
import { certificateNames, openPki, servingTls } from './server-certificates.ts';
import type { ServerPlace } from './server-place.ts';
import { serverRoutes } from './server-routes.ts';
import { wireAdmission } from './wire-admission.ts';
import { believedFrontProxies, makeAggregator, publishedAuthentication } from './wire-aggregation.ts';
import { type Audit, openAudit } from './wire-audit.ts';
import { authenticationReload, serviceAccountIssuer } from './wire-authentication.ts';
import { wireControllers } from './wire-controllers.ts';
import { type WiredWebhooks, wireWebhooks } from './wire-webhooks.ts';

/** What the control plane is made with. */
export interface ControlPlaneDeps {
  readonly startThread: StartThread;
  readonly log: Logger;
  /** Told when the store can no longer write: only a restart helps. */
  readonly onFatal: (error: Error) => void;
}

/** The control plane. After `start` the API answers and the controllers run. */
export class ControlPlane implements Component {
  readonly name = 'control-plane';
  readonly #options: ServerOptions;
  readonly #place: ServerPlace;
  readonly #deps: ControlPlaneDeps;
  #parts: readonly Component[] = [];
  #store: Store | undefined;

  constructor(options: ServerOptions, place: ServerPlace, deps: ControlPlaneDeps) {
    this.#options = options;
    this.#place = place;
    this.#deps = deps;
  }

  async start(): Promise<void> {
    const { startThread, log, onFatal } = this.#deps;
    const clock = systemClock;
    const directory = join(this.#options.directories.data, 'server');
    const audit = await openAudit(this.#options.audit, { clock, log }); // First: a policy that cannot be used changes nothing.
    const admission = await readAdmissionConfig(this.#options.admission); // For the same reason.
    const authentication = await readAuthentication(this.#options, { disallowedIssuers: [serviceAccountIssuer(this.#options)] });
    const pki = openPki(this.#options, this.#place, { clock, log });
    const { token, agentToken } = this.#place;
    const secrets = openJoinSecrets({
      directory,
      authorityPem: pki.authorities['server-ca'].certificate,
      ...(token && { token }),
      ...(agentToken && { agentToken }),
    });
    const { store, encryption } = await openEncryptedStore(
      { path: join(directory, 'db/state.db'), keyFile: join(directory, 'cred/encryption-config.json') },
      { startThread, clock, log: log.child('store'), onDeath: onFatal },
    );
    this.#store = store;
    const common = {
      options: this.#options,
      place: this.#place,
      pki,
      secrets,
      store,
      encryption,
      authentication,
      audit,
      admission,
      clock,
      log,
    };
    const parts = makeParts(common);
    try {
      await startAll(parts);
    } catch (error) {
      await store.close();
      throw error;
    }
    this.#parts = parts;
    writeAdminKubeconfig(this.#options, pki);
  }

  async stop(): Promise<void> {
    await stopAll(this.#parts);
    await this.#store?.close(); // Last: what is lazy is written now.
  }
}

/** What every part is made with. */
interface Common {
  readonly options: ServerOptions;
  readonly place: ServerPlace;
  readonly pki: ClusterPki;
  readonly secrets: JoinSecrets;
  readonly store: Store;
  readonly encryption: SecretsEncryptionControl;
  readonly authentication: ReadAuthentication;
  readonly audit: Audit | undefined;
  readonly admission: AdmissionConfiguration | undefined;
  readonly clock: Clock;
  readonly log: Logger;
}

/** A part that is made after those which ask for it, and before they do. */
function made<T>(part: T | undefined): T {
  if (part === undefined) throw new RangeError('the API server is not made yet');
  return part;
}

/** The parts in the order they start. */
function makeParts(common: Common): Component[] {
  const { options, place, pki, clock, log } = common;
  const issuer = serviceAccountIssuer(options);
  const bootstrapTokens = new NodeBootstrapTokens({ clock });
  // The API server is made with its authenticators, and they look things up through its own informers.
  let informers: InformerFactory | undefined;
  let writer: LocalClient | undefined;
  const auth = clusterAuth(
    {
      clientCa: pki.authorities['client-ca'].certificate,
      frontProxy: believedFrontProxies(pki),
      tokens: { issuer, audiences: [issuer, 'kts'], key: pki.serviceAccountKey },
      authenticators: [bootstrapTokens],
      issuers: common.authentication.issuers,
    },
    {
      clock,
      log: log.child('auth'),
      informers: () => made(informers),
      client: () => made(writer),
    },
  );
  const certificates: CertificateRenewal = new CertificateRenewal(
    {
      leaves: pki.leaves,
      open: () => openPki(options, place, { clock, log }).leaves,
      use: (leaves) => {
        server.setTls(servingTls(pki, leaves));
        writeAdminKubeconfig(options, { authorities: pki.authorities, leaves });
      },
    },
    { clock, log: log.child('pki') },
  );
  const webhooks = wireWebhooks(common);
  const aggregator = makeAggregator({
    ...common,
    resolver: webhooks.resolver,
    client: () => client,
    informers: () => factory,
    identity: () => certificates.leaves['client-auth-proxy'],
  });
  const server: ApiServer = makeApiServer(common, auth, { bootstrapTokens, issuer, certificates, webhooks, aggregator });
  const client = new LocalClient(server.backend, LOOPBACK_USER, { userAgent: 'kube-controller-manager' });
  // Of resources that extension API servers keep, too: the garbage collector follows them.
  const factory = new SharedInformerFactory({ client: aggregator.client(client, LOOPBACK_USER), clock, log: log.child('informer') });
  informers = factory;
  writer = client;
  return [
    webhooks.connections,
    ...(common.audit?.sinks ?? []), // Before the first request, and after the last.
    auth.caches, // Before the port opens: nobody is refused for a cache that is still empty.
    aggregator, // Likewise: no request meets a server that does not know yet whom to ask.
    server,
    certificates,
    ...authenticationReload(common, auth.issuers),
    ...wireControllers({ ...common, serverNames: certificateNames(options, place) }, auth, {
      server,
      client,
      informers: factory,
      aggregator,
    }),
    { name: 'informers', start: async () => {}, stop: () => factory.stop() },
  ];
}

function makeApiServer(
  common: Common,
  auth: ClusterAuth,
  join: {
    bootstrapTokens: NodeBootstrapTokens;
    issuer: string;
    certificates: CertificateRenewal;
    webhooks: WiredWebhooks;
    aggregator: Aggregator;
  },
): ApiServer {
  const { options, place, pki, store, audit, clock, log } = common;
  const serverCa = pki.authorities['server-ca'].certificate;
  // The join routes write through the backend of the server that serves them.
  const backend: ApiBackend = { call: (call) => server.backend.call(call), watch: (call) => server.backend.watch(call) };
  const server: ApiServer = new ApiServer(
    {
      host: options.bindAddress,
      port: options.port,
      tls: servingTls(pki, pki.leaves),
      serviceCidrs: [options.serviceCidr],
      nodePortRange: [options.nodePorts.first, options.nodePorts.last],
      advertiseAddress: options.advertiseAddress ?? place.address,
      anonymous: common.authentication.anonymous,
      seats: options.maxInFlight,
    },
    {
      store,
      clock,
      log: log.child('apiserver'),
      authenticator: auth.authenticator,
      authorizer: auth.authorizer,
      rulesFor: auth.rulesFor,
      tokens: auth.tokens,
      audiences: [join.issuer, 'kts'],
      webhooks: join.webhooks.client,
      kubelet: {
        tls: () => {
          const { certificate, key } = join.certificates.leaves['client-kube-apiserver'];
          return { ca: serverCa, cert: certificate, key };
        },
      },
      admission: wireAdmission(options.admission, common.admission, {
        store,
        clock,
        log,
        auth,
        webhooks: join.webhooks,
        catalog: () => server.catalog,
      }),
      descriptions: readDescriptions,
      bootstrap: [dnsServiceHook(options), publishedAuthentication(pki)],
      aggregation: join.aggregator,
      ...(audit && { audit: audit.trail }),
      metrics: [() => join.webhooks.metrics.text(), ...(audit ? [audit.metrics] : [])],
      extraRoutes: serverRoutes({
        ...common,
        tokens: join.bootstrapTokens,
        client: new LocalClient(backend, LOOPBACK_USER, { userAgent: 'kube-apiserver' }),
      }),
    },
  );
  return server;
}
