// Priority and fairness on a running API server: the objects, their upkeep and conditions, and that a noisy client starves nobody.

import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import type { KubeObject } from '../../src/api/object.ts';
import { StatusError } from '../../src/api/status-error.ts';
import type { FlowSchema } from '../../src/api/types/flowcontrol-v1.gen.ts';
import { systemClock } from '../../src/base/clock.ts';
import { HttpClient } from '../../src/client/http-client.ts';
import { Http2Transport } from '../../src/client/http2-transport.ts';
import { LocalClient } from '../../src/client/local-client.ts';
import { CONFIG_MAPS, FLOW_SCHEMAS, LEASES, PRIORITY_LEVEL_CONFIGURATIONS } from '../../src/client/resources.ts';
import type { AdmissionPlugin } from '../../src/server/admission/admission.ts';
import { startTestServer, type TestServer } from '../support/api-server.ts';

const API_VERSION = 'flowcontrol.apiserver.k8s.io/v1';
const cluster = (name: string) => ({ namespace: '', name });

/** ConfigMaps named `held-…` are held back here until `open`. */
class Gate {
  readonly #open = Promise.withResolvers<void>();
  held = 0;
  readonly plugin: AdmissionPlugin = {
    name: 'Gate',
    admit: async (request) => {
      if (request.resource.resource !== 'configmaps' || !request.name.startsWith('held-')) return;
      this.held++;
      await this.#open.promise;
    },
  };
  open(): void {
    this.#open.resolve();
  }
}

const gate = new Gate();
let server: TestServer;
const clients: HttpClient[] = [];
const transports: Http2Transport[] = [];

function clientOf(token: string): HttpClient {
  const client = new HttpClient({ server: server.url, tls: () => ({ ca: server.ca }), token: () => token }, { clock: systemClock });
  clients.push(client);
  return client;
}

async function get(path: string, token: string): Promise<{ status: number; headers: Record<string, unknown>; text: string }> {
  const transport = new Http2Transport({ server: server.url, tls: () => ({ ca: server.ca }) }, { clock: systemClock });
  transports.push(transport);
  const { status, headers, body } = await transport.request({ method: 'GET', path, headers: { authorization: `Bearer ${token}` } });
  return { status, headers, text: await textOf(body) };
}

async function textOf(body: AsyncIterable<Buffer>): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of body) chunks.push(chunk);
  return Buffer.concat(chunks).toString();
}

async function until<T>(probe: () => Promise<T | undefined> | T | undefined): Promise<T> {
  for (let i = 0; i < 400; i++) {
    const found = await probe();
    if (found !== undefined) return found;
    await systemClock.sleep(5);
  }
  assert.fail('it did not come');
}

const dangling = (schema: FlowSchema): string | undefined => schema.status?.conditions?.find(({ type }) => type === 'Dangling')?.status;

before(async () => {
  server = await startTestServer(
    {
      admission: [gate.plugin],
      authorizer: { authorize: () => ({ decision: 'allow', reason: '' }) },
      authenticator: {
        async authenticate({ authorization }) {
          const name = /^Bearer (\S+)$/.exec(authorization ?? '')?.[1] ?? 'nobody';
          const group = name === 'admin' ? 'system:masters' : name.startsWith('system:node:') ? 'system:nodes' : 'users';
          return { name, groups: [group, 'system:authenticated'] };
        },
      },
    },
    { seats: 60 },
  );
});
after(async () => {
  gate.open();
  await Promise.all([...clients, ...transports].map((client) => client.close()));
  await server.stop();
});

describe('flow control objects', () => {
  it("are upstream's from the start, with conditions, and a second look writes nothing", async () => {
    const admin = clientOf('admin');
    const schemas = await until(async () => {
      const { items } = await admin.list(FLOW_SCHEMAS);
      return items.every((schema) => dangling(schema) === 'False') ? items : undefined;
    });
    const levels = await admin.list(PRIORITY_LEVEL_CONFIGURATIONS);
    assert.deepEqual([schemas.length, levels.items.length], [13, 8]);
    const { revision } = server.store;
    await admin.patch(FLOW_SCHEMAS, cluster('probes'), { type: 'merge', body: { metadata: { labels: { look: 'again' } } } });
    await systemClock.sleep(50);
    assert.equal(server.store.revision, revision + 1);
  });

  it('come back when a mandatory one is deleted or a suggested one that is kept up is changed', async () => {
    const admin = clientOf('admin');
    const before = await admin.get(PRIORITY_LEVEL_CONFIGURATIONS, cluster('catch-all'));
    await admin.delete(PRIORITY_LEVEL_CONFIGURATIONS, cluster('catch-all'));
    const again = await until(() => admin.get(PRIORITY_LEVEL_CONFIGURATIONS, cluster('catch-all')).catch(() => undefined));
    assert.notEqual(again.metadata.uid, before.metadata.uid);
    await admin.patch(FLOW_SCHEMAS, cluster('global-default'), { type: 'merge', body: { spec: { matchingPrecedence: 9_000 } } });
    await until(async () =>
      (await admin.get(FLOW_SCHEMAS, cluster('global-default'))).spec.matchingPrecedence === 9_900 ? true : undefined,
    );
  });

  it('are refused with the texts of upstream', async () => {
    const admin = clientOf('admin');
    const body = { spec: { matchingPrecedence: 5 } };
    await assert.rejects(
      admin.patch(FLOW_SCHEMAS, cluster('exempt'), { type: 'merge', body }),
      (error) =>
        error instanceof StatusError && error.code === 422 && error.message.includes("spec of 'exempt' must equal the fixed value"),
    );
  });

  it('say when a schema points to no level, and keep the conditions of others', async () => {
    const admin = clientOf('admin');
    const schema = { apiVersion: API_VERSION, kind: 'FlowSchema', metadata: { name: 'lost' } };
    const spec = { priorityLevelConfiguration: { name: 'nowhere' }, matchingPrecedence: 1_500 };
    await admin.create(FLOW_SCHEMAS, { ...schema, spec, status: {} } satisfies FlowSchema);
    await until(async () => (dangling(await admin.get(FLOW_SCHEMAS, cluster('lost'))) === 'True' ? true : undefined));
    const conditions = [{ type: 'Mine', status: 'True', lastTransitionTime: '2026-01-01T00:00:00Z' }];
    await admin.patch(FLOW_SCHEMAS, cluster('lost'), { type: 'strategic', body: { status: { conditions } } }, { subresource: 'status' });
    await admin.patch(FLOW_SCHEMAS, cluster('lost'), { type: 'merge', body: { spec: { priorityLevelConfiguration: { name: 'system' } } } });
    const found = await until(async () => {
      const lost = await admin.get(FLOW_SCHEMAS, cluster('lost'));
      return dangling(lost) === 'False' ? lost : undefined;
    });
    assert.deepEqual(found.status?.conditions?.map(({ type }) => type).sort(), ['Dangling', 'Mine']);
    await admin.delete(FLOW_SCHEMAS, cluster('lost'));
  });
});

describe('flow control', () => {
  it('tells each client which schema and level it was handled by', async () => {
    const admin = clientOf('admin');
    for (const [token, path, schema, level] of [
      ['admin', '/version', 'exempt', 'exempt'],
      ['eve', '/version', 'global-default', 'global-default'],
      ['eve', '/readyz', 'probes', 'exempt'],
      ['system:node:n1', '/api/v1/nodes', 'system-node-high', 'node-high'],
    ] as const) {
      const { headers } = await get(path, token);
      const uids = [
        (await admin.get(FLOW_SCHEMAS, cluster(schema))).metadata.uid,
        (await admin.get(PRIORITY_LEVEL_CONFIGURATIONS, cluster(level))).metadata.uid,
      ];
      assert.deepEqual([headers['x-kubernetes-pf-flowschema-uid'], headers['x-kubernetes-pf-prioritylevel-uid']], uids, `${token} ${path}`);
    }
  });

  it('lets a node renew its lease and a second user in while one client has hundreds of requests open', async () => {
    const noisy = clientOf('noisy');
    const node = clientOf('system:node:n1');
    const answers = Array.from({ length: 600 }, (_, i) =>
      noisy.create(CONFIG_MAPS, configMap(`held-${i}`)).then(
        () => 201,
        (error: StatusError) => error.code,
      ),
    );
    // Its level's seats are taken, six queues of fifty are full, and the rest is refused.
    await until(async () => ((await waiting('global-default')) >= 300 ? true : undefined));
    const seats = gate.held;
    assert.ok(seats > 0 && seats < 60, String(seats));
    let lease = await node.create(LEASES, {
      apiVersion: 'coordination.k8s.io/v1',
      kind: 'Lease',
      metadata: { namespace: 'default', name: 'n1' },
      spec: { leaseTransitions: 0 },
    });
    for (let turn = 1; turn <= 20; turn++) lease = await node.update(LEASES, { ...lease, spec: { ...lease.spec, leaseTransitions: turn } });
    assert.equal((await get('/version', 'admin')).status, 200);
    // Another user of the same level waits for a seat, but not behind the three hundred.
    const quiet = clientOf('quiet').create(CONFIG_MAPS, configMap('quiet'));
    gate.open();
    await quiet;
    const codes = await Promise.all(answers);
    assert.equal(codes.filter((code) => code === 201).length, 300 + seats);
    assert.equal(codes.filter((code) => code === 429).length, 300 - seats);
  });

  it('does not count watches that have begun', async () => {
    const watcher = clientOf('watcher');
    const abort = new AbortController();
    const begun = Array.from({ length: 40 }, async () => {
      for await (const event of watcher.watch(CONFIG_MAPS, { namespace: 'default', signal: abort.signal, resourceVersion: '0' })) {
        if (event.type === 'ADDED') return;
      }
    });
    await Promise.all(begun);
    assert.equal(await gauge('current_executing_requests', 'global-default'), 0);
    abort.abort();
  });

  it('shows the requests that run', async () => {
    const { text } = await get('/debug/api_priority_and_fairness/dump_requests?includeRequestDetails=1', 'admin');
    const [head = '', row = ''] = text.split('\n');
    assert.match(head, /^PriorityLevelName, FlowSchemaName, QueueIndex, .*, StartTime, UserName, Verb, APIPath, /);
    assert.match(row, /^exempt, exempt, -1, -1, , .*, admin, get, \/debug\/api_priority_and_fairness\/dump_requests, , , , , $/);
  });

  it('shows its levels and metrics', async () => {
    const { text } = await get('/debug/api_priority_and_fairness/dump_priority_levels', 'admin');
    assert.match(text, /^PriorityLevelName, ActiveQueues, /);
    assert.match(text, /^node-high, 0, true, false, 0, 0, 10, /m);
    assert.ok((await gauge('nominal_limit_seats', 'node-high')) === 10);
  });
});

describe('the width of requests', () => {
  it('is that of the objects a list reads, until its answer is taken', async (t) => {
    const large = await startTestServer({ authorizer: { authorize: () => ({ decision: 'allow', reason: '' }) } });
    const transport = new Http2Transport({ server: large.url, tls: () => ({ ca: large.ca }) }, { clock: systemClock });
    t.after(async () => {
      await transport.close();
      await large.stop();
    });
    const ask = (path: string, token: string) =>
      transport.request({ method: 'GET', path, headers: { authorization: `Bearer ${token}`, accept: 'application/json' } });
    const seats = async (): Promise<string | undefined> => {
      const text = await textOf((await ask('/metrics', 'admin')).body);
      return /^apiserver_flowcontrol_current_executing_seats\{priority_level="global-default"\} (\d+)$/m.exec(text)?.[1];
    };
    const admin = new LocalClient(large.server.backend, { name: 'admin', groups: ['system:masters'] });
    const data = { text: 'x'.repeat(20_000) };
    await Promise.all(Array.from({ length: 301 }, (_, i) => admin.create(CONFIG_MAPS, { ...configMap(`c${i}`), data })));
    // An answer larger than what HTTP/2 sends ahead is not over before it is read.
    for (const [path, expected] of [
      ['/api/v1/namespaces/default/configmaps', '4'],
      ['/api/v1/namespaces/default/configmaps?limit=150', '2'],
    ] as const) {
      const { body } = await ask(path, 'eve');
      assert.equal(await seats(), expected, path);
      await textOf(body);
      await until(async () => ((await seats()) === '0' ? true : undefined));
    }
  });
});

const configMap = (name: string) =>
  ({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { namespace: 'default', name } }) satisfies KubeObject;

async function gauge(name: string, level: string): Promise<number> {
  const { text } = await get('/metrics', 'admin');
  return Number(new RegExp(`^apiserver_flowcontrol_${name}\\{priority_level="${level}"\\} (\\d+)$`, 'm').exec(text)?.[1]);
}

const waiting = (level: string): Promise<number> => gauge('current_inqueue_requests', level);
