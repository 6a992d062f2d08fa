// The API server as one part: registry, filters, routes and the TLS port, put together and given a life.

import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import type { Clock } from '../../base/clock.ts';
import { type Component, TaskGroup } from '../../base/component.ts';
import type { Logger } from '../../base/log.ts';
import type { ApiBackend } from '../../client/api-backend.ts';
import type { AdmissionPlugin } from '../admission/admission.ts';
import type { Authenticator, Authorizer } from '../auth/auth.ts';
import { Pipeline } from '../registry/pipeline.ts';
import { ResourceCatalog } from '../registry/resource-catalog.ts';
import { subresourceTable } from '../registry/subresources/subresource-table.ts';
import type { SignToken } from '../registry/subresources/token.ts';
import { BUILTIN_VALIDATOR, type Validator } from '../registry/validation.ts';
import { type ReviewDeps, virtualResources } from '../registry/virtual-resources.ts';
import type { Store } from '../store/store.ts';
import { InFlight, type InFlightLimits } from './in-flight.ts';
import { Listener, type TlsMaterial } from './listener.ts';
import { BOOTSTRAP_HOOKS, type BootstrapHook } from './post-start-hooks.ts';
import { type RequestServerDeps, serveRequest } from './request-server.ts';
import { type Route, RouteTable } from './routes.ts';
import { standardRoutes } from './standard-routes.ts';

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
  /** Serve requests without credentials as system:anonymous. Default true. */
  readonly anonymous?: boolean;
  readonly inFlight?: InFlightLimits;
}

/** What the API server is made of. */
export interface ApiServerDeps extends ReviewDeps {
  readonly store: Store;
  readonly clock: Clock;
  readonly log: Logger;
  readonly authenticator: Authenticator;
  readonly authorizer: Authorizer;
  /** In order. */
  readonly admission: readonly AdmissionPlugin[];
  /** Default: the rules of api/validation. */
  readonly validator?: Validator;
  /** Signs the tokens that serviceaccounts/token gives out. */
  readonly signToken: SignToken;
  /** Routes beside the standard ones: /cacerts, /openid/v1/jwks … */
  readonly extraRoutes?: readonly Route[];
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
  readonly #tasks: TaskGroup;
  readonly #finishedHooks = new Set<string>();
  #port = 0;

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
    const pipeline = new Pipeline({
      store,
      clock,
      catalog: this.catalog,
      admission: deps.admission,
      validator: deps.validator ?? BUILTIN_VALIDATOR,
      subresources: subresourceTable(deps),
      virtual: virtualResources(deps),
    });
    this.backend = pipeline;
    const serverDeps = this.#requestDeps(pipeline);
    this.#listener = new Listener(options.tls, {
      request: (request, response) => this.#tasks.run('request', () => serveRequest(request, response, serverDeps)),
      upgrade: (request, socket, head) => this.#onUpgrade(request, socket, head),
    });
  }

  #requestDeps(pipeline: Pipeline): RequestServerDeps {
    const { clock, log, authenticator, authorizer, extraRoutes = [] } = this.#deps;
    const routes: Route[] = [...standardRoutes({ catalog: this.catalog, hooks: () => this.#hookStates() }), ...extraRoutes];
    return {
      clock,
      log,
      authenticator,
      authorizer,
      inFlight: new InFlight(this.#options.inFlight),
      anonymous: this.#options.anonymous ?? true,
      pipeline,
      catalog: this.catalog,
      connect: new Map(),
      nowMs: () => clock.now(),
      routes: new RouteTable(routes),
      observe: () => {},
    };
  }

  #onUpgrade(_request: IncomingMessage, socket: Duplex, _head: Buffer): void {
    socket.destroy();
  }

  #hooks(): readonly BootstrapHook[] {
    return [...BOOTSTRAP_HOOKS, ...(this.#deps.bootstrap ?? [])];
  }

  #hookStates(): { name: string; done: boolean }[] {
    return this.#hooks().map(({ name }) => ({ name, done: this.#finishedHooks.has(name) }));
  }

  /** The port in use, after `start`. */
  get port(): number {
    return this.#port;
  }

  /** Listens, then creates what a cluster always has. @throws KtsError `port-in-use`, `listen-failed` */
  async start(): Promise<void> {
    const { host = '0.0.0.0', port = 6443 } = this.#options;
    this.#port = await this.#listener.listen({ host, port });
    for (const hook of this.#hooks()) {
      await hook.run({ backend: this.backend, options: this.#options, port: this.#port, log: this.#deps.log });
      this.#finishedHooks.add(hook.name);
    }
    this.#deps.log.info('api server ready', { host, port: this.#port });
  }

  /** New connections use this key material. */
  setTls(tls: TlsMaterial): void {
    this.#listener.setTls(tls);
  }

  async stop(): Promise<void> {
    await this.#listener.close();
    await this.#tasks.stop();
  }
}
