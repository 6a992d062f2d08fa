// Fields that have two names in v1 for one thing: an old one, kept for clients of long ago, and the one that counts. Both always say the same.
// Rules: the API reference of PodSpec.serviceAccount, NodeSpec.podCIDR, PodStatus.podIP. Pure.

import type { NodeSpec, PodSpec, PodStatus } from '../types/core-v1.gen.ts';

/** Brings `serviceAccount` in line with `serviceAccountName`, which wins where both are there. */
export function alignServiceAccount(spec: PodSpec): void {
  if (spec.serviceAccount === spec.serviceAccountName) return;
  const name = spec.serviceAccountName || spec.serviceAccount;
  if (!name) return;
  spec.serviceAccountName = name;
  spec.serviceAccount = name;
}

/** Brings `podCIDR` and `podCIDRs` in line. The single one wins where they differ: who sets it may not know of the list. */
export function alignPodRanges(spec: NodeSpec): void {
  const first = spec.podCIDRs?.[0];
  if (spec.podCIDR && spec.podCIDR !== first) spec.podCIDRs = [spec.podCIDR];
  else if (first) spec.podCIDR = first;
}

/** Brings `podIP` and `podIPs` in line, as `alignPodRanges` does. */
export function alignPodAddresses(status: PodStatus): void {
  const first = status.podIPs?.[0]?.ip;
  if (status.podIP && status.podIP !== first) status.podIPs = [{ ip: status.podIP }];
  else if (first) status.podIP = first;
}
