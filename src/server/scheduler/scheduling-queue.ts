// Pods that wait for a node. Three places: active (to be tried, by priority and time), back-off (tried again after a pause, or
// when nothing else is to do), unschedulable (until a change that may help, or five minutes). Bounded by the number of pods.

import type { Clock, Timer } from '../../base/clock.ts';
import { Heap } from './heap.ts';
import type { PodInfo } from './pod-info.ts';
import { type ClusterEvent, isWorthRetrying } from './queueing-hints.ts';

/** First pause after a failure; doubles with every attempt … */
const INITIAL_BACKOFF_MS = 1_000;
/** … up to this. */
const MAX_BACKOFF_MS = 10_000;
/** A pod is tried again after this long even if nothing happened. */
const MAX_UNSCHEDULABLE_MS = 300_000;
/** How often the above is looked for. */
const FLUSH_INTERVAL_MS = 30_000;

/** A pod in the queue. */
export interface QueuedPod {
  readonly info: PodInfo;
  /** How often it was tried. */
  readonly attempts: number;
  /** Monotonic time since when it waits in its place. */
  readonly sinceMs: number;
  /** Plugins that rejected it last. */
  readonly plugins: ReadonlySet<string>;
  /** Failed for another reason than that no node fits: the pause must be kept. */
  readonly failed: boolean;
}

const keyOf = (item: QueuedPod): string => item.info.key;

const isGated = (info: PodInfo): boolean => (info.pod.spec.schedulingGates ?? []).length > 0;

function beforeInActive(a: QueuedPod, b: QueuedPod): boolean {
  return a.info.priority !== b.info.priority ? a.info.priority > b.info.priority : a.sinceMs < b.sinceMs;
}

/** The end of the pause of a pod that was tried so often. */
function backoffEnd(item: QueuedPod): number {
  const pause = item.attempts === 0 ? 0 : Math.min(INITIAL_BACKOFF_MS * 2 ** (item.attempts - 1), MAX_BACKOFF_MS);
  return item.sinceMs + pause;
}

/** The queue. `onReady` is called when there may be something to pop. */
export class SchedulingQueue {
  readonly #clock: Pick<Clock, 'monotonic' | 'after'>;
  readonly #onReady: () => void;
  readonly #active = new Heap<QueuedPod>(keyOf, beforeInActive);
  readonly #backoff = new Heap<QueuedPod>(keyOf, (a, b) => backoffEnd(a) < backoffEnd(b));
  readonly #unschedulable = new Map<string, QueuedPod>();
  #timer: Timer | undefined;
  #flushTimer: Timer | undefined;

  constructor(onReady: () => void, deps: { readonly clock: Pick<Clock, 'monotonic' | 'after'> }) {
    this.#onReady = onReady;
    this.#clock = deps.clock;
  }

  /** How many pods are where. */
  get counts(): { readonly active: number; readonly backoff: number; readonly unschedulable: number } {
    return { active: this.#active.size, backoff: this.#backoff.size, unschedulable: this.#unschedulable.size };
  }

  /** A pod that appeared. */
  add(info: PodInfo): void {
    const item: QueuedPod = { info, attempts: 0, sinceMs: this.#clock.monotonic(), plugins: new Set(), failed: false };
    this.#removeEverywhere(info.key);
    if (isGated(info)) this.#park(item);
    else this.#activate(item);
  }

  /** A new version of a waiting pod. `changed` = something that scheduling looks at is different. Adds pods it does not know. */
  update(info: PodInfo, changed: 'changed' | 'same'): void {
    const old = this.#find(info.key);
    if (!old) {
      this.add(info);
      return;
    }
    const item = { ...old, info };
    const wasActive = this.#active.has(info.key);
    const wasBackoff = this.#backoff.has(info.key);
    this.#removeEverywhere(info.key);
    if (isGated(info)) this.#park(item);
    else if (wasActive) this.#active.push(item);
    else if (wasBackoff) this.#backoff.push(item);
    else if (changed === 'changed') this.#retry(item);
    else this.#park(item);
  }

  /** A pod that is gone or has a node. */
  remove(key: string): void {
    this.#removeEverywhere(key);
  }

  has(key: string): boolean {
    return this.#find(key) !== undefined;
  }

  /** The next pod to try; its attempts include this one. When no pod is active, one from back-off need not wait. */
  pop(): QueuedPod | undefined {
    const item = this.#active.pop() ?? this.#popBackoff();
    return item && { ...item, attempts: item.attempts + 1 };
  }

  /** No node fits: waits for a change that may help. */
  unschedulable(item: QueuedPod, plugins: ReadonlySet<string>): void {
    this.#park({ ...item, plugins, failed: false, sinceMs: this.#clock.monotonic() });
  }

  /** Something went wrong: tried again after a pause. */
  retryLater(item: QueuedPod): void {
    this.#backoff.push({ ...item, plugins: new Set(), failed: true, sinceMs: this.#clock.monotonic() });
    this.#schedule();
  }

  /** Moves the pods that the event may help. */
  onEvent(event: ClusterEvent): void {
    for (const item of [...this.#unschedulable.values()]) {
      if (isGated(item.info) || !isWorthRetrying(item.info, item.plugins, event)) continue;
      this.#unschedulable.delete(item.info.key);
      this.#retry(item);
    }
  }

  /** Ends all timers. */
  stop(): void {
    this.#timer?.cancel();
    this.#flushTimer?.cancel();
  }

  #find(key: string): QueuedPod | undefined {
    const parked = this.#unschedulable.get(key);
    if (parked) return parked;
    for (const heap of [this.#active, this.#backoff]) {
      const item = heap.remove(key);
      if (item) {
        heap.push(item);
        return item;
      }
    }
    return undefined;
  }

  #removeEverywhere(key: string): void {
    this.#active.remove(key);
    this.#backoff.remove(key);
    this.#unschedulable.delete(key);
  }

  #activate(item: QueuedPod): void {
    this.#active.push(item);
    this.#onReady();
  }

  #park(item: QueuedPod): void {
    this.#unschedulable.set(item.info.key, item);
    this.#flushTimer ??= this.#clock.after(FLUSH_INTERVAL_MS, () => this.#flush());
  }

  /** Into back-off while the pause lasts, else active. */
  #retry(item: QueuedPod): void {
    if (backoffEnd(item) <= this.#clock.monotonic()) {
      this.#activate({ ...item, sinceMs: this.#clock.monotonic() });
      return;
    }
    this.#backoff.push(item);
    this.#schedule();
    this.#onReady();
  }

  #popBackoff(): QueuedPod | undefined {
    const first = this.#backoff.peek();
    if (!first || (first.failed && backoffEnd(first) > this.#clock.monotonic())) return undefined;
    return this.#backoff.pop();
  }

  #schedule(): void {
    this.#timer?.cancel();
    const first = this.#backoff.peek();
    if (!first) return;
    this.#timer = this.#clock.after(Math.max(0, backoffEnd(first) - this.#clock.monotonic()), () => this.#endPauses());
  }

  #endPauses(): void {
    const now = this.#clock.monotonic();
    for (let first = this.#backoff.peek(); first && backoffEnd(first) <= now; first = this.#backoff.peek()) {
      this.#backoff.pop();
      this.#activate({ ...first, sinceMs: now });
    }
    this.#schedule();
  }

  #flush(): void {
    this.#flushTimer = undefined;
    const now = this.#clock.monotonic();
    for (const item of [...this.#unschedulable.values()]) {
      if (isGated(item.info) || now - item.sinceMs < MAX_UNSCHEDULABLE_MS) continue;
      this.#unschedulable.delete(item.info.key);
      this.#retry(item);
    }
    if (this.#unschedulable.size > 0) this.#flushTimer = this.#clock.after(FLUSH_INTERVAL_MS, () => this.#flush());
  }
}
