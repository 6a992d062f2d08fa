// Whether a write fits into the quotas of its namespace, and what they hold afterwards. Texts as upstream's, which users know. Pure.

import type { KubeObject } from '../object.ts';
import { Quantity } from '../quantity.ts';
import { formatAmounts, NO_AMOUNTS, parseAmounts, pickAmounts, type ResourceAmounts, sumAmounts } from '../resource-amounts.ts';
import type { ResourceQuota } from '../types/core-v1.gen.ts';
import { type LimitedResource, uncoveredFault } from './limited-resources.ts';
import type { QuotaEvaluator } from './quota-evaluator.ts';
import { inScopes } from './quota-scopes.ts';

const ZERO = Quantity.of(0);

/** A write that is about to be stored. */
export interface QuotaWrite {
  readonly evaluator: QuotaEvaluator;
  readonly object: KubeObject;
  /** What it replaces; undefined for a create. */
  readonly old: KubeObject | undefined;
  /** What it is an object of. */
  readonly resource: { readonly group: string; readonly resource: string };
  /** What nobody may use without a quota. */
  readonly limited: readonly LimitedResource[];
  /** What a status says has happened already: it is counted, not refused. */
  readonly isStatus: boolean;
  /** Milliseconds since 1970. */
  readonly nowMs: number;
}

/** What a quota holds once the write is stored. */
export interface QuotaCharge {
  readonly quota: ResourceQuota & KubeObject;
  readonly used: Readonly<Record<string, string>>;
}

/** Either why the write is refused, or the quotas that change by it. */
export type QuotaVerdict = { readonly fault: string } | { readonly charges: readonly QuotaCharge[] };

/** Holds a write against the quotas of its namespace. */
export function checkQuotas(quotas: readonly (ResourceQuota & KubeObject)[], write: QuotaWrite): QuotaVerdict {
  const concerned = quotas.filter((quota) => concerns(quota, write.evaluator, write.object));
  for (const quota of concerned) {
    const fault = readinessFault(quota, write);
    if (fault !== undefined) return { fault };
  }
  const uncovered = limitFault(quotas, concerned, write);
  if (uncovered !== undefined) return { fault: uncovered };
  const charges: QuotaCharge[] = [];
  for (const quota of concerned) {
    const cost = pickAmounts(costOf(quota, write), Object.keys(quota.status?.hard ?? {}));
    if (cost.size === 0) continue;
    const used = sumAmounts(parseAmounts(quota.status?.used), cost);
    const fault = excessFault(quota, { cost, used });
    if (fault !== undefined && !write.isStatus) return { fault };
    charges.push({ quota, used: formatAmounts(used) });
  }
  return { charges };
}

function limitFault(all: readonly ResourceQuota[], concerned: readonly ResourceQuota[], write: QuotaWrite): string | undefined {
  if (write.limited.length === 0) return undefined;
  const { evaluator, object, old, resource, nowMs } = write;
  const names = [...growthOf(evaluator.usage(object, nowMs), old ? evaluator.usage(old, nowMs) : NO_AMOUNTS).keys()];
  if (names.length === 0) return undefined;
  const covered = new Set(concerned.flatMap((quota) => matchingNames(quota, evaluator)));
  return uncoveredFault(write.limited, { evaluator, object, resource, names }, { all, covered });
}

function matchingNames({ status }: ResourceQuota, evaluator: QuotaEvaluator): string[] {
  return Object.keys(status?.hard ?? {}).filter((name) => evaluator.counts(name));
}

/** Whether the quota counts something of the object. */
function concerns(quota: ResourceQuota, evaluator: QuotaEvaluator, object: KubeObject): boolean {
  return matchingNames(quota, evaluator).length > 0 && inScopes(evaluator, quota.spec ?? {}, object);
}

function readinessFault(quota: ResourceQuota, { evaluator, object }: QuotaWrite): string | undefined {
  const names = matchingNames(quota, evaluator);
  const missing = evaluator.fault?.(object, names);
  if (missing !== undefined) return `failed quota: ${quota.metadata.name}: ${missing}`;
  const unknown = names.some((name) => quota.status?.used?.[name] === undefined);
  return unknown ? `status unknown for quota: ${quota.metadata.name}, resources: ${names.sort().join(',')}` : undefined;
}

/** What the write adds to a quota: all of the object, or by how much it grows if the quota had counted it before. */
function costOf(quota: ResourceQuota, { evaluator, object, old, nowMs }: QuotaWrite): ResourceAmounts {
  const usage = evaluator.usage(object, nowMs);
  const before = old && concerns(quota, evaluator, old) ? evaluator.usage(old, nowMs) : NO_AMOUNTS;
  return growthOf(usage, before);
}

/** By how much more is used than before; nothing where it is not more. */
function growthOf(usage: ResourceAmounts, before: ResourceAmounts): ResourceAmounts {
  const growth = [...usage].map(([name, amount]) => [name, amount.sub(before.get(name) ?? ZERO)] as const);
  return new Map(growth.filter(([, amount]) => amount.sign() > 0));
}

function excessFault(quota: ResourceQuota, { cost, used }: { cost: ResourceAmounts; used: ResourceAmounts }): string | undefined {
  const hard = parseAmounts(quota.status?.hard);
  const exceeded = [...cost.keys()].filter((name) => {
    const limit = hard.get(name);
    return limit !== undefined && (used.get(name)?.compare(limit) ?? 0) > 0;
  });
  if (exceeded.length === 0) return undefined;
  const shown = (amounts: ResourceAmounts): string => listed(pickAmounts(amounts, exceeded));
  const before = parseAmounts(quota.status?.used);
  return `exceeded quota: ${quota.metadata.name}, requested: ${shown(cost)}, used: ${shown(before)}, limited: ${shown(hard)}`;
}

function listed(amounts: ResourceAmounts): string {
  return Object.entries(formatAmounts(amounts))
    .map(([name, amount]) => `${name}=${amount}`)
    .join(',');
}

/** What the objects of one resource use of a quota: an amount, possibly zero, for each name that counts them. */
export function usageOf(
  evaluator: QuotaEvaluator,
  quota: ResourceQuota,
  counted: { readonly objects: readonly KubeObject[]; readonly nowMs: number },
): ResourceAmounts {
  const names = Object.keys(quota.spec?.hard ?? {}).filter((name) => evaluator.counts(name));
  const used = new Map(names.map((name) => [name, ZERO]));
  for (const object of counted.objects) {
    if (!inScopes(evaluator, quota.spec ?? {}, object)) continue;
    for (const [name, amount] of evaluator.usage(object, counted.nowMs)) {
      const sum = used.get(name);
      if (sum) used.set(name, sum.add(amount));
    }
  }
  return used;
}
