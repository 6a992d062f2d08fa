// DefaultStorageClass: a claim that names no class gets the default one, the newest if there are several.
// Rules: "Storage Classes", default StorageClass.

import type { PersistentVolumeClaim } from '../../api/types/core-v1.gen.ts';
import type { StorageClass } from '../../api/types/storage-v1.gen.ts';
import { STORAGE_CLASSES } from '../../client/resources.ts';
import type { AdmissionPlugin } from './admission.ts';
import { type AdmissionReader, isAbout } from './admission-reader.ts';

const IS_DEFAULT = ['storageclass.kubernetes.io/is-default-class', 'storageclass.beta.kubernetes.io/is-default-class'];
const OLD_CLASS = 'volume.beta.kubernetes.io/storage-class';

/** The plugin; `reader` answers for storage classes. */
export function defaultStorageClass(reader: AdmissionReader): AdmissionPlugin {
  return {
    name: 'DefaultStorageClass',
    admit(request) {
      if (request.operation !== 'CREATE' || !isAbout(request, '', 'persistentvolumeclaims') || !request.object) return;
      const claim = request.object as PersistentVolumeClaim; // The resource says so.
      if (claim.spec.storageClassName !== undefined || claim.metadata.annotations?.[OLD_CLASS] !== undefined) return;
      const name = newestDefault(reader.list(STORAGE_CLASSES))?.metadata.name;
      if (name !== undefined) claim.spec.storageClassName = name;
    },
  };
}

function newestDefault(classes: readonly StorageClass[]): StorageClass | undefined {
  const created = (item: StorageClass): string => item.metadata.creationTimestamp ?? '';
  return classes
    .filter((item) => IS_DEFAULT.some((key) => item.metadata.annotations?.[key] === 'true'))
    .sort((a, b) => created(b).localeCompare(created(a)) || (a.metadata.name ?? '').localeCompare(b.metadata.name ?? ''))[0];
}
