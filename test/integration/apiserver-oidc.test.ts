// ID tokens of an OpenID Connect issuer on a running API server: a real issuer over TLS, its tokens signed by jose.

import assert from 'node:assert/strict';
import { createServer, type Server } from 'node:https';
import type { AddressInfo } from 'node:net';
import { after, before, describe, it } from 'node:test';
import { exportJWK, generateKeyPair, type JWK, SignJWT } from 'jose';
import { systemClock } from '../../src/base/clock.ts';
import { silentLogger } from '../../src/base/log.ts';
import { Http2Transport } from '../../src/client/http2-transport.ts';
import { authenticatorUnion } from '../../src/server/auth/authenticator-union.ts';
import { OidcAuthenticators } from '../../src/server/auth/oidc/oidc-authenticator.ts';
import { startTestServer, type TestServer } from '../support/api-server.ts';
import { whoAmI } from '../support/self-review.ts';
import { SERVER_CERT, SERVER_KEY, TEST_CA } from '../support/test-certificates.ts';

type PrivateKey = Awaited<ReturnType<typeof generateKeyPair>>['privateKey'];

let issuer: Server;
let issuerUrl: string;
let server: TestServer;
let client: Http2Transport;
let requests = 0;
const published: JWK[] = [];
const keys = new Map<string, PrivateKey>();

async function addKey(kid: string, alg: string): Promise<void> {
  const { privateKey, publicKey } = await generateKeyPair(alg, { extractable: true });
  published.push({ ...(await exportJWK(publicKey)), kid, alg, use: 'sig' });
  keys.set(kid, privateKey);
}

function token(kid: string, alg: string, claims: object = {}): Promise<string> {
  const key = keys.get(kid);
  assert.ok(key);
  return new SignJWT({ sub: 'eve', groups: ['ops'], ...claims })
    .setProtectedHeader({ alg, kid })
    .setIssuer(issuerUrl)
    .setAudience('kts')
    .setExpirationTime('5m')
    .sign(key);
}

before(async () => {
  issuer = createServer({ cert: SERVER_CERT, key: SERVER_KEY }, (request, response) => {
    requests++;
    const document = { issuer: issuerUrl, jwks_uri: `${issuerUrl}/keys` };
    response.end(JSON.stringify(request.url === '/keys' ? { keys: published } : document));
  });
  await new Promise<void>((resolve) => issuer.listen(0, '127.0.0.1', resolve));
  issuerUrl = `https://127.0.0.1:${(issuer.address() as AddressInfo).port}`;
  await addKey('first', 'RS256');
  await addKey('curve', 'ES256');
  const options = { issuerUrl, audiences: ['kts'], usernamePrefix: 'oidc:', groupsClaim: 'groups', groupsPrefix: 'oidc:', ca: TEST_CA };
  server = await startTestServer(
    {
      authenticator: authenticatorUnion([
        new OidcAuthenticators([{ ...options, signingAlgorithms: ['RS256', 'ES256'] }], { clock: systemClock, log: silentLogger }),
      ]),
      authorizer: { authorize: () => ({ decision: 'allow', reason: '' }) },
    },
    { anonymous: { enabled: true, paths: ['/livez'] } },
  );
  client = new Http2Transport({ server: server.url, tls: () => ({ ca: server.ca }) }, { clock: systemClock });
});
after(async () => {
  await client.close();
  await server.stop();
  issuer.closeAllConnections();
  await new Promise((resolve) => issuer.close(resolve));
});

describe('the API server with an OpenID Connect issuer', () => {
  it('asks the issuer nothing until a token of it comes', async () => {
    assert.equal((await whoAmI(client, 'x.y.z')).status, 401);
    assert.equal(requests, 0);
  });

  it('believes its tokens by every algorithm that is accepted, and fetches its keys once', async () => {
    const expected = { status: 201, username: 'oidc:eve', groups: ['oidc:ops', 'system:authenticated'] };
    assert.deepEqual(await whoAmI(client, await token('first', 'RS256')), expected);
    assert.deepEqual(await whoAmI(client, await token('curve', 'ES256')), expected);
    assert.equal(requests, 2);
  });

  it('refuses tokens for others, expired ones, and those of a key that is not published', async () => {
    assert.equal((await whoAmI(client, await token('first', 'RS256', { aud: 'other' }).then((text) => `${text}x`))).status, 401);
    const key = keys.get('first');
    assert.ok(key);
    const sign = (build: (jwt: SignJWT) => SignJWT) =>
      build(new SignJWT({ sub: 'eve' }).setProtectedHeader({ alg: 'RS256', kid: 'first' }).setIssuer(issuerUrl)).sign(key);
    assert.equal((await whoAmI(client, await sign((jwt) => jwt.setAudience('other').setExpirationTime('5m')))).status, 401);
    assert.equal((await whoAmI(client, await sign((jwt) => jwt.setAudience('kts').setExpirationTime('-1m')))).status, 401);
    assert.equal((await whoAmI(client, await sign((jwt) => jwt.setAudience('kts')))).status, 401);
    const { privateKey } = await generateKeyPair('RS256');
    keys.set('stranger', privateKey);
    assert.equal((await whoAmI(client, await token('stranger', 'RS256'))).status, 401);
  });

  it('lets requests without a token in only where that is configured', async () => {
    const codes = await Promise.all(
      ['/livez', '/readyz', '/api/v1/namespaces'].map(async (path) => (await client.request({ method: 'GET', path })).status),
    );
    assert.deepEqual(codes, [200, 401, 401]);
  });

  it('is asked about tokens by TokenReview too', async () => {
    const { status, body } = await client.request({
      method: 'POST',
      path: '/apis/authentication.k8s.io/v1/tokenreviews',
      headers: { authorization: `Bearer ${await token('first', 'RS256')}`, 'content-type': 'application/json' },
      body: JSON.stringify({ apiVersion: 'authentication.k8s.io/v1', kind: 'TokenReview', spec: { token: await token('curve', 'ES256') } }),
    });
    const chunks: Buffer[] = [];
    for await (const chunk of body) chunks.push(chunk);
    const review = JSON.parse(Buffer.concat(chunks).toString());
    assert.deepEqual([status, review.status.authenticated, review.status.user.username], [201, true, 'oidc:eve']);
  });
});
