import assert from 'node:assert/strict';
import { EventEmitter } from 'node:events';
import type { IncomingMessage } from 'node:http';
import { test } from 'node:test';
import { builtinType } from '../../../../src/api/builtin-type.ts';
import { decodeEnvelope, decodeWatchEvent } from '../../../../src/api/codec/protobuf.ts';
import { expired } from '../../../../src/api/status-error.ts';
import { Exchange, type HttpResponse } from '../../../../src/server/http/exchange.ts';
import type { Representation } from '../../../../src/server/http/media-type.ts';
import { FanOut } from '../../../../src/server/http/watch-frames.ts';
import { WatchResponse } from '../../../../src/server/http/watch-response.ts';

/** A client that reads or does not. */
class FakeResponse extends EventEmitter implements HttpResponse {
  statusCode = 0;
  headersSent = false;
  writableEnded = false;
  writableLength = 0;
  destroyed = false;
  reading = true;
  written = '';
  setHeader(): void {}
  flushHeaders(): void {
    this.headersSent = true;
  }
  write(chunk: Uint8Array): boolean {
    this.written += Buffer.from(chunk).toString('utf8');
    return this.reading;
  }
  end(): void {
    this.writableEnded = true;
  }
  destroy(): void {
    this.destroyed = true;
    this.emit('close');
  }
}

const JSON_FORM: Representation = { format: 'json', as: 'object' };
const PROTOBUF_FORM: Representation = { format: 'protobuf', as: 'object' };

function open(onOverflow = (): void => {}, fanOut = new FanOut(), representation = JSON_FORM) {
  const response = new FakeResponse();
  // The exchange looks at method, url and headers only.
  const request = { method: 'GET', url: '/api/v1/configmaps?watch=1', headers: {} } as IncomingMessage;
  const exchange = new Exchange(request, response);
  const sink = new WatchResponse(exchange, {
    type: builtinType({ group: '', version: 'v1', kind: 'ConfigMap' }),
    representation,
    nowMs: () => 0,
    fanOut,
    onOverflow,
  });
  return { response, sink };
}

const object = (name: string) => ({ kind: 'ConfigMap', apiVersion: 'v1', metadata: { name } });
const bytesOf = (name: string, size = 0) => Buffer.from(JSON.stringify({ ...object(name), data: { x: 'x'.repeat(size) } }));
const microtasks = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

test('WatchResponse sends what came before its beginning, then what comes, a line each', async () => {
  const { response, sink } = open();
  sink.change('ADDED', object('a'), bytesOf('a'));
  assert.equal(response.written, '');
  sink.begin();
  sink.change('MODIFIED', object('a'), bytesOf('a'));
  sink.bookmark(object('b'));
  await microtasks();
  const types = response.written
    .trim()
    .split('\n')
    .map((line) => (JSON.parse(line) as { type: string }).type);
  assert.deepEqual(types, ['ADDED', 'MODIFIED', 'BOOKMARK']);
});

test('WatchResponse ends with an ERROR event that carries the Status', async () => {
  const { response, sink } = open();
  sink.begin();
  sink.end(expired('too old resource version: 1 (2)'));
  await microtasks();
  const event = JSON.parse(response.written) as { type: string; object: { code: number; reason: string } };
  assert.deepEqual([event.type, event.object.code, event.object.reason, response.writableEnded], ['ERROR', 410, 'Expired', true]);
});

test('WatchResponse waits for a slow client and goes on where it was', async () => {
  const { response, sink } = open();
  response.reading = false;
  for (let i = 0; i < 100; i++) sink.change('ADDED', object(`o${i}`), bytesOf(`o${i}`, 2_000));
  sink.begin();
  const first = response.written.length;
  assert.ok(first < 100_000, `wrote ${first} bytes to a client that does not read`);
  response.reading = true;
  response.emit('drain');
  await microtasks();
  assert.equal(response.written.trim().split('\n').length, 100);
});

test('WatchResponse cuts off a client that does not read', async () => {
  let overflows = 0;
  const { response, sink } = open(() => overflows++);
  response.reading = false;
  sink.begin();
  for (let i = 0; i < 20 && !response.destroyed; i++) {
    sink.change('ADDED', object(`o${i}`), bytesOf(`o${i}`, 1 << 20));
    await microtasks();
  }
  assert.deepEqual([response.destroyed, overflows], [true, 1]);
  sink.change('ADDED', object('late'), bytesOf('late'));
  assert.equal(overflows, 1);
});

/** The frames of one event as watches of that form write them. */
async function framesOf(representations: readonly Representation[]): Promise<Uint8Array[]> {
  const fanOut = new FanOut();
  const frames: Uint8Array[] = [];
  const sinks = representations.map((representation) => {
    const { response, sink } = open(undefined, fanOut, representation);
    response.write = (chunk) => frames.push(chunk) > 0;
    sink.begin();
    return sink;
  });
  const [changed, bytes] = [object('a'), bytesOf('a')];
  for (const sink of sinks) sink.change('MODIFIED', changed, bytes);
  await microtasks();
  return frames;
}

test('WatchResponse writes one frame of an event that several watches see in the same form', async () => {
  const [first, protobuf, second, other] = await framesOf([JSON_FORM, PROTOBUF_FORM, JSON_FORM, PROTOBUF_FORM]);
  assert.ok(first && protobuf);
  assert.equal(first, second);
  assert.deepEqual(JSON.parse(Buffer.from(first).toString()).object.metadata, { name: 'a' });
  assert.equal(protobuf, other);
  const event = decodeWatchEvent(protobuf.subarray(4));
  assert.equal(event.type, 'MODIFIED');
  assert.equal(decodeEnvelope(event.object).kind, 'ConfigMap');
});
