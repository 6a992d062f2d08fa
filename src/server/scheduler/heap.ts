// A binary heap whose items can be removed by key.

/** Items in order of `before`. Keys are unique. */
export class Heap<T> {
  readonly #items: T[] = [];
  readonly #index = new Map<string, number>();
  readonly #keyOf: (item: T) => string;
  readonly #before: (a: T, b: T) => boolean;

  constructor(keyOf: (item: T) => string, before: (a: T, b: T) => boolean) {
    this.#keyOf = keyOf;
    this.#before = before;
  }

  get size(): number {
    return this.#items.length;
  }

  /** Adds an item; one with the same key is replaced. */
  push(item: T): void {
    this.remove(this.#keyOf(item));
    this.#place(item, this.#items.length);
    this.#up(this.#items.length - 1);
  }

  /** The first item, left in place. */
  peek(): T | undefined {
    return this.#items[0];
  }

  /** Takes the first item out. */
  pop(): T | undefined {
    const [first] = this.#items;
    if (first !== undefined) this.remove(this.#keyOf(first));
    return first;
  }

  has(key: string): boolean {
    return this.#index.has(key);
  }

  /** Takes an item out by its key. */
  remove(key: string): T | undefined {
    const at = this.#index.get(key);
    if (at === undefined) return undefined;
    const item = this.#items[at];
    const last = this.#items.pop();
    this.#index.delete(key);
    if (last !== undefined && at < this.#items.length) {
      this.#place(last, at);
      this.#up(at);
      this.#down(this.#index.get(this.#keyOf(last)) ?? at);
    }
    return item;
  }

  #place(item: T, at: number): void {
    this.#items[at] = item;
    this.#index.set(this.#keyOf(item), at);
  }

  #swapIfBefore(child: number, parent: number): boolean {
    const a = this.#items[child];
    const b = this.#items[parent];
    if (a === undefined || b === undefined || !this.#before(a, b)) return false;
    this.#place(a, parent);
    this.#place(b, child);
    return true;
  }

  #up(from: number): void {
    let at = from;
    while (at > 0) {
      const parent = (at - 1) >> 1;
      if (!this.#swapIfBefore(at, parent)) return;
      at = parent;
    }
  }

  #down(from: number): void {
    let at = from;
    for (;;) {
      const left = 2 * at + 1;
      const [a, b] = [this.#items[left], this.#items[left + 1]];
      const child = a !== undefined && b !== undefined && this.#before(b, a) ? left + 1 : left;
      if (!this.#swapIfBefore(child, at)) return;
      at = child;
    }
  }
}
