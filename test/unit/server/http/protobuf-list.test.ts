import assert from 'node:assert/strict';
import { test } from 'node:test';
import { builtinType } from '../../../../src/api/builtin-type.ts';
import { decodeEnvelope, decodeMessage } from '../../../../src/api/codec/protobuf.ts';
import { builtinSchema } from '../../../../src/api/schema/schema.ts';
import { CHUNK_BYTES, ChunkPool } from '../../../../src/server/http/chunk-pool.ts';
import { protobufList } from '../../../../src/server/http/protobuf-list.ts';
import type { CallResult } from '../../../../src/server/registry/call-result.ts';

type PageResult = Extract<CallResult, { type: 'page' }>;
type List = { metadata: object; items: { metadata: { name: string }; data: { x: string } }[] };

const MESSAGE = builtinSchema().kind('', 'v1', 'ConfigMapList');

function pageOf(sizes: readonly number[]): PageResult {
  const entries = sizes.map((size, i) => ({ object: { metadata: { name: `c${i}` }, data: { x: 'x'.repeat(size) } } }));
  const info = { group: '', version: 'v1', listKind: 'ConfigMapList' };
  const served = { info, type: builtinType({ group: '', version: 'v1', kind: 'ConfigMap' }), conversion: undefined };
  // What a list is made of: nothing else is looked at.
  return { type: 'page', served, page: { entries, revision: 7, remaining: 3, continue: 'go on' } } as unknown as PageResult;
}

async function listed(sizes: readonly number[], pool = new ChunkPool()): Promise<{ list: List; pieces: number; release: () => void }> {
  assert.ok(MESSAGE);
  const { pieces, release } = await protobufList(pageOf(sizes), MESSAGE, pool);
  const bytes = Buffer.concat(pieces);
  const { kind, raw } = decodeEnvelope(bytes);
  assert.equal(kind, 'ConfigMapList');
  return { list: decodeMessage<List>(raw, MESSAGE), pieces: pieces.length, release };
}

test('protobufList makes lists of no items, of many, and of items larger than a buffer, in order', async () => {
  for (const sizes of [[], [5], Array.from({ length: 3000 }, () => 300), [10, CHUNK_BYTES * 2, 20, CHUNK_BYTES - 100, 0]]) {
    const { list } = await listed(sizes);
    assert.deepEqual(list.metadata, { resourceVersion: '7', continue: 'go on', remainingItemCount: 3 });
    assert.deepEqual(
      list.items.map(({ metadata, data }) => [metadata.name, data.x.length]),
      sizes.map((size, i) => [`c${i}`, size]),
    );
  }
});

test('protobufList makes long lists in buffers of the pool and gives them back', async () => {
  class CountingPool extends ChunkPool {
    taken = 0;
    back = 0;
    override take(): Buffer {
      this.taken++;
      return super.take();
    }
    override giveBack(buffer: Buffer): void {
      this.back++;
      super.giveBack(buffer);
    }
  }
  const pool = new CountingPool();
  (await listed([5, 5], pool)).release();
  assert.deepEqual([pool.taken, pool.back], [0, 0]);
  const { list, release } = await listed(
    Array.from({ length: 5000 }, () => 200),
    pool,
  );
  assert.equal(list.items.length, 5000);
  assert.ok(pool.taken >= 5, String(pool.taken));
  assert.equal(pool.back, 0);
  release();
  assert.equal(pool.back, pool.taken);
});
