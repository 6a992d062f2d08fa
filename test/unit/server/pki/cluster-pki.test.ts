// The cluster's certificates on disk over the years. OpenSSL (node:crypto) is the oracle.

import assert from 'node:assert/strict';
import { X509Certificate } from 'node:crypto';
import { chmodSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { isIP } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, it } from 'node:test';
import { hasCode } from '../../../../src/base/errors.ts';
import { silentLogger } from '../../../../src/base/log.ts';
import { generateKey, publicKeyOf } from '../../../../src/base/x509.ts';
import { servingNames } from '../../../../src/server/pki/certificate-plan.ts';
import { openClusterPki } from '../../../../src/server/pki/cluster-pki.ts';
import { kubeconfigText, writeKubeconfig } from '../../../../src/server/pki/kubeconfig.ts';
import { FakeClock } from '../../../support/fake-clock.ts';

const DAY = 86_400_000;
let directory: string;
let clock: FakeClock;
beforeEach(() => {
  directory = join(mkdtempSync(join(tmpdir(), 'kts-pki-')), 'tls');
  clock = new FakeClock();
});
afterEach(() => rmSync(join(directory, '..'), { recursive: true }));

const names = (extra: string[] = []) =>
  servingNames(
    { hostname: 'edge1', addresses: ['192.0.2.1'], serviceAddresses: ['10.43.0.1'], clusterDomain: 'cluster.local', extra },
    (text) => isIP(text) !== 0,
  );
const open = (extra?: string[]) => openClusterPki({ directory, sans: names(extra) }, { clock, log: silentLogger });

describe('openClusterPki', () => {
  it('makes files that only the owner can read', () => {
    open();
    assert.equal(statSync(directory).mode & 0o777, 0o700);
    const files = readdirSync(directory);
    assert.equal(files.length, 7 * 2 + 1);
    for (const file of files) assert.equal(statSync(join(directory, file)).mode & 0o777, 0o600, file);
  });

  it('issues each certificate by its authority for its use and names', () => {
    const pki = open(['api.example', '203.0.113.9']);
    const certificate = (pem: string): X509Certificate => new X509Certificate(pem);
    const serverCa = certificate(pki.authorities['server-ca'].certificate);
    const clientCa = certificate(pki.authorities['client-ca'].certificate);
    const serving = certificate(pki.leaves['serving-kube-apiserver'].certificate);
    assert.ok(serving.verify(serverCa.publicKey) && !serving.verify(clientCa.publicKey));
    for (const name of [
      'kubernetes',
      'kubernetes.default',
      'kubernetes.default.svc',
      'kubernetes.default.svc.cluster.local',
      'localhost',
      'edge1',
      'api.example',
    ]) {
      assert.equal(serving.checkHost(name), name);
    }
    for (const ip of ['127.0.0.1', '10.43.0.1', '192.0.2.1', '203.0.113.9']) assert.equal(serving.checkIP(ip), ip);
    const admin = certificate(pki.leaves['client-admin'].certificate);
    assert.ok(admin.verify(clientCa.publicKey));
    assert.equal(admin.subject, 'O=system:masters\nCN=system:admin');
    assert.deepEqual(admin.keyUsage, ['1.3.6.1.5.5.7.3.2']);
    assert.equal(Date.parse(admin.validTo) - clock.now(), 365 * DAY);
    assert.ok(Date.parse(admin.validFrom) <= clock.now() - DAY);
  });

  it('changes nothing when opened again', () => {
    assert.deepEqual(open(), open());
  });

  it('issues the serving certificate anew, with its key, when names change', () => {
    const before = open();
    const after = open(['new.example']);
    assert.notEqual(after.leaves['serving-kube-apiserver'].certificate, before.leaves['serving-kube-apiserver'].certificate);
    assert.equal(after.leaves['serving-kube-apiserver'].key, before.leaves['serving-kube-apiserver'].key);
    assert.deepEqual(after.leaves['client-admin'], before.leaves['client-admin']);
  });

  it('renews leaves with less than 120 days left and keeps the authorities', async () => {
    const before = open();
    await clock.advance(244 * DAY);
    assert.deepEqual(open(), before);
    await clock.advance(2 * DAY);
    const after = open();
    assert.deepEqual(after.authorities, before.authorities);
    for (const [name, leaf] of Object.entries(after.leaves)) {
      assert.equal(Date.parse(new X509Certificate(leaf.certificate).validTo), clock.now() + 365 * DAY, name);
    }
  });

  it('never lets a leaf outlive its authority', async () => {
    open();
    await clock.advance(3_600 * DAY);
    const { leaves, authorities } = open();
    const end = new X509Certificate(authorities['client-ca'].certificate).validTo;
    assert.equal(new X509Certificate(leaves['client-admin'].certificate).validTo, end);
    assert.deepEqual(open().leaves, leaves);
  });

  for (const [what, spoil] of [
    ['text that is no certificate', () => writeFileSync(join(directory, 'client-admin.crt'), 'garbage')],
    ['a key of another certificate', () => writeFileSync(join(directory, 'client-admin.key'), generateKey())],
    ['a missing key', () => rmSync(join(directory, 'client-admin.key'))],
  ] as const) {
    it(`makes a leaf anew when it finds ${what}`, () => {
      open();
      spoil();
      const { certificate, key } = open().leaves['client-admin'];
      assert.ok(new X509Certificate(certificate).publicKey.export({ type: 'spki', format: 'der' }).equals(publicKeyOf(key)));
      assert.equal(readFileSync(join(directory, 'client-admin.key'), 'utf8'), key);
    });
    it(`refuses an authority with ${what}`, () => {
      open();
      for (const suffix of ['crt', 'key']) {
        const leaf = join(directory, `client-admin.${suffix}`);
        const authority = join(directory, `client-ca.${suffix}`);
        if (what.includes('no certificate') && suffix === 'crt') writeFileSync(authority, 'garbage');
        if (what.includes('another') && suffix === 'key') writeFileSync(authority, readFileSync(leaf));
        if (what.includes('missing') && suffix === 'key') rmSync(authority);
      }
      assert.throws(
        () => open(),
        (error) => hasCode(error, 'authority-broken') && /from a backup/.test(String(error)),
      );
    });
  }
});

describe('kubeconfig', () => {
  const content = { name: 'default', server: 'https://127.0.0.1:6443', authority: 'CA', client: { certificate: 'CERT', key: 'KEY' } };
  it('holds server, authority and client', () => {
    const text = kubeconfigText(content);
    for (const part of [
      'server: "https://127.0.0.1:6443"',
      'certificate-authority-data: Q0E=',
      'client-key-data: S0VZ',
      'current-context: "default"',
    ]) {
      assert.ok(text.includes(part), part);
    }
  });
  it('is written with the mode asked for, also over an old file', () => {
    const path = join(directory, 'sub/kts.yaml');
    writeKubeconfig(path, content, { mode: 0o644 });
    chmodSync(path, 0o600);
    writeKubeconfig(path, content, { mode: 0o640 });
    assert.equal(statSync(path).mode & 0o777, 0o640);
    assert.deepEqual(readdirSync(join(directory, 'sub')), ['kts.yaml']);
  });
});
