// Probes against real servers on loopback.

import assert from 'node:assert/strict';
import { createServer, type IncomingMessage } from 'node:http';
import { createServer as createHttp2 } from 'node:http2';
import { type AddressInfo, createServer as createTcp, type Server } from 'node:net';
import { afterEach, test } from 'node:test';
import { attemptProbe } from '../../src/agent/kubelet/probes/prober.ts';
import type { Container, Probe } from '../../src/api/types/core-v1.gen.ts';
import { systemClock } from '../../src/base/clock.ts';

const closers: (() => void)[] = [];
afterEach(() => {
  for (const close of closers.splice(0)) close();
});

async function listen(server: Server): Promise<number> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  closers.push(() => server.close());
  return (server.address() as AddressInfo).port;
}

const run = (probe: Probe, container: Partial<Container> = {}) =>
  attemptProbe(
    probe,
    { container: { name: 'main', ...container }, containerId: 'c', podIp: '127.0.0.1' },
    { clock: systemClock, runtime: { execSync: () => assert.fail() } },
  );

/** A port that nothing listens on. */
async function closedPort(): Promise<number> {
  const server = createTcp();
  const port = await listen(server);
  await new Promise((resolve) => server.close(resolve));
  return port;
}

test('http probes judge status, redirects and silence as upstream', async () => {
  const seen: IncomingMessage[] = [];
  const server = createServer((request, response) => {
    seen.push(request);
    const path = request.url ?? '';
    if (path.startsWith('/status/')) response.writeHead(Number(path.slice(8))).end('body');
    else if (path === '/moved') response.writeHead(302, { location: '/status/200' }).end();
    else if (path === '/away') response.writeHead(302, { location: 'http://elsewhere.invalid/' }).end('gone');
    else if (path === '/loop') response.writeHead(302, { location: '/loop' }).end();
    else if (path === '/broken') request.socket.destroy();
  });
  const port = await listen(server);
  closers.push(() => server.closeAllConnections());
  const base = `http://127.0.0.1:${port}`;
  const cases: [string, string, string][] = [
    ['/status/200', 'success', 'body'],
    ['/status/399', 'warning', 'Probe terminated redirects, Response body: body'],
    ['/status/500', 'failure', 'HTTP probe failed with statuscode: 500'],
    ['/status/404', 'failure', 'HTTP probe failed with statuscode: 404'],
    ['/moved', 'success', 'body'],
    ['/away', 'warning', 'Probe terminated redirects, Response body: gone'],
    ['/loop', 'failure', `Get "${base}/loop": stopped after 10 redirects`],
    ['/broken', 'failure', `Get "${base}/broken": EOF`],
    ['/silent', 'failure', `Get "${base}/silent": context deadline exceeded (Client.Timeout exceeded while awaiting headers)`],
  ];
  for (const [path, outcome, output] of cases) {
    const attempt = await run({ httpGet: { path, port }, timeoutSeconds: 1 });
    assert.deepEqual(attempt, { outcome, output }, path);
  }
  assert.equal(seen[0]?.headers['user-agent'], 'kube-probe/1.36');
  const httpHeaders = [
    { name: 'Host', value: 'shop.example' },
    { name: 'X-Twice', value: 'a' },
    { name: 'X-Twice', value: 'b' },
    { name: 'Accept', value: '' },
  ];
  await run({ httpGet: { path: '/status/200', port: 'web', httpHeaders } }, { ports: [{ name: 'web', containerPort: port }] });
  const { host, accept, 'x-twice': twice } = seen.at(-1)?.headers ?? {};
  assert.deepEqual([host, accept, twice], ['shop.example', undefined, 'a, b']);
  const closed = await closedPort();
  const refused = await run({ httpGet: { path: '/', port: closed } });
  const text = `Get "http://127.0.0.1:${closed}/": dial tcp 127.0.0.1:${closed}: connect: connection refused`;
  assert.deepEqual(refused, { outcome: 'failure', output: text });
  assert.deepEqual(await run({ httpGet: { port: 'none' } }), { outcome: 'error', output: 'couldn\'t find port: "none"' });
});

test('tcp probes succeed with a connection', async () => {
  const port = await listen(createTcp((socket) => socket.destroy()));
  assert.equal((await run({ tcpSocket: { port } })).outcome, 'success');
  const closed = await closedPort();
  const output = `dial tcp 127.0.0.1:${closed}: connect: connection refused`;
  assert.deepEqual(await run({ tcpSocket: { port: closed } }), { outcome: 'failure', output });
});

test('grpc probes speak the health protocol', async () => {
  const asked: Buffer[] = [];
  const server = createHttp2();
  let answer: { status?: number; code?: number; silent?: boolean } = {};
  server.on('stream', (stream, headers) => {
    stream.on('error', () => {});
    stream.on('data', (chunk: Buffer) => asked.push(chunk));
    stream.on('end', () => {
      if (answer.silent) return;
      assert.equal(headers[':path'], '/grpc.health.v1.Health/Check');
      if (answer.code) {
        stream.respond({ ':status': 200, 'grpc-status': String(answer.code), 'grpc-message': 'unknown%20service' }, { endStream: true });
        return;
      }
      stream.respond({ ':status': 200, 'content-type': 'application/grpc' }, { waitForTrailers: true });
      stream.on('wantTrailers', () => stream.sendTrailers({ 'grpc-status': '0' }));
      stream.end(Buffer.from(answer.status ? [0, 0, 0, 0, 2, 8, answer.status] : [0, 0, 0, 0, 0]));
    });
  });
  const port = await listen(server);
  const cases: [typeof answer, string, string][] = [
    [{ status: 1 }, 'success', 'service healthy'],
    [{ status: 2 }, 'failure', 'service unhealthy (responded with "NOT_SERVING")'],
    [{ status: 0 }, 'failure', 'service unhealthy (responded with "UNKNOWN")'],
    [{ code: 12 }, 'failure', 'error: this server does not implement the grpc health protocol (grpc.health.v1.Health): unknown service'],
    [{ silent: true }, 'failure', 'timeout: health rpc did not complete within 1s'],
  ];
  for (const [given, outcome, output] of cases) {
    answer = given;
    assert.deepEqual(await run({ grpc: { port, service: 'shop' }, timeoutSeconds: 1 }), { outcome, output });
  }
  assert.deepEqual(asked[0], Buffer.concat([Buffer.from([0, 0, 0, 0, 6, 0x0a, 4]), Buffer.from('shop')]));
  const closed = await closedPort();
  const refused = await run({ grpc: { port: closed } });
  assert.match(refused.output, /^error: failed to connect service at "127\.0\.0\.1:\d+": dial tcp .* connect: connection refused$/);
});
