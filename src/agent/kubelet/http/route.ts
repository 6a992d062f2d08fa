// What the handlers of the kubelet's server share: the request as they see it, plain answers, and the failure with a status.

import type { IncomingMessage, ServerResponse } from 'node:http';
import { KtsError } from '../../../base/errors.ts';

/** A failure that is answered with a status and a line of text, as the kubelet's API does. */
export class RouteError extends KtsError<'kubelet-request'> {
  readonly status: number;

  constructor(status: number, message: string, cause?: unknown) {
    super('kubelet-request', message, { cause, fields: { status } });
    this.status = status;
  }
}

/** A request that was authorized. */
export interface RouteRequest {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  /** Path segments after the route's prefix, decoded. */
  readonly segments: readonly string[];
  readonly query: URLSearchParams;
  /** Aborted when the client goes away or the server stops. */
  readonly signal: AbortSignal;
}

/** Answers a request. @throws RouteError */
export type RouteHandler = (route: RouteRequest) => Promise<void>;

/** Answers with text. */
export function sendText(response: ServerResponse, text: string, contentType = 'text/plain; charset=utf-8'): void {
  response.writeHead(200, { 'content-type': contentType, 'content-length': Buffer.byteLength(text) }).end(text);
}

/** Answers with JSON. */
export function sendJson(response: ServerResponse, value: unknown): void {
  sendText(response, JSON.stringify(value), 'application/json');
}

/** Writes a piece of a body; resolves when there is room for more or the client is gone. */
export async function writeBody(response: ServerResponse, bytes: Buffer): Promise<void> {
  if (response.destroyed || response.write(bytes)) return;
  await new Promise<void>((resolve) => {
    const done = (): void => {
      response.off('drain', done).off('close', done);
      resolve();
    };
    response.on('drain', done).on('close', done);
  });
}
