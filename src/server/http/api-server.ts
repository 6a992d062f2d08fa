// The API server as one part: registry, filters, routes and the TLS port, put together and given a life.

import type { Descriptions } from '../../api/openapi/definitions.ts';
import { StatusError } from '../../api/status-error.ts';
import type { Clock } from '../../base/clock.ts';
import { type Component, TaskGroup } from '../../base/component.ts';
import type { Logger } from '../../base/log.ts';
import type { ApiBackend } from '../../client/api-backend.ts';
import type { AdmissionPlugin } from '../admission/admission.ts';
import type { AuditTrail } from '../audit/audit-trail.ts';
import type { Authenticator, Authorizer } from '../auth/auth.ts';
import type { AnonymousAccess } from '../auth/oidc/authentication-configuration.ts';
import { rbacBootstrapHook } from '../auth/rbac-bootstrap.ts';
import type { ServiceAccountTokens } from '../auth/service-account-tokens.ts';
import { CustomResources } from '../extensions/custom-resources.ts';
import type { WebhookClient } from '../extensions/webhook-client.ts';
import { Pipeline } from '../registry/pipeline.ts';
import { type PipelinePartsDeps, pipelineParts } from '../registry/pipeline-parts.ts';
import { registryReader } from '../registry/registry-reader.ts';
import { ResourceCatalog } from '../registry/resource-catalog.ts';
import type { Validator } from '../registry/validation.ts';
import type { Store } from '../store/store.ts';
import type { Aggregation } from './aggregation.ts';
import { ChunkPool } from './chunk-pool.ts';
import { Exchange } from './exchange.ts';
import { type ClusterFlowControl, clusterFlowControl } from './flow-control/cluster-flow-control.ts';
import type { HealthCheck } from './health.ts';
import { issuerRoutes } from './issuer-routes.ts';
import { Listener, type TlsMaterial } from './listener.ts';
import { BOOTSTRAP_HOOKS, type BootstrapHook } from './post-start-hooks.ts';
import { isLongRunning } from './request-info.ts';
import { type MetricsSource, metricsRoute, RequestMetrics } from './request-metrics.ts';
import { type RequestServerDeps, serveRequest } from './request-server.ts';
import { type Route, RouteTable } from './routes.ts';
import { standardRoutes } from './standard-routes.ts';
import { connectHandlers } from './streaming/connect-handlers.ts';
import type { KubeletAccess } from './streaming/kubelet-access.ts';
import { UpgradeResponse } from './upgrade-response.ts';
import { FanOut } from './watch-frames.ts';

/** Requests that are being worked on at a stop get this long to finish. */
const DRAIN_MS = 2_000;

/** A post-start hook that the API refused is run again after this long. */
const HOOK_RETRY_MS = 5_000;

/** Options of the API server. */
export interface ApiServerOptions {
  /** Address to listen on. Default `0.0.0.0`. */
  readonly host?: string;
  /** Port to listen on. Default 6443; 0 = any. */
  readonly port?: number;
  readonly tls: TlsMaterial;
  /** Service ranges, e.g. `['10.43.0.0/16']`. */
  readonly serviceCidrs: readonly string[];
  /** Default 30000–32767. */
  readonly nodePortRange?: readonly [number, number];
  /** The address that clients are told (endpoints of the Service `kubernetes`). */
  readonly advertiseAddress: string;
  /** Which requests without credentials are served as system:anonymous. Default all. */
  readonly anonymous?: AnonymousAccess;
  /** Requests that may run at once. Default 600. */
  readonly seats?: number;
}

/** What the API server is made of. */
export interface ApiServerDeps extends PipelinePartsDeps {
  readonly tokens: Pick<ServiceAccountTokens, 'issue' | 'review' | 'keySet' | 'discovery'>;
  readonly store: Store;
  readonly clock: Clock;
  readonly log: Logger;
  readonly authenticator: Authenticator;
  readonly authorizer: Authorizer;
  /** Calls the webhooks that convert custom resources. */
  readonly webhooks: Pick<WebhookClient, 'post'>;
  /** How kubelets are reached. */
  readonly kubelet: KubeletAccess;
  /** In order. */
  readonly admission: readonly AdmissionPlugin[];
  /** Default: the rules of api/validation. */
  readonly validator?: Validator;
  /** Records requests; absent = none. */
  readonly audit?: AuditTrail;
  /** Other servers' group versions; absent = there are none. */
  readonly aggregation?: Aggregation;
  /** Routes beside the standard ones: /cacerts, /openid/v1/jwks … */
  readonly extraRoutes?: readonly Route[];
  /** Checks of other parts, e.g. of the store. */
  readonly checks?: readonly HealthCheck[];
  /** Metrics of other parts. */
  readonly metrics?: readonly MetricsSource[];
  /** Reads the descriptions that OpenAPI shows; what it returns is held only while documents are made. */
  readonly descriptions?: () => Descriptions;
  /** Run after the standard ones, before the server is ready. */
  readonly bootstrap?: readonly BootstrapHook[];
}

/** The API server. */
export class ApiServer implements Component {
  readonly name = 'apiserver';
  /** For in-process clients. Usable from construction on. */
  readonly backend: ApiBackend;
  /** The served resources; custom ones are added here. */
  readonly catalog: ResourceCatalog;
  readonly #options: ApiServerOptions;
  readonly #deps: ApiServerDeps;
  readonly #listener: Listener;
  readonly #flowControl: ClusterFlowControl;
  readonly #custom: CustomResources;
  readonly #tasks: TaskGroup;
  readonly #finishedHooks = new Set<string>();
  #port = 0;
  #stopping = false;
  /** Requests being worked on that are not long-running. */
  #short = 0;
  #drained: (() => void) | undefined;

  constructor(options: ApiServerOptions, deps: ApiServerDeps) {
    const { store, clock } = deps;
    this.#options = options;
    this.#deps = deps;
    this.#tasks = new TaskGroup(deps.log);
    this.catalog = new ResourceCatalog({
      store,
      serviceCidrs: options.serviceCidrs,
      nodePortRange: options.nodePortRange ?? [30_000, 32_767],
    });
    this.#custom = new CustomResources({
      catalog: this.catalog,
      store,
      webhooks: deps.webhooks,
      log: deps.log,
    });
    const pipeline = new Pipeline({
      store,
      clock,
      catalog: this.catalog,
      admission: deps.admission,
      ...pipelineParts(deps),
      ...(deps.validator && { validator: deps.validator }),
    });
    this.backend = deps.audit?.around(pipeline) ?? pipeline;
    this.#flowControl = clusterFlowControl(options, { backend: pipeline, clock, log: deps.log });
    const serverDeps = this.#requestDeps(pipeline);
    this.#listener = new Listener(options.tls, {
      request: (request, response) => this.#serve(new Exchange(request, response), serverDeps),
      upgrade: (event) => this.#serve(new Exchange(event.request, new UpgradeResponse(event.socket), event), serverDeps),
    });
  }

  #requestDeps(pipeline: Pipeline): RequestServerDeps {
    const { store, clock, log, authenticator, authorizer, kubelet, extraRoutes = [] } = this.#deps;
    const metrics = new RequestMetrics();
    const { control: flowControl, routes: flowRoutes } = this.#flowControl;
    const routes: RouteTable = new RouteTable([
      ...standardRoutes({
        source: this.catalog,
        ...(this.#deps.aggregation && { aggregation: this.#deps.aggregation }),
        checks: () => this.#checks(),
        table: () => routes,
        serverAddress: () => `${this.#options.advertiseAddress}:${this.#port}`,
        clock,
        customKind: this.#custom.kind,
        ...(this.#deps.descriptions && { descriptions: this.#deps.descriptions }),
      }),
      metricsRoute(metrics, [() => flowControl.metrics(), ...(this.#deps.metrics ?? [])]),
      ...flowRoutes,
      ...issuerRoutes(this.#deps.tokens, () => `https://${this.#options.advertiseAddress}:${this.#port}`),
      ...extraRoutes,
    ]);
    return {
      clock,
      log,
      authenticator,
      authorizer,
      flowControl,
      storedObjects: (info) => {
        const prefix = this.catalog.find(info)?.prefix;
        return prefix === undefined ? 0 : store.count(info.namespace === '' ? prefix : `${prefix}${info.namespace}/`);
      },
      inFlight: metrics.inFlight,
      anonymous: this.#options.anonymous ?? { enabled: true },
      pipeline,
      catalog: this.catalog,
      connect: connectHandlers({ reader: registryReader(store), kubelet }),
      nowMs: () => clock.now(),
      fanOut: new FanOut(),
      chunks: new ChunkPool(),
      routes,
      ...(this.#deps.aggregation && { aggregation: this.#deps.aggregation }),
      ...(this.#deps.audit && { audit: this.#deps.audit }),
      observe: (exchange, ms) => metrics.observe(exchange, ms, this.catalog.find(exchange.info) !== undefined),
    };
  }

  #serve(exchange: Exchange, deps: RequestServerDeps): void {
    if (!isLongRunning(exchange.info)) {
      this.#short++;
      exchange.onClose(() => {
        this.#short--;
        if (this.#short === 0) this.#drained?.();
      });
    }
    this.#tasks.run('request', () => serveRequest(exchange, deps));
  }

  #hooks(): readonly BootstrapHook[] {
    return [...BOOTSTRAP_HOOKS, rbacBootstrapHook, this.#flowControl.hook, ...(this.#deps.bootstrap ?? [])];
  }

  #checks(): HealthCheck[] {
    const all = ['healthz', 'livez', 'readyz'] as const;
    return [
      { name: 'ping', endpoints: all, check: () => undefined },
      ...this.#hooks().map(
        ({ name }): HealthCheck => ({
          name: `poststarthook/${name}`,
          endpoints: all,
          check: () => (this.#finishedHooks.has(name) ? undefined : 'not finished'),
        }),
      ),
      ...(this.#deps.checks ?? []),
      { name: 'shutdown', endpoints: ['readyz'], check: () => (this.#stopping ? 'process is shutting down' : undefined) },
    ];
  }

  /** The port in use, after `start`. */
  get port(): number {
    return this.#port;
  }

  /** Listens, then creates what a cluster always has. @throws KtsError `port-in-use`, `listen-failed` */
  async start(): Promise<void> {
    const { host = '0.0.0.0', port = 6443 } = this.#options;
    await this.#custom.start();
    this.#port = await this.#listener.listen({ host, port });
    const refused = await this.#runHooks(this.#hooks());
    if (refused.length > 0) this.#tasks.run('post-start-hooks', (signal) => this.#retryHooks(refused, signal));
    await this.#flowControl.upkeep.start();
    this.#deps.log.info('api server ready', { host, port: this.#port });
  }

  /** Runs hooks in order. Returns those that the API refused: admission may wait for webhooks whose pods need this server first. */
  async #runHooks(hooks: readonly BootstrapHook[]): Promise<BootstrapHook[]> {
    const refused: BootstrapHook[] = [];
    for (const hook of hooks) {
      try {
        await hook.run({ backend: this.backend, options: this.#options, port: this.#port, log: this.#deps.log });
        this.#finishedHooks.add(hook.name);
      } catch (error) {
        if (!(error instanceof StatusError)) throw error;
        this.#deps.log.warn('post-start hook was refused and is tried again', { hook: hook.name, error });
        refused.push(hook);
      }
    }
    return refused;
  }

  async #retryHooks(hooks: readonly BootstrapHook[], signal: AbortSignal): Promise<void> {
    for (let refused = hooks; refused.length > 0; ) {
      await this.#deps.clock.sleep(HOOK_RETRY_MS, signal);
      refused = await this.#runHooks(refused);
    }
  }

  /** New connections use this key material. */
  setTls(tls: TlsMaterial): void {
    this.#listener.setTls(tls);
  }

  /** Resolves when no short request is left, or after a bound: watches and streams are cut off anyway. */
  #drain(): Promise<void> {
    if (this.#short === 0) return Promise.resolve();
    return new Promise((resolve) => {
      const timer = this.#deps.clock.after(DRAIN_MS, resolve);
      this.#drained = () => {
        timer.cancel();
        resolve();
      };
    });
  }

  async stop(): Promise<void> {
    this.#stopping = true;
    await this.#flowControl.upkeep.stop();
    const closed = this.#listener.stopListening();
    await this.#drain();
    this.#listener.endConnections();
    await closed;
    await this.#custom.stop();
    await this.#tasks.stop();
  }
}
