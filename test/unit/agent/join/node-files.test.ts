import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { authorityHashOf } from '../../../../src/agent/join/join-client.ts';
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
