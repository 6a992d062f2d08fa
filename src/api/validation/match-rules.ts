// Validation of what says which requests are matched: rules with operations, selectors, match policies. Webhooks and admission policies share it.
// Rules: the API reference of admissionregistration.k8s.io/v1; texts are upstream's. Pure.

import type { FieldError } from '../status-error.ts';
import type { MatchResources, NamedRuleWithOperations, RuleWithOperations } from '../types/admissionregistration-v1.gen.ts';
import { validateLabelSelector } from './affinity.ts';
import { checkAmong, duplicateValue, eachItem, invalidValue, notSupported, requiredValue } from './field-error.ts';
import { pathSegment } from './object-meta.ts';

/** What a failure may mean. */
export const FAILURE_POLICIES = ['Fail', 'Ignore'];
/** How versions may be matched. */
export const MATCH_POLICIES = ['Equivalent', 'Exact'];
const OPERATIONS = ['*', 'CONNECT', 'CREATE', 'DELETE', 'UPDATE'];
const SCOPES = ['*', 'Cluster', 'Namespaced'];

/** A list in which `*` stands alone. */
function checkWildcard(field: string, items: readonly string[] | undefined, what: string): FieldError[] {
  if (!items || items.length === 0) return [requiredValue(field)];
  if (items.length > 1 && items.includes('*')) return [invalidValue(field, items, `if '*' is present, must not specify other ${what}`)];
  return [];
}

/** A rule of a webhook or a policy. */
export function validateRule(rule: RuleWithOperations, path: string): FieldError[] {
  const versions = rule.apiVersions ?? [];
  return [
    ...checkWildcard(`${path}.operations`, rule.operations, 'operations'),
    ...eachItem(`${path}.operations`, rule.operations, (operation, at) =>
      OPERATIONS.includes(operation) ? [] : [notSupported(at, operation, OPERATIONS)],
    ),
    ...checkWildcard(`${path}.apiGroups`, rule.apiGroups, 'API groups'),
    ...checkWildcard(`${path}.apiVersions`, rule.apiVersions, 'API versions'),
    ...eachItem(`${path}.apiVersions`, versions, (version, at) => (version === '' ? [requiredValue(at)] : [])),
    ...validateResources(rule.resources ?? [], `${path}.resources`),
    ...checkAmong(`${path}.scope`, rule.scope, SCOPES),
  ];
}

function validateResources(resources: readonly string[], path: string): FieldError[] {
  if (resources.length === 0) return [requiredValue(path)];
  const faults = [...overlaps(resources, path)];
  if (resources.length > 1 && resources.includes('*/*')) {
    faults.push(invalidValue(path, resources, "if '*/*' is present, must not specify other resources"));
  }
  if (resources.includes('*') && resources.some((resource) => resource !== '*' && resource !== '' && !resource.includes('/'))) {
    faults.push(invalidValue(path, resources, "if '*' is present, must not specify other resources without subresources"));
  }
  return faults;
}

/** Sub-resources that an earlier entry with a wildcard takes in already. */
function overlaps(resources: readonly string[], path: string): FieldError[] {
  const [wholeResources, wholeSubresources] = [new Set<string>(), new Set<string>()];
  return eachItem(path, resources, (text, at) => {
    if (text === '') return [requiredValue(at)];
    const slash = text.indexOf('/');
    if (slash < 0) return [];
    const [resource, sub] = [text.slice(0, slash), text.slice(slash + 1)];
    const faults: FieldError[] = [];
    if (wholeResources.has(resource)) faults.push(invalidValue(at, text, `if '${resource}/*' is present, must not specify ${text}`));
    if (wholeSubresources.has(sub)) faults.push(invalidValue(at, text, `if '*/${sub}' is present, must not specify ${text}`));
    if (sub === '*') wholeResources.add(resource);
    if (resource === '*') wholeSubresources.add(sub);
    return faults;
  });
}

function validateNamedRule({ resourceNames = [], ...rule }: NamedRuleWithOperations, path: string): FieldError[] {
  return [
    ...eachItem(`${path}.resourceNames`, resourceNames, (name, at, index) => [
      ...pathSegment(name).map((why) => invalidValue(at, name, why)),
      ...(resourceNames.indexOf(name) < index ? [duplicateValue(at, name)] : []),
    ]),
    ...validateRule(rule, path),
  ];
}

/** What a policy or a binding says of the requests it is about. */
export function validateMatchResources(match: MatchResources, path: string): FieldError[] {
  const { matchPolicy, namespaceSelector, objectSelector } = match;
  return [
    ...(matchPolicy === undefined
      ? [requiredValue(`${path}.matchPolicy`)]
      : checkAmong(`${path}.matchPolicy`, matchPolicy, MATCH_POLICIES)),
    ...(namespaceSelector
      ? validateLabelSelector(`${path}.namespaceSelector`, namespaceSelector)
      : [requiredValue(`${path}.namespaceSelector`)]),
    ...(objectSelector ? validateLabelSelector(`${path}.objectSelector`, objectSelector) : [requiredValue(`${path}.objectSelector`)]),
    ...eachItem(`${path}.resourceRules`, match.resourceRules, validateNamedRule),
    ...eachItem(`${path}.excludeResourceRules`, match.excludeResourceRules, validateNamedRule),
  ];
}
