// A bare HTTP/2 client of a test server: requests and answers as bytes, as administrator.

import { type ClientHttp2Session, connect } from 'node:http2';
import type { TestServer } from './api-server.ts';

/** An answer. */
export interface PeerAnswer {
  readonly code: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly bytes: Buffer;
  /** The body as JSON: tests look at members. */
  readonly json: { [key: string]: unknown; kind?: string; message?: string; metadata?: Record<string, unknown> };
}

/** A request; the body is sent as JSON unless it is bytes. */
export interface PeerRequest {
  readonly method?: string;
  readonly body?: unknown;
  readonly headers?: Record<string, string>;
}

/** The client. `close` ends its connection. */
export class ApiPeer {
  readonly #session: ClientHttp2Session;

  constructor(server: TestServer) {
    this.#session = connect(server.url, { ca: server.ca });
  }

  close(): void {
    this.#session.destroy();
  }

  /** Sends a request and reads the whole answer. */
  ask(path: string, { method, body, headers }: PeerRequest = {}): Promise<PeerAnswer> {
    const bytes = body === undefined ? undefined : Buffer.isBuffer(body) ? body : Buffer.from(JSON.stringify(body));
    const { promise, resolve, reject } = Promise.withResolvers<PeerAnswer>();
    const stream = this.#session.request(
      {
        ':path': path,
        ':method': method ?? (bytes ? 'POST' : 'GET'),
        authorization: 'Bearer admin',
        ...(bytes && { 'content-type': 'application/json' }),
        ...headers,
      },
      { endStream: false },
    );
    const chunks: Buffer[] = [];
    let head: PeerAnswer['headers'] = {};
    stream.on('response', (received) => {
      head = received as PeerAnswer['headers'];
    });
    stream.on('data', (chunk: Buffer) => chunks.push(chunk));
    stream.on('error', reject);
    stream.on('end', () => {
      const whole = Buffer.concat(chunks);
      resolve({ code: Number(head[':status']), headers: head, bytes: whole, json: jsonOf(whole) });
    });
    stream.end(bytes);
    return promise;
  }

  /** Reads a stream until `done` says that it is enough, or until it ends. */
  stream(path: string, done: (bytes: Buffer) => boolean, headers: Record<string, string> = {}): Promise<Buffer> {
    const { promise, resolve, reject } = Promise.withResolvers<Buffer>();
    const stream = this.#session.request({ ':path': path, authorization: 'Bearer admin', ...headers });
    const chunks: Buffer[] = [];
    stream.on('data', (chunk: Buffer) => {
      chunks.push(chunk);
      if (done(Buffer.concat(chunks))) stream.close();
    });
    stream.on('error', reject);
    stream.on('close', () => resolve(Buffer.concat(chunks)));
    return promise;
  }

  /** A stream that is not read until `readOn`, which resolves to all that comes when the server has ended it. */
  unread(path: string): { readOn(): Promise<Buffer> } {
    const stream = this.#session.request({ ':path': path, authorization: 'Bearer admin' });
    const chunks: Buffer[] = [];
    const { promise, resolve } = Promise.withResolvers<Buffer>();
    stream.on('error', () => {}); // It may be broken off.
    stream.on('close', () => resolve(Buffer.concat(chunks)));
    return {
      readOn: () => {
        stream.on('data', (chunk: Buffer) => chunks.push(chunk));
        return promise;
      },
    };
  }
}

function jsonOf(bytes: Buffer): PeerAnswer['json'] {
  try {
    return JSON.parse(bytes.toString('utf8'));
  } catch {
    return {}; // Another format: the test reads the bytes.
  }
}
