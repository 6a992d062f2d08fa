// PodTopologySpread, the filter: a node is out when the pod would make its domain more than maxSkew fuller than the emptiest.

import type { NodeInfo } from '../node-info.ts';
import type { ClusterView, FilterPlugin, PodFilter, Rejection } from '../plugin.ts';
import type { PodInfo } from '../pod-info.ts';
import { type SpreadConstraint, spreadConstraints } from '../spread-constraint.ts';

const NAME = 'PodTopologySpread';
const REASON = "node(s) didn't match pod topology spread constraints";
const SKEWED: Rejection = { plugin: NAME, reasons: [REASON], preemptionHelps: true };
const NO_LABEL: Rejection = { plugin: NAME, reasons: [`${REASON} (missing required label)`], preemptionHelps: false };

/** Pods per domain of one constraint, with the smallest number kept at hand. */
class Domains {
  readonly constraint: SpreadConstraint;
  readonly #counts: Map<string, number>;
  #min: number | undefined;

  constructor(constraint: SpreadConstraint, counts = new Map<string, number>()) {
    this.constraint = constraint;
    this.#counts = counts;
  }

  add(value: string, amount: number): void {
    this.#counts.set(value, (this.#counts.get(value) ?? 0) + amount);
    this.#min = undefined;
  }

  /** The emptiest domain; 0 while there are fewer domains than minDomains. */
  get min(): number {
    if (this.#min === undefined) {
      const tooFew = this.#counts.size < this.constraint.minDomains;
      let min = Number.POSITIVE_INFINITY;
      for (const count of this.#counts.values()) min = Math.min(min, count);
      this.#min = tooFew ? 0 : min;
    }
    return this.#min;
  }

  skewWith(value: string): number {
    return (this.#counts.get(value) ?? 0) + this.constraint.self - this.min;
  }

  clone(): Domains {
    return new Domains(this.constraint, new Map(this.#counts));
  }
}

class SpreadFilter implements PodFilter {
  readonly #domains: readonly Domains[];

  constructor(domains: readonly Domains[]) {
    this.#domains = domains;
  }

  count(view: ClusterView): void {
    for (const node of view.nodes) {
      for (const domain of this.#domains) {
        const value = this.#valueFor(domain, node);
        if (value !== undefined) domain.add(value, domain.constraint.counter.on(node));
      }
    }
  }

  check(node: NodeInfo): Rejection | undefined {
    for (const domain of this.#domains) {
      const value = node.node.metadata.labels?.[domain.constraint.topologyKey];
      if (value === undefined) return NO_LABEL;
      if (domain.skewWith(value) > domain.constraint.maxSkew) return SKEWED;
    }
    return undefined;
  }

  moved(other: PodInfo, node: NodeInfo, sign: 1 | -1): void {
    for (const domain of this.#domains) {
      const value = this.#valueFor(domain, node);
      if (value !== undefined && domain.constraint.counter.matches(other)) domain.add(value, sign);
    }
  }

  fork(): PodFilter {
    return new SpreadFilter(this.#domains.map((domain) => domain.clone()));
  }

  /** The node's domain, if the node counts for it: it has the labels of all constraints and the policies include it. */
  #valueFor(domain: Domains, node: NodeInfo): string | undefined {
    const labels = node.node.metadata.labels ?? {};
    if (this.#domains.some((d) => labels[d.constraint.topologyKey] === undefined)) return undefined;
    return domain.constraint.includes(node) ? labels[domain.constraint.topologyKey] : undefined;
  }
}

/** Enforces constraints with whenUnsatisfiable DoNotSchedule. */
export const podTopologySpread: FilterPlugin = {
  name: NAME,
  prepare(pod, view) {
    const constraints = spreadConstraints(pod, 'DoNotSchedule', view);
    if (constraints.length === 0) return undefined;
    const filter = new SpreadFilter(constraints.map((constraint) => new Domains(constraint)));
    filter.count(view);
    return filter;
  },
};
