// The scopes of a ResourceQuota: which objects it is about. Pure.

import { labelSelectorMatcher } from '../labels.ts';
import type { KubeObject } from '../object.ts';
import { qosClass } from '../pod-resources.ts';
import type { Pod, PodAffinityTerm, ResourceQuotaSpec, ScopedResourceSelectorRequirement } from '../types/core-v1.gen.ts';
import type { QuotaEvaluator } from './quota-evaluator.ts';

/** All scopes of a quota in one form: a plain scope means that it exists. */
export function scopesOf({ scopes = [], scopeSelector }: ResourceQuotaSpec): ScopedResourceSelectorRequirement[] {
  return [...scopes.map((scopeName) => ({ scopeName, operator: 'Exists' })), ...(scopeSelector?.matchExpressions ?? [])];
}

/** Whether a quota of those scopes is about an object. */
export function inScopes(evaluator: QuotaEvaluator, spec: ResourceQuotaSpec, object: KubeObject): boolean {
  return scopesOf(spec).every((scope) => evaluator.inScope?.(scope, object) ?? false);
}

/** Whether one of the names of an object meets a scope that selects by name. */
export function namesMatchScope({ scopeName, operator, values }: ScopedResourceSelectorRequirement, names: readonly string[]): boolean {
  const selector = labelSelectorMatcher({ matchExpressions: [{ key: scopeName, operator, ...(values && { values }) }] });
  return names.length === 0 ? selector.matches({}) : names.some((name) => selector.matches({ [scopeName]: name }));
}

/** Whether a pod lies in a scope. */
export function podInScope(scope: ScopedResourceSelectorRequirement, pod: Pod): boolean {
  const { activeDeadlineSeconds: deadline, priorityClassName } = pod.spec;
  switch (scope.scopeName) {
    case 'Terminating':
      return deadline !== undefined && deadline >= 0;
    case 'NotTerminating':
      return deadline === undefined || deadline < 0;
    case 'BestEffort':
      return qosClass(pod) === 'BestEffort';
    case 'NotBestEffort':
      return qosClass(pod) !== 'BestEffort';
    case 'PriorityClass':
      return namesMatchScope(scope, priorityClassName ? [priorityClassName] : []);
    case 'CrossNamespacePodAffinity':
      return affinityTerms(pod).some((term) => (term.namespaces?.length ?? 0) > 0 || term.namespaceSelector !== undefined);
    default:
      return false;
  }
}

function affinityTerms({ spec: { affinity } }: Pod): PodAffinityTerm[] {
  return [affinity?.podAffinity, affinity?.podAntiAffinity].flatMap((side) => [
    ...(side?.requiredDuringSchedulingIgnoredDuringExecution ?? []),
    ...(side?.preferredDuringSchedulingIgnoredDuringExecution ?? []).map((weighted) => weighted.podAffinityTerm),
  ]);
}
