// The DNS sockets: UDP and TCP on one address, each message handed to the same function. TCP framing: RFC 1035 section 4.2.2, RFC 7766.

import { createSocket, type Socket as UdpSocket } from 'node:dgram';
import { createServer, type Server, type Socket } from 'node:net';

/** Answers one message; `undefined` = no answer is sent. Must not reject. */
export type MessageHandler = (message: Uint8Array, transport: 'udp' | 'tcp') => Promise<Uint8Array | undefined>;

/** Most TCP clients at a time. */
const CONNECTIONS_MAX = 200;
/** A TCP client that asks nothing for so long is cut. */
const IDLE_MS = 10_000;
/** Most UDP questions under way: what is beyond is dropped, as a full socket buffer would; clients ask again. */
const PENDING_MAX = 1000;

/** Both sockets. */
export class DnsListener {
  readonly #options: { readonly address: string; readonly port: number };
  readonly #handler: MessageHandler;
  readonly #clients = new Set<Socket>();
  #udp: UdpSocket | undefined;
  #tcp: Server | undefined;
  #pending = 0;

  /** Port 0 takes any free one. */
  constructor(options: { readonly address: string; readonly port: number }, handler: MessageHandler) {
    this.#options = options;
    this.#handler = handler;
  }

  /** The port that is listened on. */
  get port(): number {
    return this.#udp?.address().port ?? this.#options.port;
  }

  /** @throws the socket's error, e.g. `EADDRINUSE`. */
  async start(): Promise<void> {
    const { address, port } = this.#options;
    const udp = createSocket('udp4');
    await new Promise<void>((resolve, reject) => {
      udp.once('error', reject);
      udp.bind(port, address, () => resolve());
    });
    udp.removeAllListeners('error').on('error', () => {}); // A client that is gone; nothing to answer any more.
    udp.on('message', (message, from) => this.#onDatagram(message, from));
    this.#udp = udp;
    this.#tcp = createServer((socket) => this.#onConnection(socket));
    this.#tcp.maxConnections = CONNECTIONS_MAX;
    await new Promise<void>((resolve, reject) => {
      this.#tcp?.once('error', reject);
      this.#tcp?.listen(this.port, address, () => resolve());
    });
  }

  async stop(): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    for (const client of this.#clients) client.destroy();
    this.#udp?.close();
    this.#udp = undefined;
    if (this.#tcp?.listening) this.#tcp.close(() => resolve());
    else resolve();
    await promise;
  }

  #onDatagram(message: Buffer, from: { port: number; address: string }): void {
    if (this.#pending >= PENDING_MAX) return;
    this.#pending += 1;
    this.#handler(message, 'udp').then((reply) => {
      this.#pending -= 1;
      if (reply) this.#udp?.send(reply, from.port, from.address);
    });
  }

  #onConnection(socket: Socket): void {
    let received = Buffer.alloc(0);
    this.#clients.add(socket);
    socket.setTimeout(IDLE_MS, () => socket.destroy());
    socket.on('close', () => this.#clients.delete(socket));
    socket.on('error', () => {}); // 'close' follows.
    socket.on('data', (chunk: Buffer) => {
      received = Buffer.concat([received, chunk]);
      // One question at a time: what comes meanwhile waits in the socket.
      socket.pause();
      this.#answerAll(socket, received).then((rest) => {
        received = Buffer.from(rest);
        socket.resume();
      });
    });
  }

  /** Answers the whole messages in `bytes`; resolves to what is left of the last, at most 64 KiB. */
  async #answerAll(socket: Socket, bytes: Buffer): Promise<Buffer> {
    let rest = bytes;
    while (rest.length >= 2 && rest.length >= 2 + rest.readUInt16BE(0)) {
      const end = 2 + rest.readUInt16BE(0);
      const reply = await this.#handler(rest.subarray(2, end), 'tcp');
      if (reply && socket.writable) socket.write(framed(reply));
      rest = rest.subarray(end);
    }
    return rest;
  }
}

function framed(message: Uint8Array): Buffer {
  const length = Buffer.alloc(2);
  length.writeUInt16BE(message.length);
  return Buffer.concat([length, message]);
}
