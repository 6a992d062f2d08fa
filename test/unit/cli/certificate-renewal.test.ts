import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { silentLogger } from '../../../src/base/log.ts';
import { CertificateRenewal } from '../../../src/cli/certificate-renewal.ts';
import type { ClusterPki } from '../../../src/server/pki/cluster-pki.ts';
import { FakeClock } from '../../support/fake-clock.ts';

const HALF_DAY_MS = 12 * 3_600_000;
const leaves = (certificate: string): ClusterPki['leaves'] => {
  const pair = { certificate, key: 'KEY' };
  return { 'serving-kube-apiserver': pair, 'client-admin': pair, 'client-kube-apiserver': pair, 'client-auth-proxy': pair };
};

suite('CertificateRenewal', () => {
  test('uses new certificates, leaves good ones alone, and survives a failure', async () => {
    const clock = new FakeClock();
    let onDisk: ClusterPki['leaves'] | undefined = leaves('old');
    const used: string[] = [];
    const renewal = new CertificateRenewal(
      {
        leaves: leaves('old'),
        open: () => onDisk ?? assert.fail('the disk is full'),
        use: (now) => used.push(now['client-admin'].certificate),
      },
      { clock, log: silentLogger },
    );
    await renewal.start();
    await clock.advance(HALF_DAY_MS);
    assert.deepEqual(used, []);
    onDisk = undefined;
    await clock.advance(HALF_DAY_MS);
    onDisk = leaves('new');
    await clock.advance(HALF_DAY_MS);
    await clock.advance(HALF_DAY_MS);
    assert.deepEqual(used, ['new']);
    assert.equal(renewal.leaves['client-kube-apiserver'].certificate, 'new');
    await renewal.stop();
  });
});
