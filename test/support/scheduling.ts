// Nodes, pods and cluster states for tests of the scheduler, written shortly.

import type { Node, PersistentVolume, PersistentVolumeClaim, Pod, PodSpec } from '../../src/api/types/core-v1.gen.ts';
import type { StorageClass } from '../../src/api/types/storage-v1.gen.ts';
import { ClusterState } from '../../src/server/scheduler/cluster-state.ts';
import { type CycleResult, runCycle } from '../../src/server/scheduler/cycle.ts';
import { failureMessage } from '../../src/server/scheduler/diagnosis.ts';
import { podInfo } from '../../src/server/scheduler/pod-info.ts';

/** What a test says of a node. */
export interface NodeShape {
  readonly labels?: Record<string, string>;
  readonly cpu?: string;
  readonly memory?: string;
  readonly pods?: string;
  readonly spec?: Node['spec'];
  readonly images?: { names: string[]; sizeBytes: number }[];
  /** status.declaredFeatures */
  readonly features?: readonly string[];
  readonly extended?: Record<string, string>;
}

/** A node with 4 CPUs, 8 GiB and room for 110 pods, unless said otherwise. */
export function node(name: string, shape: NodeShape = {}): Node {
  const { labels = {}, cpu = '4', memory = '8Gi', pods = '110', spec = {}, images = [], extended = {}, features = [] } = shape;
  return {
    metadata: { name, labels: { 'kubernetes.io/hostname': name, ...labels } },
    spec,
    status: { allocatable: { cpu, memory, pods, ...extended }, images, declaredFeatures: [...features] },
  };
}

/** What a test says of a pod. */
export interface PodShape extends Partial<PodSpec> {
  readonly labels?: Record<string, string>;
  readonly requests?: Record<string, string>;
  readonly namespace?: string;
  readonly status?: Pod['status'];
}

let uids = 0;

/** A pod with one container. */
export function pod(name: string, shape: PodShape = {}): Pod {
  const { labels = {}, requests = {}, namespace = 'default', status = {}, ...spec } = shape;
  return {
    metadata: { name, namespace, uid: `${name}-${++uids}`, labels },
    spec: { containers: [{ name: 'c', image: 'web:1', resources: { requests } }], schedulerName: 'default-scheduler', ...spec },
    status,
  };
}

/** Volumes a state knows. */
export interface Storage {
  readonly claims?: readonly PersistentVolumeClaim[];
  readonly volumes?: readonly PersistentVolume[];
  readonly classes?: readonly StorageClass[];
}

/** A state of nodes and placed pods. */
export function state(nodes: readonly Node[], placed: readonly Pod[] = [], storage: Storage = {}): ClusterState {
  const out = new ClusterState({
    volumes: {
      claim: (key) => storage.claims?.find((c) => `${c.metadata.namespace}/${c.metadata.name}` === key),
      volume: (name) => storage.volumes?.find((v) => v.metadata.name === name),
      volumes: () => storage.volumes ?? [],
      storageClass: (name) => storage.classes?.find((c) => c.metadata.name === name),
    },
    namespaceLabels: (namespace) => ({ 'kubernetes.io/metadata.name': namespace }),
    defaultSelector: (info) => (info.labels['app'] ? { matchLabels: { app: info.labels['app'] } } : undefined),
  });
  for (const n of nodes) out.setNode(n);
  for (const p of placed) out.setPod(podInfo(p));
  return out;
}

/** Runs one cycle; `random` picks the first of equals. */
export function cycle(target: Pod, view: ClusterState): CycleResult {
  return runCycle(podInfo(target), { view, nominated: () => [], startIndex: 0, random: () => 0 });
}

/** The name of the chosen node, or the text of the failure. */
export function outcome(target: Pod, view: ClusterState): string {
  const result = cycle(target, view);
  return result.kind === 'fits' ? result.node.name : failureMessage(result.diagnosis, '');
}
