// The TLS port: HTTP/2 and HTTP/1.1 by ALPN on one socket. Client certificates are asked for and not judged here: the authenticator does.

import type { IncomingMessage } from 'node:http';
import { createSecureServer, type Http2SecureServer } from 'node:http2';
import type { AddressInfo, Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { KtsError } from '../../base/errors.ts';
import type { UpgradeEvent } from '../../base/websocket.ts';
import type { HttpRequest, HttpResponse } from './exchange.ts';

/** Streams of one HTTP/2 connection: kubectl and controllers hold one watch per resource over one connection. */
const MAX_STREAMS = 250;
/** Memory of one HTTP/2 connection before new streams are refused: several large lists and slow watches at once (Node allows 10 MB). */
const MAX_SESSION_MB = 128;
/** Header bytes of a request: room for long tokens and lists of groups. */
const MAX_HEADER_BYTES = 64 << 10;
/** An idle connection is closed after this; a kept one costs memory. */
const IDLE_MS = 180_000;
/** A client must send its headers within this time. */
const HEADERS_MS = 32_000;

/** Key material of the port. */
export interface TlsMaterial {
  /** PEM: the serving certificate and its chain. */
  readonly cert: string;
  /** PEM. */
  readonly key: string;
  /** PEM: the CAs whose client certificates are asked for. */
  readonly clientCa: string;
}

/** Where to listen. */
export interface ListenOptions {
  /** `0.0.0.0`, `::` or one address. */
  readonly host: string;
  /** 0 = any free port. */
  readonly port: number;
}

/** Who handles what comes in. */
export interface ListenerHandlers {
  request(request: HttpRequest, response: HttpResponse): void;
  /** A request over HTTP/1.1 to switch protocols. */
  upgrade(event: UpgradeEvent): void;
}

const secureOptions = (tls: TlsMaterial) => ({ cert: tls.cert, key: tls.key, ca: tls.clientCa, minVersion: 'TLSv1.2' as const });

/** The listening port. */
export class Listener {
  readonly #server: Http2SecureServer;
  readonly #sockets = new Set<Socket>();

  constructor(tls: TlsMaterial, handlers: ListenerHandlers) {
    this.#server = createSecureServer({
      ...secureOptions(tls),
      allowHTTP1: true,
      requestCert: true,
      rejectUnauthorized: false,
      maxHeaderSize: MAX_HEADER_BYTES,
      settings: { maxConcurrentStreams: MAX_STREAMS, maxHeaderListSize: MAX_HEADER_BYTES, initialWindowSize: 1 << 20 },
      maxSessionMemory: MAX_SESSION_MB,
      headersTimeout: HEADERS_MS,
      keepAliveTimeout: IDLE_MS,
    } as Parameters<typeof createSecureServer>[0]);
    // Both answers have the members of HttpResponse; their listener overloads differ.
    this.#server.on('request', (request, response) => handlers.request(request, response as unknown as HttpResponse));
    this.#server.on('upgrade', (request: IncomingMessage, socket: Duplex, head: Buffer) => handlers.upgrade({ request, socket, head }));
    this.#server.on('session', (session) => {
      session.setTimeout(IDLE_MS, () => session.close());
      session.on('error', ignoreBrokenConnection);
    });
    this.#server.on('sessionError', ignoreBrokenConnection);
    this.#server.on('secureConnection', (socket) => this.#track(socket));
    this.#server.on('tlsClientError', ignoreBrokenConnection);
    this.#server.on('clientError', (_error: Error, socket: Duplex) => socket.destroy());
  }

  #track(socket: Socket): void {
    this.#sockets.add(socket);
    socket.on('error', ignoreBrokenConnection);
    socket.on('close', () => this.#sockets.delete(socket));
  }

  /** Resolves to the port when listening. @throws KtsError `port-in-use`, `listen-failed` */
  listen(options: ListenOptions): Promise<number> {
    return new Promise((resolve, reject) => {
      const onError = (error: NodeJS.ErrnoException): void => {
        const where = `${options.host}:${options.port}`;
        const taken = error.code === 'EADDRINUSE';
        reject(
          new KtsError(
            taken ? 'port-in-use' : 'listen-failed',
            taken ? `cannot listen on ${where}: another program uses the port` : `cannot listen on ${where}: ${error.message}`,
            { cause: error },
          ),
        );
      };
      this.#server.once('error', onError);
      this.#server.listen(options.port, options.host, () => {
        this.#server.off('error', onError);
        const { port } = this.#server.address() as AddressInfo; // a TCP server has an address of this form
        resolve(port);
      });
    });
  }

  /** New connections use this certificate; open ones go on. */
  setTls(tls: TlsMaterial): void {
    this.#server.setSecureContext(secureOptions(tls));
  }

  /** Accepts no more connections. Resolves when the last one has ended; at once when it never listened. */
  stopListening(): Promise<void> {
    if (!this.#server.listening) return Promise.resolve();
    return new Promise((resolve) => this.#server.close(() => resolve()));
  }

  /** Ends all connections. */
  endConnections(): void {
    for (const socket of this.#sockets) socket.destroy();
  }
}

function ignoreBrokenConnection(): void {
  // Clients come and go, and scanners speak anything: nothing to do and nothing worth a line.
}
