// The plugins of the one profile (default-scheduler) with their order and weights: kube-scheduler's defaults.

import type { FilterPlugin, ScorePlugin } from './plugin.ts';
import { imageLocalityScore } from './plugins/image-locality.ts';
import { interPodAffinity } from './plugins/inter-pod-affinity.ts';
import { interPodAffinityScore } from './plugins/inter-pod-affinity-score.ts';
import { nodeAffinity, nodeAffinityScore } from './plugins/node-affinity.ts';
import { nodeDeclaredFeatures } from './plugins/node-declared-features.ts';
import { nodeName } from './plugins/node-name.ts';
import { nodePorts } from './plugins/node-ports.ts';
import { balancedAllocationScore } from './plugins/node-resources-balanced.ts';
import { leastAllocatedScore, nodeResourcesFit } from './plugins/node-resources-fit.ts';
import { nodeUnschedulable } from './plugins/node-unschedulable.ts';
import { podTopologySpread } from './plugins/pod-topology-spread.ts';
import { podTopologySpreadScore } from './plugins/pod-topology-spread-score.ts';
import { taintToleration, taintTolerationScore } from './plugins/taint-toleration.ts';
import { volumeBinding } from './plugins/volume-binding.ts';
import { volumeRestrictions } from './plugins/volume-restrictions.ts';

/** The name pods ask for in spec.schedulerName. */
export const SCHEDULER_NAME = 'default-scheduler';

/** Filters in order: the first that rejects a node gives the reason. Cheap ones first. */
export const FILTERS: readonly FilterPlugin[] = [
  nodeUnschedulable,
  nodeName,
  taintToleration,
  nodeDeclaredFeatures,
  nodeAffinity,
  nodePorts,
  nodeResourcesFit,
  volumeRestrictions,
  volumeBinding,
  podTopologySpread,
  interPodAffinity,
];

/** Scores with their weights. What a user states weighs more than what only balances. */
export const SCORES: readonly { readonly plugin: ScorePlugin; readonly weight: number }[] = [
  { plugin: taintTolerationScore, weight: 3 },
  { plugin: nodeAffinityScore, weight: 2 },
  { plugin: podTopologySpreadScore, weight: 2 },
  { plugin: interPodAffinityScore, weight: 2 },
  { plugin: leastAllocatedScore, weight: 1 },
  { plugin: balancedAllocationScore, weight: 1 },
  { plugin: imageLocalityScore, weight: 1 },
];
