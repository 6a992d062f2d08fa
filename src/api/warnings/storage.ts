// Warnings about PersistentVolumes, claims of them, StorageClasses and CSIDrivers. Pure.

import type { PersistentVolume, PersistentVolumeClaim, PersistentVolumeClaimSpec } from '../types/core-v1.gen.ts';
import type { CSIDriver, StorageClass } from '../types/storage-v1.gen.ts';
import { amountWarnings } from './containers.ts';
import { labelWarnings, termWarnings } from './node-labels.ts';
import { pluginWarnings } from './volumes.ts';

const ANNOTATIONS: Readonly<Record<string, string>> = {
  'volume.beta.kubernetes.io/storage-class': 'deprecated since v1.8; use "storageClassName" attribute instead',
  'volume.beta.kubernetes.io/mount-options': 'deprecated since v1.31; use "mountOptions" attribute instead',
};

/** Warnings about a PersistentVolume. */
export function volumeObjectWarnings({ metadata, spec }: PersistentVolume): string[] {
  const terms = spec?.nodeAffinity?.required?.nodeSelectorTerms ?? [];
  return [
    ...Object.entries(ANNOTATIONS).flatMap(([key, text]) =>
      metadata.annotations?.[key] === undefined ? [] : [`metadata.annotations[${key}]: ${text}`],
    ),
    ...(spec?.persistentVolumeReclaimPolicy === 'Recycle'
      ? [
          'spec.persistentVolumeReclaimPolicy: The Recycle reclaim policy is deprecated. Instead, the recommended approach is to use dynamic provisioning.',
        ]
      : []),
    ...terms.flatMap((term, i) => termWarnings(`spec.nodeAffinity.required.nodeSelectorTerms[${i}]`, term)),
    ...pluginWarnings('spec', spec ?? {}),
    ...amountWarnings('spec.capacity', spec?.capacity, ['storage']),
  ];
}

/** Warnings about the spec of a claim at `path`. */
export function claimSpecWarnings(path: string, spec: PersistentVolumeClaimSpec | undefined): string[] {
  return amountWarnings(`${path}.resources.requests`, spec?.resources?.requests, ['storage']);
}

/** Warnings about a PersistentVolumeClaim. */
export function claimWarnings({ metadata, spec }: PersistentVolumeClaim): string[] {
  const [key = '', text = ''] = Object.entries(ANNOTATIONS)[0] ?? [];
  const old = metadata.annotations?.[key] === undefined ? [] : [`metadata.annotations[${key}]: ${text}`];
  return [...old, ...claimSpecWarnings('spec', spec)];
}

/** Warnings about a CSIDriver: tokens for it are better kept out of what is logged. */
export function csiDriverWarnings({ spec }: CSIDriver): string[] {
  if (!spec?.tokenRequests?.length || spec.serviceAccountTokenInSecrets !== undefined) return [];
  return [
    'spec.serviceAccountTokenInSecrets is unset; if supported by this CSI driver, set to true to prevent possible logging of tokens in volume attributes',
  ];
}

/** Warnings about a StorageClass. */
export function storageClassWarnings({ allowedTopologies }: StorageClass): string[] {
  return (allowedTopologies ?? []).flatMap(({ matchLabelExpressions }, i) =>
    (matchLabelExpressions ?? []).flatMap(({ key }, j) => labelWarnings(`allowedTopologies[${i}].matchLabelExpressions[${j}].key`, key)),
  );
}
