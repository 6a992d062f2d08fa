import assert from 'node:assert/strict';
import { duplexPair } from 'node:stream';
import { text } from 'node:stream/consumers';
import { test } from 'node:test';
import { hasCode } from '../../../../src/base/errors.ts';
import { SpdyConnection } from '../../../../src/base/spdy/connection.ts';
import { type PeerEvent, SpdyPeer } from '../../../support/spdy-peer.ts';

function pair(onEvent?: (event: PeerEvent, peer: SpdyPeer) => void) {
  const [near, far] = duplexPair();
  return { connection: new SpdyConnection(near), peer: new SpdyPeer(far, onEvent) };
}

const settled = () => new Promise((resolve) => setImmediate(() => setImmediate(() => setImmediate(resolve))));

test('SpdyConnection.open sends headers in lower case that zlib can inflate, in order, with odd ids', async () => {
  const { connection, peer } = pair();
  const long = 'x'.repeat(70_000);
  connection.open({ streamType: 'error' });
  connection.open({ streamtype: 'stdin', long });
  connection.open({ streamtype: 'data', port: '80', requestid: '0' });
  await settled();
  assert.deepEqual(
    peer.events.map((event) => (event.type === 'open' ? [event.id, event.headers] : event)),
    [
      [1, { streamtype: 'error' }],
      [3, { streamtype: 'stdin', long }],
      [5, { streamtype: 'data', port: '80', requestid: '0' }],
    ],
  );
});

test('SpdyStream carries data both ways in pieces, FIN ends each side on its own', async () => {
  const { connection, peer } = pair((event, own) => {
    if (event.type === 'data') own.data(event.id, event.bytes, event);
  });
  const stream = connection.open({ streamtype: 'data' });
  const sent = 'abcdefgh'.repeat(20_000);
  stream.end(sent);
  assert.equal(await text(stream), sent);
  const sizes = peer.events.flatMap((event) => (event.type === 'data' ? [event.bytes.length] : []));
  assert.ok(Math.max(...sizes) <= 32 * 1024);
  assert.equal(sizes.at(-1), 0);
  assert.ok(!peer.events.some((event) => event.type === 'reset'));
});

test('SpdyConnection cuts frames wherever the bytes are cut', async () => {
  for (const size of [1, 3, 7, 9, 100]) {
    const { connection, peer } = pair();
    const stream = connection.open({ streamtype: 'stdout' });
    const frames = Buffer.from('8003000200000006000000010000000000010000000568656c6c6f0000000101000000', 'hex');
    for (let at = 0; at < frames.length; at += size) peer.raw(frames.subarray(at, at + size));
    assert.equal(await text(stream), 'hello');
  }
});

test('SpdyConnection answers pings of the server and refuses its streams', async () => {
  const { peer } = pair();
  peer.control(6, 2);
  peer.control(6, 3);
  peer.control(1, 2, 0, 0);
  await settled();
  assert.deepEqual(peer.events, [
    { type: 'ping', id: 2 },
    { type: 'reset', id: 2, status: 3 },
  ]);
});

test('SpdyConnection skips frames it need not know', async () => {
  const { connection, peer } = pair();
  const stream = connection.open({ streamtype: 'stdout' });
  for (const type of [4, 8, 9, 77]) peer.control(type, 1, 2);
  peer.data(stream.id, 'after', { fin: true });
  assert.equal(await text(stream), 'after');
});

test('SpdyStream ends with spdy-reset on a reset that is not a cancel, and quietly on a cancel', async () => {
  const { connection, peer } = pair();
  const [refused, cancelled] = [connection.open({}), connection.open({})];
  peer.control(3, refused.id, 3);
  peer.control(3, cancelled.id, 5);
  await assert.rejects(text(refused), (error) => hasCode(error, 'spdy-reset'));
  assert.equal(await text(cancelled), '');
  // A server that resets stdin at the end of a command still gets writes: they are dropped.
  await new Promise((resolve, reject) => cancelled.write('late', (error) => (error ? reject(error) : resolve(undefined))));
});

test('SpdyStream keeps what arrived whole when the connection ends, and fails what did not', async () => {
  const { connection, peer } = pair();
  const [whole, cut] = [connection.open({}), connection.open({})];
  peer.data(whole.id, 'all of it', { fin: true });
  peer.data(cut.id, 'some');
  peer.end();
  await connection.closed;
  assert.equal(await text(whole), 'all of it');
  await assert.rejects(text(cut), (error) => hasCode(error, 'spdy-closed'));
  assert.throws(
    () => connection.open({}),
    (error) => hasCode(error, 'spdy-closed'),
  );
});

test('SpdyConnection stops reading while a stream is not read', async () => {
  const { connection, peer } = pair();
  const slow = connection.open({});
  for (let n = 0; n < 64; n++) peer.data(slow.id, Buffer.alloc(32 * 1024));
  await settled();
  assert.ok(slow.readableLength < 256 * 1024, `buffered ${slow.readableLength}`);
  peer.data(slow.id, '', { fin: true });
  let size = 0;
  for await (const chunk of slow) size += chunk.length;
  assert.equal(size, 64 * 32 * 1024);
});

test('SpdyConnection ends on bytes that are not SPDY/3.1', async () => {
  for (const bad of ['8002000100000000', '8003000300000004', '80030003ff000000']) {
    const { connection, peer } = pair();
    const stream = connection.open({});
    peer.raw(Buffer.from(`${bad}00000000`, 'hex'));
    await assert.rejects(text(stream), (error) => hasCode(error, 'spdy-protocol'), bad);
    await connection.closed;
  }
});

test('SpdyConnection.close says GOAWAY and resets what is open', async () => {
  const { connection, peer } = pair();
  const stream = connection.open({});
  connection.close();
  connection.close();
  await settled();
  assert.deepEqual(
    peer.events.map((event) => event.type),
    ['open', 'go-away', 'reset'],
  );
  assert.ok(stream.destroyed);
});
