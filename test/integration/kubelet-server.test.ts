// The kubelet's server over TLS, with a runtime's streaming server behind it.

import assert from 'node:assert/strict';
import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { request } from 'node:https';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { after, before, test } from 'node:test';
import { KubeletAuth } from '../../src/agent/kubelet/http/kubelet-auth.ts';
import { KubeletServer } from '../../src/agent/kubelet/http/kubelet-server.ts';
import type { ContainerInstance, PodDirectory } from '../../src/agent/kubelet/pod-directory.ts';
import type { SubjectAccessReview } from '../../src/api/types/authorization-v1.gen.ts';
import type { Pod } from '../../src/api/types/core-v1.gen.ts';
import { systemClock } from '../../src/base/clock.ts';
import { silentLogger } from '../../src/base/log.ts';
import { requestUpgrade } from '../../src/base/spdy/upgrade.ts';
import { type CertifiedKey, createAuthority, generateKey, issueCertificate, publicKeyOf } from '../../src/base/x509.ts';
import type { Client } from '../../src/client/client.ts';
import type { ContainerStats } from '../../src/cri/messages.gen.ts';

const validity = { notBefore: Date.now() - 3600_000, notAfter: Date.now() + 3600_000 };
const ca = { ...validity, usages: [], keyUsages: ['certSign'], authority: true } as const;
let authority: CertifiedKey;
let stranger: CertifiedKey;
let server: KubeletServer;
let directory = '';
let instances: ContainerInstance[] = [];
const reviews: string[] = [];
let allowed = true;
const runtime = createServer();

const pod: Pod = {
  metadata: { name: 'web', namespace: 'shop', uid: 'u1' },
  spec: { containers: [{ name: 'main' }, { name: 'slow' }] },
  status: {
    containerStatuses: [
      { name: 'slow', ready: false, restartCount: 0, image: '', imageID: '', state: { waiting: { reason: 'ContainerCreating' } } },
    ],
  },
};

const pods: PodDirectory = {
  healthy: true,
  pods: () => [pod],
  pod: (namespace, name, uid) => (namespace === 'shop' && name === 'web' && (!uid || uid === 'u1') ? pod : undefined),
  containers: () => instances,
  container: (_uid, name, options) => instances.find((one) => one.name === name && one.attempt === (options?.previous ? 0 : 1)),
  sandboxId: () => 'sandbox',
  execUrl: async (id, command, streams) => streamUrl(`exec/${id}/${command.join('+')}/${JSON.stringify(streams)}`),
  attachUrl: async (id) => streamUrl(`attach/${id}`),
  portForwardUrl: async (id) => streamUrl(`forward/${id}`),
  execSync: async (_id, command) => ({
    exitCode: command[0] === 'false' ? 1 : 0,
    stdout: Buffer.from(command.join('|')),
    stderr: Buffer.alloc(0),
  }),
  reopenLog: async () => {},
};

const streamUrl = (path: string): string => `http://127.0.0.1:${(runtime.address() as AddressInfo).port}/${path}`;

function certificate(name: string, groups: string[], by: CertifiedKey) {
  const key = generateKey();
  const profile = {
    subject: { commonName: name, organizations: groups },
    sans: { dns: [], ips: ['127.0.0.1'] },
    keyUsages: ['digitalSignature'] as const,
    usages: ['client', 'server'] as const,
    ...validity,
  };
  return { key, cert: issueCertificate(profile, publicKeyOf(key), by) };
}

before(async () => {
  directory = await mkdtemp(join(tmpdir(), 'kts-kubelet-'));
  authority = createAuthority({ subject: { commonName: 'cluster' }, ...ca });
  stranger = createAuthority({ subject: { commonName: 'stranger' }, ...ca });
  await mkdir(join(directory, 'logs/pods'), { recursive: true });
  await writeFile(join(directory, 'logs/pods/0.log'), '2026-01-02T03:04:05Z stdout F old run\n');
  await writeFile(join(directory, 'logs/pods/1.log'), '2026-01-02T03:04:06Z stdout F one\n2026-01-02T03:04:07Z stderr F two\n');
  await symlink('/etc/passwd', join(directory, 'logs/escape'));
  instances = [0, 1].map((attempt) => ({
    id: `c${attempt}`,
    name: 'main',
    attempt,
    state: attempt ? 'running' : 'exited',
    createdAtMs: 0,
    logPath: join(directory, `logs/pods/${attempt}.log`),
  }));
  runtime.on('upgrade', (req, socket) => {
    socket.write(
      `HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: SPDY/3.1\r\n\r\n${req.method} ${decodeURIComponent(req.url ?? '')}\n`,
    );
    socket.pipe(socket);
  });
  await new Promise<void>((resolve) => runtime.listen(0, '127.0.0.1', resolve));
  const create = async (_resource: unknown, review: SubjectAccessReview) => {
    if ('token' in review.spec)
      return { ...review, status: { authenticated: review.spec.token === 'good', user: { username: 'robot', groups: ['robots'] } } };
    reviews.push(`${review.spec.user} ${review.spec.resourceAttributes?.verb} ${review.spec.resourceAttributes?.subresource}`);
    return { ...review, status: { allowed } };
  };
  const client = { create } as unknown as Pick<Client, 'create'>; // Only reviews are created here.
  const tls = { ...certificate('n1', [], authority), clientCa: authority.certificate };
  server = new KubeletServer(
    { nodeName: 'n1', host: '127.0.0.1', port: 0, tls, nodeLogDirectory: join(directory, 'logs'), rootDirectory: directory },
    {
      pods,
      runtime: { listContainerStats: async () => [stats()] },
      auth: new KubeletAuth({ nodeName: 'n1' }, { client, clock: systemClock }),
      clock: systemClock,
      log: silentLogger,
      config: () => ({ kind: 'KubeletConfiguration' }),
    },
  );
  await server.start();
});

after(async () => {
  await server.stop();
  runtime.close();
  runtime.closeAllConnections();
  await rm(directory, { recursive: true });
});

function stats(): ContainerStats {
  const labels = {
    'io.kubernetes.pod.uid': 'u1',
    'io.kubernetes.pod.name': 'web',
    'io.kubernetes.pod.namespace': 'shop',
    'io.kubernetes.container.name': 'main',
  };
  const timestamp = BigInt(Date.now()) * 1_000_000n;
  return {
    attributes: { id: 'c1', labels, annotations: {} },
    cpu: { timestamp, usageCoreNanoSeconds: { value: 500_000_000 } },
    memory: { timestamp, workingSetBytes: { value: 4096 } },
  };
}

interface Identity {
  readonly key?: string;
  readonly cert?: string;
  readonly token?: string;
}

const admin = () => certificate('kube-apiserver', ['system:masters'], authority);

async function call(path: string, identity: Identity = admin(), method = 'GET'): Promise<{ status: number; body: string }> {
  const { token, ...tls } = identity;
  const headers = token ? { authorization: `Bearer ${token}` } : {};
  return new Promise((resolve, reject) => {
    const sent = request(
      `https://127.0.0.1:${server.port}${path}`,
      { ...tls, ca: authority.certificate, headers, method, agent: false },
      (response) => {
        text(response).then((body) => resolve({ status: response.statusCode ?? 0, body }), reject);
      },
    );
    sent.on('error', reject).end();
  });
}

test('KubeletServer admits the API server, asks about others, and refuses the rest', async () => {
  assert.equal((await call('/healthz', {})).status, 401);
  assert.equal((await call('/healthz', certificate('x', ['system:masters'], stranger))).status, 401);
  assert.equal((await call('/healthz', { token: 'bad' })).status, 401);
  assert.deepEqual(await call('/healthz'), { status: 200, body: 'ok' });
  assert.deepEqual(reviews, []);
  assert.equal((await call('/stats/summary', { token: 'good' })).status, 200);
  assert.equal((await call('/stats/summary', { token: 'good' })).status, 200);
  assert.deepEqual(reviews, ['robot get stats']);
  allowed = false;
  const refused = await call('/run/shop/web/main?cmd=ls', certificate('eve', ['people'], authority), 'POST');
  assert.deepEqual(refused, { status: 403, body: 'Forbidden (user=eve, verb=create, resource=nodes, subresource=["proxy"])\n' });
  assert.deepEqual(reviews.slice(1), ['eve create proxy']);
});

test('KubeletServer shows logs as the query says, and says why there are none', async () => {
  const cases: [string, number, string][] = [
    ['shop/web/main', 200, 'one\ntwo\n'],
    ['shop/web/main?tailLines=1', 200, 'two\n'],
    ['shop/web/main?previous=true', 200, 'old run\n'],
    ['shop/web/main?timestamps=true&tailLines=1', 200, '2026-01-02T03:04:07.000000000Z two\n'],
    ['shop/web/slow', 400, 'container "slow" in pod "web" is waiting to start: ContainerCreating'],
    ['shop/web/slow?previous=true', 400, 'previous terminated container "slow" in pod "web" not found'],
    ['shop/web/other', 404, 'container not found in pod'],
    ['shop/gone/main', 404, 'pod does not exist'],
    ['shop/web/main?tailLines=-1', 422, 'tailLines: Invalid value: "-1": must be greater than or equal to 0'],
  ];
  for (const [path, status, body] of cases) assert.deepEqual(await call(`/containerLogs/${path}`), { status, body }, path);
});

test('KubeletServer tunnels streams to the runtime', async () => {
  const base = `https://127.0.0.1:${server.port}`;
  const headers = { connection: 'Upgrade', upgrade: 'SPDY/3.1' };
  const streams = '{"stdin":true,"stdout":true,"stderr":false,"tty":true}';
  const cases: [string, string][] = [
    ['/exec/shop/web/main?command=sh&command=-c&input=1&output=1&error=1&tty=1', `POST /exec/c1/sh+-c/${streams}\n`],
    ['/attach/shop/web/u1/main?output=1', 'POST /attach/c1\n'],
    ['/portForward/shop/web', 'POST /forward/sandbox\n'],
  ];
  for (const [path, expected] of cases) {
    const { socket, head } = await requestUpgrade({ url: base + path, headers, tls: { ca: authority.certificate, ...admin() } });
    socket.unshift(head);
    socket.end('echo');
    assert.equal(await text(socket), `${expected}echo`);
  }
  const refusals: [string, number, string][] = [
    ['/exec/shop/web/slow?output=1', 404, 'container not found ("slow")'],
    ['/exec/shop/gone/main?output=1', 404, 'pod does not exist'],
    ['/exec/shop/web/main', 400, 'you must specify at least 1 of stdin, stdout, stderr'],
    ['/other', 404, '404 page not found'],
  ];
  for (const [path, status, body] of refusals) {
    const attempt = requestUpgrade({ url: base + path, headers, tls: { ca: authority.certificate, ...admin() } });
    await assert.rejects(attempt, { status, body }, path);
  }
  await assert.rejects(requestUpgrade({ url: `${base}/exec/shop/web/main?output=1`, headers, tls: { ca: authority.certificate } }), {
    status: 401,
  });
});

test('KubeletServer serves pods, use, metrics, configuration and the files of the log directory', async () => {
  assert.equal(JSON.parse((await call('/pods')).body).items[0].metadata.name, 'web');
  assert.deepEqual(JSON.parse((await call('/configz')).body), { kubeletconfig: { kind: 'KubeletConfiguration' } });
  const summary = JSON.parse((await call('/stats/summary')).body);
  assert.equal(summary.node.nodeName, 'n1');
  assert.ok(summary.node.memory.workingSetBytes > 0 && summary.node.cpu.usageCoreNanoSeconds > 0);
  assert.equal(summary.pods[0].containers[0].memory.workingSetBytes, 4096);
  const resource = (await call('/metrics/resource')).body;
  assert.match(resource, /^container_memory_working_set_bytes\{container="main",namespace="shop",pod="web"\} 4096 \d+$/m);
  assert.match(resource, /^pod_cpu_usage_seconds_total\{namespace="shop",pod="web"\} [\d.]+ \d+$/m);
  assert.match((await call('/metrics')).body, /^kubelet_running_pods 1$/m);
  assert.deepEqual(await call('/run/shop/web/main?cmd=ls%20-l', admin(), 'POST'), { status: 200, body: 'ls|-l' });
  assert.match((await call('/logs/')).body, /<a href="pods\/">pods\/<\/a>/);
  assert.match((await call('/logs/pods/0.log')).body, /old run/);
  for (const path of ['escape', '..%2f..%2fetc%2fpasswd', 'none']) assert.equal((await call(`/logs/${path}`)).status, 404, path);
  assert.equal((await call('/nothing')).status, 404);
});
