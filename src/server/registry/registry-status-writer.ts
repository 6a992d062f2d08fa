// Writes of status that belong to the admission of another write, e.g. what a ResourceQuota says is used.

import type { KubeObject } from '../../api/object.ts';
import { builtinResource } from '../../api/resources.ts';
import type { TypedResource } from '../../client/client.ts';
import type { AdmissionWriter } from '../admission/admission-reader.ts';
import type { Store } from '../store/store.ts';
import { durabilityOf } from './durability-table.ts';
import { storagePrefix } from './storage-prefix.ts';

/** Writes built-in resources straight to the store: the pipeline would take turns in which others write. */
export function registryStatusWriter(store: Pick<Store, 'update'>): AdmissionWriter {
  return {
    async replaceStatus<T extends KubeObject>({ group, version, resource }: TypedResource<T>, object: T): Promise<void> {
      const info = builtinResource(group, version, resource);
      const { namespace, name = '', resourceVersion } = object.metadata;
      const key = storagePrefix(info) + (namespace ? `${namespace}/${name}` : name);
      await store.update(key, object, { revision: Number(resourceVersion), durability: durabilityOf(info, 'status') });
    },
  };
}
