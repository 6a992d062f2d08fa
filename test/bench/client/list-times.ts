// Time of a LIST of many pods beside the time a bare HTTP/2 server takes to send the same bytes over the same kind of connection.

import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { type ClientHttp2Session, connect } from 'node:http2';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { SecureContextOptions } from 'node:tls';
import { readKubeconfig } from '../../../src/cli/kubeconfig-file.ts';
import type { HttpClient } from '../../../src/client/http-client.ts';
import { PODS } from '../../../src/client/resources.ts';
import { TEST_CA } from '../../support/test-certificates.ts';
import { type Summary, summary } from '../statistics.ts';
import { openClient } from './access.ts';
import { typicalPod } from './typical-pod.ts';

/** What is measured with. */
export interface ListTimesInput {
  readonly kubeconfig: string;
  readonly pods: number;
  readonly rounds: number;
}

/** Milliseconds. */
export interface ListTimes {
  readonly bytes: number;
  /** Of creating the pods, in pods a second. */
  readonly createdPerSecond: number;
  readonly first: number;
  readonly list: Summary;
  readonly bare: Summary;
}

const NAMESPACE = 'default';
/** Writers at a time while the pods are made. */
const WRITERS = 32;
/** Windows as kts's own client has them: a list is not to wait for window updates. */
const STREAM_WINDOW = 1 << 20;
const SESSION_WINDOW = 16 << 20;
const PATH = '/api/v1/pods?labelSelector=bench%3Dlist';

/** Creates the pods, asked of a scheduler that does not exist, and times lists; the pods stay. */
export async function listTimes({ kubeconfig, pods, rounds }: ListTimesInput): Promise<ListTimes> {
  const client = await openClient(kubeconfig);
  const started = performance.now();
  await createPods(client, pods);
  const createdPerSecond = pods / ((performance.now() - started) / 1000);
  await client.close();
  const { server, authority, certificate, key } = await readKubeconfig(kubeconfig);
  const session = await open(server, { ca: authority, cert: certificate, key });
  const first = await fetchAll(session, PATH);
  const directory = mkdtempSync(join(tmpdir(), 'kts-bench-list-'));
  writeFileSync(join(directory, 'body'), first.body);
  const peer = await startPeer(join(directory, 'body'));
  try {
    const bareSession = await open(peer.url, { ca: TEST_CA });
    const list: number[] = [];
    const bare: number[] = [];
    await fetchAll(bareSession, '/'); // Warms the peer up as `first` did the server.
    for (let i = 0; i < rounds; i++) {
      list.push((await fetchAll(session, PATH)).ms);
      bare.push((await fetchAll(bareSession, '/')).ms);
    }
    bareSession.close();
    return { bytes: first.body.length, createdPerSecond, first: first.ms, list: summary(list), bare: summary(bare) };
  } finally {
    session.close();
    peer.process.kill();
    rmSync(directory, { recursive: true });
  }
}

async function createPods(client: HttpClient, count: number): Promise<void> {
  let next = 0;
  const writer = async (): Promise<void> => {
    while (next < count) await client.create(PODS, typicalPod(`bench-list-${next++}`, NAMESPACE));
  };
  await Promise.all(Array.from({ length: WRITERS }, writer));
}

async function open(url: string, tls: SecureContextOptions): Promise<ClientHttp2Session> {
  const session = connect(url, { ...tls, settings: { enablePush: false, initialWindowSize: STREAM_WINDOW } });
  await once(session, 'connect');
  session.setLocalWindowSize(SESSION_WINDOW);
  return session;
}

async function fetchAll(session: ClientHttp2Session, path: string): Promise<{ ms: number; body: Buffer }> {
  const started = performance.now();
  const stream = session.request({ ':path': path, accept: 'application/json' });
  const answered = once(stream, 'response');
  const chunks: Buffer[] = [];
  for await (const chunk of stream) chunks.push(chunk);
  const ms = performance.now() - started;
  const [headers] = await answered;
  const body = Buffer.concat(chunks);
  if (headers[':status'] !== 200) throw new RangeError(`${path} answered ${headers[':status']}: ${body.subarray(0, 200)}`);
  return { ms, body };
}

/** Starts the bare server as a process of its own, as the API server is one. */
async function startPeer(body: string): Promise<{ url: string; process: ChildProcess }> {
  const program = join(import.meta.dirname, 'bare-server.ts');
  const child = spawn(process.execPath, ['--no-warnings', program, body], { stdio: ['ignore', 'pipe', 'inherit'] });
  const [line] = await Promise.race([
    once(child.stdout, 'data'),
    once(child, 'exit').then(() => Promise.reject(new RangeError('the bare server ended'))),
  ]);
  return { url: `https://127.0.0.1:${Number(String(line))}`, process: child };
}
