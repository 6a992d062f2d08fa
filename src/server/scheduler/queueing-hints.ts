// Which changes of the cluster may make a pod fit that a plugin rejected. A pod that waits is tried again only when one of the
// plugins that rejected it hopes for something from the change.

import { deepEqual } from '../../api/copy.ts';
import { featuresToRun, lackingFeatures } from '../../api/node-features.ts';
import type { Node } from '../../api/types/core-v1.gen.ts';
import { requiredNodeAffinity } from './node-selector.ts';
import type { PodInfo } from './pod-info.ts';
import { findUntolerated, HARD_EFFECTS } from './taints.ts';

/** A change of the cluster as the queue sees it. Pods are those that have a node. */
export type ClusterEvent =
  | { readonly kind: 'node-added'; readonly node: Node }
  | { readonly kind: 'node-updated'; readonly node: Node; readonly old: Node }
  | { readonly kind: 'node-deleted'; readonly node: Node }
  | { readonly kind: 'pod-added'; readonly pod: PodInfo }
  | { readonly kind: 'pod-updated'; readonly pod: PodInfo; readonly old: PodInfo }
  | { readonly kind: 'pod-deleted'; readonly pod: PodInfo }
  | { readonly kind: 'namespace-changed' }
  | { readonly kind: 'storage-changed' };

type Hint = (pod: PodInfo, event: ClusterEvent) => boolean;

/** True when the node passes now and, for an update, did not before. */
function becameTrue(event: ClusterEvent, test: (node: Node) => boolean): boolean {
  if (event.kind === 'node-added') return test(event.node);
  return event.kind === 'node-updated' && test(event.node) && !test(event.old);
}

const labelsChanged = (event: ClusterEvent): boolean =>
  event.kind === 'node-added' ||
  event.kind === 'node-deleted' ||
  (event.kind === 'node-updated' && !deepEqual(event.node.metadata.labels ?? {}, event.old.metadata.labels ?? {}));

const podLabelsChanged = (event: ClusterEvent): boolean => event.kind === 'pod-updated' && !deepEqual(event.pod.labels, event.old.labels);

const released = (event: ClusterEvent): boolean =>
  event.kind === 'pod-deleted' || (event.kind === 'pod-updated' && !deepEqual(requestsKey(event.pod), requestsKey(event.old)));

const requestsKey = ({ requests }: PodInfo): unknown => ({ ...requests, other: [...requests.other] });

const allocatableChanged = (event: ClusterEvent): boolean =>
  event.kind === 'node-added' ||
  (event.kind === 'node-updated' && !deepEqual(event.node.status?.allocatable ?? {}, event.old.status?.allocatable ?? {}));

const taintsChanged = (event: ClusterEvent): boolean =>
  event.kind === 'node-updated' && !deepEqual(event.node.spec?.taints ?? [], event.old.spec?.taints ?? []);

/** By plugin: whether the change may help. */
const HINTS: Readonly<Record<string, Hint>> = {
  NodeName: (pod, event) => event.kind === 'node-added' && event.node.metadata.name === pod.pod.spec.nodeName,
  NodeUnschedulable: (_pod, event) => becameTrue(event, (node) => !node.spec?.unschedulable),
  TaintToleration: (pod, event) => becameTrue(event, (node) => !findUntolerated(node.spec?.taints, pod.pod.spec.tolerations, HARD_EFFECTS)),
  NodeDeclaredFeatures: (pod, event) => becameTrue(event, (node) => lackingFeatures(featuresToRun(pod.pod.spec), node).length === 0),
  NodeAffinity: (pod, event) => becameTrue(event, requiredNodeAffinity(pod.pod) ?? (() => true)),
  NodePorts: (_pod, event) => event.kind === 'node-added' || (event.kind === 'pod-deleted' && event.pod.hostPorts.length > 0),
  NodeResourcesFit: (_pod, event) => released(event) || allocatableChanged(event),
  VolumeRestrictions: (_pod, event) => event.kind === 'pod-deleted' || event.kind === 'storage-changed',
  VolumeBinding: (_pod, event) => event.kind === 'storage-changed' || labelsChanged(event),
  PodTopologySpread: (pod, event) =>
    labelsChanged(event) ||
    taintsChanged(event) ||
    ((event.kind === 'pod-added' || event.kind === 'pod-deleted') && event.pod.namespace === pod.namespace) ||
    podLabelsChanged(event),
  InterPodAffinity: (_pod, event) =>
    labelsChanged(event) ||
    event.kind === 'pod-added' ||
    event.kind === 'pod-deleted' ||
    event.kind === 'namespace-changed' ||
    podLabelsChanged(event),
};

/** Whether any of the plugins hopes for something from the event. A pod that failed for no plugin's sake is always tried. */
export function isWorthRetrying(pod: PodInfo, plugins: ReadonlySet<string>, event: ClusterEvent): boolean {
  if (plugins.size === 0) return true;
  return [...plugins].some((plugin) => HINTS[plugin]?.(pod, event) ?? true);
}
