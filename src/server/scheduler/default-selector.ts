// Which pods belong together for the default spread: those that the same Services and the same workload select.

import type { Service } from '../../api/types/core-v1.gen.ts';
import type { LabelSelector, OwnerReference } from '../../api/types/meta-v1.gen.ts';
import type { PodInfo } from './pod-info.ts';

const selects = (selector: Readonly<Record<string, string>>, labels: Readonly<Record<string, string>>): boolean =>
  Object.entries(selector).every(([key, value]) => labels[key] === value);

/**
 * The selectors of the Services that select the pod and of its controller, joined; undefined when there are none.
 * `ownerSelector` gives the selector of a ReplicaSet, StatefulSet or ReplicationController.
 */
export function defaultSelector(
  pod: PodInfo,
  services: readonly Service[],
  ownerSelector: (namespace: string, owner: OwnerReference) => LabelSelector | undefined,
): LabelSelector | undefined {
  const matchLabels: Record<string, string> = {};
  for (const service of services) {
    const selector = service.spec?.selector ?? {};
    if (Object.keys(selector).length > 0 && selects(selector, pod.labels)) Object.assign(matchLabels, selector);
  }
  const owner = pod.pod.metadata.ownerReferences?.find((reference) => reference.controller);
  const owned = owner && ownerSelector(pod.namespace, owner);
  const joined: LabelSelector = {
    matchLabels: { ...matchLabels, ...owned?.matchLabels },
    matchExpressions: owned?.matchExpressions ?? [],
  };
  const isEmpty = Object.keys(joined.matchLabels ?? {}).length === 0 && joined.matchExpressions?.length === 0;
  return isEmpty ? undefined : joined;
}
