// Synchronous reads of the newest state for parts of the server that decide requests: admission plugins, token reviews, authorizers.

import type { KubeObject, ObjectName } from '../../api/object.ts';
import { builtinResource } from '../../api/resources.ts';
import type { TypedResource } from '../../client/client.ts';
import type { AdmissionReader } from '../admission/admission-reader.ts';
import type { Store } from '../store/store.ts';
import { storagePrefix } from './storage-prefix.ts';

/** Reads built-in resources from the store. Objects are frozen and in the stored version. */
export function registryReader(store: Pick<Store, 'head' | 'list'>): AdmissionReader {
  const prefixes = new Map<string, string>();
  const prefixOf = ({ group, version, resource }: TypedResource<KubeObject>): string => {
    const key = `${group}/${version}/${resource}`;
    const known = prefixes.get(key);
    if (known !== undefined) return known;
    const prefix = storagePrefix(builtinResource(group, version, resource));
    prefixes.set(key, prefix);
    return prefix;
  };
  return {
    get<T extends KubeObject>(resource: TypedResource<T>, { namespace, name }: ObjectName): T | undefined {
      const place = resource.namespaced ? `${namespace}/${name}` : name;
      return store.head<T>(prefixOf(resource) + place)?.object;
    },
    list<T extends KubeObject>(resource: TypedResource<T>, namespace?: string): T[] {
      const scope = namespace === undefined || namespace === '' ? '' : `${namespace}/`;
      return store.list<T>(prefixOf(resource) + scope).entries.map((entry) => entry.object);
    },
  };
}
