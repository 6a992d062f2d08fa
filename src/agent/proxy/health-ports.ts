// healthCheckNodePort: an external load balancer asks each node whether it has endpoints of a Service with policy Local. One small
// HTTP server a port, as upstream answers: 200 with endpoints here, 503 without.

import { createServer, type Server } from 'node:http';
import type { Service } from '../../api/types/core-v1.gen.ts';
import type { EndpointSlice } from '../../api/types/discovery-v1.gen.ts';
import { messageOf } from '../../base/errors.ts';
import type { Logger } from '../../base/log.ts';
import { type ProxyNode, targetsOf } from './endpoints.ts';

/** What one port answers. */
export interface HealthPort {
  readonly port: number;
  readonly namespace: string;
  readonly name: string;
  /** Ready endpoints on this node. */
  readonly localEndpoints: number;
}

/** A probe sends a few headers; more is not listened to. */
const REQUEST_TIMEOUT_MS = 5000;

/** The port of a Service, if it has one. Pure. */
export function healthPortOf(service: Service, slices: readonly EndpointSlice[], node: ProxyNode): HealthPort | undefined {
  const { healthCheckNodePort: port, externalTrafficPolicy, ports = [] } = service.spec;
  if (!port || externalTrafficPolicy !== 'Local') return undefined;
  const local = ports.flatMap((p) => targetsOf(slices, { name: p.name ?? '', protocol: p.protocol ?? 'TCP' }, node).local);
  const { namespace = '', name = '' } = service.metadata;
  return { port, namespace, name, localEndpoints: new Set(local.map((t) => t.ip)).size };
}

/** The servers. As many as there are Services with such a port. */
export class HealthPorts {
  readonly #log: Logger;
  readonly #open = new Map<number, { readonly server: Server; state: HealthPort }>();

  constructor(deps: { readonly log: Logger }) {
    this.#log = deps.log;
  }

  /** Opens, updates and closes until exactly these are there. A port that is taken is logged and tried again at the next call. */
  async apply(wanted: readonly HealthPort[]): Promise<void> {
    const ports = new Map(wanted.map((w) => [w.port, w]));
    for (const port of this.#open.keys()) if (!ports.has(port)) await this.#close(port);
    for (const [port, state] of ports) {
      const open = this.#open.get(port);
      if (open) open.state = state;
      else await this.#listen(state);
    }
  }

  async stop(): Promise<void> {
    for (const port of [...this.#open.keys()]) await this.#close(port);
  }

  async #listen(state: HealthPort): Promise<void> {
    const entry = {
      state,
      server: createServer({ requestTimeout: REQUEST_TIMEOUT_MS, headersTimeout: REQUEST_TIMEOUT_MS }, (_, response) => {
        const { namespace, name, localEndpoints } = entry.state;
        const body = JSON.stringify({ service: { namespace, name }, localEndpoints, serviceProxyHealthy: true });
        response.writeHead(localEndpoints > 0 ? 200 : 503, {
          'content-type': 'application/json',
          'x-content-type-options': 'nosniff',
          'x-load-balancing-endpoint-weight': String(localEndpoints),
        });
        response.end(body);
      }),
    };
    try {
      await new Promise<void>((resolve, reject) => entry.server.once('error', reject).listen(state.port, () => resolve()));
      this.#open.set(state.port, entry);
    } catch (error) {
      this.#log.warn('health check port cannot be opened', { port: state.port, error: messageOf(error) });
    }
  }

  async #close(port: number): Promise<void> {
    const entry = this.#open.get(port);
    this.#open.delete(port);
    entry?.server.closeAllConnections();
    await new Promise<void>((resolve) => (entry ? entry.server.close(() => resolve()) : resolve()));
  }
}
