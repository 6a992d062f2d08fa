// What objects of a resource cost a ResourceQuota: one evaluator per resource that is more than counted, a counting one for the rest.
// Rules: Kubernetes documentation "Resource Quotas". Pure.

import type { KubeObject } from '../object.ts';
import { Quantity } from '../quantity.ts';
import type { ResourceAmounts } from '../resource-amounts.ts';
import { groupResourceString } from '../resources.ts';
import type { ScopedResourceSelectorRequirement } from '../types/core-v1.gen.ts';
import { claimEvaluator } from './claim-evaluator.ts';
import { deviceClaimEvaluator } from './device-claim-evaluator.ts';
import { podEvaluator } from './pod-evaluator.ts';
import { serviceEvaluator } from './service-evaluator.ts';

/** How the objects of one resource are counted. */
export interface QuotaEvaluator<T extends KubeObject = KubeObject> {
  /** Whether a quota's resource of that name counts these objects. */
  counts(name: string): boolean;
  /** Whether a write of that operation can cost something; `subresource` is `''` for the resource itself. */
  handles(operation: string, subresource: string): boolean;
  /** What an object costs at a time, in milliseconds since 1970. */
  usage(object: T, nowMs: number): ResourceAmounts;
  /** Whether an object lies in a scope. Absent: in none. */
  inScope?(scope: ScopedResourceSelectorRequirement, object: T): boolean;
  /** What an object must say before it may be counted under those names; undefined when it says all. */
  fault?(object: T, names: readonly string[]): string | undefined;
}

/** Resources that may also be counted by their plain name, as before `count/` was invented. */
const OLD_NAMES: ReadonlySet<string> = new Set(['configmaps', 'resourcequotas', 'replicationcontrollers', 'secrets']);

/** Resources that no quota counts: Events come and go by themselves, reviews and bindings are never stored. */
const UNCOUNTED: ReadonlySet<string> = new Set([
  'events',
  'events.events.k8s.io',
  'bindings',
  'localsubjectaccessreviews.authorization.k8s.io',
]);

const SPECIAL: Readonly<Record<string, QuotaEvaluator<never>>> = {
  pods: podEvaluator,
  services: serviceEvaluator,
  persistentvolumeclaims: claimEvaluator,
  'resourceclaims.resource.k8s.io': deviceClaimEvaluator,
};

/** The evaluator of a namespaced resource, built-in or custom; undefined when its objects are never counted. */
export function quotaEvaluator(resource: { readonly group: string; readonly resource: string }): QuotaEvaluator | undefined {
  const name = groupResourceString(resource);
  if (UNCOUNTED.has(name)) return undefined;
  // The table is keyed by resource: an evaluator meets only objects of its own.
  return (SPECIAL[name] as QuotaEvaluator | undefined) ?? countingEvaluator(name);
}

function countingEvaluator(name: string): QuotaEvaluator {
  const names = OLD_NAMES.has(name) ? [`count/${name}`, name] : [`count/${name}`];
  const usage: ResourceAmounts = new Map(names.map((each) => [each, Quantity.of(1)]));
  return {
    counts: (each) => names.includes(each),
    handles: (operation, subresource) => operation === 'CREATE' && subresource === '',
    usage: () => usage,
  };
}
