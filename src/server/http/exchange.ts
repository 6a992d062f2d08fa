// One HTTP request and its answer, over HTTP/1.1 or HTTP/2 alike, with what the filters learn about it on the way.

import { randomUUID } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import type { Http2ServerRequest } from 'node:http2';
import type { TLSSocket } from 'node:tls';
import { StatusError } from '../../api/status-error.ts';
import type { UpgradeEvent } from '../../base/websocket.ts';
import type { UserInfo } from '../../client/api-backend.ts';
import type { AuditRecord } from '../audit/audit-record.ts';
import { ANONYMOUS } from '../auth/auth.ts';
import { parseRequestInfo, type RequestInfo } from './request-info.ts';

/** Largest body of a request, as upstream. */
const MAX_BODY_BYTES = 3 << 20;
/** Most warnings of one answer, and their bytes together. */
const MAX_WARNINGS = 64;
const MAX_WARNING_BYTES = 4 << 10;

/** An Audit-ID that a client may choose: a uuid, or something as short. */
const AUDIT_ID = /^[\w.:-]{1,64}$/;

/** Ends the work on every request when it is over: one for all, since an error made for each would take down its stack, too. */
const CLIENT_CLOSED = new StatusError(499, 'ClientClosedRequest', 'the client closed the request');

/** Certificates by connection: reading one costs a quarter of a millisecond, and a connection keeps its own. */
const peerCertificates = new WeakMap<object, Uint8Array | undefined>();

/** A request of either version of HTTP. */
export type HttpRequest = IncomingMessage | Http2ServerRequest;

/** What is used of an answer: HTTP/1.1's and HTTP/2's alike. */
export interface HttpResponse {
  statusCode: number;
  readonly headersSent: boolean;
  readonly writableEnded: boolean;
  /** Bytes that wait to be sent. */
  readonly writableLength: number;
  setHeader(name: string, value: string | number | string[]): unknown;
  /** Sends the head now. */
  flushHeaders(): void;
  /** False when the reader is slower: wait for `drain`. */
  /** `done` is called when the chunk has been handed on and may be used again. */
  write(chunk: Uint8Array, done?: () => void): boolean;
  end(chunk?: Uint8Array): unknown;
  /** Breaks the answer off. */
  destroy(): unknown;
  on(event: string, listener: () => void): unknown;
  once(event: string, listener: () => void): unknown;
  off(event: string, listener: () => void): unknown;
}

/** A request on its way through the filters. */
export class Exchange {
  readonly request: HttpRequest;
  readonly response: HttpResponse;
  readonly method: string;
  readonly path: string;
  readonly query: URLSearchParams;
  readonly info: RequestInfo;
  /** The bare connection of a request to switch protocols. Who takes it answers on it. */
  readonly upgrade: UpgradeEvent | undefined;
  /** Set by the authentication filter. */
  user: UserInfo = ANONYMOUS;
  /** The record in the audit log; undefined when the policy wants none. */
  audit: AuditRecord | undefined;
  #auditId: string | undefined;
  readonly #abort = new AbortController();
  readonly #warnings: string[] = [];
  #warningBytes = 0;
  #closers: (() => void)[] = [];
  #answerers: (() => void)[] = [];
  #closed = false;

  constructor(request: HttpRequest, response: HttpResponse, upgrade?: UpgradeEvent) {
    this.request = request;
    this.upgrade = upgrade;
    this.response = response;
    this.method = request.method ?? 'GET';
    const url = request.url ?? '/';
    const mark = url.indexOf('?');
    this.path = mark < 0 ? url : url.slice(0, mark);
    this.query = new URLSearchParams(mark < 0 ? '' : url.slice(mark + 1));
    this.info = parseRequestInfo(this.method, this.path, this.query);
    response.on('close', () => this.#close());
    response.on('error', () => this.#close());
  }

  /** Names this request in logs, here and on the servers it passes: what the client sent, or a new one. */
  get auditId(): string {
    this.#auditId ??= AUDIT_ID.exec(this.header('audit-id') ?? '')?.[0] ?? randomUUID();
    return this.#auditId;
  }

  /** Aborted when the client is gone or the answer is complete. */
  get signal(): AbortSignal {
    return this.#abort.signal;
  }

  /** Ends the work on this request with a reason; the caller answers. */
  abort(reason: unknown): void {
    this.#abort.abort(reason);
  }

  /** Calls `fn` once when the exchange is over, however it ends. */
  onClose(fn: () => void): void {
    if (this.#closed) fn();
    else this.#closers.push(fn);
  }

  /** Calls `fn` once when the head of the answer goes out, or the exchange is over without one. */
  onAnswer(fn: () => void): void {
    this.#answerers.push(fn);
    this.onClose(() => this.#answering());
  }

  #answering(): void {
    const answerers = this.#answerers;
    this.#answerers = [];
    for (const fn of answerers) fn();
  }

  #close(): void {
    if (this.#closed) return;
    this.#closed = true;
    const closers = this.#closers;
    this.#closers = [];
    for (const fn of closers) fn();
    this.#abort.abort(CLIENT_CLOSED);
  }

  /** A header's first value. */
  header(name: string): string | undefined {
    const value = this.request.headers[name];
    return Array.isArray(value) ? value[0] : value;
  }

  /** The TLS connection; of HTTP/2 a stand-in that each request has its own of. */
  get socket(): TLSSocket {
    // The listener serves TLS only.
    return this.request.socket as TLSSocket;
  }

  /** DER of the client's certificate, which the TLS layer did not verify; undefined when it has shown none. */
  get clientCertificate(): Uint8Array | undefined {
    const connection = ('stream' in this.request ? this.request.stream.session : undefined) ?? this.socket;
    if (!peerCertificates.has(connection)) peerCertificates.set(connection, this.socket.getPeerCertificate?.()?.raw);
    return peerCertificates.get(connection);
  }

  /** Adds a Warning header (RFC 7234) to the answer; the same text once. */
  readonly warn = (text: string): void => {
    if (this.#warnings.includes(text) || this.#warnings.length >= MAX_WARNINGS || this.#warningBytes + text.length > MAX_WARNING_BYTES)
      return;
    this.#warnings.push(text);
    this.#warningBytes += text.length;
  };

  /** Whether the exchange is over: nothing can be sent any more. */
  get closed(): boolean {
    return this.#closed;
  }

  /** Whether the head of the answer has been sent. */
  get answered(): boolean {
    return this.response.headersSent;
  }

  /** Sends the head of the answer. */
  begin(code: number, headers: Readonly<Record<string, string | number>>): void {
    const { response } = this;
    this.#answering();
    response.statusCode = code;
    response.setHeader('audit-id', this.auditId);
    response.setHeader('cache-control', 'no-cache, private');
    for (const [name, value] of Object.entries(headers)) response.setHeader(name, value);
    if (this.#warnings.length > 0) response.setHeader('warning', this.#warnings.map(warningValue));
    this.audit?.start(code);
  }

  /** Sends a whole answer. */
  send(code: number, headers: Readonly<Record<string, string | number>>, body: Uint8Array | string): void {
    const bytes = typeof body === 'string' ? Buffer.from(body) : body;
    this.begin(code, { ...headers, 'content-length': bytes.byteLength });
    const kept = this.audit?.finish(code);
    if (kept) void kept.then(() => this.#end(bytes));
    else this.#end(bytes);
  }

  #end(bytes: Uint8Array): void {
    if (this.#closed || this.response.writableEnded) return; // The deadline came while the answer waited for the audit log.
    if (this.method === 'HEAD') this.response.end();
    else this.response.end(bytes);
  }

  /** Reads the whole body. @throws StatusError RequestEntityTooLarge */
  async body(): Promise<Buffer> {
    if (Number(this.header('content-length') ?? 0) > MAX_BODY_BYTES) throw this.#tooLarge();
    const chunks: Buffer[] = [];
    let size = 0;
    for await (const chunk of this.request) {
      const bytes = chunk as Buffer; // no encoding is set on the request
      size += bytes.byteLength;
      if (size > MAX_BODY_BYTES) throw this.#tooLarge();
      chunks.push(bytes);
    }
    return chunks.length === 1 && chunks[0] ? chunks[0] : Buffer.concat(chunks);
  }

  #tooLarge(): StatusError {
    // What is left of the body is not worth reading: the connection of HTTP/1.1 ends with the answer.
    if (this.request.httpVersionMajor === 1) this.response.setHeader('connection', 'close');
    return new StatusError(413, 'RequestEntityTooLarge', `Request entity too large: limit is ${MAX_BODY_BYTES}`);
  }
}

function warningValue(text: string): string {
  const clean = text.replaceAll(/[^ -~]/g, ' ');
  return `299 - ${JSON.stringify(clean)}`;
}
