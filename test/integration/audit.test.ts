// The audit trail of a real API server: stages, levels, who and what; and the log in a real file.

import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { request as httpsRequest, type RequestOptions } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { systemClock } from '../../src/base/clock.ts';
import { silentLogger } from '../../src/base/log.ts';
import type { ApiCall } from '../../src/client/api-backend.ts';
import type { AdmissionPlugin } from '../../src/server/admission/admission.ts';
import type { AuditEvent } from '../../src/server/audit/audit-event.ts';
import { AuditFile } from '../../src/server/audit/audit-file.ts';
import type { AuditPolicy } from '../../src/server/audit/audit-policy.ts';
import { AuditSink } from '../../src/server/audit/audit-sink.ts';
import { AuditTrail } from '../../src/server/audit/audit-trail.ts';
import { LOOPBACK_USER } from '../../src/server/auth/auth.ts';
import { startTestServer, type TestServer } from '../support/api-server.ts';

/** An event as it stands in the file. */
interface Event {
  readonly stage: string;
  readonly level: string;
  readonly auditID: string;
  readonly user: { readonly username: string };
  readonly requestObject?: { readonly data?: unknown };
  readonly responseObject?: {
    readonly kind?: string;
    readonly items?: readonly unknown[];
    readonly metadata?: { readonly uid?: string; readonly managedFields?: unknown };
  };
  readonly responseStatus?: { readonly code: number };
  readonly annotations?: Readonly<Record<string, string>>;
  readonly [key: string]: unknown;
}

const POLICY: AuditPolicy = {
  rules: [
    { level: 'None', nonResourceURLs: ['/healthz*'] },
    { level: 'RequestResponse', resources: [{ resources: ['configmaps'] }], namespaces: ['full'], omitManagedFields: true },
    { level: 'Request', resources: [{ resources: ['configmaps'] }], namespaces: ['request'], omitStages: ['RequestReceived'] },
    { level: 'Metadata' },
  ],
};
const noting: AdmissionPlugin = {
  name: 'Noting',
  validate: ({ annotate }) => {
    annotate('example.com/noted', 'first');
    annotate('example.com/noted', 'second');
  },
};

const directory = mkdtempSync(join(tmpdir(), 'kts-audit-'));
const lines: string[] = [];
let server: TestServer;

before(async () => {
  const sink = { holdsUp: false, write: ({ line }: AuditEvent): undefined => void lines.push(line) };
  const trail = new AuditTrail({ policy: POLICY, sinks: [sink], clock: systemClock });
  server = await startTestServer({ audit: trail, admission: [noting] });
});
after(async () => {
  await server.stop();
  rmSync(directory, { recursive: true });
});

interface Answer {
  readonly code: number;
  readonly auditId: string;
  readonly text: string;
}

interface Question {
  readonly method?: string;
  readonly body?: object;
  readonly headers?: Record<string, string>;
  /** Default: the server of all tests. */
  readonly on?: TestServer;
}

function ask(target: string, { method = 'GET', body, headers, on = server }: Question = {}): Promise<Answer> {
  const json = body && { 'content-type': 'application/json' };
  const sent: RequestOptions = { method, headers: { authorization: 'Bearer admin', ...json, ...headers }, ca: on.ca, agent: false };
  return new Promise((resolve, reject) => {
    const request = httpsRequest(`${on.url}${target}`, sent, (response) => {
      let text = '';
      response.on('data', (chunk: Buffer) => (text += chunk));
      response.on('end', () => resolve({ code: response.statusCode ?? 0, auditId: String(response.headers['audit-id']), text }));
    });
    request.on('error', reject);
    request.end(body && JSON.stringify(body));
  });
}

/** The events of a request once its last one is written. */
async function eventsOf(auditId: string, last = 'ResponseComplete'): Promise<Event[]> {
  for (let attempt = 0; ; attempt++) {
    const events = lines.map((line) => JSON.parse(line) as Event).filter((event) => event.auditID === auditId);
    if (events.some(({ stage }) => stage === last)) return events;
    if (attempt > 200) return events;
    await systemClock.sleep(20);
  }
}

const configMap = (name: string) => ({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name }, data: { a: 'b' } });

describe('the audit log', () => {
  it('tells who did what, when and how it ended, without objects at level Metadata', async () => {
    const { auditId } = await ask('/api/v1/namespaces/default/configmaps', {
      method: 'POST',
      body: configMap('meta'),
      headers: { 'user-agent': 'test/1', 'x-forwarded-for': '192.0.2.7' },
    });
    const [received, complete] = await eventsOf(auditId);
    assert.equal(received?.stage, 'RequestReceived');
    assert.equal(received?.responseStatus, undefined);
    const { requestReceivedTimestamp, stageTimestamp, ...rest } = complete ?? assert.fail('no second event');
    assert.match(String(stageTimestamp), /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z$/);
    assert.equal(requestReceivedTimestamp, received?.['requestReceivedTimestamp']);
    assert.deepEqual(rest, {
      kind: 'Event',
      apiVersion: 'audit.k8s.io/v1',
      level: 'Metadata',
      auditID: auditId,
      stage: 'ResponseComplete',
      requestURI: '/api/v1/namespaces/default/configmaps',
      verb: 'create',
      user: { username: 'admin', groups: ['system:masters', 'system:authenticated'] },
      sourceIPs: ['192.0.2.7', '127.0.0.1'],
      userAgent: 'test/1',
      objectRef: { resource: 'configmaps', namespace: 'default', name: 'meta', apiVersion: 'v1' },
      responseStatus: { metadata: {}, code: 201 },
      annotations: {
        'authorization.k8s.io/decision': 'allow',
        'authorization.k8s.io/reason': '',
        'example.com/noted': 'first',
      },
    });
  });

  it('holds both objects at level RequestResponse, without managed fields when those are omitted', async () => {
    const { auditId } = await ask('/api/v1/namespaces/full/configmaps', { method: 'POST', body: configMap('both') });
    const event = (await eventsOf(auditId)).at(-1);
    assert.deepEqual(event?.requestObject?.data, { a: 'b' });
    const response = event?.responseObject;
    assert.equal(response?.kind, 'ConfigMap');
    assert.ok(response?.metadata?.uid);
    assert.equal(response?.metadata?.managedFields, undefined);
    const list = (await eventsOf((await ask('/api/v1/namespaces/full/configmaps')).auditId)).at(-1);
    assert.equal(list?.responseObject?.items?.length, 1);
  });

  it('holds only the object of the request at level Request, and leaves out the stages to omit', async () => {
    const { auditId } = await ask('/api/v1/namespaces/request/configmaps', { method: 'POST', body: configMap('one') });
    const events = await eventsOf(auditId);
    assert.deepEqual(
      events.map(({ stage }) => stage),
      ['ResponseComplete'],
    );
    assert.ok(events[0]?.requestObject);
    assert.equal(events[0]?.responseObject, undefined);
    const patch = await ask('/api/v1/namespaces/request/configmaps/one', {
      method: 'PATCH',
      body: { data: { a: 'c' } },
      headers: { 'content-type': 'application/merge-patch+json' },
    });
    assert.deepEqual((await eventsOf(patch.auditId)).at(-1)?.requestObject, { data: { a: 'c' } });
  });

  it('tells why a request failed, and that it was forbidden', async () => {
    const missing = (await eventsOf((await ask('/api/v1/namespaces/default/configmaps/none')).auditId)).at(-1);
    assert.deepEqual(missing?.responseStatus, {
      metadata: {},
      status: 'Failure',
      message: 'configmaps "none" not found',
      reason: 'NotFound',
      details: { name: 'none', kind: 'configmaps' },
      code: 404,
    });
    const refused = await ask('/api/v1/namespaces/default/secrets', { headers: { authorization: 'Bearer jane' } });
    const event = (await eventsOf(refused.auditId)).at(-1);
    assert.equal(event?.annotations?.['authorization.k8s.io/decision'], 'forbid');
    assert.equal(event?.responseStatus?.code, 403);
  });

  it('records that nobody could be authenticated', async () => {
    const { auditId, code } = await ask('/api/v1/pods', { headers: { authorization: 'Bearer bad' } });
    assert.equal(code, 401);
    const [event] = await eventsOf(auditId);
    assert.deepEqual(event?.user, { username: '' });
    assert.deepEqual(event?.responseStatus, {
      metadata: {},
      status: 'Failure',
      message: 'Unauthorized',
      reason: 'Unauthorized',
      code: 401,
    });
  });

  it('names the user who acts and the one it acts as', async () => {
    const { auditId } = await ask('/api/v1/namespaces/jane/configmaps', { headers: { 'impersonate-user': 'jane' } });
    const event = (await eventsOf(auditId)).at(-1);
    assert.deepEqual(event?.user.username, 'admin');
    assert.deepEqual(event?.['impersonatedUser'], { username: 'jane', groups: ['system:authenticated'] });
  });

  it('tells when a watch begins and when it ends', async () => {
    const { auditId } = await ask('/api/v1/namespaces/default/configmaps?watch=true&timeoutSeconds=1');
    assert.deepEqual(
      (await eventsOf(auditId)).map(({ stage }) => stage),
      ['RequestReceived', 'ResponseStarted', 'ResponseComplete'],
    );
  });

  it('takes the id that a client gives, and records nothing that the policy does not want', async () => {
    const { auditId } = await ask('/version', { headers: { 'audit-id': 'mine-1' } });
    assert.equal(auditId, 'mine-1');
    assert.equal((await eventsOf('mine-1')).at(-1)?.['objectRef'], undefined);
    const { auditId: quiet } = await ask('/healthz');
    await eventsOf((await ask('/version')).auditId);
    assert.ok(!lines.some((line) => line.includes(quiet)));
  });
});

describe('calls in process', () => {
  const call = (verb: ApiCall['verb'], more: Partial<ApiCall> = {}): ApiCall => ({
    verb,
    resource: { group: '', version: 'v1', resource: 'configmaps' },
    subresource: '',
    namespace: 'full',
    name: '',
    user: LOOPBACK_USER,
    userAgent: 'kube-controller-manager',
    options: {},
    ...more,
  });
  const about = (text: string): Event[] => lines.filter((line) => line.includes(text)).map((line) => JSON.parse(line) as Event);

  it('are recorded like requests', async () => {
    await server.server.backend.call(call('create', { body: configMap('in-process') }));
    const complete = about('in-process').at(-1);
    assert.deepEqual(
      about(complete?.auditID ?? 'none').map(({ stage }) => stage),
      ['RequestReceived', 'ResponseComplete'],
    );
    assert.deepEqual(complete?.user, { username: 'system:apiserver', groups: ['system:masters', 'system:authenticated'] });
    assert.equal(complete?.['requestURI'], '/api/v1/namespaces/full/configmaps');
    assert.equal(complete?.['userAgent'], 'kube-controller-manager');
    assert.deepEqual(complete?.requestObject?.data, { a: 'b' });
    assert.equal(complete?.responseObject?.kind, 'ConfigMap');
    assert.equal(complete?.annotations?.['example.com/noted'], 'first');
  });

  it('are recorded with what they failed by, and watches when they end', async () => {
    await assert.rejects(server.server.backend.call(call('get', { name: 'not-in-process' })));
    assert.equal(about('not-in-process').at(-1)?.responseStatus?.code, 404);
    const abort = new AbortController();
    const options = { labelSelector: 'watched=here' };
    await server.server.backend.call(call('create', { body: { ...configMap('w'), metadata: { name: 'w', labels: { watched: 'here' } } } }));
    lines.length = 0;
    for await (const event of server.server.backend.watch({ ...call('watch', { options }), signal: abort.signal })) if (event) break;
    assert.deepEqual(
      about('watched').map(({ stage }) => stage),
      ['RequestReceived', 'ResponseStarted', 'ResponseComplete'],
    );
  });
});

describe('AuditFile', () => {
  it('writes lines that come together to a file that only its owner reads', async () => {
    const file = join(directory, 'new', 'audit.log');
    const options = { path: file, maxSizeMb: 100, maxBackups: 0, maxAgeDays: 0 };
    for (const text of ['a', 'b']) {
      const written = new AuditFile(options, { clock: systemClock });
      await written.start();
      await Promise.all([written.deliver([`${text}1\n`]), written.deliver([`${text}2\n`, `${text}3\n`])]);
      assert.match(readFileSync(file, 'utf8'), new RegExp(`${text}1\n${text}2\n${text}3\n$`));
      void written.deliver([`${text}4\n`]);
      await written.stop();
    }
    assert.equal(readFileSync(file, 'utf8'), 'a1\na2\na3\na4\nb1\nb2\nb3\nb4\n');
    assert.equal(statSync(file).mode & 0o777, 0o600);
  });

  it('puts the file aside when it is full, and keeps no more than it should', async () => {
    const file = join(directory, 'small.log');
    const small = new AuditFile({ path: file, maxSizeMb: 1, maxBackups: 1, maxAgeDays: 0 }, { clock: systemClock });
    await small.start();
    for (let round = 0; round < 4; round++) {
      await small.deliver([`${'x'.repeat(700_000)}\n`]);
      await systemClock.sleep(2); // Backups are named by the millisecond.
    }
    await small.stop();
    const names = readdirSync(directory).filter((name) => name.startsWith('small'));
    assert.equal(names.length, 2, names.join());
    assert.equal(statSync(file).size, 700_001);
  });

  it('tells those whose lines cannot be written, and goes on', async () => {
    const file = join(directory, 'gone', 'a.log');
    const lost = new AuditFile({ path: file, maxSizeMb: 100, maxBackups: 0, maxAgeDays: 0 }, { clock: systemClock });
    await assert.rejects(lost.deliver(['a\n']), { code: 'ENOENT' });
    mkdirSync(join(directory, 'gone'));
    await lost.deliver(['b\n']);
    await lost.stop();
    assert.equal(readFileSync(file, 'utf8'), 'b\n');
  });

  it('refuses lines when too many wait for the disk', async () => {
    const path = join(directory, 'slow.log');
    const slow = new AuditFile({ path, maxSizeMb: 100, maxBackups: 0, maxAgeDays: 0 }, { clock: systemClock });
    const results = await Promise.allSettled([1, 2, 3].map(() => slow.deliver(['x'.repeat(7 << 20)])));
    await slow.stop();
    assert.deepEqual(
      results.map(({ status }) => status),
      ['fulfilled', 'fulfilled', 'rejected'],
    );
  });

  it('refuses at start a path it cannot write to', async () => {
    const options = { path: join(directory, 'new', 'audit.log', 'below-a-file'), maxSizeMb: 100, maxBackups: 0, maxAgeDays: 0 };
    await assert.rejects(new AuditFile(options, { clock: systemClock }).start(), { code: 'audit-log' });
  });
});

describe('an API server whose requests wait for the audit log', () => {
  const told: string[] = [];
  const log = { ...silentLogger, error: (message: string) => void told.push(message) };
  const batch = { bufferSize: 1, maxSize: 1, maxWaitMs: 0, throttle: undefined };
  const configs = '/api/v1/namespaces/default/configmaps';

  /** A server that waits for a file in that directory, which is not there yet. */
  async function waiting(mode: 'blocking' | 'blocking-strict', place: string) {
    const file = join(directory, place, 'audit.log');
    const output = new AuditFile({ path: file, maxSizeMb: 100, maxBackups: 0, maxAgeDays: 0 }, { clock: systemClock });
    const sink = new AuditSink(
      { mode, batch, truncate: { maxEventBytes: 100_000, maxBatchBytes: 100_000 } },
      { output, clock: systemClock, log },
    );
    const trail = new AuditTrail({ policy: POLICY, sinks: [sink], clock: systemClock });
    return { file, sink, trail, own: await startTestServer({ audit: trail }) };
  }

  it('answers when the events of the request are in the file', async () => {
    const { file, sink, own } = await waiting('blocking', 'blocking');
    try {
      await sink.start();
      const { code, auditId } = await ask(configs, { method: 'POST', body: configMap('kept'), on: own });
      const kept = readFileSync(file, 'utf8')
        .split('\n')
        .filter((line) => line.includes(auditId));
      assert.deepEqual([code, kept.map((line) => JSON.parse(line).stage)], [201, ['RequestReceived', 'ResponseComplete']]);
      const failed = await ask(`${configs}/none`, { on: own });
      assert.match(readFileSync(file, 'utf8'), new RegExp(`${failed.auditId}[^\n]*"ResponseComplete"[^\n]*"code":404`));
    } finally {
      await own.stop();
      await sink.stop();
    }
  });

  it('goes on without the file in mode blocking: it counts and says what is lost', async () => {
    const { sink, own, trail } = await waiting('blocking', 'nowhere');
    try {
      told.length = 0;
      const before = sink.lost.get('log') ?? 0;
      assert.equal((await ask(configs, { method: 'POST', body: configMap('unkept'), on: own })).code, 201);
      assert.equal((sink.lost.get('log') ?? 0) - before, 2);
      assert.ok(told.length <= 1);
      assert.equal(trail.counts.rejected, 0);
    } finally {
      await own.stop();
    }
  });

  it('refuses requests in mode blocking-strict while their events cannot be kept', async () => {
    const { sink, own, trail, file } = await waiting('blocking-strict', 'strict');
    try {
      const refused = await ask(configs, { method: 'POST', body: configMap('strict'), on: own });
      assert.equal(refused.code, 500);
      assert.match(refused.text, /failed to store audit event/);
      assert.ok(trail.counts.rejected > 0);
      mkdirSync(join(directory, 'strict'));
      assert.equal((await ask(configs, { method: 'POST', body: configMap('strict'), on: own })).code, 201);
      assert.match(readFileSync(file, 'utf8'), /"name":"strict"/);
    } finally {
      await own.stop();
      await sink.stop();
    }
  });

  it('takes the objects out of events that are too large', async () => {
    const { sink, own, file } = await waiting('blocking', 'large');
    try {
      await sink.start();
      const body = { ...configMap('large'), data: { a: 'x'.repeat(200_000) } };
      const { auditId } = await ask('/api/v1/namespaces/full/configmaps', { method: 'POST', body, on: own });
      const line = readFileSync(file, 'utf8')
        .split('\n')
        .find((text) => text.includes(auditId) && text.includes('ResponseComplete'));
      const event = JSON.parse(line ?? '{}') as Event;
      assert.equal(event.annotations?.['audit.k8s.io/truncated'], 'true');
      assert.deepEqual([event.requestObject, event.responseObject], [undefined, undefined]);
    } finally {
      await own.stop();
      await sink.stop();
    }
  });
});
