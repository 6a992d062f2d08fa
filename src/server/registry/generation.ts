// metadata.generation: starts at 1 and grows when what a user wishes changes, never when a status does.

import { deepEqual } from '../../api/copy.ts';
import type { KubeObject } from '../../api/object.ts';
import type { ResourceInfo } from '../../api/resources.ts';

/** Sets the generation of a new object. */
export function startGeneration(info: ResourceInfo, object: KubeObject): void {
  if (info.generation.length > 0 && info.generation[0] !== 'update') object.metadata.generation = 1;
  else delete object.metadata.generation;
}

/** Raises the generation when a field of the table differs; otherwise the old one stays. */
export function nextGeneration(info: ResourceInfo, object: KubeObject, old: KubeObject): void {
  const before = old.metadata.generation;
  if (info.generation.length === 0 || info.generation[0] === 'create') return;
  if (info.generation.some((field) => !deepEqual(fieldOf(object, field), fieldOf(old, field)))) {
    object.metadata.generation = (before ?? 0) + 1;
  }
}

/** A field of an object by its path. */
function fieldOf(object: object, path: string): unknown {
  return path.split('.').reduce<unknown>((value, name) => (value as Record<string, unknown> | undefined)?.[name], object);
}
