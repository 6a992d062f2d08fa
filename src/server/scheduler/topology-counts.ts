// Numbers by topology key and value, e.g. ("topology.kubernetes.io/zone", "a") → 3.

/** A sparse table of counts; an entry that returns to 0 disappears. */
export class TopologyCounts {
  readonly #byKey = new Map<string, Map<string, number>>();

  /** Adds to one entry. */
  add(key: string, value: string, amount: number): void {
    const values = this.#byKey.get(key) ?? new Map<string, number>();
    this.#byKey.set(key, values);
    const sum = (values.get(value) ?? 0) + amount;
    if (sum !== 0) {
      values.set(value, sum);
      return;
    }
    values.delete(value);
    if (values.size === 0) this.#byKey.delete(key);
  }

  /** One entry, 0 when it is not there. */
  get(key: string, value: string): number {
    return this.#byKey.get(key)?.get(value) ?? 0;
  }

  get isEmpty(): boolean {
    return this.#byKey.size === 0;
  }

  /** Sum of the entries that the labels of a node fall into. */
  sumOver(labels: Readonly<Record<string, string>> | undefined): number {
    let sum = 0;
    for (const [key, values] of this.#byKey) {
      const value = labels?.[key];
      if (value !== undefined) sum += values.get(value) ?? 0;
    }
    return sum;
  }

  /** Whether any entry that the labels fall into is above 0. */
  hasPositive(labels: Readonly<Record<string, string>> | undefined): boolean {
    for (const [key, values] of this.#byKey) {
      const value = labels?.[key];
      if (value !== undefined && (values.get(value) ?? 0) > 0) return true;
    }
    return false;
  }

  /** An independent copy. */
  clone(): TopologyCounts {
    const copy = new TopologyCounts();
    for (const [key, values] of this.#byKey) copy.#byKey.set(key, new Map(values));
    return copy;
  }
}
