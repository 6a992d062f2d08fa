// OpenAPI documents as clients fetch them: by the hash of the index, packed or plain, and only when they changed.

import assert from 'node:assert/strict';
import { request } from 'node:https';
import { after, before, describe, test } from 'node:test';
import { gunzipSync } from 'node:zlib';
import { startTestServer, type TestServer } from '../support/api-server.ts';

let server: TestServer;
let reads = 0;

before(async () => {
  const descriptions = () => {
    reads++;
    return (message: string, field?: string) => (message.endsWith('.DeploymentSpec') && field === 'replicas' ? 'How many.' : undefined);
  };
  server = await startTestServer({ descriptions });
});
after(() => server.stop());

interface Answer {
  readonly code: number | undefined;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly bytes: Buffer;
}

function get(path: string, headers: Readonly<Record<string, string>> = {}): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const options = { ca: server.ca, agent: false, headers: { authorization: 'Bearer admin', ...headers } };
    const sent = request(`${server.url}${path}`, options, (answer) => {
      const chunks: Buffer[] = [];
      answer.on('data', (chunk: Buffer) => chunks.push(chunk));
      answer.on('end', () => resolve({ code: answer.statusCode, headers: answer.headers, bytes: Buffer.concat(chunks) }));
    });
    sent.on('error', reject).end();
  });
}

/** Where the index says that a document is. */
async function indexed(path: string): Promise<string> {
  const { bytes } = await get('/openapi/v3');
  const { paths } = JSON.parse(bytes.toString()) as { paths: Record<string, { serverRelativeURL: string }> };
  return paths[path]?.serverRelativeURL ?? '';
}

describe('OpenAPI', () => {
  test('the index names documents by hash without making them', async () => {
    assert.match(await indexed('apis/apps/v1'), /^\/openapi\/v3\/apis\/apps\/v1\?hash=[0-9A-F]{128}$/);
    assert.equal(reads, 0);
  });

  test('a document of the index may be kept for good; another hash leads to it', async () => {
    const url = await indexed('apis/apps/v1');
    const found = await get(url);
    assert.deepEqual([found.code, found.headers['cache-control']], [200, 'public, immutable']);
    assert.match(found.bytes.toString(), /"description":"How many\."/);
    const old = await get('/openapi/v3/apis/apps/v1?hash=00');
    assert.deepEqual([old.code, old.headers['location']], [301, url]);
    const plain = await get('/openapi/v3/apis/apps/v1');
    assert.deepEqual([plain.code, plain.headers['cache-control']], [200, 'no-cache, private']);
    assert.equal((await get('/openapi/v3/apis/none/v1')).code, 404);
  });

  test('a large document comes packed to who takes it so, and is the same for who does not', async () => {
    for (const path of ['/openapi/v2', '/openapi/v3/api/v1']) {
      const packed = await get(path, { 'accept-encoding': 'gzip' });
      const plain = await get(path);
      assert.deepEqual([packed.headers['content-encoding'], plain.headers['content-encoding']], ['gzip', undefined]);
      assert.ok(gunzipSync(packed.bytes).equals(plain.bytes));
      assert.equal(packed.headers['etag'], plain.headers['etag']);
      const again = await get(path, { 'if-none-match': String(plain.headers['etag']) });
      assert.deepEqual([again.code, again.bytes.byteLength], [304, 0]);
    }
  });

  test('the descriptions are read once for documents made one after the other', () => assert.equal(reads, 1));
});
