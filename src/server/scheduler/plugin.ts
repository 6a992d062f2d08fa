// Contracts of scheduling plugins. A plugin is asked once per pod to prepare; what it returns is asked once per node.
// Everything here is synchronous and pure over the cluster state of the moment.

import type { PersistentVolume, PersistentVolumeClaim } from '../../api/types/core-v1.gen.ts';
import type { LabelSelector } from '../../api/types/meta-v1.gen.ts';
import type { StorageClass } from '../../api/types/storage-v1.gen.ts';
import type { Labels } from './affinity-term.ts';
import type { NodeInfo } from './node-info.ts';
import type { PodCounter } from './pod-counter.ts';
import type { PodInfo } from './pod-info.ts';

/** What volumes exist. */
export interface VolumeLookup {
  /** By `namespace/name`. */
  claim(key: string): PersistentVolumeClaim | undefined;
  volume(name: string): PersistentVolume | undefined;
  volumes(): readonly PersistentVolume[];
  storageClass(name: string): StorageClass | undefined;
}

/** The cluster as plugins see it. */
export interface ClusterView {
  /** Zone by zone in turn, so that a search that stops early sees all zones. */
  readonly nodes: readonly NodeInfo[];
  node(name: string): NodeInfo | undefined;
  readonly nodesWithAffinity: ReadonlySet<NodeInfo>;
  readonly nodesWithRequiredAntiAffinity: ReadonlySet<NodeInfo>;
  /** How many nodes have an image of that name. */
  imageNodes(image: string): number;
  namespaceLabels(namespace: string): Labels | undefined;
  /** Selects the pods that the Services and the workload of this pod select; undefined when there are none. */
  defaultSelector(pod: PodInfo): LabelSelector | undefined;
  /** Counts the pods of a namespace that match a selector. */
  counter(namespace: string, selector: LabelSelector | undefined): PodCounter;
  readonly volumes: VolumeLookup;
}

/** Why a node cannot take the pod. */
export interface Rejection {
  readonly plugin: string;
  /** Texts as users know them, e.g. `Insufficient cpu`. */
  readonly reasons: readonly string[];
  /** Whether removing pods from the node could help. */
  readonly preemptionHelps: boolean;
}

/** The filter of one plugin, prepared for one pod. */
export interface PodFilter {
  /** Undefined = the node passes. */
  check(node: NodeInfo): Rejection | undefined;
  /** All nodes but these are out, without a check. */
  readonly onlyNodes?: ReadonlySet<string>;
  /** For what-if questions: takes note that `other` came to (1) or left (-1) the node. Absent = `check` reads it from the node. */
  moved?(other: PodInfo, node: NodeInfo, sign: 1 | -1): void;
  /** A copy whose notes are its own; there when `moved` is. */
  fork?(): PodFilter;
}

/** The pod cannot be placed at all, e.g. a claim does not exist. */
export interface Unplaceable {
  readonly plugin: string;
  readonly unplaceable: string;
}

/** A plugin that rules out nodes. */
export interface FilterPlugin {
  readonly name: string;
  /** Undefined = it has nothing to say about this pod. */
  prepare(pod: PodInfo, view: ClusterView): PodFilter | Unplaceable | undefined;
}

/** The scores of one plugin, prepared for one pod and the nodes that passed. */
export interface PodScorer {
  /** Any number, where `normalize` is there; else 0 … 100. */
  score(node: NodeInfo): number;
  /** Brings raw scores, in the order of the nodes, to 0 … 100 in place. */
  normalize?(scores: number[]): void;
}

/** A plugin that ranks nodes. */
export interface ScorePlugin {
  readonly name: string;
  prepare(pod: PodInfo, view: ClusterView, nodes: readonly NodeInfo[]): PodScorer | undefined;
}

/** The highest score of a plugin before its weight. */
export const MAX_SCORE = 100;

/** Scales scores so that the highest is 100. */
export function scaleToMax(scores: number[]): void {
  const max = Math.max(0, ...scores);
  if (max === 0) return;
  for (const [i, score] of scores.entries()) scores[i] = Math.floor((MAX_SCORE * score) / max);
}

/** Scales scores so that the lowest raw score is 100 and the highest is 0; all 100 when all are 0. */
export function scaleReversed(scores: number[]): void {
  const max = Math.max(0, ...scores);
  for (const [i, score] of scores.entries()) scores[i] = max === 0 ? MAX_SCORE : MAX_SCORE - Math.floor((MAX_SCORE * score) / max);
}
