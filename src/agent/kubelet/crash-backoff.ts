// Back-off with memory: 10 s doubling to 5 min, forgotten 10 min after the last failure (documented for container restarts; the same
// for image pulls).

/** First delay. */
const BACKOFF_MIN_MS = 10_000;
/** Longest delay. */
const BACKOFF_MAX_MS = 300_000;

interface Entry {
  readonly delayMs: number;
  readonly updatedMs: number;
}

/** Delays by key. An entry costs 100 bytes and its owner drops it with the pod. */
export class Backoffs {
  readonly #entries = new Map<string, Entry>();

  /** The delay that applies to a failure at `failedMs`; 0 when there is none (the first failure, or long ago). */
  delay(key: string, failedMs: number): number {
    const entry = this.#entries.get(key);
    return entry && !expired(entry, failedMs) ? entry.delayMs : 0;
  }

  /** Counts one more attempt after a failure at `failedMs`: the delay begins, doubles, or begins anew. */
  next(key: string, failedMs: number, nowMs: number): void {
    const entry = this.#entries.get(key);
    const delayMs = entry && !expired(entry, failedMs) ? Math.min(entry.delayMs * 2, BACKOFF_MAX_MS) : BACKOFF_MIN_MS;
    this.#entries.set(key, { delayMs, updatedMs: nowMs });
  }

  /** Drops the keys that begin with `prefix`. */
  forget(prefix: string): void {
    for (const key of this.#entries.keys()) if (key.startsWith(prefix)) this.#entries.delete(key);
  }
}

function expired(entry: Entry, eventMs: number): boolean {
  return eventMs - entry.updatedMs > 2 * BACKOFF_MAX_MS;
}

/** A delay as upstream's messages write it: `10s`, `1m20s`, `5m0s`. */
export function formatDelay(ms: number): string {
  const seconds = Math.round(ms / 1000);
  return seconds < 60 ? `${seconds}s` : `${Math.floor(seconds / 60)}m${seconds % 60}s`;
}
