// Informers and the factory that shares them: one reflector and one store a resource and selection, many handlers.

import type { KubeObject } from '../api/object.ts';
import type { Clock } from '../base/clock.ts';
import { TaskGroup } from '../base/component.ts';
import { messageOf } from '../base/errors.ts';
import type { Logger } from '../base/log.ts';
import type { Reader, Selection, TypedResource } from './client.ts';
import { IndexedStore } from './indexed-store.ts';
import type { Change, Indexers, Informer, InformerFactory, Lister } from './informer.ts';
import { Reflector, type ReflectorSink } from './reflector.ts';

type Handler<T extends KubeObject> = (change: Change<T>) => void;

/** An informer whose state is put into it. Handlers see every change in order, after the lister has it. */
class SharedInformer<T extends KubeObject> implements Informer<T>, ReflectorSink<T> {
  readonly #store = new IndexedStore<T>();
  readonly #handlers = new Set<Handler<T>>();
  readonly #log: Logger;
  readonly #waiting = new Set<() => void>();
  #synced = false;

  constructor(log: Logger) {
    this.#log = log;
  }

  get lister(): Lister<T> {
    return this.#store;
  }

  get hasSynced(): boolean {
    return this.#synced;
  }

  addIndexers(indexers: Indexers<T>): void {
    this.#store.addIndexers(indexers);
  }

  onChange(handler: Handler<T>): () => void {
    let wanted = true;
    // The same function may be registered twice: each registration is a handler of its own.
    const own: Handler<T> = (change) => handler(change);
    // What changes before the microtask is part of the state the handler then starts from.
    queueMicrotask(() => {
      if (!wanted) return;
      for (const object of this.#store.list()) this.#call(handler, { type: 'added', object });
      this.#handlers.add(own);
    });
    return () => {
      wanted = false;
      this.#handlers.delete(own);
    };
  }

  synced(signal?: AbortSignal): Promise<void> {
    if (this.#synced) return Promise.resolve();
    return new Promise((resolve, reject) => {
      const onAbort = (): void => {
        this.#waiting.delete(onSynced);
        reject(signal?.reason);
      };
      const onSynced = (): void => {
        signal?.removeEventListener('abort', onAbort);
        resolve();
      };
      if (signal?.aborted) return onAbort();
      this.#waiting.add(onSynced);
      signal?.addEventListener('abort', onAbort, { once: true });
    });
  }

  replace(objects: Iterable<T>): void {
    this.#publish(this.#store.replace(objects));
    this.#synced = true;
    for (const resolve of this.#waiting) resolve();
    this.#waiting.clear();
  }

  put(object: T): void {
    this.#publish(this.#store.put(object));
  }

  remove(object: T): void {
    this.#publish(this.#store.remove(object));
  }

  #publish(changes: readonly Change<T>[]): void {
    for (const change of changes) for (const handler of this.#handlers) this.#call(handler, change);
  }

  #call(handler: Handler<T>, change: Change<T>): void {
    try {
      handler(change);
    } catch (error) {
      // A handler that throws is a bug of its owner; the other handlers must not suffer.
      this.#log.error('informer handler failed', { error: messageOf(error) });
    }
  }
}

/** What the factory needs. `client` decides whether the objects are shared with the API server or received over HTTP. */
export interface SharedInformerFactoryDeps {
  readonly client: Reader;
  readonly clock: Pick<Clock, 'monotonic' | 'sleep'>;
  readonly log: Logger;
  /** See Reflector. */
  readonly random?: () => number;
}

/** Makes informers on demand and keeps them until it is stopped. */
export class SharedInformerFactory implements InformerFactory {
  readonly #deps: SharedInformerFactoryDeps;
  readonly #log: Logger;
  readonly #tasks: TaskGroup;
  /** By resource and selection; the values' type argument is that of the key's resource. */
  readonly #informers = new Map<string, unknown>();
  readonly #ends = new Map<string, AbortController>();

  constructor(deps: SharedInformerFactoryDeps) {
    this.#deps = deps;
    this.#log = deps.log.child('informer');
    this.#tasks = new TaskGroup(this.#log);
  }

  informer<T extends KubeObject>(resource: TypedResource<T>, options: Selection & { indexers?: Indexers<T> } = {}): Informer<T> {
    const { indexers, ...selection } = options;
    const key = keyOfInformer(resource, selection);
    // The brand of the map: the informer under a key was made for that key's resource.
    const known = this.#informers.get(key) as SharedInformer<T> | undefined;
    const informer = known ?? this.#start(key, resource, selection);
    if (indexers) informer.addIndexers(indexers);
    return informer;
  }

  release(resource: TypedResource<KubeObject>): void {
    const key = keyOfInformer(resource, {});
    this.#ends.get(key)?.abort();
    this.#ends.delete(key);
    this.#informers.delete(key);
  }

  async stop(): Promise<void> {
    await this.#tasks.stop();
  }

  #start<T extends KubeObject>(key: string, resource: TypedResource<T>, selection: Selection): SharedInformer<T> {
    const informer = new SharedInformer<T>(this.#log);
    this.#informers.set(key, informer);
    const reflector = new Reflector({ resource, selection }, { ...this.#deps, log: this.#log, sink: informer });
    const end = new AbortController();
    this.#ends.set(key, end);
    this.#tasks.run(`reflector ${resource.resource}`, (signal) => reflector.run(AbortSignal.any([signal, end.signal])));
    return informer;
  }
}

function keyOfInformer(resource: TypedResource<KubeObject>, selection: Selection): string {
  const { namespace, labelSelector, fieldSelector } = selection;
  return JSON.stringify([resource.group, resource.version, resource.resource, namespace, labelSelector, fieldSelector]);
}
