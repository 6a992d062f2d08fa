// Which pods nobody else will clean up. Pure. Rules: Kubernetes documentation "Garbage collection of Pods",
// "Non-graceful node shutdown".

import type { Node, Pod } from '../../api/types/core-v1.gen.ts';
import { isPodFinished } from './replica-set-pods.ts';

/** Finished pods are kept up to this many, as kube-controller-manager's default. */
export const TERMINATED_POD_THRESHOLD = 12_500;
/** A node must be missing for this long before its pods are taken for orphans. */
export const MISSING_NODE_QUARANTINE_MS = 40_000;

/** One pod to delete; `message` = why it did not end by itself, noted as a condition first. */
export interface GarbagePod {
  readonly pod: Pod;
  readonly message?: string;
}

/** The cluster as the collector sees it. */
interface GarbageView {
  readonly pods: readonly Pod[];
  readonly node: (name: string) => Node | undefined;
  /** Whether a node that has no object has been missing for long enough, and is confirmed to be. */
  readonly isGone: (name: string) => boolean;
  readonly threshold: number;
}

const isTerminating = (pod: Pod): boolean => pod.metadata.deletionTimestamp !== undefined;
const wasEvicted = (pod: Pod): boolean => pod.status?.phase === 'Failed' && pod.status.reason === 'Evicted';

function isOutOfService(node: Node | undefined): boolean {
  const ready = node?.status?.conditions?.find((condition) => condition.type === 'Ready');
  return (
    node !== undefined &&
    ready?.status !== 'True' &&
    (node.spec?.taints?.some((t) => t.key === 'node.kubernetes.io/out-of-service') ?? false)
  );
}

/** Finished pods beyond the threshold: evicted ones first, then the oldest. */
function excessFinished(pods: readonly Pod[], threshold: number): Pod[] {
  const finished = pods.filter((pod) => isPodFinished(pod) && !isTerminating(pod));
  const order = (a: Pod, b: Pod): number =>
    Number(wasEvicted(b)) - Number(wasEvicted(a)) || ((a.metadata.creationTimestamp ?? '') < (b.metadata.creationTimestamp ?? '') ? -1 : 1);
  return finished.length <= threshold ? [] : finished.sort(order).slice(0, finished.length - threshold);
}

/** All pods to delete now, each once. */
export function planPodGarbage(view: GarbageView): GarbagePod[] {
  const out = new Map<Pod, GarbagePod>();
  const add = (pod: Pod, message?: string): void => {
    if (!out.has(pod)) out.set(pod, message === undefined ? { pod } : { pod, message });
  };
  for (const pod of view.pods) {
    const { nodeName } = pod.spec;
    if (!nodeName) {
      if (isTerminating(pod)) add(pod, 'PodGC: terminating pod without a node');
      continue;
    }
    const node = view.node(nodeName);
    if (!node && view.isGone(nodeName)) add(pod, 'PodGC: node no longer exists');
    else if (isTerminating(pod) && isOutOfService(node)) add(pod, 'PodGC: node is out of service');
  }
  for (const pod of excessFinished(view.pods, view.threshold)) add(pod);
  return [...out.values()];
}
