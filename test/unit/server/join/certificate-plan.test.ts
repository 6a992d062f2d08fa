import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { hasReason } from '../../../../src/api/status-error.ts';
import type { CertificateSigningRequest, CertificateSigningRequestStatus } from '../../../../src/api/types/certificates-v1.gen.ts';
import type { Node } from '../../../../src/api/types/core-v1.gen.ts';
import { createAuthority } from '../../../../src/base/x509.ts';
import { LocalClient } from '../../../../src/client/local-client.ts';
import { NODES, SECRETS } from '../../../../src/client/resources.ts';
import { approvalReason, forgetAt, requestState } from '../../../../src/server/join/certificate-plan.ts';
import { NodeBootstrapTokens } from '../../../../src/server/join/node-bootstrap-tokens.ts';
import { holdsNodeName } from '../../../../src/server/join/node-passwords.ts';
import { authorityProfile } from '../../../../src/server/pki/certificate-plan.ts';
import { FakeApi } from '../../../support/fake-api.ts';
import { FakeClock } from '../../../support/fake-clock.ts';

const NODE: Node = {
  metadata: { name: 'n2' },
  spec: {},
  status: { addresses: [{ type: 'InternalIP', address: '192.0.2.2' }], conditions: [{ type: 'Ready', status: 'True' }] },
};
const LOST: Node = {
  metadata: { name: 'n3' },
  spec: {},
  status: { addresses: [{ type: 'InternalIP', address: '192.0.2.3' }], conditions: [{ type: 'Ready', status: 'Unknown' }] },
};
const KTS = ['system:bootstrappers', 'system:bootstrappers:kts', 'system:authenticated'];
const csr = (signer: string, username: string, groups: string[] = []): CertificateSigningRequest => ({
  metadata: { name: 'c', creationTimestamp: '2026-01-01T00:00:00Z' },
  spec: { request: '', signerName: `kubernetes.io/${signer}`, username, groups },
});
const request = (commonName: string, dns: string[] = [], ips: string[] = []) => ({
  subject: { commonName, organizations: ['system:nodes'], others: [] },
  spki: new Uint8Array(),
  sans: { dns, ips, emails: [], uris: [] },
});
const context = (...may: string[]) => ({
  mayCreate: (subresource: string) => may.includes(subresource),
  nodes: [NODE, LOST],
  serverNames: ['192.0.2.1', '127.0.0.1', 'kubernetes'],
  localNode: 'master',
});

suite('approvalReason', () => {
  const CLIENT = 'kube-apiserver-client-kubelet';
  const SERVING = 'kubelet-serving';
  const cases: [string, CertificateSigningRequest, ReturnType<typeof request>, ReturnType<typeof context>, boolean][] = [
    [
      'approves the node that a bootstrap token is for',
      csr(CLIENT, 'system:bootstrap:node:n1', KTS),
      request('system:node:n1'),
      context('nodeclient'),
      true,
    ],
    [
      'not another node by that token',
      csr(CLIENT, 'system:bootstrap:node:n1', KTS),
      request('system:node:n2'),
      context('nodeclient'),
      false,
    ],
    [
      'not a node by the join token itself',
      csr(CLIENT, 'system:bootstrap:kts', KTS),
      request('system:node:n1'),
      context('nodeclient'),
      false,
    ],
    [
      'approves by an upstream bootstrap token that may',
      csr(CLIENT, 'system:bootstrap:abcdef', ['system:bootstrappers']),
      request('system:node:n1'),
      context('nodeclient'),
      true,
    ],
    [
      'not by one that may not',
      csr(CLIENT, 'system:bootstrap:abcdef', ['system:bootstrappers']),
      request('system:node:n1'),
      context(),
      false,
    ],
    ['approves a node that renews its own', csr(CLIENT, 'system:node:n1'), request('system:node:n1'), context('selfnodeclient'), true],
    ['not a node that asks for another', csr(CLIENT, 'system:node:n1'), request('system:node:n2'), context('selfnodeclient'), false],
    [
      'approves a serving certificate for its own name and address',
      csr(SERVING, 'system:node:n1'),
      request('system:node:n1', ['n1'], ['192.0.2.9']),
      context(),
      true,
    ],
    [
      'with the address of a node that is down, and its loopback',
      csr(SERVING, 'system:node:n1'),
      request('system:node:n1', ['n1'], ['192.0.2.3', '127.0.0.1']),
      context(),
      true,
    ],
    [
      'not with the address of another node',
      csr(SERVING, 'system:node:n1'),
      request('system:node:n1', ['n1'], ['192.0.2.2']),
      context(),
      false,
    ],
    [
      'not with the address of the API server',
      csr(SERVING, 'system:node:n1'),
      request('system:node:n1', ['n1'], ['192.0.2.1']),
      context(),
      false,
    ],
    [
      "with that address on the API server's own node",
      csr(SERVING, 'system:node:master'),
      request('system:node:master', ['master'], ['192.0.2.1']),
      context(),
      true,
    ],
    [
      'not with a name that is not its own',
      csr(SERVING, 'system:node:n1'),
      request('system:node:n1', ['bank.example'], []),
      context(),
      false,
    ],
    ['not a serving certificate for another', csr(SERVING, 'system:node:n1'), request('system:node:n2', ['n2'], []), context(), false],
    [
      'nothing of other signers',
      csr('kube-apiserver-client', 'system:node:n1'),
      request('system:node:n1'),
      context('selfnodeclient', 'nodeclient'),
      false,
    ],
  ];
  for (const [title, object, asked, world, expected] of cases) {
    test(title, () => assert.equal(approvalReason(object, asked, world) !== undefined, expected));
  }
});

suite('requestState and forgetAt', () => {
  const at = (text: string) => Date.parse(text);
  const condition = (type: string) => ({ conditions: [{ type, status: 'True', lastUpdateTime: '2026-01-01T06:00:00Z' }] });
  const cases: [string, CertificateSigningRequestStatus, string, string][] = [
    ['pending', {}, 'pending', '2026-01-02T00:00:00Z'],
    ['approved', condition('Approved'), 'approved', '2026-01-02T00:00:00Z'],
    ['issued', { ...condition('Approved'), certificate: 'x' }, 'done', '2026-01-01T07:00:00Z'],
    ['denied', condition('Denied'), 'done', '2026-01-01T07:00:00Z'],
    ['failed', condition('Failed'), 'done', '2026-01-01T07:00:00Z'],
  ];
  for (const [title, status, state, forgotten] of cases) {
    test(`a request that is ${title}`, () => {
      const object = { ...csr('kubelet-serving', 'u'), status };
      assert.equal(requestState(object), state);
      assert.equal(forgetAt(object), at(forgotten));
    });
  }

  test('a request whose certificate ends before the hour is over', () => {
    const end = at('2026-01-01T06:20:00Z');
    const { certificate } = createAuthority({ ...authorityProfile('client-ca', at('2026-01-01T06:00:00Z')), notAfter: end });
    const status = { ...condition('Approved'), certificate: Buffer.from(certificate).toString('base64') };
    assert.equal(forgetAt({ ...csr('kubelet-serving', 'u'), status }), end);
  });
});

suite('NodeBootstrapTokens', () => {
  const ask = (tokens: NodeBootstrapTokens, token: string) =>
    tokens.authenticate({ authorization: `Bearer ${token}`, webSocketProtocols: [], clientCertificate: undefined });

  test('knows a token for ten minutes, as a user of that node', async () => {
    const clock = new FakeClock();
    const tokens = new NodeBootstrapTokens({ clock });
    const token = tokens.issue('n1');
    assert.deepEqual(await ask(tokens, token), { name: 'system:bootstrap:node:n1', groups: KTS });
    await clock.advance(600_000);
    await assert.rejects(ask(tokens, token), (error) => hasReason(error, 'Unauthorized'));
  });
  test('refuses made-up tokens and leaves those of other kinds', async () => {
    const tokens = new NodeBootstrapTokens({ clock: new FakeClock() });
    await assert.rejects(ask(tokens, 'kts-join.x'), (error) => hasReason(error, 'Unauthorized'));
    assert.equal(await ask(tokens, 'eyJhbGciOi'), undefined);
  });
});

suite('holdsNodeName', () => {
  test('gives a name to whoever comes first, until its Node is gone', async () => {
    const client = new LocalClient(new FakeApi(), { name: 'test', groups: [] });
    assert.equal(await holdsNodeName(client, 'n2', 'first password here'), true);
    const kept = await client.get(SECRETS, { namespace: 'kube-system', name: 'n2.node-password.kts' });
    assert.doesNotMatch(Buffer.from(kept.data?.['hash'] ?? '', 'base64').toString(), /first/);
    await client.create(NODES, { ...NODE });
    assert.equal(await holdsNodeName(client, 'n2', 'second password here'), false);
    assert.equal(await holdsNodeName(client, 'n2', 'first password here'), true);
    await client.delete(NODES, { namespace: '', name: 'n2' });
    assert.equal(await holdsNodeName(client, 'n2', 'second password here'), true);
    assert.equal(await holdsNodeName(client, 'n1', 'another password'), true);
  });
});
