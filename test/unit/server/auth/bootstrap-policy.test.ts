import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { ClusterRole } from '../../../../src/api/types/rbac-v1.gen.ts';
import { aggregatedRules } from '../../../../src/server/auth/aggregated-roles.ts';
import { bootstrapPolicy, reconciledBinding, reconciledRole } from '../../../../src/server/auth/bootstrap-policy.ts';
import { RbacAuthorizer } from '../../../../src/server/auth/rbac-authorizer.ts';
import { RbacIndex } from '../../../../src/server/auth/rbac-index.ts';
import { covers } from '../../../../src/server/auth/rbac-rules.ts';

const policy = bootstrapPolicy();
const role = (name: string): ClusterRole => {
  const found = policy.clusterRoles.find((item) => item.metadata.name === name);
  assert.ok(found, name);
  return found;
};

/** The policy as a cluster has it, aggregation done to the end. */
function index(): RbacIndex {
  const out = new RbacIndex();
  for (const item of policy.clusterRoles) out.set('ClusterRole', item);
  for (const item of policy.clusterRoleBindings) out.set('ClusterRoleBinding', item);
  for (const item of policy.roles) out.set('Role', item);
  for (const item of policy.roleBindings) out.set('RoleBinding', item);
  for (let changed = true; changed; ) {
    changed = false;
    for (const item of [...out.clusterRoles()]) {
      const rules = aggregatedRules(item, out.clusterRoles());
      if (!rules) continue;
      out.set('ClusterRole', { ...item, rules });
      changed = true;
    }
  }
  return out;
}

describe('bootstrapPolicy', () => {
  const authorizer = new RbacAuthorizer(index());
  const can = (name: string, groups: string[], verb: string, what: string, namespace = 'ns'): boolean => {
    const user = { name, groups };
    if (what.startsWith('url:')) return authorizer.authorize({ user, verb, path: what.slice(4) }).decision === 'allow';
    const [group = '', resource = '', subresource = ''] = what.split('/');
    return (
      authorizer.authorize({ user, verb, resource: { group, version: 'v1', resource, subresource, namespace, name: 'x' } }).decision ===
      'allow'
    );
  };
  for (const [user, groups, verb, what, expected] of [
    ['admin', ['system:masters'], 'delete', '/nodes', true],
    ['anyone', ['system:authenticated'], 'get', 'url:/apis/apps', true],
    ['anyone', ['system:authenticated'], 'create', 'authorization.k8s.io/selfsubjectaccessreviews', true],
    ['anyone', ['system:authenticated'], 'get', '/pods', false],
    ['anyone', ['system:authenticated'], 'get', 'url:/metrics', false],
    ['system:anonymous', ['system:unauthenticated'], 'get', 'url:/version', true],
    ['system:anonymous', ['system:unauthenticated'], 'get', 'url:/healthz', true],
    ['system:anonymous', ['system:unauthenticated'], 'get', 'url:/apis', false],
    ['p', ['system:monitoring'], 'get', 'url:/metrics', true],
    ['system:kube-scheduler', [], 'create', '/pods/binding', true],
    ['system:kube-scheduler', [], 'patch', '/persistentvolumes', true],
    ['system:kube-proxy', [], 'watch', 'discovery.k8s.io/endpointslices', true],
    ['system:serviceaccount:kube-system:deployment-controller', [], 'create', 'apps/replicasets', true],
    ['system:serviceaccount:kube-system:deployment-controller', [], 'create', '/pods', false],
    ['system:serviceaccount:kube-system:namespace-controller', [], 'deletecollection', 'any.example/things', true],
    ['system:serviceaccount:default:x', ['system:serviceaccounts'], 'get', 'url:/openid/v1/jwks', true],
    ['system:bootstrap:kts', ['system:bootstrappers:kts'], 'create', 'certificates.k8s.io/certificatesigningrequests', true],
    ['system:node:n', ['system:nodes'], 'list', 'discovery.k8s.io/endpointslices', true],
    ['system:node:n', ['system:nodes'], 'get', '/secrets', false],
  ] as const) {
    it(`${user} in ${groups} ${expected ? 'may' : 'may not'} ${verb} ${what}`, () =>
      assert.equal(can(user, [...groups], verb, what), expected));
  }
  it('every binding refers to a role that is there', () => {
    const names = new Set(policy.clusterRoles.map((item) => item.metadata.name));
    for (const { roleRef } of policy.clusterRoleBindings) assert.ok(names.has(roleRef.name), roleRef.name);
    const local = new Set(policy.roles.map((item) => `${item.metadata.namespace}/${item.metadata.name}`));
    for (const { roleRef, metadata } of policy.roleBindings) assert.ok(local.has(`${metadata.namespace}/${roleRef.name}`), roleRef.name);
  });
  it('no name occurs twice and all are marked', () => {
    const all = [...policy.clusterRoles, ...policy.roles].map(({ metadata }) => metadata);
    assert.equal(new Set(all.map(({ namespace, name }) => `${namespace}/${name}`)).size, all.length);
    for (const { labels, annotations } of all) {
      assert.equal(labels?.['kubernetes.io/bootstrapping'], 'rbac-defaults');
      assert.equal(annotations?.['rbac.authorization.kubernetes.io/autoupdate'], 'true');
    }
  });
  it('admin covers edit covers view, and view shows no secrets', () => {
    const rules = (name: string) => [...index().clusterRoles()].find((item) => item.metadata.name === name)?.rules ?? [];
    assert.ok(covers(rules('admin'), rules('edit')) && covers(rules('edit'), rules('view')));
    assert.ok(!covers(rules('view'), [{ verbs: ['get'], apiGroups: [''], resources: ['secrets'] }]));
    assert.ok(!covers(rules('edit'), [{ verbs: ['create'], apiGroups: ['rbac.authorization.k8s.io'], resources: ['roles'] }]));
  });
});

describe('reconciledRole', () => {
  const wanted = role('system:basic-user');
  it('changes nothing that is as it should be, or more', () => {
    assert.equal(reconciledRole(wanted, wanted), undefined);
    assert.equal(reconciledRole(wanted, { ...wanted, rules: [{ verbs: ['*'], apiGroups: ['*'], resources: ['*'] }] }), undefined);
  });
  it('adds missing rules and keeps others', () => {
    const extra = { verbs: ['get'], apiGroups: ['x'], resources: ['y'] };
    const changed = reconciledRole(wanted, { ...wanted, rules: [extra] });
    assert.deepEqual(changed?.rules, [extra, ...(wanted.rules ?? [])]);
  });
  it('leaves alone what is annotated so', () => {
    const metadata = { ...wanted.metadata, annotations: { 'rbac.authorization.kubernetes.io/autoupdate': 'false' } };
    assert.equal(reconciledRole(wanted, { ...wanted, metadata, rules: [] }), undefined);
  });
  it('adds labels and missing selectors of aggregation', () => {
    const admin = role('admin');
    const found = {
      ...admin,
      metadata: { name: 'admin', labels: { mine: 'x' } },
      aggregationRule: { clusterRoleSelectors: [] },
      rules: wanted.rules ?? [],
    };
    const changed = reconciledRole(admin, found);
    assert.deepEqual(changed?.metadata.labels, { mine: 'x', 'kubernetes.io/bootstrapping': 'rbac-defaults' });
    assert.deepEqual(changed?.aggregationRule, admin.aggregationRule);
    assert.deepEqual(changed?.rules, wanted.rules);
  });
});

describe('reconciledBinding', () => {
  const wanted = policy.clusterRoleBindings.find((item) => item.metadata.name === 'system:public-info-viewer');
  assert.ok(wanted);
  it('adds missing subjects and keeps others', () => {
    const other = { kind: 'User', apiGroup: 'rbac.authorization.k8s.io', name: 'u' };
    const { update } = reconciledBinding(wanted, { ...wanted, subjects: [other] }) ?? {};
    assert.deepEqual(update?.subjects, [other, ...(wanted.subjects ?? [])]);
    assert.equal(reconciledBinding(wanted, wanted), undefined);
  });
  it('asks for a new binding when the role differs', () => {
    const found = { ...wanted, roleRef: { ...wanted.roleRef, name: 'other' } };
    assert.deepEqual(reconciledBinding(wanted, found), { recreate: wanted });
  });
});
