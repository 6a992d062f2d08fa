// Tokens signed by jose with every algorithm, verified; and what does not verify.

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { exportJWK, generateKeyPair, type JWK, SignJWT } from 'jose';
import { type IssuerKey, issuerKey, JWS_ALGORITHMS, keyIdOf, verifyIssued } from '../../../src/base/jws.ts';

interface Issued {
  readonly token: string;
  readonly jwk: JWK;
}

async function issue(alg: string, kid = 'k1'): Promise<Issued> {
  const { privateKey, publicKey } = await generateKeyPair(alg, { extractable: true });
  const token = await new SignJWT({ sub: 'eve' }).setProtectedHeader({ alg, kid }).sign(privateKey);
  return { token, jwk: { ...(await exportJWK(publicKey)), kid } };
}

function keyOf(jwk: JWK): IssuerKey {
  const key = issuerKey(jwk);
  assert.ok(key);
  return key;
}

describe('verifyIssued', () => {
  for (const alg of JWS_ALGORITHMS) {
    it(`verifies ${alg}, and only where that is accepted`, async () => {
      const { token, jwk } = await issue(alg);
      const others = JWS_ALGORITHMS.filter((name) => name !== alg);
      assert.equal(verifyIssued(token, [keyOf(jwk)], [alg])?.['sub'], 'eve');
      assert.equal(verifyIssued(token, [keyOf({ ...jwk, alg })], [alg])?.['sub'], 'eve');
      assert.equal(verifyIssued(token, [keyOf(jwk)], others), undefined);
    });
  }

  it('refuses a changed token, another key, a key for another algorithm or under another id', async () => {
    const { token, jwk } = await issue('RS256');
    const other = await issue('RS256');
    const [head, , signature] = token.split('.');
    const forged = [head, Buffer.from('{"sub":"root"}').toString('base64url'), signature].join('.');
    assert.equal(verifyIssued(forged, [keyOf(jwk)], ['RS256']), undefined);
    assert.equal(verifyIssued(token, [keyOf(other.jwk)], ['RS256']), undefined);
    assert.equal(verifyIssued(token, [keyOf({ ...jwk, alg: 'PS256' })], ['RS256']), undefined);
    assert.equal(verifyIssued(token, [keyOf({ ...jwk, kid: 'k2' })], ['RS256']), undefined);
    assert.equal(verifyIssued(token, [], ['RS256']), undefined);
  });

  it('does not take a public key for a shared secret, nor no signature for one', async () => {
    const { jwk } = await issue('RS256');
    const none = `${Buffer.from('{"alg":"none"}').toString('base64url')}.${Buffer.from('{"sub":"root"}').toString('base64url')}.AA`;
    assert.equal(verifyIssued(none, [keyOf(jwk)], ['none', 'RS256']), undefined);
    const hmac = await new SignJWT({ sub: 'root' }).setProtectedHeader({ alg: 'HS256' }).sign(Buffer.from(JSON.stringify(jwk)));
    assert.equal(verifyIssued(hmac, [keyOf(jwk)], ['HS256', 'RS256']), undefined);
  });
});

describe('issuerKey', () => {
  for (const jwk of [null, 'x', {}, { kty: 'oct', k: 'AAAA' }, { kty: 'RSA', n: '!', e: 'AQAB', use: 'enc' }]) {
    it(`leaves out ${JSON.stringify(jwk)}`, () => assert.equal(issuerKey(jwk), undefined));
  }
});

it('keyIdOf reads the id that a token names', async () => {
  assert.equal(keyIdOf((await issue('ES256', 'abc')).token), 'abc');
  assert.equal(keyIdOf('no token'), undefined);
});
