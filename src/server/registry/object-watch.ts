// Watches: the store's events turned into what one watcher may see. An object that begins or ceases to match the selection
// is added or deleted for this watcher; bookmarks tell how far it is.

import { randomInt } from 'node:crypto';
import type { KubeObject } from '../../api/object.ts';
import { groupVersionString } from '../../api/resources.ts';
import { expired, internalError, StatusError } from '../../api/status-error.ts';
import type { Clock, Timer } from '../../base/clock.ts';
import { messageOf } from '../../base/errors.ts';
import type { ApiCall } from '../../client/api-backend.ts';
import { StoreError } from '../store/errors.ts';
import type { Store, StoreEvent, StoreWatch } from '../store/store.ts';
import { planWatch, type WatchPlan } from './list-rules.ts';
import type { ResourceCatalog } from './resource-catalog.ts';
import { type ObjectSelection, parseSelection } from './selection.ts';
import type { ServedResource } from './served-resource.ts';
import { fromStored, loadStored } from './stored-form.ts';

/** Between bookmarks, as upstream. */
const BOOKMARK_MS = 60_000;
/** A watch without a timeout of its own ends after this long at random, up to twice as long, so that not all clients come back at once. */
const MIN_TIMEOUT_S = 1800;
/** What a timer can hold: 24.8 days. */
const LONGEST_TIMER_MS = 2 ** 31 - 1;

/** Events that may wait for their conversion. */
const MAX_WAITING_EVENTS = 1000;

/** Marks the bookmark that ends the initial events of a streaming list. */
const INITIAL_EVENTS_END = 'k8s.io/initial-events-end';

/** Type of an event that carries an object. */
export type ChangeType = 'ADDED' | 'MODIFIED' | 'DELETED';

/** Who receives the events. Calls come in order; after `end` nothing comes. `bytes` is the object as JSON where it is at hand. */
export interface WatchSink {
  change(type: ChangeType, object: KubeObject, bytes: Uint8Array | undefined): void;
  bookmark(object: KubeObject): void;
  /** The watch is over: normally, or for a reason that a client is told as an ERROR event. */
  end(error: StatusError | undefined): void;
}

/** What a watch needs of the server. */
export interface WatchDeps {
  readonly store: Store;
  readonly clock: Clock;
}

/** A running watch of one client. */
export class ObjectWatch {
  readonly #deps: WatchDeps;
  readonly #served: ServedResource;
  readonly #selection: ObjectSelection;
  readonly #sink: WatchSink;
  readonly #scope: string;
  #watch: StoreWatch | undefined;
  #timeout: Timer | undefined;
  #bookmarks: Timer | undefined;
  #changes: { close(): void } | undefined;
  #open = true;
  #queue: Promise<void> = Promise.resolve();
  /** Events in the queue. */
  #waiting = 0;

  /** Nothing happens before `start`. @throws StatusError BadRequest for bad selectors */
  constructor(deps: WatchDeps, served: ServedResource, way: { call: ApiCall; sink: WatchSink }) {
    this.#deps = deps;
    this.#served = served;
    this.#sink = way.sink;
    this.#selection = parseSelection(served, way.call.options, way.call.name);
    this.#scope = way.call.namespace === '' ? served.prefix : `${served.prefix}${way.call.namespace}/`;
  }

  /** Ends the watch once the resource is no longer served as it is now. */
  whileServed(catalog: Pick<ResourceCatalog, 'find' | 'onChange'>): void {
    this.#changes = catalog.onChange(() => {
      if (catalog.find(this.#served.info) !== this.#served) this.end(undefined);
    });
  }

  /** Makes ready what the initial events show; to be called right before `start`. @throws StatusError */
  async load(): Promise<void> {
    const { conversion } = this.#served;
    if (!conversion?.load) return;
    for (;;) {
      const { store } = this.#deps;
      const { revision } = store;
      await conversion.load(store.list<KubeObject>(this.#scope).entries.map((entry) => entry.object));
      if (store.revision === revision) return;
    }
  }

  /** Delivers the initial events and goes on with live ones until closed, timed out or failed. @throws StatusError when it cannot begin */
  start(call: ApiCall): void {
    const { store, clock } = this.#deps;
    const plan = planWatch(call.options, store.revision);
    const from = plan.initial ? this.#deliverState() : plan.from;
    if (plan.markEnd) this.#sink.bookmark(this.#bookmark(from, { [INITIAL_EVENTS_END]: 'true' }));
    if (!this.#open) return;
    this.#follow(from, plan);
    if (!this.#open) return;
    const seconds = call.options.timeoutSeconds || MIN_TIMEOUT_S + randomInt(MIN_TIMEOUT_S);
    this.#timeout = clock.after(Math.min(seconds * 1000, LONGEST_TIMER_MS), () => this.#timeOut(call.options.allowWatchBookmarks === true));
    if (call.options.allowWatchBookmarks) this.#scheduleBookmark();
  }

  /** The last bookmark lets the client go on from here instead of where its last event was, which may be long ago. */
  #timeOut(bookmarks: boolean): void {
    if (bookmarks && this.#open) this.#sink.bookmark(this.#bookmark(this.#deps.store.revision));
    this.end(undefined);
  }

  /** Ends the watch and tells the sink. Twice does nothing. */
  end(error: StatusError | undefined): void {
    if (!this.#open) return;
    this.close();
    this.#sink.end(error);
  }

  /** Ends the watch without a word to the sink. */
  close(): void {
    this.#open = false;
    this.#watch?.close();
    this.#timeout?.cancel();
    this.#bookmarks?.cancel();
    this.#changes?.close();
  }

  #deliverState(): number {
    const { name } = this.#selection;
    const { store } = this.#deps;
    const one = name !== undefined && (!this.#served.info.namespaced || this.#scope !== this.#served.prefix);
    if (one) return this.#deliverOne(store, this.#scope + name);
    const page = store.list<KubeObject>(this.#scope);
    for (const entry of page.entries) {
      if (!this.#open) break;
      if (this.#selection.matches(entry.object)) this.#send('ADDED', entry.object, entry.bytes);
    }
    return page.revision;
  }

  #deliverOne(store: Store, key: string): number {
    const entry = store.get<KubeObject>(key);
    if (entry && this.#selection.matches(entry.object)) this.#send('ADDED', entry.object, entry.bytes);
    return store.revision;
  }

  #follow(from: number, plan: WatchPlan): void {
    try {
      const watch = this.#deps.store.watch<KubeObject>(this.#scope, from, (event) => this.#onEvent(event));
      if (this.#open) this.#watch = watch;
      else watch.close();
    } catch (error) {
      if (!(error instanceof StoreError) || error.code !== 'compacted') throw error;
      this.end(expired(`too old resource version: ${plan.from} (${this.#deps.store.revision})`));
    }
  }

  #onEvent(event: StoreEvent<KubeObject>): void {
    if (!this.#open) return;
    if (this.#served.conversion?.load) this.#enqueue(event);
    else this.#deliver(event);
  }

  /** Events whose objects have to be converted elsewhere wait for it, in order. */
  #enqueue(event: StoreEvent<KubeObject>): void {
    if (++this.#waiting > MAX_WAITING_EVENTS) {
      this.end(expired('too many events wait to be converted'));
      return;
    }
    const objects = event.previous ? [event.entry.object, event.previous.object] : [event.entry.object];
    this.#queue = this.#queue.then(async () => {
      try {
        await loadStored(this.#served, objects);
        this.#waiting--;
        if (this.#open) this.#deliver(event);
      } catch (error) {
        this.end(error instanceof StatusError ? error : internalError(messageOf(error)));
      }
    });
  }

  #deliver(event: StoreEvent<KubeObject>): void {
    const { entry, previous } = event;
    const was = previous !== undefined && this.#selection.matches(previous.object);
    if (event.type === 'delete') {
      if (was) this.#send('DELETED', entry.object, entry.bytes);
      return;
    }
    const is = this.#selection.matches(entry.object);
    if (is) this.#send(was ? 'MODIFIED' : 'ADDED', entry.object, entry.bytes);
    // Its conversion is known of the object as it was stored, not of a copy.
    else if (was) this.#sink.change('DELETED', atRevision(fromStored(this.#served, previous.object), event.revision), undefined);
  }

  #send(type: ChangeType, object: KubeObject, bytes: Uint8Array | undefined): void {
    const shown = fromStored(this.#served, object);
    this.#sink.change(type, shown, shown === object ? bytes : undefined);
  }

  #scheduleBookmark(): void {
    this.#bookmarks = this.#deps.clock.after(BOOKMARK_MS, () => {
      if (!this.#open) return;
      this.#sink.bookmark(this.#bookmark(this.#deps.store.revision));
      this.#scheduleBookmark();
    });
  }

  #bookmark(revision: number, annotations?: Record<string, string>): KubeObject {
    const { info } = this.#served;
    const metadata = { resourceVersion: String(revision), ...(annotations && { annotations }) };
    return { kind: info.kind, apiVersion: groupVersionString(info), metadata };
  }
}

/** The object as it was, under a later revision. */
function atRevision(object: KubeObject, revision: number): KubeObject {
  return { ...object, metadata: { ...object.metadata, resourceVersion: String(revision) } };
}
