import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Subject } from '../../../../src/api/types/rbac-v1.gen.ts';
import { authorizerUnion, mastersAuthorizer, pathAuthorizer } from '../../../../src/server/auth/authorizer-union.ts';
import { RbacAuthorizer } from '../../../../src/server/auth/rbac-authorizer.ts';
import { RbacIndex } from '../../../../src/server/auth/rbac-index.ts';

const rules = [{ verbs: ['get'], apiGroups: [''], resources: ['pods'] }];
const group: Subject = { kind: 'Group', name: 'dev' };
const account: Subject = { kind: 'ServiceAccount', name: 'bot', namespace: 'a' };
const ref = (kind: string, name: string) => ({ kind, name });

function setup() {
  const index = new RbacIndex();
  index.set('ClusterRole', { metadata: { name: 'reader' }, rules });
  index.set('Role', { metadata: { name: 'local', namespace: 'a' }, rules });
  return { index, authorizer: new RbacAuthorizer(index) };
}
const pods = (namespace: string, user: { name: string; groups?: string[] }) => ({
  user: { groups: [], ...user },
  verb: 'get',
  resource: { group: '', version: 'v1', resource: 'pods', subresource: '', namespace, name: 'x' },
});

describe('RbacAuthorizer', () => {
  it('allows by a cluster role binding everywhere and says by which', () => {
    const { index, authorizer } = setup();
    index.set('ClusterRoleBinding', { metadata: { name: 'b' }, subjects: [group], roleRef: ref('ClusterRole', 'reader') });
    const reason = 'RBAC: allowed by ClusterRoleBinding "b" of ClusterRole "reader" to Group "dev"';
    for (const namespace of ['a', 'b', '']) {
      assert.deepEqual(authorizer.authorize(pods(namespace, { name: 'u', groups: ['dev'] })), { decision: 'allow', reason });
    }
    assert.equal(authorizer.authorize(pods('a', { name: 'dev' })).decision, 'none');
  });
  it('allows by a role binding in its namespace only', () => {
    const { index, authorizer } = setup();
    const metadata = { name: 'b', namespace: 'a' };
    index.set('RoleBinding', { metadata, subjects: [account], roleRef: ref('Role', 'local') });
    const user = { name: 'system:serviceaccount:a:bot' };
    const reason = 'RBAC: allowed by RoleBinding "b/a" of Role "local" to ServiceAccount "bot/a"';
    assert.deepEqual(authorizer.authorize(pods('a', user)), { decision: 'allow', reason });
    for (const namespace of ['b', '']) assert.equal(authorizer.authorize(pods(namespace, user)).decision, 'none');
    assert.equal(authorizer.authorize(pods('a', { name: 'system:serviceaccount:b:bot' })).decision, 'none');
  });
  it('a role binding may refer to a cluster role, and leave out the namespace of a service account', () => {
    const { index, authorizer } = setup();
    const subjects = [{ kind: 'ServiceAccount', name: 'bot' }];
    index.set('RoleBinding', { metadata: { name: 'b', namespace: 'a' }, subjects, roleRef: ref('ClusterRole', 'reader') });
    assert.equal(authorizer.authorize(pods('a', { name: 'system:serviceaccount:a:bot' })).decision, 'allow');
  });
  it('names bound roles that are missing', () => {
    const { index, authorizer } = setup();
    index.set('ClusterRoleBinding', { metadata: { name: 'b' }, subjects: [group], roleRef: ref('ClusterRole', 'gone') });
    assert.deepEqual(authorizer.authorize(pods('a', { name: 'u', groups: ['dev'] })), {
      decision: 'none',
      reason: 'RBAC: clusterrole.rbac.authorization.k8s.io "gone" not found',
    });
  });
  it('follows changes and deletes of bindings and roles', () => {
    const { index, authorizer } = setup();
    const allowed = (name: string): boolean => authorizer.authorize(pods('a', { name })).decision === 'allow';
    const binding = (...names: string[]) => ({
      metadata: { name: 'b' },
      subjects: names.map((name) => ({ kind: 'User', name })),
      roleRef: ref('ClusterRole', 'reader'),
    });
    index.set('ClusterRoleBinding', binding('u', 'v'));
    index.set('ClusterRoleBinding', binding('v', 'w'));
    assert.deepEqual(['u', 'v', 'w'].map(allowed), [false, true, true]);
    index.set('ClusterRole', { metadata: { name: 'reader' }, rules: [] });
    assert.equal(allowed('v'), false);
    index.set('ClusterRole', { metadata: { name: 'reader' }, rules });
    index.delete('ClusterRoleBinding', { name: 'b' });
    assert.equal(allowed('v'), false);
  });
  it('rulesFor joins what cluster and namespace give', () => {
    const { index, authorizer } = setup();
    index.set('ClusterRoleBinding', { metadata: { name: 'b' }, subjects: [group], roleRef: ref('ClusterRole', 'reader') });
    index.set('RoleBinding', { metadata: { name: 'b', namespace: 'a' }, subjects: [group], roleRef: ref('Role', 'local') });
    index.set('RoleBinding', { metadata: { name: 'c', namespace: 'a' }, subjects: [group], roleRef: ref('Role', 'none') });
    const user = { name: 'u', groups: ['dev'] };
    assert.deepEqual(authorizer.rulesFor(user, 'a'), {
      rules: [...rules, ...rules],
      faults: ['role.rbac.authorization.k8s.io "none" not found'],
    });
    assert.deepEqual(authorizer.rulesFor(user, ''), { rules, faults: [] });
  });
});

describe('authorizerUnion', () => {
  const says = (decision: 'allow' | 'deny' | 'none', reason: string) => ({ authorize: () => ({ decision, reason }) });
  const ask = pods('a', { name: 'u' });
  it('takes the first opinion and else joins the reasons', () => {
    assert.equal(authorizerUnion([says('none', 'a'), says('deny', 'b'), says('allow', 'c')]).authorize(ask).reason, 'b');
    assert.deepEqual(authorizerUnion([says('none', 'a'), says('none', ''), says('none', 'b')]).authorize(ask), {
      decision: 'none',
      reason: 'a\nb',
    });
  });
  it('mastersAuthorizer and pathAuthorizer allow what they are for', () => {
    assert.equal(mastersAuthorizer.authorize(pods('a', { name: 'u', groups: ['system:masters'] })).decision, 'allow');
    assert.equal(mastersAuthorizer.authorize(ask).decision, 'none');
    const paths = pathAuthorizer(['/healthz']);
    const user = { name: 'u', groups: [] };
    assert.equal(paths.authorize({ user, verb: 'get', path: '/healthz' }).decision, 'allow');
    assert.equal(paths.authorize({ user, verb: 'post', path: '/healthz' }).decision, 'none');
    assert.equal(paths.authorize({ user, verb: 'get', path: '/healthz/x' }).decision, 'none');
  });
});
