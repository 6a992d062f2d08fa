// Validation of RBAC: roles, cluster roles that gather others, bindings. Pure. Rules: "Using RBAC Authorization".

import type { FieldError } from '../status-error.ts';
import type * as rbac from '../types/rbac-v1.gen.ts';
import { validateLabelSelector } from './affinity.ts';
import { checkRequired, checkString, eachItem, invalidValue, notSupported, requiredValue } from './field-error.ts';
import { dnsSubdomain, pathSegment } from './object-meta.ts';
import { semanticEqual } from './semantic-equal.ts';

const GROUP = 'rbac.authorization.k8s.io';

/** Whether the object lives in a namespace. */
type Scope = 'namespaced' | 'cluster';

function validateRule(rule: rbac.PolicyRule, path: string, scope: Scope): FieldError[] {
  const { verbs, nonResourceURLs, apiGroups, resources, resourceNames } = rule;
  const errors = verbs?.length ? [] : [requiredValue(`${path}.verbs`, 'verbs must contain at least one value')];
  if (nonResourceURLs?.length) {
    const bad = (why: string): unknown => errors.push(invalidValue(`${path}.nonResourceURLs`, nonResourceURLs, why));
    if (scope === 'namespaced') bad('namespaced rules cannot apply to non-resource URLs');
    if (apiGroups?.length || resources?.length || resourceNames?.length)
      bad('rules cannot apply to both regular resources and non-resource URLs');
    return errors;
  }
  if (!apiGroups?.length) errors.push(requiredValue(`${path}.apiGroups`, 'resource rules must supply at least one api group'));
  if (!resources?.length) errors.push(requiredValue(`${path}.resources`, 'resource rules must supply at least one resource'));
  return errors;
}

/** Validates a Role. */
export function validateRole({ rules }: rbac.Role): FieldError[] {
  return eachItem('rules', rules, (rule, at) => validateRule(rule, at, 'namespaced'));
}

/** Validates a ClusterRole. */
export function validateClusterRole({ rules, aggregationRule }: rbac.ClusterRole): FieldError[] {
  const errors = eachItem('rules', rules, (rule, at) => validateRule(rule, at, 'cluster'));
  if (!aggregationRule) return errors;
  const path = 'aggregationRule.clusterRoleSelectors';
  const selectors = aggregationRule.clusterRoleSelectors ?? [];
  if (selectors.length === 0)
    return [...errors, requiredValue(path, 'at least one clusterRoleSelector required if aggregationRule is non-nil')];
  return [
    ...errors,
    ...eachItem(path, selectors, (selector, at) => {
      const faults = validateLabelSelector(at, selector);
      // What upstream shows here is the selector that it could not make.
      return faults.length === 0 ? faults : [...faults, invalidValue(at, null, 'invalid label selector.')];
    }),
  ];
}

/** Whom a binding is for. In a namespace, a service account may go without its own: nobody is meant then. */
function validateSubject(subject: rbac.Subject, path: string, scope: Scope): FieldError[] {
  const { kind, name, apiGroup = '', namespace } = subject;
  const errors = name ? [] : [requiredValue(`${path}.name`)];
  switch (kind) {
    case 'ServiceAccount':
      if (name) errors.push(...checkString(`${path}.name`, name, dnsSubdomain));
      if (apiGroup !== '') errors.push(notSupported(`${path}.apiGroup`, apiGroup, ['']));
      return namespace || scope === 'namespaced' ? errors : [...errors, requiredValue(`${path}.namespace`)];
    case 'User':
    case 'Group':
      return apiGroup === GROUP ? errors : [...errors, notSupported(`${path}.apiGroup`, apiGroup, [GROUP])];
    default:
      return [...errors, notSupported(`${path}.kind`, kind ?? '', ['ServiceAccount', 'User', 'Group'])];
  }
}

function validateBinding({ roleRef, subjects }: rbac.RoleBinding, scope: Scope): FieldError[] {
  const kinds = scope === 'namespaced' ? ['Role', 'ClusterRole'] : ['ClusterRole'];
  const { apiGroup = '', kind = '', name } = roleRef;
  return [
    ...(apiGroup === GROUP ? [] : [notSupported('roleRef.apiGroup', apiGroup, [GROUP])]),
    ...(kinds.includes(kind) ? [] : [notSupported('roleRef.kind', kind, kinds)]),
    ...checkRequired('roleRef.name', name, pathSegment),
    ...eachItem('subjects', subjects, (subject, at) => validateSubject(subject, at, scope)),
  ];
}

/** Validates a RoleBinding. */
export function validateRoleBinding(binding: rbac.RoleBinding): FieldError[] {
  return validateBinding(binding, 'namespaced');
}

/** Validates a ClusterRoleBinding. */
export function validateClusterRoleBinding(binding: rbac.ClusterRoleBinding): FieldError[] {
  return validateBinding(binding, 'cluster');
}

/** The role a binding refers to does not change. It is shown with upstream's inner names. */
export function validateRoleRefUpdate({ roleRef }: rbac.RoleBinding, old: rbac.RoleBinding): FieldError[] {
  if (semanticEqual(roleRef, old.roleRef)) return [];
  const { apiGroup, kind, name } = roleRef;
  return [invalidValue('roleRef', { APIGroup: apiGroup, Kind: kind, Name: name }, 'cannot change roleRef')];
}
