// Audit events on their way to a real webhook: batches and single events, TLS and tokens, failures and the end of the server.

import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import type { IncomingMessage } from 'node:http';
import { createServer, type Server } from 'node:https';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, beforeEach, describe, it } from 'node:test';
import type { TLSSocket } from 'node:tls';
import { systemClock } from '../../src/base/clock.ts';
import type { Logger } from '../../src/base/log.ts';
import { auditOptions } from '../../src/cli/audit-options.ts';
import { parseArguments, resolveFlags } from '../../src/cli/parse-flags.ts';
import { type Audit, openAudit } from '../../src/cli/wire-audit.ts';
import { Http2Transport } from '../../src/client/http2-transport.ts';
import { startTestServer, type TestServer } from '../support/api-server.ts';
import { CLIENT_CERT, CLIENT_KEY, SERVER_CERT, SERVER_KEY, TEST_CA } from '../support/test-certificates.ts';

interface Received {
  readonly path: string | undefined;
  readonly authorization: string | undefined;
  readonly clientName: unknown;
  readonly kind: string;
  readonly items: readonly { readonly stage: string; readonly kind?: string; readonly requestURI: string }[];
}

const directory = mkdtempSync(join(tmpdir(), 'kts-audit-webhook-'));
const received: Received[] = [];
const told: string[] = [];
const note = (message: string, fields: object = {}): void => void told.push(`${message} ${JSON.stringify(fields)}`);
const log: Logger = { debug: note, info: note, warn: note, error: note, child: () => log };
/** What the webhook answers next; 200 when there is nothing more. */
let answers: number[] = [];
let webhook: Server;
let url: string;
let user: object = { token: 'secret' };

/** The text of a body. */
async function bodyOf(request: IncomingMessage): Promise<string> {
  let text = '';
  for await (const chunk of request) text += chunk;
  return text;
}

before(async () => {
  webhook = createServer(
    { cert: SERVER_CERT, key: SERVER_KEY, ca: TEST_CA, requestCert: true, rejectUnauthorized: false },
    (request, response) => {
      void bodyOf(request).then((text) => {
        const clientName = (request.socket as TLSSocket).getPeerCertificate()?.subject?.CN;
        const code = answers.shift() ?? 200;
        if (code === 200)
          received.push({ path: request.url, authorization: request.headers.authorization, clientName, ...JSON.parse(text) });
        response.writeHead(code).end('{}');
      });
    },
  );
  await new Promise<void>((resolve) => webhook.listen(0, '127.0.0.1', resolve));
  url = `https://127.0.0.1:${(webhook.address() as AddressInfo).port}/audit?x=1`;
  writeFileSync(
    join(directory, 'policy.yaml'),
    'apiVersion: audit.k8s.io/v1\nkind: Policy\nrules: [{level: None, userGroups: ["system:masters"]}, {level: Metadata}]\n',
  );
  writeFileSync(join(directory, 'ca.pem'), TEST_CA);
  writeFileSync(join(directory, 'token'), 'from-file\n');
});
after(async () => {
  webhook.closeAllConnections();
  await new Promise((resolve) => webhook.close(resolve));
  rmSync(directory, { recursive: true });
});
beforeEach(() => {
  received.length = 0;
  told.length = 0;
  answers = [];
  user = { token: 'secret' };
});

const kubeconfig = (more: object = {}): object => ({
  apiVersion: 'v1',
  kind: 'Config',
  'current-context': 'hook',
  contexts: [
    { name: 'other', context: { cluster: 'none', user: 'none' } },
    { name: 'hook', context: { cluster: 'c', user: 'u' } },
  ],
  clusters: [{ name: 'c', cluster: { server: url, 'certificate-authority': 'ca.pem' } }],
  users: [{ name: 'u', user }],
  ...more,
});

/** The audit of a server with that kubeconfig and those flags. */
async function open(flags: readonly string[], file: object = kubeconfig()): Promise<Audit> {
  const path = join(directory, 'hook.yaml');
  writeFileSync(path, JSON.stringify(file));
  const args = [`--audit-policy-file=${join(directory, 'policy.yaml')}`, `--audit-webhook-config-file=${path}`, ...flags];
  const values = resolveFlags('server', { args: parseArguments('server', args).values, env: new Map(), config: new Map() });
  const audit = await openAudit(auditOptions(values), { clock: systemClock, log });
  for (const sink of audit?.sinks ?? []) await sink.start();
  return audit ?? assert.fail('nothing is audited');
}

async function close({ sinks }: Audit): Promise<void> {
  for (const sink of sinks) await sink.stop();
}

/** What runs against a server with that audit. */
async function withServer(audit: Audit, run: (get: (path: string) => Promise<number>) => Promise<void>): Promise<void> {
  const server: TestServer = await startTestServer({ audit: audit.trail });
  const client = new Http2Transport({ server: server.url, tls: () => ({ ca: server.ca }) }, { clock: systemClock });
  try {
    await run(async (path) => {
      const { status, body } = await client.request({ method: 'GET', path, headers: { authorization: 'Bearer jane' } });
      for await (const _ of body);
      return status;
    });
  } finally {
    await client.close();
    await server.stop();
  }
}

const stages = (): string[] => received.flatMap(({ items }) => items.map(({ stage }) => stage));
const metric = (audit: Audit, name: string): number =>
  Number(new RegExp(`^${name.replace(/[{}]/g, '\\$&')} (\\d+)$`, 'm').exec(String(audit.metrics()))?.[1] ?? 0);

describe('the audit webhook', () => {
  it('is sent events in batches, in the form of a list, with the token', async () => {
    const audit = await open([]);
    await withServer(audit, async (get) => {
      assert.equal(await get('/version'), 200);
      assert.equal(await get('/livez'), 200);
    });
    assert.equal(received.length, 0, 'nothing is sent before there is a batch');
    await close(audit);
    const [batch] = received;
    assert.equal(received.length, 1);
    assert.deepEqual([batch?.path, batch?.authorization, batch?.kind], ['/audit?x=1', 'Bearer secret', 'EventList']);
    assert.deepEqual(
      batch?.items.map(({ kind, requestURI, stage }) => [kind, requestURI, stage]),
      [
        [undefined, '/version', 'RequestReceived'],
        [undefined, '/version', 'ResponseComplete'],
        [undefined, '/livez', 'RequestReceived'],
        [undefined, '/livez', 'ResponseComplete'],
      ],
    );
    assert.equal(metric(audit, 'apiserver_audit_event_total'), 4);
  });

  it('is waited for in mode blocking, and tried again when it fails', async () => {
    const audit = await open(['--audit-webhook-mode=blocking', '--audit-webhook-initial-backoff=1ms']);
    answers = [500, 503, 404];
    await withServer(audit, async (get) => {
      assert.equal(await get('/version'), 200);
      assert.deepEqual(stages(), ['RequestReceived', 'ResponseComplete']);
      answers = [500, 500, 500, 500, 500];
      assert.equal(await get('/livez'), 200);
      assert.deepEqual(stages().slice(2), ['ResponseComplete'], 'an event that was refused five times is lost');
    });
    await close(audit);
    assert.equal(metric(audit, 'apiserver_audit_error_total{plugin="webhook"}'), 1);
    assert.deepEqual(
      told.filter((line) => line.startsWith('audit events are lost')),
      ['audit events are lost {"plugin":"webhook","error":"HTTP 500"}'],
    );
  });

  it('decides over requests in mode blocking-strict', async () => {
    const audit = await open(['--audit-webhook-mode=blocking-strict', '--audit-webhook-initial-backoff=1ms']);
    await withServer(audit, async (get) => {
      answers = [500, 500, 500, 500, 500];
      assert.equal(await get('/version'), 500);
      assert.equal(await get('/version'), 200);
    });
    await close(audit);
    assert.equal(metric(audit, 'apiserver_audit_requests_rejected_total'), 1);
  });

  it('loses and counts what does not fit into the buffer', async () => {
    const audit = await open(['--audit-webhook-batch-buffer-size=3']);
    await withServer(audit, async (get) => {
      await get('/version');
      await get('/livez');
    });
    await close(audit);
    assert.equal(stages().length, 3);
    assert.equal(metric(audit, 'apiserver_audit_error_total{plugin="buffered"}'), 1);
  });

  it('does not hold up the end of the server by its pauses', async () => {
    const audit = await open(['--audit-webhook-batch-max-size=1']);
    answers = [500];
    await withServer(audit, async (get) => void (await get('/version')));
    const before = systemClock.monotonic();
    await close(audit);
    assert.ok(systemClock.monotonic() - before < 4_000);
    assert.equal(stages().length, 2, 'what waited for its next attempt got it');
  });

  const users: readonly [string, object, string | undefined, unknown][] = [
    ['a token in a file', { tokenFile: 'token' }, 'Bearer from-file', undefined],
    ['a name and a password', { username: 'a', password: 'b' }, 'Basic YTpi', undefined],
    [
      'a certificate',
      {
        'client-certificate-data': Buffer.from(CLIENT_CERT).toString('base64'),
        'client-key-data': Buffer.from(CLIENT_KEY).toString('base64'),
      },
      undefined,
      'client',
    ],
  ];
  for (const [title, shown, authorization, name] of users) {
    it(`is shown ${title}`, async () => {
      user = shown;
      const audit = await open([], kubeconfig());
      await withServer(audit, async (get) => void (await get('/version')));
      await close(audit);
      assert.equal(received[0]?.authorization, authorization);
      if (name !== undefined) assert.ok(received[0]?.clientName);
    });
  }

  it('is not believed with the certificate of a stranger', async () => {
    const file = kubeconfig({ clusters: [{ name: 'c', cluster: { server: url } }] });
    const audit = await open(['--audit-webhook-initial-backoff=1ms'], file);
    await withServer(audit, async (get) => void (await get('/version')));
    await close(audit);
    assert.equal(received.length, 0);
    assert.equal(metric(audit, 'apiserver_audit_error_total{plugin="webhook"}'), 2);
  });

  const refused: readonly [string, () => object, RegExp][] = [
    ['no context', () => kubeconfig({ 'current-context': 'nowhere' }), /context was not found for specified context: nowhere/],
    ['no cluster', () => kubeconfig({ clusters: [] }), /cluster "c" does not exist/],
    ['no user', () => kubeconfig({ users: null }), /user "u" does not exist/],
    ['no URL', () => kubeconfig({ clusters: [{ name: 'c', cluster: { server: 'x' } }] }), /server "x" is no http or https URL/],
    ['a program', () => kubeconfig({ users: [{ name: 'u', user: { exec: {} } }] }), /exec is not supported/],
    ['a missing file', () => kubeconfig({ users: [{ name: 'u', user: { 'client-key': 'gone.pem' } }] }), /gone\.pem/],
    [
      'an authority that is no certificate',
      () => kubeconfig({ clusters: [{ name: 'c', cluster: { server: url, 'certificate-authority-data': 'eA==' } }] }),
      /^KtsError: --audit-webhook-config-file: .*hook\.yaml: .*no start line/,
    ],
    ['a key that is none', () => kubeconfig({ users: [{ name: 'u', user: { 'client-key-data': 'eA==' } }] }), /hook\.yaml: error:/],
    ['a list', () => [], /is no kubeconfig/],
  ];
  for (const [title, file, message] of refused) {
    it(`refuses a kubeconfig with ${title}`, () => assert.rejects(open([], file()), message));
  }
});
