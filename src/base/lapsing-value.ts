// A value that can be made again: kept while it is asked for, forgotten once nobody asked for a while.

import type { Clock } from './clock.ts';

/** Holds what `make` returned until it was not asked for in `ms` milliseconds. */
export class LapsingValue<T> {
  readonly #make: () => T;
  readonly #ms: number;
  readonly #clock: Pick<Clock, 'after' | 'monotonic'>;
  #held: { readonly value: T; usedAt: number } | undefined;

  constructor(make: () => T, options: { readonly ms: number; readonly clock: Pick<Clock, 'after' | 'monotonic'> }) {
    this.#make = make;
    this.#ms = options.ms;
    this.#clock = options.clock;
  }

  /** The value, made if it is not held. @throws what `make` throws; nothing is held then. */
  get(): T {
    if (this.#held) {
      this.#held.usedAt = this.#clock.monotonic();
      return this.#held.value;
    }
    const held = { value: this.#make(), usedAt: this.#clock.monotonic() };
    this.#held = held;
    this.#check(this.#ms);
    return held.value;
  }

  #check(afterMs: number): void {
    this.#clock.after(afterMs, () => {
      const left = (this.#held?.usedAt ?? 0) + this.#ms - this.#clock.monotonic();
      if (left > 0) this.#check(left);
      else this.#held = undefined;
    });
  }
}
