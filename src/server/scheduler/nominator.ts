// Pods that preemption promised a node to, until they are there or the promise is taken back.

import type { PodInfo } from './pod-info.ts';

/** Promises by node. Bounded by the number of waiting pods. */
export class Nominator {
  readonly #byNode = new Map<string, Map<string, PodInfo>>();
  readonly #nodeOf = new Map<string, string>();

  /** Notes the promise of a pod, or its end when `node` is empty. */
  set(pod: PodInfo, node: string): void {
    this.delete(pod.uid);
    if (node === '') return;
    this.#nodeOf.set(pod.uid, node);
    const pods = this.#byNode.get(node) ?? new Map<string, PodInfo>();
    this.#byNode.set(node, pods.set(pod.uid, pod));
  }

  delete(uid: string): void {
    const node = this.#nodeOf.get(uid);
    if (node === undefined) return;
    this.#nodeOf.delete(uid);
    const pods = this.#byNode.get(node);
    pods?.delete(uid);
    if (pods?.size === 0) this.#byNode.delete(node);
  }

  nodeOf(uid: string): string | undefined {
    return this.#nodeOf.get(uid);
  }

  /** Pods promised to a node. */
  on = (node: string): readonly PodInfo[] => {
    const pods = this.#byNode.get(node);
    return pods ? [...pods.values()] : NONE;
  };
}

const NONE: readonly PodInfo[] = [];
