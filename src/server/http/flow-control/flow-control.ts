// API priority and fairness: lets each request run, wait or go away, by the FlowSchemas and PriorityLevelConfigurations of the cluster.
// https://kubernetes.io/docs/concepts/cluster-administration/flow-control/

import { CATCH_ALL, type FlowControlObjects, MANDATORY_FLOW_CONTROL, SUGGESTED_FLOW_CONTROL } from '../../../api/flow-control-objects.ts';
import { StatusError } from '../../../api/status-error.ts';
import type { FlowSchema } from '../../../api/types/flowcontrol-v1.gen.ts';
import type { Clock, Timer } from '../../../base/clock.ts';
import type { FairQueues, QueuedRequest } from './fair-queues.ts';
import { distinguisherOf, type FlowRequest, matchingOrder, matchingSchema } from './flow-matching.ts';
import { FlowMetrics, type LevelState, type RejectReason } from './flow-metrics.ts';
import { PriorityLevel } from './priority-level.ts';
import { mayRun, pooled, poolSize, seatLimits } from './seat-plan.ts';
import { flowHash } from './shuffle-shard.ts';

/** Requests that may run at once: upstream's defaults of --max-requests-inflight and --max-mutating-requests-inflight together. */
const DEFAULT_SEATS = 600;
/** Longest wait in a queue: a quarter of the deadline of a request, as upstream. */
const MAX_WAIT_MS = 15_000;

/** A request that runs or waits. */
interface Ticket {
  readonly level: PriorityLevel<Ticket>;
  readonly flow: Flow;
  readonly schema: string;
  /** Seats it takes. */
  readonly width: number;
  readonly arrivedAt: number;
  startedAt: number | undefined;
  /** Where it stands in the queues; undefined for a level without. */
  place: { readonly queued: QueuedRequest; readonly queues: FairQueues<Ticket> } | undefined;
  /** Wakes up who waits. */
  wake: (() => void) | undefined;
  timer: Timer | undefined;
}

/** Where a request belongs. */
export interface Flow {
  readonly schema: FlowSchema;
  readonly level: PriorityLevel<Ticket>;
  /** Spread evenly over the flows of the schema. */
  readonly hash: number;
  readonly request: FlowRequest;
}

/** A request that runs or waits, as the dump shows it. Times in ms since 1970. */
export interface LiveRequest extends Flow {
  /** Index of its queue; -1 = it never stood in one. */
  readonly queue: number;
  /** How many wait in that queue before it; -1 = it runs. */
  readonly place: number;
  readonly arrivedAt: number;
  readonly startedAt: number | undefined;
  readonly width: number;
}

/** A request that runs. `release` it once it is over, or over as far as flow control is concerned; later calls do nothing. */
export interface Admitted {
  readonly release: () => void;
}

/** Flow control of one server. */
export class FlowControl {
  readonly #seats: number;
  readonly #clock: Clock;
  readonly #metrics = new FlowMetrics();
  readonly #levels = new Map<string, PriorityLevel<Ticket>>();
  /** Levels with requests that wait, also those that are no longer configured. */
  readonly #waiting = new Set<PriorityLevel<Ticket>>();
  readonly #live = new Set<Ticket>();
  #schemas: readonly FlowSchema[] = [];
  #pool = 0;

  /** `seats` = requests that may run at once, default 600. Acts by upstream's objects until `configure`d. */
  constructor(options: { readonly seats?: number | undefined }, deps: { readonly clock: Clock }) {
    this.#seats = options.seats ?? DEFAULT_SEATS;
    this.#clock = deps.clock;
    this.configure(SUGGESTED_FLOW_CONTROL);
  }

  /** Acts by these objects from now on, and by the mandatory ones where they are missing. */
  configure({ schemas, levels }: FlowControlObjects): void {
    const named = new Map([...MANDATORY_FLOW_CONTROL.levels, ...levels].map((level) => [level.metadata.name ?? '', level]));
    for (const name of [...this.#levels.keys()]) if (!named.has(name)) this.#levels.delete(name);
    const limits = seatLimits([...named.values()], this.#seats);
    for (const [name, object] of named) {
      const level = this.#levels.get(name) ?? new PriorityLevel<Ticket>(object);
      level.configure(object);
      level.limits = limits.get(name) ?? level.limits;
      this.#levels.set(name, level);
    }
    this.#pool = poolSize(limits.values());
    const all = new Map([...MANDATORY_FLOW_CONTROL.schemas, ...schemas].map((schema) => [schema.metadata.name ?? '', schema]));
    this.#schemas = matchingOrder([...all.values()], (name) => this.#levels.has(name));
    this.#dispatchAll();
  }

  /** The flow of a request. Every request has one: what nothing else matches goes to catch-all. */
  flowOf(request: FlowRequest): Flow {
    const schema = matchingSchema(this.#schemas, request) ?? this.#schemas.find(({ metadata }) => metadata.name === CATCH_ALL);
    const level = this.#levels.get(schema?.spec.priorityLevelConfiguration.name ?? '');
    if (!schema || !level) throw new RangeError('the mandatory objects of flow control are missing'); // configure puts them in.
    return { schema, level, hash: flowHash(schema.metadata.name ?? '', distinguisherOf(schema, request)), request };
  }

  /**
   * Lets a request run: at once, or when its turn comes. `signal` ends the wait; `seats` = how many it is worth, at most what its level allows one.
   * @throws StatusError TooManyRequests when its queue is full, its level may not wait, or it waited too long
   */
  admit(flow: Flow, signal: AbortSignal, seats = 1): Admitted | Promise<Admitted> {
    const now = this.#clock.monotonic();
    const { level, schema, hash } = flow;
    const ticket: Ticket = {
      level,
      flow,
      schema: schema.metadata.name ?? '',
      width: Math.min(seats, level.widest),
      arrivedAt: now,
      startedAt: undefined,
      place: undefined,
      wake: undefined,
      timer: undefined,
    };
    if (level.exempt || !level.queues) {
      if (!level.exempt && !this.#mayRun(level, ticket)) throw this.#rejection(ticket, 'concurrency-limit');
      this.#start(ticket, now);
      return this.#admitted(ticket);
    }
    ticket.place = level.add(ticket, hash, { now, width: ticket.width });
    if (!ticket.place) throw this.#rejection(ticket, 'queue-full');
    this.#dispatch(level);
    return ticket.startedAt === undefined ? this.#wait(ticket, signal) : this.#admitted(ticket);
  }

  /** The levels as they are now. */
  levels(): (LevelState & { readonly exempt: boolean; readonly lengths: ReturnType<PriorityLevel<Ticket>['lengths']> })[] {
    return [...this.#levels.values()].map((level) => ({
      name: level.name,
      limits: level.limits,
      running: level.running,
      taken: level.taken,
      waiting: level.waiting,
      exempt: level.exempt,
      lengths: level.lengths(),
    }));
  }

  /** The requests that run or wait now. */
  requests(): LiveRequest[] {
    const since = this.#clock.now() - this.#clock.monotonic();
    return [...this.#live].map(({ flow, width, arrivedAt, startedAt, place }) => ({
      ...flow,
      width,
      queue: place?.queued.queue.index ?? -1,
      place: place?.queued.queue.waiting.indexOf(place.queued) ?? -1,
      arrivedAt: since + arrivedAt,
      startedAt: startedAt === undefined ? undefined : since + startedAt,
    }));
  }

  /** The metrics, as text. */
  metrics(): string {
    return this.#metrics.text(this.levels());
  }

  async #wait(ticket: Ticket, signal: AbortSignal): Promise<Admitted> {
    this.#waiting.add(ticket.level);
    this.#live.add(ticket);
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const leave = (reason: RejectReason): void => {
      ticket.place?.queues.remove(ticket.place.queued);
      this.#live.delete(ticket);
      if (ticket.level.waiting === 0) this.#waiting.delete(ticket.level);
      reject(this.#rejection(ticket, reason));
    };
    const onAbort = (): void => leave('cancelled');
    signal.addEventListener('abort', onAbort, { once: true });
    ticket.wake = resolve;
    ticket.timer = this.#clock.after(MAX_WAIT_MS, () => leave('time-out'));
    try {
      await promise;
      return this.#admitted(ticket);
    } finally {
      ticket.timer.cancel();
      signal.removeEventListener('abort', onAbort);
    }
  }

  #admitted(ticket: Ticket): Admitted {
    let held = true;
    return {
      release: () => {
        if (held) this.#finish(ticket);
        held = false;
      },
    };
  }

  #rejection({ level, schema }: Ticket, reason: RejectReason): StatusError {
    this.#metrics.rejected({ level: level.name, schema }, reason);
    return new StatusError(429, 'TooManyRequests', 'Too many requests, please try again later.', { retryAfterSeconds: 1 });
  }

  #start(ticket: Ticket, now: number): void {
    ticket.startedAt = now;
    this.#live.add(ticket);
    ticket.level.running++;
    ticket.level.taken += ticket.width;
    this.#metrics.started({ level: ticket.level.name, schema: ticket.schema }, now - ticket.arrivedAt);
    ticket.wake?.();
  }

  #finish(ticket: Ticket): void {
    const now = this.#clock.monotonic();
    const { level, schema, place, startedAt = now } = ticket;
    this.#live.delete(ticket);
    level.running--;
    level.taken -= ticket.width;
    if (place) level.finish(place, now);
    this.#metrics.finished({ level: level.name, schema }, now - startedAt);
    if (this.#waiting.size > 0) this.#dispatchAll();
  }

  #mayRun({ taken, limits }: PriorityLevel<Ticket>, { width }: Ticket): boolean {
    return mayRun({ taken, wanted: width }, limits, this.#freePool());
  }

  #freePool(): number {
    let free = this.#pool;
    for (const level of this.#levels.values()) if (!level.exempt) free -= pooled(level.taken, level.limits);
    return free;
  }

  /** A freed seat goes first to who is below its own share: it lent it. */
  #dispatchAll(): void {
    const owed = (level: PriorityLevel<Ticket>): number => (level.taken < level.limits.nominal ? 0 : 1);
    for (const level of [...this.#waiting].sort((a, b) => owed(a) - owed(b))) this.#dispatch(level);
  }

  #dispatch(level: PriorityLevel<Ticket>): void {
    const now = this.#clock.monotonic();
    for (let ticket = level.peek(); ticket && this.#mayRun(level, ticket); ticket = level.peek()) {
      level.next(now);
      this.#start(ticket, now);
    }
    if (level.waiting === 0) this.#waiting.delete(level);
  }
}
