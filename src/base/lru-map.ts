// A map of bounded size that forgets what was not used for longest.

/** Keys and values in order of use. */
export class LruMap<K, V> {
  readonly #limit: number;
  readonly #map = new Map<K, V>();

  /** @param limit most entries kept */
  constructor(limit: number) {
    this.#limit = limit;
  }

  get size(): number {
    return this.#map.size;
  }

  /** The value, which then counts as used last. */
  get(key: K): V | undefined {
    const value = this.#map.get(key);
    if (value === undefined) return undefined;
    this.#map.delete(key);
    this.#map.set(key, value);
    return value;
  }

  set(key: K, value: V): void {
    this.#map.delete(key);
    this.#map.set(key, value);
    if (this.#map.size <= this.#limit) return;
    for (const oldest of this.#map.keys()) {
      this.#map.delete(oldest);
      return;
    }
  }
}
