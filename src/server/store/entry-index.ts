// The live entries, by key and in order of keys. A map answers gets; chunks of sorted slots answer ranges and counts.

import type { Entry } from './store.ts';

/** Slots a chunk may hold before it is split: an insert moves at most this many pointers. */
const CHUNK = 512;

/** The place of a key; its entry changes with every write, the slot stays. */
interface Slot {
  readonly key: string;
  entry: Entry;
}

/** First index in `items` for which `before` no longer holds. */
export function partition<T>(items: readonly T[], before: (item: T) => boolean): number {
  let low = 0;
  let high = items.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    const item = items[middle];
    if (item !== undefined && before(item)) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** The least string above every string that begins with `prefix`; undefined when there is none. */
function prefixEnd(prefix: string): string | undefined {
  return prefix === '' ? undefined : prefix.slice(0, -1) + String.fromCharCode(prefix.charCodeAt(prefix.length - 1) + 1);
}

/** Entries by key. Keys are ordered by code unit, which is byte order for all keys the API can form but exotic RBAC names. */
export class EntryIndex {
  readonly #slots = new Map<string, Slot>();
  #chunks: Slot[][] = [];

  get size(): number {
    return this.#slots.size;
  }

  get(key: string): Entry | undefined {
    return this.#slots.get(key)?.entry;
  }

  /** Adds or replaces. */
  set(entry: Entry): void {
    const known = this.#slots.get(entry.key);
    if (known) {
      known.entry = entry;
      return;
    }
    const slot = { key: entry.key, entry };
    this.#slots.set(entry.key, slot);
    this.#insert(slot);
  }

  delete(key: string): void {
    if (!this.#slots.delete(key)) return;
    const at = this.#chunkOf(key);
    const chunk = this.#chunks[at] ?? [];
    chunk.splice(
      partition(chunk, (slot) => slot.key < key),
      1,
    );
    if (chunk.length === 0) this.#chunks.splice(at, 1);
  }

  /** Number of keys that begin with `prefix`. */
  count(prefix: string): number {
    const end = prefixEnd(prefix);
    return (end === undefined ? this.size : this.#rank(end)) - this.#rank(prefix);
  }

  /** Number of keys that begin with `prefix` and come after `after`. */
  countAfter(prefix: string, after: string): number {
    const end = prefixEnd(prefix);
    const upTo = this.#slots.has(after) ? this.#rank(after) + 1 : this.#rank(after);
    return (end === undefined ? this.size : this.#rank(end)) - upTo;
  }

  /** Entries whose key begins with `prefix` and is above `after`, in order. Not to be used across a change. */
  *range(prefix: string, after = ''): Generator<Entry> {
    const from = after > prefix ? after : prefix;
    const end = prefixEnd(prefix);
    for (let at = this.#chunkOf(from); at < this.#chunks.length; at++) {
      const chunk = this.#chunks[at] ?? [];
      // Keys are compared at the ends of a chunk only.
      const last = end === undefined ? chunk.length : partition(chunk, (slot) => slot.key < end);
      const first = partition(chunk, (slot) => slot.key < from || slot.key === after);
      for (let i = first; i < last; i++) {
        const slot = chunk[i];
        if (slot) yield slot.entry;
      }
      if (last < chunk.length) return;
    }
  }

  /** Index of the chunk that holds `key` or would. */
  #chunkOf(key: string): number {
    return Math.max(0, partition(this.#chunks, (chunk) => (chunk[0]?.key ?? '') <= key) - 1);
  }

  #insert(slot: Slot): void {
    const at = this.#chunkOf(slot.key);
    const chunk = this.#chunks[at];
    if (!chunk) {
      this.#chunks.push([slot]);
      return;
    }
    const place = partition(chunk, (other) => other.key < slot.key);
    chunk.splice(place, 0, slot);
    if (chunk.length <= CHUNK) return;
    // Keys often come in order (start-up): then split off only the newest, so that chunks stay full.
    const keep = place === CHUNK && at === this.#chunks.length - 1 ? CHUNK : CHUNK >> 1;
    this.#chunks.splice(at + 1, 0, chunk.splice(keep));
  }

  /** Number of keys below `key`. */
  #rank(key: string): number {
    const at = this.#chunkOf(key);
    let below = 0;
    for (let i = 0; i < at; i++) below += this.#chunks[i]?.length ?? 0;
    return below + partition(this.#chunks[at] ?? [], (slot) => slot.key < key);
  }
}
