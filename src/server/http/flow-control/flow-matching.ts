// Which flow a request belongs to: the FlowSchema of least precedence that matches it, and its distinguisher. Pure.
// https://kubernetes.io/docs/concepts/cluster-administration/flow-control/#flowschema

import type {
  FlowSchema,
  NonResourcePolicyRule,
  PolicyRulesWithSubjects,
  ResourcePolicyRule,
  Subject,
} from '../../../api/types/flowcontrol-v1.gen.ts';
import type { UserInfo } from '../../../client/api-backend.ts';
import type { RequestInfo } from '../request-info.ts';

/** What of a request decides. */
export interface FlowRequest {
  readonly user: UserInfo;
  readonly info: RequestInfo;
}

/** The schemas in the order in which they are tried; those whose level is not there are left out. */
export function matchingOrder(schemas: readonly FlowSchema[], hasLevel: (name: string) => boolean): FlowSchema[] {
  return schemas
    .filter(({ spec }) => hasLevel(spec.priorityLevelConfiguration.name))
    .sort((a, b) => precedenceOf(a) - precedenceOf(b) || compare(a.metadata.name ?? '', b.metadata.name ?? ''));
}

const precedenceOf = ({ spec }: FlowSchema): number => spec.matchingPrecedence ?? 0;
const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

/** The first of `schemas` (in matching order) that takes the request. */
export function matchingSchema(schemas: readonly FlowSchema[], request: FlowRequest): FlowSchema | undefined {
  return schemas.find(({ spec }) => spec.rules?.some((rule) => matchesRule(rule, request)));
}

/** What tells the flows of one schema apart. */
export function distinguisherOf({ spec }: FlowSchema, { user, info }: FlowRequest): string {
  const method = spec.distinguisherMethod?.type;
  if (method === 'ByUser') return user.name;
  return method === 'ByNamespace' ? info.namespace : '';
}

function matchesRule(rule: PolicyRulesWithSubjects, { user, info }: FlowRequest): boolean {
  if (!rule.subjects?.some((subject) => matchesSubject(subject, user))) return false;
  return info.isResource
    ? rule.resourceRules?.some((candidate) => matchesResource(candidate, info)) === true
    : rule.nonResourceRules?.some((candidate) => matchesPath(candidate, info)) === true;
}

function matchesSubject({ kind, user, group, serviceAccount }: Subject, who: UserInfo): boolean {
  if (kind === 'User') return user?.name === '*' || user?.name === who.name;
  if (kind === 'Group') return group?.name === '*' || who.groups.includes(group?.name ?? '');
  if (kind !== 'ServiceAccount' || !serviceAccount) return false;
  const prefix = `system:serviceaccount:${serviceAccount.namespace}:`;
  return serviceAccount.name === '*' ? who.name.startsWith(prefix) : who.name === prefix + serviceAccount.name;
}

const holds = (list: readonly string[] | undefined, value: string): boolean =>
  list !== undefined && (list[0] === '*' || list.includes(value));

function matchesResource(rule: ResourcePolicyRule, info: RequestInfo): boolean {
  const resource = info.subresource === '' ? info.resource : `${info.resource}/${info.subresource}`;
  const place = info.namespace === '' ? rule.clusterScope === true : holds(rule.namespaces, info.namespace);
  return place && holds(rule.verbs, info.verb) && holds(rule.apiGroups, info.group) && holds(rule.resources, resource);
}

function matchesPath(rule: NonResourcePolicyRule, info: RequestInfo): boolean {
  if (!holds(rule.verbs, info.verb)) return false;
  return (rule.nonResourceURLs ?? []).some(
    (url) => url === '*' || url === info.path || (url.endsWith('/*') && info.path.startsWith(url.slice(0, -1))),
  );
}
