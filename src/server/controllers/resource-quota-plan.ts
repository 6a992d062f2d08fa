// Decisions of the quota controller: which changes give something back, and what a quota's status should say. Pure.

import { deepEqual } from '../../api/copy.ts';
import type { KubeObject } from '../../api/object.ts';
import { usageOf } from '../../api/quota/quota-check.ts';
import { type QuotaEvaluator, quotaEvaluator } from '../../api/quota/quota-evaluator.ts';
import { formatAmounts, type ResourceAmounts } from '../../api/resource-amounts.ts';
import { groupResourceString, type ResourceInfo } from '../../api/resources.ts';
import type { ResourceQuota } from '../../api/types/core-v1.gen.ts';
import type { Change } from '../../client/informer.ts';

/** A resource that a quota counts. */
export interface CountedResource {
  readonly resource: ResourceInfo;
  readonly evaluator: QuotaEvaluator;
}

/** The resources that a quota counts, each once whatever versions it is served in. */
export function countedResources(quota: ResourceQuota, resources: readonly ResourceInfo[]): CountedResource[] {
  const names = Object.keys(quota.spec?.hard ?? {});
  const found = new Map<string, CountedResource>();
  for (const resource of resources) {
    const name = groupResourceString(resource);
    if (!resource.namespaced || resource.virtual || found.has(name) || !resource.verbs.includes('list')) continue;
    const evaluator = quotaEvaluator(resource);
    if (evaluator && names.some((each) => evaluator.counts(each))) found.set(name, { resource, evaluator });
  }
  return [...found.values()];
}

/** Whether a change of a counted object may have lowered what is used: what raises it has been counted by admission. */
export function givesBack(change: Change<KubeObject>, evaluator: QuotaEvaluator, nowMs: number): boolean {
  if (change.type === 'deleted') return true;
  if (change.type === 'added' || !change.old) return false;
  return !sameAmounts(evaluator.usage(change.old, nowMs), evaluator.usage(change.object, nowMs));
}

function sameAmounts(a: ResourceAmounts, b: ResourceAmounts): boolean {
  return a.size === b.size && [...a].every(([name, amount]) => b.get(name)?.equals(amount) ?? false);
}

/** Objects of a resource in the quota's namespace. */
export interface CountedObjects {
  readonly evaluator: QuotaEvaluator;
  readonly objects: readonly KubeObject[];
}

/** The status a quota should have; undefined when it has it. */
export function planQuotaStatus(
  quota: ResourceQuota,
  counted: readonly CountedObjects[],
  nowMs: number,
): ResourceQuota['status'] | undefined {
  // Each name is counted by one evaluator only.
  const used: ResourceAmounts = new Map(counted.flatMap(({ evaluator, objects }) => [...usageOf(evaluator, quota, { objects, nowMs })]));
  const hard = quota.spec?.hard ?? {};
  const wanted = { hard: { ...hard }, used: formatAmounts(used) };
  const isSame = deepEqual(quota.status?.hard ?? {}, hard) && deepEqual(quota.status?.used ?? {}, wanted.used);
  return isSame ? undefined : wanted;
}
