// Limits how many of something run at once; those that wait go in order.

/** A counting semaphore. */
export class Semaphore {
  readonly #limit: number;
  #taken = 0;
  /** Who waits; bounded by the callers (a pod waits at most once). */
  readonly #waiting: (() => void)[] = [];

  /** @throws RangeError for a limit below 1 */
  constructor(limit: number) {
    if (!(limit >= 1)) throw new RangeError(`a semaphore of ${limit}`);
    this.#limit = limit;
  }

  /** Runs `work` when its turn has come. An abort while waiting rejects with the signal's reason. */
  async run<T>(work: () => Promise<T>, signal?: AbortSignal): Promise<T> {
    await this.#take(signal);
    try {
      return await work();
    } finally {
      this.#taken--;
      this.#waiting.shift()?.();
    }
  }

  #take(signal: AbortSignal | undefined): Promise<void> {
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
        const at = this.#waiting.indexOf(go);
        if (at >= 0) this.#waiting.splice(at, 1);
        reject(signal?.reason);
      };
      this.#waiting.push(go);
      signal?.addEventListener('abort', onAbort, { once: true });
    });
  }
}
