// Reads an audit policy from what a YAML file holds: strict about its shape, with upstream's texts for its values. Pure.

import { isObject } from '../../api/copy.ts';
import type { FieldError } from '../../api/status-error.ts';
import { eachItem, invalidValue, notSupported, requiredValue } from '../../api/validation/field-error.ts';
import { dnsSubdomain } from '../../api/validation/object-meta.ts';
import { AUDIT_LEVELS, AUDIT_STAGES, type AuditPolicy, type AuditResources, type AuditRule } from './audit-policy.ts';

/** The form of a field's value. */
type Form = 'text' | 'flag' | 'texts' | 'any' | readonly Fields[];
type Fields = Readonly<Record<string, Form>>;

const RESOURCES: Fields = { group: 'text', resources: 'texts', resourceNames: 'texts' };
const RULE: Fields = {
  level: 'text',
  users: 'texts',
  userGroups: 'texts',
  verbs: 'texts',
  resources: [RESOURCES],
  namespaces: 'texts',
  nonResourceURLs: 'texts',
  omitStages: 'texts',
  omitManagedFields: 'flag',
};
const POLICY: Fields = {
  kind: 'text',
  apiVersion: 'text',
  metadata: 'any',
  rules: [RULE],
  omitStages: 'texts',
  omitManagedFields: 'flag',
};

/** The policy in `value`, or what is wrong with it in one line. */
export function readAuditPolicy(value: unknown): { readonly policy: AuditPolicy } | { readonly fault: string } {
  if (!isObject(value)) return { fault: 'it holds no object' };
  const { kind, apiVersion } = value;
  if (apiVersion !== 'audit.k8s.io/v1' || kind !== 'Policy') {
    return { fault: `it holds ${String(kind)} of ${String(apiVersion)}, not a Policy of audit.k8s.io/v1` };
  }
  const shape = shapeFaults(value, POLICY, '');
  if (shape.length > 0) return { fault: `strict decoding error: ${shape.join(', ')}` };
  const policy = value as unknown as AuditPolicy; // Its shape was checked above; levels and stages are below.
  if (!policy.rules?.length) return { fault: 'loaded illegal policy with 0 rules' };
  const faults = validatePolicy(policy).map(({ field, detail }) => `${field}: ${detail}`);
  if (faults.length > 0) return { fault: faults.length === 1 ? (faults[0] ?? '') : `[${faults.join(', ')}]` };
  return { policy };
}

function shapeFaults(value: Record<string, unknown>, fields: Fields, path: string): string[] {
  return Object.entries(value).flatMap(([name, item]) => {
    const where = `${path}${name}`;
    const form = Object.hasOwn(fields, name) ? fields[name] : undefined;
    if (form === undefined) return [`unknown field "${where}"`];
    if (item === null) return [];
    return formFaults(item, form, where);
  });
}

function formFaults(item: unknown, form: Form, where: string): string[] {
  if (form === 'any') return [];
  if (form === 'text') return typeof item === 'string' ? [] : [`"${where}" is no string`];
  if (form === 'flag') return typeof item === 'boolean' ? [] : [`"${where}" is no boolean`];
  if (!Array.isArray(item)) return [`"${where}" is no list`];
  if (form === 'texts') return item.every((text) => typeof text === 'string') ? [] : [`"${where}" is no list of strings`];
  return item.flatMap((entry: unknown, index) => {
    const place = `${where}[${index}]`;
    return isObject(entry) ? shapeFaults(entry, form[0] ?? {}, `${place}.`) : [`"${place}" is no object`];
  });
}

function validatePolicy({ rules, omitStages }: AuditPolicy): FieldError[] {
  return [...validateStages(omitStages, 'omitStages'), ...eachItem('rules', rules, validateRule)];
}

function validateRule(rule: AuditRule, path: string): FieldError[] {
  const { level, nonResourceURLs: urls } = rule;
  const isMixed = urls?.length && (rule.resources?.length || rule.namespaces?.length);
  return [
    ...(level ? [] : [requiredValue(`${path}.level`)]),
    ...(level && !AUDIT_LEVELS.includes(level) ? [notSupported(`${path}.level`, level, AUDIT_LEVELS)] : []),
    ...eachItem(`${path}.nonResourceURLs`, urls, validateUrl),
    ...(rule.resources ?? []).flatMap((item) => validateResources(item, `${path}.resources`)),
    ...validateStages(rule.omitStages, `${path}.omitStages`),
    ...(isMixed
      ? [invalidValue(`${path}.nonResourceURLs`, urls, 'rules cannot apply to both regular resources and non-resource URLs')]
      : []),
  ];
}

function validateUrl(url: string, path: string): FieldError[] {
  if (url === '*') return [];
  return [
    ...(url.startsWith('/') ? [] : [invalidValue(path, url, "non-resource URL rules must begin with a '/' character")]),
    ...(url.slice(0, -1).includes('*')
      ? [invalidValue(path, url, "non-resource URL wildcards '*' must be the final character of the rule")]
      : []),
  ];
}

function validateResources({ group, resources, resourceNames }: AuditResources, path: string): FieldError[] {
  const texts = group ? dnsSubdomain(group) : [];
  return [
    ...(texts.length > 0 ? [invalidValue(`${path}.group`, group, texts.join(','))] : []),
    ...(resourceNames?.length && !resources?.length
      ? [invalidValue(`${path}.resourceNames`, resourceNames, 'using resourceNames requires at least one resource')]
      : []),
  ];
}

function validateStages(stages: readonly string[] | undefined, path: string): FieldError[] {
  const known: readonly string[] = AUDIT_STAGES;
  return eachItem(path, stages, (stage, at) =>
    known.includes(stage) ? [] : [invalidValue(at, stage, `allowed stages are ${known.join(',')}`)],
  );
}
