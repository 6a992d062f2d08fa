// Remote commands and tunnels over real sockets: a WebSocket or SPDY client in front, a SPDY server (as containerd's) behind.

import assert from 'node:assert/strict';
import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Duplex } from 'node:stream';
import { after, test } from 'node:test';
import { WebSocket } from 'ws';
import { type RemoteCommandStreams, serveRemoteCommand } from '../../src/base/spdy/remote-command.ts';
import { tunnelPortForward, tunnelUpgrade } from '../../src/base/spdy/tunnel.ts';
import { dialSpdy, requestUpgrade } from '../../src/base/spdy/upgrade.ts';
import type { UpgradeEvent } from '../../src/base/websocket.ts';
import { type PeerEvent, SpdyPeer } from '../support/spdy-peer.ts';

const servers: Server[] = [];
after(() => {
  for (const server of servers) {
    server.close();
    server.closeAllConnections();
  }
});

async function listen(onUpgrade: (event: UpgradeEvent) => void, refuse?: { status: number; body: string }): Promise<string> {
  const server = createServer((_request, response) => {
    response.writeHead(refuse?.status ?? 500, { 'content-type': 'text/plain' }).end(refuse?.body ?? 'no');
  });
  const sockets = new Set<Duplex>();
  if (!refuse) {
    server.on('upgrade', (request: IncomingMessage, socket: Duplex, head: Buffer) => {
      sockets.add(socket);
      socket.on('error', () => {});
      onUpgrade({ request, socket, head });
    });
  }
  server.on('close', () => {
    for (const socket of sockets) socket.destroy();
  });
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

/** A runtime that runs `cat`: stdin to stdout, size changes to stderr, exit code 5 at the end of stdin. */
function runtime(requests: IncomingMessage[] = []): Promise<string> {
  return listen(({ request, socket }) => {
    requests.push(request);
    socket.write(
      'HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: SPDY/3.1\r\nX-Stream-Protocol-Version: v4.channel.k8s.io\r\n\r\n',
    );
    const ids = new Map<string, number>();
    new SpdyPeer(socket, (event, peer) => cat(event, peer, ids));
  });
}

function cat(event: PeerEvent, peer: SpdyPeer, ids: Map<string, number>): void {
  if (event.type === 'open') ids.set(event.headers['streamtype'] ?? '', event.id);
  if (event.type !== 'data') return;
  const id = (name: string): number => ids.get(name) ?? 0;
  if (event.id === id('resize') && event.bytes.length > 0) peer.data(id('stdout'), event.bytes);
  if (event.id !== id('stdin')) return;
  if (event.bytes.length > 0) peer.data(id('stdout'), event.bytes);
  if (!event.fin) return;
  peer.data(id('stdout'), 'got-eof', { fin: true });
  if (ids.has('stderr')) peer.data(id('stderr'), 'warned', { fin: true });
  peer.data(id('error'), JSON.stringify({ status: 'Failure', reason: 'NonZeroExitCode', message: 'exit 5' }), { fin: true });
  peer.control(3, id('stdin'), 5);
}

function front(behind: string, streams: RemoteCommandStreams): Promise<string> {
  const { signal } = new AbortController();
  return listen((event) => {
    serveRemoteCommand(event, streams, (s) => dialSpdy({ url: behind, headers: {}, signal: s }), signal).catch(assert.fail);
  });
}

interface Conversation {
  readonly socket: WebSocket;
  /** Bytes by channel. */
  readonly channels: Map<number, Buffer>;
  readonly closed: Promise<number>;
}

async function connect(url: string, protocols: string[]): Promise<Conversation> {
  const socket = new WebSocket(url.replace('http', 'ws'), protocols);
  const channels = new Map<number, Buffer>();
  socket.on('message', (data: Buffer, binary: boolean) => {
    const channel = binary ? (data[0] ?? -1) : Number(data.toString('latin1', 0, 1));
    const payload = binary ? data.subarray(1) : Buffer.from(data.toString('latin1', 1), 'base64');
    channels.set(channel, Buffer.concat([channels.get(channel) ?? Buffer.alloc(0), payload]));
  });
  const closed = new Promise<number>((resolve) => socket.on('close', resolve));
  await new Promise((resolve, reject) => socket.once('open', resolve).once('error', reject));
  return { socket, channels, closed };
}

const frame = (channel: number, payload: string | Buffer): Buffer => Buffer.concat([Buffer.from([channel]), Buffer.from(payload)]);
const all = { stdin: true, stdout: true, stderr: true, tty: false };

test('serveRemoteCommand carries stdin with its end, both outputs and the exit status for v5', async () => {
  const { socket, channels, closed } = await connect(await front(await runtime(), all), ['v5.channel.k8s.io', 'v4.channel.k8s.io']);
  assert.equal(socket.protocol, 'v5.channel.k8s.io');
  const input = Buffer.alloc(3 << 20, 'kts');
  for (let at = 0; at < input.length; at += 32768) socket.send(frame(0, input.subarray(at, at + 32768)));
  socket.send(Buffer.from([255, 0]));
  assert.equal(await closed, 1000);
  assert.equal(channels.get(1)?.length, input.length + 7);
  assert.ok(channels.get(1)?.subarray(0, input.length).equals(input));
  assert.equal(channels.get(2)?.toString(), 'warned');
  assert.deepEqual(JSON.parse(String(channels.get(3))), { status: 'Failure', reason: 'NonZeroExitCode', message: 'exit 5' });
});

test('serveRemoteCommand passes window sizes on and opens no stderr for a terminal', async () => {
  const requests: IncomingMessage[] = [];
  const url = await front(await runtime(requests), { ...all, tty: true });
  const { socket, channels, closed } = await connect(url, ['v5.channel.k8s.io']);
  socket.send(frame(4, '{"Width":80,"Height":24}'));
  socket.send(Buffer.from([255, 0]));
  await closed;
  assert.equal(channels.get(1)?.toString(), '{"Width":80,"Height":24}got-eof');
  assert.equal(channels.has(2), false);
  assert.equal(requests[0]?.headers['upgrade'], 'SPDY/3.1');
  assert.equal(requests[0]?.headers['x-stream-protocol-version'], 'v4.channel.k8s.io');
});

test('serveRemoteCommand speaks base64 and ends the command when the client leaves', async () => {
  const gone = Promise.withResolvers<void>();
  const behind = await listen(({ socket }) => {
    socket.write(
      'HTTP/1.1 101 Switching Protocols\r\nUpgrade: SPDY/3.1\r\nConnection: Upgrade\r\nX-Stream-Protocol-Version: v4.channel.k8s.io\r\n\r\n',
    );
    socket.on('close', () => gone.resolve());
    const ids = new Map<string, number>();
    new SpdyPeer(socket, (event, peer) => cat(event, peer, ids));
  });
  const { socket, channels } = await connect(await front(behind, all), ['base64.channel.k8s.io']);
  const echoed = new Promise<void>((resolve) => socket.on('message', () => channels.get(1)?.toString() === 'hello' && resolve()));
  socket.send('0aGVsbG8=');
  await echoed;
  socket.close();
  await gone.promise;
});

test('serveRemoteCommand tells of a refused dial on the error channel', async () => {
  const behind = await listen(() => {}, { status: 404, body: 'container not found ("web")\n' });
  const { channels, closed } = await connect(await front(behind, all), ['v4.channel.k8s.io']);
  assert.equal(await closed, 1000);
  const status = JSON.parse(String(channels.get(3)));
  assert.equal(status.message, 'Internal error occurred: unable to upgrade connection: container not found ("web")');
  assert.equal(status.reason, 'InternalError');
});

test('serveRemoteCommand fails the command when the runtime goes away', async () => {
  const behind = await listen(({ socket }) => {
    socket.write(
      'HTTP/1.1 101 Switching Protocols\r\nUpgrade: SPDY/3.1\r\nConnection: Upgrade\r\nX-Stream-Protocol-Version: v4.channel.k8s.io\r\n\r\n',
    );
    new SpdyPeer(socket, (event) => event.type === 'open' && event.id > 3 && socket.destroy());
  });
  const { channels, closed } = await connect(await front(behind, all), ['v5.channel.k8s.io']);
  assert.equal(await closed, 1000);
  assert.equal(JSON.parse(String(channels.get(3))).reason, 'InternalError');
});

test('serveRemoteCommand answers 403 when it knows none of the subprotocols', async () => {
  await assert.rejects(connect(await front('http://127.0.0.1:1', all), ['v9.channel.k8s.io']), /403/);
});

test('tunnelUpgrade carries bytes both ways and passes ends on', async () => {
  const seen: IncomingMessage[] = [];
  const behind = await listen(({ request, socket, head }) => {
    seen.push(request);
    socket.write('HTTP/1.1 101 Switching Protocols\r\nUpgrade: SPDY/3.1\r\nConnection: Upgrade\r\nX-Own: yes\r\n\r\nfirst;');
    if (head.length > 0) socket.unshift(head);
    socket.pipe(socket);
  });
  const url = await listen((event) => void tunnelUpgrade(event, { url: `${behind}/exec/1` }));
  const headers = { connection: 'Upgrade', upgrade: 'SPDY/3.1', authorization: 'Bearer secret', 'x-stream-protocol-version': ['v5', 'v4'] };
  const { socket, head, headers: answered } = await requestUpgrade({ url, headers });
  assert.equal(answered['x-own'], 'yes');
  assert.equal(seen[0]?.headers['authorization'], undefined);
  const offered = seen[0]?.rawHeaders.filter((_, index, all) => all[index - 1]?.toLowerCase() === 'x-stream-protocol-version');
  assert.deepEqual(offered, ['v5', 'v4']);
  socket.end('ping'.repeat(100_000));
  const chunks: Buffer[] = [head];
  for await (const chunk of socket) chunks.push(chunk);
  assert.equal(Buffer.concat(chunks).toString(), `first;${'ping'.repeat(100_000)}`);
});

test('tunnelUpgrade passes a refusal on', async () => {
  const behind = await listen(() => {}, { status: 403, body: 'no protocol' });
  const url = await listen((event) => void tunnelUpgrade(event, { url: behind }));
  const attempt = requestUpgrade({ url, headers: { connection: 'Upgrade', upgrade: 'SPDY/3.1' } });
  await assert.rejects(attempt, { name: 'KtsError', code: 'upgrade-refused', status: 403, body: 'no protocol' });
});

test('tunnelPortForward unwraps binary messages for a client that asks for SPDY in a WebSocket', async () => {
  const seen: IncomingMessage[] = [];
  const behind = await listen(({ request, socket }) => {
    seen.push(request);
    socket.write('HTTP/1.1 101 Switching Protocols\r\nUpgrade: SPDY/3.1\r\nConnection: Upgrade\r\n\r\n');
    socket.pipe(socket);
  });
  const url = await listen((event) => void tunnelPortForward(event, { url: behind }));
  const key = Buffer.alloc(16, 1).toString('base64');
  const headers = {
    connection: 'Upgrade',
    upgrade: 'websocket',
    'sec-websocket-version': '13',
    'sec-websocket-key': key,
    'sec-websocket-protocol': 'SPDY/3.1+portforward.k8s.io',
  };
  const { socket, headers: answered } = await requestUpgrade({ url, method: 'GET', headers });
  assert.equal(answered['sec-websocket-protocol'], 'SPDY/3.1+portforward.k8s.io');
  // A masked binary message with an all-zero mask: the payload is plain.
  socket.write(Buffer.concat([Buffer.from([0x82, 0x85, 0, 0, 0, 0]), Buffer.from('bytes')]));
  const echoed: Buffer = await new Promise((resolve) => socket.once('data', resolve));
  assert.deepEqual(echoed, Buffer.concat([Buffer.from([0x82, 5]), Buffer.from('bytes')]));
  assert.equal(seen[0]?.headers['x-stream-protocol-version'], 'portforward.k8s.io');
  assert.equal(seen[0]?.method, 'POST');
  socket.destroy();
});
