// The cluster as the scheduler knows it: nodes with the sums of their pods, kept up to date by changes, plus pods it has just
// placed whose binding is not seen yet (assumed). Cycles run synchronously, so they read this state itself, no copy.

import type { Node } from '../../api/types/core-v1.gen.ts';
import type { LabelSelector } from '../../api/types/meta-v1.gen.ts';
import type { Labels } from './affinity-term.ts';
import { NodeInfo } from './node-info.ts';
import type { ClusterView, VolumeLookup } from './plugin.ts';
import { normalizedImageName } from './plugins/image-locality.ts';
import { type PodCounter, PodCounters } from './pod-counter.ts';
import type { PodInfo } from './pod-info.ts';

/** A bound pod that no informer has shown by then is forgotten, so that a lost event cannot hold room for ever. */
const ASSUMED_TTL_MS = 900_000;

/** What the state asks elsewhere. */
interface ClusterLookups {
  readonly volumes: VolumeLookup;
  namespaceLabels(namespace: string): Labels | undefined;
  defaultSelector(pod: PodInfo): LabelSelector | undefined;
}

interface Assumed {
  readonly node: string;
  readonly pod: PodInfo;
  /** Monotonic time; undefined while the binding is under way. */
  expiresMs: number | undefined;
}

const zoneOf = (node: NodeInfo): string => {
  const labels = node.node.metadata.labels ?? {};
  return `${labels['topology.kubernetes.io/region'] ?? ''}/${labels['topology.kubernetes.io/zone'] ?? ''}`;
};

/** One node of each zone in turn. */
function interleaveZones(nodes: Iterable<NodeInfo>): NodeInfo[] {
  const zones = [...Map.groupBy(nodes, zoneOf).values()];
  const longest = Math.max(0, ...zones.map((zone) => zone.length));
  return Array.from({ length: longest }, (_, i) => zones.flatMap((zone) => zone[i] ?? [])).flat();
}

/** The state. All methods are synchronous. */
export class ClusterState implements ClusterView {
  readonly #lookups: ClusterLookups;
  readonly #nodes = new Map<string, NodeInfo>();
  /** Pods whose node is not known (yet), by node. */
  readonly #homeless = new Map<string, Map<string, PodInfo>>();
  /** Node name by pod uid. */
  readonly #places = new Map<string, string>();
  readonly #assumed = new Map<string, Assumed>();
  readonly #imageNodes = new Map<string, number>();
  readonly #withAffinity = new Set<NodeInfo>();
  readonly #withRequiredAntiAffinity = new Set<NodeInfo>();
  readonly #counters = new PodCounters();
  #order: NodeInfo[] | undefined;

  constructor(lookups: ClusterLookups) {
    this.#lookups = lookups;
  }

  get nodes(): readonly NodeInfo[] {
    this.#order ??= interleaveZones(this.#nodes.values());
    return this.#order;
  }
  node(name: string): NodeInfo | undefined {
    return this.#nodes.get(name);
  }
  get nodesWithAffinity(): ReadonlySet<NodeInfo> {
    return this.#withAffinity;
  }
  get nodesWithRequiredAntiAffinity(): ReadonlySet<NodeInfo> {
    return this.#withRequiredAntiAffinity;
  }
  imageNodes(image: string): number {
    return this.#imageNodes.get(normalizedImageName(image)) ?? 0;
  }
  namespaceLabels = (namespace: string): Labels | undefined => this.#lookups.namespaceLabels(namespace);
  defaultSelector(pod: PodInfo): LabelSelector | undefined {
    return this.#lookups.defaultSelector(pod);
  }
  counter(namespace: string, selector: LabelSelector | undefined): PodCounter {
    return this.#counters.get(namespace, selector);
  }
  get volumes(): VolumeLookup {
    return this.#lookups.volumes;
  }

  /** Takes a new or changed node. */
  setNode(node: Node): void {
    const name = node.metadata.name ?? '';
    const info = this.#nodes.get(name);
    if (info) {
      const zone = zoneOf(info);
      this.#countImages(info, -1);
      info.setNode(node);
      if (zoneOf(info) !== zone) this.#order = undefined;
      this.#countImages(info, 1);
      return;
    }
    const added = new NodeInfo(node);
    this.#nodes.set(name, added);
    this.#order = undefined;
    this.#countImages(added, 1);
    for (const pod of this.#homeless.get(name)?.values() ?? []) added.addPod(pod);
    this.#homeless.delete(name);
    this.#noteAffinity(added);
  }

  /** Forgets a node; its pods stay known until they are removed. */
  removeNode(name: string): void {
    const info = this.#nodes.get(name);
    if (!info) return;
    this.#nodes.delete(name);
    this.#order = undefined;
    this.#countImages(info, -1);
    this.#withAffinity.delete(info);
    this.#withRequiredAntiAffinity.delete(info);
    if (info.pods.size > 0) this.#homeless.set(name, new Map(info.pods));
  }

  /** Takes a pod that has a node, new or changed; confirms it if it was assumed. */
  setPod(pod: PodInfo): void {
    this.#assumed.delete(pod.uid);
    this.#put(pod, pod.pod.spec.nodeName ?? '');
  }

  /** Forgets a pod. */
  removePod(uid: string): void {
    this.#assumed.delete(uid);
    const place = this.#places.get(uid);
    if (place === undefined) return;
    this.#places.delete(uid);
    const node = this.#nodes.get(place);
    node?.removePod(uid);
    if (node) this.#noteAffinity(node);
    const homeless = this.#homeless.get(place);
    homeless?.delete(uid);
    if (homeless?.size === 0) this.#homeless.delete(place);
  }

  /** The node a pod is on or assumed on. */
  placeOf(uid: string): string | undefined {
    return this.#places.get(uid);
  }

  isAssumed(uid: string): boolean {
    return this.#assumed.has(uid);
  }

  /** Counts a pod on a node before its binding is written. */
  assume(pod: PodInfo, node: string): void {
    this.#put(pod, node);
    this.#assumed.set(pod.uid, { node, pod, expiresMs: undefined });
  }

  /** The binding is written: from now on the pod must show up in time. */
  bound(uid: string, nowMs: number): void {
    const assumed = this.#assumed.get(uid);
    if (assumed) assumed.expiresMs = nowMs + ASSUMED_TTL_MS;
  }

  /** The binding failed: takes the pod back, unless it has been seen on a node meanwhile. */
  forget(uid: string): void {
    if (this.#assumed.has(uid)) this.removePod(uid);
  }

  /** Forgets bound pods that never showed up. */
  expireAssumed(nowMs: number): void {
    for (const [uid, { expiresMs }] of [...this.#assumed]) if (expiresMs !== undefined && expiresMs <= nowMs) this.forget(uid);
  }

  #put(pod: PodInfo, name: string): void {
    const before = this.#places.get(pod.uid);
    if (before !== undefined && before !== name) this.removePod(pod.uid);
    this.#places.set(pod.uid, name);
    const node = this.#nodes.get(name);
    if (!node) {
      const homeless = this.#homeless.get(name) ?? new Map<string, PodInfo>();
      this.#homeless.set(name, homeless.set(pod.uid, pod));
      return;
    }
    node.addPod(pod);
    this.#noteAffinity(node);
  }

  #noteAffinity(node: NodeInfo): void {
    const note = (set: Set<NodeInfo>, size: number): void => {
      if (size > 0) set.add(node);
      else set.delete(node);
    };
    note(this.#withAffinity, node.podsWithAffinity.size);
    note(this.#withRequiredAntiAffinity, node.podsWithRequiredAntiAffinity.size);
  }

  #countImages(node: NodeInfo, sign: 1 | -1): void {
    for (const image of node.imageSizes.keys()) {
      const count = (this.#imageNodes.get(image) ?? 0) + sign;
      if (count > 0) this.#imageNodes.set(image, count);
      else this.#imageNodes.delete(image);
    }
  }
}
