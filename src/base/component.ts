// The life of a long-lived part, and the group that runs background work and answers for its failures.

import { isAbort, messageOf } from './errors.ts';
import type { Logger } from './log.ts';

/** A part with a life. `start` resolves when it is ready; `stop` drains and resolves when nothing of it is left. */
export interface Component {
  readonly name: string;
  /** Called once. @throws whatever keeps it from becoming ready. */
  start(): Promise<void>;
  /** May be called in any state, more than once. Never rejects for a part that was never started. */
  stop(): Promise<void>;
}

/** Starts components in order and stops them in reverse order. A failed start stops those already started. */
export async function startAll(components: readonly Component[]): Promise<void> {
  for (const [index, component] of components.entries()) {
    try {
      await component.start();
    } catch (error) {
      await stopAll(components.slice(0, index));
      throw error;
    }
  }
}

/** Stops components in reverse order; waits for each. */
export async function stopAll(components: readonly Component[]): Promise<void> {
  for (const component of components.toReversed()) await component.stop();
}

/** Background work of one owner: no promise floats, a failure is reported to the owner, stop aborts and waits. */
export class TaskGroup {
  readonly #abort = new AbortController();
  readonly #running = new Set<Promise<void>>();
  readonly #log: Logger;
  readonly #onFailure: (error: unknown) => void;

  /** `onFailure` is told of the first rejection of any task that is not an abort; by default it is only logged. */
  constructor(log: Logger, onFailure: (error: unknown) => void = () => {}) {
    this.#log = log;
    this.#onFailure = onFailure;
  }

  /** Aborted by `stop`. */
  get signal(): AbortSignal {
    return this.#abort.signal;
  }

  /** Runs `work` in the background. After `stop` nothing is started. */
  run(name: string, work: (signal: AbortSignal) => Promise<void>): void {
    if (this.signal.aborted) return;
    const task = work(this.signal)
      .catch((error: unknown) => {
        if (this.signal.aborted || isAbort(error)) return;
        this.#log.error('background task failed', { task: name, error: messageOf(error) });
        this.#onFailure(error);
      })
      .finally(() => this.#running.delete(task));
    this.#running.add(task);
  }

  /** Aborts all tasks and waits for them. */
  async stop(): Promise<void> {
    this.#abort.abort();
    await Promise.all(this.#running);
  }
}
