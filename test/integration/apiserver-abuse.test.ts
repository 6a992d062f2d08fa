// Ten thousand bad requests of mixed kinds: each is refused, nothing stays in memory, the log stays quiet, good ones are served.

import assert from 'node:assert/strict';
import { type ClientHttp2Session, connect } from 'node:http2';
import { after, before, test } from 'node:test';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import type { Logger } from '../../src/base/log.ts';
import { startTestServer, type TestServer } from '../support/api-server.ts';

const REQUESTS = 10_000;
const WARM_UP = 2_000;
const AT_ONCE = 50;
/** What garbage collection may leave by chance; a kilobyte kept of each request would be ten times as much. */
const GROWTH_BYTES = 3 << 20;

let server: TestServer;
let session: ClientHttp2Session;
const lines: string[] = [];
const log: Logger = {
  debug: () => {},
  info: (message) => lines.push(message),
  warn: (message) => lines.push(message),
  error: (message) => lines.push(message),
  child: () => log,
};

before(async () => {
  server = await startTestServer({ log });
  session = connect(server.url, { ca: server.ca });
});
after(async () => {
  session.close();
  await server.stop();
});

interface Bad {
  readonly path: string;
  readonly code: number;
  readonly method?: string;
  readonly body?: string | Buffer;
  readonly headers?: Readonly<Record<string, string>>;
}

const MAPS = '/api/v1/namespaces/default/configmaps';
const JSON_BODY = { 'content-type': 'application/json' };
const PROTOBUF = { 'content-type': 'application/vnd.kubernetes.protobuf' };
const map = (metadata: object, more: object = {}): string => JSON.stringify({ apiVersion: 'v1', kind: 'ConfigMap', metadata, ...more });

/** Kinds of bad requests; `n` makes each one another, so that nothing is saved by a cache. */
const KINDS: readonly ((n: number) => Bad)[] = [
  () => ({ path: MAPS, code: 400, method: 'POST', body: '{"a":', headers: JSON_BODY }),
  () => ({ path: MAPS, code: 400, method: 'POST', body: Buffer.from('k8s\0\xff\xff\xff'), headers: PROTOBUF }),
  (n) => ({ path: MAPS, code: 422, method: 'POST', body: map({ name: `Bad_${n}` }), headers: JSON_BODY }),
  (n) => ({
    path: `${MAPS}?fieldValidation=Strict`,
    code: 400,
    method: 'POST',
    body: map({ name: 'x' }, { [`f${n}`]: 1 }),
    headers: JSON_BODY,
  }),
  (n) => ({ path: MAPS, code: 415, method: 'POST', body: 'x', headers: { 'content-type': `text/x-${n}` } }),
  (n) => ({ path: MAPS, code: 406, headers: { accept: `image/x-${n}` } }),
  (n) => ({ path: `${MAPS}/none-${n}`, code: 404 }),
  (n) => ({ path: `/apis/group-${n}.example.com/v1/things`, code: 404 }),
  (n) => ({ path: `/nowhere/${n}`, code: 404 }),
  (n) => ({ path: `${MAPS}?limit=1&continue=token${n}`, code: 400 }),
  (n) => ({ path: `${MAPS}?labelSelector=a%20b${n}`, code: 400 }),
  (n) => ({ path: `${MAPS}?watch=1&resourceVersion=no${n}`, code: 422 }),
  (n) => ({ path: MAPS, code: 403, headers: { authorization: `Bearer nobody-${n}` } }),
  () => ({ path: MAPS, code: 401, headers: { authorization: 'Bearer bad' } }),
  (n) => ({ path: `${MAPS}/none-${n}`, code: 404, method: 'DELETE' }),
  (n) => ({
    path: `${MAPS}/none-${n}`,
    code: 404,
    method: 'PATCH',
    body: '{}',
    headers: { 'content-type': 'application/merge-patch+json' },
  }),
  () => ({ path: MAPS, code: 405, method: 'PUT', body: '{}', headers: JSON_BODY }),
  (n) => ({ path: `/api/v1/namespaces/default/pods/p-${n}/log`, code: 404 }),
  (n) => ({ path: `/api/v1/namespaces/default/pods/p-${n}/exec?command=x`, code: 404, method: 'POST' }),
];

/** The code of the answer, whose body must be a Status. */
function send({ path, method = 'GET', body, headers }: Bad): Promise<number> {
  return new Promise((resolve, reject) => {
    const stream = session.request({ ':path': path, ':method': method, authorization: 'Bearer admin', ...headers });
    let code = 0;
    let text = '';
    stream.setEncoding('utf8');
    stream.on('response', (received) => {
      code = received[':status'] ?? 0;
    });
    stream.on('data', (chunk: string) => {
      text += chunk;
    });
    stream.on('end', () =>
      text.includes('"kind":"Status"') || code === 404
        ? resolve(code)
        : reject(new assert.AssertionError({ message: `${method} ${path}: ${code} ${text}` })),
    );
    stream.on('error', reject);
    stream.end(body);
  });
}

async function sendMany(count: number): Promise<void> {
  let next = 0;
  const worker = async (): Promise<void> => {
    for (let n = next++; n < count; n = next++) {
      const bad = KINDS[n % KINDS.length]?.(n);
      assert.ok(bad);
      assert.equal(await send(bad), bad.code, `${bad.method ?? 'GET'} ${bad.path}`);
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, worker));
}

/** Bytes in use after collection. */
function used(): number {
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc') as () => void; // what the flag makes
  collect();
  collect();
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
}

test('the API server refuses ten thousand bad requests and keeps nothing of them', async () => {
  await sendMany(WARM_UP);
  lines.length = 0;
  const before = used();
  await sendMany(REQUESTS);
  const growth = used() - before;
  assert.ok(growth < GROWTH_BYTES, `memory grew by ${growth} bytes`);
  assert.deepEqual(lines, [], 'the log is silent');
  assert.equal(await send({ path: '/readyz?verbose', code: 200 }).catch((error: Error) => /: 200 /.test(error.message)), true);
});
