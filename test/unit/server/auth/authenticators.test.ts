import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { hasReason, unauthorized } from '../../../../src/api/status-error.ts';
import {
  type CertificateProfile,
  createAuthority,
  fromPem,
  generateKey,
  issueCertificate,
  publicKeyOf,
} from '../../../../src/base/x509.ts';
import type { Credentials } from '../../../../src/server/auth/auth.ts';
import { authenticatorUnion } from '../../../../src/server/auth/authenticator-union.ts';
import { bearerToken } from '../../../../src/server/auth/bearer-token.ts';
import { ClientCertificateAuthenticator } from '../../../../src/server/auth/client-certificate-authenticator.ts';
import { authorityProfile } from '../../../../src/server/pki/certificate-plan.ts';
import { FakeClock } from '../../../support/fake-clock.ts';

const none: Credentials = { authorization: undefined, webSocketProtocols: [], clientCertificate: undefined };
const refused = (error: unknown): boolean => hasReason(error, 'Unauthorized');
const DAY = 86_400_000;

describe('ClientCertificateAuthenticator', () => {
  const clock = new FakeClock();
  const now = clock.now();
  const authority = createAuthority(authorityProfile('client-ca', now));
  const key = publicKeyOf(generateKey());
  const profile: CertificateProfile = {
    subject: { commonName: 'jane', organizations: ['dev', 'ops'] },
    notBefore: now - 1000,
    notAfter: now + DAY,
    usages: ['client'],
    keyUsages: ['digitalSignature'],
  };
  const show = (changes: Partial<CertificateProfile> = {}, issuer = authority): Credentials => ({
    ...none,
    clientCertificate: fromPem(issueCertificate({ ...profile, ...changes }, key, issuer)),
  });
  const authenticator = new ClientCertificateAuthenticator({ authorities: [authority.certificate] }, { clock });

  it('reads user and groups', async () => {
    const user = await authenticator.authenticate(show());
    assert.deepEqual([user?.name, user?.groups], ['jane', ['dev', 'ops', 'system:authenticated']]);
    assert.match(user?.extra?.['authentication.kubernetes.io/credential-id']?.[0] ?? '', /^X509SHA256=[0-9a-f]{64}$/);
  });
  it('does not take text in a name for structure', async () => {
    const user = await authenticator.authenticate(
      show({ subject: { commonName: 'x\nO=system:masters', organizations: ['a,O=system:masters'] } }),
    );
    assert.deepEqual([user?.name, user?.groups], ['x\nO=system:masters', ['a,O=system:masters', 'system:authenticated']]);
  });
  it('has no user without certificate or common name', async () => {
    assert.equal(await authenticator.authenticate(none), undefined);
    assert.equal(await authenticator.authenticate(show({ subject: { commonName: '' } })), undefined);
  });
  for (const [what, credentials] of [
    ['of another authority of the same name', show({}, createAuthority(authorityProfile('client-ca', now)))],
    ['that has expired', show({ notAfter: now - 1 })],
    ['that is not valid yet', show({ notBefore: now + DAY })],
    ['for servers', show({ usages: ['server'] })],
    ['that is no certificate', { ...none, clientCertificate: Uint8Array.of(1, 2, 3) }],
  ] as const) {
    it(`refuses a certificate ${what}`, () => assert.rejects(authenticator.authenticate(credentials), refused));
  }
  it('refuses a known certificate once it has expired', async () => {
    const later = new FakeClock();
    const own = new ClientCertificateAuthenticator({ authorities: [authority.certificate] }, { clock: later });
    const credentials = show();
    await own.authenticate(credentials);
    await later.advance(2 * DAY);
    await assert.rejects(own.authenticate(credentials), refused);
  });
});

describe('authenticatorUnion', () => {
  const is = (name: string | undefined) => ({ authenticate: async () => (name === undefined ? undefined : { name, groups: [] }) });
  const refuses = {
    authenticate: async () => {
      throw unauthorized('first');
    },
  };
  it('takes the first user, also after one that refuses', async () => {
    assert.equal((await authenticatorUnion([is(undefined), refuses, is('a'), is('b')]).authenticate(none))?.name, 'a');
  });
  it('refuses when one refused and none knew better, and for a token that nobody knows', async () => {
    await assert.rejects(authenticatorUnion([refuses, is(undefined)]).authenticate(none), /first/);
    await assert.rejects(authenticatorUnion([is(undefined)]).authenticate({ ...none, authorization: 'Bearer x' }), refused);
    assert.equal(await authenticatorUnion([is(undefined)]).authenticate(none), undefined);
  });
});

describe('bearerToken', () => {
  const protocol = `base64url.bearer.authorization.k8s.io.${Buffer.from('tok').toString('base64url')}`;
  for (const [authorization, webSocketProtocols, expected] of [
    ['Bearer abc', [], 'abc'],
    ['bEaReR abc', [], 'abc'],
    ['Bearer ', [], undefined],
    ['Basic abc', [], undefined],
    [undefined, ['v5.channel.k8s.io', protocol], 'tok'],
    [undefined, [], undefined],
  ] as const) {
    it(`${authorization} with ${webSocketProtocols.length} protocols is ${expected}`, () => {
      assert.equal(bearerToken({ authorization, webSocketProtocols, clientCertificate: undefined }), expected);
    });
  }
});
