// Authentication and authorization on a real API server over TLS: certificates, service accounts, RBAC, the Node authorizer.

import assert from 'node:assert/strict';
import { request as httpsRequest } from 'node:https';
import { after, before, describe, it } from 'node:test';
import { createLocalJWKSet, type JSONWebKeySet, jwtVerify } from 'jose';
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
  { informers: () => informers, client: () => new LocalClient(test.server.backend, LOOPBACK_USER), clock: systemClock, log: silentLogger },
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
    // Credentials of a kind that nobody looks at are none; a token that nobody knows is refused.
    for (const authorization of ['Basic eDp5', 'Bearer']) {
      const anonymous = await ask({ headers: { authorization } }, 'GET', '/api/v1/nodes');
      assert.deepEqual([anonymous.code, /User "system:anonymous" cannot list/.test(String(anonymous.body.message))], [403, true]);
    }
    assert.equal((await ask({ token: 'unknown' }, 'GET', '/api/v1/nodes')).code, 401);
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

const REVIEWS = '/apis/authorization.k8s.io/v1';
const ISSUER = 'https://kubernetes.default.svc.cluster.local';

describe('reviews of the API server with clusterAuth', () => {
  const tokenOf = async (name: string, spec: object = {}): Promise<string> => {
    await create('/api/v1/namespaces/default/serviceaccounts', { metadata: { name } });
    const made = await create(`/api/v1/namespaces/default/serviceaccounts/${name}/token`, { spec });
    await until(403, { token: String(made.body.status?.['token']) }, 'GET', '/api/v1/secrets');
    return String(made.body.status?.['token']);
  };
  const reviewed = async (spec: object) => (await create('/apis/authentication.k8s.io/v1/tokenreviews', { spec })).body.status;

  it('tell of a token whose it is and for which of the audiences asked for', async () => {
    const token = await tokenOf('reviewed');
    const plain = await reviewed({ token });
    assert.equal(plain?.['authenticated'], true);
    assert.equal(Reflect.get(Object(plain?.['user']), 'username'), 'system:serviceaccount:default:reviewed');
    assert.deepEqual(plain?.['audiences'], [ISSUER]);
    assert.deepEqual((await reviewed({ token, audiences: [ISSUER, 'vault'] }))?.['audiences'], [ISSUER]);
    const other = await reviewed({ token, audiences: ['vault'] });
    assert.equal(other?.['authenticated'], undefined);
    assert.match(String(other?.['error']), /^token audiences \["https:.*"\] is invalid for the target audiences \["vault"\]$/);
  });

  it('tell of a token of another kind that it is for the API', async () => {
    const token = bootstrapTokens.issue('n3');
    assert.deepEqual((await reviewed({ token }))?.['audiences'], [ISSUER]);
    assert.equal((await reviewed({ token, audiences: ['vault'] }))?.['authenticated'], undefined);
  });

  it('hold selectors against what a node may list', async () => {
    const asked = async (fieldSelector: object) => {
      const resourceAttributes = { verb: 'list', group: 'resource.k8s.io', resource: 'resourceslices', fieldSelector };
      const spec = { user: 'system:node:n1', groups: ['system:nodes'], resourceAttributes };
      return (await create(`${REVIEWS}/subjectaccessreviews`, { spec })).body.status;
    };
    assert.equal((await asked({ requirements: [{ key: 'spec.nodeName', operator: 'In', values: ['n1'] }] }))?.['allowed'], true);
    assert.equal((await asked({ rawSelector: 'spec.nodeName=n1' }))?.['allowed'], true);
    assert.deepEqual(await asked({ rawSelector: 'spec.nodeName=n2' }), {
      allowed: false,
      reason: 'can only list/watch/deletecollection resourceslices with spec.nodeName field selector',
    });
    const unclear = await asked({ rawSelector: '???' });
    assert.deepEqual(
      [unclear?.['allowed'], unclear?.['evaluationError']],
      [false, 'spec.resourceAttributes.fieldSelector ignored due to parse error'],
    );
  });

  it('answer in a namespace for that namespace alone', async () => {
    const path = `${REVIEWS}/namespaces/default/localsubjectaccessreviews`;
    const spec = { user: 'jane', resourceAttributes: { verb: 'get', resource: 'pods', namespace: 'default' } };
    assert.equal((await create(path, { spec })).body.status?.['allowed'], false);
    const other = await create(path, { spec: { ...spec, resourceAttributes: { ...spec.resourceAttributes, namespace: 'other' } } });
    assert.equal(other.code, 422);
    assert.match(other.body.message ?? '', /spec\.resourceAttributes\.namespace: Invalid value: "other": must match metadata\.namespace/);
    assert.equal((await create(path, { metadata: { namespace: 'other' }, spec })).code, 400);
  });

  it('list the rules of the user, and say of a node that they are not all', async () => {
    const rules = async (caller: Caller) =>
      (await ask(caller, 'POST', `${REVIEWS}/selfsubjectrulesreviews`, { spec: { namespace: 'default' } })).body.status;
    const jane = await rules(certificate('jane'));
    assert.equal(jane?.['incomplete'], false);
    assert.ok(JSON.stringify(jane?.['nonResourceRules']).includes('/version'));
    const node = await rules(NODE);
    assert.deepEqual([node?.['incomplete'], node?.['evaluationError']], [true, 'node authorizer does not support user rule resolution']);
  });

  it('know the user that is impersonated, with uid and extra', async () => {
    const headers = {
      'Impersonate-User': 'jane',
      'Impersonate-Uid': '7',
      'Impersonate-Group': ['a, b', 'c'],
      'Impersonate-Extra-example.com%2Fteam': ['x', 'y'],
    };
    const self = await ask({ ...ADMIN, headers }, 'POST', '/apis/authentication.k8s.io/v1/selfsubjectreviews', {});
    assert.deepEqual(self.body.status?.['userInfo'], {
      username: 'jane',
      uid: '7',
      groups: ['a, b', 'c', 'system:authenticated'],
      extra: { 'example.com/team': ['x', 'y'] },
    });
    const refused = await ask({ ...certificate('jane'), headers: { 'Impersonate-User': 'joe' } }, 'GET', '/api/v1/pods');
    assert.equal(refused.code, 403);
    assert.equal(
      refused.body.message,
      'users "joe" is forbidden: User "jane" cannot impersonate resource "users" in API group "" at the cluster scope',
    );
  });
});

describe('the issuer of service account tokens', () => {
  it('publishes what jose needs to verify them', async () => {
    await create('/api/v1/namespaces/default/serviceaccounts', { metadata: { name: 'published' } });
    const made = await create('/api/v1/namespaces/default/serviceaccounts/published/token', { spec: { audiences: ['vault'] } });
    const reader = await create('/api/v1/namespaces/default/serviceaccounts/published/token', { spec: {} });
    const account = { token: String(reader.body.status?.['token']) };
    const discovery = await until(200, account, 'GET', '/.well-known/openid-configuration');
    const document = discovery.body as unknown as { issuer: string; jwks_uri: string; id_token_signing_alg_values_supported: string[] };
    assert.equal(document.issuer, ISSUER);
    assert.deepEqual(document.id_token_signing_alg_values_supported, ['ES256']);
    const keys = await ask(account, 'GET', new URL(document.jwks_uri).pathname);
    const keySet = createLocalJWKSet(keys.body as unknown as JSONWebKeySet);
    const token = String(made.body.status?.['token']);
    const { payload, protectedHeader } = await jwtVerify(token, keySet, { issuer: document.issuer, audience: 'vault' });
    assert.equal(payload.sub, 'system:serviceaccount:default:published');
    assert.ok(protectedHeader.kid);
    await assert.rejects(jwtVerify(token, keySet, { issuer: document.issuer, audience: 'other' }));
    assert.equal((await ask({}, 'GET', '/.well-known/openid-configuration')).code, 403, 'nobody reads it without a token');
  });
});
