// PersistentVolumeClaimResize: a claim grows only when it is bound and its storage class says that volumes may grow.
// Rules: "Persistent Volumes", expanding claims.

import { parseQuantity } from '../../api/quantity.ts';
import type { PersistentVolumeClaim } from '../../api/types/core-v1.gen.ts';
import { STORAGE_CLASSES } from '../../client/resources.ts';
import type { AdmissionPlugin } from './admission.ts';
import { type AdmissionReader, isAbout } from './admission-reader.ts';
import { refusal } from './refusal.ts';

const OLD_CLASS = 'volume.beta.kubernetes.io/storage-class';

/** The plugin; `reader` answers for storage classes. */
export function persistentVolumeClaimResize(reader: AdmissionReader): AdmissionPlugin {
  return {
    name: 'PersistentVolumeClaimResize',
    validate(request) {
      if (request.operation !== 'UPDATE' || !isAbout(request, '', 'persistentvolumeclaims')) return;
      // The resource says what the objects are.
      const claim = request.object as PersistentVolumeClaim;
      const old = request.oldObject as PersistentVolumeClaim;
      if (sizeOf(claim).compare(sizeOf(old)) <= 0) return;
      if (old.status?.phase !== 'Bound') throw refusal(request, 'Only bound persistent volume claims can be expanded');
      const name = classOf(claim);
      const found = name !== '' && name === classOf(old) ? reader.get(STORAGE_CLASSES, { namespace: '', name }) : undefined;
      if (found?.allowVolumeExpansion) return;
      const why = 'only dynamically provisioned pvc can be resized and the storageclass that provisions the pvc must support resize';
      throw refusal(request, why);
    },
  };
}

const sizeOf = ({ spec }: PersistentVolumeClaim) => parseQuantity(spec.resources?.requests?.['storage'] ?? '0');
const classOf = ({ metadata, spec }: PersistentVolumeClaim): string => metadata.annotations?.[OLD_CLASS] ?? spec.storageClassName ?? '';
