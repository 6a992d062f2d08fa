// Sub-resources of pods that change one part of the spec after creation: ephemeral containers, and resources in place.

import type { KubeObject } from '../../../api/object.ts';
import type * as core from '../../../api/types/core-v1.gen.ts';
import type { ObjectView } from '../subresource.ts';

/** Makes `object` the old pod with another spec; metadata other than its version stays. */
function keepAllBut(object: KubeObject, old: core.Pod, spec: core.PodSpec): void {
  const { resourceVersion } = object.metadata;
  Object.assign(object, {
    metadata: { ...old.metadata, ...(resourceVersion !== undefined && { resourceVersion }) },
    spec,
    status: old.status,
  });
}

/** pods/ephemeralcontainers. */
export const ephemeralContainersView: ObjectView = {
  type: 'object',
  prepare(object, old) {
    const { spec } = object as core.Pod; // the view is of pods
    const before = old as core.Pod;
    const { ephemeralContainers } = spec;
    keepAllBut(object, before, { ...before.spec, ...(ephemeralContainers && { ephemeralContainers }) });
  },
};

type Sized = Pick<core.Container, 'name' | 'resources' | 'resizePolicy'>;

/** The wished containers with nothing changed but their resources and resize policies. What is missing, or new, is left for validation to find. */
function resized<T extends Sized>(old: readonly T[] | undefined, wished: readonly T[] | undefined): T[] | undefined {
  return wished?.map((wish) => {
    const container = old?.find((other) => other.name === wish.name);
    if (!container) return wish;
    return {
      ...container,
      ...(wish.resources && { resources: wish.resources }),
      ...(wish.resizePolicy && { resizePolicy: wish.resizePolicy }),
    };
  });
}

/** pods/resize: only resources and resize policies of containers change. */
export const resizeView: ObjectView = {
  type: 'object',
  prepare(object, old) {
    const { spec } = object as core.Pod; // the view is of pods
    const before = old as core.Pod;
    const containers = resized(before.spec.containers, spec.containers) ?? [];
    const initContainers = resized(before.spec.initContainers, spec.initContainers);
    const hasInit = initContainers !== undefined || before.spec.initContainers !== undefined;
    keepAllBut(object, before, { ...before.spec, containers, ...(hasInit && { initContainers: initContainers ?? [] }) });
  },
};
