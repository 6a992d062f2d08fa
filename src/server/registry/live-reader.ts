// Synchronous reads of the newest durable state by resource: what admission, authentication and authorization look at, so that
// what was answered a moment ago already counts.

import type { KubeObject, ObjectName } from '../../api/object.ts';
import type { TypedResource } from '../../client/client.ts';
import type { AdmissionReader } from '../admission/admission-reader.ts';
import type { StoreReader } from '../store/store.ts';
import type { ResourceCatalog } from './resource-catalog.ts';
import { keyFor } from './served-resource.ts';

/** Reads the store through the catalog. Resources that are not served have no objects. */
export class LiveReader implements AdmissionReader {
  readonly #store: Pick<StoreReader, 'get' | 'list'>;
  readonly #catalog: () => Pick<ResourceCatalog, 'find'>;

  /** `catalog` is a function because the catalog is made after those who read. */
  constructor(store: Pick<StoreReader, 'get' | 'list'>, catalog: () => Pick<ResourceCatalog, 'find'>) {
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
}
