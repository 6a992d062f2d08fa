// The match conditions of policies, counted. They are few where there are any: a policy without them costs nothing here.

import { CelBudget } from '../../../api/cel/frame.ts';
import type { Operation } from '../admission.ts';
import type { AdmissionMetrics } from '../admission-metrics.ts';
import type { ConditionOwner } from '../condition-metrics.ts';
import { evaluateConditions, MATCH_COST_LIMIT, type MatchOutcome, type PolicyExpression } from './policy-expression.ts';

/** Whose conditions they are, and where they are counted. */
export interface ConditionMeter {
  readonly policy: string;
  readonly operation: Operation;
  readonly metrics: Pick<AdmissionMetrics, 'conditions' | 'stopwatch'>;
}

/** Evaluates the conditions of a policy on the values of a request and its parameter. */
export function policyMatches(
  conditions: readonly PolicyExpression[],
  values: Readonly<Record<string, unknown>>,
  { policy, operation, metrics }: ConditionMeter,
): MatchOutcome {
  if (conditions.length === 0) return 'matches';
  const owner: ConditionOwner = { name: policy, kind: 'policy', type: 'validate', operation };
  const seconds = metrics.stopwatch();
  const budget = new CelBudget(MATCH_COST_LIMIT);
  const outcome = evaluateConditions(conditions, values, { budget, failed: () => metrics.conditions.failed(owner) });
  metrics.conditions.observe(owner, seconds());
  return outcome;
}
