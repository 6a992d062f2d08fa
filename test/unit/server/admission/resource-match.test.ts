import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { KubeObject } from '../../../../src/api/object.ts';
import type { NamedRuleWithOperations } from '../../../../src/api/types/admissionregistration-v1.gen.ts';
import {
  compileMatch,
  isExempt,
  type MatchedRequest,
  type MatchSpec,
  matchRequest,
  requestNamespace,
} from '../../../../src/server/admission/resource-match.ts';

const POD = { group: '', version: 'v1', kind: 'Pod' };
const AUTOSCALER = { group: 'autoscaling', version: 'v1', kind: 'HorizontalPodAutoscaler' };

const RULE: NamedRuleWithOperations = { operations: ['CREATE'], apiGroups: [''], apiVersions: ['v1'], resources: ['pods'] };
const REQUEST: MatchedRequest = {
  operation: 'CREATE',
  resource: { group: '', version: 'v1', resource: 'pods' },
  kind: POD,
  subresource: '',
  namespace: 'shop',
  name: 'web',
  object: { metadata: { labels: { app: 'web' } } },
  oldObject: undefined,
  forms: { equivalents: [] },
};
const NAMESPACE = { metadata: { name: 'shop', labels: { tier: 'prod' } } };
const reader = { get: (_: unknown, { name }: { name: string }) => (name === 'shop' ? (NAMESPACE as never) : undefined) };

const match = (spec: Partial<MatchSpec>, request: Partial<MatchedRequest> = {}) =>
  matchRequest(compileMatch({ rules: [RULE], ...spec }), { ...REQUEST, ...request }, reader);

const RULES: { title: string; rule: NamedRuleWithOperations; request?: Partial<MatchedRequest>; matches: boolean }[] = [
  { title: 'names all', rule: RULE, matches: true },
  {
    title: 'is all wildcards',
    rule: { operations: ['*'], apiGroups: ['*'], apiVersions: ['*'], resources: ['*'], scope: '*' },
    matches: true,
  },
  { title: 'is of another operation', rule: { ...RULE, operations: ['UPDATE', 'DELETE'] }, matches: false },
  { title: 'is of another group', rule: { ...RULE, apiGroups: ['apps'] }, matches: false },
  { title: 'is of another version', rule: { ...RULE, apiVersions: ['v2'] }, matches: false },
  { title: 'names the resource without the sub-resource', rule: RULE, request: { subresource: 'exec' }, matches: false },
  { title: 'names the sub-resource', rule: { ...RULE, resources: ['pods/exec'] }, request: { subresource: 'exec' }, matches: true },
  {
    title: 'has a wildcard for the sub-resource',
    rule: { ...RULE, resources: ['pods/*'] },
    request: { subresource: 'exec' },
    matches: true,
  },
  { title: 'has a wildcard for the sub-resource, of the resource itself', rule: { ...RULE, resources: ['pods/*'] }, matches: true },
  { title: 'is any resource, of a sub-resource', rule: { ...RULE, resources: ['*'] }, request: { subresource: 'exec' }, matches: false },
  { title: 'is that sub-resource of any', rule: { ...RULE, resources: ['*/exec'] }, request: { subresource: 'exec' }, matches: true },
  { title: 'is namespaced, in a namespace', rule: { ...RULE, scope: 'Namespaced' }, matches: true },
  { title: 'is of the cluster, in a namespace', rule: { ...RULE, scope: 'Cluster' }, matches: false },
  { title: 'is of the cluster, without one', rule: { ...RULE, scope: 'Cluster' }, request: { namespace: '' }, matches: true },
  { title: 'names the object', rule: { ...RULE, resourceNames: ['web'] }, matches: true },
  { title: 'names another object', rule: { ...RULE, resourceNames: ['api'] }, matches: false },
];
for (const { title, rule, request, matches } of RULES) {
  test(`matchRequest ${matches ? 'takes' : 'passes over'} a request when its rule ${title}`, () => {
    assert.equal(match({ rules: [rule] }, request) !== undefined, matches);
  });
}

test('matchRequest takes everything without rules, and nothing that is excluded', () => {
  assert.deepEqual(match({ rules: undefined }), { resource: REQUEST.resource, kind: POD });
  assert.equal(match({ rules: undefined, excludeRules: [RULE] }), undefined);
  assert.equal(match({ rules: [] }), undefined);
});

test('matchRequest finds the resource under another version, unless the policy is Exact', () => {
  const request = {
    resource: { group: 'autoscaling', version: 'v2', resource: 'horizontalpodautoscalers' },
    kind: { ...AUTOSCALER, version: 'v2' },
    forms: {
      equivalents: [{ resource: { group: 'autoscaling', version: 'v1', resource: 'horizontalpodautoscalers' }, kind: AUTOSCALER }],
    },
  };
  const rules = [{ ...RULE, apiGroups: ['autoscaling'], resources: ['horizontalpodautoscalers'] }];
  assert.deepEqual(match({ rules }, request), request.forms.equivalents[0]);
  assert.equal(match({ rules, matchPolicy: 'Exact' }, request), undefined);
  const both = [...rules, { ...RULE, apiGroups: ['autoscaling'], apiVersions: ['v2'], resources: ['horizontalpodautoscalers'] }];
  assert.deepEqual(match({ rules: both }, request), { resource: request.resource, kind: request.kind });
});

test('matchRequest selects objects by the labels they have or had', () => {
  const objectSelector = { matchLabels: { app: 'web' } };
  const other: KubeObject = { metadata: { labels: { app: 'api' } } };
  assert.ok(match({ objectSelector }));
  assert.ok(match({ objectSelector }, { object: other, oldObject: REQUEST.object }));
  assert.equal(match({ objectSelector }, { object: other }), undefined);
  assert.equal(match({ objectSelector }, { object: undefined }), undefined);
});

test('matchRequest selects namespaces, and lets what is in none through', () => {
  const namespaceSelector = { matchLabels: { tier: 'prod' } };
  assert.ok(match({ namespaceSelector }));
  assert.equal(match({ namespaceSelector: { matchLabels: { tier: 'test' } } }), undefined);
  assert.ok(match({ namespaceSelector: { matchLabels: { tier: 'test' } } }, { namespace: '' }));
  assert.throws(() => match({ namespaceSelector }, { namespace: 'gone' }), { code: 404, message: 'namespaces "gone" not found' });
  assert.equal(match({ namespaceSelector }, { namespace: 'gone', operation: 'UPDATE' }), undefined);
});

test('matchRequest holds a namespace against the labels it is to have', () => {
  const rules = [{ operations: ['*'], apiGroups: [''], apiVersions: ['v1'], resources: ['namespaces'], scope: 'Cluster' }];
  const namespaceSelector = { matchLabels: { tier: 'prod' } };
  const about = { resource: { group: '', version: 'v1', resource: 'namespaces' }, namespace: '', name: 'shop' };
  assert.equal(match({ rules, namespaceSelector }, { ...about, object: { metadata: { labels: { tier: 'test' } } } }), undefined);
  assert.ok(match({ rules, namespaceSelector }, { ...about, operation: 'DELETE', object: undefined }));
  assert.equal(requestNamespace({ ...REQUEST, ...about }), 'shop');
});

test('isExempt spares the configuration of admission alone', () => {
  const group = 'admissionregistration.k8s.io';
  assert.ok(isExempt({ kind: { group, version: 'v1', kind: 'ValidatingWebhookConfiguration' } }));
  assert.ok(isExempt({ kind: { group, version: 'v1', kind: 'MutatingAdmissionPolicyBinding' } }));
  assert.ok(!isExempt({ kind: POD }));
});

test('matchRequest of a selector that cannot be read refuses what the rules are about, or lets it by, as the failure policy says', () => {
  const bad = { matchExpressions: [{ key: 'a', operator: '' }] };
  for (const spec of [{ namespaceSelector: bad }, { objectSelector: bad }]) {
    assert.throws(() => match({ ...spec, failurePolicy: 'Fail' }), /Internal error occurred: "" is not a valid label selector operator/);
    assert.equal(match({ ...spec, failurePolicy: 'Ignore' }), undefined);
    assert.equal(match({ ...spec, failurePolicy: 'Fail', rules: [{ ...RULE, resources: ['secrets'] }] }), undefined);
  }
});
