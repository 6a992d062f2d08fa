// Cluster roles that are the union of others (aggregationRule): what their rules have to be. Pure.

import { deepEqual } from '../../api/copy.ts';
import { labelSelectorMatcher } from '../../api/labels.ts';
import type { ClusterRole, PolicyRule } from '../../api/types/rbac-v1.gen.ts';

/**
 * The rules of an aggregating role: those of every other cluster role that one of its selectors matches, in order of names, each once.
 * @returns undefined when the role aggregates nothing or has these rules already
 */
export function aggregatedRules(role: ClusterRole, all: Iterable<ClusterRole>): PolicyRule[] | undefined {
  if (!role.aggregationRule) return undefined;
  const matchers = (role.aggregationRule.clusterRoleSelectors ?? []).map((selector) => labelSelectorMatcher(selector));
  const parts = [...all]
    .filter((other) => other.metadata.name !== role.metadata.name)
    .filter((other) => matchers.some((matcher) => matcher.matches(other.metadata.labels ?? {})))
    .sort((a, b) => ((a.metadata.name ?? '') < (b.metadata.name ?? '') ? -1 : 1));
  const rules: PolicyRule[] = [];
  for (const rule of parts.flatMap((part) => part.rules ?? [])) {
    if (!rules.some((known) => deepEqual(known, rule))) rules.push(rule);
  }
  return deepEqual(rules, role.rules ?? []) ? undefined : rules;
}
