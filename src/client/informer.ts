// Contract of the local copy of a resource: a lister that is always there, events that say "look again".
// Implemented by client/shared-informer.ts.

import type { KubeObject } from '../api/object.ts';
import type { Selection, TypedResource } from './client.ts';

/** Reads of a local copy. Synchronous; objects are frozen and shared: never change them. */
export interface Lister<T extends KubeObject> {
  /** By key (`namespace/name` or `name`). */
  get(key: string): T | undefined;
  /** All, or those of one namespace. */
  list(namespace?: string): T[];
  /** The objects for which the index function returned `value`. @throws RangeError for an index that was not declared. */
  byIndex(index: string, value: string): T[];
}

/** What changed. `old` is absent for added objects, `object` is the last known state for deleted ones. */
export interface Change<T extends KubeObject> {
  readonly type: 'added' | 'modified' | 'deleted';
  readonly object: T;
  readonly old?: T;
}

/** A local copy that follows the API. One per resource and selection is shared by all who ask an InformerFactory. */
export interface Informer<T extends KubeObject> {
  readonly lister: Lister<T>;
  /** Whether the first list has arrived. */
  readonly hasSynced: boolean;
  /**
   * Calls `handler` for every change from now on, and for every object already here as `added` (in the next microtask).
   * Handlers must not throw and must not wait: put the key into a work queue. Returns the function that unsubscribes.
   */
  onChange(handler: (change: Change<T>) => void): () => void;
  /** Resolves when the first list has arrived; rejects when aborted. */
  synced(signal?: AbortSignal): Promise<void>;
}

/** Index functions by name: which values an object is found under. */
export type Indexers<T extends KubeObject> = Readonly<Record<string, (object: T) => readonly string[]>>;

/** Makes and shares informers. */
export interface InformerFactory {
  /** The informer for that resource and selection; the first call starts it. Indexers of later calls are added. */
  informer<T extends KubeObject>(resource: TypedResource<T>, options?: Selection & { indexers?: Indexers<T> }): Informer<T>;
  /** Ends the informer of a resource that is no longer served, whose objects are gone: whoever still holds it hears nothing more. */
  release(resource: TypedResource<KubeObject>): void;
  /** Ends all informers. */
  stop(): Promise<void>;
}
