// A node with the sums of what runs on it, kept up to date pod by pod.

import type { Node } from '../../api/types/core-v1.gen.ts';
import { HostPorts } from './host-ports.ts';
import type { PodInfo } from './pod-info.ts';
import { addResources, copyResources, noResources, type Resources, resourcesOf, wholeUnits } from './resources.ts';

/** A node and its pods. Mutable: owned by the cluster state, or a clone for what-if questions. */
export class NodeInfo {
  readonly name: string;
  #node: Node;
  #allocatable: Resources = noResources();
  #maxPods = 0;
  #imageSizes: ReadonlyMap<string, number> = new Map();
  readonly #pods = new Map<string, PodInfo>();
  readonly #withAffinity = new Map<string, PodInfo>();
  readonly #withRequiredAntiAffinity = new Map<string, PodInfo>();
  readonly #requested: Resources;
  readonly #scored: { milliCpu: number; memory: number };
  readonly ports: HostPorts;
  #podsVersion = 0;

  constructor(node: Node, sums?: NodeInfo) {
    this.name = node.metadata.name ?? '';
    this.#node = node;
    this.#requested = sums ? copyResources(sums.#requested) : noResources();
    this.#scored = sums ? { ...sums.#scored } : { milliCpu: 0, memory: 0 };
    this.ports = sums ? sums.ports.clone() : new HostPorts();
    this.setNode(node);
  }

  get node(): Node {
    return this.#node;
  }
  get allocatable(): Readonly<Resources> {
    return this.#allocatable;
  }
  /** allocatable.pods */
  get maxPods(): number {
    return this.#maxPods;
  }
  /** Bytes by image name. */
  get imageSizes(): ReadonlyMap<string, number> {
    return this.#imageSizes;
  }
  /** By uid. */
  get pods(): ReadonlyMap<string, PodInfo> {
    return this.#pods;
  }
  get podsWithAffinity(): ReadonlyMap<string, PodInfo> {
    return this.#withAffinity;
  }
  get podsWithRequiredAntiAffinity(): ReadonlyMap<string, PodInfo> {
    return this.#withRequiredAntiAffinity;
  }
  /** Changes whenever the pods do. */
  get podsVersion(): number {
    return this.#podsVersion;
  }
  /** Sum of the requests of all pods. */
  get requested(): Readonly<Resources> {
    return this.#requested;
  }
  /** As `requested`, with defaults for containers that request nothing. */
  get scored(): { readonly milliCpu: number; readonly memory: number } {
    return this.#scored;
  }

  /** Takes a new version of the node. */
  setNode(node: Node): void {
    this.#node = node;
    this.#allocatable = resourcesOf(node.status?.allocatable);
    this.#maxPods = wholeUnits(node.status?.allocatable?.['pods'] ?? '0');
    const images = node.status?.images ?? [];
    this.#imageSizes = new Map(images.flatMap((image) => (image.names ?? []).map((name) => [name, image.sizeBytes ?? 0] as const)));
  }

  /** Adds a pod; a pod of the same uid is replaced. */
  addPod(pod: PodInfo): void {
    this.removePod(pod.uid);
    this.#pods.set(pod.uid, pod);
    if (pod.hasAffinity) this.#withAffinity.set(pod.uid, pod);
    if (pod.affinity.requiredAnti.length > 0) this.#withRequiredAntiAffinity.set(pod.uid, pod);
    this.#count(pod, 1);
  }

  /** Removes a pod; one that is not there is no fault. */
  removePod(uid: string): void {
    const pod = this.#pods.get(uid);
    if (!pod) return;
    this.#pods.delete(uid);
    this.#withAffinity.delete(uid);
    this.#withRequiredAntiAffinity.delete(uid);
    this.#count(pod, -1);
  }

  /** An independent copy. */
  clone(): NodeInfo {
    const copy = new NodeInfo(this.#node, this);
    for (const [uid, pod] of this.#pods) copy.#pods.set(uid, pod);
    for (const [uid, pod] of this.#withAffinity) copy.#withAffinity.set(uid, pod);
    for (const [uid, pod] of this.#withRequiredAntiAffinity) copy.#withRequiredAntiAffinity.set(uid, pod);
    return copy;
  }

  #count(pod: PodInfo, sign: 1 | -1): void {
    this.#podsVersion++;
    addResources(this.#requested, pod.requests, sign);
    this.#scored.milliCpu += sign * pod.scoredRequests.milliCpu;
    this.#scored.memory += sign * pod.scoredRequests.memory;
    this.ports.change(pod.hostPorts, sign);
  }
}
