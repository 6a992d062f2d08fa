// How soon a pod that ended may be replaced: at once the first time, then ever later, until its place has been calm for a while. A
// pod that can never run would otherwise be made again as fast as the node can refuse it.

/** Wait before the second replacement, doubled with each further one. */
const FIRST_MS = 1_000;

/** Replacements by owner and place (a node, an ordinal); the entries of an owner go with it. */
export class ReplacementBackoff {
  readonly #longestMs: number;
  readonly #replaced = new Map<string, Map<string, { count: number; at: number }>>();

  /** `longestMs` bounds the wait; a place that was calm for twice as long starts anew. */
  constructor(longestMs: number) {
    this.#longestMs = longestMs;
  }

  /** Milliseconds until the next replacement is due; 0 = now, and it is counted as done. */
  take(owner: string, place: string, nowMs: number): number {
    const places = this.#replaced.get(owner) ?? new Map<string, { count: number; at: number }>();
    this.#replaced.set(owner, places);
    const before = places.get(place);
    const count = before && nowMs - before.at <= 2 * this.#longestMs ? before.count : 0;
    const left = before && count > 0 ? before.at + Math.min(FIRST_MS * 2 ** (count - 1), this.#longestMs) - nowMs : 0;
    if (left > 0) return left;
    places.set(place, { count: count + 1, at: nowMs });
    return 0;
  }

  /** Forgets an owner that is gone. */
  forget(owner: string): void {
    this.#replaced.delete(owner);
  }
}
