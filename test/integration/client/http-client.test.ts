import assert from 'node:assert/strict';
import { connect, createServer, type Socket } from 'node:net';
import { afterEach, beforeEach, describe, it } from 'node:test';
import type { KubeObject } from '../../../src/api/object.ts';
import { hasReason } from '../../../src/api/status-error.ts';
import type { ConfigMap } from '../../../src/api/types/core-v1.gen.ts';
import { systemClock } from '../../../src/base/clock.ts';
import { HttpClient, type HttpClientOptions } from '../../../src/client/http-client.ts';
import { CONFIG_MAPS } from '../../../src/client/resources.ts';
import { FakeApi } from '../../support/fake-api.ts';
import { FakeApiServer } from '../../support/fake-api-server.ts';
import { FakeClock } from '../../support/fake-clock.ts';
import { CLIENT_CERT, CLIENT_KEY, OTHER_CA, TEST_CA } from '../../support/test-certificates.ts';

const unavailable = (error: unknown): boolean => hasReason(error, 'ServiceUnavailable') && error.code === 503;
const map = (name: string): ConfigMap & KubeObject => ({ metadata: { name, namespace: 'default' } });

async function until(condition: () => boolean): Promise<void> {
  const deadline = systemClock.monotonic() + 5000;
  while (!condition()) {
    assert.ok(systemClock.monotonic() < deadline, 'condition not met within 5 s');
    await systemClock.sleep(5);
  }
}

describe('HttpClient over TLS', () => {
  let api: FakeApi;
  let server: FakeApiServer;
  let url: string;
  let clients: HttpClient[];

  beforeEach(async () => {
    api = new FakeApi();
    server = new FakeApiServer(api);
    url = await server.listen();
    clients = [];
  });

  afterEach(async () => {
    for (const client of clients) await client.close();
    await server.close();
  });

  function open(options: Partial<HttpClientOptions> = {}, clock: { after: typeof systemClock.after } = systemClock): HttpClient {
    const client = new HttpClient({ server: url, tls: () => ({ ca: TEST_CA }), ...options }, { clock });
    clients.push(client);
    return client;
  }

  it('refuses a server that the pinned CA did not sign', async () => {
    await assert.rejects(open({ tls: () => ({ ca: OTHER_CA }) }).list(CONFIG_MAPS), unavailable);
    assert.equal(server.seen.length, 0);
  });

  it('shows its certificate, and a renewed one after renew', async () => {
    let certificate: { cert?: string; key?: string } = {};
    const client = open({ tls: () => ({ ca: TEST_CA, ...certificate }) });
    await client.list(CONFIG_MAPS);
    certificate = { cert: CLIENT_CERT, key: CLIENT_KEY };
    await client.list(CONFIG_MAPS);
    client.renew();
    await client.list(CONFIG_MAPS);
    assert.deepEqual(
      server.seen.map((s) => s.clientCertificate),
      [undefined, undefined, 'system:node:n1'],
    );
    await until(() => server.sessions.size === 1);
  });

  it('asks for the token at each request', async () => {
    let count = 0;
    const client = open({ token: async () => `t${++count}` });
    await client.list(CONFIG_MAPS);
    await client.list(CONFIG_MAPS);
    assert.deepEqual(
      server.seen.map((s) => s.authorization),
      ['Bearer t1', 'Bearer t2'],
    );
  });

  it('uses one connection for many requests, and another beyond 100 streams', async () => {
    const client = open();
    await Promise.all(Array.from({ length: 50 }, (_, n) => client.create(CONFIG_MAPS, map(`m${n}`))));
    assert.equal(server.sessions.size, 1);
    const stop = new AbortController();
    let begun = 0;
    const watches = Array.from({ length: 150 }, async () => {
      for await (const _ of client.watch(CONFIG_MAPS, { sendInitialEvents: true, signal: stop.signal, fieldSelector: 'metadata.name=m0' }))
        begun++;
    });
    await until(() => begun === 300);
    assert.equal(server.sessions.size, 2);
    assert.equal((await client.list(CONFIG_MAPS)).items.length, 50);
    stop.abort();
    await Promise.all(watches);
  });

  it('fails requests and watches when the connection is lost, and connects anew', async () => {
    const client = open();
    await client.create(CONFIG_MAPS, map('a'));
    const signal = new AbortController().signal;
    const watching = (async () => {
      for await (const event of client.watch(CONFIG_MAPS, { sendInitialEvents: true, signal })) {
        if (event.type === 'BOOKMARK') for (const session of server.sessions) session.destroy();
      }
    })();
    await assert.rejects(watching, unavailable);
    assert.equal((await client.list(CONFIG_MAPS)).items.length, 1);
  });

  it('goes on elsewhere after GOAWAY', async () => {
    const client = open();
    await client.list(CONFIG_MAPS);
    const old = [...server.sessions];
    for (const session of old) session.goaway();
    await systemClock.sleep(50);
    await client.list(CONFIG_MAPS);
    assert.ok([...server.sessions].some((session) => !old.includes(session)));
  });

  it('says which server does not answer', async () => {
    await server.close();
    await assert.rejects(open().list(CONFIG_MAPS), (e) => unavailable(e) && e instanceof Error && e.message.includes(url));
    server = new FakeApiServer(api);
    await server.listen();
  });

  it('makes a StatusError of an answer that is no Status', async () => {
    server.override = { code: 502, text: '<html>Bad Gateway</html>' };
    await assert.rejects(open().list(CONFIG_MAPS), (e) => hasReason(e, 'ServiceUnavailable') && e.code === 502);
    server.override = { code: 200, text: 'hello' };
    await assert.rejects(open().list(CONFIG_MAPS), (e) => hasReason(e, 'InternalError'));
  });

  it('ends a request that is aborted while the server thinks', async () => {
    const client = open();
    const reason = new RangeError('enough');
    const stop = new AbortController();
    api.before = () => stop.abort(reason);
    const waits = client.watch(CONFIG_MAPS, { resourceVersion: '9999', signal: stop.signal })[Symbol.asyncIterator]().next();
    assert.equal((await waits).done, true);
    const late = new AbortController();
    api.before = () => late.abort(reason);
    await assert.rejects(client.get(CONFIG_MAPS, { namespace: 'default', name: 'a' }, { signal: late.signal }), (e) => e === reason);
  });

  it('notices within 30 s that the peer is dead', async () => {
    const clock = new FakeClock();
    const sockets: Socket[] = [];
    let dead = false;
    const proxy = createServer((inside) => {
      const outside = connect(Number(new URL(url).port), '127.0.0.1');
      sockets.push(inside, outside);
      for (const socket of [inside, outside]) socket.on('error', () => {});
      inside.on('data', (chunk) => dead || outside.write(chunk));
      outside.on('data', (chunk) => dead || inside.write(chunk));
    });
    await new Promise<void>((resolve) => proxy.listen(0, '127.0.0.1', resolve));
    const address = proxy.address();
    const port = typeof address === 'object' ? address?.port : 0;
    const client = open({ server: `https://127.0.0.1:${port}` }, clock);
    let begun = false;
    const watching = (async () => {
      for await (const _ of client.watch(CONFIG_MAPS, { sendInitialEvents: true, signal: new AbortController().signal })) begun = true;
    })();
    await until(() => begun);
    dead = true;
    const failed = assert.rejects(watching, unavailable);
    await clock.advance(30_000);
    await failed;
    for (const socket of sockets) socket.destroy();
    await new Promise((resolve) => proxy.close(resolve));
  });
});
