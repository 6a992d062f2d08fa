// The strategic merge patch that brings the API's status of a pod to the kubelet's: only what differs. Pure.

import { deepEqual } from '../../api/copy.ts';
import type { PodCondition, PodStatus } from '../../api/types/core-v1.gen.ts';
import { RESIZE_CONDITIONS } from './pod-conditions.ts';

/** Status fields the kubelet answers for; others (nominatedNodeName, resize …) are left alone. */
const OWN_FIELDS = [
  'observedGeneration',
  'phase',
  'message',
  'reason',
  'hostIP',
  'podIP',
  'startTime',
  'initContainerStatuses',
  'containerStatuses',
  'ephemeralContainerStatuses',
  'qosClass',
] as const satisfies readonly (keyof PodStatus)[];

/** The patch's body, or undefined when nothing differs. The uid makes it a patch of this pod and not of a later one of the name. */
export function statusPatch(uid: string, before: PodStatus, after: PodStatus): Record<string, unknown> | undefined {
  const status: Record<string, unknown> = {};
  for (const field of OWN_FIELDS) {
    if (deepEqual(before[field], after[field])) continue;
    status[field] = after[field] ?? null;
  }
  const conditions = conditionPatch(before.conditions, after.conditions);
  if (conditions.length > 0) status['conditions'] = conditions;
  const podIPs = addressPatch(before.podIPs, after.podIPs);
  if (podIPs) status['podIPs'] = podIPs;
  const hostIPs = addressPatch(before.hostIPs, after.hostIPs);
  if (hostIPs) status['hostIPs'] = hostIPs;
  return Object.keys(status).length === 0 ? undefined : { metadata: { uid }, status };
}

/** Lists that merge by `ip`: what is gone is deleted by name, and the order is given. */
function addressPatch(before: readonly { ip: string }[] = [], after: readonly { ip: string }[] = []): unknown[] | undefined {
  if (deepEqual(before, after)) return undefined;
  const gone = before.filter((b) => !after.some((a) => a.ip === b.ip));
  return [...after, ...gone.map(({ ip }) => ({ $patch: 'delete', ip }))];
}

/** Conditions that differ, by type; a field that is gone is null, because the merge would keep it. */
function conditionPatch(before: readonly PodCondition[] = [], after: readonly PodCondition[] = []): unknown[] {
  const over = before.filter(({ type }) => RESIZE_CONDITIONS.some((t) => t === type) && !after.some((a) => a.type === type));
  const changed = after.flatMap((condition) => {
    const old = before.find((b) => b.type === condition.type);
    if (deepEqual(old, condition)) return [];
    const gone = Object.keys(old ?? {}).filter((key) => !(key in condition));
    return [{ ...condition, ...Object.fromEntries(gone.map((key) => [key, null])) }];
  });
  return [...changed, ...over.map(({ type }) => ({ $patch: 'delete', type }))];
}
