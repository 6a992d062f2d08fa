// Classification: precedence, subjects, resource and non-resource rules, distinguishers; with upstream's own objects.

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { MANDATORY_FLOW_CONTROL, SUGGESTED_FLOW_CONTROL } from '../../../../../src/api/flow-control-objects.ts';
import type { FlowSchema, PolicyRulesWithSubjects } from '../../../../../src/api/types/flowcontrol-v1.gen.ts';
import { distinguisherOf, matchingOrder, matchingSchema } from '../../../../../src/server/http/flow-control/flow-matching.ts';
import { parseRequestInfo } from '../../../../../src/server/http/request-info.ts';

const request = (method: string, path: string, name: string, ...groups: string[]) => ({
  user: { name, groups: [...groups, 'system:authenticated'] },
  info: parseRequestInfo(method, path, new URLSearchParams()),
});

const builtin = matchingOrder([...SUGGESTED_FLOW_CONTROL.schemas, ...MANDATORY_FLOW_CONTROL.schemas], () => true);
const account = (namespace: string) => [`system:serviceaccount:${namespace}:a`, 'system:serviceaccounts'] as const;

describe("matchingSchema with upstream's objects", () => {
  const cases: readonly [string, ReturnType<typeof request>, string][] = [
    ['an administrator', request('GET', '/api/v1/pods', 'admin', 'system:masters'), 'exempt'],
    ['a probe', request('GET', '/readyz', 'x'), 'probes'],
    ['another path', request('GET', '/version', 'x'), 'global-default'],
    [
      "a node's lease",
      request('PUT', '/apis/coordination.k8s.io/v1/namespaces/kube-node-lease/leases/n1', 'system:node:n1', 'system:nodes'),
      'system-node-high',
    ],
    ["a node's status", request('PATCH', '/api/v1/nodes/n1/status', 'system:node:n1', 'system:nodes'), 'system-node-high'],
    ["a node's pods", request('GET', '/api/v1/pods', 'system:node:n1', 'system:nodes'), 'system-nodes'],
    [
      'a leader of kube-system',
      request('PUT', '/apis/coordination.k8s.io/v1/namespaces/a/leases/l', ...account('kube-system')),
      'system-leader-election',
    ],
    [
      'the endpoints controller',
      request('PUT', '/api/v1/namespaces/a/endpoints/e', 'system:serviceaccount:kube-system:endpoint-controller', 'system:serviceaccounts'),
      'endpoint-controller',
    ],
    [
      'endpoints of another account',
      request('PUT', '/api/v1/namespaces/a/endpoints/e', ...account('kube-system')),
      'kube-system-service-accounts',
    ],
    ['an account of kube-system', request('GET', '/api/v1/namespaces/a/pods', ...account('kube-system')), 'kube-system-service-accounts'],
    ['another account', request('GET', '/api/v1/namespaces/a/pods', ...account('a')), 'service-accounts'],
    ['the scheduler', request('GET', '/api/v1/pods', 'system:kube-scheduler'), 'kube-scheduler'],
    ['a user', request('GET', '/api/v1/pods', 'eve'), 'global-default'],
  ];
  for (const [who, asked, schema] of cases)
    it(`takes ${who} for ${schema}`, () => assert.equal(matchingSchema(builtin, asked)?.metadata.name, schema));

  it('finds nothing for who is in no group', () => {
    assert.equal(matchingSchema(builtin, { ...request('GET', '/api', 'x'), user: { name: 'x', groups: [] } }), undefined);
  });
});

const schema = (rule: PolicyRulesWithSubjects, name = 's', matchingPrecedence = 1_000): FlowSchema => ({
  apiVersion: 'flowcontrol.apiserver.k8s.io/v1',
  kind: 'FlowSchema',
  metadata: { name },
  spec: { priorityLevelConfiguration: { name: 'l' }, matchingPrecedence, rules: [rule] },
  status: {},
});
const subjects = [{ kind: 'User', user: { name: '*' } }];

describe('matchingSchema', () => {
  const resource = (rule: object) =>
    schema({ subjects, resourceRules: [{ verbs: ['*'], apiGroups: ['*'], resources: ['*'], namespaces: ['*'], ...rule }] });
  const path = (...nonResourceURLs: string[]) => schema({ subjects, nonResourceRules: [{ verbs: ['get'], nonResourceURLs }] });
  const pod = request('GET', '/api/v1/namespaces/a/pods/p', 'eve');
  const cases: readonly [string, FlowSchema, ReturnType<typeof request>, boolean][] = [
    ['every resource in namespaces', resource({}), pod, true],
    ['another namespace', resource({ namespaces: ['b'] }), pod, false],
    ['another verb', resource({ verbs: ['list', 'watch'] }), pod, false],
    ['another group', resource({ apiGroups: ['apps'] }), pod, false],
    [
      'the resource without its sub-resource',
      resource({ resources: ['pods'] }),
      request('GET', '/api/v1/namespaces/a/pods/p/status', 'eve'),
      false,
    ],
    [
      'the sub-resource by name',
      resource({ resources: ['pods/status'] }),
      request('GET', '/api/v1/namespaces/a/pods/p/status', 'eve'),
      true,
    ],
    ['cluster scope without saying so', resource({}), request('GET', '/api/v1/nodes', 'eve'), false],
    ['cluster scope', resource({ clusterScope: true }), request('GET', '/api/v1/nodes', 'eve'), true],
    ['all namespaces at once without cluster scope', resource({}), request('GET', '/api/v1/pods', 'eve'), false],
    ['a path', path('/version'), request('GET', '/version', 'eve'), true],
    ['a longer path', path('/version'), request('GET', '/version/x', 'eve'), false],
    ['below a path', path('/debug/*'), request('GET', '/debug/x/y', 'eve'), true],
    ['beside a path', path('/debug/*'), request('GET', '/debugger', 'eve'), false],
    ['any path', path('*'), request('GET', '/x', 'eve'), true],
    ['another method', path('*'), request('POST', '/x', 'eve'), false],
    [
      'an account by name',
      schema({
        subjects: [{ kind: 'ServiceAccount', serviceAccount: { namespace: 'a', name: 'b' } }],
        nonResourceRules: [{ verbs: ['*'], nonResourceURLs: ['*'] }],
      }),
      request('GET', '/x', 'system:serviceaccount:a:b'),
      true,
    ],
    [
      'an account of a namespace that begins the same',
      schema({
        subjects: [{ kind: 'ServiceAccount', serviceAccount: { namespace: 'a', name: '*' } }],
        nonResourceRules: [{ verbs: ['*'], nonResourceURLs: ['*'] }],
      }),
      request('GET', '/x', 'system:serviceaccount:ab:b'),
      false,
    ],
  ];
  for (const [name, rule, asked, matches] of cases)
    it(`${matches ? 'matches' : 'does not match'} ${name}`, () => assert.equal(matchingSchema([rule], asked) !== undefined, matches));
});

describe('matchingOrder', () => {
  it('goes by precedence, then by name, and leaves out what has no level', () => {
    const rule = { subjects };
    const schemas = [schema(rule, 'c', 2), schema(rule, 'b', 1), schema(rule, 'a', 2)];
    assert.deepEqual(
      matchingOrder(schemas, () => true).map(({ metadata }) => metadata.name),
      ['b', 'a', 'c'],
    );
    assert.deepEqual(
      matchingOrder(schemas, () => false),
      [],
    );
  });
});

describe('distinguisherOf', () => {
  const asked = request('GET', '/api/v1/namespaces/a/pods', 'eve');
  const method = (type?: string): FlowSchema =>
    ({ ...builtin[0], spec: { ...builtin[0]?.spec, distinguisherMethod: type && { type } } }) as FlowSchema;
  for (const [type, expected] of [
    ['ByUser', 'eve'],
    ['ByNamespace', 'a'],
    [undefined, ''],
  ] as const) {
    it(`is ${JSON.stringify(expected)} for ${type}`, () => assert.equal(distinguisherOf(method(type), asked), expected));
  }
});
