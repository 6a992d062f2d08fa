import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { type AuditRule, auditDecision } from '../../../../src/server/audit/audit-policy.ts';
import { readAuditPolicy } from '../../../../src/server/audit/policy-validation.ts';
import type { AccessAttributes } from '../../../../src/server/auth/auth.ts';

const user = { name: 'jane', groups: ['devs', 'system:authenticated'] };
const pod = (more: Partial<NonNullable<AccessAttributes['resource']>> = {}, verb = 'get'): AccessAttributes => ({
  user,
  verb,
  resource: { group: '', version: 'v1', resource: 'pods', subresource: '', namespace: 'web', name: 'a', ...more },
});
const path = (text: string): AccessAttributes => ({ user, verb: 'get', path: text });
const matches = (rule: Omit<AuditRule, 'level'>, attributes: AccessAttributes): boolean =>
  auditDecision({ rules: [{ level: 'Metadata', ...rule }] }, attributes).level === 'Metadata';

describe('auditDecision', () => {
  const cases: [string, Omit<AuditRule, 'level'>, AccessAttributes, boolean][] = [
    ['a rule without conditions and a resource', {}, pod(), true],
    ['a rule without conditions and a path', {}, path('/version'), true],
    ['the user', { users: ['jane'] }, pod(), true],
    ['another user', { users: ['joe'] }, pod(), false],
    ['one of its groups', { userGroups: ['ops', 'devs'] }, pod(), true],
    ['none of its groups', { userGroups: ['ops'] }, pod(), false],
    ['the verb', { verbs: ['get'] }, pod(), true],
    ['another verb', { verbs: ['watch'] }, pod(), false],
    ['the namespace', { namespaces: ['web'] }, pod(), true],
    ['no namespace', { namespaces: [''] }, pod({ resource: 'nodes', namespace: '' }), true],
    ['a namespace and a path', { namespaces: ['web'] }, path('/version'), false],
    ['a group without resources', { resources: [{ group: '' }] }, pod(), true],
    ['another group', { resources: [{ group: 'apps' }] }, pod(), false],
    ['the resource', { resources: [{ resources: ['pods'] }] }, pod(), true],
    ['the resource and a sub-resource', { resources: [{ resources: ['pods'] }] }, pod({ subresource: 'log' }), false],
    ['the sub-resource', { resources: [{ resources: ['pods/log'] }] }, pod({ subresource: 'log' }), true],
    ['every resource', { resources: [{ resources: ['*'] }] }, pod({ subresource: 'log' }), true],
    ['the sub-resource of every resource', { resources: [{ resources: ['*/log'] }] }, pod({ subresource: 'log' }), true],
    ['every sub-resource of the resource', { resources: [{ resources: ['pods/*'] }] }, pod({ subresource: 'log' }), true],
    ['the resource itself by its sub-resources', { resources: [{ resources: ['pods/*'] }] }, pod(), true],
    ['the name', { resources: [{ resources: ['pods'], resourceNames: ['a'] }] }, pod(), true],
    ['another name', { resources: [{ resources: ['pods'], resourceNames: ['b'] }] }, pod(), false],
    ['a path', { nonResourceURLs: ['/healthz*'] }, path('/healthz/ping'), true],
    ['every path', { nonResourceURLs: ['*'] }, path('/version'), true],
    ['another path', { nonResourceURLs: ['/healthz'] }, path('/healthz/ping'), false],
    ['paths and a resource', { nonResourceURLs: ['*'] }, pod(), false],
  ];
  for (const [title, rule, attributes, expected] of cases) {
    it(`of ${title} ${expected ? 'matches' : 'does not match'}`, () => assert.equal(matches(rule, attributes), expected));
  }

  it('takes the first rule that matches, with the stages and the choice of the whole policy', () => {
    const policy = {
      omitStages: ['RequestReceived'],
      omitManagedFields: true,
      rules: [
        { level: 'None', users: ['joe'] },
        { level: 'Request', omitStages: ['Panic'], verbs: ['get'] },
        { level: 'Metadata', omitManagedFields: false },
      ],
    } as const;
    assert.deepEqual(auditDecision(policy, pod()), { level: 'Request', omitStages: ['RequestReceived', 'Panic'], omitManagedFields: true });
    assert.deepEqual(auditDecision(policy, pod({}, 'list')), {
      level: 'Metadata',
      omitStages: ['RequestReceived'],
      omitManagedFields: false,
    });
  });

  it('records nothing when no rule matches', () => {
    assert.equal(auditDecision({ rules: [{ level: 'Metadata', users: ['joe'] }] }, pod()).level, 'None');
  });
});

describe('readAuditPolicy', () => {
  const policy = (...rules: object[]) => ({ apiVersion: 'audit.k8s.io/v1', kind: 'Policy', rules });

  it('returns a policy as it stands', () => {
    const value = policy({ level: 'RequestResponse', resources: [{ group: 'apps', resources: ['deployments'] }] }, { level: 'None' });
    assert.deepEqual(readAuditPolicy(value), { policy: value });
  });

  for (const [title, value, fault] of [
    ['no object', [], 'it holds no object'],
    [
      'another version',
      { apiVersion: 'audit.k8s.io/v1beta1', kind: 'Policy' },
      'it holds Policy of audit.k8s.io/v1beta1, not a Policy of audit.k8s.io/v1',
    ],
    ['no rules', policy(), 'loaded illegal policy with 0 rules'],
    [
      'fields it does not know',
      { ...policy({ level: 'None', user: ['a'] }), more: 1 },
      'strict decoding error: unknown field "rules[0].user", unknown field "more"',
    ],
    [
      'values of another form',
      policy({ level: 'None', users: 'a', omitManagedFields: 'x' }),
      'strict decoding error: "rules[0].users" is no list, "rules[0].omitManagedFields" is no boolean',
    ],
    ['no level', policy({}), 'rules[0].level: Required value'],
    [
      'an unknown level',
      policy({ level: 'All' }),
      'rules[0].level: Unsupported value: "All": supported values: "None", "Metadata", "Request", "RequestResponse"',
    ],
    [
      'bad paths',
      policy({ level: 'None', nonResourceURLs: ['healthz', '/a*b'] }),
      `[rules[0].nonResourceURLs[0]: Invalid value: "healthz": non-resource URL rules must begin with a '/' character, rules[0].nonResourceURLs[1]: Invalid value: "/a*b": non-resource URL wildcards '*' must be the final character of the rule]`,
    ],
    [
      'names without resources',
      policy({ level: 'None', resources: [{ group: '', resourceNames: ['a'] }] }),
      'rules[0].resources.resourceNames: Invalid value: ["a"]: using resourceNames requires at least one resource',
    ],
    [
      'an unknown stage',
      policy({ level: 'None', omitStages: ['Later'] }),
      'rules[0].omitStages[0]: Invalid value: "Later": allowed stages are RequestReceived,ResponseStarted,ResponseComplete,Panic',
    ],
    [
      'resources and paths in one rule',
      policy({ level: 'None', namespaces: ['a'], nonResourceURLs: ['/x'] }),
      'rules[0].nonResourceURLs: Invalid value: ["/x"]: rules cannot apply to both regular resources and non-resource URLs',
    ],
  ] as const) {
    it(`says what is wrong with ${title}`, () => assert.deepEqual(readAuditPolicy(value), { fault }));
  }
});
