// The audit policy: what is recorded of which requests. The rules as data, and the choice of the first that matches. Pure.
// https://kubernetes.io/docs/tasks/debug/debug-cluster/audit/#audit-policy

import type { AccessAttributes } from '../auth/auth.ts';

/** How much is recorded, least first. */
export const AUDIT_LEVELS = ['None', 'Metadata', 'Request', 'RequestResponse'] as const;
/** Where in a request's life something is recorded. */
export const AUDIT_STAGES = ['RequestReceived', 'ResponseStarted', 'ResponseComplete', 'Panic'] as const;

/** One of the levels. */
export type AuditLevel = (typeof AUDIT_LEVELS)[number];
/** One of the stages. */
export type AuditStage = (typeof AUDIT_STAGES)[number];

/** Resources of one group that a rule is about. */
export interface AuditResources {
  /** `''` = core. */
  readonly group?: string;
  /** `pods`, `pods/log`, `pods/*`, a star and `/scale`, or a star; none = all of the group. */
  readonly resources?: readonly string[];
  readonly resourceNames?: readonly string[];
}

/** One rule; what it does not name does not matter. */
export interface AuditRule {
  readonly level: AuditLevel;
  readonly users?: readonly string[];
  readonly userGroups?: readonly string[];
  readonly verbs?: readonly string[];
  readonly resources?: readonly AuditResources[];
  /** `''` = resources without namespace. */
  readonly namespaces?: readonly string[];
  readonly nonResourceURLs?: readonly string[];
  readonly omitStages?: readonly AuditStage[];
  readonly omitManagedFields?: boolean;
}

/** An audit.k8s.io/v1 Policy. */
export interface AuditPolicy {
  readonly rules: readonly AuditRule[];
  readonly omitStages?: readonly AuditStage[];
  readonly omitManagedFields?: boolean;
}

/** What is to be recorded of one request. */
export interface AuditDecision {
  readonly level: AuditLevel;
  readonly omitStages: readonly AuditStage[];
  readonly omitManagedFields: boolean;
}

/** What the policy's first rule that matches says; nothing is recorded when none does. */
export function auditDecision(policy: AuditPolicy, attributes: AccessAttributes): AuditDecision {
  const rule = policy.rules.find((item) => ruleMatches(item, attributes));
  return {
    level: rule?.level ?? 'None',
    omitStages: [...(policy.omitStages ?? []), ...(rule?.omitStages ?? [])],
    omitManagedFields: rule?.omitManagedFields ?? policy.omitManagedFields ?? false,
  };
}

/** Whether a level records at least as much as another. */
export function recordsAtLeast(level: AuditLevel, other: AuditLevel): boolean {
  return AUDIT_LEVELS.indexOf(level) >= AUDIT_LEVELS.indexOf(other);
}

const isAmong = (list: readonly string[] | undefined, value: string): boolean => !list?.length || list.includes(value);

function ruleMatches(rule: AuditRule, attributes: AccessAttributes): boolean {
  const { user, verb } = attributes;
  if (!isAmong(rule.users, user.name) || !isAmong(rule.verbs, verb)) return false;
  if (rule.userGroups?.length && !user.groups.some((group) => rule.userGroups?.includes(group))) return false;
  if (rule.namespaces?.length || rule.resources?.length) return matchesResource(rule, attributes);
  if (rule.nonResourceURLs?.length) return matchesPath(rule.nonResourceURLs, attributes);
  return true;
}

function matchesPath(patterns: readonly string[], { resource, path = '' }: AccessAttributes): boolean {
  if (resource) return false;
  return patterns.some((pattern) => pattern === path || (pattern.endsWith('*') && path.startsWith(pattern.slice(0, -1))));
}

function matchesResource(rule: AuditRule, { resource }: AccessAttributes): boolean {
  if (!resource || !isAmong(rule.namespaces, resource.namespace)) return false;
  if (!rule.resources?.length) return true;
  return rule.resources.some(({ group = '', resources = [], resourceNames }) => {
    if (group !== resource.group) return false;
    if (resources.length === 0) return true;
    return isAmong(resourceNames, resource.name) && resources.some((pattern) => matchesName(pattern, resource));
  });
}

function matchesName(pattern: string, { resource, subresource }: { resource: string; subresource: string }): boolean {
  const full = subresource === '' ? resource : `${resource}/${subresource}`;
  if (pattern === '*' || pattern === full) return true;
  if (subresource !== '' && pattern === `*/${subresource}`) return true;
  return pattern === `${resource}/*`;
}
