// Reads objects of any kind that is served now, custom ones too, for parts that only know a kind's name: the parameters of admission policies.

import type { KubeObject } from '../../api/object.ts';
import type { GroupVersionKind } from '../../api/resources.ts';
import type { KindReader } from '../admission/policy/policy-params.ts';
import type { Store } from '../store/store.ts';
import type { ResourceCatalog } from './resource-catalog.ts';
import { kindOf, type ServedResource } from './served-resource.ts';
import { fromStored, loadStored } from './stored-form.ts';

/** Reads from the store what the catalog serves. `catalog` is asked for at each read: it is made after admission is. */
export function kindReader(store: Pick<Store, 'head' | 'list'>, catalog: () => Pick<ResourceCatalog, 'all'>): KindReader {
  const served = ({ group, version, kind }: GroupVersionKind): ServedResource | undefined => {
    for (const resource of catalog().all()) {
      const own = kindOf(resource.info);
      if (own.kind === kind && own.group === group && own.version === version) return resource;
    }
    return undefined;
  };
  const show = async (resource: ServedResource, objects: readonly KubeObject[]): Promise<KubeObject[]> => {
    await loadStored(resource, objects);
    return objects.map((object) => fromStored(resource, object));
  };
  return {
    scopeOf(kind) {
      const resource = served(kind);
      return resource && (resource.info.namespaced ? 'Namespaced' : 'Cluster');
    },
    async get(kind, { namespace, name }) {
      const resource = served(kind);
      const place = resource?.info.namespaced ? `${namespace}/${name}` : name;
      const entry = resource && store.head<KubeObject>(resource.prefix + place);
      return entry?.object && resource ? (await show(resource, [entry.object]))[0] : undefined;
    },
    async list(kind, namespace) {
      const resource = served(kind);
      if (!resource) return [];
      const scope = resource.info.namespaced && namespace !== '' ? `${namespace}/` : '';
      return show(
        resource,
        store.list<KubeObject>(resource.prefix + scope).entries.map(({ object }) => object),
      );
    },
  };
}
