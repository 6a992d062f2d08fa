// Validation of flowcontrol.apiserver.k8s.io: FlowSchema and PriorityLevelConfiguration. Pure.

import { deepEqual } from '../copy.ts';
import { EXEMPT, MANDATORY_FLOW_CONTROL } from '../flow-control-objects.ts';
import type { FieldError } from '../status-error.ts';
import type {
  FlowSchema,
  LimitedPriorityLevelConfiguration,
  LimitResponse,
  NonResourcePolicyRule,
  PolicyRulesWithSubjects,
  PriorityLevelConfiguration,
  QueuingConfiguration,
  ResourcePolicyRule,
  Subject,
} from '../types/flowcontrol-v1.gen.ts';
import {
  checkString,
  duplicateValue,
  eachItem,
  forbiddenValue,
  invalidValue,
  notSupported,
  requiredValue,
  requireOneOf,
} from './field-error.ts';
import { internalForm } from './internal-form.ts';
import { dnsLabel, dnsSubdomain } from './object-meta.ts';

const MAX_PRECEDENCE = 10_000;
const MAX_QUEUES = 10_000_000;
/** Bits of the hash that upstream deals hands from. */
const HASH_BITS = 60;
const VERBS = ['create', 'delete', 'deletecollection', 'get', 'list', 'patch', 'proxy', 'update', 'watch'];
const SUBJECT_KINDS = ['Group', 'ServiceAccount', 'User'];

/** Validates a FlowSchema. */
export function validateFlowSchema(object: FlowSchema): FieldError[] {
  const { spec, status } = object;
  const name = object.metadata.name ?? '';
  const mandatory = MANDATORY_FLOW_CONTROL.schemas.find((schema) => schema.metadata.name === name);
  return [
    ...validatePrecedence(name, spec.matchingPrecedence),
    ...(spec.distinguisherMethod && !['ByNamespace', 'ByUser'].includes(spec.distinguisherMethod.type)
      ? [notSupported('spec.distinguisherMethod.type', internalForm(spec.distinguisherMethod, { type: '' }), ['ByNamespace', 'ByUser'])]
      : []),
    ...(spec.priorityLevelConfiguration.name
      ? checkString('spec.priorityLevelConfiguration.name', spec.priorityLevelConfiguration.name, dnsSubdomain)
      : [requiredValue('spec.priorityLevelConfiguration.name', 'must reference a priority level')]),
    ...eachItem('spec.rules', spec.rules, validateRules),
    ...(mandatory && !deepEqual(spec, mandatory.spec) ? [invalidValue('spec', spec, `spec of '${name}' must equal the fixed value`)] : []),
    ...validateConditions(status?.conditions),
  ];
}

/** Validates the status of either kind. */
export function validateFlowControlStatus({ status }: FlowSchema | PriorityLevelConfiguration): FieldError[] {
  return validateConditions(status?.conditions);
}

function validatePrecedence(name: string, precedence = 0): FieldError[] {
  const field = 'spec.matchingPrecedence';
  return [
    ...(precedence <= 0 ? [invalidValue(field, precedence, 'must be a positive value')] : []),
    ...(precedence > MAX_PRECEDENCE ? [invalidValue(field, precedence, `must not be greater than ${MAX_PRECEDENCE}`)] : []),
    ...(precedence === 1 && name !== EXEMPT
      ? [invalidValue(field, precedence, "only the schema named 'exempt' may have matchingPrecedence 1")]
      : []),
  ];
}

function validateRules(rule: PolicyRulesWithSubjects, path: string): FieldError[] {
  const empty = !rule.resourceRules?.length && !rule.nonResourceRules?.length;
  return [
    ...(rule.subjects?.length
      ? eachItem(`${path}.subjects`, rule.subjects, validateSubject)
      : [requiredValue(`${path}.subjects`, 'subjects must contain at least one value')]),
    ...(empty ? [requiredValue(path, 'at least one of resourceRules and nonResourceRules has to be non-empty')] : []),
    ...eachItem(`${path}.resourceRules`, rule.resourceRules, validateResourceRule),
    ...eachItem(`${path}.nonResourceRules`, rule.nonResourceRules, validateNonResourceRule),
  ];
}

/** The member of a subject that belongs to each kind. */
const SUBJECT_MEMBERS = { ServiceAccount: 'serviceAccount', User: 'user', Group: 'group' } as const;

function validateSubject(subject: Subject, path: string): FieldError[] {
  const { kind } = subject;
  if (!SUBJECT_KINDS.includes(kind)) return [notSupported(`${path}.kind`, kind, SUBJECT_KINDS)];
  const entries = Object.entries(SUBJECT_MEMBERS);
  return [
    ...entries.flatMap(([owner, member]) => (owner === kind ? validateSubjectMember(subject, member, path) : [])),
    ...entries.flatMap(([owner, member]) =>
      owner === kind || !subject[member]
        ? []
        : [forbiddenValue(`${path}.${member}`, `${member} is forbidden when subject kind is not '${owner}'`)],
    ),
  ];
}

function validateSubjectMember(subject: Subject, member: 'serviceAccount' | 'user' | 'group', path: string): FieldError[] {
  const value = subject[member];
  if (!value) return [requiredValue(`${path}.${member}`, `${member} is required when subject kind is '${subject.kind}'`)];
  const errors = value.name ? [] : [requiredValue(`${path}.${member}.name`)];
  if (member !== 'serviceAccount' || !subject.serviceAccount) return errors;
  const { name, namespace } = subject.serviceAccount;
  if (name && name !== '*') errors.push(...checkString(`${path}.serviceAccount.name`, name, dnsSubdomain));
  return namespace
    ? [...errors, ...checkString(`${path}.serviceAccount.namespace`, namespace, dnsLabel)]
    : [...errors, requiredValue(`${path}.serviceAccount.namespace`, 'must specify namespace for service account')];
}

function validateVerbs(verbs: readonly string[] | undefined, path: string): FieldError[] {
  if (!verbs?.length) return [requiredValue(path, 'verbs must contain at least one value')];
  if (verbs.includes('*')) return verbs.length > 1 ? [invalidValue(path, verbs, "if '*' is present, must not specify other verbs")] : [];
  return verbs.every((verb) => VERBS.includes(verb)) ? [] : [notSupported(path, verbs, VERBS)];
}

/** A list that either holds `*` alone or anything but `*`. */
function validateAllOrSome(values: readonly string[] | undefined, path: string, words: { one: string; others: string }): FieldError[] {
  if (!values?.length) return [requiredValue(path, `resource rules must supply at least one ${words.one}`)];
  const mixed = values.length > 1 && values.includes('*');
  return mixed ? [invalidValue(path, values, `if '*' is present, must not specify other ${words.others}`)] : [];
}

function validateResourceRule(rule: ResourcePolicyRule, path: string): FieldError[] {
  return [
    ...validateVerbs(rule.verbs, `${path}.verbs`),
    ...validateAllOrSome(rule.apiGroups, `${path}.apiGroups`, { one: 'api group', others: 'api groups' }),
    ...validateAllOrSome(rule.resources, `${path}.resources`, { one: 'resource', others: 'resources' }),
    ...validateNamespaces(rule, `${path}.namespaces`),
  ];
}

function validateNamespaces({ namespaces = [], clusterScope }: ResourcePolicyRule, path: string): FieldError[] {
  if (namespaces.length === 0 && !clusterScope)
    return [requiredValue(path, 'resource rules that are not cluster scoped must supply at least one namespace')];
  if (namespaces.includes('*'))
    return namespaces.length > 1 ? [invalidValue(path, namespaces, "if '*' is present, must not specify other namespaces")] : [];
  return eachItem(path, namespaces, (namespace, at) =>
    dnsLabel(namespace).map((why) => invalidValue(at, namespace, `each member of this list must be '*' or a DNS-1123 label; ${why}`)),
  );
}

function validateNonResourceRule(rule: NonResourcePolicyRule, path: string): FieldError[] {
  const urls = rule.nonResourceURLs ?? [];
  const field = `${path}.nonResourceURLs`;
  const errors = validateVerbs(rule.verbs, `${path}.verbs`);
  if (urls.length === 0) return [...errors, requiredValue(field, 'nonResourceURLs must contain at least one value')];
  if (!urls.includes('*')) return [...errors, ...eachItem(field, urls, validatePath)];
  return urls.length > 1 ? [...errors, invalidValue(field, urls, "if '*' is present, must not specify other non-resource URLs")] : errors;
}

function validatePath(url: string, path: string): FieldError[] {
  const fault = pathFault(url);
  return fault === undefined ? [] : [invalidValue(path, url, fault)];
}

function pathFault(url: string): string | undefined {
  if (url === '') return 'must not be empty';
  if (url === '/') return undefined;
  if (!url.startsWith('/')) return 'must start with slash';
  if (url.includes(' ')) return 'must not contain white-space';
  if (url.includes('//')) return 'must not contain double slash';
  const star = url.indexOf('*');
  return star < 0 || (star === url.length - 1 && url.endsWith('/*')) ? undefined : 'wildcard can only do suffix matching';
}

function validateConditions(conditions: readonly { readonly type?: string }[] | undefined): FieldError[] {
  const seen = new Set<string>();
  return eachItem('status.conditions', conditions, ({ type = '' }, at) => {
    const errors = seen.has(type) ? [duplicateValue(`${at}.type`, type)] : [];
    seen.add(type);
    return type === '' ? [...errors, requiredValue(`${at}.type`)] : errors;
  });
}

/** Validates a PriorityLevelConfiguration. */
export function validatePriorityLevel(object: PriorityLevelConfiguration): FieldError[] {
  const { spec, status } = object;
  const name = object.metadata.name ?? '';
  return [...validateLevelSpec(name, spec), ...validateMandatoryLevel(name, spec), ...validateConditions(status?.conditions)];
}

function validateMandatoryLevel(name: string, spec: PriorityLevelConfiguration['spec']): FieldError[] {
  const mandatory = MANDATORY_FLOW_CONTROL.levels.find((level) => level.metadata.name === name)?.spec;
  if (!mandatory) return [];
  if (name !== EXEMPT)
    return deepEqual(spec, mandatory) ? [] : [invalidValue('spec', spec, `spec of '${name}' must equal the fixed value`)];
  const { exempt: _own, ...rest } = spec;
  const { exempt: _fixed, ...fixed } = mandatory;
  return deepEqual(rest, fixed)
    ? []
    : [invalidValue('spec', spec, "spec of 'exempt' except the 'spec.exempt' field must equal the fixed value")];
}

function validateLevelSpec(name: string, spec: PriorityLevelConfiguration['spec']): FieldError[] {
  const { type, limited, exempt } = spec;
  const errors =
    (name === EXEMPT) === (type === 'Exempt')
      ? []
      : [invalidValue('spec.type', type, "must be 'Exempt' if and only if `name` is 'exempt'")];
  if (type === 'Exempt') {
    if (limited) errors.push(forbiddenValue('spec.limited', 'must be nil if the type is not Limited'));
    errors.push(...validateShares('spec.exempt', exempt ?? {}));
  } else if (type === 'Limited') {
    if (exempt) errors.push(forbiddenValue('spec.exempt', 'must be nil if the type is Limited'));
    errors.push(...(limited ? validateLimited(limited) : [requiredValue('spec.limited', 'must not be empty when type is Limited')]));
  } else errors.push(...requireOneOf('spec.type', type, ['Exempt', 'Limited']));
  return errors;
}

function validateShares(path: string, shares: { nominalConcurrencyShares?: number; lendablePercent?: number }): FieldError[] {
  const { nominalConcurrencyShares: nominal = 0, lendablePercent: lendable = 0 } = shares;
  return [
    ...(nominal < 0 ? [invalidValue(`${path}.nominalConcurrencyShares`, nominal, 'must be a non-negative integer')] : []),
    ...(lendable < 0 || lendable > 100 ? [invalidValue(`${path}.lendablePercent`, lendable, 'must be between 0 and 100, inclusive')] : []),
  ];
}

function validateLimited(limited: LimitedPriorityLevelConfiguration): FieldError[] {
  const { borrowingLimitPercent: borrowing = 0 } = limited;
  return [
    ...validateShares('spec.limited', limited),
    ...validateLimitResponse(limited.limitResponse ?? {}, 'spec.limited.limitResponse'),
    ...(borrowing < 0
      ? [invalidValue('spec.limited.borrowingLimitPercent', borrowing, 'if specified, must be a non-negative integer')]
      : []),
  ];
}

function validateLimitResponse({ type, queuing }: Partial<LimitResponse>, path: string): FieldError[] {
  const field = `${path}.queuing`;
  if (type === 'Reject') return queuing ? [forbiddenValue(field, 'must be nil if limited.limitResponse.type is not Limited')] : [];
  if (type !== 'Queue') return requireOneOf(`${path}.type`, type, ['Queue', 'Reject']);
  return queuing ? validateQueuing(queuing, field) : [requiredValue(field, 'must not be empty if limited.limitResponse.type is Limited')];
}

function validateQueuing({ queues = 0, handSize = 0, queueLengthLimit = 0 }: QueuingConfiguration, path: string): FieldError[] {
  const errors = queueLengthLimit <= 0 ? [invalidValue(`${path}.queueLengthLimit`, queueLengthLimit, 'must be positive')] : [];
  if (queues <= 0) errors.push(invalidValue(`${path}.queues`, queues, 'must be positive'));
  else if (queues > MAX_QUEUES) errors.push(invalidValue(`${path}.queues`, queues, `must not be greater than ${MAX_QUEUES}`));
  const fault = handFault(queues, handSize);
  return fault === undefined ? errors : [...errors, invalidValue(`${path}.handSize`, handSize, fault)];
}

function handFault(queues: number, handSize: number): string | undefined {
  if (handSize <= 0) return 'must be positive';
  if (handSize > queues) return `should not be greater than queues (${queues})`;
  if (Math.ceil(Math.log2(queues) * handSize) <= HASH_BITS) return undefined;
  return `required entropy bits of deckSize ${queues} and handSize ${handSize} should not be greater than ${HASH_BITS}`;
}
