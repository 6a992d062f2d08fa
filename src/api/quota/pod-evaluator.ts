// What a pod costs: itself while it is stored, and its compute resources while it has not ended. Pure.

import type { KubeObject } from '../object.ts';
import { podLimits, podRequests } from '../pod-resources.ts';
import { Quantity } from '../quantity.ts';
import type { ResourceAmounts } from '../resource-amounts.ts';
import { isExtendedResource, isNativeResource } from '../resource-names.ts';
import type { Container, Pod } from '../types/core-v1.gen.ts';
import type { QuotaEvaluator } from './quota-evaluator.ts';
import { podInScope } from './quota-scopes.ts';

const COUNT = 'count/pods';
const HUGE_PAGES = 'hugepages-';
const NATIVE = ['cpu', 'memory', 'ephemeral-storage'] as const;
const NAMES: ReadonlySet<string> = new Set([COUNT, 'pods', ...NATIVE.flatMap((name) => [name, `requests.${name}`, `limits.${name}`])]);
/** Where a quota has one of these, every container must say it. Upstream keeps this for compatibility and adds no more names. */
const DEMANDED: ReadonlySet<string> = new Set(['cpu', 'memory', 'requests.cpu', 'requests.memory', 'limits.cpu', 'limits.memory']);

/** Pods. */
export const podEvaluator: QuotaEvaluator<Pod & KubeObject> = {
  counts: (name) => NAMES.has(name) || name.startsWith(HUGE_PAGES) || name.startsWith(`requests.${HUGE_PAGES}`) || isExtendedQuota(name),
  handles: (operation, subresource) =>
    (operation === 'CREATE' && subresource === '') || (operation === 'UPDATE' && subresource === 'resize'),
  usage(pod, nowMs) {
    if (hasEnded(pod, nowMs)) return new Map([[COUNT, Quantity.of(1)]]);
    return new Map([[COUNT, Quantity.of(1)], ...computeUsage(podRequests(pod), podLimits(pod))]);
  },
  inScope: podInScope,
  fault(pod, names) {
    if (pod.spec.resources !== undefined) return undefined; // KEP-2837: the pod as a whole says it.
    return missingFault([...pod.spec.containers, ...(pod.spec.initContainers ?? [])], names);
  },
};

/** Whether a pod holds nothing any more: its containers have ended, or its node let its time run out. */
function hasEnded({ status, metadata }: Pod, nowMs: number): boolean {
  if (status?.phase === 'Succeeded' || status?.phase === 'Failed') return true;
  const { deletionTimestamp, deletionGracePeriodSeconds } = metadata;
  if (deletionTimestamp === undefined || deletionGracePeriodSeconds === undefined) return false;
  return nowMs > Date.parse(deletionTimestamp) + deletionGracePeriodSeconds * 1000;
}

function computeUsage(requests: ResourceAmounts, limits: ResourceAmounts): ResourceAmounts {
  const usage = new Map([['pods', Quantity.of(1)]]);
  for (const [name, amount] of requests) {
    const native = NATIVE.some((each) => each === name);
    if (native || name.startsWith(HUGE_PAGES)) usage.set(name, amount);
    if (native || name.startsWith(HUGE_PAGES) || isExtendedResource(name)) usage.set(`requests.${name}`, amount);
  }
  for (const [name, amount] of limits) if (NATIVE.some((each) => each === name)) usage.set(`limits.${name}`, amount);
  return usage;
}

const isExtendedQuota = (name: string): boolean => !isNativeResource(name) && name.startsWith('requests.');

function missingFault(containers: readonly Container[], names: readonly string[]): string | undefined {
  const faults = names
    .filter((name) => DEMANDED.has(name))
    .sort()
    .map((name) => ({ name, containers: containers.filter((container) => !says(container, name)).map((container) => container.name) }))
    .filter((missing) => missing.containers.length > 0)
    .map((missing) => `${missing.name} for: ${[...new Set(missing.containers)].sort().join(',')}`);
  return faults.length > 0 ? `must specify ${faults.join('; ')}` : undefined;
}

function says({ resources }: Container, name: string): boolean {
  if (name.startsWith('limits.')) return resources?.limits?.[name.slice('limits.'.length)] !== undefined;
  return resources?.requests?.[name.startsWith('requests.') ? name.slice('requests.'.length) : name] !== undefined;
}
