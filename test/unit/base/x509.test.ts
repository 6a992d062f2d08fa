// Certificates and requests, with OpenSSL as the oracle: its command line and node:crypto.

import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { X509Certificate } from 'node:crypto';
import { describe, it } from 'node:test';
import { encode, oid, oidOf, readValue, readValues, time, timeOf } from '../../../src/base/der.ts';
import { hasCode } from '../../../src/base/errors.ts';
import { ipBytes, ipText } from '../../../src/base/ip-bytes.ts';
import {
  type CertificateProfile,
  createAuthority,
  createRequest,
  fromPem,
  generateKey,
  issueCertificate,
  publicKeyOf,
} from '../../../src/base/x509.ts';
import { parseCertificate, parseRequest, USAGES } from '../../../src/base/x509-parse.ts';

const DAY = 86_400_000;
const now = Math.floor(Date.now() / 1000) * 1000;
const authorityProfile: CertificateProfile = {
  subject: { commonName: 'kts-server-ca@1' },
  notBefore: now - DAY,
  notAfter: now + 3650 * DAY,
  usages: [],
  keyUsages: ['digitalSignature', 'certSign', 'crlSign'],
  authority: true,
};
const leafProfile: CertificateProfile = {
  subject: { commonName: 'ädmin', organizations: ['system:masters', 'a=b,CN=evil'] },
  notBefore: now - 3_600_000,
  notAfter: now + 365 * DAY,
  usages: ['client', 'server'],
  keyUsages: ['digitalSignature'],
  sans: { dns: ['localhost', 'kubernetes.default.svc'], ips: ['10.43.0.1', '::1', 'fd00::5'] },
};
const openssl = (args: string[], input: string): string => execFileSync('openssl', args, { input, encoding: 'utf8', stdio: 'pipe' });

describe('issueCertificate', () => {
  const authority = createAuthority(authorityProfile);
  const key = generateKey();
  const certificate = issueCertificate(leafProfile, publicKeyOf(key), authority);

  it('makes what OpenSSL verifies up to the authority', () => {
    const leaf = new X509Certificate(certificate);
    const parent = new X509Certificate(authority.certificate);
    assert.ok(leaf.checkIssued(parent) && leaf.verify(parent.publicKey));
    assert.ok(parent.verify(parent.publicKey) && parent.ca && !leaf.ca);
    assert.equal(leaf.checkHost('kubernetes.default.svc'), 'kubernetes.default.svc');
    assert.equal(leaf.checkIP('fd00::5'), 'fd00::5');
  });
  it('prints as intended with openssl x509', () => {
    const text = openssl(['x509', '-noout', '-text', '-certopt', 'no_sigdump,no_pubkey'], certificate);
    for (const part of [
      'Version: 3 (0x2)',
      'X509v3 Key Usage: critical\n                Digital Signature\n',
      'TLS Web Client Authentication, TLS Web Server Authentication',
      'X509v3 Basic Constraints: critical\n                CA:FALSE',
      'DNS:localhost, DNS:kubernetes.default.svc, IP Address:10.43.0.1, IP Address:0:0:0:0:0:0:0:1, IP Address:FD00:0:0:0:0:0:0:5',
    ]) {
      assert.ok(text.includes(part), `${part}\nnot in\n${text}`);
    }
    const parent = openssl(['x509', '-noout', '-text'], authority.certificate);
    assert.match(parent, /Digital Signature, Certificate Sign, CRL Sign/);
    assert.match(parent, /CA:TRUE, pathlen:0/);
  });
  it('reads back as it was asked for', () => {
    const parsed = parseCertificate(fromPem(certificate));
    assert.deepEqual(parsed.subject, { commonName: 'ädmin', organizations: ['system:masters', 'a=b,CN=evil'], others: [] });
    assert.deepEqual([parsed.notBefore, parsed.notAfter], [leafProfile.notBefore, leafProfile.notAfter]);
    assert.deepEqual(parsed.extendedUsages, [USAGES.client, USAGES.server]);
    assert.deepEqual(parsed.sans, { ...leafProfile.sans, emails: [], uris: [] });
    assert.equal(parsed.serial, new X509Certificate(certificate).serialNumber.toLowerCase());
    assert.equal(parseCertificate(fromPem(authority.certificate)).authority, true);
  });
  it('reads a certificate of openssl with a name of several values', () => {
    const subject = '/O=one+O=two/O=three/CN=first/CN=last';
    const args = [
      'req',
      '-x509',
      '-newkey',
      'rsa:2048',
      '-nodes',
      '-keyout',
      '/dev/null',
      '-multivalue-rdn',
      '-subj',
      subject,
      '-days',
      '1',
    ];
    const { subject: name } = parseCertificate(fromPem(openssl(args, '')));
    assert.deepEqual([name.commonName, name.organizations.toSorted()], ['last', ['one', 'three', 'two']]);
  });
});

describe('createRequest and parseRequest', () => {
  const key = generateKey();
  const sans = { dns: ['n1'], ips: ['192.0.2.7'] };
  const request = createRequest({ commonName: 'system:node:n1', organizations: ['system:nodes'] }, sans, key);

  it('openssl verifies the request and shows its names', () => {
    const text = openssl(['req', '-noout', '-verify', '-text'], request);
    assert.match(text, /O = system:nodes, CN = system:node:n1/);
    assert.match(text, /DNS:n1, IP Address:192\.0\.2\.7/);
  });
  it('parseRequest returns what was asked', () => {
    const parsed = parseRequest(fromPem(request));
    assert.deepEqual(parsed.subject, { commonName: 'system:node:n1', organizations: ['system:nodes'], others: [] });
    assert.deepEqual(parsed.sans, { ...sans, emails: [], uris: [] });
    assert.deepEqual(new Uint8Array(parsed.spki), new Uint8Array(publicKeyOf(key)));
  });
  it('parseRequest reads what openssl makes with other keys', () => {
    for (const algorithm of [['rsa:2048'], ['ed25519'], ['ec', '-pkeyopt', 'ec_paramgen_curve:secp384r1']]) {
      const args = [
        'req',
        '-new',
        '-newkey',
        ...algorithm,
        '-nodes',
        '-keyout',
        '/dev/null',
        '-subj',
        '/O=g/CN=u',
        '-addext',
        'subjectAltName=email:a@b,URI:spiffe://x',
      ];
      const parsed = parseRequest(fromPem(openssl(args, '')));
      assert.deepEqual([parsed.subject.commonName, parsed.sans.emails, parsed.sans.uris], ['u', ['a@b'], ['spiffe://x']]);
    }
  });
  it('parseRequest refuses every request in which a byte is changed', () => {
    const bytes = fromPem(request);
    for (let at = 0; at < bytes.length; at++) {
      const changed = Uint8Array.from(bytes);
      changed[at] = (changed[at] ?? 0) ^ 0x41;
      assert.throws(
        () => parseRequest(changed),
        (error) => hasCode(error, 'malformed-der'),
        `byte ${at}`,
      );
    }
  });
});

describe('DER', () => {
  it('oid round-trips', () => {
    for (const id of ['2.5.29.37', '1.2.840.113549.1.9.14', '2.999.3', '0.9.2342.19200300.100.1.25']) {
      assert.equal(oidOf(readValue(oid(id), 6)), id);
    }
  });
  it('time is UTCTime up to 2049 and GeneralizedTime after', () => {
    for (const [text, tag] of [
      ['2026-03-04T05:06:07Z', 0x17],
      ['1999-12-31T23:59:59Z', 0x17],
      ['2050-01-01T00:00:00Z', 0x18],
    ] as const) {
      const value = readValue(time(Date.parse(text)), tag);
      assert.equal(timeOf(value), Date.parse(text));
    }
  });
  it('encodes every form of length so that it reads back', () => {
    for (const length of [0, 127, 128, 255, 256, 65535, 65536]) {
      assert.equal(readValue(encode(4, new Uint8Array(length)), 4).content.length, length);
    }
  });
  it('refuses lengths that are not minimal, indefinite or beyond the end', () => {
    for (const bytes of [[4, 0x81, 1, 0], [4, 0x80, 0, 0], [4, 2, 0], [4], [0x1f, 1, 0], [4, 0x82, 0, 0x80], [4, 0x85, 1, 0, 0, 0, 0]]) {
      assert.throws(
        () => readValues(Uint8Array.from(bytes)),
        (error) => hasCode(error, 'malformed-der'),
        String(bytes),
      );
    }
  });
});

describe('ipBytes and ipText', () => {
  it('agree with each other', () => {
    for (const ip of ['1.2.3.4', '::', '::1', 'fd00::5', '2001:db8::1:0:0:1', '1:2:3:4:5:6:7:8']) assert.equal(ipText(ipBytes(ip)), ip);
    assert.deepEqual([...ipBytes('::ffff:1.2.3.4')].slice(10), [255, 255, 1, 2, 3, 4]);
    for (const bad of ['1.2.3', '010.0.0.1', 'fe80::1%eth0', '']) assert.throws(() => ipBytes(bad), RangeError);
  });
});
