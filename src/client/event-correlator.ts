// Decides what becomes of an event: a new one, a higher count of one that was written, or nothing. The rules and figures are
// client-go's: spam filter by source and object, aggregation of events that differ only in their message, deduplication.

import type { KubeObject } from '../api/object.ts';
import type { Event } from '../api/types/core-v1.gen.ts';
import type { Clock } from '../base/clock.ts';

type EventObject = Event & KubeObject;

/** Events a source may say about one object at once … */
const BURST = 25;
/** … and the time after which it may say one more. */
const REFILL_MS = 300_000;
/** Events that differ only in their message, within the window below, before they become one. */
const MAX_SIMILAR = 10;
/** A group of similar events is forgotten when nothing came for this long. */
const SIMILAR_WINDOW_MS = 600_000;
/** Prefix of the message of the one that stands for many. */
const COMBINED = '(combined from similar events): ';
/** Entries kept of each kind, the least recently used go first: client-go's cache size. */
const MAX_ENTRIES = 4096;

/** What is to be written. */
export interface Verdict {
  readonly event: EventObject;
  /** Create it; otherwise raise the count of the one of that name. */
  readonly isNew: boolean;
  /** To be given back to `written`. */
  readonly key: string;
}

interface Bucket {
  tokens: number;
  at: number;
}

interface Similar {
  readonly messages: Set<string>;
  at: number;
}

/** State of the rules. One a process. */
export class EventCorrelator {
  readonly #clock: Pick<Clock, 'monotonic'>;
  readonly #buckets = new BoundedMap<Bucket>(MAX_ENTRIES);
  readonly #similar = new BoundedMap<Similar>(MAX_ENTRIES);
  /** The last written state by what makes events the same. */
  readonly #written = new BoundedMap<EventObject>(MAX_ENTRIES);

  constructor(clock: Pick<Clock, 'monotonic'>) {
    this.#clock = clock;
  }

  /** What to write for this occurrence (count 1); `undefined` = nothing, the source has said too much. */
  observe(event: EventObject): Verdict | undefined {
    const combined = this.#combine(event);
    if (!this.#mayPass(event)) return undefined;
    const before = this.#written.get(combined.key);
    if (!before) return { event: { ...event, message: combined.message }, isNew: true, key: combined.key };
    const count = (before.count ?? 1) + 1;
    const next = { ...before, count, message: combined.message, ...(event.lastTimestamp && { lastTimestamp: event.lastTimestamp }) };
    return { event: next, isNew: false, key: combined.key };
  }

  /** To be told of the event of the verdict with `key`, as the API has it. */
  written(key: string, event: EventObject): void {
    this.#written.set(key, event);
  }

  /** Events alike but for the message count as one from the tenth message on. */
  #combine(event: EventObject): { readonly key: string; readonly message: string } {
    const alike = keyOfSimilar(event);
    const now = this.#clock.monotonic();
    let similar = this.#similar.get(alike);
    if (!similar || now - similar.at > SIMILAR_WINDOW_MS) similar = { messages: new Set(), at: now };
    similar.at = now;
    const message = event.message ?? '';
    // Beyond the limit further messages are not kept: the set stays bounded.
    if (similar.messages.size < MAX_SIMILAR) similar.messages.add(message);
    this.#similar.set(alike, similar);
    if (similar.messages.size < MAX_SIMILAR) return { key: `${alike}\0${message}`, message };
    return { key: alike, message: `${COMBINED}${message}` };
  }

  #mayPass(event: EventObject): boolean {
    const key = keyOfSource(event);
    const now = this.#clock.monotonic();
    const bucket = this.#buckets.get(key) ?? { tokens: BURST, at: now };
    bucket.tokens = Math.min(BURST, bucket.tokens + (now - bucket.at) / REFILL_MS);
    bucket.at = now;
    this.#buckets.set(key, bucket);
    if (bucket.tokens < 1) return false;
    bucket.tokens -= 1;
    return true;
  }
}

function keyOfSource({ source, involvedObject }: EventObject): string {
  const { kind, namespace, name, uid, apiVersion } = involvedObject;
  return [source?.component, source?.host, kind, namespace, name, uid, apiVersion].join('\0');
}

function keyOfSimilar(event: EventObject): string {
  return [keyOfSource(event), event.involvedObject.fieldPath, event.type, event.reason, event.reportingInstance].join('\0');
}

/** A map that forgets what was set longest ago. */
class BoundedMap<V> {
  readonly #map = new Map<string, V>();
  readonly #max: number;

  constructor(max: number) {
    this.#max = max;
  }

  get(key: string): V | undefined {
    return this.#map.get(key);
  }

  set(key: string, value: V): void {
    this.#map.delete(key);
    this.#map.set(key, value);
    if (this.#map.size <= this.#max) return;
    for (const oldest of this.#map.keys()) {
      this.#map.delete(oldest);
      return;
    }
  }
}
