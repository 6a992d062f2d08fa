// The queues of one priority level and which of them comes next: fair queuing by virtual time over shuffle-sharded queues. It knows no clock
// and waits for nothing; times are given in milliseconds. The algorithm is that of KEP 1040: a queue's next request would finish, if all queues
// were served evenly, at the queue's virtual start plus an estimated duration, which is corrected when the true one is known.

import { dealHand } from './shuffle-shard.ts';

/** How long a request is taken to run before it is known. */
const ESTIMATED_MS = 3;

/** The shape of the queues. */
export interface QueueShape {
  readonly queues: number;
  readonly handSize: number;
  readonly queueLengthLimit: number;
}

/** A request in one of the queues. */
export interface QueuedRequest {
  readonly queue: Queue;
  /** Seats it takes while it runs. */
  readonly width: number;
  /** Set when it began to run. */
  startedAt: number | undefined;
}

interface Queue {
  readonly index: number;
  readonly waiting: QueuedRequest[];
  running: number;
  /** Virtual time at which the request at its head begins. */
  virtualStart: number;
}

/** Queues of requests `R`. */
export class FairQueues<R extends object> {
  readonly shape: QueueShape;
  readonly #requests = new Map<QueuedRequest, R>();
  /** Queues with a request that waits or runs, by index. The others are made when they are needed. */
  readonly #active = new Map<number, Queue>();
  #virtualTime = 0;
  #lastTime = 0;
  #running = 0;
  /** Seats of the requests that run. */
  #taken = 0;

  constructor(shape: QueueShape) {
    this.shape = shape;
  }

  /** Requests that wait. */
  get waiting(): number {
    return this.#requests.size;
  }

  /** Requests that run. */
  get running(): number {
    return this.#running;
  }

  /** Lengths of the queues that hold something, for the dump. */
  lengths(): { readonly waiting: number; readonly running: number }[] {
    return [...this.#active.values()].map(({ waiting, running }) => ({ waiting: waiting.length, running }));
  }

  /** Puts a request into the emptiest queue of its flow's hand; undefined when that one is full. `seats` = all of the level, `width` = its own (default 1). */
  add(request: R, hash: number, { now, seats, width = 1 }: { now: number; seats: number; width?: number }): QueuedRequest | undefined {
    this.#advance(now, seats);
    const queue = this.#emptiest(hash);
    if (queue.waiting.length >= this.shape.queueLengthLimit) return undefined;
    const queued: QueuedRequest = { queue, width, startedAt: undefined };
    queue.waiting.push(queued);
    this.#requests.set(queued, request);
    this.#active.set(queue.index, queue);
    return queued;
  }

  /** Takes the request whose turn it is and counts it as running; undefined when none waits. */
  next({ now, seats }: { now: number; seats: number }): R | undefined {
    this.#advance(now, seats);
    const best = this.#nextQueue();
    const queued = best?.waiting.shift();
    if (!best || !queued) return undefined;
    best.virtualStart += ESTIMATED_MS * queued.width;
    best.running++;
    this.#running++;
    this.#taken += queued.width;
    queued.startedAt = now;
    const request = this.#requests.get(queued);
    this.#requests.delete(queued);
    return request;
  }

  /** The request whose turn it is; it goes on waiting. */
  peek(): R | undefined {
    const queued = this.#nextQueue()?.waiting[0];
    return queued && this.#requests.get(queued);
  }

  #nextQueue(): Queue | undefined {
    let best: Queue | undefined;
    for (const queue of this.#active.values()) {
      if (queue.waiting.length > 0 && (best === undefined || queue.virtualStart < best.virtualStart)) best = queue;
    }
    return best;
  }

  /** A request that ran is over: its queue pays for the time it took on all its seats, not the estimated one. */
  finish({ queue, startedAt, width }: QueuedRequest, { now, seats }: { now: number; seats: number }): void {
    this.#advance(now, seats);
    queue.virtualStart += (now - (startedAt ?? now) - ESTIMATED_MS) * width;
    queue.running--;
    this.#running--;
    this.#taken -= width;
    this.#settle(queue);
  }

  /** A request that waits gives up. */
  remove(queued: QueuedRequest): void {
    const at = queued.queue.waiting.indexOf(queued);
    if (at < 0) return;
    queued.queue.waiting.splice(at, 1);
    this.#requests.delete(queued);
    this.#settle(queued.queue);
  }

  #settle(queue: Queue): void {
    if (queue.running === 0 && queue.waiting.length === 0) this.#active.delete(queue.index);
  }

  /** Virtual time runs as fast as each active queue is served: the seats in use, shared among them. */
  #advance(now: number, seats: number): void {
    const elapsed = now - this.#lastTime;
    this.#lastTime = now;
    const demand = Math.min(this.#taken + this.waiting, seats);
    if (this.#active.size > 0 && elapsed > 0) this.#virtualTime += (elapsed * demand) / this.#active.size;
  }

  #emptiest(hash: number): Queue {
    const { queues, handSize } = this.shape;
    let best: Queue | undefined;
    for (const index of dealHand(hash, queues, handSize)) {
      const queue = this.#active.get(index);
      // A queue that was idle is not owed the time in which it asked for nothing.
      if (!queue) return { index, waiting: [], running: 0, virtualStart: this.#virtualTime };
      if (best === undefined || load(queue) < load(best)) best = queue;
    }
    return best ?? { index: 0, waiting: [], running: 0, virtualStart: this.#virtualTime };
  }
}

const load = ({ waiting, running }: Queue): number => waiting.length + running;
