// Removes what is left of a pod's former runs while the pod lives on.

import type { Pod } from '../../api/types/core-v1.gen.ts';
import type { ObservedPod } from './observed-pod.ts';
import type { PodContext } from './pod-context.ts';
import { removeContainerLog } from './pod-files.ts';
import { garbageOf } from './pod-plan.ts';

/** Removes dead containers with their logs, and dead sandboxes, that nobody looks at any more. */
export async function collectGarbage(pod: Pod, observed: ObservedPod, { runtime, paths }: PodContext): Promise<void> {
  const { containers, sandboxes } = garbageOf(observed);
  for (const id of containers) {
    await runtime.removeContainer(id);
    const run = observed.containers.find((c) => c.id === id);
    if (run) await removeContainerLog(paths, pod, run);
  }
  for (const id of sandboxes) await runtime.removePodSandbox(id);
}
