// The queue of a controller loop: client-go's rate limited work queue as one class. Its length is bounded by the number of
// objects that keys stand for, since a key is in it once.

import type { Clock, Timer } from '../base/clock.ts';
import type { WorkQueue } from './reconciler.ts';

/** Back-off of a failing key: 5 ms, doubled with each failure … */
const BASE_DELAY_MS = 5;
/** … up to 1000 s, upstream's default for controllers. */
const MAX_DELAY_MS = 1_000_000;

/** Options of a queue. */
export interface RateLimitedQueueOptions {
  /** First delay of a failing key. Default 5. */
  readonly baseDelayMs?: number;
  /** Longest delay of a failing key. Default 1 000 000. */
  readonly maxDelayMs?: number;
}

/** A key that waits for its time. */
interface Delayed {
  readonly at: number;
  readonly timer: Timer;
}

/**
 * Keys in order of arrival. A key that is added while it is worked on is given out again after `done`.
 * Workers loop over `take` … `done`.
 */
export class RateLimitedQueue implements WorkQueue {
  readonly #clock: Pick<Clock, 'after' | 'monotonic'>;
  readonly #baseDelayMs: number;
  readonly #maxDelayMs: number;
  /** Keys that wait for a worker, in order. */
  readonly #ready = new Set<string>();
  readonly #processing = new Set<string>();
  /** Keys added while they were worked on. */
  readonly #again = new Set<string>();
  readonly #delayed = new Map<string, Delayed>();
  readonly #failures = new Map<string, number>();
  readonly #waiting: ((key: string | undefined) => void)[] = [];
  #closed = false;

  constructor(options: RateLimitedQueueOptions, deps: { readonly clock: Pick<Clock, 'after' | 'monotonic'> }) {
    this.#clock = deps.clock;
    this.#baseDelayMs = options.baseDelayMs ?? BASE_DELAY_MS;
    this.#maxDelayMs = options.maxDelayMs ?? MAX_DELAY_MS;
  }

  /** Keys that are ready for a worker. */
  get length(): number {
    return this.#ready.size;
  }

  /** How often the key failed since it was last forgotten. */
  failures(key: string): number {
    return this.#failures.get(key) ?? 0;
  }

  add(key: string): void {
    if (this.#closed) return;
    if (this.#processing.has(key)) {
      this.#again.add(key);
      return;
    }
    this.#ready.add(key);
    this.#handOut();
  }

  /** Adds after `ms`; of several delays of one key the earliest counts. */
  addAfter(key: string, ms: number): void {
    if (this.#closed) return;
    if (ms <= 0) {
      this.add(key);
      return;
    }
    const at = this.#clock.monotonic() + ms;
    const earlier = this.#delayed.get(key);
    if (earlier && earlier.at <= at) return;
    earlier?.timer.cancel();
    const timer = this.#clock.after(Math.min(ms, 0x7fffffff), () => {
      this.#delayed.delete(key);
      const left = at - this.#clock.monotonic();
      // A delay beyond what a timer can hold (24.8 days) is waited for in pieces.
      if (left > 1) this.addAfter(key, left);
      else this.add(key);
    });
    this.#delayed.set(key, { at, timer });
  }

  addRateLimited(key: string): void {
    const failures = this.failures(key);
    this.#failures.set(key, failures + 1);
    this.addAfter(key, Math.min(this.#baseDelayMs * 2 ** failures, this.#maxDelayMs));
  }

  forget(key: string): void {
    this.#failures.delete(key);
  }

  /** Resolves to the next key, which is then the caller's until `done`; `undefined` when the queue is closed. */
  take(): Promise<string | undefined> {
    if (this.#closed) return Promise.resolve(undefined);
    return new Promise((resolve) => {
      this.#waiting.push(resolve);
      this.#handOut();
    });
  }

  /** Gives a taken key back. */
  done(key: string): void {
    this.#processing.delete(key);
    if (this.#again.delete(key)) this.add(key);
  }

  /** Drops everything that waits and ends all `take`. */
  close(): void {
    this.#closed = true;
    for (const { timer } of this.#delayed.values()) timer.cancel();
    this.#delayed.clear();
    this.#ready.clear();
    this.#again.clear();
    this.#failures.clear();
    for (const resolve of this.#waiting.splice(0)) resolve(undefined);
  }

  #handOut(): void {
    for (const key of this.#ready) {
      const resolve = this.#waiting.shift();
      if (!resolve) return;
      this.#ready.delete(key);
      this.#processing.add(key);
      resolve(key);
    }
  }
}
