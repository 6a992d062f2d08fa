// The answer to an upgrade request that is not upgraded: HTTP/1.1 written to the bare socket, which node:http has let go of.

import { STATUS_CODES } from 'node:http';
import type { Duplex } from 'node:stream';
import type { HttpResponse } from './exchange.ts';

/** Writes one answer and ends the connection. Its `close` is that of the socket. */
export class UpgradeResponse implements HttpResponse {
  statusCode = 200;
  #headersSent = false;
  readonly #socket: Duplex;
  readonly #headers = new Map<string, string | number | string[]>([['connection', 'close']]);

  constructor(socket: Duplex) {
    this.#socket = socket;
  }

  get headersSent(): boolean {
    return this.#headersSent;
  }

  get writableEnded(): boolean {
    return this.#socket.writableEnded;
  }

  get writableLength(): number {
    return this.#socket.writableLength;
  }

  setHeader(name: string, value: string | number | string[]): void {
    this.#headers.set(name, value);
  }

  flushHeaders(): void {
    if (this.#headersSent) return;
    this.#headersSent = true;
    const lines = [...this.#headers].flatMap(([name, value]) => [value].flat().map((text) => `${name}: ${text}\r\n`));
    this.#socket.write(`HTTP/1.1 ${this.statusCode} ${STATUS_CODES[this.statusCode] ?? 'Unknown'}\r\n${lines.join('')}\r\n`);
  }

  write(chunk: Uint8Array, done?: () => void): boolean {
    this.flushHeaders();
    return this.#socket.write(chunk, done);
  }

  end(chunk?: Uint8Array): void {
    this.flushHeaders();
    if (chunk) this.#socket.end(chunk);
    else this.#socket.end();
  }

  destroy(): void {
    this.#socket.destroy();
  }

  on(event: string, listener: () => void): void {
    this.#socket.on(event, listener);
  }

  once(event: string, listener: () => void): void {
    this.#socket.once(event, listener);
  }

  off(event: string, listener: () => void): void {
    this.#socket.off(event, listener);
  }
}
