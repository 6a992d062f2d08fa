// The containers of a pod with what role they play, in the order they start.

import { isSidecar } from '../../api/pod-resources.ts';
import type { Container, Pod } from '../../api/types/core-v1.gen.ts';

/** `init` runs once to its end, `sidecar` is an init container with restartPolicy Always, `ephemeral` was added for debugging. */
export type ContainerKind = 'init' | 'sidecar' | 'regular' | 'ephemeral';

/** A container of a pod's spec. */
export interface PodContainer {
  readonly container: Container & { readonly targetContainerName?: string };
  readonly kind: ContainerKind;
}

/** All containers of a pod: init containers and sidecars, regular ones, ephemeral ones. */
export function podContainers(pod: Pod): readonly PodContainer[] {
  const { initContainers = [], containers, ephemeralContainers = [] } = pod.spec;
  return [
    ...initContainers.map((container): PodContainer => ({ container, kind: isSidecar(container) ? 'sidecar' : 'init' })),
    ...containers.map((container): PodContainer => ({ container, kind: 'regular' })),
    ...ephemeralContainers.map((container): PodContainer => ({ container, kind: 'ephemeral' })),
  ];
}

/** Field path of a container for events, e.g. `spec.containers{web}`. */
export function containerFieldPath({ container, kind }: PodContainer): string {
  const list = kind === 'regular' ? 'containers' : kind === 'ephemeral' ? 'ephemeralContainers' : 'initContainers';
  return `spec.${list}{${container.name}}`;
}

/** `name_namespace(uid)`, as upstream's messages name a pod. */
export function podText(pod: Pod): string {
  const { name = '', namespace = '', uid = '' } = pod.metadata;
  return `${name}_${namespace}(${uid})`;
}
