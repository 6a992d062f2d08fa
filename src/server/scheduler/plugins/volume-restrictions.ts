// VolumeRestrictions: a claim with access mode ReadWriteOncePod serves one pod of the cluster at a time.

import type { NodeInfo } from '../node-info.ts';
import type { FilterPlugin, PodFilter, Rejection } from '../plugin.ts';
import type { PodInfo } from '../pod-info.ts';
import { claimNames } from './volume-binding.ts';

const NAME = 'VolumeRestrictions';
const REJECTION: Rejection = {
  plugin: NAME,
  reasons: ['node has pod using PersistentVolumeClaim with the same name and ReadWriteOncePod access mode'],
  preemptionHelps: true,
};

/** Rejects every node while any pod uses one of the claims, wherever it is. */
class ExclusiveClaims implements PodFilter {
  readonly #namespace: string;
  readonly #claims: ReadonlySet<string>;
  #users: number;

  constructor(namespace: string, claims: ReadonlySet<string>, users = 0) {
    this.#namespace = namespace;
    this.#claims = claims;
    this.#users = users;
  }

  check(): Rejection | undefined {
    return this.#users > 0 ? REJECTION : undefined;
  }

  moved(other: PodInfo, _node: NodeInfo, sign: 1 | -1): void {
    if (other.namespace !== this.#namespace) return;
    if (claimNames(other.pod).some(({ name }) => this.#claims.has(name))) this.#users += sign;
  }

  fork(): PodFilter {
    return new ExclusiveClaims(this.#namespace, this.#claims, this.#users);
  }
}

/** Keeps claims for a single pod to a single pod. */
export const volumeRestrictions: FilterPlugin = {
  name: NAME,
  prepare(pod, view) {
    const exclusive = claimNames(pod.pod)
      .map(({ name }) => name)
      .filter((name) => view.volumes.claim(`${pod.namespace}/${name}`)?.spec.accessModes?.includes('ReadWriteOncePod'));
    if (exclusive.length === 0) return undefined;
    const filter = new ExclusiveClaims(pod.namespace, new Set(exclusive));
    for (const node of view.nodes) for (const other of node.pods.values()) filter.moved(other, node, 1);
    return filter;
  },
};
