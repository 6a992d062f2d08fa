// Limits how many of something run at once. Those that wait go in order, what was begun before what is new.

/** Work that goes on with something goes before work that begins something: what was begun is finished early. */
export type Turn = 'begun' | 'new';

/** A counting semaphore. */
export class Semaphore {
  readonly #limit: number;
  #taken = 0;
  /** Who waits, by turn; bounded by the callers (a pod waits at most once). */
  readonly #waiting: Readonly<Record<Turn, (() => void)[]>> = { begun: [], new: [] };

  /** @throws RangeError for a limit below 1 */
  constructor(limit: number) {
    if (!(limit >= 1)) throw new RangeError(`a semaphore of ${limit}`);
    this.#limit = limit;
  }

  /** Runs `work` when its turn has come. An abort while waiting rejects with the signal's reason. */
  async run<T>(work: () => Promise<T>, signal?: AbortSignal, turn: Turn = 'new'): Promise<T> {
    await this.#take(this.#waiting[turn], signal);
    try {
      return await work();
    } finally {
      this.#taken--;
      (this.#waiting.begun.shift() ?? this.#waiting.new.shift())?.();
    }
  }

  #take(queue: (() => void)[], signal: AbortSignal | undefined): Promise<void> {
    signal?.throwIfAborted();
    if (this.#taken < this.#limit) {
      this.#taken++;
      return Promise.resolve();
    }
    return new Promise((resolve, reject) => {
      const go = (): void => {
        signal?.removeEventListener('abort', onAbort);
        this.#taken++;
        resolve();
      };
      const onAbort = (): void => {
        const at = queue.indexOf(go);
        if (at >= 0) queue.splice(at, 1);
        reject(signal?.reason);
      };
      queue.push(go);
      signal?.addEventListener('abort', onAbort, { once: true });
    });
  }
}
