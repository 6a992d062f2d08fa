// exec, attach, port-forward and logs through the whole chain on real containerd: client, translator, kubelet's server, runtime. As root.

import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import { request } from 'node:https';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { after, before, test } from 'node:test';
import { WebSocket } from 'ws';
import { KubeletServer } from '../../src/agent/kubelet/http/kubelet-server.ts';
import { LogRotation } from '../../src/agent/kubelet/logs/log-rotation.ts';
import { systemClock } from '../../src/base/clock.ts';
import { silentLogger } from '../../src/base/log.ts';
import { SpdyConnection } from '../../src/base/spdy/connection.ts';
import { serveRemoteCommand } from '../../src/base/spdy/remote-command.ts';
import { tunnelUpgrade } from '../../src/base/spdy/tunnel.ts';
import { dialSpdy, requestUpgrade } from '../../src/base/spdy/upgrade.ts';
import { KubeletWorld } from '../support/kubelet-world.ts';
import { CLIENT_CERT, CLIENT_KEY, SERVER_CERT, SERVER_KEY, TEST_CA } from '../support/test-certificates.ts';

const world = new KubeletWorld();
const tls = { ca: TEST_CA, cert: CLIENT_CERT, key: CLIENT_KEY };
let server: KubeletServer;
const fronts: Server[] = [];
/** A port on loopback that the pod, in the host's network, listens on. */
let podPort = 0;

before(
  async () => {
    await world.start();
    server = new KubeletServer(
      {
        nodeName: 'n1',
        host: '127.0.0.1',
        port: 0,
        tls: { cert: SERVER_CERT, key: SERVER_KEY, clientCa: TEST_CA },
        rootDirectory: world.dir,
      },
      {
        pods: world.kubelet,
        runtime: world.containerd.client,
        auth: { authenticate: async () => ({ name: 'test', groups: [] }), authorize: async () => true },
        clock: systemClock,
        log: silentLogger,
        config: () => ({}),
      },
    );
    await server.start();
    podPort = await freePort();
    const script = `echo ready; while :; do echo tick; sleep 0.2; done & while :; do nc -l -p ${podPort} -e cat; done`;
    await world.run('web', { containers: [{ name: 'main', command: ['sh', '-c', script] } as { name: string }] });
    await world.until('web', (pod) => pod?.status?.phase === 'Running');
  },
  { timeout: 60_000 },
);

after(
  async () => {
    for (const front of fronts) {
      front.close();
      front.closeAllConnections();
    }
    await server?.stop();
    await world.stop();
  },
  { timeout: 60_000 },
);

async function freePort(): Promise<number> {
  const probe = createServer();
  await new Promise<void>((resolve) => probe.listen(0, '127.0.0.1', resolve));
  const { port } = probe.address() as AddressInfo;
  await new Promise((resolve) => probe.close(resolve));
  return port;
}

const base = (): string => `https://127.0.0.1:${server.port}`;

/** Runs a command over a WebSocket, as kubectl does; `end` closes its stdin. */
async function exec(
  command: string[],
  input: Buffer,
  tty = false,
): Promise<{ stdout: Buffer; stderr: string; status: Record<string, unknown> }> {
  const query = new URLSearchParams({ input: '1', output: '1', [tty ? 'tty' : 'error']: '1' });
  for (const part of command) query.append('command', part);
  const front = createServer();
  fronts.push(front);
  front.on('upgrade', (req, socket, head) => {
    const dial = (signal: AbortSignal) => dialSpdy({ url: `${base()}/exec/default/web/main?${query}`, headers: {}, tls, signal });
    const streams = { stdin: true, stdout: true, stderr: !tty, tty };
    serveRemoteCommand({ request: req, socket, head }, streams, dial, new AbortController().signal).catch(assert.fail);
  });
  await new Promise<void>((resolve) => front.listen(0, '127.0.0.1', resolve));
  const client = new WebSocket(`ws://127.0.0.1:${(front.address() as AddressInfo).port}`, ['v5.channel.k8s.io']);
  const channels = new Map<number, Buffer[]>();
  client.on('message', (data: Buffer) => {
    const channel = data[0] ?? -1;
    channels.set(channel, [...(channels.get(channel) ?? []), data.subarray(1)]);
  });
  const closed = new Promise((resolve, reject) => client.on('close', resolve).on('error', reject));
  await new Promise((resolve) => client.once('open', resolve));
  if (tty) client.send(Buffer.concat([Buffer.from([4]), Buffer.from('{"Width":101,"Height":33}')]));
  for (let at = 0; at < input.length; at += 32_768) client.send(Buffer.concat([Buffer.from([0]), input.subarray(at, at + 32_768)]));
  if (!tty) client.send(Buffer.from([255, 0]));
  await closed;
  const of = (channel: number): Buffer => Buffer.concat(channels.get(channel) ?? []);
  return { stdout: of(1), stderr: of(2).toString(), status: JSON.parse(of(3).toString()) };
}

test('exec carries megabytes through cat, sees the end of stdin, and brings the exit code', { timeout: 30_000 }, async () => {
  const input = Buffer.alloc(4 << 20, 'the quick brown fox ');
  const { stdout, stderr, status } = await exec(['sh', '-c', 'cat; echo warned >&2; exit 6'], input);
  assert.ok(stdout.equals(input));
  assert.equal(stderr, 'warned\n');
  assert.equal(status['reason'], 'NonZeroExitCode');
  assert.deepEqual(status['details'], { causes: [{ reason: 'ExitCode', message: '6' }] });
  assert.equal((await exec(['true'], Buffer.alloc(0))).status['status'], 'Success');
});

test('exec of a SPDY client that offers several versions is tunnelled', { timeout: 30_000 }, async () => {
  const front = createServer();
  fronts.push(front);
  const query = new URLSearchParams({ command: 'cat', input: '1', output: '1' });
  front.on('upgrade', (req, socket, head) => {
    tunnelUpgrade({ request: req, socket, head }, { url: `${base()}/exec/default/web/main?${query}`, tls }).catch(assert.fail);
  });
  await new Promise<void>((resolve) => front.listen(0, '127.0.0.1', resolve));
  const url = `http://127.0.0.1:${(front.address() as AddressInfo).port}/`;
  const versions = ['v5.channel.k8s.io', 'v4.channel.k8s.io', 'v3.channel.k8s.io'];
  const headers = { connection: 'Upgrade', upgrade: 'SPDY/3.1', 'x-stream-protocol-version': versions };
  const { socket, head, headers: answered } = await requestUpgrade({ url, headers });
  assert.equal(answered['x-stream-protocol-version'], 'v4.channel.k8s.io');
  const connection = new SpdyConnection(socket, head);
  const status = connection.open({ streamtype: 'error' });
  const stdin = connection.open({ streamtype: 'stdin' });
  const stdout = connection.open({ streamtype: 'stdout' });
  stdin.end('through two tunnels');
  assert.equal(await text(stdout), 'through two tunnels');
  assert.equal(JSON.parse(await text(status)).status, 'Success');
  connection.close();
  await connection.closed;
});

test('exec with a terminal has its size', { timeout: 30_000 }, async () => {
  const { stdout } = await exec(['sh', '-c', 'sleep 0.3; stty size; read line; echo "<$line>"'], Buffer.from('typed\n'), true);
  assert.match(stdout.toString(), /33 101\r\n/);
  assert.match(stdout.toString(), /<typed>\r\n/);
});

test('exec of a command that does not exist says so', { timeout: 30_000 }, async () => {
  const { status } = await exec(['no-such-program'], Buffer.alloc(0));
  assert.equal(status['status'], 'Failure');
  assert.match(String(status['message']), /no-such-program/);
});

test('attach shows what the container writes', { timeout: 30_000 }, async () => {
  const connection = await dialSpdy({ url: `${base()}/attach/default/web/main?output=1`, headers: {}, tls });
  connection.open({ streamtype: 'error' }).end();
  const stdout = connection.open({ streamtype: 'stdout' });
  const first: Buffer = await new Promise((resolve, reject) => stdout.once('data', resolve).once('error', reject));
  assert.match(first.toString(), /tick/);
  connection.close();
  await connection.closed;
});

test('port-forward reaches the pod, several times on one connection, and reports a closed port', { timeout: 30_000 }, async () => {
  const headers = { connection: 'Upgrade', upgrade: 'SPDY/3.1', 'x-stream-protocol-version': 'portforward.k8s.io' };
  const { socket, head } = await requestUpgrade({ url: `${base()}/portForward/default/web`, headers, tls });
  const connection = new SpdyConnection(socket, head);
  const open = (port: number, id: number) => {
    const common = { port: String(port), requestid: String(id) };
    const errors = connection.open({ streamtype: 'error', ...common });
    errors.end();
    return { errors, data: connection.open({ streamtype: 'data', ...common }) };
  };
  for (const id of [1, 2]) {
    await until(() => listening(podPort));
    const { errors, data } = open(podPort, id);
    data.end(`hello ${id}`);
    assert.equal(await text(data), `hello ${id}`);
    assert.equal(await text(errors), '');
  }
  const refused = open(await freePort(), 3);
  refused.data.end('x');
  assert.match(await text(refused.errors), /refused/);
  connection.close();
  await connection.closed;
});

/** Whether something listens, seen without connecting (nc serves one connection at a time). */
async function listening(port: number): Promise<boolean> {
  const hex = port.toString(16).toUpperCase().padStart(4, '0');
  const tables = await Promise.all(['tcp', 'tcp6'].map((name) => readFile(`/proc/net/${name}`, 'utf8')));
  return tables.some((table) => new RegExp(`:${hex} \\S+ 0A `).test(table));
}

async function until(condition: () => Promise<boolean>): Promise<void> {
  for (let round = 0; round < 500; round++) {
    if (await condition()) return;
    await systemClock.sleep(10);
  }
  assert.fail('it did not happen within five seconds');
}

test('logs are followed across a rotation', { timeout: 30_000 }, async () => {
  let seen = '';
  let wake = (): void => {};
  const sent = request(`${base()}/containerLogs/default/web/main?follow=true&tailLines=1`, { ...tls, agent: false }, (response) => {
    response.setEncoding('utf8').on('data', (piece: string) => {
      seen += piece;
      wake();
    });
  });
  sent.on('error', () => {}).end();
  const more = async (length: number): Promise<void> => {
    while (seen.length < length) {
      await new Promise<void>((resolve) => {
        wake = resolve;
      });
    }
  };
  await more(10);
  const rotation = new LogRotation({ maxBytes: 1 }, { pods: world.kubelet, clock: systemClock, log: silentLogger });
  await rotation.rotateAll(new AbortController().signal);
  await more(seen.length + 15);
  assert.match(seen, /^(tick\n)+$/);
  sent.destroy();
  const all = await new Promise<string>((resolve, reject) => {
    request(`${base()}/containerLogs/default/web/main`, { ...tls, agent: false }, (response) => text(response).then(resolve, reject)).end();
  });
  assert.match(all, /^(tick\n)+$/);
});

test('the summary and the metrics name the container', { timeout: 30_000 }, async () => {
  const body = await new Promise<string>((resolve, reject) => {
    request(`${base()}/metrics/resource`, { ...tls, agent: false }, (response) => text(response).then(resolve, reject)).end();
  });
  assert.match(body, /^container_cpu_usage_seconds_total\{container="main",namespace="default",pod="web"\} \d/m);
});
