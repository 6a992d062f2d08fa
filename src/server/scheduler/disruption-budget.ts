// Disruption budgets as preemption sees them: it prefers victims whose budget allows it.

import { type LabelMatcher, labelSelectorMatcher } from '../../api/labels.ts';
import type { PodDisruptionBudget } from '../../api/types/policy-v1.gen.ts';
import type { PodInfo } from './pod-info.ts';

/** A budget and how many more of its pods may go. */
export interface DisruptionBudget {
  readonly namespace: string;
  readonly selector: LabelMatcher;
  readonly allowed: number;
  /** Pods already counted as going, by name. */
  readonly disrupted: ReadonlySet<string>;
}

/** Reads a PodDisruptionBudget; undefined when it selects nothing. */
export function disruptionBudget(pdb: PodDisruptionBudget): DisruptionBudget | undefined {
  const selector = pdb.spec?.selector;
  const selectsAny = Object.keys(selector?.matchLabels ?? {}).length > 0 || (selector?.matchExpressions ?? []).length > 0;
  if (!selectsAny) return undefined;
  return {
    namespace: pdb.metadata.namespace ?? '',
    selector: labelSelectorMatcher(selector),
    allowed: pdb.status?.disruptionsAllowed ?? 0,
    disrupted: new Set(Object.keys(pdb.status?.disruptedPods ?? {})),
  };
}

/** Splits pods, the most important first, into those whose removal would break a budget and the others. Order is kept. */
export function splitByBudget(
  pods: readonly PodInfo[],
  budgets: readonly DisruptionBudget[],
): { readonly violating: PodInfo[]; readonly others: PodInfo[] } {
  const left = new Map(budgets.map((budget) => [budget, budget.allowed]));
  const violating: PodInfo[] = [];
  const others: PodInfo[] = [];
  for (const pod of pods) {
    let violates = false;
    for (const budget of budgets) {
      if (budget.namespace !== pod.namespace || !budget.selector.matches(pod.labels)) continue;
      if (budget.disrupted.has(pod.pod.metadata.name ?? '')) continue;
      const remaining = (left.get(budget) ?? 0) - 1;
      left.set(budget, remaining);
      if (remaining < 0) violates = true;
    }
    (violates ? violating : others).push(pod);
  }
  return { violating, others };
}
