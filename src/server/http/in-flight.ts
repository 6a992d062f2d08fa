// How many requests are worked on at the same time, reads and writes counted apart, as upstream's --max-requests-inflight.

import { StatusError } from '../../api/status-error.ts';

/** The two budgets. */
export interface InFlightLimits {
  readonly readonly: number;
  readonly mutating: number;
}

/** Upstream's defaults. */
const DEFAULT_LIMITS: InFlightLimits = { readonly: 400, mutating: 200 };

/** Counts requests. */
export class InFlight {
  readonly #limits: InFlightLimits;
  readonly #running = { readonly: 0, mutating: 0 };

  constructor(limits: InFlightLimits = DEFAULT_LIMITS) {
    this.#limits = limits;
  }

  /** Takes a place; returns how to leave it. @throws StatusError TooManyRequests */
  enter(kind: keyof InFlightLimits): () => void {
    if (this.#running[kind] >= this.#limits[kind]) {
      throw new StatusError(429, 'TooManyRequests', 'Too many requests, please try again later.', { retryAfterSeconds: 1 });
    }
    this.#running[kind]++;
    return () => {
      this.#running[kind]--;
    };
  }

  /** Requests that are worked on. */
  running(kind: keyof InFlightLimits): number {
    return this.#running[kind];
  }
}
