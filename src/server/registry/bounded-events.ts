// The events of a watch as an async iterable for in-process readers, with a bound: who does not keep up is cut off.

import type { KubeObject } from '../../api/object.ts';
import { expired, type StatusError } from '../../api/status-error.ts';
import type { WatchEvent } from '../../client/client.ts';
import type { ChangeType, WatchSink } from './object-watch.ts';

/** Events that may wait for a reader, beyond its initial state: a few seconds of a busy cluster. */
export const MAX_WAITING_EVENTS = 10_000;

/** A sink on one side, an iteration on the other. */
export class BoundedEvents implements WatchSink {
  readonly #queue: WatchEvent<KubeObject>[] = [];
  readonly #onOverflow: () => void;
  #limit = Number.POSITIVE_INFINITY;
  #wake: (() => void) | undefined;
  #done = false;
  #error: unknown;

  /** `onOverflow` is told once when the reader fell behind; the iteration then fails with 410 Expired. */
  constructor(onOverflow: () => void) {
    this.#onOverflow = onOverflow;
  }

  /** From now on the bound holds: called when the initial state has been delivered, which may be of any size. */
  bound(): void {
    this.#limit = this.#queue.length + MAX_WAITING_EVENTS;
  }

  change(type: ChangeType, object: KubeObject): void {
    this.#push({ type, object });
  }

  bookmark(object: KubeObject): void {
    this.#push({ type: 'BOOKMARK', object });
  }

  end(error: StatusError | undefined): void {
    this.#done = true;
    this.#error = error;
    this.#wake?.();
  }

  #push(event: WatchEvent<KubeObject>): void {
    if (this.#done) return;
    if (this.#queue.length >= this.#limit) {
      this.end(expired('the watch was ended because its events were not read in time'));
      this.#onOverflow();
      return;
    }
    this.#queue.push(event);
    this.#wake?.();
  }

  /** Yields events until the watch ends or `signal` aborts. @throws StatusError when the watch failed */
  async *read(signal: AbortSignal): AsyncGenerator<WatchEvent<KubeObject>> {
    const onAbort = (): void => this.#wake?.();
    signal.addEventListener('abort', onAbort, { once: true });
    try {
      while (!signal.aborted) {
        const batch = this.#queue.splice(0);
        for (const event of batch) {
          if (signal.aborted) return;
          yield event;
        }
        if (batch.length > 0) continue;
        if (this.#done) break;
        await new Promise<void>((resolve) => {
          this.#wake = resolve;
        });
      }
      if (this.#error !== undefined && !signal.aborted) throw this.#error;
    } finally {
      signal.removeEventListener('abort', onAbort);
    }
  }
}
