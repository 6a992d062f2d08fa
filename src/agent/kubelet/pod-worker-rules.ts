// Small decisions of a pod's worker: what is news, what cuts short, which containers are probed. Pure.

import { deepEqual } from '../../api/copy.ts';
import type { Pod, PodCondition } from '../../api/types/core-v1.gen.ts';
import { instancesOf, type ObservedPod } from './observed-pod.ts';
import { RESIZE_CONDITIONS, RESTART_CONDITION } from './pod-conditions.ts';
import { podContainers } from './pod-containers.ts';
import type { ProbeTarget } from './ports.ts';

/** Conditions the kubelet writes. */
const OWN_CONDITIONS = new Set([
  'PodReadyToStartContainers',
  'Initialized',
  'Ready',
  'ContainersReady',
  'PodScheduled',
  RESTART_CONDITION,
  ...RESIZE_CONDITIONS,
]);

/** Whether the change cuts what is being done short: the deletion began, or its grace period was shortened. */
export function endsSooner(before: Pod, after: Pod): boolean {
  if (!after.metadata.deletionTimestamp) return false;
  if (!before.metadata.deletionTimestamp) return true;
  return (after.metadata.deletionGracePeriodSeconds ?? 0) < (before.metadata.deletionGracePeriodSeconds ?? 0);
}

/** Whether a new version says more than what the kubelet itself wrote: its own status must not wake it. */
export function isNews(before: Pod, after: Pod): boolean {
  const essence = ({ metadata, spec, status }: Pod): unknown => [
    { ...metadata, resourceVersion: '', managedFields: [] },
    spec,
    (status?.conditions ?? []).filter((c) => !OWN_CONDITIONS.has(c.type)),
    status?.phase === 'Failed' || status?.phase === 'Succeeded',
  ];
  return !deepEqual(essence(before), essence(after));
}

/** The earliest of the times that are known, never negative. */
export function earliest(...times: readonly (number | undefined)[]): number | undefined {
  const known = times.filter((t) => t !== undefined);
  return known.length ? Math.max(0, Math.min(...known)) : undefined;
}

/** Running containers that probes are for. */
export function probeTargets(pod: Pod, observed: ObservedPod): readonly ProbeTarget[] {
  return podContainers(pod).flatMap(({ container, kind }) => {
    if (kind !== 'regular' && kind !== 'sidecar') return [];
    const newest = instancesOf(observed, container.name)[0];
    return newest?.state === 'running' ? [{ containerName: container.name, containerId: newest.id, startedAtMs: newest.startedAtMs }] : [];
  });
}

/** The kubelet's own conditions as last decided, those of others as the API has them. */
export function mergedConditions(pod: Pod, own: readonly PodCondition[] = []): PodCondition[] {
  const api = pod.status?.conditions ?? [];
  return [...own.filter((c) => OWN_CONDITIONS.has(c.type)), ...api.filter((c) => !OWN_CONDITIONS.has(c.type))];
}
