// Requests to extension API servers over HTTP/1.1 and TLS, with the front proxy's certificate. Connections are kept for a while.

import type { IncomingMessage, OutgoingHttpHeaders } from 'node:http';
import type { Agent, RequestOptions, request } from 'node:https';
import type { Clock } from '../../../base/clock.ts';
import { KtsError } from '../../../base/errors.ts';
import type { UpgradeTls } from '../../../base/spdy/upgrade.ts';
import type { CertifiedKey } from '../../../base/x509.ts';
import type { UserInfo } from '../../../client/api-backend.ts';
import { authProxyHeaders } from '../../auth/auth-proxy-headers.ts';
import { hostPort, type ServiceEndpoint, type ServiceResolver } from '../service-resolver.ts';
import { connectionFault, isStaleConnection } from '../webhook-error.ts';
import type { RemoteService } from './remote-service.ts';

/** Connections to one endpoint: a watch holds one for as long as it lasts; what is more waits. */
const MAX_CONNECTIONS = 256;
/** Connections to one endpoint that are kept for later requests. */
const MAX_IDLE_CONNECTIONS = 4;
/** How long an unused connection is kept; Go's servers end theirs after 90 s and more. */
const IDLE_MS = 60_000;
/** Most bytes of a document that the server itself asks for: OpenAPI of a large server. */
const MAX_DOCUMENT_BYTES = 16 << 20;

/** A request that is sent on. */
export interface RemoteRequest {
  readonly method: string;
  /** With its query. */
  readonly path: string;
  readonly headers: OutgoingHttpHeaders;
  readonly signal: AbortSignal;
  /** Writes the body and ends; absent = none. */
  readonly body?: (sink: NodeJS.WritableStream) => Promise<void>;
}

/** A document. */
export interface RemoteDocument {
  readonly code: number;
  readonly headers: IncomingMessage['headers'];
  readonly body: Buffer;
}

/** A document to ask for. */
export interface DocumentRequest {
  readonly path: string;
  readonly headers?: OutgoingHttpHeaders;
  readonly user: UserInfo;
  readonly timeoutMs: number;
  /** Ask whoever answers, whatever its certificate says: whether something answers at all is the question. */
  readonly trust?: 'anybody';
  readonly signal?: AbortSignal;
}

/** The client. `close` ends its idle connections; what is under way goes on. */
export class RemoteClient {
  readonly #resolver: ServiceResolver;
  readonly #identity: () => CertifiedKey;
  readonly #clock: Pick<Clock, 'after'>;
  #agent: Agent | undefined;

  constructor(deps: { resolver: ServiceResolver; identity: () => CertifiedKey; clock: Pick<Clock, 'after'> }) {
    this.#resolver = deps.resolver;
    this.#identity = deps.identity;
    this.#clock = deps.clock;
  }

  close(): void {
    this.#agent?.destroy();
    this.#agent = undefined;
  }

  /** Where the next request goes. @throws StatusError NotFound, ServiceUnavailable */
  resolve(remote: RemoteService): ServiceEndpoint {
    return this.#resolver.resolve(remote.service);
  }

  /** TLS of a connection to the server. */
  tls({ service, ca, insecure }: RemoteService): UpgradeTls {
    const { certificate, key } = this.#identity();
    return {
      cert: certificate,
      key,
      servername: `${service.name}.${service.namespace}.svc`,
      rejectUnauthorized: !insecure,
      ...(ca !== undefined && { ca }),
    };
  }

  /** Sends a request to `endpoint`; resolves to the answer's head. @throws KtsError `remote-failed` with Go's words for what went wrong */
  async send(remote: RemoteService, endpoint: ServiceEndpoint, what: RemoteRequest): Promise<IncomingMessage> {
    const { request: send, Agent } = await import('node:https');
    const limits = { maxSockets: MAX_CONNECTIONS, maxFreeSockets: MAX_IDLE_CONNECTIONS, timeout: IDLE_MS };
    this.#agent ??= new Agent({ keepAlive: true, ...limits });
    const options = this.#options(remote, endpoint, what);
    try {
      // A kept connection may end just when it is used again. What has no body is sent once more; what has one goes over a new connection.
      const first = await sendOnce(send, { ...options, agent: what.body ? false : this.#agent }, what.body);
      return first === 'stale' ? await answered(sendOnce(send, { ...options, agent: false })) : first;
    } catch (cause) {
      if (what.signal.aborted) throw what.signal.reason;
      throw new KtsError('remote-failed', connectionFault(cause, endpoint), { cause });
    }
  }

  #options(remote: RemoteService, endpoint: ServiceEndpoint, what: RemoteRequest): RequestOptions {
    const { ca, ...tls } = this.tls(remote);
    return {
      ...endpoint,
      ...tls,
      ...(ca !== undefined && { ca: [ca].flat(), allowPartialTrustChain: true }),
      method: what.method,
      path: what.path,
      headers: what.headers,
      signal: what.signal,
    };
  }

  /** Fetches a document as the server itself. @throws KtsError `remote-failed`, StatusError when there is no endpoint */
  async document(remote: RemoteService, what: DocumentRequest): Promise<RemoteDocument & { readonly url: string }> {
    const endpoint = this.resolve(remote);
    const url = `https://${hostPort(endpoint)}${what.path}`;
    const expiry = new AbortController();
    const timer = this.#clock.after(what.timeoutMs, () => expiry.abort());
    const signal = what.signal ? AbortSignal.any([what.signal, expiry.signal]) : expiry.signal;
    try {
      const headers = { ...what.headers, ...authProxyHeaders(what.user) };
      const target = what.trust === 'anybody' ? { ...remote, ca: undefined, insecure: true } : remote;
      const answer = await this.send(target, endpoint, { method: 'GET', path: what.path, headers, signal });
      return { url, code: answer.statusCode ?? 0, headers: answer.headers, body: await readAll(answer) };
    } catch (error) {
      if (what.signal?.aborted) throw what.signal.reason;
      const why = expiry.signal.aborted ? 'context deadline exceeded (Client.Timeout exceeded while awaiting headers)' : errorText(error);
      throw new KtsError('remote-failed', `failing or missing response from ${url}: Get ${JSON.stringify(url)}: ${why}`, { cause: error });
    } finally {
      timer.cancel();
    }
  }
}

const errorText = (error: unknown): string => (error instanceof Error ? error.message : String(error));

async function answered(sent: Promise<IncomingMessage | 'stale'>): Promise<IncomingMessage> {
  const answer = await sent;
  if (answer === 'stale') throw new KtsError('remote-failed', 'EOF');
  return answer;
}

function sendOnce(send: typeof request, options: RequestOptions, body?: RemoteRequest['body']): Promise<IncomingMessage | 'stale'> {
  const { promise, resolve, reject } = Promise.withResolvers<IncomingMessage | 'stale'>();
  const sent = send(options, resolve);
  sent.on('error', (error) => (sent.reusedSocket && isStaleConnection(error) ? resolve('stale') : reject(error)));
  if (body) body(sent).catch(reject);
  else sent.end();
  return promise;
}

async function readAll(answer: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let size = 0;
  // No encoding is set: chunks are buffers.
  for await (const chunk of answer as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > MAX_DOCUMENT_BYTES) throw new KtsError('remote-failed', `the answer exceeds ${MAX_DOCUMENT_BYTES} bytes`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}
