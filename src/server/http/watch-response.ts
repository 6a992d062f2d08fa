// A watch over HTTP: events as JSON lines or length-delimited protobuf frames, made of stored bytes where possible.
// A client that does not read is cut off: it comes back and lists again.

import { encodeObject } from '../../api/codec/encode.ts';
import { encodeEnvelope, encodeWatchEvent } from '../../api/codec/protobuf.ts';
import type { KubeObject } from '../../api/object.ts';
import type { ObjectType } from '../../api/object-type.ts';
import type { StatusError } from '../../api/status-error.ts';
import type { ChangeType, WatchSink } from '../registry/object-watch.ts';
import type { Exchange } from './exchange.ts';
import type { Representation } from './media-type.ts';
import { type IncludeObject, partialObject, tableOf } from './object-views.ts';
import { messageFor, type ResponseDeps } from './response-writer.ts';

/** Bytes that may wait for a client beyond its initial events. */
const MAX_WAITING_BYTES = 8 << 20;
/** Events are joined up to about this size before they are written. */
const CHUNK_BYTES = 64 << 10;

const NEWLINE = Buffer.from('}\n');
const HEADS: Readonly<Record<string, Buffer>> = Object.fromEntries(
  ['ADDED', 'MODIFIED', 'DELETED', 'BOOKMARK', 'ERROR'].map((type) => [type, Buffer.from(`{"type":"${type}","object":`)]),
);

/** Written parts are let go of at this many: a reader that is always a little behind must not keep them all. */
const TRIM_AT = 4096;

/** How a watch shows its objects. */
export interface WatchView {
  readonly type: ObjectType;
  readonly representation: Representation;
  readonly include: IncludeObject;
  readonly deps: ResponseDeps;
  /** Told when the client fell behind. */
  readonly onOverflow: () => void;
}

/** The sink of one HTTP watch. */
export class WatchResponse implements WatchSink {
  readonly #exchange: Exchange;
  readonly #view: WatchView;
  #waiting: Uint8Array[] = [];
  /** Index in `waiting` of what is written next. */
  #next = 0;
  /** Bytes that wait. */
  #size = 0;
  #limit = Number.POSITIVE_INFINITY;
  #pumping = false;
  #begun = false;
  #ended = false;
  /** Table only: the first event tells the columns. */
  #columnsSent = false;

  constructor(exchange: Exchange, view: WatchView) {
    this.#exchange = exchange;
    this.#view = view;
  }

  /** Sends the head; from now on the bound holds. Called when the watch has begun and its initial events are queued. */
  begin(): void {
    const { format, mediaType } = this.#view.representation;
    const type = format === 'protobuf' ? `${mediaType};stream=watch` : mediaType;
    this.#exchange.begin(200, { 'content-type': type });
    this.#exchange.response.flushHeaders();
    this.#limit = this.#size + MAX_WAITING_BYTES;
    this.#begun = true;
    this.#pumping = true;
    this.#pump();
  }

  change(type: ChangeType, object: KubeObject, bytes: Uint8Array | undefined): void {
    this.#event(type, object, bytes);
  }

  bookmark(object: KubeObject): void {
    this.#event('BOOKMARK', object, undefined);
  }

  end(error: StatusError | undefined): void {
    if (this.#ended) return;
    if (error) this.#push(this.#frame('ERROR', error.status, undefined));
    this.#ended = true;
    if (this.#begun && !this.#pumping) this.#exchange.response.end();
  }

  #event(type: string, object: KubeObject, bytes: Uint8Array | undefined): void {
    if (this.#ended) return;
    const { as } = this.#view.representation;
    if (as === 'object') this.#push(this.#frame(type, object, bytes));
    else if (as === 'partial') this.#push(this.#frame(type, partialObject(object), undefined));
    else this.#push(this.#frame(type, this.#table(type, object), undefined));
  }

  #table(type: string, object: KubeObject): object {
    const { type: shown, include, deps } = this.#view;
    const view = { type: shown, include, nowMs: deps.nowMs() };
    const head = !this.#columnsSent;
    this.#columnsSent = true;
    const metadata = { resourceVersion: object.metadata.resourceVersion ?? '' };
    // A bookmark's row shows the object that carries the version; it has no cells worth printing.
    return tableOf(view, [object], { metadata, head: head && type !== 'BOOKMARK' ? true : head });
  }

  #frame(type: string, object: object, bytes: Uint8Array | undefined): Uint8Array[] {
    const message = messageFor(object);
    if (this.#view.representation.format === 'protobuf' && message) {
      return [protobufFrame(type, encodeEnvelope(object, message))];
    }
    const json = bytes ?? Buffer.from(JSON.stringify(message ? encodeObject(object, message) : object));
    return [HEADS[type] ?? NEWLINE, json, NEWLINE];
  }

  #push(parts: readonly Uint8Array[]): void {
    for (const part of parts) {
      this.#waiting.push(part);
      this.#size += part.byteLength;
    }
    if (!this.#begun) return;
    if (this.#size > this.#limit) {
      this.#ended = true;
      this.#view.onOverflow();
      this.#exchange.response.destroy();
      return;
    }
    if (this.#pumping) return;
    this.#pumping = true;
    // Events of one moment go out together.
    queueMicrotask(() => this.#pump());
  }

  /** Writes what waits, a chunk at a time, as fast as the client reads. What waits are references to stored bytes: it costs little. */
  #pump(): void {
    const { response } = this.#exchange;
    while (this.#next < this.#waiting.length && !this.#exchange.closed) {
      if (response.write(this.#chunk())) continue;
      response.once('drain', () => this.#pump());
      return;
    }
    this.#waiting = [];
    this.#next = 0;
    this.#pumping = false;
    if (this.#ended) response.end();
  }

  #chunk(): Buffer {
    const first = this.#next;
    let size = 0;
    while (this.#next < this.#waiting.length && size < CHUNK_BYTES) size += this.#waiting[this.#next++]?.byteLength ?? 0;
    this.#size -= size;
    const chunk = Buffer.concat(this.#waiting.slice(first, this.#next), size);
    if (this.#next >= TRIM_AT) {
      this.#waiting = this.#waiting.slice(this.#next);
      this.#next = 0;
    }
    return chunk;
  }
}

/** One event of a protobuf stream: its length in four bytes, big-endian, then the WatchEvent. */
function protobufFrame(type: string, object: Uint8Array): Buffer {
  const event = encodeWatchEvent(type, object);
  const length = Buffer.alloc(4);
  length.writeUInt32BE(event.byteLength);
  return Buffer.concat([length, event]);
}
