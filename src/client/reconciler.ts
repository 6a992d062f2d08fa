// Contract of a controller's inner loop. Implemented by client/rate-limited-queue.ts and client/controller-loop.ts.

/** What `reconcile` asks of the queue: nothing, or to come again. */
export interface ReconcileResult {
  /** Reconcile the same key again after this many milliseconds, whatever happens. */
  readonly requeueAfterMs?: number;
}

/**
 * Brings the state behind a key towards what is desired. Driven by the key alone: read the current state, never an event's content.
 * Runs at most once at a time for a key. A rejection is logged and retried with exponential back-off (5 ms to 1000 s).
 */
export type Reconcile = (key: string, signal: AbortSignal) => Promise<ReconcileResult | undefined>;

/** A queue of keys: a key is in it once, is never given out twice at a time, and can be added from handlers. */
export interface WorkQueue {
  add(key: string): void;
  addAfter(key: string, ms: number): void;
  /** Adds with the key's back-off. */
  addRateLimited(key: string): void;
  /** Ends the key's back-off. */
  forget(key: string): void;
  readonly length: number;
}
