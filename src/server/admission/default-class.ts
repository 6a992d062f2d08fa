// The class that objects get which name none: of several default classes the newest, as for StorageClasses and IngressClasses.

import type { KubeObject } from '../../api/object.ts';

/** The name of the default class among `classes`; undefined when none is. `annotations` are those that may say so. */
export function defaultClass(classes: readonly KubeObject[], annotations: readonly string[]): string | undefined {
  const created = ({ metadata }: KubeObject): string => metadata.creationTimestamp ?? '';
  return classes
    .filter(({ metadata }) => annotations.some((key) => metadata.annotations?.[key] === 'true'))
    .sort((a, b) => created(b).localeCompare(created(a)) || (a.metadata.name ?? '').localeCompare(b.metadata.name ?? ''))[0]?.metadata.name;
}
