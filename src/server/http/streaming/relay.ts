// Sends a plain HTTP request on to another server and its answer back, streaming both ways.

import type { IncomingMessage, OutgoingHttpHeaders } from 'node:http';
import { pipeline } from 'node:stream/promises';
import { StatusError, serviceUnavailable } from '../../../api/status-error.ts';
import { messageOf } from '../../../base/errors.ts';
import type { UpgradeTls } from '../../../base/spdy/upgrade.ts';
import type { Exchange } from '../exchange.ts';

/** A request to another server. */
export interface RelayRequest {
  readonly url: string;
  readonly method: string;
  readonly headers: OutgoingHttpHeaders;
  readonly tls?: UpgradeTls;
  /** Send the client's body along. */
  readonly body: 'none' | 'client';
}

/** Sends the request; resolves to the answer's head. @throws StatusError ServiceUnavailable */
export async function openRelay(exchange: Exchange, request: RelayRequest): Promise<IncomingMessage> {
  const { request: send } = request.url.startsWith('https:') ? await import('node:https') : await import('node:http');
  const { ca, ...tls } = request.tls ?? {};
  const { promise, resolve, reject } = Promise.withResolvers<IncomingMessage>();
  const sent = send(request.url, {
    agent: false,
    method: request.method,
    headers: request.headers,
    signal: exchange.signal,
    ...tls,
    ...(ca && { ca: [ca].flat() }),
  });
  sent.on('response', resolve);
  sent.on('error', (error) =>
    reject(exchange.signal.aborted ? exchange.signal.reason : serviceUnavailable(`error trying to reach service: ${messageOf(error)}`)),
  );
  if (request.body === 'client') pipeline(exchange.request, sent).catch(reject);
  else sent.end();
  return await promise;
}

/** Most bytes of a failure's text that are shown. */
const MAX_TEXT = 8 << 10;

/** Reads the text of a short answer. */
export async function readText(answer: IncomingMessage): Promise<string> {
  let text = '';
  for await (const chunk of answer.setEncoding('utf8')) {
    text += chunk;
    if (text.length >= MAX_TEXT) break;
  }
  return text.slice(0, MAX_TEXT).trim();
}

/** Headers about one connection, or that HTTP/2 forbids. */
const HOP_HEADERS: ReadonlySet<string> = new Set([
  'connection',
  'keep-alive',
  'proxy-connection',
  'transfer-encoding',
  'upgrade',
  'te',
  'trailer',
  'http2-settings',
]);

/** Headers that go on to the next server. */
export function endToEnd(headers: IncomingMessage['headers']): OutgoingHttpHeaders {
  return Object.fromEntries(Object.entries(headers).filter(([name]) => !name.startsWith(':') && !HOP_HEADERS.has(name)));
}

/** What is used of an answer: its code, and its body as it comes. */
export interface RelayedAnswer extends AsyncIterable<unknown> {
  readonly statusCode?: number | undefined;
  destroy(): unknown;
}

/** Sends an answer back as it comes. */
export async function sendBack(exchange: Exchange, answer: RelayedAnswer, headers: OutgoingHttpHeaders): Promise<void> {
  const { response } = exchange;
  response.statusCode = answer.statusCode ?? 502;
  for (const [name, value] of Object.entries(headers)) if (value !== undefined) response.setHeader(name, value);
  response.setHeader('audit-id', exchange.auditId);
  exchange.audit?.start(response.statusCode);
  response.flushHeaders();
  try {
    for await (const chunk of answer) {
      if (exchange.closed) break;
      // No encoding is set on an answer: chunks are buffers.
      if (!response.write(chunk as Buffer))
        await new Promise<void>((resolve) => {
          response.once('drain', resolve);
          exchange.onClose(resolve);
        });
    }
    response.end();
  } catch (error) {
    if (exchange.closed) return;
    throw error instanceof StatusError ? error : serviceUnavailable(`error reading from the other server: ${messageOf(error)}`);
  } finally {
    answer.destroy();
  }
}
