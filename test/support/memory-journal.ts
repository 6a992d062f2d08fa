// A journal in memory that tests can hold back and make fail; what it holds survives the store that wrote it.

import { StoredEntry } from '../../src/server/store/entry.ts';
import type { Journal, JournalBatch, JournalContent, JournalWrite } from '../../src/server/store/journal.ts';

/** Behaves as a disk that is fast, slow or broken. */
export class MemoryJournal implements Journal {
  readonly rows = new Map<string, JournalWrite>();
  /** Every batch that was committed. */
  readonly batches: JournalBatch[] = [];
  /** When set, commits fail with it. */
  failure: Error | undefined;
  /** When set, commits wait for it first. */
  gate: Promise<void> | undefined;
  closed = false;
  #reserved = 0;

  async commit(batch: JournalBatch): Promise<void> {
    await this.gate;
    if (this.failure) throw this.failure;
    this.batches.push(batch);
    for (const write of batch.writes) {
      if (write.value === undefined) this.rows.delete(write.key);
      else this.rows.set(write.key, write);
    }
    this.#reserved = batch.reserve ?? this.#reserved;
  }

  async scrub(): Promise<void> {
    await this.gate;
    if (this.failure) throw this.failure;
  }

  async close(batch: JournalBatch): Promise<void> {
    await this.commit(batch);
    this.closed = true;
  }

  /** What a store that opens it now finds. */
  content(): JournalContent {
    const entries = [...this.rows.values()].map((row) => new StoredEntry(row, row.value ?? new Uint8Array()));
    const revision = Math.max(this.#reserved, 0, ...entries.map((entry) => entry.revision));
    return { revision, reserved: this.#reserved, entries };
  }
}
