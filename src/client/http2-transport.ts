// Requests to one API server over HTTP/2: many streams on few TLS connections, which are made when needed, given up when the
// peer no longer answers pings, and replaced when credentials change. Faults come out as ServiceUnavailable.

import { type ClientHttp2Session, type ClientHttp2Stream, connect, constants, type IncomingHttpHeaders } from 'node:http2';
import { connect as connectPlain, isIP, type Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';
import { type StatusError, serviceUnavailable } from '../api/status-error.ts';
import type { Clock, Timer } from '../base/clock.ts';
import { messageOf } from '../base/errors.ts';

/** Time for TCP and TLS to come up. */
const CONNECT_TIMEOUT_MS = 10_000;
/** A silent connection is pinged this often … */
const PING_INTERVAL_MS = 15_000;
/** … and given up without an answer after this: a dead peer is noticed within 30 s. */
const PING_TIMEOUT_MS = 15_000;
/** Streams on a connection before another is opened; below the 250 that API servers allow. */
const STREAMS_PER_SESSION = 100;
/** Connections to one server: room for 1600 watches of one node; further streams wait in the last connections' queues. */
const MAX_SESSIONS = 16;
/** Receive window of a stream: lists of some hundred kilobytes arrive without waiting for window updates. */
const STREAM_WINDOW_BYTES = 1 << 20;
/** Receive window of a connection: some slow readers must not hold up the other streams. */
const SESSION_WINDOW_BYTES = 16 << 20;

/** PEM texts. Without `ca` the machine's authorities are trusted; with it only that. */
export interface TlsMaterial {
  readonly ca?: string;
  readonly cert?: string;
  readonly key?: string;
}

/** Options of a transport. */
export interface TransportOptions {
  /** `https://host:port` (`http://` is HTTP/2 without TLS, for tests). */
  readonly server: string;
  /** Asked at each new connection, so that renewed certificates are used. */
  readonly tls?: () => TlsMaterial;
}

/** One request. */
export interface TransportRequest {
  readonly method: string;
  /** Path with query. */
  readonly path: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
  readonly signal?: AbortSignal | undefined;
}

/** An answer whose body is read by iterating `body`, once. */
export interface TransportResponse {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: AsyncIterable<Buffer>;
}

/** A connection and its keep-alive. */
interface Connection {
  readonly session: ClientHttp2Session;
  /** Ends the session for certain: destroying a session that is closing would wait for the peer. */
  readonly socket: Socket;
  streams: number;
  /** No new requests: credentials changed or the server said goodbye. */
  retired: boolean;
  timer: Timer;
}

/** Many requests to one server. `close` ends all. */
export class Http2Transport {
  readonly #options: TransportOptions;
  readonly #clock: Pick<Clock, 'after'>;
  readonly #connections = new Set<Connection>();
  #closed = false;

  constructor(options: TransportOptions, deps: { readonly clock: Pick<Clock, 'after'> }) {
    this.#options = options;
    this.#clock = deps.clock;
  }

  /**
   * Sends and resolves when the headers of the answer are here.
   * @throws StatusError ServiceUnavailable when there is no answer; the signal's reason when aborted (also while the body is read).
   */
  async request(request: TransportRequest): Promise<TransportResponse> {
    const { signal } = request;
    signal?.throwIfAborted();
    const stream = this.#open(request);
    const onAbort = (): void => stream.close(constants.NGHTTP2_CANCEL);
    signal?.addEventListener('abort', onAbort, { once: true });
    stream.once('close', () => signal?.removeEventListener('abort', onAbort));
    try {
      const headers = await responseOf(stream);
      return { status: Number(headers[':status']), headers, body: this.#bodyOf(stream, signal) };
    } catch (error) {
      signal?.throwIfAborted();
      throw this.#unavailable(error);
    }
  }

  /** Lets running requests finish and makes new connections for later ones: after a change of credentials. */
  renew(): void {
    for (const connection of this.#connections) retire(connection);
  }

  /** Ends all connections and running requests. */
  async close(): Promise<void> {
    this.#closed = true;
    const ends = [...this.#connections].map(({ session, socket }) => {
      const end = new Promise<void>((resolve) => session.once('close', () => resolve()));
      session.destroy();
      socket.destroy();
      return end;
    });
    await Promise.all(ends);
  }

  #open(request: TransportRequest): ClientHttp2Stream {
    if (this.#closed) throw serviceUnavailable('the client is closed');
    const connection = this.#connection();
    try {
      const headers = { ':method': request.method, ':path': request.path, ...request.headers };
      const stream = connection.session.request(headers, { endStream: request.body === undefined });
      // Faults are seen by who awaits the answer or reads the body; without a listener a late one would end the process.
      stream.on('error', () => {});
      connection.streams++;
      stream.once('close', () => {
        connection.streams--;
        if (connection.retired && connection.streams === 0) connection.socket.destroy();
      });
      if (request.body !== undefined) stream.end(request.body);
      return stream;
    } catch (error) {
      throw this.#unavailable(error);
    }
  }

  async *#bodyOf(stream: ClientHttp2Stream, signal: AbortSignal | undefined): AsyncIterable<Buffer> {
    try {
      for await (const chunk of stream) yield chunk;
    } catch (error) {
      signal?.throwIfAborted();
      throw this.#unavailable(error);
    }
    signal?.throwIfAborted();
    if (stream.rstCode !== constants.NGHTTP2_NO_ERROR) throw this.#unavailable(new RangeError(`stream reset (${stream.rstCode})`));
  }

  #unavailable(cause: unknown): StatusError {
    const error = serviceUnavailable(`${this.#options.server}: ${messageOf(cause)}`);
    error.cause = cause;
    return error;
  }

  /** The least busy connection, or a new one when all are full. */
  #connection(): Connection {
    const open = [...this.#connections].filter((c) => !c.retired && !c.session.closed && !c.session.destroyed);
    const best = open.reduce<Connection | undefined>((a, b) => (a && a.streams <= b.streams ? a : b), undefined);
    if (best && (best.streams < STREAMS_PER_SESSION || open.length >= MAX_SESSIONS)) return best;
    return this.#connect();
  }

  #connect(): Connection {
    const settings = { enablePush: false, initialWindowSize: STREAM_WINDOW_BYTES };
    const socket = openSocket(this.#options);
    const session = connect(this.#options.server, { createConnection: () => socket, settings });
    const timer = this.#clock.after(CONNECT_TIMEOUT_MS, () => socket.destroy(new RangeError('connection timed out')));
    const connection: Connection = { session, socket, streams: 0, retired: false, timer };
    this.#connections.add(connection);
    session.once('connect', () => {
      connection.timer.cancel();
      session.setLocalWindowSize(SESSION_WINDOW_BYTES);
      this.#keepAlive(connection);
    });
    session.once('goaway', () => retire(connection));
    // The streams of the session fail with the same error; here it is only kept from ending the process.
    session.on('error', () => {});
    session.once('close', () => {
      connection.timer.cancel();
      this.#connections.delete(connection);
    });
    return connection;
  }

  #keepAlive(connection: Connection): void {
    const { session, socket } = connection;
    connection.timer = this.#clock.after(PING_INTERVAL_MS, () => {
      if (session.closed || session.destroyed) return;
      connection.timer = this.#clock.after(PING_TIMEOUT_MS, () => socket.destroy(new RangeError('connection lost: no answer to ping')));
      session.ping((error) => {
        connection.timer.cancel();
        if (!error) this.#keepAlive(connection);
      });
    });
  }
}

function openSocket({ server, tls }: TransportOptions): Socket {
  const url = new URL(server);
  const host = url.hostname.replace(/^\[|\]$/g, '');
  const secure = url.protocol === 'https:';
  const target = { host, port: Number(url.port || (secure ? 443 : 80)), noDelay: true };
  if (!secure) return connectPlain(target);
  // A server name must not be an address; certificates for addresses are checked by `host`.
  return connectTls({ ...target, ...tls?.(), ALPNProtocols: ['h2'], ...(isIP(host) === 0 && { servername: host }) });
}

function retire(connection: Connection): void {
  connection.retired = true;
  if (connection.streams === 0) connection.socket.destroy();
}

/** The headers of the answer; rejects when the stream ends without. */
function responseOf(stream: ClientHttp2Stream): Promise<IncomingHttpHeaders> {
  return new Promise((resolve, reject) => {
    stream.once('response', (headers) => resolve(headers));
    stream.once('error', reject);
    stream.once('close', () => reject(new RangeError('connection closed before an answer')));
  });
}
