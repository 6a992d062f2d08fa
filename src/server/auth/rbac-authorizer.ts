// The RBAC authorizer: what bindings grant, nothing else. Never denies: who is granted nothing is no opinion.

import type { PolicyRule, Subject } from '../../api/types/rbac-v1.gen.ts';
import type { UserInfo } from '../../client/api-backend.ts';
import type { AccessAttributes, AccessDecision, Authorizer } from './auth.ts';
import type { AppliedBinding, RbacIndex } from './rbac-index.ts';
import { ruleAllows } from './rbac-rules.ts';

/** Decides by the roles and bindings of an index. */
export class RbacAuthorizer implements Authorizer {
  readonly #index: Pick<RbacIndex, 'bindingsFor' | 'roleOf'>;

  constructor(index: Pick<RbacIndex, 'bindingsFor' | 'roleOf'>) {
    this.#index = index;
  }

  authorize(attributes: AccessAttributes): AccessDecision {
    const missing = new Set<string>();
    for (const applied of this.#applied(attributes.user, attributes.resource?.namespace ?? '')) {
      const role = this.#index.roleOf(applied.binding);
      if (!role) missing.add(missingRole(applied));
      else if (role.rules?.some((rule) => ruleAllows(rule, attributes)))
        return { decision: 'allow', reason: `RBAC: allowed by ${describe(applied)}` };
    }
    const faults = [...missing];
    const reason = faults.length > 1 ? `RBAC: [${faults.join(', ')}]` : faults.length === 1 ? `RBAC: ${faults[0]}` : '';
    return { decision: 'none', reason };
  }

  /** Every rule that applies to the user in a namespace (`''`: cluster-wide only); `faults` names roles that are bound but missing. */
  rulesFor(user: Pick<UserInfo, 'name' | 'groups'>, namespace: string): { rules: PolicyRule[]; faults: string[] } {
    const rules: PolicyRule[] = [];
    const faults = new Set<string>();
    for (const applied of this.#applied(user, namespace)) {
      const role = this.#index.roleOf(applied.binding);
      if (role) rules.push(...(role.rules ?? []));
      else faults.add(missingRole(applied));
    }
    return { rules, faults: [...faults] };
  }

  *#applied(user: Pick<UserInfo, 'name' | 'groups'>, namespace: string): Generator<AppliedBinding> {
    yield* this.#index.bindingsFor(user, '');
    if (namespace !== '') yield* this.#index.bindingsFor(user, namespace);
  }
}

function missingRole({ binding }: AppliedBinding): string {
  return `${binding.roleRef.kind.toLowerCase()}.rbac.authorization.k8s.io ${JSON.stringify(binding.roleRef.name)} not found`;
}

/** `ClusterRoleBinding "x" of ClusterRole "y" to Group "z"`. */
function describe({ binding, subject }: AppliedBinding): string {
  const { namespace, name = '' } = binding.metadata;
  const what = namespace ? `RoleBinding ${JSON.stringify(`${name}/${namespace}`)}` : `ClusterRoleBinding ${JSON.stringify(name)}`;
  return `${what} of ${binding.roleRef.kind} ${JSON.stringify(binding.roleRef.name)} to ${subjectText(subject)}`;
}

function subjectText({ kind, name, namespace }: Subject): string {
  return `${kind} ${JSON.stringify(kind === 'ServiceAccount' ? `${name}/${namespace ?? ''}` : name)}`;
}
