// The rules of a user as SelfSubjectRulesReview shows them (`kubectl auth can-i --list`).

import type { NonResourceRule, ResourceRule } from '../../api/types/authorization-v1.gen.ts';
import type { UserInfo } from '../../client/api-backend.ts';
import type { RbacAuthorizer } from './rbac-authorizer.ts';

/** Rules by kind; `incomplete` when a bound role is missing. */
export interface UserRulesReview {
  readonly resourceRules: readonly ResourceRule[];
  readonly nonResourceRules: readonly NonResourceRule[];
  readonly incomplete: boolean;
  readonly evaluationError?: string;
}

/** A function that finds the rules of a user in a namespace. */
export function userRules(authorizer: Pick<RbacAuthorizer, 'rulesFor'>): (user: UserInfo, namespace: string) => UserRulesReview {
  return (user, namespace) => {
    const { rules, faults } = authorizer.rulesFor(user, namespace);
    return {
      resourceRules: rules
        .filter((rule) => rule.resources?.length)
        .map(({ verbs, apiGroups, resources, resourceNames }) => ({
          verbs,
          ...(apiGroups && { apiGroups }),
          ...(resources && { resources }),
          ...(resourceNames && { resourceNames }),
        })),
      nonResourceRules: rules
        .filter((rule) => rule.nonResourceURLs?.length)
        .map(({ verbs, nonResourceURLs }) => ({ verbs, ...(nonResourceURLs && { nonResourceURLs }) })),
      incomplete: faults.length > 0,
      ...(faults.length > 0 && { evaluationError: faults.join(', ') }),
    };
  };
}
