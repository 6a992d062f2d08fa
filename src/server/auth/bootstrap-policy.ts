// The bootstrap tables as objects, and what has to be written so that a cluster has them.

import { deepEqual } from '../../api/copy.ts';
import type { ClusterRole, ClusterRoleBinding, PolicyRule, Role, RoleBinding, RoleRef, Subject } from '../../api/types/rbac-v1.gen.ts';
import { CONTROLLER_ROLES } from './bootstrap-controller-roles.ts';
import { BOOTSTRAP_BINDINGS, BOOTSTRAP_NAMESPACED_BINDINGS, BOOTSTRAP_NAMESPACED_ROLES, BOOTSTRAP_ROLES } from './bootstrap-roles.ts';
import { covers, uncoveredRules } from './rbac-rules.ts';

const GROUP = 'rbac.authorization.k8s.io';
const API_VERSION = `${GROUP}/v1`;
/** `"false"` on an object keeps kts from repairing it. */
const AUTOUPDATE = 'rbac.authorization.kubernetes.io/autoupdate';
const AGGREGATE = 'rbac.authorization.k8s.io/aggregate-to-';

/** Everything that is there from the start. Roles stand before what binds them. */
export interface BootstrapPolicy {
  readonly clusterRoles: readonly ClusterRole[];
  readonly clusterRoleBindings: readonly ClusterRoleBinding[];
  readonly roles: readonly Role[];
  readonly roleBindings: readonly RoleBinding[];
}

/** Parses the tables. */
export function bootstrapPolicy(): BootstrapPolicy {
  const controllers = blocksOf(CONTROLLER_ROLES).map(({ head: [name = ''], rules }) => ({ name, rules }));
  return {
    clusterRoles: [
      ...blocksOf(BOOTSTRAP_ROLES).map(({ head: [name = '', ...flags], rules }) => clusterRole(name, flags, rules)),
      ...controllers.map(({ name, rules }) => clusterRole(`system:controller:${name}`, [], rules)),
    ],
    clusterRoleBindings: [
      ...linesOf(BOOTSTRAP_BINDINGS).map((line) => clusterBinding(parseBinding(line))),
      ...controllers.map(({ name }) => {
        const role = `system:controller:${name}`;
        return clusterBinding({ name: role, role, subjects: [parseSubject(`ServiceAccount:kube-system/${name}`)] });
      }),
    ],
    roles: blocksOf(BOOTSTRAP_NAMESPACED_ROLES).map(({ head: [namespace = '', name = ''], rules }) => ({
      apiVersion: API_VERSION,
      kind: 'Role',
      metadata: { name, namespace, ...marks() },
      rules,
    })),
    roleBindings: linesOf(BOOTSTRAP_NAMESPACED_BINDINGS).map((line) => {
      const [namespace = ''] = line.split(' ');
      const { name, role, subjects } = parseBinding(line.slice(namespace.length + 1));
      const metadata = { name, namespace, ...marks() };
      return { apiVersion: API_VERSION, kind: 'RoleBinding', metadata, subjects, roleRef: roleRef('Role', role) };
    }),
  };
}

/** What a role in the cluster lacks against the table; nothing is ever taken away. Undefined when it needs no change. */
export function reconciledRole<T extends ClusterRole | Role>(wanted: T, found: T): T | undefined {
  if (found.metadata.annotations?.[AUTOUPDATE] === 'false') return undefined;
  const metadata = withMarks(wanted, found);
  const aggregates = 'aggregationRule' in wanted && wanted.aggregationRule !== undefined;
  const selectors = aggregates ? missingSelectors(wanted, found) : [];
  const rules = aggregates ? [] : uncoveredRules(found.rules ?? [], wanted.rules ?? []);
  if (metadata === found.metadata && rules.length === 0 && selectors.length === 0) return undefined;
  const out = { ...found, metadata, ...(rules.length > 0 && { rules: [...(found.rules ?? []), ...missingRules(wanted, found)] }) };
  if (selectors.length === 0) return out;
  const known = ('aggregationRule' in found && found.aggregationRule?.clusterRoleSelectors) || [];
  return { ...out, aggregationRule: { clusterRoleSelectors: [...known, ...selectors] } };
}

/** What a binding in the cluster lacks: subjects, marks. `recreate`: its role cannot be changed, so it has to be deleted and made again. */
export function reconciledBinding<T extends ClusterRoleBinding | RoleBinding>(
  wanted: T,
  found: T,
): { update?: T; recreate?: T } | undefined {
  if (found.metadata.annotations?.[AUTOUPDATE] === 'false') return undefined;
  if (!deepEqual(wanted.roleRef, found.roleRef)) return { recreate: wanted };
  const metadata = withMarks(wanted, found);
  const known = found.subjects ?? [];
  const missing = (wanted.subjects ?? []).filter((subject) => !known.some((other) => deepEqual(other, subject)));
  if (metadata === found.metadata && missing.length === 0) return undefined;
  return { update: { ...found, metadata, subjects: [...known, ...missing] } };
}

/** The wanted rules that the found role does not cover, whole. */
function missingRules(wanted: ClusterRole | Role, found: ClusterRole | Role): PolicyRule[] {
  return (wanted.rules ?? []).filter((rule) => !covers(found.rules ?? [], [rule]));
}

function missingSelectors(
  wanted: ClusterRole,
  found: ClusterRole,
): NonNullable<NonNullable<ClusterRole['aggregationRule']>['clusterRoleSelectors']> {
  const known = found.aggregationRule?.clusterRoleSelectors ?? [];
  return (wanted.aggregationRule?.clusterRoleSelectors ?? []).filter((selector) => !known.some((other) => deepEqual(other, selector)));
}

/** The metadata of `found` with the labels and annotations of `wanted` that it lacks; the same object when it lacks none. */
function withMarks<T extends ClusterRole | ClusterRoleBinding>(wanted: T, found: T): T['metadata'] {
  const labels = { ...wanted.metadata.labels, ...found.metadata.labels };
  const annotations = { ...wanted.metadata.annotations, ...found.metadata.annotations };
  const same = deepEqual(labels, found.metadata.labels ?? {}) && deepEqual(annotations, found.metadata.annotations ?? {});
  return same ? found.metadata : { ...found.metadata, labels, annotations };
}

function marks(labels: Record<string, string> = {}) {
  return { labels: { 'kubernetes.io/bootstrapping': 'rbac-defaults', ...labels }, annotations: { [AUTOUPDATE]: 'true' } };
}

function clusterRole(name: string, flags: readonly string[], rules: PolicyRule[]): ClusterRole {
  const flag = (key: string): string | undefined => flags.find((text) => text.startsWith(`${key}=`))?.slice(key.length + 1);
  const label = flag('label');
  const aggregate = flag('aggregate');
  const metadata = { name, ...marks(label ? { [`${AGGREGATE}${label}`]: 'true' } : {}) };
  const role = { apiVersion: API_VERSION, kind: 'ClusterRole', metadata };
  if (!aggregate) return { ...role, rules };
  return { ...role, aggregationRule: { clusterRoleSelectors: [{ matchLabels: { [`${AGGREGATE}${aggregate}`]: 'true' } }] }, rules: [] };
}

interface ParsedBinding {
  readonly name: string;
  readonly role: string;
  readonly subjects: Subject[];
}

function clusterBinding({ name, role, subjects }: ParsedBinding): ClusterRoleBinding {
  const metadata = { name, ...marks() };
  return { apiVersion: API_VERSION, kind: 'ClusterRoleBinding', metadata, subjects, roleRef: roleRef('ClusterRole', role) };
}

function roleRef(kind: string, name: string): RoleRef {
  return { apiGroup: GROUP, kind, name };
}

function linesOf(text: string): string[] {
  return text.split('\n').filter((line) => line.trim() !== '');
}

/** Heads with the indented rules below them. */
function blocksOf(text: string): { head: string[]; rules: PolicyRule[] }[] {
  const out: { head: string[]; rules: PolicyRule[] }[] = [];
  for (const line of linesOf(text)) {
    if (line.startsWith(' ')) out.at(-1)?.rules.push(parseRule(line.trim()));
    else out.push({ head: line.split(' '), rules: [] });
  }
  return out;
}

const WRITE = ['create', 'delete', 'deletecollection', 'patch', 'update'];
const READ = ['get', 'list', 'watch'];
const VERB_SETS: Readonly<Record<string, readonly string[]>> = { read: READ, write: WRITE, readwrite: [...READ, ...WRITE] };

function parseRule(line: string): PolicyRule {
  const match = /^(\S+) (\S+): ([^=]+?)(?: = (.+))?$/.exec(line);
  if (!match) throw new SyntaxError(`bootstrap policy: not a rule: ${line}`);
  const [, verbText = '', groups = '', what = '', names] = match;
  const verbs = verbText
    .split(',')
    .flatMap((verb) => VERB_SETS[verb] ?? [verb])
    .sort();
  if (groups === 'url') return { verbs, nonResourceURLs: what.split(' ').sort() };
  const apiGroups = groups
    .split(',')
    .map((group) => (group === 'core' ? '' : group))
    .sort();
  return { verbs, apiGroups, resources: what.split(' ').sort(), ...(names && { resourceNames: names.split(' ').sort() }) };
}

function parseBinding(line: string): ParsedBinding {
  const match = /^(?:(\S+) = )?(\S+):(?: (.+))?$/.exec(line);
  if (!match) throw new SyntaxError(`bootstrap policy: not a binding: ${line}`);
  const [, name, role = '', subjects = ''] = match;
  return { name: name ?? role, role, subjects: subjects === '' ? [] : subjects.split(' ').map(parseSubject) };
}

function parseSubject(text: string): Subject {
  const [kind = ''] = text.split(':', 1);
  const rest = text.slice(kind.length + 1);
  if (kind !== 'ServiceAccount') return { kind, apiGroup: GROUP, name: rest };
  const [namespace = '', name = ''] = rest.split('/');
  return { kind, name, namespace };
}
