// Logs, exec, port-forward and proxies through the API server to a kubelet that is a plain TLS server.

import assert from 'node:assert/strict';
import { once } from 'node:events';
import type { IncomingMessage } from 'node:http';
import { createServer, request as httpsRequest, type Server } from 'node:https';
import type { AddressInfo } from 'node:net';
import type { Duplex } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { after, before, it } from 'node:test';
import { gunzipSync, gzipSync } from 'node:zlib';
import { LOOPBACK_USER } from '../../src/server/auth/auth.ts';
import { startTestServer, type TestServer } from '../support/api-server.ts';
import { SERVER_CERT, SERVER_KEY } from '../support/test-certificates.ts';

let server: TestServer;
let kubelet: Server;
const HTML = { 'content-type': 'text/html; charset=utf-8' };

/** Answers logs and pages, echoes upgraded connections. */
function startKubelet(): Server {
  const made = createServer({ cert: SERVER_CERT, key: SERVER_KEY }, (request, response) => {
    if (request.url?.includes('/waiting/'))
      response.writeHead(400).end('container "a" in pod "waiting" is waiting to start: ContainerCreating');
    else if (request.url?.startsWith('/containerLogs/')) response.end(`log of ${request.url}\n`);
    else if (request.url?.startsWith('/seen/')) {
      const headers = { 'access-control-allow-origin': '*', 'set-cookie': ['e=f', 'g=h; Path=/'] };
      response.writeHead(200, headers).end(JSON.stringify({ url: request.url, headers: request.headers }));
    } else if (request.url === '/redirect') response.writeHead(302, { location: '/other' }).end();
    else if (request.url === '/page') response.writeHead(200, HTML).end('<a href="/x">caf\u00e9</a>');
    else if (request.url === '/packed') response.writeHead(200, { ...HTML, 'content-encoding': 'gzip' }).end(gzipSync('<a href="/x">'));
    else response.writeHead(404).end();
  });
  made.on('upgrade', (request, socket: Duplex) => {
    socket.write(
      `HTTP/1.1 101 Switching Protocols\r\nconnection: Upgrade\r\nupgrade: SPDY/3.1\r\nx-path: ${request.url}\r\nx-seen: ${request.headers.authorization ?? 'no token'}, ${request.headers.cookie ?? 'no cookie'}\r\n\r\n`,
    );
    socket.pipe(socket);
  });
  return made;
}

async function create(resource: string, body: object, namespace = 'default'): Promise<void> {
  await server.server.backend.call({
    verb: 'create',
    resource: { group: '', version: 'v1', resource },
    subresource: '',
    namespace,
    name: '',
    user: LOOPBACK_USER,
    options: {},
    body,
  });
}

const pod = (name: string, more: object = {}) => ({
  metadata: { name },
  spec: { containers: [{ name: 'a', image: 'x' }], nodeName: 'n1', ...more },
});

before(async () => {
  server = await startTestServer();
  kubelet = startKubelet();
  await new Promise<void>((resolve) => kubelet.listen(0, '127.0.0.1', resolve));
  const { port } = kubelet.address() as AddressInfo;
  const status = { addresses: [{ type: 'InternalIP', address: '127.0.0.1' }], daemonEndpoints: { kubeletEndpoint: { Port: port } } };
  await create('nodes', { metadata: { name: 'n1' }, status }, '');
  for (const body of [pod('web'), pod('waiting'), pod('free', { nodeName: undefined })]) await create('pods', body);
});
after(async () => {
  kubelet.closeAllConnections();
  kubelet.close();
  await server.stop();
});

interface Answer {
  readonly code: number;
  readonly headers: Record<string, string | string[] | undefined>;
  readonly text: string;
}

function ask(path: string, options: { method?: string; headers?: Record<string, string> } = {}): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const headers = { authorization: 'Bearer admin', ...options.headers };
    const sent = httpsRequest(
      `${server.url}${path}`,
      { ca: server.ca, agent: false, method: options.method ?? 'GET', headers },
      (answer) => {
        let text = '';
        answer.setEncoding('utf8').on('data', (chunk: string) => {
          text += chunk;
        });
        answer.on('end', () => resolve({ code: answer.statusCode ?? 0, headers: answer.headers, text }));
      },
    );
    sent.on('error', reject).end();
  });
}

const PODS = '/api/v1/namespaces/default/pods';

it('logs come from the kubelet of the node, with the parameters it knows', async () => {
  const { code, text, headers } = await ask(`${PODS}/web/log?tailLines=5&timestamps=true&pretty=true`);
  assert.deepEqual([code, headers['content-type']], [200, 'text/plain']);
  assert.equal(text, 'log of /containerLogs/default/web/a?timestamps=true&tailLines=5\n');
});

it('what a kubelet refuses is told in its words', async () => {
  const { code, text } = await ask(`${PODS}/waiting/log`);
  const status = JSON.parse(text) as { reason: string; message: string };
  assert.deepEqual(
    [code, status.reason, status.message],
    [400, 'BadRequest', 'container "a" in pod "waiting" is waiting to start: ContainerCreating'],
  );
});

it('a pod without a node has empty logs, and takes no commands', async () => {
  assert.deepEqual([(await ask(`${PODS}/free/log`)).code, (await ask(`${PODS}/free/log`)).text], [200, '']);
  const { code, text } = await ask(`${PODS}/free/exec?command=sh&stdout=1`, { method: 'POST' });
  assert.equal(code, 400);
  assert.match(text, /pod free does not have a host assigned/);
});

/** Upgrades and sends `ping`; resolves to what the other end saw of it, and the echo. */
function upgrade(path: string, as = 'admin'): Promise<{ code: number; path: string; seen: string; echo: string }> {
  return new Promise((resolve, reject) => {
    const headers = {
      authorization: `Bearer ${as}`,
      connection: 'Upgrade',
      upgrade: 'SPDY/3.1',
      'x-stream-protocol-version': 'v4.channel.k8s.io',
      cookie: 'a=b',
    };
    const sent = httpsRequest(`${server.url}${path}`, { ca: server.ca, agent: false, method: 'POST', headers });
    sent.on('upgrade', (answer, socket) => {
      socket.write('ping');
      socket.once('data', (chunk: Buffer) => {
        socket.destroy();
        resolve({ code: 101, path: String(answer.headers['x-path']), seen: String(answer.headers['x-seen']), echo: chunk.toString() });
      });
    });
    sent.on('response', (answer) => {
      answer.resume().on('end', () => resolve({ code: answer.statusCode ?? 0, path: '', seen: '', echo: '' }));
    });
    sent.on('error', reject).end();
  });
}

it('exec, attach and port-forward are tunnels to the kubelet', async () => {
  const exec = await upgrade(`${PODS}/web/exec?command=sh&command=-c&stdin=true&stdout=true&tty=true`);
  const path = '/exec/default/web/a?input=1&output=1&tty=1&command=sh&command=-c';
  assert.deepEqual(exec, { code: 101, path, seen: 'no token, a=b', echo: 'ping' });
  assert.equal((await upgrade(`${PODS}/web/attach?stdout=1`)).path, '/attach/default/web/a?output=1');
  assert.equal((await upgrade(`${PODS}/web/portforward`)).path, '/portForward/default/web');
});

it('an upgrade is authorized like any request', async () => {
  assert.equal((await upgrade(`${PODS}/web/exec?command=sh&stdout=1`, 'eve')).code, 403);
  assert.equal((await upgrade(`${PODS}/none/exec?command=sh&stdout=1`)).code, 404);
});

const NODE = '/api/v1/nodes/n1/proxy';

it('a proxy sends requests on without what says who asks, and leads redirects and links through itself', async () => {
  const identity = {
    'impersonate-user': 'admin',
    'impersonate-group': 'system:masters',
    'x-remote-user': 'root',
    'x-remote-extra-a': 'b',
    'x-mine': 'kept',
  };
  const answer = await ask(`${NODE}/seen/a/b?c=d`, { headers: identity });
  const seen = JSON.parse(answer.text) as { url: string; headers: Record<string, string> };
  assert.deepEqual([answer.code, seen.url, answer.headers['access-control-allow-origin']], [200, '/seen/a/b?c=d', undefined]);
  const secret = Object.keys(seen.headers).filter((name) => /^(authorization|impersonate-|x-remote-)/.test(name));
  assert.deepEqual([secret, seen.headers['x-mine'], seen.headers['x-forwarded-uri']], [[], 'kept', `${NODE}/seen/a/b`]);
  const redirect = await ask(`${NODE}/redirect`);
  assert.deepEqual([redirect.code, redirect.headers['location']], [302, `${NODE}/other`]);
  assert.equal((await ask(NODE)).headers['location'], `${NODE}/`);
  assert.equal((await ask(`${NODE}/page`)).text, `<a href="${NODE}/x">caf\u00e9</a>`);
  assert.equal((await ask('/api/v1/nodes/n1:80/proxy/')).code, 400);
});

it('a proxy leaves cookies to those whose they are', async () => {
  const { text, headers } = await ask(`${NODE}/seen/x`, { headers: { cookie: 'a=b; c=d' } });
  assert.equal((JSON.parse(text) as { headers: Record<string, string> }).headers['cookie'], 'a=b; c=d');
  assert.deepEqual(headers['set-cookie'], ['e=f', 'g=h; Path=/']);
  assert.equal((await upgrade(`${NODE}/x`)).seen, 'no token, a=b');
});

it('a packed page comes packed, with its links led through the proxy', async () => {
  const { url, ca } = server;
  const [answer] = (await once(
    httpsRequest(`${url}${NODE}/packed`, { ca, headers: { authorization: 'Bearer admin' } }).end(),
    'response',
  )) as [IncomingMessage];
  assert.equal(answer.headers['content-encoding'], 'gzip');
  assert.equal(gunzipSync(await buffer(answer)).toString(), `<a href="${NODE}/x">`);
});

it('a pod that says it is at the server itself is not believed', async () => {
  await server.server.backend.call({
    verb: 'patch',
    resource: { group: '', version: 'v1', resource: 'pods' },
    subresource: 'status',
    namespace: 'default',
    name: 'web',
    user: LOOPBACK_USER,
    options: {},
    patchType: 'application/merge-patch+json',
    body: { status: { podIP: '127.0.0.1', phase: 'Running' } },
  });
  const { port } = new URL(server.url);
  const { code, text } = await ask(`${PODS}/https:web:${port}/proxy/readyz`);
  const status = JSON.parse(text) as { reason: string; message: string };
  assert.deepEqual([code, status.reason, status.message], [400, 'BadRequest', 'address not allowed']);
});
