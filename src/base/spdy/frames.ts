// Frames of SPDY/3.1 as a client of Kubernetes' streaming servers needs them (SPDY Protocol Draft 3.1, section 2).
// Pure: bytes in, frames out. No zlib: what is sent goes as stored (uncompressed) deflate blocks, which carry no state from
// one header block to the next, and header blocks that are received hold nothing that a client of these servers uses.

import { SpdyError } from './errors.ts';

const VERSION = 0x8003;
const SYN_STREAM = 1;
const SYN_REPLY = 2;
const RST_STREAM = 3;
const PING = 6;
const GOAWAY = 7;
const FLAG_FIN = 1;

/** RST_STREAM statuses (section 2.6.3) that are sent here. */
export const RESET_STATUS = { protocolError: 1, refusedStream: 3, cancel: 5 } as const;

/** Most bytes of a control frame: a header block of a streaming server has a few hundred. */
const MAX_CONTROL_BYTES = 64 * 1024;
/** Most bytes in one DATA frame that is sent: small enough that streams of a connection take turns; the format allows 24 bits. */
export const MAX_DATA_BYTES = 32 * 1024;
/** Longest stored deflate block (RFC 1951, 3.2.4: 16 bits of length). */
const MAX_STORED_BYTES = 0xffff;

/** zlib header (RFC 1950) that announces a preset dictionary, and the Adler-32 of SPDY/3's dictionary, which the peer compares. */
const ZLIB_HEADER = Buffer.from([0x78, 0xbb, 0xe3, 0xc6, 0xa7, 0xc2]);
/** An empty stored block, as a sync flush ends with: it makes the peer hand over what it has. */
const SYNC_FLUSH = Buffer.from([0x00, 0x00, 0x00, 0xff, 0xff]);

function controlFrame(type: number, flags: number, payload: Uint8Array): Buffer {
  const frame = Buffer.allocUnsafe(8 + payload.length);
  frame.writeUInt16BE(VERSION, 0);
  frame.writeUInt16BE(type, 2);
  frame.writeUInt32BE(((flags << 24) | payload.length) >>> 0, 4);
  frame.set(payload, 8);
  return frame;
}

function words(...values: number[]): Buffer {
  const buffer = Buffer.allocUnsafe(values.length * 4);
  for (const [index, value] of values.entries()) buffer.writeUInt32BE(value >>> 0, index * 4);
  return buffer;
}

/** The name/value block of section 2.6.10, not compressed. Names are sent in lower case. */
function headerBlock(headers: Readonly<Record<string, string>>): Buffer {
  const entries = Object.entries(headers);
  const parts: Buffer[] = [words(entries.length)];
  for (const [name, value] of entries) {
    for (const text of [name.toLowerCase(), value]) {
      const bytes = Buffer.from(text, 'utf8');
      parts.push(words(bytes.length), bytes);
    }
  }
  return Buffer.concat(parts);
}

function storedBlocks(bytes: Buffer): Buffer[] {
  const blocks: Buffer[] = [];
  for (let at = 0; at < bytes.length; at += MAX_STORED_BYTES) {
    const piece = bytes.subarray(at, at + MAX_STORED_BYTES);
    const head = Buffer.alloc(5);
    head.writeUInt16LE(piece.length, 1);
    head.writeUInt16LE(~piece.length & 0xffff, 3);
    blocks.push(head, piece);
  }
  return blocks;
}

/** SYN_STREAM. `first` is whether it is the connection's first header block: only that one carries the zlib header. */
export function synStreamFrame(streamId: number, headers: Readonly<Record<string, string>>, place: { readonly first: boolean }): Buffer {
  const prefix = place.first ? [ZLIB_HEADER] : [];
  const block = Buffer.concat([...prefix, ...storedBlocks(headerBlock(headers)), SYNC_FLUSH]);
  return controlFrame(SYN_STREAM, 0, Buffer.concat([words(streamId, 0), Buffer.from([0, 0]), block]));
}

/** RST_STREAM. */
export function rstStreamFrame(streamId: number, status: number): Buffer {
  return controlFrame(RST_STREAM, 0, words(streamId, status));
}

/** PING; a received one is answered with the same id. */
export function pingFrame(id: number): Buffer {
  return controlFrame(PING, 0, words(id));
}

/** GOAWAY with status OK. */
export function goAwayFrame(lastStreamId: number): Buffer {
  return controlFrame(GOAWAY, 0, words(lastStreamId, 0));
}

/** The head of a DATA frame; `length` bytes follow. */
export function dataFrameHead(streamId: number, length: number, end: { readonly fin: boolean }): Buffer {
  return words(streamId, ((end.fin ? FLAG_FIN : 0) << 24) | length);
}

/** What was received. A DATA frame may come in several pieces, of which only the last can have `fin`. */
export type Frame =
  | { readonly type: 'data'; readonly streamId: number; readonly payload: Buffer; readonly fin: boolean }
  | { readonly type: 'syn-stream'; readonly streamId: number }
  | { readonly type: 'syn-reply'; readonly streamId: number; readonly fin: boolean }
  | { readonly type: 'reset'; readonly streamId: number; readonly status: number }
  | { readonly type: 'ping'; readonly id: number }
  | { readonly type: 'go-away' };

/** Cuts a byte stream into frames. Frames of types that a client need not know (SETTINGS, HEADERS, WINDOW_UPDATE …) are skipped. */
export class FrameReader {
  /** Bytes of an unfinished head or control frame. */
  #rest = Buffer.alloc(0);
  /** The DATA frame whose payload is under way. */
  #data: { streamId: number; left: number; fin: boolean } | undefined;

  /** @throws SpdyError `spdy-protocol` */
  push(chunk: Buffer): Frame[] {
    const frames: Frame[] = [];
    let bytes = this.#rest.length > 0 ? Buffer.concat([this.#rest, chunk]) : chunk;
    for (;;) {
      const used = this.#data ? this.#readData(bytes, this.#data, frames) : this.#readHead(bytes, frames);
      if (used === 0) break;
      bytes = bytes.subarray(used);
    }
    this.#rest = Buffer.from(bytes);
    return frames;
  }

  #readData(bytes: Buffer, data: { streamId: number; left: number; fin: boolean }, frames: Frame[]): number {
    if (bytes.length === 0) return 0;
    const payload = bytes.subarray(0, data.left);
    data.left -= payload.length;
    const done = data.left === 0;
    if (done) this.#data = undefined;
    frames.push({ type: 'data', streamId: data.streamId, payload, fin: done && data.fin });
    return payload.length;
  }

  #readHead(bytes: Buffer, frames: Frame[]): number {
    if (bytes.length < 8) return 0;
    const first = bytes.readUInt32BE(0);
    const flags = bytes.readUInt8(4);
    const length = bytes.readUIntBE(5, 3);
    if (first < 0x80000000) {
      const fin = (flags & FLAG_FIN) !== 0;
      if (length > 0) this.#data = { streamId: first, left: length, fin };
      else frames.push({ type: 'data', streamId: first, payload: Buffer.alloc(0), fin });
      return 8;
    }
    if (first >>> 16 !== VERSION) throw new SpdyError('spdy-protocol', 'not a SPDY/3.1 frame');
    if (length > MAX_CONTROL_BYTES) throw new SpdyError('spdy-protocol', 'control frame too long', { fields: { length } });
    if (bytes.length < 8 + length) return 0;
    const frame = controlFrameOf(first & 0xffff, flags, bytes.subarray(8, 8 + length));
    if (frame) frames.push(frame);
    return 8 + length;
  }
}

function controlFrameOf(type: number, flags: number, payload: Buffer): Frame | undefined {
  const word = (index: number): number => {
    if (payload.length < index * 4 + 4) throw new SpdyError('spdy-protocol', 'control frame too short', { fields: { type } });
    return payload.readUInt32BE(index * 4);
  };
  switch (type) {
    case SYN_STREAM:
      return { type: 'syn-stream', streamId: word(0) & 0x7fffffff };
    case SYN_REPLY:
      return { type: 'syn-reply', streamId: word(0) & 0x7fffffff, fin: (flags & FLAG_FIN) !== 0 };
    case RST_STREAM:
      return { type: 'reset', streamId: word(0) & 0x7fffffff, status: word(1) };
    case PING:
      return { type: 'ping', id: word(0) };
    case GOAWAY:
      return { type: 'go-away' };
    default:
      return undefined;
  }
}
