// What pods need of the kubelet that not every kubelet can do, and which nodes say they can (KEP-5328). Names are upstream's. Pure.

import { deepEqual } from './copy.ts';
import { isSidecar } from './pod-resources.ts';
import type { Node, PodSpec } from './types/core-v1.gen.ts';
import { semanticEqual } from './validation/semantic-equal.ts';

/** A kubelet may know it. */
type NodeFeature =
  | 'InPlacePodLevelResourcesVerticalScaling'
  | 'InPlacePodVerticalScalingInitContainers'
  | 'RestartAllContainersOnContainerExits';

/** What a node must know for a pod to run there, sorted. */
export function featuresToRun({ containers, initContainers = [] }: PodSpec): readonly NodeFeature[] {
  const restartsAll = [...containers, ...initContainers].some(({ restartPolicyRules }) =>
    restartPolicyRules?.some(({ action }) => action === 'RestartAllContainers'),
  );
  return restartsAll ? ['RestartAllContainersOnContainerExits'] : [];
}

/** What the node of a pod must know for the pod to become so, sorted. */
export function featuresToUpdate(spec: PodSpec, old: PodSpec): readonly NodeFeature[] {
  const features: NodeFeature[] = [];
  if (!semanticEqual(spec.resources, old.resources)) features.push('InPlacePodLevelResourcesVerticalScaling');
  const resized = (old.initContainers ?? []).some(
    (before, index) => !isSidecar(before) && !deepEqual(before.resources ?? {}, spec.initContainers?.[index]?.resources ?? {}),
  );
  if (resized) features.push('InPlacePodVerticalScalingInitContainers');
  return features;
}

/** Those that a node does not declare. */
export function lackingFeatures(wanted: readonly NodeFeature[], { status }: Node): readonly NodeFeature[] {
  return wanted.filter((feature) => !status?.declaredFeatures?.includes(feature));
}
