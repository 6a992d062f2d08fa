import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { KubeObject } from '../../../../../src/api/object.ts';
import type { ParamRef } from '../../../../../src/api/types/admissionregistration-v1.gen.ts';
import { collectParams, type KindReader } from '../../../../../src/server/admission/policy/policy-params.ts';

const object = (kind: string, namespace: string, name: string, labels: Record<string, string> = {}): KubeObject => ({
  kind,
  metadata: { name, labels, ...(namespace && { namespace }) },
});
const OBJECTS = [
  object('Rules', 'shop', 'a', { x: 'y' }),
  object('Rules', 'shop', 'b'),
  object('Rules', 'other', 'a'),
  object('Wide', '', 'w'),
];
const reader: KindReader = {
  scopeOf: ({ kind }) => (kind === 'Rules' ? 'Namespaced' : kind === 'Wide' ? 'Cluster' : undefined),
  get: async ({ kind }, { namespace, name }) =>
    OBJECTS.find((o) => o.kind === kind && (o.metadata.namespace ?? '') === namespace && o.metadata.name === name),
  list: async ({ kind }, namespace) => OBJECTS.filter((o) => o.kind === kind && (namespace === '' || o.metadata.namespace === namespace)),
};

async function found(paramRef: ParamRef | undefined, { kind = 'Rules', namespace = 'shop' } = {}): Promise<(string | undefined)[]> {
  const params = await collectParams({ paramKind: { apiVersion: 'example.com/v1', kind }, paramRef, namespace }, reader);
  return params.map((param) => param && `${param.metadata.namespace ?? ''}/${param.metadata.name}`);
}

const CASES: readonly (readonly [
  what: string,
  ref: ParamRef | undefined,
  place: { kind?: string; namespace?: string },
  found: (string | undefined)[],
])[] = [
  ['one run without a reference', undefined, {}, [undefined]],
  ['the named object of the request’s namespace', { name: 'a' }, {}, ['shop/a']],
  ['the named object of the namespace it says', { name: 'a', namespace: 'other' }, {}, ['other/a']],
  ['all objects of an empty selector', { selector: {} }, {}, ['shop/a', 'shop/b']],
  ['the selected objects', { selector: { matchLabels: { x: 'y' } } }, {}, ['shop/a']],
  ['nothing where nothing is found and that is allowed', { name: 'none', parameterNotFoundAction: 'Allow' }, {}, []],
  ['cluster-scoped objects', { name: 'w' }, { kind: 'Wide' }, ['/w']],
];
for (const [what, ref, place, expected] of CASES) {
  test(`collectParams finds ${what}`, async () => assert.deepEqual(await found(ref, place), expected));
}

test('collectParams has one run without a kind of parameters, whatever the binding says', async () => {
  assert.deepEqual(await collectParams({ paramKind: undefined, paramRef: { name: 'a' }, namespace: '' }, reader), [undefined]);
});

const FAULTS: readonly (readonly [message: string, about: string, ref: ParamRef, place: { kind?: string; namespace?: string }])[] = [
  ["failed to find resource referenced by paramKind: 'example.com/v1, Kind=None'", 'policy', { name: 'a' }, { kind: 'None' }],
  [
    'no params found for policy binding with `Deny` parameterNotFoundAction',
    'binding',
    { name: 'none', parameterNotFoundAction: 'Deny' },
    {},
  ],
  [
    '"Equals" is not a valid label selector operator',
    'binding',
    { selector: { matchExpressions: [{ key: 'a', operator: 'Equals' }] } },
    {},
  ],
  ['cannot use namespaced paramRef in policy binding that matches cluster-scoped resources', 'binding', { name: 'a' }, { namespace: '' }],
  ['paramRef.namespace must not be provided for a cluster-scoped `paramKind`', 'binding', { name: 'w', namespace: 'x' }, { kind: 'Wide' }],
];
for (const [message, about, ref, place] of FAULTS) {
  test(`collectParams fails: ${message}`, async () => assert.rejects(found(ref, place), { message, about }));
}
