// The event recorder over the API: core/v1 Events written in the background. As client-go's correlator: the same event again
// raises the count of the first, many alike become one, and a source that says too much about one object is cut short.

import type { KubeObject } from '../api/object.ts';
import { isAlreadyExists, isNotFound, StatusError } from '../api/status-error.ts';
import type { Event, ObjectReference } from '../api/types/core-v1.gen.ts';
import { type Clock, rfc3339 } from '../base/clock.ts';
import { type Component, TaskGroup } from '../base/component.ts';
import type { Logger } from '../base/log.ts';
import type { Writer } from './client.ts';
import { EventCorrelator } from './event-correlator.ts';
import type { EventRecorder, EventSubject } from './recorder.ts';
import { EVENTS } from './resources.ts';

/** Events that wait to be written; beyond it new ones are dropped: client-go's queue length. */
const MAX_QUEUED = 1000;
/** Attempts to write one event before it is dropped: client-go's maxTriesPerEvent. */
const MAX_TRIES = 12;
/** Wait between attempts: client-go's sleep duration. */
const RETRY_MS = 10_000;

/** What the recorders need. */
export interface EventRecorderDeps {
  readonly client: Pick<Writer, 'create' | 'patch'>;
  readonly clock: Clock;
  readonly log: Logger;
}

/** What the event is about, who says it, and what. */
interface Occurrence {
  readonly subject: EventSubject;
  readonly component: string;
  readonly type: 'Normal' | 'Warning';
  readonly reason: string;
  readonly message: string;
  readonly at: number;
}

/** Options of the recorder. */
export interface EventRecorderOptions {
  /** The node the source is on; absent for the control plane. */
  readonly host?: string;
}

/** Writes the events of all recorders of one process, one after the other. `stop` writes nothing more. */
export class ApiEventRecorder implements Component {
  readonly name = 'event-recorder';
  readonly #options: EventRecorderOptions;
  readonly #deps: EventRecorderDeps;
  readonly #tasks: TaskGroup;
  readonly #correlator: EventCorrelator;
  readonly #queue: Occurrence[] = [];
  #writing = false;
  #sequence = 0;

  constructor(options: EventRecorderOptions, deps: EventRecorderDeps) {
    this.#options = options;
    this.#deps = deps;
    this.#tasks = new TaskGroup(deps.log);
    this.#correlator = new EventCorrelator(deps.clock);
  }

  /** The recorder whose events name `component` as their source. */
  recorder(component: string): EventRecorder {
    return {
      event: (subject, type, reason, message) => {
        const about = 'object' in subject ? subject : { object: subject };
        this.#add({ subject: about, component, type, reason, message, at: this.#deps.clock.now() });
      },
    };
  }

  async start(): Promise<void> {}

  async stop(): Promise<void> {
    this.#queue.length = 0;
    await this.#tasks.stop();
  }

  #add(occurrence: Occurrence): void {
    if (this.#queue.length >= MAX_QUEUED) return;
    this.#queue.push(occurrence);
    if (this.#writing) return;
    this.#writing = true;
    this.#tasks.run('write events', async (signal) => {
      try {
        for (let next = this.#queue.shift(); next; next = this.#queue.shift()) await this.#write(next, signal);
      } finally {
        this.#writing = false;
      }
    });
  }

  async #write(occurrence: Occurrence, signal: AbortSignal): Promise<void> {
    const verdict = this.#correlator.observe(this.#eventOf(occurrence));
    if (!verdict) return;
    for (let attempt = 1; attempt <= MAX_TRIES; attempt++) {
      try {
        const written = await this.#send(verdict.event, { isNew: verdict.isNew, signal });
        this.#correlator.written(verdict.key, written);
        return;
      } catch (error) {
        signal.throwIfAborted();
        if (!worthRetrying(error)) {
          this.#deps.log.debug('event refused', { reason: occurrence.reason, error });
          return;
        }
      }
      await this.#deps.clock.sleep(RETRY_MS, signal);
    }
    this.#deps.log.warn('event dropped: the API did not take it', { reason: occurrence.reason });
  }

  /** Writes a new event, or the count of one that was written; the latter may have expired meanwhile and is then made anew. */
  async #send(event: Event & KubeObject, { isNew, signal }: { isNew: boolean; signal: AbortSignal }): Promise<Event & KubeObject> {
    const { client } = this.#deps;
    const { name = '', namespace = '' } = event.metadata;
    if (!isNew) {
      const { count, lastTimestamp, message } = event;
      const body = { count, lastTimestamp, message };
      try {
        return await client.patch(EVENTS, { namespace, name }, { type: 'merge', body }, { signal });
      } catch (error) {
        if (!isNotFound(error)) throw error;
      }
    }
    const { resourceVersion: _, uid: __, creationTimestamp: ___, ...metadata } = event.metadata;
    return await client.create(EVENTS, { ...event, metadata }, { signal });
  }

  #eventOf({ subject, component, type, reason, message, at }: Occurrence): Event & KubeObject {
    const involvedObject = referenceOf(subject);
    const time = rfc3339(at);
    // client-go names events after the object and the nanoseconds of their first occurrence.
    const suffix = (BigInt(at) * 1_000_000n + BigInt(this.#sequence++ % 1_000_000)).toString(16);
    const { host } = this.#options;
    return {
      apiVersion: 'v1',
      kind: 'Event',
      metadata: { name: `${involvedObject.name}.${suffix}`, namespace: involvedObject.namespace || 'default' },
      involvedObject,
      reason,
      message,
      source: { component, ...(host && { host }) },
      firstTimestamp: time,
      lastTimestamp: time,
      count: 1,
      type,
      reportingComponent: component,
      reportingInstance: host ?? '',
    };
  }
}

/** A refusal is final; only faults on the way are worth another attempt (client-go's recordEvent). */
function worthRetrying(error: unknown): boolean {
  if (isAlreadyExists(error) || !(error instanceof StatusError)) return false;
  return error.code >= 500 || error.code === 429;
}

function referenceOf({ object, fieldPath }: EventSubject): ObjectReference {
  const { name = '', namespace, uid, resourceVersion } = object.metadata;
  return {
    ...(object.kind && { kind: object.kind }),
    ...(namespace && { namespace }),
    name,
    ...(uid && { uid }),
    ...(object.apiVersion && { apiVersion: object.apiVersion }),
    ...(resourceVersion && { resourceVersion }),
    ...(fieldPath && { fieldPath }),
  };
}
