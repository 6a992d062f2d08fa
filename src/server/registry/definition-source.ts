// The CustomResourceDefinitions as the store has them, and their changes the moment they are durable: what is served follows without a detour.

import { builtinResource } from '../../api/resources.ts';
import type { CustomResourceDefinition } from '../../api/types/apiextensions-v1.gen.ts';
import type { Store } from '../store/store.ts';
import { storagePrefix } from './storage-prefix.ts';

/** Where definitions come from. Objects are frozen. */
interface DefinitionSource {
  list(): CustomResourceDefinition[];
  /** Calls `listener` with each change from now on; `removed` = the definition is gone. */
  watch(listener: (definition: CustomResourceDefinition, removed: boolean) => void): { close(): void };
}

/** What of a store definitions are read from. */
export type DefinitionStore = Pick<Store, 'list' | 'watch' | 'revision'>;

/** The definitions of a store. */
export function definitionSource(store: DefinitionStore): DefinitionSource {
  const prefix = storagePrefix(builtinResource('apiextensions.k8s.io', 'v1', 'customresourcedefinitions'));
  return {
    list: () => store.list<CustomResourceDefinition>(prefix).entries.map((entry) => entry.object),
    watch: (listener) =>
      store.watch<CustomResourceDefinition>(prefix, store.revision, ({ type, entry }) => listener(entry.object, type === 'delete')),
  };
}
