import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ObjectMeta } from '../../../../src/api/types/meta-v1.gen.ts';
import {
  dns1035Label,
  dnsLabel,
  dnsSubdomain,
  labelValue,
  nameCheck,
  pathSegment,
  qualifiedName,
  type StringCheck,
  validateObjectMeta,
  validateObjectMetaUpdate,
} from '../../../../src/api/validation/object-meta.ts';

const STRINGS: [title: string, check: StringCheck, good: string[], bad: string[]][] = [
  ['dnsLabel', dnsLabel, ['a', 'a-1', '1a', 'a'.repeat(63)], ['', 'A', '-a', 'a-', 'a.b', 'a_b', 'a'.repeat(64)]],
  ['dnsSubdomain', dnsSubdomain, ['a.b', 'a-1.b2', 'a'.repeat(253)], ['', '.a', 'a..b', 'a.-b', 'A', 'a'.repeat(254)]],
  ['dns1035Label', dns1035Label, ['a', 'a-1'], ['1a', '-a', 'a.b', 'A']],
  ['pathSegment', pathSegment, ['system:node', 'A b'], ['.', '..', 'a/b', 'a%b']],
  ['qualifiedName', qualifiedName, ['a', 'A_b.c', 'example.com/a'], ['', '/a', 'a/', 'a/b/c', 'EX.com/a', '-a', 'a'.repeat(64)]],
  ['labelValue', labelValue, ['', 'a', 'A_b.c-d', 'a'.repeat(63)], ['-a', 'a ', 'a'.repeat(64), 'a/b']],
];
for (const [title, check, good, bad] of STRINGS) {
  test(`${title} takes what is right and names what is wrong`, () => {
    for (const value of good) assert.deepEqual(check(value), [], value);
    for (const value of bad) assert.notDeepEqual(check(value), [], value);
  });
}

const RULES = { namespaced: true, name: nameCheck('pods') };
const META: ObjectMeta = { name: 'web', namespace: 'default' };
const owner = { apiVersion: 'v1', kind: 'Pod', name: 'x', uid: 'u' };

const FAULTS: [title: string, meta: ObjectMeta, field: string, detail: RegExp][] = [
  ['no name', { namespace: 'default' }, 'metadata.name', /^Required value: name or generateName is required$/],
  ['a bad name', { ...META, name: 'A' }, 'metadata.name', /^Invalid value: "A": a lowercase RFC 1123 subdomain must consist of/],
  ['a bad generateName', { ...META, generateName: 'AB-' }, 'metadata.generateName', /^Invalid value: "AB-"/],
  ['no namespace', { name: 'web' }, 'metadata.namespace', /^Required value$/],
  ['a bad label key', { ...META, labels: { 'a b': '' } }, 'metadata.labels', /^Invalid value: "a b": name part must consist of/],
  ['a bad label value', { ...META, labels: { a: 'b c' } }, 'metadata.labels', /^Invalid value: "b c": a valid label must be/],
  [
    'too many annotations',
    { ...META, annotations: { a: 'x'.repeat(256 << 10) } },
    'metadata.annotations',
    /^Too long: may not be more than 262144 bytes$/,
  ],
  [
    'an owner without uid',
    { ...META, ownerReferences: [{ ...owner, uid: '' }] },
    'metadata.ownerReferences.uid',
    /^Invalid value: "": must not be empty$/,
  ],
  [
    'an owner of no version',
    { ...META, ownerReferences: [{ ...owner, apiVersion: 'a/b/c' }] },
    'metadata.ownerReferences.apiVersion',
    /^Invalid value: "a\/b\/c": version must not be empty$/,
  ],
  [
    'an owner with a group alone',
    { ...META, ownerReferences: [{ ...owner, apiVersion: 'a/' }] },
    'metadata.ownerReferences.apiVersion',
    /version/,
  ],
  [
    'two controllers',
    {
      ...META,
      ownerReferences: [
        { ...owner, controller: true },
        { ...owner, uid: 'v', controller: true },
      ],
    },
    'metadata.ownerReferences',
    /Only one reference can have Controller set to true/,
  ],
  ['a bad finalizer', { ...META, finalizers: ['a b'] }, 'metadata.finalizers', /^Invalid value: "a b"/],
  ['two propagation finalizers', { ...META, finalizers: ['orphan', 'foregroundDeletion'] }, 'metadata.finalizers', /cannot be both set/],
];
for (const [title, meta, field, detail] of FAULTS) {
  test(`validateObjectMeta finds ${title}`, () => {
    const faults = validateObjectMeta(meta, RULES);
    assert.deepEqual(
      faults.map((fault) => fault.field),
      [field],
    );
    assert.match(faults[0]?.detail ?? '', detail);
  });
}

test('validateObjectMeta names each controller after the first', () => {
  const ownerReferences = ['a', 'b', 'c'].map((name) => ({ ...owner, name, controller: true }));
  const texts = validateObjectMeta({ ...META, ownerReferences }, RULES).map(({ detail }) => detail.replace(/.*Found/, 'Found'));
  assert.deepEqual(texts, ['Found "true" in references for Pod/a and Pod/b', 'Found "true" in references for Pod/a and Pod/c']);
});

test('validateObjectMeta looks at the whole of what names are generated from', () => {
  const faults = (generateName: string, name = nameCheck('namespaces')): string[] =>
    validateObjectMeta({ name: 'web', generateName }, { namespaced: false, name }).map(({ detail }) => detail);
  assert.deepEqual(faults('web-'), []);
  assert.deepEqual(faults('w_-'), []);
  assert.match(faults('-')[0] ?? '', /^Invalid value: "-": a lowercase RFC 1123 label/);
  assert.deepEqual(faults('w'.repeat(70)), [`Invalid value: "${'w'.repeat(70)}": must be no more than 63 characters`]);
});

test('validateObjectMeta forbids a namespace on cluster-scoped objects', () => {
  const faults = validateObjectMeta(META, { namespaced: false, name: nameCheck('nodes') });
  assert.deepEqual(faults, [{ type: 'FieldValueForbidden', field: 'metadata.namespace', detail: 'Forbidden: not allowed on this type' }]);
});

test('nameCheck: namespaces are labels, roles are path segments, the rest are subdomains', () => {
  assert.notDeepEqual(nameCheck('namespaces')('a.b'), []);
  assert.deepEqual(nameCheck('clusterroles.rbac.authorization.k8s.io')('system:node'), []);
  assert.deepEqual(nameCheck('configmaps')('a.b'), []);
});

test('validateObjectMetaUpdate holds what never changes, and finalizers of what is going', () => {
  const old: ObjectMeta = { ...META, uid: 'u', creationTimestamp: '2026-01-01T00:00:00Z' };
  assert.deepEqual(validateObjectMetaUpdate({ ...old, labels: { a: 'b' } }, old), []);
  assert.deepEqual(
    validateObjectMetaUpdate({ ...old, uid: 'v' }, old).map((fault) => fault.detail),
    ['Invalid value: "v": field is immutable'],
  );
  const going = { ...old, deletionTimestamp: '2026-01-01T00:00:00Z', finalizers: ['x/a'] };
  assert.deepEqual(validateObjectMetaUpdate({ ...going, finalizers: [] }, going), []);
  assert.match(
    validateObjectMetaUpdate({ ...going, finalizers: ['x/a', 'x/b'] }, going)[0]?.detail ?? '',
    /no new finalizers can be added/,
  );
  assert.deepEqual(
    validateObjectMetaUpdate({ ...going, uid: 'v', finalizers: ['x/c', 'x/a', 'x/b', 'x/c'] }, going).map(({ detail }) => detail),
    [
      'Forbidden: no new finalizers can be added if the object is being deleted, found new finalizers []string{"x/b", "x/c"}',
      'Invalid value: "v": field is immutable',
    ],
  );
});
