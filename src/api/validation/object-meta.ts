// Validation of names, namespaces, labels, annotations, owner references and finalizers: what holds for the metadata of every object.
// Rules: https://kubernetes.io/docs/concepts/overview/working-with-objects/names/ and .../labels/; limits are those of the API.

import { shownValue } from '../quoted-text.ts';
import type { FieldError } from '../status-error.ts';
import type { ObjectMeta, OwnerReference } from '../types/meta-v1.gen.ts';

const DNS_LABEL = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?$/;
const DNS_SUBDOMAIN = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/;
const DNS_1035 = /^[a-z]([-a-z0-9]*[a-z0-9])?$/;
const QUALIFIED = /^([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]$/;
const LABEL_VALUE = /^(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?$/;

/** Most bytes of all annotations of an object together. */
const MAX_ANNOTATION_BYTES = 256 << 10;

/** Texts of what is wrong with a string; empty = nothing. */
export type StringCheck = (value: string) => string[];

/** Upstream counts the same bytes everywhere, but says so only of labels and qualified names. */
const tooLong = (limit: number): string => `must be no more than ${limit} characters`;
const tooManyBytes = (limit: number): string => `must be no more than ${limit} bytes`;
const patternText = (rule: string, pattern: string, ...examples: string[]): string =>
  `${rule} (e.g. ${examples.map((e) => `'${e}'`).join(',  or ')}, regex used for validation is '${pattern}')`;

const DNS_LABEL_TEXT = patternText(
  "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end with an alphanumeric character",
  '[a-z0-9]([-a-z0-9]*[a-z0-9])?',
  'my-name',
  '123-abc',
);

/** RFC 1123 label, at most 63 bytes. */
export const dnsLabel: StringCheck = (value) => {
  const faults = value.length > 63 ? [tooLong(63)] : [];
  if (DNS_LABEL.test(value)) return faults;
  return [...faults, DNS_SUBDOMAIN.test(value) ? 'must not contain dots' : DNS_LABEL_TEXT];
};

/** RFC 1123 subdomain, at most 253 bytes. */
export const dnsSubdomain: StringCheck = (value) => [
  ...(value.length > 253 ? [tooLong(253)] : []),
  ...(DNS_SUBDOMAIN.test(value)
    ? []
    : [
        patternText(
          "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character",
          '[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*',
          'example.com',
        ),
      ]),
];

/** RFC 1035 label, at most 63 bytes: names of Services. */
export const dns1035Label: StringCheck = (value) => [
  ...(value.length > 63 ? [tooLong(63)] : []),
  ...(DNS_1035.test(value)
    ? []
    : [
        patternText(
          "a DNS-1035 label must consist of lower case alphanumeric characters or '-', start with an alphabetic character, and end with an alphanumeric character",
          '[a-z]([-a-z0-9]*[a-z0-9])?',
          'my-name',
          'abc-123',
        ),
      ]),
];

/** A name that only has to fit in a path segment: RBAC objects and the like. */
export const pathSegment: StringCheck = (value) => {
  if (value === '.' || value === '..') return [`may not be '${value}'`];
  return ['/', '%'].filter((c) => value.includes(c)).map((c) => `may not contain '${c}'`);
};

const QUALIFIED_TEXT = patternText(
  "name part must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character",
  '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]',
  'MyName',
  'my.name',
  '123-abc',
);

/** A key such as `app` or `example.com/app`. */
export const qualifiedName: StringCheck = (value) => {
  const parts = value.split('/');
  if (parts.length > 2) {
    return [
      `a valid label key must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for validation is '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]') with an optional DNS subdomain prefix and '/' (e.g. 'example.com/MyName')`,
    ];
  }
  const name = parts.at(-1) ?? '';
  const prefix = parts.length === 2 ? (parts[0] ?? '') : undefined;
  return [
    ...(prefix === ''
      ? ['prefix part must be non-empty']
      : prefix === undefined
        ? []
        : dnsSubdomain(prefix).map((text) => `prefix part ${text === tooLong(253) ? tooManyBytes(253) : text}`)),
    ...(name === '' ? ['name part must be non-empty'] : name.length > 63 ? [`name part ${tooManyBytes(63)}`] : []),
    ...(QUALIFIED.test(name) ? [] : [QUALIFIED_TEXT]),
  ];
};

/** A label's value: empty, or at most 63 bytes. */
export const labelValue: StringCheck = (value) => [
  ...(value.length > 63 ? [tooManyBytes(63)] : []),
  ...(LABEL_VALUE.test(value)
    ? []
    : [
        patternText(
          "a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character",
          '(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?',
          'MyValue',
          'my_value',
          '12345',
        ),
      ]),
];

const LABEL_NAMES: ReadonlySet<string> = new Set(['namespaces', 'services', 'statefulsets.apps']);
const PATH_NAMES: ReadonlySet<string> = new Set([
  'apiservices.apiregistration.k8s.io',
  'certificatesigningrequests.certificates.k8s.io',
  'clusterrolebindings.rbac.authorization.k8s.io',
  'clusterroles.rbac.authorization.k8s.io',
  // Names of these are not validated, so only what holds for all holds for them.
  'ipaddresses.networking.k8s.io',
  'poddisruptionbudgets.policy',
  'rolebindings.rbac.authorization.k8s.io',
  'roles.rbac.authorization.k8s.io',
]);

/** How objects of a resource (`pods`, `roles.rbac.authorization.k8s.io`) may be named. */
export function nameCheck(groupResource: string): StringCheck {
  if (LABEL_NAMES.has(groupResource)) return dnsLabel;
  return PATH_NAMES.has(groupResource) ? pathSegment : dnsSubdomain;
}

const invalidValue = (field: string, value: unknown, text: string): FieldError => ({
  type: 'FieldValueInvalid',
  field,
  detail: `Invalid value: ${shownValue(value)}: ${text}`,
});
const required = (field: string, text: string): FieldError => ({
  type: 'FieldValueRequired',
  field,
  detail: `Required value${text === '' ? '' : `: ${text}`}`,
});
const forbiddenField = (field: string, text: string): FieldError => ({ type: 'FieldValueForbidden', field, detail: `Forbidden: ${text}` });

/** Validates labels at `path`. */
export function validateLabels(labels: Readonly<Record<string, string>>, path: string): FieldError[] {
  return Object.entries(labels).flatMap(([key, value]) => [
    ...qualifiedName(key).map((text) => invalidValue(path, key, text)),
    ...labelValue(value).map((text) => invalidValue(path, value, text)),
  ]);
}

/** Validates annotations at `path`. */
export function validateAnnotations(annotations: Readonly<Record<string, string>>, path: string): FieldError[] {
  let size = 0;
  const errors: FieldError[] = [];
  for (const [key, value] of Object.entries(annotations)) {
    errors.push(...qualifiedName(key.toLowerCase()).map((text) => invalidValue(path, key, text)));
    size += Buffer.byteLength(key) + Buffer.byteLength(value);
  }
  if (size > MAX_ANNOTATION_BYTES)
    errors.push({ type: 'FieldValueTooLong', field: path, detail: `Too long: may not be more than ${MAX_ANNOTATION_BYTES} bytes` });
  return errors;
}

/** The version in an `apiVersion`; `''` if there is none. */
function versionOf(apiVersion: string): string {
  const [first = '', second, ...more] = apiVersion.split('/');
  return more.length > 0 ? '' : (second ?? first);
}

/** Faults of an owner are told of the list and not of the item. */
function validateOwner(owner: OwnerReference, path: string): FieldError[] {
  const { apiVersion = '', kind } = owner;
  const errors = versionOf(apiVersion) === '' ? [invalidValue(`${path}.apiVersion`, apiVersion, 'version must not be empty')] : [];
  for (const field of ['kind', 'name', 'uid'] as const)
    if (!owner[field]) errors.push(invalidValue(`${path}.${field}`, owner[field] ?? '', 'must not be empty'));
  const banned = apiVersion === 'v1' && kind === 'Event';
  return banned ? [...errors, invalidValue(path, owner, '/v1, Kind=Event is disallowed from being an owner')] : errors;
}

function validateOwners(owners: readonly OwnerReference[], path: string): FieldError[] {
  const controller = owners.find((owner) => owner.controller === true);
  const name = ({ kind, name }: OwnerReference): string => `${kind}/${name}`;
  return owners.flatMap((owner) => {
    const errors = validateOwner(owner, path);
    if (!controller || owner === controller || owner.controller !== true) return errors;
    const found = `Found "true" in references for ${name(controller)} and ${name(owner)}`;
    return [...errors, invalidValue(path, owners, `Only one reference can have Controller set to true. ${found}`)];
  });
}

/** What of a resource matters to metadata. */
export interface MetaRules {
  readonly namespaced: boolean;
  readonly name: StringCheck;
  /** Of the server's own kinds, whose finalizers without a domain must be known ones. */
  readonly builtin?: boolean;
}

function validateName(meta: ObjectMeta, rules: MetaRules, path: string): FieldError[] {
  const { name = '', generateName = '' } = meta;
  // A hyphen at the end is the beginning of what is generated: upstream looks at the rest as if a letter stood for its last two characters.
  const prefix = generateName.length > 1 && generateName.endsWith('-') ? `${generateName.slice(0, -2)}a` : generateName;
  const errors = generateName === '' ? [] : rules.name(prefix).map((text) => invalidValue(`${path}.generateName`, generateName, text));
  if (name === '') return [...errors, required(`${path}.name`, 'name or generateName is required')];
  return [...errors, ...rules.name(name).map((text) => invalidValue(`${path}.name`, name, text))];
}

function validateNamespace(meta: ObjectMeta, rules: MetaRules, path: string): FieldError[] {
  const { namespace = '' } = meta;
  if (!rules.namespaced) return namespace === '' ? [] : [forbiddenField(`${path}.namespace`, 'not allowed on this type')];
  if (namespace === '') return [required(`${path}.namespace`, '')];
  return dnsLabel(namespace).map((text) => invalidValue(`${path}.namespace`, namespace, text));
}

/** Faults of an object's metadata; `path` is where it stands, e.g. `metadata`. */
export function validateObjectMeta(meta: ObjectMeta, rules: MetaRules, path = 'metadata'): FieldError[] {
  return [
    ...validateName(meta, rules, path),
    ...validateNamespace(meta, rules, path),
    ...(meta.generation !== undefined && meta.generation < 0
      ? [invalidValue(`${path}.generation`, meta.generation, 'must be greater than or equal to 0')]
      : []),
    ...validateLabels(meta.labels ?? {}, `${path}.labels`),
    ...validateAnnotations(meta.annotations ?? {}, `${path}.annotations`),
    ...validateOwners(meta.ownerReferences ?? [], `${path}.ownerReferences`),
    ...validateFinalizers(meta.finalizers ?? [], `${path}.finalizers`),
    ...(rules.builtin ? (meta.finalizers ?? []).flatMap((name, index) => standardFaults(`${path}.finalizers[${index}]`, name)) : []),
  ];
}

const STANDARD_FINALIZERS: ReadonlySet<string> = new Set(['kubernetes', 'orphan', 'foregroundDeletion']);

/** A finalizer without a domain is one the server knows. */
const standardFaults = (field: string, name: string): FieldError[] =>
  name.includes('/') || STANDARD_FINALIZERS.has(name)
    ? []
    : [invalidValue(field, name, 'name is neither a standard finalizer name nor is it fully qualified')];

/** The name of a finalizer of a namespace. */
export function checkFinalizer(field: string, name: string): FieldError[] {
  return [...qualifiedName(name).map((text) => invalidValue(field, name, text)), ...standardFaults(field, name)];
}

function validateFinalizers(finalizers: readonly string[], path: string): FieldError[] {
  const errors = finalizers.flatMap((name) => qualifiedName(name).map((text) => invalidValue(path, name, text)));
  const conflicting = finalizers.includes('orphan') && finalizers.includes('foregroundDeletion');
  if (conflicting) errors.push(invalidValue(path, finalizers, 'finalizer orphan and foregroundDeletion cannot be both set'));
  return errors;
}

const IMMUTABLE = ['name', 'namespace', 'uid', 'creationTimestamp', 'deletionTimestamp', 'deletionGracePeriodSeconds'] as const;

/** Faults of a change of metadata: fields that never change, and finalizers that may not be added to what is being deleted. */
export function validateObjectMetaUpdate(meta: ObjectMeta, old: ObjectMeta, path = 'metadata'): FieldError[] {
  const errors: FieldError[] = [];
  const added = [...new Set(meta.finalizers)].filter((name) => !old.finalizers?.includes(name)).sort();
  if (old.deletionTimestamp && added.length > 0) {
    const text = `no new finalizers can be added if the object is being deleted, found new finalizers []string{${added.map((f) => JSON.stringify(f)).join(', ')}}`;
    errors.push(forbiddenField(`${path}.finalizers`, text));
  }
  const changed = IMMUTABLE.filter((field) => meta[field] !== old[field]);
  return [...errors, ...changed.map((field) => invalidValue(`${path}.${field}`, meta[field] ?? null, 'field is immutable'))];
}
