// Follows one resource: a streaming list (KEP-3157; a paged list where the server refuses it), then the watch from there,
// resumed at the last version seen, listed anew when that version is no longer served (410), with back-off and jitter.

import { type KubeObject, keyOf } from '../api/object.ts';
import { hasReason, isExpired } from '../api/status-error.ts';
import type { Clock } from '../base/clock.ts';
import type { Logger } from '../base/log.ts';
import type { Reader, Selection, TypedResource } from './client.ts';

/** Annotation of the bookmark that ends the initial events of a streaming list. */
const INITIAL_EVENTS_END = 'k8s.io/initial-events-end';

/** Objects a page of the fall-back list: upstream's default page. */
const PAGE_SIZE = 500;
/** Delay after the first failure; doubled with each further one … */
const FIRST_RETRY_MS = 200;
/** … up to this, and half as much again: a node that was cut off hears of its pods soon after it is back. client-go waits three times as long. */
const LAST_RETRY_MS = 10_000;
/** A watch that lived this long is no failure when it ends. */
const HEALTHY_MS = 5_000;
/** Failures in a row after which an operator should hear of it. */
const FAILURES_TO_REPORT = 3;

/** Where the reflector puts what it sees. */
export interface ReflectorSink<T extends KubeObject> {
  /** The complete current state. */
  replace(objects: Iterable<T>): void;
  put(object: T): void;
  remove(object: T): void;
}

/** What the reflector needs. */
export interface ReflectorDeps<T extends KubeObject> {
  readonly client: Reader;
  readonly clock: Pick<Clock, 'monotonic' | 'sleep'>;
  readonly log: Logger;
  readonly sink: ReflectorSink<T>;
  /** 0 ≤ x < 1; spreads the retries of many clients. Default Math.random. */
  readonly random?: () => number;
}

/** Keeps a sink up to date until it is aborted. */
export class Reflector<T extends KubeObject> {
  readonly #resource: TypedResource<T>;
  readonly #selection: Selection;
  readonly #deps: ReflectorDeps<T>;
  /** Version to resume from; `undefined` = list first. */
  #version: string | undefined;
  #streaming = true;
  #failures = 0;

  constructor(options: { readonly resource: TypedResource<T>; readonly selection: Selection }, deps: ReflectorDeps<T>) {
    this.#resource = options.resource;
    this.#selection = options.selection;
    this.#deps = deps;
  }

  /** Runs until `signal` aborts; resolves then. */
  async run(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      const { clock } = this.#deps;
      const started = clock.monotonic();
      const failure = await this.#attempt(signal);
      if (signal.aborted) return;
      const healthy = failure === undefined && clock.monotonic() - started >= HEALTHY_MS;
      this.#failures = healthy ? 0 : this.#failures + 1;
      if (failure !== undefined) this.#report(failure);
      if (!healthy) await this.#pause(signal);
    }
  }

  /** One list and watch; resolves to the failure that ended it, if one did. */
  async #attempt(signal: AbortSignal): Promise<unknown> {
    try {
      if (this.#version === undefined && !this.#streaming) await this.#listPages(signal);
      await this.#watch(signal);
      return undefined;
    } catch (error) {
      if (isExpired(error)) this.#version = undefined;
      if (this.#version === undefined && hasReason(error, 'Invalid', 'BadRequest')) this.#streaming = false;
      return error;
    }
  }

  async #watch(signal: AbortSignal): Promise<void> {
    let initial = this.#version === undefined ? new Map<string, T>() : undefined;
    const from = this.#version === undefined ? { sendInitialEvents: true } : { resourceVersion: this.#version };
    const events = this.#deps.client.watch(this.#resource, { ...this.#selection, ...from, allowBookmarks: true, signal });
    for await (const { type, object } of events) {
      if (initial) {
        if (type === 'DELETED') initial.delete(keyOf(object));
        else if (type !== 'BOOKMARK') initial.set(keyOf(object), object);
        else if (object.metadata.annotations?.[INITIAL_EVENTS_END] === 'true') {
          this.#deps.sink.replace(initial.values());
          initial = undefined;
        }
        if (initial) continue;
      } else if (type === 'DELETED') this.#deps.sink.remove(object);
      else if (type !== 'BOOKMARK') this.#deps.sink.put(object);
      this.#version = object.metadata.resourceVersion ?? this.#version;
      this.#failures = 0;
    }
  }

  async #listPages(signal: AbortSignal): Promise<void> {
    const objects: T[] = [];
    let token: string | undefined;
    let version: string | undefined;
    do {
      const page = await this.#deps.client.list(this.#resource, {
        ...this.#selection,
        limit: PAGE_SIZE,
        signal,
        ...(token !== undefined && { continue: token }),
      });
      objects.push(...page.items);
      token = page.metadata.continue;
      version = page.metadata.resourceVersion;
    } while (token);
    this.#deps.sink.replace(objects);
    this.#version = version;
  }

  #report(error: unknown): void {
    const fields = { resource: this.#resource.resource, group: this.#resource.group, failures: this.#failures, error };
    if (this.#failures === FAILURES_TO_REPORT) this.#deps.log.warn('watch keeps failing', fields);
    else this.#deps.log.debug('watch failed', fields);
  }

  async #pause(signal: AbortSignal): Promise<void> {
    const base = Math.min(FIRST_RETRY_MS * 2 ** (this.#failures - 1), LAST_RETRY_MS);
    const jitter = (this.#deps.random ?? Math.random)();
    await this.#deps.clock.sleep(base * (0.5 + jitter), signal).catch(() => {
      // Aborted: the caller's loop ends.
    });
  }
}
