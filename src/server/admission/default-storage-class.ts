// DefaultStorageClass: a claim that names no class gets the default one, the newest if there are several.
// Rules: "Storage Classes", default StorageClass.

import type { PersistentVolumeClaim } from '../../api/types/core-v1.gen.ts';
import { STORAGE_CLASSES } from '../../client/resources.ts';
import type { AdmissionPlugin } from './admission.ts';
import { type AdmissionReader, isAbout } from './admission-reader.ts';
import { defaultClass } from './default-class.ts';

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
      const name = defaultClass(reader.list(STORAGE_CLASSES), IS_DEFAULT);
      if (name !== undefined) claim.spec.storageClassName = name;
    },
  };
}
