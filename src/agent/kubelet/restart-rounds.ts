// A container that ends as its rule for RestartAllContainers says makes all containers of its pod run anew, init containers first, in the
// sandbox there is (KEP-5532): a new round begins. Which instances are of an earlier round shows in the runtime's records alone, so that
// it outlives a restart of kts. Pure.

import type { Pod } from '../../api/types/core-v1.gen.ts';
import { instancesOf, type ObservedContainer, type ObservedPod } from './observed-pod.ts';
import { type PodContainer, podContainers } from './pod-containers.ts';
import { ruledAction } from './restart-rules.ts';

/** Tells whether an instance is of an earlier round: it is to end, and its container to run again whatever its restart policy. */
export type EarlierRound = (instance: ObservedContainer) => boolean;

/** Whether a container of the pod can make all of them run anew. */
export function canBeginRounds({ spec: { containers, initContainers = [] } }: Pod): boolean {
  return [...initContainers, ...containers].some((c) => c.restartPolicyRules?.some(({ action }) => action === 'RestartAllContainers'));
}

/** Whether an instance of a container ended so that a new round began. */
export function beganRound({ container, kind }: PodContainer, { state, exitCode }: ObservedContainer): boolean {
  return kind !== 'ephemeral' && state === 'exited' && ruledAction(container, exitCode) === 'RestartAllContainers';
}

/** The rounds of a pod as the runtime shows them. */
export function earlierRound(pod: Pod, observed: ObservedPod): EarlierRound {
  if (!canBeginRounds(pod)) return () => false;
  const targets = new Map(podContainers(pod).map((target) => [target.container.name, target]));
  const ends = observed.containers.flatMap((instance) => {
    const target = targets.get(instance.name);
    return target && beganRound(target, instance) ? [instance.finishedAtMs] : [];
  });
  const beganMs = Math.max(0, ...ends);
  if (beganMs === 0) return () => false;
  const initializedMs = Math.max(beganMs, ...initTimes([...targets.values()], observed, beganMs));
  return ({ name, createdAtMs, sandboxId }) => {
    const kind = targets.get(name)?.kind;
    if (kind === 'ephemeral') return false;
    return createdAtMs < (kind === 'regular' && sandboxId === observed.sandboxes[0]?.id ? initializedMs : beganMs);
  };
}

/** When the init containers of the round were made; what was made of the regular ones before came of the round before, just too late. */
function initTimes(targets: readonly PodContainer[], observed: ObservedPod, beganMs: number): number[] {
  return targets.flatMap(({ kind, container }) => {
    const newest = kind === 'init' ? instancesOf(observed, container.name)[0] : undefined;
    if (!newest) return [];
    return [newest.createdAtMs < beganMs ? Number.POSITIVE_INFINITY : newest.createdAtMs];
  });
}
