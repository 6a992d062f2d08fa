// A watch over HTTP: events as JSON lines or length-delimited protobuf frames, made of stored bytes where possible.
// A client that does not read is cut off: it comes back and lists again.

import type { KubeObject } from '../../api/object.ts';
import type { StatusError } from '../../api/status-error.ts';
import type { ChangeType, WatchSink } from '../registry/object-watch.ts';
import type { Exchange } from './exchange.ts';
import { MEDIA_TYPES } from './media-type.ts';
import { includeObject } from './object-views.ts';
import { type FanOut, type FrameForm, frameParts, type WatchFrameEvent } from './watch-frames.ts';

/** Bytes that may wait for a client beyond its initial events. */
const MAX_WAITING_BYTES = 8 << 20;
/** Events are joined up to about this size before they are written. */
const CHUNK_BYTES = 64 << 10;

/** Written parts are let go of at this many: a reader that is always a little behind must not keep them all. */
const TRIM_AT = 4096;

/** How a watch shows its objects. */
export interface WatchView extends Omit<FrameForm, 'include'> {
  readonly fanOut: FanOut;
  /** Told when the client fell behind. */
  readonly onOverflow: () => void;
}

/** The sink of one HTTP watch. */
export class WatchResponse implements WatchSink {
  readonly #exchange: Exchange;
  readonly #view: WatchView & FrameForm;
  /** Names the form among those of all watches. */
  readonly #form: string;
  /** What waits: frames of live events, and initial events, whose frames are made when they are written. */
  #waiting: (Uint8Array | WatchFrameEvent)[] = [];
  /** Index in `waiting` of what is written next. */
  #next = 0;
  /** Bytes of frames that wait. Initial events are references to what the store holds. */
  #size = 0;
  #pumping = false;
  #begun = false;
  #ended = false;
  /** Table only: the first event tells the columns. */
  #columnsSent = false;

  /** @throws StatusError BadRequest for an includeObject that there is not */
  constructor(exchange: Exchange, view: WatchView) {
    this.#exchange = exchange;
    const include = includeObject(exchange.query);
    this.#view = { ...view, include };
    const { type, representation } = view;
    const { group, version, kind } = type.kind;
    this.#form = `${group}/${version} ${kind} ${representation.format} ${representation.as} ${include}`;
  }

  /** Sends the head. Called when the watch has begun and its initial events are queued. */
  begin(): void {
    const { format } = this.#view.representation;
    const type = format === 'protobuf' ? `${MEDIA_TYPES.protobuf};stream=watch` : MEDIA_TYPES[format];
    this.#exchange.begin(200, { 'content-type': type });
    this.#exchange.response.flushHeaders();
    this.#begun = true;
    this.#pumping = true;
    this.#pump();
  }

  change(type: ChangeType, object: KubeObject, bytes: Uint8Array | undefined): void {
    this.#event({ type, object, bytes });
  }

  bookmark(object: KubeObject): void {
    this.#event({ type: 'BOOKMARK', object, bytes: undefined });
  }

  end(error: StatusError | undefined): void {
    if (this.#ended) return;
    // A Status has metadata and kind like any object.
    if (error) this.#event({ type: 'ERROR', object: error.status as KubeObject, bytes: undefined });
    this.#ended = true;
    if (this.#begun && !this.#pumping) this.#exchange.response.end();
  }

  #event(event: WatchFrameEvent): void {
    if (this.#ended) return;
    if (this.#begun) this.#push(this.#sharedFrame(event));
    else this.#waiting.push(event);
  }

  #sharedFrame(event: WatchFrameEvent): Uint8Array {
    const head = this.#takeHead();
    const form = head ? `${this.#form} head` : this.#form;
    return this.#view.fanOut.frame(event, form, () => Buffer.concat(frameParts(this.#view, event, head)));
  }

  /** Whether the next event tells the columns. */
  #takeHead(): boolean {
    const head = !this.#columnsSent;
    this.#columnsSent = true;
    return head && this.#view.representation.as === 'table';
  }

  #push(frame: Uint8Array): void {
    this.#waiting.push(frame);
    this.#size += frame.byteLength;
    if (this.#size > MAX_WAITING_BYTES) {
      this.#ended = true;
      this.#view.onOverflow();
      this.#exchange.response.destroy();
      return;
    }
    if (this.#pumping) return;
    this.#pumping = true;
    this.#view.fanOut.soon(() => this.#pump());
  }

  /** Writes what waits, a chunk at a time, as fast as the client reads. What waits are references to shared bytes: it costs little. */
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

  #chunk(): Uint8Array {
    const parts: Uint8Array[] = [];
    let size = 0;
    while (this.#next < this.#waiting.length && size < CHUNK_BYTES) {
      const item = this.#waiting[this.#next++];
      for (const part of item ? this.#take(item) : []) {
        parts.push(part);
        size += part.byteLength;
      }
    }
    if (this.#next >= TRIM_AT) {
      this.#waiting = this.#waiting.slice(this.#next);
      this.#next = 0;
    }
    const [only] = parts;
    return only && parts.length === 1 ? only : Buffer.concat(parts, size);
  }

  #take(item: Uint8Array | WatchFrameEvent): Uint8Array[] {
    if (!(item instanceof Uint8Array)) return frameParts(this.#view, item, this.#takeHead());
    this.#size -= item.byteLength;
    return [item];
  }
}
