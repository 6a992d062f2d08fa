// Authentication and authorization on a real API server over TLS: certificates, service accounts, RBAC, the Node authorizer.

import assert from 'node:assert/strict';
import { request as httpsRequest } from 'node:https';
import { after, before, describe, it } from 'node:test';
import { systemClock } from '../../src/base/clock.ts';
import { silentLogger } from '../../src/base/log.ts';
import { type CertifiedKey, createAuthority, fromPem, generateKey, issueCertificate, publicKeyOf } from '../../src/base/x509.ts';
import { parseCertificate } from '../../src/base/x509-parse.ts';
import { LocalClient } from '../../src/client/local-client.ts';
import { SharedInformerFactory } from '../../src/client/shared-informer.ts';
import { LOOPBACK_USER } from '../../src/server/auth/auth.ts';
import { clusterAuth } from '../../src/server/auth/cluster-auth.ts';
import { rbacBootstrapHook } from '../../src/server/auth/rbac-bootstrap.ts';
import { NodeBootstrapTokens } from '../../src/server/join/node-bootstrap-tokens.ts';
import { authorityProfile, leafProfile } from '../../src/server/pki/certificate-plan.ts';
import { startTestServer, type TestServer } from '../support/api-server.ts';

interface Answer {
  readonly code: number;
  readonly body: { readonly message?: string; readonly status?: Record<string, unknown>; readonly items?: unknown[] };
}
interface Caller {
  readonly cert?: string;
  readonly key?: string;
  readonly token?: string;
  readonly headers?: Readonly<Record<string, string | string[]>>;
}

const clientCa = createAuthority(authorityProfile('client-ca', Date.now()));
const proxyCa = createAuthority(authorityProfile('request-header-ca', Date.now()));
const key = generateKey();
function issued(authority: CertifiedKey, commonName: string, ...organizations: string[]): Caller {
  const profile = leafProfile(
    { subject: { commonName, organizations }, usages: ['client'] },
    parseCertificate(fromPem(authority.certificate)),
    Date.now(),
  );
  return { cert: issueCertificate(profile, publicKeyOf(key), authority), key };
}
const certificate = (commonName: string, ...organizations: string[]): Caller => issued(clientCa, commonName, ...organizations);
const ADMIN = certificate('admin', 'system:masters');
const NODE = certificate('system:node:n1', 'system:nodes');

const bootstrapTokens = new NodeBootstrapTokens({ clock: systemClock });

let test: TestServer;
let informers: SharedInformerFactory;
const auth = clusterAuth(
  {
    clientCa: clientCa.certificate,
    frontProxy: { authority: proxyCa.certificate, names: ['front'] },
    tokens: {
      issuer: 'https://kubernetes.default.svc.cluster.local',
      audiences: ['https://kubernetes.default.svc.cluster.local'],
      key: generateKey(),
    },
    authenticators: [bootstrapTokens],
  },
  { informers: () => informers, clock: systemClock, log: silentLogger },
);

function ask(caller: Caller, method: string, path: string, body?: object): Promise<Answer> {
  const { token, headers: more, ...tls } = caller;
  const headers = { ...more, ...(body && { 'content-type': 'application/json' }), ...(token && { authorization: `Bearer ${token}` }) };
  return new Promise((resolve, reject) => {
    const request = httpsRequest(`${test.url}${path}`, { method, headers, ca: test.ca, agent: false, ...tls }, (response) => {
      let text = '';
      response.on('data', (data) => {
        text += data;
      });
      response.on('end', () => resolve({ code: response.statusCode ?? 0, body: text.startsWith('{') ? JSON.parse(text) : {} }));
    });
    request.on('error', reject);
    request.end(body && Buffer.from(JSON.stringify(body))); // With a string node:http would write the headers as UTF-8, too.
  });
}

/** Asks until the caches have followed. */
async function until(expected: number, ...call: Parameters<typeof ask>): Promise<Answer> {
  for (let attempt = 0; ; attempt++) {
    const answer = await ask(...call);
    if (answer.code === expected || attempt === 100) return answer;
    await systemClock.sleep(20);
  }
}

const create = (path: string, body: object): Promise<Answer> => ask(ADMIN, 'POST', path, body);
const RBAC = '/apis/rbac.authorization.k8s.io/v1';
const roleRef = (kind: string, name: string) => ({ apiGroup: 'rbac.authorization.k8s.io', kind, name });

before(async () => {
  test = await startTestServer({
    authenticator: auth.authenticator,
    authorizer: auth.authorizer,
    rulesFor: auth.rulesFor,
    tokens: auth.tokens,
    audiences: auth.tokens.audiences,
    admission: [auth.grantAdmission],
  });
  informers = new SharedInformerFactory({
    client: new LocalClient(test.server.backend, LOOPBACK_USER),
    clock: systemClock,
    log: silentLogger,
  });
  await auth.caches.start();
});
after(async () => {
  await auth.caches.stop();
  await informers.stop();
  await test.stop();
});

describe('the API server with clusterAuth behind a front proxy', () => {
  const whoAmI = async (caller: Caller) => {
    const { code, body } = await ask(caller, 'POST', '/apis/authentication.k8s.io/v1/selfsubjectreviews', {
      apiVersion: 'authentication.k8s.io/v1',
      kind: 'SelfSubjectReview',
    });
    return { code, user: body.status?.['userInfo'] };
  };
  const FRONT = issued(proxyCa, 'front');

  it('takes the user from the headers of a proxy it believes', async () => {
    const name = Buffer.from('jané').toString('latin1'); // As UTF-8 goes over the wire.
    const headers = {
      'X-Remote-User': name,
      'X-Remote-Uid': '7',
      'X-Remote-Group': ['a, b', 'c'],
      'X-Remote-Extra-Example.com%2fTeam': 'x',
    };
    const { user } = await whoAmI({ ...FRONT, headers });
    assert.deepEqual(user, {
      username: 'jané',
      uid: '7',
      groups: ['a, b', 'c', 'system:authenticated'],
      extra: { 'example.com/team': ['x'] },
    });
  });

  it('believes no other certificate, no other name, and no proxy that names nobody', async () => {
    const headers = { 'X-Remote-User': 'jane', 'X-Remote-Group': 'system:masters' };
    assert.equal((await whoAmI({ ...issued(proxyCa, 'other'), headers })).code, 401);
    assert.equal((await whoAmI({ ...FRONT })).code, 401);
    const { user } = await whoAmI({ ...certificate('front'), headers });
    assert.deepEqual((user as { username: string; groups: string[] }).groups, ['system:authenticated']);
    assert.equal((await ask({ headers }, 'GET', '/api/v1/nodes')).code, 403);
  });
});

describe('the API server with clusterAuth', () => {
  it('lets an administrator in by certificate and refuses strangers', async () => {
    assert.equal((await ask(ADMIN, 'GET', '/api/v1/nodes')).code, 200);
    assert.equal((await ask({}, 'GET', '/api/v1/nodes')).code, 403);
    assert.equal((await ask({}, 'GET', '/healthz')).code, 200);
    const stranger = await ask(certificate('jane', 'dev'), 'GET', '/api/v1/nodes');
    assert.equal(
      stranger.body.message,
      'nodes is forbidden: User "jane" cannot list resource "nodes" in API group "" at the cluster scope',
    );
    assert.equal((await ask({ token: 'nonsense' }, 'GET', '/api')).code, 401);
  });

  it('has the bootstrap policy, once', async () => {
    const roles = await ask(ADMIN, 'GET', `${RBAC}/clusterroles`);
    const count = roles.body.items?.length ?? 0;
    assert.ok(count > 60, String(count));
    await rbacBootstrapHook.run({ backend: test.server.backend });
    const { revision } = test.store;
    await rbacBootstrapHook.run({ backend: test.server.backend });
    assert.equal(test.store.revision, revision, 'a second run writes nothing');
  });

  it('lets a service account in by token and do what a binding grants, until it is deleted', async () => {
    await create('/api/v1/namespaces/default/serviceaccounts', { metadata: { name: 'bot' } });
    const answer = await create('/api/v1/namespaces/default/serviceaccounts/bot/token', { spec: { expirationSeconds: 600 } });
    const bot = { token: String(answer.body.status?.['token']) };
    assert.equal((await until(403, bot, 'GET', '/api/v1/namespaces/default/configmaps')).code, 403);
    await create(`${RBAC}/namespaces/default/roles`, {
      metadata: { name: 'r' },
      rules: [{ verbs: ['list'], apiGroups: [''], resources: ['configmaps'] }],
    });
    const subjects = [{ kind: 'ServiceAccount', name: 'bot', namespace: 'default' }];
    await create(`${RBAC}/namespaces/default/rolebindings`, { metadata: { name: 'b' }, subjects, roleRef: roleRef('Role', 'r') });
    assert.equal((await until(200, bot, 'GET', '/api/v1/namespaces/default/configmaps')).code, 200);
    assert.equal((await ask(bot, 'GET', '/api/v1/namespaces/kube-system/configmaps')).code, 403);
    const rules = await ask(bot, 'POST', '/apis/authorization.k8s.io/v1/selfsubjectrulesreviews', { spec: { namespace: 'default' } });
    assert.ok(JSON.stringify(rules.body.status?.['resourceRules']).includes('configmaps'));
    await ask(ADMIN, 'DELETE', '/api/v1/namespaces/default/serviceaccounts/bot');
    assert.equal((await until(401, bot, 'GET', '/api/v1/namespaces/default/configmaps')).code, 401);
  });

  it('keeps an RBAC editor from granting more than it holds', async () => {
    await create('/api/v1/namespaces/default/serviceaccounts', { metadata: { name: 'editor' } });
    const editor = certificate('editor');
    const edit = { verbs: ['*'], apiGroups: ['rbac.authorization.k8s.io'], resources: ['roles', 'rolebindings'] };
    const subjects = [{ kind: 'User', apiGroup: 'rbac.authorization.k8s.io', name: 'editor' }];
    const own = [
      { ...edit, verbs: ['create', 'get', 'update'] },
      { verbs: ['get'], apiGroups: [''], resources: ['pods'] },
    ];
    await create(`${RBAC}/namespaces/default/roles`, { metadata: { name: 'editor' }, rules: own });
    await create(`${RBAC}/namespaces/default/rolebindings`, { metadata: { name: 'editor' }, subjects, roleRef: roleRef('Role', 'editor') });
    const pods = { verbs: ['get'], apiGroups: [''], resources: ['pods'] };
    const roles = `${RBAC}/namespaces/default/roles`;
    assert.equal((await until(201, editor, 'POST', roles, { metadata: { name: 'fine' }, rules: [pods] })).code, 201);
    const secrets = await ask(editor, 'POST', roles, { metadata: { name: 'bad' }, rules: [{ ...pods, resources: ['secrets'] }] });
    assert.equal(secrets.code, 403);
    assert.match(
      secrets.body.message ?? '',
      /roles.rbac.authorization.k8s.io "bad" is forbidden: user "editor" .* is attempting to grant RBAC permissions not currently held/,
    );
    const bindings = `${RBAC}/namespaces/default/rolebindings`;
    const bind = (name: string, kind: string, role: string) =>
      ask(editor, 'POST', bindings, { metadata: { name }, subjects, roleRef: roleRef(kind, role) });
    assert.equal((await bind('admin', 'ClusterRole', 'cluster-admin')).code, 403);
    assert.equal((await bind('gone', 'Role', 'gone')).code, 404);
    assert.equal((await bind('fine', 'Role', 'fine')).code, 201);
  });

  it('lets a node read only what its pods need', async () => {
    for (const name of ['needed', 'other']) await create('/api/v1/namespaces/default/secrets', { metadata: { name } });
    await create('/api/v1/namespaces/default/serviceaccounts', { metadata: { name: 'default' } });
    const spec = { nodeName: 'n1', containers: [{ name: 'c', image: 'x', envFrom: [{ secretRef: { name: 'needed' } }] }] };
    const pod = await create('/api/v1/namespaces/default/pods', { metadata: { name: 'p' }, spec });
    assert.equal(pod.code, 201, pod.body.message);
    assert.equal((await until(200, NODE, 'GET', '/api/v1/namespaces/default/secrets/needed')).code, 200);
    const refused = await ask(NODE, 'GET', '/api/v1/namespaces/default/secrets/other');
    assert.equal(refused.code, 403);
    assert.match(refused.body.message ?? '', /no relationship found between node 'n1' and this object/);
  });

  it('lets a joining node request certificates only', async () => {
    const joining = { token: bootstrapTokens.issue('n2') };
    assert.equal((await ask(joining, 'GET', '/apis/certificates.k8s.io/v1/certificatesigningrequests')).code, 200);
    assert.equal((await ask(joining, 'GET', '/api/v1/secrets')).code, 403);
  });
});
