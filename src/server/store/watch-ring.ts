// The recent past: the last events, bounded in number, bytes and age. Serves watches that begin in the past and lists at a revision.

import { partition } from './entry-index.ts';
import type { Entry, Revision, StoreEvent } from './store.ts';

/** Bounds of the ring. */
export interface RingLimits {
  /** Most events. */
  readonly events: number;
  /** Most bytes of serialized objects in them; each version of an object counts once. */
  readonly bytes: number;
  /** Longest time an event is kept. */
  readonly ms: number;
}

/**
 * Enough for a client that was away for some minutes (an idle node makes about 10 events a minute), small beside the live
 * objects: the objects of 4 MiB of JSON take some 15 MB of heap at worst. The age is upstream's compaction interval: continue tokens
 * expire after it, also where little happens.
 */
export const RING_LIMITS: RingLimits = { events: 4096, bytes: 4 << 20, ms: 5 * 60_000 };

/** Events in order of revision, the oldest dropped first. */
export class WatchRing {
  readonly #limits: RingLimits;
  readonly #events: StoreEvent[] = [];
  /** When each of the events came. */
  readonly #times: number[] = [];
  #bytes = 0;
  #floor: Revision;

  constructor(floor: Revision, limits: RingLimits) {
    this.#floor = floor;
    this.#limits = limits;
  }

  /** Every event after this revision is in the ring. */
  get floor(): Revision {
    return this.#floor;
  }

  /** Adds an event that came at `now` (monotonic), and drops what is over the bounds. */
  push(event: StoreEvent, now: number): void {
    this.#events.push(event);
    this.#times.push(now);
    this.#bytes += event.entry.bytes.length;
    const { events, bytes, ms } = this.#limits;
    while (this.#events.length > events || this.#bytes > bytes || now - (this.#times[0] ?? now) > ms) this.#drop();
  }

  /** The events after `from`, oldest first. */
  since(from: Revision): StoreEvent[] {
    return this.#events.slice(partition(this.#events, (event) => event.revision <= from));
  }

  /**
   * What differs under `prefix` between now and `revision`: the entry each changed key had then, undefined where it was not there.
   */
  differences(prefix: string, revision: Revision): Map<string, Entry | undefined> {
    const then = new Map<string, Entry | undefined>();
    for (const { entry, previous } of this.since(revision).reverse()) {
      if (entry.key.startsWith(prefix)) then.set(entry.key, previous);
    }
    return then;
  }

  #drop(): void {
    const event = this.#events.shift();
    this.#times.shift();
    if (!event) return;
    this.#bytes -= event.entry.bytes.length;
    this.#floor = event.revision;
  }
}
