// The kubelet's server on port 10250: TLS, authentication, authorization, then one handler per path (routes below). Streams are
// tunnelled to the runtime (streaming-routes.ts); everything else is answered here.

import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer, type Server } from 'node:https';
import type { AddressInfo } from 'node:net';
import type { Duplex } from 'node:stream';
import type { Pod } from '../../../api/types/core-v1.gen.ts';
import type { Clock } from '../../../base/clock.ts';
import { type Component, TaskGroup } from '../../../base/component.ts';
import { KtsError, messageOf } from '../../../base/errors.ts';
import type { Logger } from '../../../base/log.ts';
import type { UpgradeEvent } from '../../../base/websocket.ts';
import type { StatsRuntime } from '../../../cri/runtime.ts';
import type { PodDirectory } from '../pod-directory.ts';
import { containerLogs } from './container-logs.ts';
import { type KubeletAuth, nodeAccess } from './kubelet-auth.ts';
import { nodeLogs } from './node-logs.ts';
import { RouteError, type RouteHandler, sendJson, sendText } from './route.ts';
import { runCommand, serveStream } from './streaming-routes.ts';
import { UsageSampler } from './usage-sampler.ts';
import { cadvisorMetrics, prometheusText, resourceMetrics, statsSummary } from './usage-views.ts';

/** Certificates of the server, PEM. */
export interface KubeletTls {
  readonly cert: string;
  readonly key: string;
  /** CA of client certificates. */
  readonly clientCa: string;
}

/** Options of the server. */
export interface KubeletServerOptions {
  readonly nodeName: string;
  /** Default: all addresses. */
  readonly host?: string;
  /** Default 10250; 0 = any free port. */
  readonly port?: number;
  readonly tls: KubeletTls;
  /** What /logs/ shows. Default /var/log. */
  readonly nodeLogDirectory?: string;
  /** Where pods' files are: its file system is the node's in /stats/summary. Default /var/lib/kubelet. */
  readonly rootDirectory?: string;
}

/** What the server needs. */
export interface KubeletServerDeps {
  readonly pods: PodDirectory;
  readonly runtime: Pick<StatsRuntime, 'listContainerStats'>;
  readonly auth: Pick<KubeletAuth, 'authenticate' | 'authorize'>;
  readonly clock: Clock;
  readonly log: Logger;
  /** The kubelet's configuration for /configz: the fields of kubelet.config.k8s.io/v1beta1. */
  readonly config: () => object;
  /** More Prometheus text for /metrics. */
  readonly metrics?: () => Promise<string>;
}

const DEFAULT_PORT = 10250;
/** Paths whose requests switch protocols. */
const STREAMS: readonly string[] = ['exec', 'attach', 'portForward'];
/** Connections at a time: a node's API servers, metrics readers and the users' streams. */
const MAX_CONNECTIONS = 1_000;

/** The server. */
export class KubeletServer implements Component {
  readonly name = 'kubelet server';
  readonly #options: KubeletServerOptions;
  readonly #deps: KubeletServerDeps;
  readonly #routes: readonly (readonly [string, RouteHandler])[];
  readonly #tasks: TaskGroup;
  readonly #server: Server;
  readonly #sockets = new Set<Duplex>();

  /** @throws an error of node:tls for certificates that cannot be read */
  constructor(options: KubeletServerOptions, deps: KubeletServerDeps) {
    this.#options = options;
    this.#deps = deps;
    this.#routes = routes(options, deps);
    this.#tasks = new TaskGroup(deps.log);
    this.#server = createServer({
      ...tlsOptions(options.tls),
      requestCert: true,
      rejectUnauthorized: false,
      minVersion: 'TLSv1.2',
      allowHalfOpen: true,
    });
    this.#server.maxConnections = MAX_CONNECTIONS;
    this.#server.on('request', (request, response) => this.#tasks.run('request', (signal) => this.#serve(request, response, signal)));
    this.#server.on('upgrade', (request, socket, head) => {
      this.#sockets.add(socket);
      socket.on('close', () => this.#sockets.delete(socket));
      socket.on('error', () => {
        // A client that goes away; whoever reads or writes the socket sees its end.
      });
      this.#tasks.run('stream', (signal) => this.#upgrade({ request, socket, head }, signal));
    });
  }

  /** The port it listens on. */
  get port(): number {
    const address = this.#server.address() as AddressInfo | null; // Never a pipe: it listens on a port.
    return address?.port ?? 0;
  }

  /** Takes a new certificate for connections from now on. */
  setTls(tls: KubeletTls): void {
    this.#server.setSecureContext(tlsOptions(tls));
  }

  async start(): Promise<void> {
    const { host, port = DEFAULT_PORT } = this.#options;
    await new Promise<void>((resolve, reject) => {
      this.#server.once('error', (error) => {
        reject(new KtsError('kubelet-listen', `the kubelet cannot listen on port ${port}: ${error.message}`, { cause: error }));
      });
      this.#server.listen({ port, ...(host !== undefined && { host }) }, resolve);
    });
    this.#server.on('error', (error) => this.#deps.log.warn('kubelet server failed', { error }));
  }

  async stop(): Promise<void> {
    const closed = new Promise<void>((resolve) => this.#server.close(() => resolve()));
    for (const socket of this.#sockets) socket.destroy();
    this.#server.closeAllConnections();
    await this.#tasks.stop();
    await closed;
  }

  async #serve(request: IncomingMessage, response: ServerResponse, stopping: AbortSignal): Promise<void> {
    const gone = new AbortController();
    response.on('close', () => gone.abort());
    const signal = AbortSignal.any([stopping, gone.signal]);
    try {
      const url = await this.#admit(request);
      const { handler, segments } = this.#route(url.pathname);
      await handler({ request, response, segments, query: url.searchParams, signal });
    } catch (error) {
      this.#fail(response, error, request);
    }
  }

  #fail(response: ServerResponse, error: unknown, request: IncomingMessage): void {
    const status = error instanceof RouteError ? error.status : 500;
    if (status === 500) this.#deps.log.warn('kubelet request failed', { path: request.url, error: messageOf(error) });
    if (response.headersSent) response.destroy();
    else response.writeHead(status, { 'content-type': 'text/plain; charset=utf-8' }).end(messageOf(error));
  }

  async #upgrade(event: UpgradeEvent, signal: AbortSignal): Promise<void> {
    try {
      const url = await this.#admit(event.request);
      const [kind = '', ...segments] = segmentsOf(url.pathname);
      if (!STREAMS.includes(kind)) throw new RouteError(404, '404 page not found');
      await serveStream({ event, kind, segments, query: url.searchParams, signal }, this.#deps.pods);
    } catch (error) {
      const status = error instanceof RouteError ? error.status : 500;
      const body = Buffer.from(messageOf(error));
      const head = `HTTP/1.1 ${status} \r\ncontent-type: text/plain; charset=utf-8\r\ncontent-length: ${body.length}\r\nconnection: close\r\n\r\n`;
      event.socket.write(head);
      event.socket.end(body);
    }
  }

  /** Authentication and authorization. @throws RouteError 401, 403 */
  async #admit(request: IncomingMessage): Promise<URL> {
    const url = URL.parse(request.url ?? '/', 'https://kubelet');
    if (!url) throw new RouteError(400, 'bad path');
    const user = await this.#deps.auth.authenticate(request);
    if (!user) throw new RouteError(401, 'Unauthorized');
    const access = nodeAccess(request.method ?? 'GET', url.pathname);
    if (await this.#deps.auth.authorize(user, access)) return url;
    const { verb, subresources } = access;
    const what = `verb=${verb}, resource=nodes, subresource=${JSON.stringify(subresources)}`;
    throw new RouteError(403, `Forbidden (user=${user.name}, ${what})\n`);
  }

  #route(path: string): { handler: RouteHandler; segments: readonly string[] } {
    const found = this.#routes.find(([prefix]) => path === prefix || path.startsWith(`${prefix}/`));
    if (!found) throw new RouteError(404, '404 page not found');
    const [prefix, handler] = found;
    return { handler, segments: segmentsOf(path.slice(prefix.length)) };
  }
}

function tlsOptions(tls: KubeletTls) {
  return { cert: tls.cert, key: tls.key, ca: tls.clientCa };
}

function segmentsOf(path: string): string[] {
  try {
    return path
      .split('/')
      .filter((part) => part !== '')
      .map(decodeURIComponent);
  } catch (error) {
    throw new RouteError(400, 'bad path', error);
  }
}

/** Paths and their handlers; the first whose path is a prefix answers. */
function routes(options: KubeletServerOptions, deps: KubeletServerDeps): readonly (readonly [string, RouteHandler])[] {
  const { pods } = deps;
  const usage = new UsageSampler({ path: options.rootDirectory ?? '/var/lib/kubelet' }, deps);
  const health: RouteHandler = async ({ response }) => {
    if (!pods.healthy) throw new RouteError(500, 'sync with the container runtime is overdue');
    sendText(response, 'ok');
  };
  const prometheus = 'text/plain; version=0.0.4; charset=utf-8';
  return [
    ['/healthz', health],
    ['/pods', async ({ response }) => sendJson(response, podList(pods.pods()))],
    ['/runningpods', async ({ response }) => sendJson(response, podList(pods.pods().filter((pod) => isRunning(pod, pods))))],
    ['/configz', async ({ response }) => sendJson(response, { kubeletconfig: deps.config() })],
    ['/stats/summary', async ({ response }) => sendJson(response, statsSummary(await usage.sample(), pods.pods(), options.nodeName))],
    ['/metrics/resource', async ({ response }) => sendText(response, resourceMetrics(await usage.sample(), pods.pods()), prometheus)],
    ['/metrics/cadvisor', async ({ response }) => sendText(response, cadvisorMetrics(await usage.sample()), prometheus)],
    ['/metrics', async ({ response }) => sendText(response, `${ownMetrics(pods)}${(await deps.metrics?.()) ?? ''}`, prometheus)],
    ['/logs', nodeLogs(options.nodeLogDirectory ?? '/var/log')],
    ['/containerLogs', containerLogs(deps)],
    ['/run', runCommand(pods)],
    ...STREAMS.map((kind) => [`/${kind}`, upgradeRequired] as const),
  ];
}

const upgradeRequired: RouteHandler = async () => {
  throw new RouteError(400, 'unable to upgrade: missing upgrade headers in request');
};

function podList(pods: readonly Pod[]): object {
  return { kind: 'PodList', apiVersion: 'v1', metadata: {}, items: pods };
}

function isRunning(pod: Pod, pods: PodDirectory): boolean {
  return pods.containers(pod.metadata.uid ?? '').some((container) => container.state === 'running');
}

function ownMetrics(pods: PodDirectory): string {
  const states = new Map<string, number>();
  for (const pod of pods.pods()) {
    for (const { state } of pods.containers(pod.metadata.uid ?? '')) states.set(state, (states.get(state) ?? 0) + 1);
  }
  const running = pods.pods().filter((pod) => isRunning(pod, pods)).length;
  return prometheusText([
    { name: 'kubelet_running_pods', help: 'Number of pods that have a running pod sandbox', type: 'gauge', lines: [[{}, running]] },
    {
      name: 'kubelet_running_containers',
      help: 'Number of containers currently running',
      type: 'gauge',
      lines: [...states].map(([state, count]) => [{ container_state: state }, count] as const),
    },
  ]);
}
