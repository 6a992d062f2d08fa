// Numbers that must be unique among live objects (service addresses, node ports). What is taken is read from the objects themselves,
// so nothing can leak or get lost; only what is being written right now is remembered here.

import { randomInt } from 'node:crypto';

/** Integers from `first` on, `size` of them. */
export interface PoolRange {
  readonly first: bigint;
  readonly size: bigint;
  /** Numbers at the start that are given out only when asked for by name, or when the rest is used up. */
  readonly fixed: bigint;
}

/** Largest range in which a random start is drawn exactly; beyond, the lower part is enough. */
const MAX_RANDOM = 1n << 40n;

/** One pool. */
export class NumberPool {
  readonly range: PoolRange;
  readonly #taken: () => ReadonlySet<bigint>;
  readonly #pending: Set<bigint>;

  /** `taken` reads what live objects hold; `pending` is shared with pools of the same numbers. */
  constructor(range: PoolRange, { taken, pending = new Set() }: { taken: () => ReadonlySet<bigint>; pending?: Set<bigint> }) {
    this.range = range;
    this.#taken = taken;
    this.#pending = pending;
  }

  /** Whether a number belongs to the pool. */
  has(number: bigint): boolean {
    return number >= this.range.first && number < this.range.first + this.range.size;
  }

  /** Takes one certain number until released; false when it is taken. */
  reserve(number: bigint): boolean {
    if (this.#pending.has(number) || this.#taken().has(number)) return false;
    this.#pending.add(number);
    return true;
  }

  /** Takes any free number until released; undefined when there is none. */
  reserveAny(): bigint | undefined {
    const { first, size, fixed } = this.range;
    const taken = this.#taken();
    const dynamic = size > fixed ? size - fixed : size;
    const start = BigInt(randomInt(Number(dynamic < MAX_RANDOM ? dynamic : MAX_RANDOM)));
    const limit = BigInt(taken.size + this.#pending.size + 1);
    // Numbers above the fixed part first, from a random one on; one more try than there are taken numbers finds a free one.
    for (let i = 0n; i < dynamic && i <= limit; i++) {
      const number = first + (size > fixed ? fixed : 0n) + ((start + i) % dynamic);
      if (this.#take(number, taken)) return number;
    }
    for (let number = first; number < first + fixed && number < first + size; number++) if (this.#take(number, taken)) return number;
    return undefined;
  }

  #take(number: bigint, taken: ReadonlySet<bigint>): boolean {
    if (taken.has(number) || this.#pending.has(number)) return false;
    this.#pending.add(number);
    return true;
  }

  /** Gives numbers back: their object is stored now, or never will be. */
  release(numbers: Iterable<bigint>): void {
    for (const number of numbers) this.#pending.delete(number);
  }
}
