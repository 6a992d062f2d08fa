// One priority level with its life: how many of its requests run, and its queues. What the levels share is flow-control.ts's.

import type { PriorityLevelConfiguration } from '../../../api/types/flowcontrol-v1.gen.ts';
import { FairQueues, type QueuedRequest, type QueueShape } from './fair-queues.ts';
import type { SeatLimits } from './seat-plan.ts';

/** Seats that one request takes at most, and the part of a level's share that it takes at most: upstream's. */
const MOST_SEATS = 10;
const WIDEST_PART = 0.15;

/** A level. `R` is what waits in it. */
export class PriorityLevel<R extends object> {
  readonly name: string;
  /** Requests that run. */
  running = 0;
  /** Seats they take. */
  taken = 0;
  limits: SeatLimits = { nominal: 0, lower: 0, upper: 0 };
  #object: PriorityLevelConfiguration;
  /** The newest first; older ones only empty themselves. None for a level that does not queue. */
  #queues: FairQueues<R>[] = [];

  constructor(object: PriorityLevelConfiguration) {
    this.name = object.metadata.name ?? '';
    this.#object = object;
    this.configure(object);
  }

  get uid(): string {
    return this.#object.metadata.uid ?? '';
  }

  get exempt(): boolean {
    return this.#object.spec.type === 'Exempt';
  }

  /** Whether requests may wait here. */
  get queues(): boolean {
    return this.#shape() !== undefined;
  }

  get waiting(): number {
    return this.#queues.reduce((sum, queues) => sum + queues.waiting, 0);
  }

  /** The queues that hold something, for the dump. */
  lengths(): ReturnType<FairQueues<R>['lengths']> {
    return this.#queues.flatMap((queues) => queues.lengths());
  }

  /** The most seats that one request takes: a part of the level's share, so that neither it nor the queues of one flow fill the level. */
  get widest(): number {
    const part = Math.min(WIDEST_PART, 1 / (this.#shape()?.handSize ?? 1));
    return Math.max(1, Math.min(MOST_SEATS, Math.ceil(this.limits.nominal * part)));
  }

  /** Goes on as `object` says; what waits stays in the queues it is in. */
  configure(object: PriorityLevelConfiguration): void {
    this.#object = object;
    const shape = this.#shape();
    const current = this.#queues[0]?.shape;
    this.#queues = this.#queues.filter((queues) => queues.waiting + queues.running > 0);
    const same = current && shape && (['queues', 'handSize', 'queueLengthLimit'] as const).every((name) => current[name] === shape[name]);
    if (shape && (!same || this.#queues[0]?.shape !== current)) this.#queues.unshift(new FairQueues(shape));
  }

  #shape(): QueueShape | undefined {
    const { type, limited } = this.#object.spec;
    const queuing = type === 'Limited' ? limited?.limitResponse?.queuing : undefined;
    return queuing && { queues: 64, handSize: 8, queueLengthLimit: 50, ...queuing }; // The defaults of the API.
  }

  /** Puts a request of so many seats into a queue of its flow; undefined when that is full. */
  add(
    request: R,
    hash: number,
    { now, width }: { now: number; width: number },
  ): { readonly queued: QueuedRequest; readonly queues: FairQueues<R> } | undefined {
    const queues = this.#queues[0];
    const queued = queues?.add(request, hash, { now, width, seats: this.#seats });
    return queues && queued && { queued, queues };
  }

  /** The request whose turn it is; it goes on waiting. */
  peek(): R | undefined {
    return this.#oldest()?.peek();
  }

  /** Takes the request whose turn it is. */
  next(now: number): R | undefined {
    return this.#oldest()?.next({ now, seats: this.#seats });
  }

  #oldest(): FairQueues<R> | undefined {
    return this.#queues.findLast((queues) => queues.waiting > 0);
  }

  /** A request of these queues is over. */
  finish(place: { readonly queued: QueuedRequest; readonly queues: FairQueues<R> }, now: number): void {
    place.queues.finish(place.queued, { now, seats: this.#seats });
  }

  get #seats(): number {
    return Math.max(this.limits.nominal, this.taken, 1);
  }
}
