// InterPodAffinity, the filter: required affinity and anti-affinity of the pod, and required anti-affinity of the pods already
// there against it. Counts per topology domain are made once per pod.

import type { AffinityTerm, NamespaceLabels } from '../affinity-term.ts';
import type { NodeInfo } from '../node-info.ts';
import type { ClusterView, FilterPlugin, PodFilter, Rejection } from '../plugin.ts';
import type { PodInfo } from '../pod-info.ts';
import { TopologyCounts } from '../topology-counts.ts';

const NAME = 'InterPodAffinity';
const AFFINITY: Rejection = { plugin: NAME, reasons: ["node(s) didn't match pod affinity rules"], preemptionHelps: false };
const ANTI: Rejection = { plugin: NAME, reasons: ["node(s) didn't match pod anti-affinity rules"], preemptionHelps: true };
const EXISTING: Rejection = {
  plugin: NAME,
  reasons: ["node(s) didn't satisfy existing pods anti-affinity rules"],
  preemptionHelps: true,
};

const matchesAll = (terms: readonly AffinityTerm[], pod: PodInfo, namespaces: NamespaceLabels): boolean =>
  terms.length > 0 && terms.every((term) => term.matches(pod, namespaces));

/** The counts that the filter compares nodes with. */
interface Counts {
  /** Domains of existing pods whose required anti-affinity matches the pod. */
  readonly existing: TopologyCounts;
  /** Domains of pods that match all required affinity terms. */
  readonly affinity: TopologyCounts;
  /** Domains of pods that match a required anti-affinity term. */
  readonly anti: TopologyCounts;
}

class AffinityFilter implements PodFilter {
  readonly #pod: PodInfo;
  readonly #namespaces: NamespaceLabels;
  readonly #counts: Counts;

  constructor(pod: PodInfo, namespaces: NamespaceLabels, counts: Counts) {
    this.#pod = pod;
    this.#namespaces = namespaces;
    this.#counts = counts;
  }

  get asksNothing(): boolean {
    const { required, requiredAnti } = this.#pod.affinity;
    return required.length === 0 && requiredAnti.length === 0 && this.#counts.existing.isEmpty;
  }

  check(node: NodeInfo): Rejection | undefined {
    const labels = node.node.metadata.labels;
    if (!this.#satisfiesAffinity(labels)) return AFFINITY;
    if (this.#hitsAnti(labels)) return ANTI;
    return this.#counts.existing.hasPositive(labels) ? EXISTING : undefined;
  }

  moved(other: PodInfo, node: NodeInfo, sign: 1 | -1): void {
    this.#countExistingTerms(other, node, sign);
    this.#countOwnTerms(other, node, sign);
  }

  countAll(view: ClusterView): void {
    for (const node of view.nodesWithRequiredAntiAffinity) {
      for (const other of node.podsWithRequiredAntiAffinity.values()) this.#countExistingTerms(other, node, 1);
    }
    const { required, requiredAnti } = this.#pod.affinity;
    if (required.length === 0 && requiredAnti.length === 0) return;
    for (const node of view.nodes) for (const other of node.pods.values()) this.#countOwnTerms(other, node, 1);
  }

  fork(): PodFilter {
    const { existing, affinity, anti } = this.#counts;
    return new AffinityFilter(this.#pod, this.#namespaces, {
      existing: existing.clone(),
      affinity: affinity.clone(),
      anti: anti.clone(),
    });
  }

  #satisfiesAffinity(labels: Readonly<Record<string, string>> | undefined): boolean {
    const { required } = this.#pod.affinity;
    let everyDomainHasOne = true;
    for (const { topologyKey } of required) {
      const value = labels?.[topologyKey];
      if (value === undefined) return false;
      if (this.#counts.affinity.get(topologyKey, value) <= 0) everyDomainHasOne = false;
    }
    if (everyDomainHasOne) return true;
    // The first pod of a group that has affinity to itself may go anywhere.
    return this.#counts.affinity.isEmpty && matchesAll(required, this.#pod, this.#namespaces);
  }

  #hitsAnti(labels: Readonly<Record<string, string>> | undefined): boolean {
    return this.#pod.affinity.requiredAnti.some(({ topologyKey }) => {
      const value = labels?.[topologyKey];
      return value !== undefined && this.#counts.anti.get(topologyKey, value) > 0;
    });
  }

  #countExistingTerms(other: PodInfo, node: NodeInfo, sign: 1 | -1): void {
    for (const term of other.affinity.requiredAnti) {
      const value = node.node.metadata.labels?.[term.topologyKey];
      if (value !== undefined && term.matches(this.#pod, this.#namespaces)) this.#counts.existing.add(term.topologyKey, value, sign);
    }
  }

  #countOwnTerms(other: PodInfo, node: NodeInfo, sign: 1 | -1): void {
    const { required, requiredAnti } = this.#pod.affinity;
    const labels = node.node.metadata.labels;
    if (matchesAll(required, other, this.#namespaces)) {
      for (const { topologyKey } of required) {
        const value = labels?.[topologyKey];
        if (value !== undefined) this.#counts.affinity.add(topologyKey, value, sign);
      }
    }
    for (const term of requiredAnti) {
      const value = labels?.[term.topologyKey];
      if (value !== undefined && term.matches(other, this.#namespaces)) this.#counts.anti.add(term.topologyKey, value, sign);
    }
  }
}

/** Rules out nodes whose topology domains hold pods that must not be, or lack pods that must be, together with the pod. */
export const interPodAffinity: FilterPlugin = {
  name: NAME,
  prepare(pod, view) {
    const counts = { existing: new TopologyCounts(), affinity: new TopologyCounts(), anti: new TopologyCounts() };
    const filter = new AffinityFilter(pod, view.namespaceLabels, counts);
    filter.countAll(view);
    return filter.asksNothing ? undefined : filter;
  },
};
