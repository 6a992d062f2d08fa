// What a PolicyRule allows, and whether rules cover other rules. Pure.
// https://kubernetes.io/docs/reference/access-authn-authz/rbac/

import type { PolicyRule } from '../../api/types/rbac-v1.gen.ts';
import type { AccessAttributes } from './auth.ts';

const holds = (list: readonly string[] | undefined, value: string): boolean =>
  list !== undefined && (list.includes('*') || list.includes(value));

/** Whether a rule allows a request. */
export function ruleAllows(rule: PolicyRule, { verb, resource, path }: Pick<AccessAttributes, 'verb' | 'resource' | 'path'>): boolean {
  if (!holds(rule.verbs, verb)) return false;
  if (!resource) return (rule.nonResourceURLs ?? []).some((pattern) => pathMatches(pattern, path ?? ''));
  const name = resource.subresource === '' ? resource.resource : `${resource.resource}/${resource.subresource}`;
  return holds(rule.apiGroups, resource.group) && holdsResource(rule.resources ?? [], name) && nameMatches(rule, resource.name);
}

/** `/healthz` itself, or with a `*` at the end everything that begins so. */
function pathMatches(pattern: string, path: string): boolean {
  return pattern === path || (pattern.endsWith('*') && path.startsWith(pattern.slice(0, -1)));
}

function nameMatches({ resourceNames = [] }: PolicyRule, name: string): boolean {
  return resourceNames.length === 0 || resourceNames.includes(name);
}

// `*` is everything, `*/scale` that subresource of every resource.
function holdsResource(list: readonly string[], resource: string): boolean {
  const slash = resource.indexOf('/');
  return holds(list, resource) || (slash >= 0 && list.includes(`*${resource.slice(slash)}`));
}

/** The parts of `wanted` that no rule of `held` allows, one verb of one resource (or path) each; empty when all is covered. */
export function uncoveredRules(held: readonly PolicyRule[], wanted: readonly PolicyRule[]): PolicyRule[] {
  return wanted.flatMap(atomsOf).filter((atom) => !held.some((rule) => ruleCovers(rule, atom)));
}

/** Whether who holds `held` may grant `wanted`. */
export function covers(held: readonly PolicyRule[], wanted: readonly PolicyRule[]): boolean {
  return uncoveredRules(held, wanted).length === 0;
}

function atomsOf(rule: PolicyRule): PolicyRule[] {
  const urls = rule.verbs.flatMap((verb) => (rule.nonResourceURLs ?? []).map((url) => ({ verbs: [verb], nonResourceURLs: [url] })));
  const resources = (rule.apiGroups ?? []).flatMap((group) => (rule.resources ?? []).map((resource) => ({ group, resource })));
  const names = rule.resourceNames?.length ? rule.resourceNames.map((name) => ({ resourceNames: [name] })) : [{}];
  const atoms = resources.flatMap(({ group, resource }) =>
    names.flatMap((name) => rule.verbs.map((verb) => ({ apiGroups: [group], resources: [resource], ...name, verbs: [verb] }))),
  );
  return [...atoms, ...urls];
}

function ruleCovers(rule: PolicyRule, atom: PolicyRule): boolean {
  const all = (list: readonly string[] | undefined, has: (item: string) => boolean): boolean => (list ?? []).every(has);
  const names = rule.resourceNames ?? [];
  return (
    all(atom.verbs, (verb) => holds(rule.verbs, verb)) &&
    all(atom.apiGroups, (group) => holds(rule.apiGroups, group)) &&
    all(atom.resources, (resource) => holdsResource(rule.resources ?? [], resource)) &&
    (names.length === 0 || ((atom.resourceNames?.length ?? 0) > 0 && all(atom.resourceNames, (name) => names.includes(name)))) &&
    all(atom.nonResourceURLs, (url) => (rule.nonResourceURLs ?? []).some((pattern) => pathMatches(pattern, url)))
  );
}

/** Rules that differ in their verbs only, as one; in order of first appearance. */
export function compactRules(rules: readonly PolicyRule[]): PolicyRule[] {
  const byRest = new Map<string, PolicyRule>();
  for (const { verbs, ...rest } of rules) {
    const key = JSON.stringify([rest.apiGroups, rest.resources, rest.resourceNames, rest.nonResourceURLs]);
    const known = byRest.get(key);
    byRest.set(key, { ...rest, verbs: [...new Set([...(known?.verbs ?? []), ...verbs])] });
  }
  return [...byRest.values()];
}

/** A rule on one line, as error messages show it. */
export function ruleText(rule: PolicyRule): string {
  const part = (name: string, list: readonly string[] | undefined): string[] =>
    list?.length ? [`${name}:[${list.map((item) => JSON.stringify(item)).join(' ')}]`] : [];
  const parts = [
    ...part('APIGroups', rule.apiGroups),
    ...part('Resources', rule.resources),
    ...part('ResourceNames', rule.resourceNames),
    ...part('NonResourceURLs', rule.nonResourceURLs),
    ...part('Verbs', rule.verbs),
  ];
  return `{${parts.join(', ')}}`;
}

/** Why `user`, who holds `held`, may not grant `wanted`; undefined when it may. The text of the Forbidden error. */
export function escalationFault(
  user: { name: string; groups: readonly string[] },
  held: readonly PolicyRule[],
  wanted: readonly PolicyRule[],
): string | undefined {
  const missing = compactRules(uncoveredRules(held, wanted));
  if (missing.length === 0) return undefined;
  const who = `user ${JSON.stringify(user.name)} (groups=[${user.groups.map((group) => JSON.stringify(group)).join(' ')}])`;
  return `${who} is attempting to grant RBAC permissions not currently held:\n${missing.map(ruleText).join('\n')}`;
}
