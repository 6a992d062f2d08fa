// The file of --authentication-config on a running API server: users by expressions, and a file that changes while it serves.

import assert from 'node:assert/strict';
import { mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:https';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { exportJWK, generateKeyPair, SignJWT } from 'jose';
import { systemClock } from '../../src/base/clock.ts';
import type { Logger } from '../../src/base/log.ts';
import { readAuthentication } from '../../src/cli/authentication-file.ts';
import { authenticationReload } from '../../src/cli/wire-authentication.ts';
import { Http2Transport } from '../../src/client/http2-transport.ts';
import { authenticatorUnion } from '../../src/server/auth/authenticator-union.ts';
import { OidcAuthenticators } from '../../src/server/auth/oidc/oidc-authenticator.ts';
import { startTestServer, type TestServer } from '../support/api-server.ts';
import { whoAmI } from '../support/self-review.ts';
import { SERVER_CERT, SERVER_KEY, TEST_CA } from '../support/test-certificates.ts';

const directory = mkdtempSync(join(tmpdir(), 'kts-authn-'));
const path = join(directory, 'authn.yaml');
const options = { authenticationConfig: path, oidc: undefined, clusterDomain: 'cluster.local' };
const { privateKey, publicKey } = await generateKeyPair('ES256', { extractable: true });
const jwk = { ...(await exportJWK(publicKey)), kid: 'k', alg: 'ES256', use: 'sig' };
const lines: string[] = [];
const note = (message: string, fields: object = {}): void => void lines.push(`${message} ${JSON.stringify(fields)}`);
const log: Logger = { debug: note, info: note, warn: note, error: note, child: () => log };

let issuer: Server;
let issuerUrl: string;
let keyRequests = 0;
let server: TestServer;
let client: Http2Transport;
let reload: ReturnType<typeof authenticationReload>;

/** A file whose user names have that prefix. */
function file(prefix: string, more: object = {}): string {
  const configuration = {
    apiVersion: 'apiserver.config.k8s.io/v1',
    kind: 'AuthenticationConfiguration',
    jwt: [
      {
        issuer: {
          url: issuerUrl,
          discoveryURL: `${issuerUrl}/somewhere`,
          audiences: ['a', 'kts'],
          audienceMatchPolicy: 'MatchAny',
          certificateAuthority: TEST_CA,
        },
        claimMappings: {
          username: { expression: `'${prefix}' + claims.sub` },
          groups: { expression: "claims.roles.split(',').map(role, 'oidc:' + role)" },
          extra: [{ key: 'example.com/tenant', valueExpression: 'claims.?tenant.orValue("")' }],
        },
        claimValidationRules: [{ expression: 'claims.exp - claims.iat <= 3600', message: 'lives too long' }],
        userValidationRules: [{ expression: "!user.username.startsWith('system:')" }],
        ...more,
      },
    ],
  };
  return JSON.stringify(configuration);
}

function token(claims: object = {}, lifetime = '5m'): Promise<string> {
  return new SignJWT({ sub: 'eve', roles: 'ops,dev', ...claims })
    .setProtectedHeader({ alg: 'ES256', kid: 'k' })
    .setIssuer(issuerUrl)
    .setAudience('kts')
    .setIssuedAt()
    .setExpirationTime(lifetime)
    .sign(privateKey);
}

/** Waits for what is to become true. */
async function eventually(what: string, isTrue: () => Promise<boolean> | boolean): Promise<void> {
  for (let tries = 0; tries < 200; tries++) {
    if (await isTrue()) return;
    await systemClock.sleep(50);
  }
  assert.fail(`${what} never happened: ${lines.join('\n')}`);
}

before(async () => {
  issuer = createServer({ cert: SERVER_CERT, key: SERVER_KEY }, (request, response) => {
    if (request.url === '/keys') keyRequests++;
    const documents: Record<string, object> = {
      '/somewhere': { issuer: issuerUrl, jwks_uri: `${issuerUrl}/keys` },
      '/keys': { keys: [jwk] },
    };
    response.end(JSON.stringify(documents[request.url ?? ''] ?? {}));
  });
  await new Promise<void>((resolve) => issuer.listen(0, '127.0.0.1', resolve));
  issuerUrl = `https://127.0.0.1:${(issuer.address() as AddressInfo).port}`;
  writeFileSync(path, file('none:'));
  const authentication = await readAuthentication(options, { disallowedIssuers: [] });
  const issuers = new OidcAuthenticators(authentication.issuers, { clock: systemClock, log });
  server = await startTestServer({
    authenticator: authenticatorUnion([issuers]),
    authorizer: { authorize: () => ({ decision: 'allow', reason: '' }) },
  });
  client = new Http2Transport({ server: server.url, tls: () => ({ ca: server.ca }) }, { clock: systemClock });
  reload = authenticationReload({ options, authentication, clock: systemClock, log }, issuers);
  writeFileSync(path, file('one:')); // Between the first reading and the watch.
  for (const part of reload) await part.start();
  await eventually('the first reload', () => lines.some((line) => line.includes('reloaded authentication config')));
});
after(async () => {
  for (const part of reload) await part.stop();
  await client.close();
  await server.stop();
  issuer.closeAllConnections();
  await new Promise((resolve) => issuer.close(resolve));
  rmSync(directory, { recursive: true });
});

describe('the API server with an AuthenticationConfiguration', () => {
  it('makes users of claims by expressions, and holds them to the rules', async () => {
    assert.deepEqual(await whoAmI(client, await token({ tenant: 'red' })), {
      status: 201,
      username: 'one:eve',
      groups: ['oidc:ops', 'oidc:dev', 'system:authenticated'],
      extra: { 'example.com/tenant': ['red'] },
    });
    assert.equal((await whoAmI(client, await token({}, '2h'))).status, 401);
    assert.equal((await whoAmI(client, await token({ roles: 7 }))).status, 401);
  });

  it('goes on with the old file while a bad one is there, and says so', async () => {
    writeFileSync(path, file('system:', { claimValidationRules: [{ expression: 'claims.' }] }));
    await eventually('the refusal', () => lines.some((line) => line.includes('failed to load authentication config')));
    assert.equal((await whoAmI(client, await token())).username, 'one:eve');
  });

  it('takes a changed file, also one that replaces the old', async () => {
    writeFileSync(`${path}.new`, file('two:'));
    renameSync(`${path}.new`, path);
    await eventually('the reload', async () => (await whoAmI(client, await token())).username === 'two:eve');
  });

  it('keeps the keys of an issuer that stays as it is', async () => {
    const before = keyRequests;
    const known = file('two:');
    const other = { issuer: { url: 'https://other.example', audiences: ['x'] }, claimMappings: { username: { claim: 'sub', prefix: '' } } };
    const both = JSON.parse(known);
    writeFileSync(path, JSON.stringify({ ...both, jwt: [other, ...both.jwt] }));
    const reloads = (): number => lines.filter((line) => line.includes('reloaded authentication config')).length;
    const count = reloads();
    await eventually('the reload', () => reloads() > count);
    assert.equal((await whoAmI(client, await token())).username, 'two:eve');
    assert.equal(keyRequests, before);
  });

  it('refuses tokens of an issuer that the file no longer has', async () => {
    writeFileSync(path, JSON.stringify({ apiVersion: 'apiserver.config.k8s.io/v1', kind: 'AuthenticationConfiguration', jwt: [] }));
    await eventually('the reload', async () => (await whoAmI(client, await token())).status === 401);
  });
});
