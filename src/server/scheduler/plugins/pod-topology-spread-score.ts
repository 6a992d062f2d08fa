// PodTopologySpread, the score: constraints that are only wishes, and a default spread for pods of Services and workloads.

import type { NodeInfo } from '../node-info.ts';
import { type ClusterView, MAX_SCORE, type ScorePlugin } from '../plugin.ts';
import type { PodInfo } from '../pod-info.ts';
import { defaultSpreadConstraints, HOSTNAME_LABEL, type SpreadConstraint, spreadConstraints } from '../spread-constraint.ts';

/** A constraint with the numbers that scores need. */
interface Weighted {
  readonly constraint: SpreadConstraint;
  /** Grows with the number of domains, so that a constraint over few domains does not outweigh one over many. */
  readonly weight: number;
  /** Matching pods by domain; undefined for the hostname, counted per node when it is scored. */
  readonly counts: Map<string, number> | undefined;
}

function domainsOf(constraint: SpreadConstraint, nodes: readonly NodeInfo[]): Weighted {
  const { topologyKey } = constraint;
  if (topologyKey === HOSTNAME_LABEL) return { constraint, weight: Math.log(nodes.length + 2), counts: undefined };
  const counts = new Map<string, number>();
  for (const node of nodes) {
    const value = node.node.metadata.labels?.[topologyKey];
    if (value !== undefined) counts.set(value, 0);
  }
  return { constraint, weight: Math.log(counts.size + 2), counts };
}

function countDomains(weighted: readonly Weighted[], view: ClusterView, isCounted: (node: NodeInfo) => boolean): void {
  const byDomain = weighted.filter((w) => w.counts && w.counts.size > 0);
  if (byDomain.length === 0) return;
  for (const node of view.nodes) {
    if (!isCounted(node)) continue;
    for (const { constraint, counts } of byDomain) {
      const value = node.node.metadata.labels?.[constraint.topologyKey];
      const before = value === undefined ? undefined : counts?.get(value);
      if (value === undefined || before === undefined || !constraint.includes(node)) continue;
      counts?.set(value, before + constraint.counter.on(node));
    }
  }
}

function scoreOf(node: NodeInfo, weighted: readonly Weighted[]): number {
  let sum = 0;
  for (const { constraint, weight, counts } of weighted) {
    const value = node.node.metadata.labels?.[constraint.topologyKey];
    if (value === undefined) continue;
    const matching = counts ? (counts.get(value) ?? 0) : constraint.counter.on(node);
    sum += matching * weight + (constraint.maxSkew - 1);
  }
  return Math.round(sum);
}

/** Marks a node that lacks a label of a constraint: it scores 0 after normalizing. */
const IGNORED = -1;

function invert(scores: number[]): void {
  const real = scores.filter((score) => score !== IGNORED);
  const max = Math.max(0, ...real);
  const min = real.length > 0 ? Math.min(...real) : 0;
  for (const [i, score] of scores.entries()) {
    if (score === IGNORED) scores[i] = 0;
    else scores[i] = max === 0 ? MAX_SCORE : Math.floor((MAX_SCORE * (max + min - score)) / max);
  }
}

function constraintsOf(pod: PodInfo, view: ClusterView): SpreadConstraint[] {
  if ((pod.pod.spec.topologySpreadConstraints ?? []).length > 0) return spreadConstraints(pod, 'ScheduleAnyway', view);
  const selector = view.defaultSelector(pod);
  return selector ? defaultSpreadConstraints(pod, selector, view) : [];
}

/** Prefers nodes in domains with fewer matching pods. */
export const podTopologySpreadScore: ScorePlugin = {
  name: 'PodTopologySpread',
  prepare(pod, view, nodes) {
    const constraints = constraintsOf(pod, view);
    if (constraints.length === 0) return undefined;
    // Nodes without zone labels still take part in the default spread.
    const needsAllLabels = (pod.pod.spec.topologySpreadConstraints ?? []).length > 0;
    const counts = (node: NodeInfo): boolean =>
      !needsAllLabels || constraints.every((c) => node.node.metadata.labels?.[c.topologyKey] !== undefined);
    const counted = nodes.filter(counts);
    const weighted = constraints.map((constraint) => domainsOf(constraint, counted));
    countDomains(weighted, view, counts);
    return { score: (node) => (counts(node) ? scoreOf(node, weighted) : IGNORED), normalize: invert };
  },
};
