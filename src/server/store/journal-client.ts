// The journal as the store sees it: requests to the journal thread and what it answers.

import type { Worker } from 'node:worker_threads';
import { messageOf } from '../../base/errors.ts';
import { StoredEntry } from './entry.ts';
import { StoreError } from './errors.ts';
import type { Journal, JournalBatch } from './journal.ts';
import type { JournalFailure, JournalReply, JournalRequest, JournalRows, JournalState } from './journal-messages.ts';
import type { Entry } from './store.ts';

/** The part of a Worker that is used. */
export type JournalWorker = Pick<Worker, 'on' | 'postMessage' | 'terminate'>;

interface Waiting {
  readonly resolve: () => void;
  readonly reject: (error: StoreError) => void;
}

/** An opened journal thread. */
export class JournalClient implements Journal {
  readonly #worker: JournalWorker;
  /** Requests without an answer, oldest first; the store has one at a time. */
  readonly #waiting: Waiting[] = [];
  readonly #onDeath: (error: StoreError) => void;
  readonly #opening = Promise.withResolvers<JournalState>();
  readonly #entries: Entry[] = [];
  #dead: StoreError | undefined;
  #closing = false;

  private constructor(worker: JournalWorker, onDeath: (error: StoreError) => void) {
    this.#worker = worker;
    this.#onDeath = onDeath;
    worker.on('message', (reply: JournalReply) => this.#receive(reply));
    worker.on('error', (error) => this.#end(new StoreError('closed', `the journal thread failed: ${messageOf(error)}`, { cause: error })));
    worker.on('exit', () => this.#end(new StoreError('closed', 'the journal thread ended')));
  }

  /**
   * Waits until the thread has opened its file. `onDeath` is called when the thread ends unasked afterwards: nothing can be written any more.
   * @throws StoreError `corrupt`, `unwritable`
   */
  static async open(
    worker: JournalWorker,
    onDeath: (error: StoreError) => void,
  ): Promise<{ journal: JournalClient; state: JournalState; entries: Entry[] }> {
    const journal = new JournalClient(worker, onDeath);
    try {
      const state = await journal.#opening.promise;
      return { journal, state, entries: journal.#entries.splice(0) };
    } catch (error) {
      journal.#closing = true;
      await worker.terminate();
      throw error;
    }
  }

  commit(batch: JournalBatch): Promise<void> {
    return this.#request({ type: 'commit', batch });
  }

  scrub(): Promise<void> {
    return this.#request({ type: 'scrub' });
  }

  async close(batch: JournalBatch): Promise<void> {
    this.#closing = true;
    try {
      await this.#request({ type: 'close', batch });
    } finally {
      await this.#worker.terminate();
    }
  }

  #request(request: JournalRequest): Promise<void> {
    if (this.#dead) return Promise.reject(this.#dead);
    return new Promise((resolve, reject) => {
      this.#waiting.push({ resolve, reject });
      this.#worker.postMessage(request);
    });
  }

  #receive(reply: JournalReply): void {
    if (reply.type === 'rows') this.#entries.push(...unpackRows(reply));
    else if (reply.type === 'opened') this.#opening.resolve(reply);
    else if (reply.type === 'failed') this.#opening.reject(errorOf(reply.failure));
    else {
      const waiting = this.#waiting.shift();
      if (reply.failure) waiting?.reject(errorOf(reply.failure));
      else waiting?.resolve();
    }
  }

  #end(error: StoreError): void {
    if (this.#dead) return;
    this.#dead = error;
    this.#opening.reject(error);
    for (const waiting of this.#waiting.splice(0)) waiting.reject(error);
    if (!this.#closing) this.#onDeath(error);
  }
}

function unpackRows({ keys, revisions, createRevisions, ends, bytes }: JournalRows): StoredEntry[] {
  let start = 0;
  return keys.map((key, i) => {
    const value = Buffer.from(bytes, start, (ends[i] ?? 0) - start);
    start = ends[i] ?? 0;
    return new StoredEntry({ key, revision: revisions[i] ?? 0, createRevision: createRevisions[i] ?? 0 }, value);
  });
}

function errorOf({ code, message }: JournalFailure): StoreError {
  return new StoreError(code, message);
}
