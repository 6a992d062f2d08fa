// One SPDY/3.1 client connection over any duplex byte stream, and its streams as duplex streams. There is no SPDY flow control
// (Kubernetes' peers do not use it): a full reader of one stream pauses the connection, writers wait for the socket.

import { Duplex } from 'node:stream';
import { SpdyError } from './errors.ts';
import {
  dataFrameHead,
  type Frame,
  FrameReader,
  goAwayFrame,
  MAX_DATA_BYTES,
  pingFrame,
  RESET_STATUS,
  rstStreamFrame,
  synStreamFrame,
} from './frames.ts';

/** Stream ids are 31 bits (section 2.3.2); client ids are odd. */
const MAX_STREAM_ID = 0x7fffffff;

/** What a stream may ask of its connection. */
interface StreamHost {
  write(chunks: readonly Uint8Array[], done: (error?: Error | null) => void): void;
  resumed(): void;
  closed(stream: SpdyStream, how: { readonly reset: boolean }): void;
}

/**
 * A stream: what is written goes to the peer, `end()` sends FIN, `destroy()` resets it. A reset by the peer destroys it with
 * `spdy-reset` when it comes before the peer's FIN; after it (a server that no longer wants stdin) writes are dropped quietly.
 */
export class SpdyStream extends Duplex {
  readonly id: number;
  readonly #host: StreamHost;
  #peerEnded = false;
  #peerReset = false;
  #wantsData = true;

  /** Made by SpdyConnection.open only. */
  constructor(id: number, host: StreamHost) {
    super({ allowHalfOpen: true, readableHighWaterMark: 64 * 1024, writableHighWaterMark: 64 * 1024 });
    this.id = id;
    this.#host = host;
  }

  /** Whether the reader has room; a stream that ended always has. */
  get wantsData(): boolean {
    return this.#wantsData || this.#peerEnded || this.destroyed;
  }

  /** The connection hands over what was received. */
  receive(payload: Buffer, end: { readonly fin: boolean }): void {
    if (this.#peerEnded || this.destroyed) return;
    if (payload.length > 0) this.#wantsData = this.push(payload);
    if (!end.fin) return;
    this.#peerEnded = true;
    this.push(null);
  }

  /** The connection says that the peer reset this stream. */
  receiveReset(status: number): void {
    this.#peerReset = true;
    if (this.#peerEnded || status === RESET_STATUS.cancel) this.receive(Buffer.alloc(0), { fin: true });
    else this.destroy(new SpdyError('spdy-reset', `stream reset by the peer, status ${status}`, { fields: { status } }));
  }

  /** The connection is gone. What arrived completely can still be read. */
  connectionLost(error: Error): void {
    this.#peerReset = true;
    if (!this.#peerEnded) this.destroy(error);
  }

  override _read(): void {
    if (this.#wantsData) return;
    this.#wantsData = true;
    this.#host.resumed();
  }

  override _write(chunk: Buffer, _encoding: BufferEncoding, done: (error?: Error | null) => void): void {
    if (this.#peerReset || chunk.length === 0) {
      done();
      return;
    }
    const parts: Uint8Array[] = [];
    for (let at = 0; at < chunk.length; at += MAX_DATA_BYTES) {
      const piece = chunk.subarray(at, at + MAX_DATA_BYTES);
      parts.push(dataFrameHead(this.id, piece.length, { fin: false }), piece);
    }
    this.#host.write(parts, done);
  }

  override _final(done: (error?: Error | null) => void): void {
    if (this.#peerReset) {
      done();
      return;
    }
    this.#host.write([dataFrameHead(this.id, 0, { fin: true })], done);
  }

  override _destroy(error: Error | null, done: (error?: Error | null) => void): void {
    const finished = this.#peerReset || (this.#peerEnded && this.writableFinished);
    this.#host.closed(this, { reset: !finished });
    done(error);
  }
}

/** A client's connection. It owns the socket it is given: it ends with the socket and destroys it when closed. */
export class SpdyConnection {
  readonly #socket: Duplex;
  readonly #reader = new FrameReader();
  readonly #streams = new Map<number, SpdyStream>();
  readonly #host: StreamHost;
  readonly #closed = Promise.withResolvers<void>();
  #nextId = 1;
  #goingAway = false;

  /** `head` is what arrived after the upgrade's answer. */
  constructor(socket: Duplex, head: Uint8Array = new Uint8Array()) {
    this.#socket = socket;
    this.#host = {
      write: (chunks, done) => this.#write(chunks, done),
      resumed: () => this.#flow(),
      closed: (stream, how) => this.#streamClosed(stream, how),
    };
    if (head.length > 0) socket.unshift(head);
    socket.on('data', (chunk: Buffer) => this.#receive(chunk));
    socket.on('error', (error) => this.#fail(new SpdyError('spdy-closed', 'connection failed', { cause: error })));
    socket.on('end', () => this.#fail(new SpdyError('spdy-closed', 'connection ended by the peer')));
    socket.on('close', () => this.#fail(new SpdyError('spdy-closed', 'connection closed')));
  }

  /** Resolves when the connection is gone, for whatever reason. */
  get closed(): Promise<void> {
    return this.#closed.promise;
  }

  /** Opens a stream with those headers. Does not wait for the peer. @throws SpdyError `spdy-closed` */
  open(headers: Readonly<Record<string, string>>): SpdyStream {
    if (this.#goingAway || this.#nextId > MAX_STREAM_ID) throw new SpdyError('spdy-closed', 'connection is closing');
    const id = this.#nextId;
    this.#nextId += 2;
    const stream = new SpdyStream(id, this.#host);
    this.#streams.set(id, stream);
    stream.on('error', () => {
      // Who uses the stream sees it as 'error', in `finished` or in the pipeline; one that nobody uses must not end the process.
    });
    this.#socket.write(synStreamFrame(id, headers, { first: id === 1 }));
    return stream;
  }

  /** Says GOAWAY, resets what is open and destroys the socket once that is sent, or at once when the peer does not read. */
  close(): void {
    if (this.#socket.destroyed) return;
    const stuck = this.#socket.writableNeedDrain;
    if (!this.#goingAway) this.#socket.write(goAwayFrame(0));
    this.#goingAway = true;
    for (const stream of [...this.#streams.values()]) stream.destroy();
    if (stuck) this.#socket.destroy();
    else this.#socket.end(() => this.#socket.destroy());
  }

  #write(chunks: readonly Uint8Array[], done: (error?: Error | null) => void): void {
    if (!this.#socket.writable) {
      done(new SpdyError('spdy-closed', 'connection closed'));
      return;
    }
    this.#socket.cork();
    for (const [index, chunk] of chunks.entries()) this.#socket.write(chunk, index === chunks.length - 1 ? done : undefined);
    this.#socket.uncork();
  }

  #receive(chunk: Buffer): void {
    try {
      for (const frame of this.#reader.push(chunk)) this.#dispatch(frame);
    } catch (error) {
      this.#fail(error instanceof Error ? error : new SpdyError('spdy-protocol', 'bad frame', { cause: error }));
      return;
    }
    this.#flow();
  }

  #dispatch(frame: Frame): void {
    switch (frame.type) {
      case 'data':
        this.#streams.get(frame.streamId)?.receive(frame.payload, frame);
        break;
      case 'syn-reply':
        if (frame.fin) this.#streams.get(frame.streamId)?.receive(Buffer.alloc(0), frame);
        break;
      case 'reset':
        this.#streams.get(frame.streamId)?.receiveReset(frame.status);
        break;
      case 'syn-stream':
        this.#socket.write(rstStreamFrame(frame.streamId, RESET_STATUS.refusedStream));
        break;
      case 'ping':
        // Even ids are the server's; an odd one would answer a ping of ours, and none is sent.
        if (frame.id % 2 === 0) this.#socket.write(pingFrame(frame.id));
        break;
      case 'go-away':
        this.#goingAway = true;
        break;
    }
  }

  /** Reads on only while every reader has room. */
  #flow(): void {
    const room = [...this.#streams.values()].every((stream) => stream.wantsData);
    if (room) this.#socket.resume();
    else this.#socket.pause();
  }

  #streamClosed(stream: SpdyStream, how: { readonly reset: boolean }): void {
    if (!this.#streams.delete(stream.id)) return;
    if (how.reset && this.#socket.writable) this.#socket.write(rstStreamFrame(stream.id, RESET_STATUS.cancel));
    this.#flow();
  }

  #fail(error: Error): void {
    this.#goingAway = true;
    const open = [...this.#streams.values()];
    this.#streams.clear();
    for (const stream of open) stream.connectionLost(error);
    this.#socket.destroy();
    this.#closed.resolve();
  }
}
