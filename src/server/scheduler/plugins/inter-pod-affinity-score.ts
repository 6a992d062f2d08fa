// InterPodAffinity, the score: preferred terms of the pod towards the pods already there, and of those towards it.

import type { AffinityTerm } from '../affinity-term.ts';
import type { NodeInfo } from '../node-info.ts';
import { type ClusterView, MAX_SCORE, type ScorePlugin } from '../plugin.ts';
import type { PodInfo } from '../pod-info.ts';
import { TopologyCounts } from '../topology-counts.ts';

/** What a required affinity term of an existing pod adds when it matches the pod to place. */
const HARD_AFFINITY_WEIGHT = 1;

function addPair(sums: TopologyCounts, pod: PodInfo, pair: { readonly other: PodInfo; readonly node: NodeInfo; view: ClusterView }): void {
  const { other, node, view } = pair;
  const labels = node.node.metadata.labels ?? {};
  const add = (terms: readonly AffinityTerm[], target: PodInfo, factor: (term: AffinityTerm) => number): void => {
    for (const term of terms) {
      const value = labels[term.topologyKey];
      if (value !== undefined && term.matches(target, view.namespaceLabels)) sums.add(term.topologyKey, value, factor(term));
    }
  };
  add(pod.affinity.preferred, other, (term) => term.weight);
  add(pod.affinity.preferredAnti, other, (term) => -term.weight);
  add(other.affinity.required, pod, () => HARD_AFFINITY_WEIGHT);
  add(other.affinity.preferred, pod, (term) => term.weight);
  add(other.affinity.preferredAnti, pod, (term) => -term.weight);
}

function scaleRange(scores: number[]): void {
  const min = Math.min(...scores);
  const range = Math.max(...scores) - min;
  for (const [i, score] of scores.entries()) scores[i] = range > 0 ? Math.floor((MAX_SCORE * (score - min)) / range) : 0;
}

/** Sums the weights of all matching terms over the domains a node is in. */
export const interPodAffinityScore: ScorePlugin = {
  name: 'InterPodAffinity',
  prepare(pod, view) {
    const hasPreferred = pod.affinity.preferred.length > 0 || pod.affinity.preferredAnti.length > 0;
    if (!hasPreferred && view.nodesWithAffinity.size === 0) return undefined;
    const sums = new TopologyCounts();
    for (const node of hasPreferred ? view.nodes : view.nodesWithAffinity) {
      const others = hasPreferred ? node.pods : node.podsWithAffinity;
      for (const other of others.values()) addPair(sums, pod, { other, node, view });
    }
    if (sums.isEmpty) return undefined;
    return { score: (node) => sums.sumOver(node.node.metadata.labels), normalize: scaleRange };
  },
};
