// The contract by which every part of kts reaches the API. Two transports implement it: HTTP (client/http-client.ts)
// and in-process (client/local-client.ts); both pass test/contract/client-suite.ts.
//
// What a caller may assume of every method:
// - objects that are returned or delivered are frozen; objects that are passed in are not changed and not kept;
// - failures are StatusError (api/status-error.ts), also for transport faults (reason ServiceUnavailable, code 503),
//   except an abort, which rejects with the signal's reason;
// - nothing is retried inside: who calls decides.

import type { KubeList, KubeObject, ObjectName } from '../api/object.ts';
import type { GroupVersionResource } from '../api/resources.ts';
import type { DeleteOptions } from '../api/types/meta-v1.gen.ts';

/**
 * A resource with the type of its objects. `T` exists for the compiler only.
 * The built-in ones are the constants of client/resources.ts, e.g. `PODS`.
 */
export interface TypedResource<T extends KubeObject> extends GroupVersionResource {
  readonly namespaced: boolean;
  readonly kind: string;
  readonly _type?: T;
}

/** Which objects a list or a watch is about. */
export interface Selection {
  /** Absent = all namespaces (or a cluster-scoped resource). */
  readonly namespace?: string;
  readonly labelSelector?: string;
  readonly fieldSelector?: string;
}

/** Options of a list. */
export interface ListOptions extends Selection {
  readonly limit?: number;
  readonly continue?: string;
  readonly resourceVersion?: string;
  readonly resourceVersionMatch?: 'Exact' | 'NotOlderThan';
  readonly signal?: AbortSignal;
}

/** Options of a watch. */
export interface WatchOptions extends Selection {
  /** Start after this version; absent or `'0'` = begin with the current objects as ADDED events. */
  readonly resourceVersion?: string;
  readonly sendInitialEvents?: boolean;
  readonly allowBookmarks?: boolean;
  /** Ends the watch; required, so that no watch is left behind. */
  readonly signal: AbortSignal;
}

/** One event of a watch. A watch that fails ends with the failure as rejection, not as an ERROR event. */
export interface WatchEvent<T extends KubeObject> {
  readonly type: 'ADDED' | 'MODIFIED' | 'DELETED' | 'BOOKMARK';
  readonly object: T;
}

/** Options of a write. */
export interface WriteOptions {
  /** e.g. `status`, `scale`, `binding`, `eviction`, `token`. */
  readonly subresource?: string;
  readonly dryRun?: boolean;
  readonly fieldManager?: string;
  /** Server-side apply: take over fields in conflict. */
  readonly force?: boolean;
  readonly signal?: AbortSignal;
}

/** A patch and how it is to be read. */
export interface Patch {
  readonly type: 'json' | 'merge' | 'strategic' | 'apply';
  /** The patch as a value (an array of operations for `json`). */
  readonly body: unknown;
}

/** Reads of the API. */
export interface Reader {
  /** @throws StatusError NotFound */
  get<T extends KubeObject>(resource: TypedResource<T>, name: ObjectName, options?: { signal?: AbortSignal }): Promise<T>;
  /** One page: follow `metadata.continue`. Items carry apiVersion and kind. */
  list<T extends KubeObject>(resource: TypedResource<T>, options?: ListOptions): Promise<KubeList<T>>;
  /** Events until the signal aborts (the iteration then ends quietly), the server ends the watch (it ends too), or it fails. */
  watch<T extends KubeObject>(resource: TypedResource<T>, options: WatchOptions): AsyncIterable<WatchEvent<T>>;
}

/** Writes to the API. */
export interface Writer {
  /** Creates `object`; with a sub-resource, `name` is the parent. Returns what the server answers (for `token` the TokenRequest …). */
  create<T extends KubeObject, R extends KubeObject = T>(
    resource: TypedResource<T>,
    object: R,
    options?: WriteOptions & { name?: ObjectName },
  ): Promise<R>;
  /** Replaces; with metadata.resourceVersion set only that version. @throws StatusError Conflict, NotFound, Invalid */
  update<T extends KubeObject, R extends KubeObject = T>(resource: TypedResource<T>, object: R, options?: WriteOptions): Promise<R>;
  patch<T extends KubeObject>(resource: TypedResource<T>, name: ObjectName, patch: Patch, options?: WriteOptions): Promise<T>;
  /** Deletes. Resolves also when the object stays for its grace period or finalizers. @throws StatusError NotFound, Conflict */
  delete<T extends KubeObject>(
    resource: TypedResource<T>,
    name: ObjectName,
    options?: DeleteOptions & { signal?: AbortSignal },
  ): Promise<void>;
  deleteCollection<T extends KubeObject>(
    resource: TypedResource<T>,
    selection: Selection,
    options?: DeleteOptions & { signal?: AbortSignal },
  ): Promise<void>;
}

/** The whole client. */
export interface Client extends Reader, Writer {}
