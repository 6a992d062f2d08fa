// Whether a claim, a volume or a volume attributes class that is being deleted is still used. Pure.

import type { KubeObject } from '../../api/object.ts';
import type { PersistentVolume, PersistentVolumeClaim, Pod } from '../../api/types/core-v1.gen.ts';

/** The claims, by key, that a pod on a node uses; a generic ephemeral volume's claim is named `<pod>-<volume>`. */
export function claimsInUse({ metadata, spec, status }: Pod): string[] {
  // A pod without a node has mounted nothing; one that has ended has let go.
  if (!spec.nodeName || status?.phase === 'Succeeded' || status?.phase === 'Failed') return [];
  return (spec.volumes ?? []).flatMap(({ name, persistentVolumeClaim, ephemeral }) => {
    const claim = persistentVolumeClaim?.claimName ?? (ephemeral && `${metadata.name}-${name}`);
    return claim === undefined ? [] : [`${metadata.namespace}/${claim}`];
  });
}

/** Whether a volume is bound to a claim. */
export function volumeIsInUse({ status }: PersistentVolume): boolean {
  return status?.phase === 'Bound';
}

/** The volume attributes classes that a claim or a volume names. */
export function attributesClassesOf(object: PersistentVolumeClaim | PersistentVolume): string[] {
  const { spec, status = {} } = object;
  const names = [
    spec.volumeAttributesClassName,
    'currentVolumeAttributesClassName' in status ? status.currentVolumeAttributesClassName : undefined,
    'modifyVolumeStatus' in status ? status.modifyVolumeStatus?.targetVolumeAttributesClassName : undefined,
  ];
  return names.filter((name): name is string => name !== undefined && name !== '');
}

/** What the finalizers of an object should be; undefined when they are so. An object that stays is protected, one that goes is let go when unused. */
export function planFinalizers(object: KubeObject, finalizer: string, isInUse: boolean): string[] | undefined {
  const { finalizers = [], deletionTimestamp } = object.metadata;
  const isProtected = finalizers.includes(finalizer);
  if (deletionTimestamp === undefined) return isProtected ? undefined : [...finalizers, finalizer];
  return isProtected && !isInUse ? finalizers.filter((name) => name !== finalizer) : undefined;
}
