// The conformance suite's sig-auth tests that need no node, on a real API server with the cluster's authentication, RBAC and controllers.
// What pods see of their tokens is tested where pods run.

import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { createLocalJWKSet, jwtVerify } from 'jose';
import { systemClock } from '../../src/base/clock.ts';
import { type Component, startAll, stopAll } from '../../src/base/component.ts';
import { silentLogger } from '../../src/base/log.ts';
import { createAuthority, createRequest, fromPem, generateKey, issueCertificate, publicKeyOf } from '../../src/base/x509.ts';
import { parseCertificate } from '../../src/base/x509-parse.ts';
import { Http2Transport } from '../../src/client/http2-transport.ts';
import { LocalClient } from '../../src/client/local-client.ts';
import { SharedInformerFactory } from '../../src/client/shared-informer.ts';
import { serviceAccountAdmission } from '../../src/server/admission/service-account.ts';
import { LOOPBACK_USER } from '../../src/server/auth/auth.ts';
import { clusterAuth } from '../../src/server/auth/cluster-auth.ts';
import { rootCaController } from '../../src/server/controllers/root-ca.ts';
import { serviceAccountController } from '../../src/server/controllers/service-account.ts';
import { serviceAccountTokenController } from '../../src/server/controllers/service-account-token.ts';
import { tokenCleanerController } from '../../src/server/controllers/token-cleaner.ts';
import { authorityProfile, leafProfile } from '../../src/server/pki/certificate-plan.ts';
import { registryReader } from '../../src/server/registry/registry-reader.ts';
import { MemoryStore } from '../../src/server/store/memory-store.ts';
import { startTestServer, type TestServer } from '../support/api-server.ts';
import { MemoryJournal } from '../support/memory-journal.ts';

/** What the server answered: tests look at members. */
interface Body {
  readonly kind?: string;
  readonly metadata?: Record<string, never>;
  readonly [name: string]: unknown;
}

interface Ask {
  readonly method?: string;
  readonly body?: object;
  readonly token?: string;
  readonly type?: string;
}

const ISSUER = 'https://kubernetes.default.svc.cluster.local';
const clientCa = createAuthority(authorityProfile('client-ca', Date.now()));
const proxyCa = createAuthority(authorityProfile('request-header-ca', Date.now()));
const key = generateKey();
const adminProfile = leafProfile(
  { subject: { commonName: 'admin', organizations: ['system:masters'] }, usages: ['client'] },
  parseCertificate(fromPem(clientCa.certificate)),
  Date.now(),
);
const admin = { cert: issueCertificate(adminProfile, publicKeyOf(key), clientCa), key };
const journal = new MemoryJournal();
const store = new MemoryStore({ content: journal.content() }, { journal, clock: systemClock, log: silentLogger });

let server: TestServer;
let parts: readonly Component[];
let informers: SharedInformerFactory;
let transports: { admin: Http2Transport; other: Http2Transport };
const auth = clusterAuth(
  {
    clientCa: clientCa.certificate,
    frontProxy: { authority: proxyCa.certificate, names: [] },
    tokens: { issuer: ISSUER, audiences: [ISSUER], key: generateKey() },
  },
  {
    informers: () => informers,
    client: () => new LocalClient(server.server.backend, LOOPBACK_USER),
    clock: systemClock,
    log: silentLogger,
  },
);

/** One request, as administrator or with a token. */
async function ask(
  path: string,
  { method = 'GET', body, token, type = 'application/json' }: Ask = {},
): Promise<{ code: number; body: Body }> {
  const headers = { 'content-type': type, ...(token !== undefined && { authorization: `Bearer ${token}` }) };
  const transport = token === undefined ? transports.admin : transports.other;
  const response = await transport.request({ method, path, headers, ...(body && { body: JSON.stringify(body) }) });
  const chunks: Buffer[] = [];
  for await (const chunk of response.body) chunks.push(chunk);
  return { code: response.status, body: JSON.parse(Buffer.concat(chunks).toString()) };
}

async function until<T>(probe: () => Promise<T | undefined>): Promise<T> {
  for (let i = 0; i < 300; i++) {
    const found = await probe();
    if (found !== undefined) return found;
    await systemClock.sleep(10);
  }
  assert.fail('it did not come');
}

const there = (path: string): Promise<Body> => until(async () => ask(path).then(({ code, body }) => (code === 200 ? body : undefined)));
const merge = (path: string, body: object) => ask(path, { method: 'PATCH', body, type: 'application/merge-patch+json' });

before(async () => {
  server = await startTestServer({
    store,
    authenticator: auth.authenticator,
    authorizer: auth.authorizer,
    rulesFor: auth.rulesFor,
    tokens: auth.tokens,
    audiences: auth.tokens.audiences,
    admission: [serviceAccountAdmission(registryReader(store)), auth.grantAdmission],
  });
  const client = new LocalClient(server.server.backend, LOOPBACK_USER);
  informers = new SharedInformerFactory({ client, clock: systemClock, log: silentLogger });
  const deps = {
    client,
    informers,
    clock: systemClock,
    log: silentLogger,
    recorder: () => ({ event() {} }),
    resources: () => server.server.catalog.infos(),
    extensions: () => ({ resources: [], unreachable: [] }),
    onResourcesChange: (listener: () => void) => server.server.catalog.onChange(listener),
    rootCa: 'CA',
    clusterCidrs: [],
    issueSecretToken: (subject: Parameters<typeof auth.tokens.issueForSecret>[0]) => auth.tokens.issueForSecret(subject),
  };
  const controllers = [serviceAccountController, serviceAccountTokenController, rootCaController, tokenCleanerController];
  parts = [auth.caches, ...controllers.map((make) => make(deps))];
  await startAll(parts);
  transports = {
    admin: new Http2Transport({ server: server.url, tls: () => ({ ca: server.ca, ...admin }) }, { clock: systemClock }),
    other: new Http2Transport({ server: server.url, tls: () => ({ ca: server.ca }) }, { clock: systemClock }),
  };
  await ask('/api/v1/namespaces', { method: 'POST', body: { metadata: { name: 'e2e' } } });
  await there('/api/v1/namespaces/e2e/serviceaccounts/default');
});
after(async () => {
  await stopAll(parts);
  await informers.stop();
  await Promise.all([transports.admin.close(), transports.other.close()]);
  await server.stop();
});

async function accountToken(name: string, spec: object = {}): Promise<{ code: number; token: string; body: Body }> {
  const path = `/api/v1/namespaces/e2e/serviceaccounts/${name}/token`;
  const { code, body } = await ask(path, { method: 'POST', body: { apiVersion: 'authentication.k8s.io/v1', kind: 'TokenRequest', spec } });
  return { code, token: (body['status'] as { token?: string } | undefined)?.token ?? '', body };
}

describe('[sig-auth] Certificates API', () => {
  const path = '/apis/certificates.k8s.io/v1/certificatesigningrequests';
  const signerName = 'example.com/e2e-test';
  const request = Buffer.from(createRequest({ commonName: 'e2e', organizations: [] }, { dns: [], ips: [] }, key)).toString('base64');
  const body = {
    metadata: { generateName: 'e2e-', labels: { test: 'csr' } },
    spec: { request, signerName, usages: ['digital signature', 'key encipherment', 'server auth'], expirationSeconds: 3600 },
  };
  const create = async (): Promise<string> => {
    const answer = await ask(path, { method: 'POST', body });
    assert.equal(answer.code, 201, JSON.stringify(answer.body));
    return (answer.body.metadata as { name?: string } | undefined)?.name ?? '';
  };

  it('supports CSR API operations', async () => {
    const names = [await create(), await create(), await create()];
    const [name = ''] = names;
    const found = await ask(`${path}/${name}`);
    const { spec } = found.body as unknown as { spec: { username: string; groups: string[] } };
    assert.deepEqual([spec.username, spec.groups.includes('system:masters')], ['admin', true]);
    assert.equal(
      (
        (await ask(`${path}?labelSelector=test%3Dcsr&fieldSelector=spec.signerName%3D${encodeURIComponent(signerName)}`)).body[
          'items'
        ] as unknown[]
      ).length,
      3,
    );
    assert.equal((await merge(`${path}/${name}`, { metadata: { annotations: { patched: 'true' } } })).code, 200);

    const approval = (await ask(`${path}/${name}/approval`)).body;
    const conditions = [{ type: 'Approved', status: 'True', reason: 'E2E', message: 'Set from an e2e test' }];
    const approved = await ask(`${path}/${name}/approval`, { method: 'PUT', body: { ...approval, status: { conditions } } });
    assert.deepEqual([approved.code, (approved.body['status'] as { conditions: object[] }).conditions.length], [200, 1]);
    const patched = await merge(`${path}/${name}/approval`, { metadata: { annotations: { patchedapproval: 'true' } } });
    assert.equal((patched.body.metadata as unknown as { annotations: Record<string, string> }).annotations['patchedapproval'], 'true');

    const certificate = Buffer.from(clientCa.certificate).toString('base64');
    const status = await merge(`${path}/${name}/status`, { metadata: { annotations: { patchedstatus: 'true' } }, status: { certificate } });
    assert.equal((status.body['status'] as { certificate: string }).certificate, certificate);
    const current = status.body as unknown as { status: { conditions: object[] } };
    const update = {
      ...status.body,
      status: {
        ...current.status,
        conditions: [
          ...current.status.conditions,
          { type: 'StatusUpdate', status: 'True', reason: 'E2E', message: 'Set from an e2e test' },
        ],
      },
    };
    const updated = await ask(`${path}/${name}/status`, { method: 'PUT', body: update });
    assert.deepEqual([updated.code, (updated.body['status'] as { conditions: object[] }).conditions.length], [200, 2]);

    assert.equal((await ask(`${path}/${name}`, { method: 'DELETE' })).code, 200);
    assert.equal((await ask(`${path}/${name}`)).code, 404);
    assert.equal((await ask(`${path}?labelSelector=test%3Dcsr`, { method: 'DELETE' })).code, 200);
    assert.deepEqual((await ask(`${path}?labelSelector=test%3Dcsr`)).body['items'], []);
  });
});

describe('[sig-auth] ServiceAccounts', () => {
  it('ServiceAccountIssuerDiscovery supports OIDC discovery of the service account issuer', async () => {
    const { token } = await accountToken('default', { audiences: ['oidc-discovery-test'] });
    const own = (await accountToken('default')).token;
    const { code, body } = await ask('/.well-known/openid-configuration', { token: own });
    assert.deepEqual([code, body['issuer'], body['subject_types_supported']], [200, ISSUER, ['public']]);
    const jwksPath = new URL(String(body['jwks_uri'])).pathname;
    const keys = (await ask(jwksPath, { token: own })).body as unknown as Parameters<typeof createLocalJWKSet>[0];
    const { payload } = await jwtVerify(token, createLocalJWKSet(keys), { issuer: ISSUER, audience: 'oidc-discovery-test' });
    assert.equal(payload.sub, 'system:serviceaccount:e2e:default');
  });

  it('creates a serviceAccountToken and reviews it', async () => {
    await ask('/api/v1/namespaces/e2e/serviceaccounts', { method: 'POST', body: { metadata: { name: 'reviewed' } } });
    await there('/api/v1/namespaces/e2e/serviceaccounts/reviewed');
    const { token } = await accountToken('reviewed');
    const review = async () =>
      ask('/apis/authentication.k8s.io/v1/tokenreviews', {
        method: 'POST',
        body: { apiVersion: 'authentication.k8s.io/v1', kind: 'TokenReview', spec: { token } },
      });
    const status = await until(async () => {
      const { status } = (await review()).body as unknown as {
        status: { authenticated?: boolean; user: { username: string; groups: string[] }; error?: string };
      };
      return status.authenticated ? status : undefined;
    });
    assert.equal(status.user.username, 'system:serviceaccount:e2e:reviewed');
    assert.deepEqual([...status.user.groups].sort(), ['system:authenticated', 'system:serviceaccounts', 'system:serviceaccounts:e2e']);
  });

  it('keeps kube-root-ca.crt in every namespace, also when it is deleted or changed', async () => {
    const path = '/api/v1/namespaces/e2e/configmaps/kube-root-ca.crt';
    const first = await there(path);
    assert.equal((first['data'] as Record<string, string>)['ca.crt'], 'CA');
    await ask(path, { method: 'DELETE' });
    await there(path);
    await merge(path, { data: { 'ca.crt': '' } });
    await until(async () =>
      ((await ask(path)).body['data'] as Record<string, string> | undefined)?.['ca.crt'] === 'CA' ? true : undefined,
    );
  });

  it('runs through the lifecycle of a ServiceAccount', async () => {
    const path = '/api/v1/namespaces/e2e/serviceaccounts';
    const created = await ask(path, {
      method: 'POST',
      body: {
        metadata: { name: 'testserviceaccount', labels: { 'test-serviceaccount-static': 'true' } },
        automountServiceAccountToken: false,
      },
    });
    assert.equal(created.code, 201);
    assert.equal(
      (await merge(`${path}/testserviceaccount`, { automountServiceAccountToken: true })).body['automountServiceAccountToken'],
      true,
    );
    const all = await ask('/api/v1/serviceaccounts?labelSelector=test-serviceaccount-static%3Dtrue');
    assert.equal((all.body['items'] as unknown[]).length, 1);
    assert.equal((await ask(`${path}?labelSelector=test-serviceaccount-static%3Dtrue`, { method: 'DELETE' })).code, 200);
    assert.equal((await ask(`${path}/testserviceaccount`)).code, 404);
  });

  it('updates a ServiceAccount', async () => {
    const path = '/api/v1/namespaces/e2e/serviceaccounts';
    const { body } = await ask(path, { method: 'POST', body: { metadata: { name: 'e2e-sa' } } });
    const updated = await ask(`${path}/e2e-sa`, { method: 'PUT', body: { ...body, automountServiceAccountToken: false } });
    assert.deepEqual([updated.code, updated.body['automountServiceAccountToken']], [200, false]);
  });

  it('allows opting out of API token automount, by the account and by the pod', async () => {
    await ask('/api/v1/namespaces/e2e/serviceaccounts', {
      method: 'POST',
      body: { metadata: { name: 'nomount' }, automountServiceAccountToken: false },
    });
    const mounts = async (name: string, spec: object): Promise<boolean> => {
      const body = { metadata: { name }, spec: { containers: [{ name: 'c', image: 'i' }], ...spec } };
      const { code, body: pod } = await ask('/api/v1/namespaces/e2e/pods', { method: 'POST', body });
      assert.equal(code, 201, JSON.stringify(pod));
      const [container] = (pod['spec'] as { containers: { volumeMounts?: { mountPath: string }[] }[] }).containers;
      return container?.volumeMounts?.some(({ mountPath }) => mountPath === '/var/run/secrets/kubernetes.io/serviceaccount') ?? false;
    };
    for (const [name, serviceAccountName, automountServiceAccountToken, mounted] of [
      ['a', 'default', undefined, true],
      ['b', 'default', true, true],
      ['c', 'default', false, false],
      ['d', 'nomount', undefined, false],
      ['e', 'nomount', true, true],
      ['f', 'nomount', false, false],
    ] as const)
      assert.equal(
        await mounts(name, { serviceAccountName, ...(automountServiceAccountToken !== undefined && { automountServiceAccountToken }) }),
        mounted,
        name,
      );
  });
});

describe('[sig-auth] SubjectReview', () => {
  it('supports SubjectReview API operations', async () => {
    const attributes = { group: 'apps', namespace: 'e2e', resource: 'deployments', verb: 'list' };
    const user = 'system:serviceaccount:e2e:default';
    const review = async (path: string, kind: string, spec: object) => {
      const { code, body } = await ask(path, {
        method: 'POST',
        body: { apiVersion: 'authorization.k8s.io/v1', kind, ...(kind.startsWith('Local') && { metadata: { namespace: 'e2e' } }), spec },
      });
      return { code, status: body['status'] as { allowed?: boolean; denied?: boolean; reason?: string } };
    };
    const sar = await review('/apis/authorization.k8s.io/v1/subjectaccessreviews', 'SubjectAccessReview', {
      resourceAttributes: attributes,
      user,
    });
    const local = await review('/apis/authorization.k8s.io/v1/namespaces/e2e/localsubjectaccessreviews', 'LocalSubjectAccessReview', {
      resourceAttributes: attributes,
      user,
    });
    const own = await review('/apis/authorization.k8s.io/v1/selfsubjectaccessreviews', 'SelfSubjectAccessReview', {
      resourceAttributes: attributes,
    });
    assert.deepEqual(
      [sar.code, sar.status.allowed, local.code, local.status.allowed, own.code, own.status.allowed],
      [201, false, 201, false, 201, true],
    );
  });
});

describe('TokenRequest', () => {
  const faults: readonly [spec: object, code: number, message: RegExp][] = [
    [{ expirationSeconds: 599 }, 422, /spec\.expirationSeconds: Invalid value: 599: may not specify a duration less than 10 minutes/],
    [{ expirationSeconds: 2 ** 32 + 1 }, 422, /may not specify a duration larger than 2\^32 seconds/],
    [
      { boundObjectRef: { kind: 'ConfigMap', apiVersion: 'v1', name: 'x' } },
      400,
      /^cannot bind token to object of type \/v1, Kind=ConfigMap$/,
    ],
    [{ boundObjectRef: { kind: 'Pod', apiVersion: 'v1', name: 'gone' } }, 404, /pods "gone" not found/],
  ];
  for (const [spec, code, message] of faults) {
    it(`refuses ${JSON.stringify(spec)}`, async () => {
      const answer = await accountToken('default', spec);
      assert.equal(answer.code, code);
      assert.match(String(answer.body['message']), message);
    });
  }

  it('makes a token that dies with the object it is bound to', async () => {
    const path = '/api/v1/namespaces/e2e/secrets';
    const secret = (await ask(path, { method: 'POST', body: { metadata: { name: 'holder' } } })).body.metadata as unknown as {
      uid: string;
    };
    const boundObjectRef = { kind: 'Secret', apiVersion: 'v1', name: 'holder', uid: secret.uid };
    const { token } = await accountToken('default', { boundObjectRef, expirationSeconds: 600 });
    const review = async (): Promise<boolean> => {
      const spec = { token };
      const { body } = await ask('/apis/authentication.k8s.io/v1/tokenreviews', {
        method: 'POST',
        body: { apiVersion: 'authentication.k8s.io/v1', kind: 'TokenReview', spec },
      });
      return (body['status'] as { authenticated?: boolean }).authenticated === true;
    };
    await until(async () => ((await review()) ? true : undefined));
    assert.equal((await accountToken('default', { boundObjectRef: { ...boundObjectRef, uid: 'other' } })).code, 409);
    await ask(`${path}/holder`, { method: 'DELETE' });
    await until(async () => ((await review()) ? undefined : true));
  });
});

describe('tokens that live in Secrets', () => {
  it('are filled in, count their last day of use at the Secret, and do not hold once marked invalid', async () => {
    const path = '/api/v1/namespaces/e2e/secrets';
    const annotations = { 'kubernetes.io/service-account.name': 'default' };
    await ask(path, { method: 'POST', body: { metadata: { name: 'old', annotations }, type: 'kubernetes.io/service-account-token' } });
    const token = await until(async () => {
      const data = (await ask(`${path}/old`)).body['data'] as Record<string, string> | undefined;
      return data?.['token'] === undefined ? undefined : Buffer.from(data['token'], 'base64').toString();
    });
    const body = { apiVersion: 'authentication.k8s.io/v1', kind: 'SelfSubjectReview' };
    const code = async (): Promise<number> =>
      (await ask('/apis/authentication.k8s.io/v1/selfsubjectreviews', { method: 'POST', token, body })).code;
    await until(async () => ((await code()) === 201 ? true : undefined));
    const labels = await until(
      async () => ((await ask(`${path}/old`)).body.metadata as { labels?: Record<string, string> } | undefined)?.labels,
    );
    assert.deepEqual(labels, { 'kubernetes.io/legacy-token-last-used': new Date().toISOString().slice(0, 10) });
    const { revision } = store;
    for (let i = 0; i < 20; i++) await code();
    assert.equal(store.revision, revision);
    await merge(`${path}/old`, { metadata: { labels: { 'kubernetes.io/legacy-token-invalid-since': '2026-01-01' } } });
    await until(async () => ((await code()) === 401 ? true : undefined));
  });
});

describe('bootstrap tokens', () => {
  const data = (values: Record<string, string>) =>
    Object.fromEntries(Object.entries(values).map(([name, value]) => [name, Buffer.from(value).toString('base64')]));
  const create = (id: string, values: Record<string, string>) =>
    ask('/api/v1/namespaces/kube-system/secrets', {
      method: 'POST',
      body: {
        metadata: { name: `bootstrap-token-${id}` },
        type: 'bootstrap.kubernetes.io/token',
        data: data({ 'token-id': id, 'token-secret': '0123456789abcdef', ...values }),
      },
    });
  const whoAmI = (token: string) =>
    ask('/apis/authentication.k8s.io/v1/selfsubjectreviews', {
      method: 'POST',
      token,
      body: { apiVersion: 'authentication.k8s.io/v1', kind: 'SelfSubjectReview' },
    });

  it('authenticate while they last, with their groups', async () => {
    const expiration = new Date(Date.now() + 2_500).toISOString();
    await create('abcdef', { 'usage-bootstrap-authentication': 'true', 'auth-extra-groups': 'system:bootstrappers:kubeadm', expiration });
    const found = await until(async () =>
      whoAmI('abcdef.0123456789abcdef').then((answer) => (answer.code === 201 ? answer.body : undefined)),
    );
    const { userInfo } = found['status'] as { userInfo: { username: string; groups: string[] } };
    assert.deepEqual(userInfo, {
      username: 'system:bootstrap:abcdef',
      groups: ['system:bootstrappers', 'system:bootstrappers:kubeadm', 'system:authenticated'],
    });
    assert.equal((await whoAmI('abcdef.0123456789abcdee')).code, 401);
    await until(async () => ((await whoAmI('abcdef.0123456789abcdef')).code === 401 ? true : undefined));
    await until(async () => ((await ask('/api/v1/namespaces/kube-system/secrets/bootstrap-token-abcdef')).code === 404 ? true : undefined));
  });

  it('do not authenticate without that usage, nor with a group that they may not give', async () => {
    await create('aaaaaa', { 'usage-bootstrap-signing': 'true' });
    await create('bbbbbb', { 'usage-bootstrap-authentication': 'true', 'auth-extra-groups': 'system:masters' });
    await create('cccccc', { 'usage-bootstrap-authentication': 'true' });
    await until(async () => ((await whoAmI('cccccc.0123456789abcdef')).code === 201 ? true : undefined));
    assert.deepEqual([(await whoAmI('aaaaaa.0123456789abcdef')).code, (await whoAmI('bbbbbb.0123456789abcdef')).code], [401, 401]);
  });
});
