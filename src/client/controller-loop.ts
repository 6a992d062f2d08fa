// The loop every controller runs in: changes of informers become keys in a queue, workers reconcile the keys, failures are
// logged with the key, counted and retried with back-off. A bug in one controller stays in its loop.

import type { KubeObject } from '../api/object.ts';
import { keyOf } from '../api/object.ts';
import { hasReason, StatusError } from '../api/status-error.ts';
import type { Clock } from '../base/clock.ts';
import { type Component, TaskGroup } from '../base/component.ts';
import type { Logger } from '../base/log.ts';
import type { Change, Informer } from './informer.ts';
import { RateLimitedQueue } from './rate-limited-queue.ts';
import type { Reconcile, WorkQueue } from './reconciler.ts';

/** An informer the loop waits for, and the keys its changes put into the queue. Made by `source`. */
export interface LoopSource {
  synced(signal: AbortSignal): Promise<void>;
  subscribe(queue: WorkQueue): () => void;
}

/**
 * A source of keys. `keysOf` maps a change to the keys to reconcile (default: the object's own key; `noKeys` = only wait for
 * the informer). It is called in the order of changes, must not wait, and may also note the change (expectations).
 */
export function source<T extends KubeObject>(
  informer: Informer<T>,
  keysOf: (change: Change<T>) => readonly string[] = (change) => [keyOf(change.object)],
): LoopSource {
  return {
    synced: (signal) => informer.synced(signal),
    subscribe: (queue) =>
      informer.onChange((change) => {
        for (const key of keysOf(change)) queue.add(key);
      }),
  };
}

/** For `source`: the loop reads the informer, but its changes cause no work. */
export const noKeys = (): readonly string[] => [];

/** What a loop runs. */
export interface LoopWork {
  readonly sources: readonly LoopSource[];
  readonly reconcile: Reconcile;
  /** Called once when the sources have synced, before the first key is worked on; e.g. to start a periodic task. */
  readonly onSynced?: (signal: AbortSignal) => void;
}

/** Options of a loop. */
export interface ControllerLoopOptions {
  /** e.g. `replicaset`: the name of the component and of its log lines. */
  readonly name: string;
  /** Keys reconciled at the same time. Default 5, as upstream's default for most controllers. */
  readonly workers?: number;
  /** Called at start, not before: asks the informer factory for informers and returns the work. */
  readonly setup: (queue: WorkQueue) => LoopWork;
}

/** A running controller. `start` returns at once; keys are worked on as soon as the sources have synced. */
export class ControllerLoop implements Component {
  readonly name: string;
  readonly #options: ControllerLoopOptions;
  readonly #log: Logger;
  readonly #queue: RateLimitedQueue;
  readonly #tasks: TaskGroup;
  #unsubscribe: (() => void)[] = [];
  #reconciles = 0;
  #failures = 0;

  constructor(options: ControllerLoopOptions, deps: { readonly clock: Clock; readonly log: Logger }) {
    this.name = options.name;
    this.#options = options;
    this.#log = deps.log.child(options.name);
    this.#queue = new RateLimitedQueue({}, deps);
    this.#tasks = new TaskGroup(this.#log);
  }

  /** Reconciles so far, and how many of them failed. */
  get counts(): { readonly reconciles: number; readonly failures: number; readonly queued: number } {
    return { reconciles: this.#reconciles, failures: this.#failures, queued: this.#queue.length };
  }

  async start(): Promise<void> {
    const work = this.#options.setup(this.#queue);
    this.#unsubscribe = work.sources.map((s) => s.subscribe(this.#queue));
    this.#tasks.run('run', async (signal) => {
      await Promise.all(work.sources.map((s) => s.synced(signal)));
      work.onSynced?.(signal);
      const workers = Array.from({ length: this.#options.workers ?? 5 }, () => this.#worker(work.reconcile, signal));
      await Promise.all(workers);
    });
  }

  async stop(): Promise<void> {
    for (const unsubscribe of this.#unsubscribe.splice(0)) unsubscribe();
    this.#queue.close();
    await this.#tasks.stop();
  }

  async #worker(reconcile: Reconcile, signal: AbortSignal): Promise<void> {
    for (;;) {
      const key = await this.#queue.take();
      if (key === undefined) return;
      await this.#reconcileOne(key, reconcile, signal);
      this.#queue.done(key);
    }
  }

  async #reconcileOne(key: string, reconcile: Reconcile, signal: AbortSignal): Promise<void> {
    this.#reconciles++;
    try {
      const result = await reconcile(key, signal);
      this.#queue.forget(key);
      if (result?.requeueAfterMs !== undefined) this.#queue.addAfter(key, result.requeueAfterMs);
    } catch (error) {
      if (signal.aborted) return;
      this.#failures++;
      this.#report(key, error);
      this.#queue.addRateLimited(key);
    }
  }

  #report(key: string, error: unknown): void {
    const fields = { key, failures: this.#queue.failures(key) + 1, error };
    // The usual ways to learn that the informer is behind: the object has changed, or it has just gone. The retry reads what is now.
    const isBehind = hasReason(error, 'Conflict') || (hasReason(error, 'NotFound') && fields.failures === 1);
    if (isBehind) this.#log.debug('reconcile retried', fields);
    else if (error instanceof StatusError) this.#log.warn('reconcile failed', fields);
    else this.#log.error('reconcile failed', fields);
  }
}
