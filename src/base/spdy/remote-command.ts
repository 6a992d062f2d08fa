// exec and attach for clients that speak WebSocket: one WebSocket is translated to one SPDY/3.1 connection.
//
//   const event = { request, socket, head };                                   // of node:http's 'upgrade'
//   if (isWebSocketRequest(request.headers)) await serveRemoteCommand(event, streams, (signal) => dialSpdy({ url, headers, tls, signal }), signal);
//   else await tunnelUpgrade(event, { url, headers, tls, signal });            // SPDY clients: raw bytes (spdy/tunnel.ts)
//
// The recipe: the runtime's own WebSocket server knows no end of stdin, its SPDY server does (FIN on the stdin stream).

import type { Duplex } from 'node:stream';
import { messageOf } from '../errors.ts';
import { acceptWebSocket, chooseProtocol, offeredProtocols, type UpgradeEvent, type WebSocket } from '../websocket.ts';
import {
  CHANNEL,
  type ChannelCodec,
  channelCodec,
  decodeChannelMessage,
  encodeChannelMessage,
  errorChannelPayload,
  REMOTE_COMMAND_PROTOCOLS,
} from './channel-codec.ts';
import type { SpdyConnection, SpdyStream } from './connection.ts';
import { UpgradeRefusedError } from './errors.ts';

/** Which streams the client asked for; with `tty` there is no stderr. */
export interface RemoteCommandStreams {
  readonly stdin: boolean;
  readonly stdout: boolean;
  readonly stderr: boolean;
  readonly tty: boolean;
}

/** Most bytes of the runtime's Status: what is beyond is no Status. */
const MAX_STATUS_BYTES = 64 * 1024;
/** WebSocket close codes (RFC 6455, 7.4.1). */
const NORMAL_CLOSURE = 1000;
const GOING_AWAY = 1001;

/**
 * Serves one exec or attach over a WebSocket, to its end: answers the upgrade, dials the SPDY server, translates. A failed dial is told to
 * the client as a Status on the error channel. Resolves when both connections are gone; an abort of `signal` ends them.
 */
export async function serveRemoteCommand(
  event: UpgradeEvent,
  streams: RemoteCommandStreams,
  dial: (signal: AbortSignal) => Promise<SpdyConnection>,
  signal: AbortSignal,
): Promise<void> {
  const protocol = chooseProtocol(offeredProtocols(event.request.headers), REMOTE_COMMAND_PROTOCOLS);
  if (protocol === undefined) {
    event.socket.end('HTTP/1.1 403 Forbidden\r\nConnection: close\r\nContent-Length: 0\r\n\r\n');
    return;
  }
  const webSocket = await acceptWebSocket(event, protocol);
  if (!webSocket) return;
  await new RemoteCommand(webSocket, channelCodec(protocol), streams).run(dial, signal);
}

/** One translated connection. */
class RemoteCommand {
  readonly #webSocket: WebSocket;
  readonly #codec: ChannelCodec;
  readonly #streams: RemoteCommandStreams;
  readonly #gone = new AbortController();

  constructor(webSocket: WebSocket, codec: ChannelCodec, streams: RemoteCommandStreams) {
    this.#webSocket = webSocket;
    this.#codec = codec;
    this.#streams = streams;
  }

  async run(dial: (signal: AbortSignal) => Promise<SpdyConnection>, signal: AbortSignal): Promise<void> {
    // Messages wait in the socket until there is a place for them.
    this.#webSocket.pause();
    this.#webSocket.once('close', () => this.#gone.abort());
    const both = AbortSignal.any([signal, this.#gone.signal]);
    try {
      const connection = await dial(both);
      await this.#translate(connection, both);
    } catch (error) {
      if (!both.aborted) await this.#sendStatus(Buffer.from(JSON.stringify(internalError(error))));
    }
    this.#webSocket.resume();
    this.#webSocket.close(signal.aborted ? GOING_AWAY : NORMAL_CLOSURE);
  }

  async #translate(connection: SpdyConnection, signal: AbortSignal): Promise<void> {
    const onAbort = (): void => connection.close();
    signal.addEventListener('abort', onAbort, { once: true });
    try {
      const status = await this.#exchange(connection);
      if (!signal.aborted) await this.#sendStatus(status);
    } finally {
      signal.removeEventListener('abort', onAbort);
      connection.close();
    }
  }

  /** Moves data until all output and the error stream have ended. @returns what the error stream said */
  async #exchange(connection: SpdyConnection): Promise<Buffer> {
    const { stdin, stdout, stderr, tty } = this.#streams;
    // Kubernetes' servers take the error stream first.
    const errorStream = connection.open({ streamtype: 'error' });
    errorStream.end();
    const inputs = new Map<number, SpdyStream>();
    if (stdin) inputs.set(CHANNEL.stdin, connection.open({ streamtype: 'stdin' }));
    const outputs: Promise<void>[] = [];
    if (stdout) outputs.push(this.#copyOut(connection.open({ streamtype: 'stdout' }), CHANNEL.stdout));
    if (stderr && !tty) outputs.push(this.#copyOut(connection.open({ streamtype: 'stderr' }), CHANNEL.stderr));
    if (tty) inputs.set(CHANNEL.resize, connection.open({ streamtype: 'resize' }));
    // An empty message tells the client that the connection stands.
    await this.#send(stdout ? CHANNEL.stdout : stderr ? CHANNEL.stderr : CHANNEL.error, Buffer.alloc(0));
    this.#copyIn(inputs);
    const [status] = await Promise.all([readAll(errorStream), ...outputs]);
    return status;
  }

  /** Messages of the client to the streams that take them; the WebSocket is not read while a stream is full. */
  #copyIn(inputs: ReadonlyMap<number, SpdyStream>): void {
    for (const stream of inputs.values()) {
      stream.resume();
      stream.on('drain', () => this.#webSocket.resume());
      stream.on('close', () => this.#webSocket.resume());
    }
    this.#webSocket.on('message', (data: Buffer | ArrayBuffer | Buffer[]) => {
      const message = decodeChannelMessage(this.#codec, bytesOf(data));
      const stream = message.type === 'invalid' ? undefined : inputs.get(message.channel);
      if (!stream?.writable) return;
      if (message.type === 'close') stream.end();
      else if (message.type === 'data' && message.payload.length > 0 && !stream.write(message.payload)) this.#webSocket.pause();
    });
    this.#webSocket.resume();
  }

  async #copyOut(stream: SpdyStream, channel: number): Promise<void> {
    stream.end();
    for await (const chunk of stream) await this.#send(channel, chunk);
  }

  async #sendStatus(statusJson: Buffer): Promise<void> {
    const payload = errorChannelPayload(this.#codec, statusJson);
    if (payload && payload.length > 0) await this.#send(CHANNEL.error, payload);
  }

  /** Resolves when the message is handed to the kernel, also when the client is gone. */
  #send(channel: number, payload: Buffer): Promise<void> {
    return new Promise((resolve) => {
      this.#webSocket.send(encodeChannelMessage(this.#codec, channel, payload), () => resolve());
    });
  }
}

async function readAll(stream: Duplex): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of stream) {
    size += chunk.length;
    if (size <= MAX_STATUS_BYTES) chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

function bytesOf(data: Buffer | ArrayBuffer | Buffer[]): Buffer {
  if (Array.isArray(data)) return Buffer.concat(data);
  return Buffer.isBuffer(data) ? data : Buffer.from(data);
}

/** The Status of a failed dial, as upstream words it: `unable to upgrade connection: <what the server said>`. */
function internalError(error: unknown): object {
  const refused = error instanceof UpgradeRefusedError;
  const why = refused ? `unable to upgrade connection: ${messageOf(error)}` : messageOf(error);
  return {
    metadata: {},
    status: 'Failure',
    message: `Internal error occurred: ${why}`,
    reason: 'InternalError',
    details: { causes: [{ message: why }] },
    code: 500,
  };
}
