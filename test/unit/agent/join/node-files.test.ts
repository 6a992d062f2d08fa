import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { authorityHashOf, parseClusterConfig, parseJoinReply } from '../../../../src/agent/join/cluster-config.ts';
import { renewalTime } from '../../../../src/agent/join/node-files.ts';
import { hasCode } from '../../../../src/base/errors.ts';
import { type CertifiedKey, createAuthority, generateKey } from '../../../../src/base/x509.ts';

const DAY_MS = 86_400_000;
const START = Date.UTC(2026, 0, 1);

suite('authorityHashOf', () => {
  const hash = 'a'.repeat(64);
  const cases: [string, string | undefined][] = [
    [`K10${hash}::node:secret`, hash],
    [`K10${hash}::server:secret`, hash],
    ['secret', undefined],
  ];
  for (const [token, expected] of cases) test(`reads ${token.slice(0, 12)}`, () => assert.equal(authorityHashOf(token), expected));
  for (const token of ['', 'K10', `K10${hash}`, `K10${hash}::other:secret`, `K10${hash}::node:`, 'two words']) {
    test(`refuses "${token.slice(0, 12)}"`, () =>
      assert.throws(
        () => authorityHashOf(token),
        (error) => hasCode(error, 'join-token-invalid'),
      ));
  }
});

suite('parseClusterConfig', () => {
  const config = {
    clusterCidrs: ['10.42.0.0/16'],
    serviceCidrs: ['10.43.0.0/16'],
    clusterDns: '10.43.0.10',
    clusterDomain: 'cluster.local',
    backend: 'auto',
    clientCa: 'PEM',
  };
  test('reads what the server sends', () => assert.deepEqual(parseClusterConfig({ ...config, more: 1 }), config));
  const bad: [string, unknown][] = [
    ['nothing', null],
    ['a text', 'x'],
    ['a list that is none', { ...config, clusterCidrs: '10.42.0.0/16' }],
    ['an unknown backend', { ...config, backend: 'ipip' }],
    ['no domain', { ...config, clusterDomain: '' }],
  ];
  for (const [title, value] of bad)
    test(`refuses ${title}`, () =>
      assert.throws(
        () => parseClusterConfig(value),
        (error) => hasCode(error, 'join-unavailable'),
      ));
  for (const text of ['', 'null', '<html>', '{}'])
    test(`parseJoinReply refuses ${JSON.stringify(text)}`, () =>
      assert.throws(
        () => parseJoinReply(text),
        (error) => hasCode(error, 'join-unavailable'),
      ));
});

suite('renewalTime', () => {
  const pair = (change: { name?: string; days?: number; ips?: string[]; startsBefore?: number } = {}): CertifiedKey =>
    createAuthority({
      subject: { commonName: `system:node:${change.name ?? 'n1'}`, organizations: ['system:nodes'] },
      notBefore: START - (change.startsBefore ?? 0) * DAY_MS,
      notAfter: START + (change.days ?? 90) * DAY_MS,
      usages: ['server'],
      keyUsages: ['digitalSignature'],
      sans: { dns: ['n1'], ips: change.ips ?? ['192.0.2.1'] },
    });
  const wanted = { name: 'n1', ips: ['192.0.2.1'] };
  const cases: [string, CertifiedKey | undefined, number][] = [
    ['after two thirds of its life', pair(), START + 60 * DAY_MS],
    ['not at once for one that was dated back far', pair({ days: 365, startsBefore: 1000 }), START + 365 * DAY_MS - (365 * DAY_MS) / 3],
    ['at once for another name', pair({ name: 'n10' }), 0],
    ['at once without an address', pair({ ips: ['192.0.2.2'] }), 0],
    ['at once with another key', { ...pair(), key: generateKey() }, 0],
    ['at once for what is no certificate', { certificate: 'x', key: 'y' }, 0],
    ['at once for none', undefined, 0],
  ];
  for (const [title, kept, expected] of cases) test(title, () => assert.equal(renewalTime(kept, wanted), expected));
});
