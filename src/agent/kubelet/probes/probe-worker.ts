// One probe of one run of a container: when it is due, what it has said so far.

import type { Probe } from '../../../api/types/core-v1.gen.ts';
import type { Clock, Timer } from '../../../base/clock.ts';
import { type Attempt, judge, type ProbeKind, type Progress, probeNumbers, type Verdict } from './probe-rules.ts';

/** What a worker is. */
export interface ProbeWorkerOptions {
  readonly kind: ProbeKind;
  readonly probe: Probe;
  /** Wall-clock start of the container. */
  readonly startedAtMs: number;
  readonly first: Progress;
  /** Delay before the first attempt, for the spread after a start of kts. */
  readonly delayMs: number;
}

/** What a worker needs of its manager. */
export interface ProbeWorkerDeps {
  readonly clock: Pick<Clock, 'after' | 'now' | 'monotonic'>;
  /** Probes once; never rejects. */
  readonly attempt: () => Promise<Attempt>;
  /** Whether the probe is wanted now; asked before each attempt. */
  readonly due: () => boolean;
  readonly onAttempt: (attempt: Attempt) => void;
  readonly onVerdict: () => void;
}

/** Attempts at fixed intervals, one at a time. A liveness or startup probe that failed for good rests: the container will be replaced. */
export class ProbeWorker {
  readonly kind: ProbeKind;
  readonly probe: Probe;
  readonly #options: ProbeWorkerOptions;
  readonly #deps: ProbeWorkerDeps;
  readonly #periodMs: number;
  #progress: Progress;
  #timer: Timer | undefined;
  #running = false;
  #stopped = false;

  constructor(options: ProbeWorkerOptions, deps: ProbeWorkerDeps) {
    this.kind = options.kind;
    this.probe = options.probe;
    this.#options = options;
    this.#deps = deps;
    this.#periodMs = probeNumbers(options.probe).period * 1000;
    this.#progress = options.first;
    if (!this.#done) this.#schedule(this.#firstDelay());
  }

  get verdict(): Verdict {
    return this.#progress.verdict;
  }

  /** Attempts at once instead of at the next interval. */
  trigger(): void {
    if (!this.#running && !this.#stopped && !this.#done && this.#initialDelayLeft() <= 0) this.#schedule(0);
  }

  stop(): void {
    this.#stopped = true;
    this.#timer?.cancel();
  }

  /** Nothing more to find out: a startup probe that succeeded, or a failure for good. */
  get #done(): boolean {
    if (this.kind === 'readiness') return false;
    return this.verdict === 'failure' || (this.kind === 'startup' && this.verdict === 'success');
  }

  #initialDelayLeft(): number {
    const age = this.#deps.clock.now() - this.#options.startedAtMs;
    return probeNumbers(this.probe).initialDelay * 1000 - age;
  }

  #firstDelay(): number {
    return Math.max(this.#initialDelayLeft(), this.#options.delayMs, 0);
  }

  #schedule(delayMs: number): void {
    this.#timer?.cancel();
    this.#timer = this.#deps.clock.after(delayMs, () => void this.#tick());
  }

  async #tick(): Promise<void> {
    const startedAt = this.#deps.clock.monotonic();
    if (this.#deps.due()) {
      this.#running = true;
      const attempt = await this.#deps.attempt();
      this.#running = false;
      if (this.#stopped) return;
      this.#count(attempt);
    }
    if (this.#stopped || this.#done) return;
    const elapsed = this.#deps.clock.monotonic() - startedAt;
    // An attempt that took longer than the period leaves out the intervals it overran.
    this.#schedule(this.#periodMs - (elapsed % this.#periodMs));
  }

  #count(attempt: Attempt): void {
    const before = this.verdict;
    this.#progress = judge(this.#progress, attempt, probeNumbers(this.probe));
    this.#deps.onAttempt(attempt);
    if (this.verdict !== before) this.#deps.onVerdict();
  }
}
