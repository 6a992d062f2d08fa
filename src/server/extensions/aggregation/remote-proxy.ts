// Sends a request on to the extension API server that serves its group version, as the user that this server has authenticated.
// Upstream's proxy handler of the aggregator; its own failures are plain text, as there.

import type { IncomingMessage } from 'node:http';
import { pipeline } from 'node:stream/promises';
import { messageOf } from '../../../base/errors.ts';
import type { Logger } from '../../../base/log.ts';
import { tunnelUpgrade } from '../../../base/spdy/tunnel.ts';
import type { UserInfo } from '../../../client/api-backend.ts';
import { authProxyHeaders } from '../../auth/auth-proxy-headers.ts';
import type { Exchange } from '../../http/exchange.ts';
import { dropIdentity, forwardedHeaders } from '../../http/streaming/forwarded-headers.ts';
import { endToEnd, sendBack } from '../../http/streaming/relay.ts';
import { hostPort, type ServiceEndpoint } from '../service-resolver.ts';
import type { RemoteClient } from './remote-client.ts';
import type { RemoteService } from './remote-service.ts';

/** What the proxy needs. */
export interface RemoteProxyDeps {
  readonly client: RemoteClient;
  readonly log: Logger;
  /** Who the other server is told asks. Default: the user of the request. */
  readonly user?: UserInfo;
}

const UNAVAILABLE = 'service unavailable';
const REDIRECT = 'the backend attempted to redirect this request, which is not permitted';

/** Serves a request that passed all filters. Answers failures itself. */
export async function proxyToRemote(exchange: Exchange, remote: RemoteService, deps: RemoteProxyDeps): Promise<void> {
  const endpoint = remote.available ? endpointOf(remote, deps) : undefined;
  if (!endpoint) {
    sendText(exchange, 503, UNAVAILABLE);
    return;
  }
  const path = exchange.request.url ?? exchange.path;
  if (exchange.upgrade) {
    await tunnel(exchange, remote, { endpoint, path, client: deps.client });
    return;
  }
  const headers = { ...forwardedHeaders(exchange), ...authProxyHeaders(deps.user ?? exchange.user) };
  const hasBody = exchange.method !== 'GET' && exchange.method !== 'HEAD';
  let answer: IncomingMessage;
  try {
    answer = await deps.client.send(remote, endpoint, {
      method: exchange.method,
      path,
      headers,
      signal: exchange.signal,
      ...(hasBody && { body: (sink) => pipeline(exchange.request, sink) }),
    });
  } catch (error) {
    if (exchange.signal.aborted) throw exchange.signal.reason;
    sendText(exchange, 503, `error trying to reach service: ${messageOf(error)}`);
    return;
  }
  await sendAnswer(exchange, answer);
}

function endpointOf(remote: RemoteService, { client, log }: RemoteProxyDeps): ServiceEndpoint | undefined {
  try {
    return client.resolve(remote);
  } catch (error) {
    log.debug('no endpoint of an extension api server', { group: remote.group, version: remote.version, error: messageOf(error) });
    return undefined;
  }
}

async function sendAnswer(exchange: Exchange, answer: IncomingMessage): Promise<void> {
  const code = answer.statusCode ?? 502;
  if (code >= 300 && code <= 399 && answer.headers.location !== undefined) {
    // It could lead anywhere, with this server's credentials.
    answer.destroy();
    sendText(exchange, 502, REDIRECT);
    return;
  }
  await sendBack(exchange, answer, endToEnd(answer.headers));
}

async function tunnel(
  exchange: Exchange,
  remote: RemoteService,
  way: { endpoint: ServiceEndpoint; path: string; client: RemoteClient },
): Promise<void> {
  const { upgrade: event, method } = exchange;
  if (!event) return;
  dropIdentity(event.request.headers);
  await tunnelUpgrade(event, {
    url: `https://${hostPort(way.endpoint)}${way.path}`,
    method,
    tls: way.client.tls(remote),
    headers: authProxyHeaders(exchange.user),
    signal: exchange.signal,
  });
}

function sendText(exchange: Exchange, code: number, text: string): void {
  const headers = { 'content-type': 'text/plain; charset=utf-8', 'x-content-type-options': 'nosniff' };
  exchange.send(code, headers, `${text}\n`);
}
