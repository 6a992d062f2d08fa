// StorageObjectInUseProtection: claims, volumes and volume attributes classes get a finalizer, so that they stay while they are used; the
// protection controllers take it off. Rules: "Storage Object in Use Protection".

import { PROTECTION_FINALIZERS } from '../../api/protection-finalizers.ts';
import { groupResourceString } from '../../api/resources.ts';
import type { AdmissionPlugin } from './admission.ts';

const FINALIZERS: Readonly<Record<string, string>> = PROTECTION_FINALIZERS;

/** The plugin. */
export const storageObjectInUseProtection: AdmissionPlugin = {
  name: 'StorageObjectInUseProtection',
  admit({ operation, resource, subresource, object }) {
    const finalizer = FINALIZERS[groupResourceString(resource)];
    if (operation !== 'CREATE' || subresource !== '' || !object || finalizer === undefined) return;
    const present = object.metadata.finalizers ?? [];
    if (!present.includes(finalizer)) object.metadata.finalizers = [...present, finalizer];
  },
};
