// Calls webhooks: JSON over HTTPS to a URL or to a Service, for admission and conversion. HTTP/1.1, so that calls spread over the
// endpoints of a Service. Rules: "Dynamic Admission Control", contacting the webhook; "Webhook conversion".

import type { IncomingMessage } from 'node:http';
import type { Agent, RequestOptions, request } from 'node:https';
import { getCACertificates } from 'node:tls';
import { formatDuration } from '../../api/codec/time.ts';
import type { Clock } from '../../base/clock.ts';
import type { ServiceEndpoint, ServiceResolver } from './service-resolver.ts';
import { answerFault, connectionFault, isStaleConnection, WebhookError } from './webhook-error.ts';

/** Most bytes of an answer that are read, unless the caller knows better: a patch of the largest object, in base64. */
const MAX_ANSWER_BYTES = 16 << 20;
/** Connections to one endpoint at a time; what is more waits. */
const MAX_CONNECTIONS = 32;
/** Connections to one endpoint that are kept for later calls. */
const MAX_IDLE_CONNECTIONS = 2;
/** How long an unused connection is kept, milliseconds. */
const IDLE_MS = 60_000;
const DEFAULT_PORT = 443;

/** Whom to call: the `clientConfig` of a webhook. */
export interface WebhookTarget {
  readonly url?: string;
  readonly service?: { readonly namespace: string; readonly name: string; readonly path?: string; readonly port?: number };
  /** PEM in base64; absent = the certificates that the system trusts. */
  readonly caBundle?: string;
  /** With what the caller proves who it is: PEM in base64. */
  readonly certificate?: { readonly certificate: string; readonly key: string };
  readonly token?: string;
}

/** One call. */
export interface WebhookCall {
  /** What is sent, as JSON. */
  readonly body: unknown;
  /** The webhook is told, too. */
  readonly timeoutMs: number;
  /** Most bytes of the answer. Default 16 MiB. */
  readonly maxBytes?: number;
  readonly signal?: AbortSignal;
}

/** The client. Connections are made when needed and kept for a while; `close` ends them. */
export class WebhookClient {
  readonly #clock: Pick<Clock, 'after'>;
  readonly #resolver: ServiceResolver;
  readonly #userAgent: string;
  #agent: Agent | undefined;

  constructor(options: { readonly userAgent: string }, deps: { readonly clock: Pick<Clock, 'after'>; readonly resolver: ServiceResolver }) {
    this.#userAgent = options.userAgent;
    this.#clock = deps.clock;
    this.#resolver = deps.resolver;
  }

  /**
   * Posts the body and returns the JSON that comes back.
   * @throws WebhookError `Post "<url>": <why>` when no answer came, StatusError when the answer is no success
   */
  async post(target: WebhookTarget, call: WebhookCall): Promise<unknown> {
    const answer = await this.#answer(target, call);
    const value = tryParse(answer.text);
    if (answer.code < 200 || answer.code > 206) throw answerFault(answer.code, { value, text: answer.isText ? answer.text.trim() : '' });
    if (value === undefined) throw new WebhookError('call', `couldn't get version/kind; json parse error: ${parseFault(answer.text)}`);
    return value;
  }

  async #answer(target: WebhookTarget, call: WebhookCall): Promise<Answer> {
    const url = webhookUrl(target, call.timeoutMs);
    const ca = trustOf(target);
    const identity = identityOf(target);
    const expiry = new AbortController();
    const timer = this.#clock.after(call.timeoutMs, () => expiry.abort());
    const signal = call.signal ? AbortSignal.any([call.signal, expiry.signal]) : expiry.signal;
    let endpoint: ServiceEndpoint = { host: url.hostname.replace(/^\[(.*)\]$/, '$1'), port: Number(url.port || DEFAULT_PORT) };
    try {
      if (target.service) endpoint = this.#resolver.resolve({ ...target.service, port: target.service.port ?? DEFAULT_PORT });
      const body = JSON.stringify(call.body);
      return await this.#exchange({ url, endpoint, ca, identity, signal, body, isService: target.service !== undefined }, call.maxBytes);
    } catch (cause) {
      const where = `Post ${JSON.stringify(shownUrl(url, target))}`;
      if (expiry.signal.aborted) throw new WebhookError('timeout', `${where}: context deadline exceeded`, { cause });
      if (signal.aborted) throw new WebhookError('call', `${where}: context canceled`, { cause });
      throw new WebhookError('call', `${where}: ${connectionFault(cause, endpoint)}`, { cause });
    } finally {
      timer.cancel();
    }
  }

  /** Ends all connections. */
  close(): void {
    this.#agent?.destroy();
    this.#agent = undefined;
  }

  async #exchange(request: Exchange, max = MAX_ANSWER_BYTES): Promise<Answer> {
    const { request: send, Agent } = await import('node:https');
    const timeout = IDLE_MS;
    this.#agent ??= new Agent({ keepAlive: true, maxSockets: MAX_CONNECTIONS, maxFreeSockets: MAX_IDLE_CONNECTIONS, timeout });
    const options: RequestOptions = { ...requestOptions(request, this.#userAgent), agent: this.#agent };
    const answer = await sendOnce(send, options, request.body);
    if (answer !== 'stale') return await readAnswer(answer, max);
    // A kept connection had ended while it was not used, which says nothing about the webhook: a fresh one tells.
    const second = await sendOnce(send, { ...options, agent: false }, request.body);
    if (second === 'stale') throw new WebhookError('call', 'EOF');
    return await readAnswer(second, max);
  }
}

/** What goes over one connection. */
interface Exchange {
  readonly url: URL;
  readonly endpoint: ServiceEndpoint;
  readonly ca: readonly string[] | undefined;
  readonly identity: Identity;
  readonly signal: AbortSignal;
  readonly body: string;
  readonly isService: boolean;
}

/** What came back. */
interface Answer {
  readonly code: number;
  readonly text: string;
  readonly isText: boolean;
}

function requestOptions({ url, endpoint, ca, identity, signal, body, isService }: Exchange, userAgent: string): RequestOptions {
  return {
    method: 'POST',
    host: endpoint.host,
    port: endpoint.port,
    path: url.pathname + url.search,
    // The connection goes to an endpoint; who answers must be the Service.
    ...(isService && { servername: url.hostname }),
    ...(ca && { ca: [...ca], allowPartialTrustChain: true }),
    ...identity.pair,
    signal,
    headers: {
      host: isService ? `${url.hostname}:${url.port || DEFAULT_PORT}` : url.host,
      accept: 'application/json, */*',
      'content-type': 'application/json',
      'content-length': Buffer.byteLength(body),
      'user-agent': userAgent,
      ...(identity.token !== undefined && { authorization: `Bearer ${identity.token}` }),
    },
  };
}

function sendOnce(send: typeof request, options: RequestOptions, body: string): Promise<IncomingMessage | 'stale'> {
  const { promise, resolve, reject } = Promise.withResolvers<IncomingMessage | 'stale'>();
  const sent = send(options, resolve);
  sent.on('error', (error) => (sent.reusedSocket && isStaleConnection(error) ? resolve('stale') : reject(error)));
  sent.end(body);
  return promise;
}

async function readAnswer(answer: IncomingMessage, max: number): Promise<Answer> {
  const chunks: Buffer[] = [];
  let size = 0;
  // No encoding is set: chunks are buffers.
  for await (const chunk of answer as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > max) throw new WebhookError('call', `the answer exceeds ${max} bytes`);
    chunks.push(chunk);
  }
  const isText = (answer.headers['content-type'] ?? 'text/plain').startsWith('text/');
  return { code: answer.statusCode ?? 0, text: Buffer.concat(chunks).toString('utf8'), isText };
}

function tryParse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined; // The caller says what it expected.
  }
}

function parseFault(text: string): string {
  return text.trim() === ''
    ? 'unexpected end of JSON input'
    : `invalid character ${JSON.stringify(text.trim()[0])} looking for beginning of value`;
}

/** The URL of a call, with its time limit in whole seconds. @throws WebhookError `configuration` */
function webhookUrl({ url, service }: WebhookTarget, timeoutMs: number): URL {
  const base = service
    ? `https://${service.name}.${service.namespace}.svc:${service.port ?? DEFAULT_PORT}/${(service.path ?? '').replace(/^\//, '')}`
    : (url ?? '');
  if (!URL.canParse(base))
    throw new WebhookError('configuration', `Unparsable webhook URL: parse ${JSON.stringify(base)}: invalid URI for request`);
  const made = new URL(base);
  made.searchParams.set('timeout', formatDuration(BigInt(timeoutMs) * 1_000_000n));
  return made;
}

/** The URL as messages show it: the usual port of a Service is said, which URLs leave out. */
function shownUrl(url: URL, { service }: WebhookTarget): string {
  if (!service || url.port !== '') return url.href;
  return url.href.replace(url.host, `${url.host}:${DEFAULT_PORT}`);
}

/** Who the caller is. */
interface Identity {
  /** PEM. */
  readonly pair: { readonly cert: string; readonly key: string } | undefined;
  readonly token: string | undefined;
}

function identityOf({ certificate: own, token }: WebhookTarget): Identity {
  const pem = (base64: string): string => Buffer.from(base64, 'base64').toString('latin1');
  return { pair: own && { cert: pem(own.certificate), key: pem(own.key) }, token };
}

/** The certificates to trust. @throws WebhookError `configuration` */
function trustOf({ caBundle }: WebhookTarget): readonly string[] | undefined {
  if (!caBundle) {
    const system = getCACertificates('system');
    return system.length > 0 ? system : undefined;
  }
  const pem = Buffer.from(caBundle, 'base64').toString('latin1');
  if (!pem.includes('-----BEGIN CERTIFICATE-----')) {
    throw new WebhookError('configuration', 'unable to load root certificates: unable to parse bytes as PEM block');
  }
  return [pem];
}
