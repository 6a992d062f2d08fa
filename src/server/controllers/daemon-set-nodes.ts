// On which nodes a DaemonSet's pods belong, and the pod for one node: pure. Kubernetes documentation, "DaemonSet", how Daemon
// Pods are scheduled.

import type { KubeObject } from '../../api/object.ts';
import type { DaemonSet } from '../../api/types/apps-v1.gen.ts';
import type { Node, NodeAffinity, NodeSelectorTerm, Pod, PodSpec, Toleration } from '../../api/types/core-v1.gen.ts';
import { DAEMON_SETS } from '../../client/resources.ts';
import { namedNodes, requiredNodeAffinity } from '../scheduler/node-selector.ts';
import { findUntolerated } from '../scheduler/taints.ts';
import { controllerRef } from './controller-ref.ts';
import { podFromTemplate } from './replica-set-plan.ts';

/** Label of the revision a pod was made from. */
export const REVISION_HASH_LABEL = 'controller-revision-hash';

/** Daemons run where others do not: on nodes that are sick, under pressure or cordoned. */
const TOLERATIONS: readonly Toleration[] = [
  { key: 'node.kubernetes.io/not-ready', operator: 'Exists', effect: 'NoExecute' },
  { key: 'node.kubernetes.io/unreachable', operator: 'Exists', effect: 'NoExecute' },
  { key: 'node.kubernetes.io/disk-pressure', operator: 'Exists', effect: 'NoSchedule' },
  { key: 'node.kubernetes.io/memory-pressure', operator: 'Exists', effect: 'NoSchedule' },
  { key: 'node.kubernetes.io/pid-pressure', operator: 'Exists', effect: 'NoSchedule' },
  { key: 'node.kubernetes.io/unschedulable', operator: 'Exists', effect: 'NoSchedule' },
];
const HOST_NETWORK_TOLERATION: Toleration = { key: 'node.kubernetes.io/network-unavailable', operator: 'Exists', effect: 'NoSchedule' };

/** Whether a node is to have a pod, and whether one that is there may stay. */
export interface NodeFit {
  readonly shouldRun: boolean;
  readonly mayStay: boolean;
}

/** Judges a node by the template's node name, selector, affinity and tolerations. */
export function nodeFit(set: DaemonSet & KubeObject, node: Node & KubeObject): NodeFit {
  const spec = daemonSpec(set);
  const pod: Pod = { metadata: {}, spec };
  const elsewhere = spec.nodeName !== undefined && spec.nodeName !== '' && spec.nodeName !== node.metadata.name;
  if (elsewhere || !(requiredNodeAffinity(pod)?.(node) ?? true)) return { shouldRun: false, mayStay: false };
  const { taints } = node.spec ?? {};
  if (!findUntolerated(taints, spec.tolerations, ['NoSchedule', 'NoExecute'])) return { shouldRun: true, mayStay: true };
  return { shouldRun: false, mayStay: !findUntolerated(taints, spec.tolerations, ['NoExecute']) };
}

/** The template's spec with what daemons tolerate. */
function daemonSpec(set: DaemonSet): PodSpec {
  const spec: PodSpec = set.spec?.template.spec ?? { containers: [] };
  const added = spec.hostNetwork ? [...TOLERATIONS, HOST_NETWORK_TOLERATION] : TOLERATIONS;
  const has = (t: Toleration) =>
    spec.tolerations?.some((own) => own.key === t.key && own.operator === t.operator && own.effect === t.effect);
  return { ...spec, tolerations: [...(spec.tolerations ?? []), ...added.filter((t) => !has(t))] };
}

/** The pod for a node: bound to it by affinity, so that the scheduler still counts its resources. */
export function daemonPod(set: DaemonSet & KubeObject, nodeName: string, hash: string): Pod & KubeObject {
  const spec = daemonSpec(set);
  const pod = podFromTemplate(set.spec?.template ?? { metadata: {}, spec }, controllerRef(set, DAEMON_SETS));
  const labels = { ...pod.metadata.labels, [REVISION_HASH_LABEL]: hash };
  const nodeAffinity = pinned(spec.affinity?.nodeAffinity, nodeName);
  return {
    ...pod,
    metadata: { ...pod.metadata, namespace: set.metadata.namespace ?? '', labels },
    spec: { ...spec, affinity: { ...spec.affinity, nodeAffinity } },
  };
}

/** Every required term becomes the node's name: the node was already found to satisfy the terms of the template. */
function pinned(affinity: NodeAffinity | undefined, nodeName: string): NodeAffinity {
  const term: NodeSelectorTerm = { matchFields: [{ key: 'metadata.name', operator: 'In', values: [nodeName] }] };
  return { ...affinity, requiredDuringSchedulingIgnoredDuringExecution: { nodeSelectorTerms: [term] } };
}

/** The node a daemon pod is on or meant for. */
export function nodeNameOf(pod: Pod): string | undefined {
  if (pod.spec?.nodeName) return pod.spec.nodeName;
  const [name] = namedNodes(pod) ?? [];
  return name;
}
