import assert from 'node:assert/strict';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { after, test } from 'node:test';
import { notFound } from '../../src/api/status-error.ts';
import { nextTurn, systemClock } from '../../src/base/clock.ts';
import { createAuthority } from '../../src/base/x509.ts';
import { WebhookClient } from '../../src/server/extensions/webhook-client.ts';
import { CLIENT_CERT, CLIENT_KEY, SERVER_CERT, SERVER_KEY, TEST_CA } from '../support/test-certificates.ts';
import { startWebhookServer, type WebhookAnswer } from '../support/webhook-server.ts';

const base64 = (text: string): string => Buffer.from(text).toString('base64');

let next: WebhookAnswer | Promise<WebhookAnswer> = { value: {} };
const server = await startWebhookServer(() => next);
const client = new WebhookClient(
  { userAgent: 'kube-apiserver-admission' },
  {
    clock: systemClock,
    resolver: {
      resolve({ name }) {
        if (name !== 'webhook' && name !== 'other') throw notFound({ group: '', resource: 'services' }, name);
        return { host: '127.0.0.1', port: server.port };
      },
    },
  },
);
after(async () => {
  client.close();
  await server.stop();
});

const service = { namespace: 'default', name: 'webhook', path: '/admit?x=1' };
const { caBundle } = server;
const call = { body: { ask: 1 }, timeoutMs: 10_000 };

/** Answers once. */
async function answering(answer: WebhookAnswer | Promise<WebhookAnswer>, act: () => Promise<unknown>): Promise<void> {
  next = answer;
  await act().finally(() => {
    next = { value: {} };
  });
}

test('WebhookClient.post reaches a Service by its name and returns what it answers', async () => {
  await answering({ value: { answer: 2 } }, async () => {
    assert.deepEqual(await client.post({ service, caBundle }, call), { answer: 2 });
  });
  const post = server.posts.at(-1);
  assert.deepEqual(post?.body, { ask: 1 });
  assert.equal(post?.path, '/admit?x=1&timeout=10s');
  assert.equal(post?.serverName, 'webhook.default.svc');
  assert.equal(post?.headers['host'], 'webhook.default.svc:443');
  assert.equal(post?.headers['content-type'], 'application/json');
  assert.equal(post?.headers['user-agent'], 'kube-apiserver-admission');
  assert.equal(post?.headers['authorization'], undefined);
});

test('WebhookClient.post reaches a URL with an address', async () => {
  await answering({ value: { answer: 3 } }, async () => {
    assert.deepEqual(await client.post({ url: `https://127.0.0.1:${server.port}/hook`, caBundle }, call), { answer: 3 });
  });
  assert.equal(server.posts.at(-1)?.path, '/hook?timeout=10s');
});

test('WebhookClient.post uses a connection again, and a new one when the old has ended', async () => {
  const before = server.connections();
  for (let i = 0; i < 3; i++) {
    await client.post({ service, caBundle }, call);
    await nextTurn(); // The connection is free again.
  }
  assert.ok(server.connections() <= before + 1, `${server.connections()} connections`);
  server.cut();
  assert.deepEqual(await client.post({ service, caBundle }, call), {});
});

const POST = 'Post "https://webhook.default.svc:443/admit?x=1&timeout=10s": ';
const strangers = createAuthority({
  subject: { commonName: 'stranger' },
  notBefore: Date.now() - 1000,
  notAfter: Date.now() + 86_400_000,
  usages: [],
  keyUsages: ['certSign'],
  authority: true,
});

test('WebhookClient.post trusts the bundle alone', async () => {
  const other = Buffer.from(strangers.certificate).toString('base64');
  const message = `${POST}tls: failed to verify certificate: x509: certificate signed by unknown authority`;
  await assert.rejects(client.post({ service, caBundle: other }, call), { code: 'call', message });
  await assert.rejects(client.post({ service }, call), { message });
  const broken = { service, caBundle: Buffer.from('no PEM').toString('base64') };
  await assert.rejects(client.post(broken, call), {
    code: 'configuration',
    message: 'unable to load root certificates: unable to parse bytes as PEM block',
  });
});

test('WebhookClient.post demands the name of the Service', async () => {
  await assert.rejects(client.post({ service: { namespace: 'default', name: 'other' }, caBundle }, call), {
    message:
      'Post "https://other.default.svc:443/?timeout=10s": tls: failed to verify certificate: x509: certificate is valid for webhook.default.svc, 127.0.0.1, not other.default.svc',
  });
});

test('WebhookClient.post says why a Service cannot be reached', async () => {
  await assert.rejects(client.post({ service: { namespace: 'default', name: 'gone' }, caBundle }, call), {
    message: 'Post "https://gone.default.svc:443/?timeout=10s": services "gone" not found',
  });
  await assert.rejects(client.post({ url: 'https://127.0.0.1:1/', caBundle }, call), {
    message: 'Post "https://127.0.0.1:1/?timeout=10s": dial tcp 127.0.0.1:1: connect: connection refused',
  });
});

test('WebhookClient.post gives up after the time limit', async () => {
  await answering(new Promise(() => {}), async () => {
    await assert.rejects(client.post({ service, caBundle }, { ...call, timeoutMs: 100 }), {
      code: 'timeout',
      message: 'Post "https://webhook.default.svc:443/admit?x=1&timeout=100ms": context deadline exceeded',
    });
  });
});

const FAILURES: { title: string; answer: WebhookAnswer; error: { code?: number | string; message: string } }[] = [
  { title: '404', answer: { code: 404, text: 'no' }, error: { code: 404, message: 'the server could not find the requested resource' } },
  {
    title: '500 with a text',
    answer: { code: 500, text: 'boom' },
    error: { code: 500, message: 'an error on the server ("boom") has prevented the request from succeeding' },
  },
  {
    title: '500 with a Status',
    answer: { code: 500, value: { kind: 'Status', status: 'Failure', reason: 'InternalError', message: 'broken' } },
    error: { code: 500, message: 'broken' },
  },
  {
    title: 'a redirect',
    answer: { code: 302, text: '' },
    error: { code: 302, message: 'the server responded with the status code 302 but did not return more information' },
  },
  {
    title: 'no JSON',
    answer: { text: 'hello' },
    error: { code: 'call', message: `couldn't get version/kind; json parse error: invalid character "h" looking for beginning of value` },
  },
  {
    title: 'an answer beyond the bound',
    answer: { value: 'x'.repeat(2000) },
    error: { code: 'call', message: `${POST}the answer exceeds 1000 bytes` },
  },
];
for (const { title, answer, error } of FAILURES) {
  test(`WebhookClient.post refuses ${title}`, async () => {
    await answering(answer, () => assert.rejects(client.post({ service, caBundle }, { ...call, maxBytes: 1000 }), error));
  });
}

test('WebhookClient.post says who it is with a token, and with a certificate where one is asked for', async () => {
  const url = `https://127.0.0.1:${server.port}/`;
  await client.post({ url, caBundle, token: 'secret' }, call);
  assert.equal(server.posts.at(-1)?.headers['authorization'], 'Bearer secret');
  await client.post({ url, caBundle }, call);
  assert.equal(server.posts.at(-1)?.headers['authorization'], undefined);
  const strict = createServer(
    { cert: SERVER_CERT, key: SERVER_KEY, ca: TEST_CA, requestCert: true, rejectUnauthorized: true },
    (_, answer) => answer.end('{}'),
  );
  await new Promise<void>((resolve) => strict.listen(0, '127.0.0.1', resolve));
  const target = { url: `https://127.0.0.1:${(strict.address() as AddressInfo).port}/`, caBundle: base64(TEST_CA) };
  try {
    await assert.rejects(client.post(target, call));
    const certificate = { certificate: base64(CLIENT_CERT), key: base64(CLIENT_KEY) };
    assert.deepEqual(await client.post({ ...target, certificate }, call), {});
  } finally {
    strict.closeAllConnections();
    strict.close();
  }
});
