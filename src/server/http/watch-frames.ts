// The frames of a watch stream: one event as a line of JSON or as a length-delimited protobuf message. The frame of an event that many
// watchers see in the same form is made once.

import { encodeWatchFrame } from '../../api/codec/protobuf.ts';
import type { KubeObject } from '../../api/object.ts';
import type { ObjectType } from '../../api/object-type.ts';
import { jsonText, protobufMessage } from './encoded-object.ts';
import type { Representation } from './media-type.ts';
import { type IncludeObject, partialObject, tableOf } from './object-views.ts';

const NEWLINE = Buffer.from('}\n');
const HEADS: Readonly<Record<string, Buffer>> = Object.fromEntries(
  ['ADDED', 'MODIFIED', 'DELETED', 'BOOKMARK', 'ERROR'].map((type) => [type, Buffer.from(`{"type":"${type}","object":`)]),
);

/** One event on its way to a client. */
export interface WatchFrameEvent {
  readonly type: string;
  readonly object: KubeObject;
  /** The object as JSON, where it is at hand. */
  readonly bytes: Uint8Array | undefined;
}

/** In which form a watch shows its objects. Frames of equal forms are equal. */
export interface FrameForm {
  readonly type: ObjectType;
  readonly representation: Representation;
  readonly include: IncludeObject;
  readonly nowMs: () => number;
}

/** The parts of an event's frame, stored bytes untouched. `head` = a Table tells its columns. @throws StatusError for what has no protobuf form */
export function frameParts(form: FrameForm, { type, object, bytes }: WatchFrameEvent, head: boolean): Uint8Array[] {
  const { format, as } = form.representation;
  const shown = type === 'ERROR' || as === 'object' ? object : as === 'partial' ? partialObject(object) : tableFor(form, object, head);
  if (format === 'protobuf') return [encodeWatchFrame(type, shown, protobufMessage(shown))];
  const asIs = shown === object ? bytes : undefined;
  const json = asIs ?? Buffer.from(jsonText(shown));
  return [HEADS[type] ?? NEWLINE, json, NEWLINE];
}

function tableFor({ type, include, nowMs }: FrameForm, object: KubeObject, head: boolean): object {
  const metadata = { resourceVersion: object.metadata.resourceVersion ?? '' };
  return tableOf({ type, include, nowMs: nowMs() }, [object], { metadata, head });
}

/**
 * What the watches of a server share while one event is told to them: its frames by type and form, and the turn in which they write.
 * Nothing is kept beyond that turn.
 */
export class FanOut {
  #object: object | undefined;
  readonly #frames = new Map<string, Map<string, Uint8Array>>();
  #writers: (() => void)[] = [];
  #scheduled = false;

  /** The frame of `object` for events of `type` in a form; made when the first watch asks. */
  frame({ type, object }: WatchFrameEvent, form: string, make: () => Uint8Array): Uint8Array {
    if (this.#object !== object) {
      this.#object = object;
      this.#frames.clear();
      this.#schedule();
    }
    const known = this.#frames.get(type)?.get(form);
    if (known) return known;
    const frame = make();
    const ofType = this.#frames.get(type) ?? new Map<string, Uint8Array>();
    this.#frames.set(type, ofType.set(form, frame));
    return frame;
  }

  /** Calls `write` when the events of this moment have been told: they go out together. */
  soon(write: () => void): void {
    this.#writers.push(write);
    this.#schedule();
  }

  #schedule(): void {
    if (this.#scheduled) return;
    this.#scheduled = true;
    queueMicrotask(() => this.#run());
  }

  #run(): void {
    this.#scheduled = false;
    this.#object = undefined;
    this.#frames.clear();
    const writers = this.#writers;
    this.#writers = [];
    for (const write of writers) write();
  }
}
