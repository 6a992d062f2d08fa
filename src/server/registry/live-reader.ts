// Synchronous reads of the newest durable state by resource: what admission, authentication and authorization look at, so that
// what was answered a moment ago already counts.

import type { KubeObject, ObjectName } from '../../api/object.ts';
import type { TypedResource } from '../../client/client.ts';
import type { AdmissionReader } from '../admission/admission-reader.ts';
import type { StoreReader, StoreWatch, StoreWatcher } from '../store/store.ts';
import type { ResourceCatalog } from './resource-catalog.ts';
import { keyFor } from './served-resource.ts';

/** Told of the objects of a resource: those there now, then every change, each before its write is answered. */
export interface Follower<T extends KubeObject> {
  set(object: T): void;
  remove(object: T): void;
}

/** Reads the store through the catalog. Resources that are not served have no objects. */
export class LiveReader implements AdmissionReader {
  readonly #store: Pick<StoreReader & StoreWatcher, 'get' | 'list' | 'watch'>;
  readonly #catalog: () => Pick<ResourceCatalog, 'find'>;

  /** `catalog` is a function because the catalog is made after those who read. */
  constructor(store: Pick<StoreReader & StoreWatcher, 'get' | 'list' | 'watch'>, catalog: () => Pick<ResourceCatalog, 'find'>) {
    this.#store = store;
    this.#catalog = catalog;
  }

  get<T extends KubeObject>(resource: TypedResource<T>, { namespace, name }: ObjectName): T | undefined {
    const served = this.#catalog().find(resource);
    return served && this.#store.get<T>(keyFor(served, namespace, name))?.object;
  }

  list<T extends KubeObject>(resource: TypedResource<T>, namespace?: string): T[] {
    const served = this.#catalog().find(resource);
    if (!served) return [];
    const prefix = namespace === undefined ? served.prefix : `${served.prefix}${namespace}/`;
    return this.#store.list<T>(prefix).entries.map((entry) => entry.object);
  }

  /** Keeps `follower` in step with a served resource. @throws RangeError when it is not served */
  follow<T extends KubeObject>(resource: TypedResource<T>, follower: Follower<T>): StoreWatch {
    const served = this.#catalog().find(resource);
    if (!served) throw new RangeError(`${resource.resource} is not served`);
    const page = this.#store.list<T>(served.prefix);
    for (const { object } of page.entries) follower.set(object);
    return this.#store.watch<T>(served.prefix, page.revision, ({ type, entry }) => {
      if (type === 'delete') follower.remove(entry.object);
      else follower.set(entry.object);
    });
  }
}
