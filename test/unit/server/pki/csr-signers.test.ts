import assert from 'node:assert/strict';
import { X509Certificate } from 'node:crypto';
import { describe, it } from 'node:test';
import { hasCode } from '../../../../src/base/errors.ts';
import { createAuthority, createRequest, fromPem, generateKey } from '../../../../src/base/x509.ts';
import { parseCertificate } from '../../../../src/base/x509-parse.ts';
import { authorityProfile } from '../../../../src/server/pki/certificate-plan.ts';
import { isKnownSigner, type SignerName, signingFault, signRequest } from '../../../../src/server/pki/csr-signers.ts';

const NOW = Date.UTC(2026, 0, 1);
const authority = createAuthority(authorityProfile('client-ca', NOW));
const key = generateKey();
const none = { dns: [], ips: [] };
const node = { commonName: 'system:node:n1', organizations: ['system:nodes'] };
const request = (subject = node, sans: { dns: string[]; ips: string[] } = none): string => createRequest(subject, sans, key);
const CLIENT: SignerName = 'kubernetes.io/kube-apiserver-client';
const KUBELET: SignerName = 'kubernetes.io/kube-apiserver-client-kubelet';
const SERVING: SignerName = 'kubernetes.io/kubelet-serving';

describe('signingFault', () => {
  for (const [what, signerName, pem, usages, fault] of [
    ['a kubelet client', KUBELET, request(), ['digital signature', 'client auth'], undefined],
    [
      'a kubelet client with names',
      KUBELET,
      request(node, { dns: ['x'], ips: [] }),
      ['client auth'],
      /DNS subjectAltNames are not allowed/,
    ],
    ['another organization', KUBELET, request({ ...node, organizations: ['other'] }), ['client auth'], /organization/],
    [
      'two organizations',
      KUBELET,
      request({ ...node, organizations: ['system:nodes', 'system:masters'] }),
      ['client auth'],
      /organization/,
    ],
    ['a name that is no node', KUBELET, request({ ...node, commonName: 'n1' }), ['client auth'], /common name/],
    ['a node without a name', KUBELET, request({ ...node, commonName: 'system:node:' }), ['client auth'], /common name/],
    ['server auth as client', KUBELET, request(), ['client auth', 'server auth'], /server auth is not allowed/],
    ['no client auth', KUBELET, request(), ['digital signature'], /did not include client auth/],
    ['a serving certificate', SERVING, request(node, { dns: ['n1'], ips: ['192.0.2.1'] }), ['digital signature', 'server auth'], undefined],
    ['a serving certificate without names', SERVING, request(), ['server auth'], /subjectAltName is required/],
    ['a user', CLIENT, request({ commonName: 'jane', organizations: ['dev'] }), ['client auth'], undefined],
    ['a master', CLIENT, request({ commonName: 'jane', organizations: ['dev', 'system:masters'] }), ['client auth'], /system:masters/],
  ] as const) {
    it(`${fault ? 'refuses' : 'lets pass'} ${what}`, () => {
      const found = signingFault({ signerName, request: pem, usages });
      if (fault) assert.match(found ?? '', fault);
      else assert.equal(found, undefined);
    });
  }
  it('throws for what is no request', () => {
    assert.throws(
      () => signingFault({ signerName: CLIENT, request: 'x', usages: [] }),
      (error) => hasCode(error, 'malformed-der'),
    );
  });
});

describe('signRequest', () => {
  const sign = (options: { usages?: string[]; expirationSeconds?: number } = {}) =>
    signRequest(
      { signerName: SERVING, request: request(node, { dns: ['n1'], ips: ['::1'] }), usages: ['server auth'], ...options },
      authority,
      NOW,
    );
  it('keeps subject, key and names of the request and is signed by the authority', () => {
    const certificate = sign();
    assert.ok(new X509Certificate(certificate).verify(new X509Certificate(authority.certificate).publicKey));
    const parsed = parseCertificate(fromPem(certificate));
    assert.deepEqual(
      [parsed.subject.commonName, parsed.subject.organizations, parsed.sans.dns, parsed.sans.ips],
      ['system:node:n1', ['system:nodes'], ['n1'], ['::1']],
    );
  });
  for (const [seconds, expected] of [
    [undefined, 365 * 86_400],
    [3600, 3600],
    [1, 600],
    [1e9, 365 * 86_400],
  ] as const) {
    it(`gives a life of ${expected} s when asked for ${seconds}`, () => {
      const { notAfter } = parseCertificate(fromPem(sign(seconds === undefined ? {} : { expirationSeconds: seconds })));
      assert.equal((notAfter - NOW) / 1000, expected);
    });
  }
});

describe('isKnownSigner', () => {
  it('knows its signers only', () => {
    assert.ok(isKnownSigner(SERVING) && !isKnownSigner('kubernetes.io/legacy-unknown') && !isKnownSigner('toString'));
  });
});
