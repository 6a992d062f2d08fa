// The finalizers that keep storage objects while they are used: admission puts them on, the protection controllers take them off. Pure.

/** Finalizers by `resource.group`. */
export const PROTECTION_FINALIZERS = {
  persistentvolumeclaims: 'kubernetes.io/pvc-protection',
  persistentvolumes: 'kubernetes.io/pv-protection',
  'volumeattributesclasses.storage.k8s.io': 'kubernetes.io/vac-protection',
} as const;
