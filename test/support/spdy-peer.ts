// The server's side of a SPDY/3.1 connection for tests: its own reading of frames, header blocks through zlib.

import type { Duplex } from 'node:stream';
import { constants, inflateRawSync } from 'node:zlib';

/** What the client did. */
export type PeerEvent =
  | { type: 'open'; id: number; headers: Record<string, string> }
  | { type: 'data'; id: number; bytes: Buffer; fin: boolean }
  | { type: 'reset'; id: number; status: number }
  | { type: 'ping'; id: number }
  | { type: 'go-away' };

/** Answers by hand: `onEvent` is called for each frame of the client. */
export class SpdyPeer {
  readonly events: PeerEvent[] = [];
  readonly #socket: Duplex;
  readonly #onEvent: (event: PeerEvent, peer: SpdyPeer) => void;
  #rest = Buffer.alloc(0);
  #compressed = Buffer.alloc(0);
  #inflated = 0;

  constructor(socket: Duplex, onEvent: (event: PeerEvent, peer: SpdyPeer) => void = () => {}) {
    this.#socket = socket;
    this.#onEvent = onEvent;
    socket.on('error', () => {});
    socket.on('data', (chunk: Buffer) => this.#read(chunk));
    socket.on('end', () => socket.end());
  }

  data(id: number, bytes: string | Uint8Array, flags: { fin: boolean } = { fin: false }): void {
    const payload = Buffer.from(bytes);
    const head = Buffer.alloc(8);
    head.writeUInt32BE(id, 0);
    head.writeUInt32BE(payload.length, 4);
    head[4] = flags.fin ? 1 : 0;
    this.#socket.write(Buffer.concat([head, payload]));
  }

  control(type: number, ...values: number[]): void {
    const frame = Buffer.alloc(8 + values.length * 4);
    frame.writeUInt16BE(0x8003, 0);
    frame.writeUInt16BE(type, 2);
    frame.writeUInt32BE(values.length * 4, 4);
    for (const [index, value] of values.entries()) frame.writeUInt32BE(value, 8 + index * 4);
    this.#socket.write(frame);
  }

  raw(bytes: Uint8Array): void {
    this.#socket.write(bytes);
  }

  end(): void {
    this.#socket.end();
  }

  #read(chunk: Buffer): void {
    this.#rest = Buffer.concat([this.#rest, chunk]);
    for (;;) {
      if (this.#rest.length < 8) return;
      const length = this.#rest.readUIntBE(5, 3);
      if (this.#rest.length < 8 + length) return;
      const head = this.#rest.subarray(0, 8);
      const payload = this.#rest.subarray(8, 8 + length);
      this.#rest = this.#rest.subarray(8 + length);
      const event = this.#event(head, payload);
      this.events.push(event);
      this.#onEvent(event, this);
    }
  }

  #event(head: Buffer, payload: Buffer): PeerEvent {
    if ((head[0] ?? 0) < 0x80) return { type: 'data', id: head.readUInt32BE(0), bytes: payload, fin: head[4] === 1 };
    switch (head.readUInt16BE(2)) {
      case 1:
        return { type: 'open', id: payload.readUInt32BE(0), headers: this.#headers(payload.subarray(10)) };
      case 3:
        return { type: 'reset', id: payload.readUInt32BE(0), status: payload.readUInt32BE(4) };
      case 6:
        return { type: 'ping', id: payload.readUInt32BE(0) };
      default:
        return { type: 'go-away' };
    }
  }

  /** The whole compressed stream is inflated anew each time: slow and independent of state kept elsewhere. */
  #headers(block: Buffer): Record<string, string> {
    this.#compressed = Buffer.concat([this.#compressed, block]);
    // zlib header with FDICT and the Adler-32 of the dictionary of SPDY/3.
    if (this.#compressed.readUInt32BE(2) !== 0xe3c6a7c2 || ((this.#compressed[1] ?? 0) & 0x20) === 0)
      throw new RangeError('no SPDY/3 dictionary');
    const all = inflateRawSync(this.#compressed.subarray(6), { finishFlush: constants.Z_SYNC_FLUSH });
    const bytes = all.subarray(this.#inflated);
    this.#inflated = all.length;
    const headers: Record<string, string> = {};
    let at = 4;
    const text = (): string => {
      const length = bytes.readUInt32BE(at);
      at += 4 + length;
      return bytes.toString('utf8', at - length, at);
    };
    for (let left = bytes.readUInt32BE(0); left > 0; left--) {
      const name = text();
      headers[name] = text();
    }
    if (at !== bytes.length) throw new RangeError('bytes beyond the header block');
    return headers;
  }
}
