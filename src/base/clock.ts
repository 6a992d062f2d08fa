// Time as a port: everything that reads the time or waits takes a Clock, so that tests decide what time it is.

/** A timer that can be cancelled. Cancelling twice, or after it fired, does nothing. */
export interface Timer {
  cancel(): void;
}

/** The source of time. */
export interface Clock {
  /** Wall-clock time in milliseconds since 1970. May jump. */
  now(): number;
  /** Monotonic time in milliseconds from an arbitrary start. Never jumps: use it for durations. */
  monotonic(): number;
  /** Calls `fn` once after `ms` milliseconds. The timer does not keep the process alive. */
  after(ms: number, fn: () => void): Timer;
  /** Resolves after `ms` milliseconds; rejects with the signal's reason when aborted first. */
  sleep(ms: number, signal?: AbortSignal): Promise<void>;
}

/** The machine's clock. */
export const systemClock: Clock = {
  now: () => Date.now(),
  monotonic: () => performance.now(),
  after(ms, fn) {
    const timer = setTimeout(fn, ms);
    timer.unref();
    return { cancel: () => clearTimeout(timer) };
  },
  sleep(ms, signal) {
    return sleepOn(systemClock, ms, signal);
  },
};

const LONGEST_TIMER_MS = 2 ** 31 - 1;

/** Resolves in the next turn of the event loop: microtasks, and the input and output that is due, come first. */
export function nextTurn(): Promise<void> {
  return new Promise((resolve) => void setImmediate(resolve));
}

/** Keeps the process running until it is told to exit, even while it only sleeps: the timers of the clock do not. */
export function holdProcess(): void {
  setInterval(() => {}, LONGEST_TIMER_MS);
}

/** `Clock.sleep` in terms of `Clock.after`, for implementations of Clock. */
export function sleepOn(clock: Pick<Clock, 'after'>, ms: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    if (signal?.aborted) {
      reject(signal.reason);
      return;
    }
    const onAbort = (): void => {
      timer.cancel();
      reject(signal?.reason);
    };
    const timer = clock.after(ms, () => {
      signal?.removeEventListener('abort', onAbort);
      resolve();
    });
    signal?.addEventListener('abort', onAbort, { once: true });
  });
}

/** RFC 3339 with whole seconds in UTC, as Kubernetes writes `time` fields. */
export function rfc3339(ms: number): string {
  return `${new Date(ms).toISOString().slice(0, 19)}Z`;
}

/** RFC 3339 with six fraction digits, as Kubernetes writes `microtime` fields. */
export function rfc3339Micro(ms: number): string {
  return `${new Date(ms).toISOString().slice(0, 23)}000Z`;
}
