// Opening upgraded connections as a client: an HTTP/1.1 request answered by 101, and joining two byte streams.
// Kubernetes' streaming uses them for exec, attach and port-forward (`Upgrade: SPDY/3.1`).

import type { IncomingMessage, RequestOptions } from 'node:http';
import type { Duplex } from 'node:stream';
import type { SecureContext } from 'node:tls';
import { SpdyConnection } from './connection.ts';
import { SpdyError, UpgradeRefusedError } from './errors.ts';

/** Most bytes of a refusal that are kept. */
const MAX_REFUSAL_BYTES = 64 * 1024;

/** TLS of the connection to a server. */
export interface UpgradeTls {
  /** PEM. */
  readonly ca?: string | readonly string[];
  /** PEM; the client's certificate. */
  readonly cert?: string;
  readonly key?: string;
  readonly secureContext?: SecureContext;
  /** Name to verify instead of the URL's host. */
  readonly servername?: string;
  /** Only for kubelets whose serving certificate cannot be verified. Default true. */
  readonly rejectUnauthorized?: boolean;
}

/** A request to switch protocols. */
export interface UpgradeRequest {
  /** `http:` or `https:`. */
  readonly url: string | URL;
  /** Default POST. */
  readonly method?: string;
  /** Sent as they are; `connection` and `upgrade` must be among them. */
  readonly headers: Readonly<Record<string, string | string[]>>;
  readonly tls?: UpgradeTls;
  /** Ends the attempt; once the connection is made it belongs to the caller. */
  readonly signal?: AbortSignal;
}

/** A connection after 101. */
export interface Upgraded {
  readonly socket: Duplex;
  /** What came after the answer's head; put it back with `socket.unshift` or pass it on. */
  readonly head: Buffer;
  /** Headers of the answer: lower-case names, as node:http gives them. */
  readonly headers: IncomingMessage['headers'];
}

/** Sends the request and waits for 101. @throws UpgradeRefusedError for another status, SpdyError `upgrade-failed`, the signal's reason */
export async function requestUpgrade(request: UpgradeRequest): Promise<Upgraded> {
  const url = new URL(request.url);
  const { request: send } = url.protocol === 'https:' ? await import('node:https') : await import('node:http');
  const { promise, resolve, reject } = Promise.withResolvers<Upgraded>();
  const sent = send(url, requestOptions(request));
  sent.on('upgrade', (response, socket, head) => {
    request.signal?.removeEventListener('abort', onAbort);
    resolve({ socket, head, headers: response.headers });
  });
  sent.on('response', (response) => {
    readRefusal(response).then(reject, reject);
  });
  sent.on('error', (error) => reject(new SpdyError('upgrade-failed', error.message, { cause: error, fields: { host: url.host } })));
  const onAbort = (): void => {
    reject(request.signal?.reason);
    sent.destroy();
  };
  if (request.signal?.aborted) onAbort();
  else request.signal?.addEventListener('abort', onAbort, { once: true });
  sent.end();
  try {
    return await promise;
  } finally {
    request.signal?.removeEventListener('abort', onAbort);
  }
}

function requestOptions(request: UpgradeRequest): RequestOptions & { allowHalfOpen: boolean } {
  // An agent would keep the socket; this one leaves HTTP for good. An end in one direction must not end the other.
  const { ca, ...tls } = request.tls ?? {};
  return {
    agent: false,
    allowHalfOpen: true,
    method: request.method ?? 'POST',
    headers: request.headers,
    ...tls,
    ...(ca && { ca: [ca].flat() }),
  };
}

async function readRefusal(response: IncomingMessage): Promise<UpgradeRefusedError> {
  let body = '';
  for await (const chunk of response.setEncoding('utf8')) {
    body += chunk;
    if (body.length > MAX_REFUSAL_BYTES) break;
  }
  return new UpgradeRefusedError(response.statusCode ?? 0, response.headers['content-type'] ?? '', body.slice(0, MAX_REFUSAL_BYTES));
}

/** Headers that are about one connection (RFC 9110, 7.6.1) or are set by the sender, and are not passed on. */
const NOT_REPLAYED = new Set(['host', 'content-length', 'transfer-encoding', 'keep-alive', 'te', 'trailer', 'proxy-connection']);

/** Offers the versions of a streaming protocol, one a line. */
const PROTOCOL_HEADER = 'x-stream-protocol-version';

/** The headers of a received upgrade request as they are sent on to the next server, `drop` (lower case) left out. */
export function replayedHeaders(received: IncomingMessage['headers'], drop: readonly string[] = []): Record<string, string | string[]> {
  const headers: Record<string, string | string[]> = {};
  for (const [name, value] of Object.entries(received)) {
    if (value === undefined || NOT_REPLAYED.has(name) || drop.includes(name)) continue;
    // node:http joins repeated headers by commas; older servers know this one only as repeated.
    headers[name] = name === PROTOCOL_HEADER && typeof value === 'string' ? value.split(',').map((one) => one.trim()) : value;
  }
  return headers;
}

/** The answer `101 Switching Protocols` with the other server's headers, as bytes for the client's socket. */
export function switchingProtocols(headers: IncomingMessage['headers']): string {
  const lines = Object.entries(headers).flatMap(([name, value]) => [value ?? []].flat().map((v) => `${name}: ${v}\r\n`));
  return `HTTP/1.1 101 Switching Protocols\r\n${lines.join('')}\r\n`;
}

/**
 * Carries bytes both ways until both directions have ended or one fails; then both are destroyed. An end is passed on as an end
 * (half-close). Never rejects: a broken connection is how streaming ends.
 */
export async function joinStreams(left: Duplex, right: Duplex): Promise<void> {
  await Promise.all([carry(left, right), carry(right, left)]);
}

/** Resolves when `from` is closed. One that closes before both its directions have ended takes the other with it. */
function carry(from: Duplex, to: Duplex): Promise<void> {
  return new Promise((resolve) => {
    from.on('error', () => {
      // 'close' follows.
    });
    from.once('close', () => {
      if (!from.readableEnded || !from.writableFinished) to.destroy();
      resolve();
    });
    if (from.destroyed) {
      to.destroy();
      resolve();
    } else from.pipe(to);
  });
}

/** Versions of the remote command protocol that kts's client speaks; containerd knows v4 and older over SPDY. */
const SPDY_REMOTE_COMMAND_PROTOCOLS: readonly string[] = ['v4.channel.k8s.io'];

/** Opens a SPDY/3.1 connection for `exec` or `attach`: the request's upgrade headers are added here. @throws as requestUpgrade */
export async function dialSpdy(
  request: UpgradeRequest,
  protocols: readonly string[] = SPDY_REMOTE_COMMAND_PROTOCOLS,
): Promise<SpdyConnection> {
  const upgraded = await requestUpgrade({
    ...request,
    headers: { ...request.headers, connection: 'Upgrade', upgrade: 'SPDY/3.1', 'x-stream-protocol-version': [...protocols] },
  });
  const chosen = upgraded.headers['x-stream-protocol-version'];
  if (typeof chosen !== 'string' || !protocols.includes(chosen)) {
    upgraded.socket.destroy();
    throw new SpdyError('upgrade-failed', `server chose no protocol of ${protocols.join(', ')}`);
  }
  return new SpdyConnection(upgraded.socket, upgraded.head);
}
