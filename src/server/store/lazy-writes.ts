// Keys whose published state is not yet in the journal, and when it is their turn to be written.

import type { Clock, Timer } from '../../base/clock.ts';

/** Lazy keys are written at most this often. */
const LAZY_INTERVAL_MS = 30_000;
/**
 * A key that is written again and again (a heartbeat) is written at most this often: on an idle node that is what decides how
 * much flash is worn. After a crash such an object is at most this old; its first state is at most LAZY_INTERVAL_MS late.
 */
const REWRITE_INTERVAL_MS = 300_000;

/** The keys that wait. Bounded by the number of lazy objects. */
export class LazyWrites {
  readonly #clock: Clock;
  readonly #onDue: () => void;
  readonly #waiting = new Set<string>();
  /** When each key was written last (monotonic); forgotten after REWRITE_INTERVAL_MS. */
  readonly #writtenAt = new Map<string, number>();
  #timer: Timer | undefined;
  #due = false;
  #stopped = false;

  /** `onDue` is called when it is time to `take`. */
  constructor(clock: Clock, onDue: () => void) {
    this.#clock = clock;
    this.#onDue = onDue;
  }

  add(key: string): void {
    this.#waiting.add(key);
    this.#arm();
  }

  delete(key: string): void {
    this.#waiting.delete(key);
  }

  /** Removes and returns keys to write now: those whose time has come (none between the turns), or all. Only keys that are `free`. */
  take(free: (key: string) => boolean, which: 'due' | 'all'): string[] {
    if (which === 'due' && !this.#due) return [];
    this.#due = false;
    const now = this.#clock.monotonic();
    for (const [key, at] of this.#writtenAt) if (now - at >= REWRITE_INTERVAL_MS) this.#writtenAt.delete(key);
    const keys = [...this.#waiting].filter((key) => free(key) && (which === 'all' || !this.#writtenAt.has(key)));
    for (const key of keys) {
      this.#waiting.delete(key);
      this.#writtenAt.set(key, now);
    }
    this.#arm();
    return keys;
  }

  /** Takes back keys that could not be written. */
  putBack(keys: readonly string[]): void {
    for (const key of keys) {
      this.#waiting.add(key);
      this.#writtenAt.delete(key);
    }
    this.#arm();
  }

  /** No turn comes any more. */
  stop(): void {
    this.#stopped = true;
    this.#timer?.cancel();
    this.#timer = undefined;
  }

  #arm(): void {
    if (this.#timer || this.#stopped || this.#waiting.size === 0) return;
    this.#timer = this.#clock.after(LAZY_INTERVAL_MS, () => {
      this.#timer = undefined;
      this.#due = true;
      this.#onDue();
    });
  }
}
