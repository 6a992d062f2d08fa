// Gathers audit events and hands them on in batches, so that no request waits. What does not fit is lost, and counted.
// Bounds, waits and throttling are those of kube-apiserver's --audit-*-batch-* flags.

import type { Clock, Timer } from '../../base/clock.ts';

/** Most bytes that wait or are on their way, beside the number of events: upstream's 10,000 may be of any size. */
const MAX_BYTES = 16 << 20;

/** How events are gathered. */
export interface BatchOptions {
  /** Events that may wait. */
  readonly bufferSize: number;
  /** Events of one batch. */
  readonly maxSize: number;
  /** How long an event waits for others, milliseconds. */
  readonly maxWaitMs: number;
  /** Batches a second on average, and at once after a pause; absent = any number. */
  readonly throttle: { readonly qps: number; readonly burst: number } | undefined;
}

/** What a buffer is made with beside that. */
export interface AuditBufferOptions extends BatchOptions {
  /** Batches on their way at a time. */
  readonly parallel: number;
  /** Bytes of one batch. Default any. */
  readonly maxBatchBytes?: number;
}

/** What it needs. */
export interface AuditBufferDeps {
  readonly clock: Pick<Clock, 'after' | 'monotonic'>;
  /** Hands a batch on. Never rejects. */
  readonly deliver: (lines: readonly string[]) => Promise<unknown>;
  /** Told of events for which there is no room. */
  readonly lose: (count: number, why: string) => void;
}

/** The buffer. */
export class AuditBuffer {
  readonly #options: AuditBufferOptions;
  readonly #deps: AuditBufferDeps;
  #waiting: string[] = [];
  #bytes = 0;
  #underWay = 0;
  #tokens: number;
  #filledAt: number;
  #timer: Timer | undefined;
  /** The oldest event has waited long enough. */
  #isDue = false;
  #drained: (() => void) | undefined;
  #isStopping = false;

  constructor(options: AuditBufferOptions, deps: AuditBufferDeps) {
    this.#options = options;
    this.#deps = deps;
    this.#tokens = options.throttle?.burst ?? 0;
    this.#filledAt = deps.clock.monotonic();
  }

  /** Takes one line. */
  write(line: string): void {
    if (this.#waiting.length >= this.#options.bufferSize || this.#bytes + line.length > MAX_BYTES) {
      this.#deps.lose(1, 'audit buffer queue blocked');
      return;
    }
    this.#waiting.push(line);
    this.#bytes += line.length;
    this.#pump();
  }

  /** Hands on what waits, without regard to rates, and waits for it. */
  async stop(): Promise<void> {
    this.#isStopping = true;
    this.#pump();
    if (this.#underWay > 0) await new Promise<void>((resolve) => (this.#drained = resolve));
    this.#timer?.cancel();
  }

  /** Sends what is to be sent now, and sees to it that the rest is sent in time. */
  #pump(): void {
    const { maxSize, maxWaitMs, parallel } = this.#options;
    while (this.#waiting.length > 0 && (this.#isStopping || this.#isDue || this.#waiting.length >= maxSize)) {
      if (this.#underWay >= parallel) return; // It goes on when one of them is back.
      const pause = this.#isStopping ? 0 : this.#throttled();
      if (pause > 0) {
        this.#wakeIn(pause);
        return;
      }
      this.#send(this.#take());
    }
    if (this.#waiting.length > 0) this.#timer ??= this.#deps.clock.after(maxWaitMs, () => this.#due());
    else this.#isDue = false;
  }

  #wakeIn(ms: number): void {
    this.#timer?.cancel();
    this.#timer = this.#deps.clock.after(ms, () => {
      this.#timer = undefined;
      this.#pump();
    });
  }

  #due(): void {
    this.#timer = undefined;
    this.#isDue = true;
    this.#pump();
  }

  #take(): string[] {
    const { maxSize, maxBatchBytes = Number.POSITIVE_INFINITY } = this.#options;
    let bytes = 0;
    let count = 0;
    for (const line of this.#waiting) {
      bytes += Buffer.byteLength(line);
      if (count >= maxSize || (count > 0 && bytes > maxBatchBytes)) break;
      count++;
    }
    return this.#waiting.splice(0, count);
  }

  #send(lines: readonly string[]): void {
    this.#timer?.cancel();
    this.#timer = undefined;
    this.#underWay++;
    void this.#deps.deliver(lines).finally(() => {
      this.#underWay--;
      for (const line of lines) this.#bytes -= line.length;
      this.#pump();
      if (this.#underWay === 0) this.#drained?.();
    });
  }

  /** Milliseconds until a batch may go; 0 takes its place. */
  #throttled(): number {
    const { throttle } = this.#options;
    if (!throttle) return 0;
    const now = this.#deps.clock.monotonic();
    this.#tokens = Math.min(throttle.burst, this.#tokens + ((now - this.#filledAt) * throttle.qps) / 1000);
    this.#filledAt = now;
    if (this.#tokens < 1) return Math.ceil(((1 - this.#tokens) * 1000) / throttle.qps);
    this.#tokens--;
    return 0;
  }
}
