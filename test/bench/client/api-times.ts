// Times of the API's other ways of writing and reading, one request after the other: apply and patch beside update, selected lists, lists as
// protobuf; and how long a write takes to reach a thousand watchers.

import { once } from 'node:events';
import { type ClientHttp2Session, connect } from 'node:http2';
import type { SecureContextOptions } from 'node:tls';
import { readKubeconfig } from '../../../src/cli/kubeconfig-file.ts';
import { type Summary, summary } from '../statistics.ts';
import { typicalPod } from './typical-pod.ts';

/** What is measured with. */
export interface ApiTimesInput {
  readonly kubeconfig: string;
  /** Writes of each kind, and events that are fanned out. */
  readonly count: number;
}

/** Milliseconds. */
export interface ApiTimes {
  readonly update: Summary;
  readonly apply: Summary;
  readonly mergePatch: Summary;
  readonly strategicPatch: Summary;
  /** Of the tenth of the ConfigMaps that a label selects. */
  readonly selectedList: Summary;
  readonly jsonList: Summary;
  readonly protobufList: Summary;
  /** From the sending of a write until the last watcher has the event and the writer its answer. */
  readonly fanOut: Summary;
}

const WATCHERS = 1000;
const CONNECTIONS = 5;
const CONFIG_MAPS = 1000;
const WARM_UP = 20;
const NAMESPACE = '/api/v1/namespaces/default';
const DEPLOYMENT = '/apis/apps/v1/namespaces/default/deployments/bench-api';
const WATCHED = 'bench-fan-out';
const WINDOW_BYTES = 16 << 20;

/** Makes what it needs, measures, and removes it. */
export async function apiTimes({ kubeconfig, count }: ApiTimesInput): Promise<ApiTimes> {
  const { server, authority, certificate, key } = await readKubeconfig(kubeconfig);
  const tls = { ca: authority, cert: certificate, key };
  const api = new Api(await open(server, tls));
  try {
    const writes = await writeTimes(api, count);
    for (let i = 0; i < CONFIG_MAPS; i++) await api.send('POST', `${NAMESPACE}/configmaps`, configMap(`bench-api-${i}`, i));
    const rounds = Math.ceil(count / 10);
    const list = (query: string, accept = 'application/json') =>
      api.times(rounds, () => api.send('GET', `${NAMESPACE}/configmaps?${query}`, undefined, { accept }));
    const selectedList = await list('labelSelector=bench%3Dapi,part%3D3');
    const jsonList = await list('labelSelector=bench%3Dapi');
    const protobufList = await list('labelSelector=bench%3Dapi', 'application/vnd.kubernetes.protobuf');
    const fanOut = await fanOutTimes(api, () => open(server, tls), count);
    return { ...writes, selectedList, jsonList, protobufList, fanOut };
  } finally {
    await api.send('DELETE', `${NAMESPACE}/configmaps?labelSelector=bench%3Dapi`);
    await api.send('DELETE', DEPLOYMENT);
    api.close();
  }
}

const configMap = (name: string, i: number): object => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { name, labels: { bench: 'api', part: String(i % 10) } },
  data: { 'settings.yaml': `level: info # ${i}\n`.repeat(20) },
});

/** A Deployment that nobody acts on: paused, without replicas. */
function deployment(round: number): { metadata: object } {
  const { spec } = typicalPod('bench-api', 'default');
  const labels = { bench: 'api' };
  return {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name: 'bench-api', labels, annotations: { round: String(round) } },
    spec: { replicas: 0, paused: true, selector: { matchLabels: labels }, template: { metadata: { labels }, spec } },
  } as { metadata: object };
}

async function writeTimes(api: Api, count: number): Promise<Pick<ApiTimes, 'update' | 'apply' | 'mergePatch' | 'strategicPatch'>> {
  let round = 0;
  const applied = (): Promise<void> =>
    api.send('PATCH', `${DEPLOYMENT}?fieldManager=bench&force=true`, deployment(++round), {
      'content-type': 'application/apply-patch+yaml',
    });
  const annotate = (type: string) => (): Promise<void> =>
    api.send('PATCH', DEPLOYMENT, { metadata: { annotations: { round: String(++round) } } }, { 'content-type': type });
  await applied();
  return {
    update: await api.times(count, () => api.send('PUT', DEPLOYMENT, deployment(++round))),
    apply: await api.times(count, applied),
    mergePatch: await api.times(count, annotate('application/merge-patch+json')),
    strategicPatch: await api.times(count, annotate('application/strategic-merge-patch+json')),
  };
}

async function fanOutTimes(api: Api, openAnother: () => Promise<ClientHttp2Session>, count: number): Promise<Summary> {
  const sessions = await Promise.all(Array.from({ length: CONNECTIONS }, openAnother));
  let left = 0;
  let all = (): void => {};
  const onEvent = (chunk: Buffer): void => {
    // One write at a time: each watcher gets one line.
    if (chunk.includes(0x0a) && --left === 0) all();
  };
  try {
    await api.send('POST', `${NAMESPACE}/configmaps`, configMap(WATCHED, 0));
    left = WATCHERS;
    const begun = new Promise<void>((resolve) => {
      all = resolve;
    });
    for (let i = 0; i < WATCHERS; i++) {
      const stream = sessions[i % CONNECTIONS]?.request({
        ':path': `${NAMESPACE}/configmaps?watch=1&fieldSelector=metadata.name%3D${WATCHED}`,
      });
      stream?.on('data', onEvent);
      stream?.on('error', () => {}); // The sessions are ended below.
    }
    await begun;
    const times: number[] = [];
    for (let i = -WARM_UP; i < count; i++) {
      left = WATCHERS;
      const told = new Promise<void>((resolve) => {
        all = resolve;
      });
      const sent = performance.now();
      await api.send('PUT', `${NAMESPACE}/configmaps/${WATCHED}`, configMap(WATCHED, i + WARM_UP + 1));
      await told;
      if (i >= 0) times.push(performance.now() - sent);
    }
    return summary(times);
  } finally {
    for (const session of sessions) session.destroy();
  }
}

async function open(url: string, tls: SecureContextOptions): Promise<ClientHttp2Session> {
  const session = connect(url, { ...tls, settings: { enablePush: false } });
  await once(session, 'connect');
  session.setLocalWindowSize(WINDOW_BYTES);
  return session;
}

/** One connection, used for one request after the other. */
class Api {
  readonly #session: ClientHttp2Session;

  constructor(session: ClientHttp2Session) {
    this.#session = session;
  }

  close(): void {
    this.#session.destroy();
  }

  /** Sends a request and reads the answer. @throws RangeError for one that is no success */
  async send(method: string, path: string, body?: object, headers: Record<string, string> = {}): Promise<void> {
    const stream = this.#session.request(
      { ':method': method, ':path': path, 'content-type': 'application/json', ...headers },
      { endStream: false },
    );
    const answered = once(stream, 'response');
    stream.end(body && JSON.stringify(body));
    const chunks: Buffer[] = [];
    for await (const chunk of stream) chunks.push(chunk);
    const [head] = await answered;
    if (Number(head[':status']) >= 300) throw new RangeError(`${method} ${path} answered ${head[':status']}: ${Buffer.concat(chunks)}`);
  }

  /** Times `count` runs, after some to warm up. */
  async times(count: number, run: () => Promise<void>): Promise<Summary> {
    const times: number[] = [];
    for (let i = -Math.min(WARM_UP, count); i < count; i++) {
      const start = performance.now();
      await run();
      if (i >= 0) times.push(performance.now() - start);
    }
    return summary(times);
  }
}
