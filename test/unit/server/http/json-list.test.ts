import assert from 'node:assert/strict';
import { test } from 'node:test';
import { builtinType } from '../../../../src/api/builtin-type.ts';
import { type ByteReader, PiecesReader } from '../../../../src/server/http/byte-reader.ts';
import { JsonListReader } from '../../../../src/server/http/json-list.ts';
import type { CallResult } from '../../../../src/server/registry/call-result.ts';

type PageResult = Extract<CallResult, { type: 'page' }>;

function pageOf(stored: readonly string[]): PageResult {
  const entries = stored.map((text, i) => ({
    object: JSON.parse(text),
    bytes: i % 2 === 0 ? Buffer.from(text) : new TextEncoder().encode(text),
  }));
  const info = { group: '', version: 'v1', kind: 'ConfigMap', listKind: 'ConfigMapList' };
  const served = { info, type: builtinType({ group: '', version: 'v1', kind: 'ConfigMap' }), conversion: undefined };
  // What a list is made of: nothing else is looked at.
  return { type: 'page', served, page: { entries, revision: 7, remaining: 3, continue: 'go on' } } as unknown as PageResult;
}

function readAll(reader: ByteReader, size: number): string {
  const into = Buffer.alloc(size);
  const chunks: Buffer[] = [];
  while (!reader.done) chunks.push(Buffer.from(into.subarray(0, reader.read(into))));
  return Buffer.concat(chunks).toString();
}

const SIZES = [2, 3, 7, 64, 4096];
const TYPE = '"kind":"ConfigMap","apiVersion":"v1"';
const items = [{ metadata: { name: 'a' }, data: { x: 'é'.repeat(40) } }, { metadata: { name: 'b' } }, { metadata: { name: 'c' } }];

test('a JSON list is the same whatever the buffers: items lose the kind they are stored with', () => {
  const stored = items.map((item) => `{${TYPE},${JSON.stringify(item).slice(1)}`);
  const expected = {
    kind: 'ConfigMapList',
    apiVersion: 'v1',
    metadata: { resourceVersion: '7', continue: 'go on', remainingItemCount: 3 },
    items,
  };
  for (const size of SIZES) {
    const text = readAll(new JsonListReader(pageOf(stored)), size);
    assert.deepEqual(JSON.parse(text), expected);
    assert.ok(text.endsWith(']}\n'));
  }
});

test('a JSON list shows what was stored with its parts in another order as it is', () => {
  const stored = [`{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"old"}}`, `{${TYPE},"metadata":{"name":"new"}}`];
  for (const size of SIZES) {
    const list = JSON.parse(readAll(new JsonListReader(pageOf(stored)), size)) as { items: unknown[] };
    assert.deepEqual(list.items, [JSON.parse(stored[0] ?? ''), { metadata: { name: 'new' } }]);
  }
});

test('a JSON list of nothing is whole', () => {
  for (const size of SIZES) assert.deepEqual(JSON.parse(readAll(new JsonListReader(pageOf([])), size)).items, []);
});

test('pieces are read one after the other, empty ones too', () => {
  const pieces = ['', 'abc', '', 'defghij', 'k', ''].map((text) => Buffer.from(text));
  for (const size of [1, ...SIZES]) assert.equal(readAll(new PiecesReader(pieces), size), 'abcdefghijk');
});
