// How many pods of a namespace a selector matches, node by node. Counts are kept until the pods of the node change, so that
// placing the pods of one workload one after the other looks at each node's pods once.

import { type LabelMatcher, labelSelectorMatcher } from '../../api/labels.ts';
import type { LabelSelector } from '../../api/types/meta-v1.gen.ts';
import type { NodeInfo } from './node-info.ts';
import type { PodInfo } from './pod-info.ts';

/** Selectors remembered: workloads that are placed at about the same time. */
const MAX_COUNTERS = 256;

/** Counts for one selector. Pods on their way out do not count. */
export class PodCounter {
  readonly #namespace: string;
  readonly #matcher: LabelMatcher;
  readonly #counts = new WeakMap<NodeInfo, { readonly version: number; readonly count: number }>();

  /** An absent selector matches no pod. */
  constructor(namespace: string, selector: LabelSelector | undefined) {
    this.#namespace = namespace;
    this.#matcher = labelSelectorMatcher(selector);
  }

  /** Whether the pod is counted. */
  matches(pod: PodInfo): boolean {
    return pod.namespace === this.#namespace && !pod.terminating && this.#matcher.matches(pod.labels);
  }

  /** The number on a node. */
  on(node: NodeInfo): number {
    const known = this.#counts.get(node);
    if (known?.version === node.podsVersion) return known.count;
    let count = 0;
    for (const pod of node.pods.values()) if (this.matches(pod)) count++;
    this.#counts.set(node, { version: node.podsVersion, count });
    return count;
  }
}

/** Counters by selector, the least recently used forgotten first. */
export class PodCounters {
  readonly #counters = new Map<string, PodCounter>();

  get(namespace: string, selector: LabelSelector | undefined): PodCounter {
    const key = `${namespace} ${JSON.stringify(selector)}`;
    const counter = this.#counters.get(key) ?? new PodCounter(namespace, selector);
    this.#counters.delete(key);
    this.#counters.set(key, counter);
    const [oldest] = this.#counters.keys();
    if (this.#counters.size > MAX_COUNTERS && oldest !== undefined) this.#counters.delete(oldest);
    return counter;
  }
}
