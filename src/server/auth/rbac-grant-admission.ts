// Nobody grants by RBAC what they do not hold: writes of roles and bindings are held against the writer's own rules.
// https://kubernetes.io/docs/reference/access-authn-authz/rbac/#privilege-escalation-prevention-and-bootstrapping

import { deepEqual } from '../../api/copy.ts';
import { forbidden, notFound } from '../../api/status-error.ts';
import type { ClusterRole, PolicyRule, Role, RoleBinding } from '../../api/types/rbac-v1.gen.ts';
import type { AdmissionPlugin, AdmissionRequest } from '../admission/admission.ts';
import type { Authorizer } from './auth.ts';
import type { RbacAuthorizer } from './rbac-authorizer.ts';
import type { RbacIndex } from './rbac-index.ts';
import { covers, escalationFault } from './rbac-rules.ts';

const GROUP = 'rbac.authorization.k8s.io';
const ROLE_RESOURCES = new Set(['roles', 'clusterroles']);
const BINDING_RESOURCES = new Set(['rolebindings', 'clusterrolebindings']);
const EVERYTHING: PolicyRule[] = [
  { verbs: ['*'], apiGroups: ['*'], resources: ['*'] },
  { verbs: ['*'], nonResourceURLs: ['*'] },
];

/** What the plugin asks. */
export interface GrantDeps {
  /** Whether the writer may `escalate` or `bind`. */
  readonly authorizer: Authorizer;
  readonly rbac: Pick<RbacAuthorizer, 'rulesFor'>;
  readonly index: Pick<RbacIndex, 'roleOf'>;
}

/** The plugin; validating, since mutating plugins may change rules. */
export function rbacGrantAdmission(deps: GrantDeps): AdmissionPlugin {
  return {
    name: 'RBACPrivilegeEscalation',
    validate(request) {
      const { resource, operation, user } = request;
      if (resource.group !== GROUP || operation === 'DELETE' || user.groups.includes('system:masters')) return;
      if (ROLE_RESOURCES.has(resource.resource)) checkRole(request, deps);
      else if (BINDING_RESOURCES.has(resource.resource)) checkBinding(request, deps);
    },
  };
}

function checkRole(request: AdmissionRequest, deps: GrantDeps): void {
  const role = request.object as ClusterRole | Role; // The resource says so.
  const old = request.oldObject as ClusterRole | Role | undefined;
  const aggregation = 'aggregationRule' in role ? role.aggregationRule : undefined;
  const oldAggregation = old && 'aggregationRule' in old ? old.aggregationRule : undefined;
  if (old && deepEqual(role.rules ?? [], old.rules ?? []) && deepEqual(aggregation, oldAggregation)) return;
  if (may(request, deps, { verb: 'escalate', resource: request.resource.resource, name: request.name })) return;
  if (aggregation && !deepEqual(aggregation, oldAggregation) && !covers(deps.rbac.rulesFor(request.user, '').rules, EVERYTHING)) {
    throw forbidden(request.resource, request.name, 'must have cluster-admin privileges to use an aggregationRule');
  }
  demandHeld(request, deps, role.rules ?? []);
}

function checkBinding(request: AdmissionRequest, deps: GrantDeps): void {
  const binding = request.object as RoleBinding; // A cluster role binding has the same fields.
  const old = request.oldObject as RoleBinding | undefined;
  if (old && deepEqual(binding.roleRef, old.roleRef) && deepEqual(binding.subjects ?? [], old.subjects ?? [])) return;
  const resource = binding.roleRef.kind === 'Role' ? 'roles' : 'clusterroles';
  if (may(request, deps, { verb: 'bind', resource, name: binding.roleRef.name })) return;
  const metadata = { ...binding.metadata, namespace: request.namespace };
  const role = deps.index.roleOf({ ...binding, metadata });
  if (!role) throw notFound({ group: GROUP, resource }, binding.roleRef.name);
  demandHeld(request, deps, role.rules ?? []);
}

function may({ user, namespace }: AdmissionRequest, deps: GrantDeps, what: { verb: string; resource: string; name: string }): boolean {
  const resource = { group: GROUP, version: 'v1', resource: what.resource, subresource: '', namespace, name: what.name };
  return deps.authorizer.authorize({ user, verb: what.verb, resource }).decision === 'allow';
}

function demandHeld(request: AdmissionRequest, deps: GrantDeps, wanted: readonly PolicyRule[]): void {
  const { rules, faults } = deps.rbac.rulesFor(request.user, request.namespace);
  const fault = escalationFault(request.user, rules, wanted);
  if (fault === undefined) return;
  const unresolved = faults.length > 0 ? `; resolution errors: [${faults.join(', ')}]` : '';
  throw forbidden(request.resource, request.name, `${fault}${unresolved}`);
}
