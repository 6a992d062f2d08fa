// When an issuer's keys are fetched: with the first token, for an unknown id, after an hour; never in a hurry, and never forgotten by a failure.

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { exportJWK, generateKeyPair } from 'jose';
import { KtsError } from '../../../../../src/base/errors.ts';
import { OidcKeys } from '../../../../../src/server/auth/oidc/oidc-keys.ts';
import { FakeClock } from '../../../../support/fake-clock.ts';

const ISSUER = 'https://idp.example';
const { publicKey } = await generateKeyPair('ES256', { extractable: true });
const jwk = await exportJWK(publicKey);

/** An issuer that answers, counts, and can fail. */
class Issuer {
  fetches: string[] = [];
  kids = ['a'];
  failing = false;
  document: unknown = { issuer: ISSUER, jwks_uri: `${ISSUER}/keys` };
  readonly clock = new FakeClock();
  readonly keys = new OidcKeys(
    { issuerUrl: ISSUER },
    {
      clock: this.clock,
      fetch: async (url) => {
        this.fetches.push(url);
        if (this.failing) throw new KtsError('https-get', 'no answer');
        return url.endsWith('/keys') ? { keys: this.kids.map((kid) => ({ ...jwk, kid })) } : this.document;
      },
    },
  );
  async kidsFor(kid: string | undefined): Promise<(string | undefined)[]> {
    return (await this.keys.keys(kid)).map((key) => key.kid);
  }
}

describe('OidcKeys', () => {
  it('fetches once, when first asked, for everybody who asks meanwhile', async () => {
    const issuer = new Issuer();
    assert.deepEqual(issuer.fetches, []);
    await Promise.all([issuer.kidsFor('a'), issuer.kidsFor('a'), issuer.kidsFor(undefined)]);
    await issuer.kidsFor('a');
    assert.deepEqual(issuer.fetches, [`${ISSUER}/.well-known/openid-configuration`, `${ISSUER}/keys`]);
  });

  it('fetches again for an id it does not know, not more than every ten seconds', async () => {
    const issuer = new Issuer();
    await issuer.kidsFor('a');
    issuer.kids = ['a', 'b'];
    assert.deepEqual(await issuer.kidsFor('b'), ['a']);
    await issuer.clock.advance(10_000);
    assert.deepEqual(await issuer.kidsFor('b'), ['a', 'b']);
    for (let i = 0; i < 100; i++) await issuer.kidsFor(`made-up-${i}`);
    assert.equal(issuer.fetches.length, 4);
  });

  it('forgets a withdrawn key after an hour, and none because the issuer is away', async () => {
    const issuer = new Issuer();
    await issuer.kidsFor('a');
    issuer.failing = true;
    await issuer.clock.advance(3_600_000);
    assert.deepEqual(await issuer.kidsFor('a'), ['a']);
    issuer.failing = false;
    issuer.kids = ['b'];
    await issuer.clock.advance(10_000);
    assert.deepEqual(await issuer.kidsFor('a'), ['b']);
  });

  it('says that it has none, and tries again later', async () => {
    const issuer = new Issuer();
    issuer.failing = true;
    await assert.rejects(issuer.kidsFor('a'), KtsError);
    await assert.rejects(issuer.kidsFor('a'), KtsError);
    assert.equal(issuer.fetches.length, 1);
    issuer.failing = false;
    await issuer.clock.advance(10_000);
    assert.deepEqual(await issuer.kidsFor('a'), ['a']);
  });

  for (const document of [
    null,
    {},
    { issuer: 'https://other', jwks_uri: `${ISSUER}/keys` },
    { issuer: ISSUER, jwks_uri: 'http://x/keys' },
  ]) {
    it(`refuses the discovery document ${JSON.stringify(document)}`, async () => {
      const issuer = new Issuer();
      issuer.document = document;
      await assert.rejects(issuer.kidsFor('a'), KtsError);
    });
  }
});
