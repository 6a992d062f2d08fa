import assert from 'node:assert/strict';
import { generateKeyPairSync } from 'node:crypto';
import { beforeEach, describe, it } from 'node:test';
import { createLocalJWKSet, jwtVerify } from 'jose';
import { hasReason } from '../../../../src/api/status-error.ts';
import { peekJwt } from '../../../../src/base/jwt.ts';
import { generateKey } from '../../../../src/base/x509.ts';
import type { Bindable } from '../../../../src/server/auth/service-account-claims.ts';
import { ServiceAccountTokens } from '../../../../src/server/auth/service-account-tokens.ts';
import { FakeClock } from '../../../support/fake-clock.ts';

const ISSUER = 'https://kubernetes.default.svc.cluster.local';
const AUDIENCES = [ISSUER, 'kts'];
const key = generateKey();
const subject = { namespace: 'ns', serviceAccount: { name: 'sa', uid: 'u1' } };
const bound = { ...subject, pod: { name: 'p', uid: 'u2' }, node: { name: 'n', uid: 'u3' } };

let clock: FakeClock;
let cluster: Map<string, Bindable & { data?: Record<string, string> }>;
let tokens: ServiceAccountTokens;
const put = (kind: string, name: string, uid: string, more = {}): void =>
  void cluster.set(`${kind}/${name}`, { metadata: { name, uid, ...more } });
const open = (options: { key: string; olderKeys?: string[] }): ServiceAccountTokens =>
  new ServiceAccountTokens(
    { issuer: ISSUER, audiences: AUDIENCES, ...options },
    {
      clock,
      objects: {
        serviceAccount: (namespace, name) => (namespace === 'ns' ? cluster.get(`sa/${name}`) : undefined),
        pod: (namespace, name) => (namespace === 'ns' ? cluster.get(`pod/${name}`) : undefined),
        secret: (namespace, name) => (namespace === 'ns' ? cluster.get(`secret/${name}`) : undefined),
        node: (name) => cluster.get(`node/${name}`),
      },
    },
  );
const bearer = (token: string) => ({ authorization: `Bearer ${token}`, webSocketProtocols: [], clientCertificate: undefined });
const fault = (token: string, audiences?: string[]): string | undefined => {
  const result = tokens.review(token, audiences);
  return 'fault' in result ? result.fault : undefined;
};

beforeEach(() => {
  clock = new FakeClock();
  cluster = new Map();
  put('sa', 'sa', 'u1');
  put('pod', 'p', 'u2');
  put('node', 'n', 'u3');
  tokens = open({ key });
});

describe('ServiceAccountTokens', () => {
  it('authenticates what it issued, with groups and where it runs', async () => {
    const { token, expires } = tokens.issue(bound, { lifeSeconds: 600 });
    assert.equal(expires, clock.now() + 600_000);
    const user = await tokens.authenticate(bearer(token));
    const id = peekJwt(token)?.['jti'];
    assert.deepEqual(user, {
      name: 'system:serviceaccount:ns:sa',
      uid: 'u1',
      groups: ['system:serviceaccounts', 'system:serviceaccounts:ns', 'system:authenticated'],
      extra: {
        'authentication.kubernetes.io/credential-id': [`JTI=${id}`],
        'authentication.kubernetes.io/node-name': ['n'],
        'authentication.kubernetes.io/node-uid': ['u3'],
        'authentication.kubernetes.io/pod-name': ['p'],
        'authentication.kubernetes.io/pod-uid': ['u2'],
      },
    });
  });

  it('makes tokens that jose verifies with the published key set', async () => {
    const { token } = tokens.issue(bound, { lifeSeconds: 600, audiences: ['vault'] });
    const keys = createLocalJWKSet(tokens.keySet() as unknown as Parameters<typeof createLocalJWKSet>[0]);
    const { payload, protectedHeader } = await jwtVerify(token, keys, {
      issuer: ISSUER,
      audience: 'vault',
      currentDate: new Date(clock.now()),
    });
    assert.equal(protectedHeader.alg, 'ES256');
    assert.equal(payload.sub, 'system:serviceaccount:ns:sa');
    assert.deepEqual(payload['kubernetes.io'], {
      namespace: 'ns',
      node: { name: 'n', uid: 'u3' },
      pod: { name: 'p', uid: 'u2' },
      serviceaccount: { name: 'sa', uid: 'u1' },
    });
    assert.deepEqual(tokens.discovery('https://x/openid/v1/jwks'), {
      issuer: ISSUER,
      jwks_uri: 'https://x/openid/v1/jwks',
      response_types_supported: ['id_token'],
      subject_types_supported: ['public'],
      id_token_signing_alg_values_supported: ['ES256'],
    });
  });

  const invalidated = 'service account token has been invalidated';
  for (const [what, change, expected] of [
    ['the service account is gone', () => cluster.delete('sa/sa'), invalidated],
    ['the service account is another of that name', () => put('sa', 'sa', 'new'), invalidated],
    ['the pod is gone', () => cluster.delete('pod/p'), invalidated],
    ['the pod is another of that name', () => put('pod', 'p', 'new'), invalidated],
    ['the pod was to be gone two minutes ago', () => put('pod', 'p', 'u2', { deletionTimestamp: '2025-12-31T23:58:00Z' }), invalidated],
    ['the pod ends just now', () => put('pod', 'p', 'u2', { deletionTimestamp: '2026-01-01T00:00:00Z' }), undefined],
    ['the node of the pod is gone', () => cluster.delete('node/n'), undefined],
  ] as const) {
    it(`${expected ? 'refuses' : 'accepts'} when ${what}`, async () => {
      const { token } = tokens.issue(bound, { lifeSeconds: 600 });
      assert.equal(fault(token), undefined);
      change();
      assert.equal(fault(token), expected);
      if (expected) await assert.rejects(tokens.authenticate(bearer(token)), (error) => hasReason(error, 'Unauthorized'));
    });
  }

  it('binds to a node where there is no pod', () => {
    const { token } = tokens.issue({ ...subject, node: { name: 'n', uid: 'u3' } }, { lifeSeconds: 600 });
    cluster.delete('node/n');
    assert.equal(fault(token), invalidated);
  });

  it('expires, with a minute of grace for clocks', async () => {
    const { token } = tokens.issue(bound, { lifeSeconds: 600 });
    await clock.advance(655_000);
    assert.equal(fault(token), undefined);
    await clock.advance(10_000);
    assert.equal(fault(token), 'service account token has expired');
  });

  it('stretches 3607 seconds to a year for pods and the API only, and reports 3607', () => {
    const life = (claims: Record<string, unknown> | undefined): number => Number(claims?.['exp']) - Number(claims?.['iat']);
    const stretched = tokens.issue(bound, { lifeSeconds: 3607, audiences: ['kts'] });
    assert.equal(stretched.expires, clock.now() + 3_607_000);
    assert.equal(life(peekJwt(stretched.token)), 31_536_000);
    assert.equal(life(peekJwt(tokens.issue(bound, { lifeSeconds: 3607, audiences: ['vault'] }).token)), 3607);
    assert.equal(life(peekJwt(tokens.issue(subject, { lifeSeconds: 3607 }).token)), 3607);
  });

  it('holds tokens to their audiences', async () => {
    const { token } = tokens.issue(bound, { lifeSeconds: 600, audiences: ['vault', 'other'] });
    assert.match(fault(token) ?? '', /audiences/);
    await assert.rejects(tokens.authenticate(bearer(token)), (error) => hasReason(error, 'Unauthorized'));
    const review = tokens.review(token, ['x', 'vault']);
    assert.deepEqual('audiences' in review && review.audiences, ['vault']);
  });

  it('refuses every change of a token and leaves foreign tokens to others', async () => {
    const { token } = tokens.issue(bound, { lifeSeconds: 600 });
    const [head = '', body = '', signature = ''] = token.split('.');
    const claims = { ...peekJwt(token), sub: 'system:serviceaccount:ns:admin' };
    const forged = Buffer.from(JSON.stringify(claims)).toString('base64url');
    const unsigned = Buffer.from('{"alg":"none"}').toString('base64url');
    for (const bad of [`${head}.${forged}.${signature}`, `${unsigned}.${body}.${signature}`, `${head}.${body}.AAAA`]) {
      assert.equal(fault(bad), 'invalid bearer token');
      await assert.rejects(tokens.authenticate(bearer(bad)), (error) => hasReason(error, 'Unauthorized'));
    }
    for (const other of ['opaque', 'a.b.c', `${head}.${Buffer.from('{"iss":"x"}').toString('base64url')}.${signature}`]) {
      assert.equal(await tokens.authenticate(bearer(other)), undefined);
    }
    assert.equal(await tokens.authenticate({ ...bearer(''), authorization: undefined }), undefined);
  });

  it('accepts tokens of older keys, RSA too, and signs with the newest', () => {
    const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
    const { token } = open({ key: rsa }).issue(bound, { lifeSeconds: 600 });
    assert.equal(fault(token), 'invalid bearer token');
    tokens = open({ key, olderKeys: [rsa] });
    assert.equal(fault(token), undefined);
    assert.equal(tokens.keySet().keys.length, 2);
  });

  it('accepts a token kept in a Secret as long as the Secret has it', () => {
    const token = tokens.issueForSecret({ ...subject, secret: 's' });
    assert.equal(fault(token), invalidated);
    cluster.set('secret/s', { metadata: { name: 's', uid: 'x' }, data: { token: Buffer.from(token).toString('base64') } });
    assert.equal(fault(token), undefined);
    cluster.delete('sa/sa');
    assert.equal(fault(token), invalidated);
  });
});
