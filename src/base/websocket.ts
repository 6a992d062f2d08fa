// WebSockets as a server (RFC 6455): the only file that names `ws`. Choice of the subprotocol as Kubernetes' servers make it.

import type { IncomingMessage } from 'node:http';
import { type Duplex, finished } from 'node:stream';
import type { WebSocket } from 'ws';

export type { WebSocket } from 'ws';

/** Most bytes of one message from a client; kubectl sends 32 KiB, a browser may send more. */
const MAX_MESSAGE_BYTES = 1 << 20;

/** The subprotocols of a request's `Sec-WebSocket-Protocol`, in the client's order. */
export function offeredProtocols(headers: IncomingMessage['headers']): readonly string[] {
  const text = headers['sec-websocket-protocol'] ?? '';
  return text
    .split(',')
    .map((name) => name.trim())
    .filter((name) => name !== '');
}

/** The client's first choice that the server has. A client that offers nothing gets `''` if the server has that. */
export function chooseProtocol(offered: readonly string[], supported: readonly string[]): string | undefined {
  if (offered.length === 0) return supported.includes('') ? '' : undefined;
  return offered.find((name) => supported.includes(name));
}

/** Whether a request asks for a WebSocket. */
export function isWebSocketRequest(headers: IncomingMessage['headers']): boolean {
  return (headers.upgrade ?? '').toLowerCase() === 'websocket';
}

/** An upgrade request as node:http's `upgrade` event gives it. */
export interface UpgradeEvent {
  readonly request: IncomingMessage;
  readonly socket: Duplex;
  readonly head: Buffer;
}

/**
 * Answers an upgrade request with 101 and the subprotocol.
 * @param protocol what to answer; any text: `ws` refuses names with a slash (`SPDY/3.1+portforward.k8s.io`), so it is kept from it.
 * @returns undefined when the handshake failed; the client then has its answer and the socket is closed.
 */
export async function acceptWebSocket(event: UpgradeEvent, protocol: string): Promise<WebSocket | undefined> {
  const { WebSocketServer } = await import('ws');
  const server = new WebSocketServer({ noServer: true, clientTracking: false, perMessageDeflate: false, maxPayload: MAX_MESSAGE_BYTES });
  if (protocol !== '') server.on('headers', (headers) => headers.push(`Sec-WebSocket-Protocol: ${protocol}`));
  // Deleting changes the request for `ws` only: the protocol is chosen already.
  delete event.request.headers['sec-websocket-protocol'];
  const { promise, resolve } = Promise.withResolvers<WebSocket | undefined>();
  const stop = finished(event.socket, () => resolve(undefined));
  server.handleUpgrade(event.request, event.socket, event.head, resolve);
  const webSocket = await promise;
  stop();
  webSocket?.on('error', () => {
    // A broken message or connection: 'close' follows, and that is what users of the socket look at.
  });
  return webSocket;
}

/** The WebSocket as a stream of bytes: message bounds are lost, each write is one binary message. */
export async function webSocketBytes(webSocket: WebSocket): Promise<Duplex> {
  const { createWebSocketStream } = await import('ws');
  return createWebSocketStream(webSocket);
}
