// The fake API behind HTTP/2 and TLS, as an API server would answer: for tests of the HTTP client.

import { createSecureServer, type Http2SecureServer, type ServerHttp2Session, type ServerHttp2Stream } from 'node:http2';
import type { AddressInfo } from 'node:net';
import type { TLSSocket } from 'node:tls';
import { StatusError } from '../../src/api/status-error.ts';
import type { ApiBackend, ApiCall, RequestOptions, Verb } from '../../src/client/api-backend.ts';
import { SERVER_CERT, SERVER_KEY, TEST_CA } from './test-certificates.ts';

type Json = Record<string, unknown>;

/** What the server saw of a request. */
export interface SeenRequest {
  readonly authorization: string | undefined;
  readonly clientCertificate: string | undefined;
  readonly contentType: string | undefined;
}

/** A running server on loopback. */
export class FakeApiServer {
  readonly seen: SeenRequest[] = [];
  readonly sessions = new Set<ServerHttp2Session>();
  /** When set, answers instead of the backend: status code and text. */
  override: { code: number; text: string } | undefined;
  readonly #backend: ApiBackend;
  readonly #server: Http2SecureServer;

  constructor(backend: ApiBackend) {
    this.#backend = backend;
    this.#server = createSecureServer({ cert: SERVER_CERT, key: SERVER_KEY, ca: TEST_CA, requestCert: true, rejectUnauthorized: false });
    this.#server.on('session', (session) => {
      this.sessions.add(session);
      session.once('close', () => this.sessions.delete(session));
    });
    this.#server.on('stream', (stream, headers) => {
      stream.on('error', () => {});
      const text = (name: string): string | undefined => (typeof headers[name] === 'string' ? headers[name] : undefined);
      const socket = stream.session?.socket as TLSSocket | undefined;
      const subject = socket?.authorized ? socket.getPeerCertificate().subject : undefined;
      const clientCertificate = subject ? String(subject.CN) : undefined;
      this.seen.push({ authorization: text('authorization'), clientCertificate, contentType: text('content-type') });
      this.#answer(stream, { method: text(':method') ?? '', path: text(':path') ?? '', contentType: text('content-type') ?? '' }).catch(
        (error: unknown) => sendError(stream, error),
      );
    });
  }

  async listen(): Promise<string> {
    await new Promise<void>((resolve) => this.#server.listen(0, '127.0.0.1', resolve));
    return `https://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  async close(): Promise<void> {
    for (const session of this.sessions) session.destroy();
    await new Promise<void>((resolve) => this.#server.close(() => resolve()));
  }

  async #answer(stream: ServerHttp2Stream, request: { method: string; path: string; contentType: string }): Promise<void> {
    if (this.override) {
      stream.respond({ ':status': this.override.code, 'content-type': 'text/plain' });
      stream.end(this.override.text);
      return;
    }
    const body = await bodyOf(stream);
    const call = callOf(request, body);
    if (call.verb === 'watch') return await this.#watch(stream, call);
    const result = await this.#backend.call(call);
    // As upstream: the items of a list do not say what they are.
    const items = (result as unknown as { items?: Json[] }).items?.map(({ kind: _, apiVersion: __, ...item }) => item);
    stream.respond({ ':status': call.verb === 'create' ? 201 : 200, 'content-type': 'application/json' });
    stream.end(JSON.stringify(items ? { ...result, items } : result));
  }

  async #watch(stream: ServerHttp2Stream, call: ApiCall): Promise<void> {
    const stop = new AbortController();
    stream.once('close', () => stop.abort());
    try {
      for await (const event of this.#backend.watch({ ...call, signal: stop.signal })) {
        if (!stream.headersSent) stream.respond({ ':status': 200, 'content-type': 'application/json' });
        stream.write(`${JSON.stringify(event)}\n`);
      }
      stream.end();
    } catch (error) {
      if (!stream.headersSent || !(error instanceof StatusError)) throw error;
      stream.end(`${JSON.stringify({ type: 'ERROR', object: error.status })}\n`);
    }
  }
}

function sendError(stream: ServerHttp2Stream, error: unknown): void {
  if (stream.destroyed || stream.headersSent) return;
  const status =
    error instanceof StatusError ? error.status : { kind: 'Status', code: 500, reason: 'InternalError', message: String(error) };
  stream.respond({ ':status': status.code, 'content-type': 'application/json' });
  stream.end(JSON.stringify(status));
}

async function bodyOf(stream: ServerHttp2Stream): Promise<string> {
  let text = '';
  for await (const chunk of stream) text += chunk;
  return text;
}

/** The call a path stands for. */
function callOf({ method, path, contentType }: { method: string; path: string; contentType: string }, body: string): ApiCall {
  const url = new URL(path, 'https://host');
  const parts = url.pathname.split('/').slice(1).map(decodeURIComponent);
  const group = parts.shift() === 'apis' ? (parts.shift() ?? '') : '';
  const version = parts.shift() ?? '';
  const namespaced = parts[0] === 'namespaces' && parts.length > 2;
  const namespace = namespaced ? (parts[1] ?? '') : '';
  const [resource = '', name = '', subresource = ''] = namespaced ? parts.slice(2) : parts;
  const query = Object.fromEntries(url.searchParams);
  const verb = verbOf(method, { name, watching: query['watch'] === 'true' });
  const options: RequestOptions = {
    ...query,
    ...(query['limit'] && { limit: Number(query['limit']) }),
    ...(query['dryRun'] && { dryRun: [query['dryRun']] }),
    sendInitialEvents: query['sendInitialEvents'] === 'true',
  } as RequestOptions;
  const user = { name: 'test', groups: [] };
  const call = { verb, resource: { group, version, resource }, namespace, name, subresource, user, options };
  return {
    ...call,
    ...(body !== '' && { body: JSON.parse(body) }),
    ...(verb === 'patch' && { patchType: contentType as NonNullable<ApiCall['patchType']> }),
  };
}

function verbOf(method: string, { name, watching }: { name: string; watching: boolean }): Verb {
  if (method === 'GET') return watching ? 'watch' : name === '' ? 'list' : 'get';
  if (method === 'DELETE') return name === '' ? 'deletecollection' : 'delete';
  return method === 'POST' ? 'create' : method === 'PUT' ? 'update' : 'patch';
}
