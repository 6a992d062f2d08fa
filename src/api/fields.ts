// Field selectors: their grammar (`status.phase!=Failed,spec.nodeName=a`), and which fields of which resource can be asked for.
// Rules: Kubernetes documentation, "Field Selectors".

import type { GroupVersionResource } from './resources.ts';
import { groupResourceString } from './resources.ts';
import { badRequest } from './status-error.ts';

/** One condition on one field. */
export interface FieldRequirement {
  readonly field: string;
  readonly operator: '=' | '!=';
  readonly value: string;
}

/** A parsed field selector. */
export interface FieldMatcher {
  readonly requirements: readonly FieldRequirement[];
  /** Whether the fields (of `selectableFields`) satisfy all requirements. A field that is not there is `''`. */
  matches(fields: Readonly<Record<string, string>>): boolean;
}

function matcher(requirements: readonly FieldRequirement[]): FieldMatcher {
  return {
    requirements,
    matches: (fields) =>
      requirements.every(
        ({ field, operator, value }) => ((Object.hasOwn(fields, field) ? fields[field] : '') === value) === (operator === '='),
      ),
  };
}

/**
 * Parses a field selector; `\` escapes `\`, `,` and `=` in values. `''` matches everything.
 * @throws StatusError BadRequest
 */
export function parseFieldSelector(text: string): FieldMatcher {
  return matcher(
    splitTerms(text)
      .filter(Boolean)
      .map((term) => parseTerm(term, text)),
  );
}

function splitTerms(text: string): string[] {
  return text.match(/(?:\\[\s\S]|[^\\,])+/g) ?? [];
}

function parseTerm(term: string, selector: string): FieldRequirement {
  const match = /^((?:\\[\s\S]|[^\\=!])*)(==|!=|=)([\s\S]*)$/.exec(term);
  if (!match) throw badRequest(`invalid selector: '${selector}'; can't understand '${term}'`);
  const [, field = '', operator, value = ''] = match;
  return { field, operator: operator === '!=' ? '!=' : '=', value: unescapeValue(value) };
}

function unescapeValue(value: string): string {
  if (!/[\\=]/.test(value)) return value;
  let out = '';
  for (let i = 0; i < value.length; i++) {
    const char = value[i] ?? '';
    if (char === '=') throw badRequest(`invalid field selector: unescaped character in value: ${char.charCodeAt(0)}`);
    if (char !== '\\') {
      out += char;
      continue;
    }
    const next = value[++i] ?? '';
    if (!/^[\\,=]$/.test(next)) throw badRequest(`invalid field selector: invalid escape sequence: \\${next}`);
    out += next;
  }
  return out;
}

/** Reads one selectable field of an object. */
type FieldReader = (object: Source) => string;
/** An object as far as selectors look at it. */
type Source = Record<string, unknown> & { metadata?: { name?: string; namespace?: string } };

/** The text of the value at `path`; booleans and numbers as text, `zero` where there is none. */
function at(path: string, zero = ''): FieldReader {
  const keys = path.split('.');
  return (object) => {
    let value: unknown = object;
    for (const key of keys) value = typeof value === 'object' && value !== null ? Reflect.get(value, key) : undefined;
    return value === undefined || value === null ? zero : String(value);
  };
}

/** Fields beyond metadata.name and metadata.namespace: a path, or a path and the text of an unset value. */
const fieldsOf = (...paths: string[]): Record<string, FieldReader> => Object.fromEntries(paths.map((path) => [path, at(path)]));

const INVOLVED = ['kind', 'namespace', 'name', 'uid', 'apiVersion', 'resourceVersion', 'fieldPath'];

const CORE_EVENT: Record<string, FieldReader> = {
  ...fieldsOf(...INVOLVED.map((name) => `involvedObject.${name}`), 'reason', 'reportingComponent', 'type'),
  source: (object) => at('source.component')(object) || at('reportingComponent')(object),
};

const EVENT: Record<string, FieldReader> = fieldsOf(
  ...INVOLVED.map((name) => `regarding.${name}`),
  'reason',
  'reportingController',
  'type',
);

const POD: Record<string, FieldReader> = {
  ...fieldsOf('spec.nodeName', 'spec.restartPolicy', 'spec.schedulerName', 'spec.serviceAccountName'),
  'spec.hostNetwork': at('spec.hostNetwork', 'false'),
  ...fieldsOf('status.phase', 'status.podIP', 'status.nominatedNodeName'),
  // Known, but never filled in: selects by the empty value only.
  'status.podIPs': () => '',
};

/** Selectable fields by `resource.group`, beyond the two of every resource. */
const TABLE: Readonly<Record<string, Record<string, FieldReader>>> = {
  pods: POD,
  nodes: { 'spec.unschedulable': at('spec.unschedulable', 'false') },
  events: CORE_EVENT,
  'events.events.k8s.io': EVENT,
  secrets: fieldsOf('type'),
  namespaces: fieldsOf('status.phase'),
  services: fieldsOf('spec.clusterIP', 'spec.type'),
  replicationcontrollers: { 'status.replicas': at('status.replicas', '0') },
  'jobs.batch': { 'status.successful': at('status.succeeded', '0') },
  'certificatesigningrequests.certificates.k8s.io': fieldsOf('spec.signerName'),
  'resourceslices.resource.k8s.io': fieldsOf('spec.nodeName', 'spec.driver'),
};

/** The values a field selector of that resource can ask for, by field name. */
export function selectableFields(gvr: GroupVersionResource, object: object): Record<string, string> {
  const source = object as Source; // any API object; the readers check each step
  const { name = '', namespace } = source.metadata ?? {};
  const out: Record<string, string> = { 'metadata.name': name };
  if (namespace) out['metadata.namespace'] = namespace;
  for (const [field, read] of Object.entries(TABLE[groupResourceString(gvr)] ?? {})) out[field] = read(source);
  return out;
}

/** Without namespace, and selected by none: of other cluster-scoped resources the field is known, and empty. */
const NO_NAMESPACE_FIELD: ReadonlySet<string> = new Set([
  'namespaces',
  'nodes',
  'certificatesigningrequests.certificates.k8s.io',
  'resourceslices.resource.k8s.io',
]);

/** Old names that still work. */
const ALIASES: Readonly<Record<string, Record<string, string>>> = { pods: { 'spec.host': 'spec.nodeName' } };

const unknownField = (field: string): string =>
  `${JSON.stringify(field)} is not a known field selector: only "metadata.name", "metadata.namespace"`;

/** Groups have words of their own for a field that one of their kinds cannot be selected by. */
function unsupportedField(resource: string, field: string): string {
  if (resource === 'jobs.batch') return `field label ${JSON.stringify(field)} not supported for Job`;
  const kind = resource === 'resourceslices.resource.k8s.io' ? ' for resource.k8s.io/v1, Kind=ResourceSlice' : '';
  return `field label not supported${kind}: ${field}`;
}

/**
 * Checks that the resource knows the fields a selector names, and replaces old names.
 * `custom` lists the selectable fields of a custom resource (`spec.color`).
 * @throws StatusError BadRequest for a field the resource does not have
 */
export function checkedFieldSelector(gvr: GroupVersionResource, selector: FieldMatcher, custom: readonly string[] = []): FieldMatcher {
  const resource = groupResourceString(gvr);
  const known = TABLE[resource];
  const aliases = ALIASES[resource] ?? {};
  const requirements = selector.requirements.map((requirement) => {
    const field = Object.hasOwn(aliases, requirement.field) ? (aliases[requirement.field] ?? '') : requirement.field;
    const usual = field === 'metadata.name' || (field === 'metadata.namespace' && !NO_NAMESPACE_FIELD.has(resource));
    if (usual || custom.includes(field) || (known && Object.hasOwn(known, field))) return { ...requirement, field };
    throw badRequest(known ? unsupportedField(resource, requirement.field) : unknownField(requirement.field));
  });
  return matcher(requirements);
}
