// Topology spread constraints, compiled. Rules: core/v1 TopologySpreadConstraint, Kubernetes documentation
// "Pod Topology Spread Constraints".

import type { TopologySpreadConstraint } from '../../api/types/core-v1.gen.ts';
import type { LabelSelector } from '../../api/types/meta-v1.gen.ts';
import { withLabelKeys } from './affinity-term.ts';
import type { NodeInfo } from './node-info.ts';
import { type NodePredicate, requiredNodeAffinity } from './node-selector.ts';
import type { ClusterView } from './plugin.ts';
import type { PodCounter } from './pod-counter.ts';
import type { PodInfo } from './pod-info.ts';
import { findUntolerated, HARD_EFFECTS } from './taints.ts';

/** A compiled constraint. */
export interface SpreadConstraint {
  readonly topologyKey: string;
  readonly maxSkew: number;
  readonly minDomains: number;
  /** Counts the pods that the constraint selects. */
  readonly counter: PodCounter;
  /** 1 when the pod matches its own constraint. */
  readonly self: 0 | 1;
  /** Whether the pods of the node count: node affinity and taints as the policies say. */
  readonly includes: (node: NodeInfo) => boolean;
}

/** The label that makes every node a domain of its own. */
export const HOSTNAME_LABEL = 'kubernetes.io/hostname';
const ZONE_LABEL = 'topology.kubernetes.io/zone';

function policyOf(constraint: TopologySpreadConstraint, pod: PodInfo, affinity: NodePredicate | undefined): SpreadConstraint['includes'] {
  const honorAffinity = constraint.nodeAffinityPolicy !== 'Ignore' && affinity !== undefined;
  const honorTaints = constraint.nodeTaintsPolicy === 'Honor';
  return (node) =>
    (!honorAffinity || affinity(node.node)) &&
    (!honorTaints || !findUntolerated(node.node.spec?.taints, pod.pod.spec.tolerations, HARD_EFFECTS));
}

/** The pod's constraints of one kind: `DoNotSchedule` or `ScheduleAnyway`. */
export function spreadConstraints(
  pod: PodInfo,
  whenUnsatisfiable: 'DoNotSchedule' | 'ScheduleAnyway',
  view: Pick<ClusterView, 'counter'>,
): SpreadConstraint[] {
  const wanted = pod.pod.spec.topologySpreadConstraints?.filter((c) => c.whenUnsatisfiable === whenUnsatisfiable) ?? [];
  if (wanted.length === 0) return [];
  const affinity = requiredNodeAffinity(pod.pod);
  return wanted.map((constraint) => {
    const selector = withLabelKeys(constraint.labelSelector, pod.labels, { match: constraint.matchLabelKeys });
    const counter = view.counter(pod.namespace, selector);
    return {
      topologyKey: constraint.topologyKey,
      maxSkew: constraint.maxSkew,
      minDomains: constraint.minDomains ?? 1,
      counter,
      self: counter.matches(pod) ? 1 : 0,
      includes: policyOf(constraint, pod, affinity),
    };
  });
}

/** What applies (softly) to pods of Services and workloads that state no constraints: spread over nodes and zones. */
export function defaultSpreadConstraints(pod: PodInfo, selector: LabelSelector, view: Pick<ClusterView, 'counter'>): SpreadConstraint[] {
  const affinity = requiredNodeAffinity(pod.pod);
  const counter = view.counter(pod.namespace, selector);
  const common = { minDomains: 1, counter, self: counter.matches(pod) ? 1 : 0 } as const;
  const includes = (node: NodeInfo): boolean => !affinity || affinity(node.node);
  return [
    { ...common, topologyKey: HOSTNAME_LABEL, maxSkew: 3, includes },
    { ...common, topologyKey: ZONE_LABEL, maxSkew: 5, includes },
  ];
}
