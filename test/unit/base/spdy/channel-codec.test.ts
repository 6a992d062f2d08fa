import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  channelCodec,
  decodeChannelMessage,
  encodeChannelMessage,
  errorChannelPayload,
  REMOTE_COMMAND_PROTOCOLS,
} from '../../../../src/base/spdy/channel-codec.ts';
import { chooseProtocol } from '../../../../src/base/websocket.ts';

test('encodeChannelMessage writes the channel, then the bytes; as a digit and base64 where the protocol says so', () => {
  for (const protocol of ['v5.channel.k8s.io', 'v4.channel.k8s.io', 'channel.k8s.io', '']) {
    assert.deepEqual(encodeChannelMessage(channelCodec(protocol), 1, Buffer.from('hi')), Buffer.from([1, 0x68, 0x69]));
  }
  for (const protocol of ['v4.base64.channel.k8s.io', 'base64.channel.k8s.io']) {
    assert.equal(encodeChannelMessage(channelCodec(protocol), 3, Buffer.from('hi')), '3aGk=');
  }
});

test('decodeChannelMessage reads what each protocol allows', () => {
  const cases: [string, Buffer, unknown][] = [
    ['v5.channel.k8s.io', Buffer.from([0, 0x61]), { type: 'data', channel: 0, payload: Buffer.from('a') }],
    ['v5.channel.k8s.io', Buffer.from([255, 0]), { type: 'close', channel: 0 }],
    ['v5.channel.k8s.io', Buffer.from([255]), { type: 'invalid' }],
    ['v4.channel.k8s.io', Buffer.from([255, 0]), { type: 'data', channel: 255, payload: Buffer.from([0]) }],
    ['v4.channel.k8s.io', Buffer.alloc(0), { type: 'invalid' }],
    ['base64.channel.k8s.io', Buffer.from('4aGk='), { type: 'data', channel: 4, payload: Buffer.from('hi') }],
    ['base64.channel.k8s.io', Buffer.from('xaGk='), { type: 'invalid' }],
  ];
  for (const [protocol, message, expected] of cases)
    assert.deepEqual(decodeChannelMessage(channelCodec(protocol), message), expected, protocol);
});

test('errorChannelPayload passes a Status on to v4 and later, and its text to older clients', () => {
  const failure = Buffer.from('{"status":"Failure","message":"command terminated with non-zero exit code"}');
  const success = Buffer.from('{"metadata":{},"status":"Success"}');
  assert.equal(errorChannelPayload(channelCodec('v5.channel.k8s.io'), failure), failure);
  assert.equal(errorChannelPayload(channelCodec('v4.base64.channel.k8s.io'), success), success);
  assert.equal(errorChannelPayload(channelCodec('channel.k8s.io'), failure)?.toString(), 'command terminated with non-zero exit code');
  assert.equal(errorChannelPayload(channelCodec(''), success), undefined);
  assert.equal(errorChannelPayload(channelCodec(''), Buffer.from('plain'))?.toString(), 'plain');
});

test("chooseProtocol takes the client's first that the server has", () => {
  assert.equal(
    chooseProtocol(['v9.channel.k8s.io', 'v4.channel.k8s.io', 'v5.channel.k8s.io'], REMOTE_COMMAND_PROTOCOLS),
    'v4.channel.k8s.io',
  );
  assert.equal(chooseProtocol([], REMOTE_COMMAND_PROTOCOLS), '');
  assert.equal(chooseProtocol(['other'], REMOTE_COMMAND_PROTOCOLS), undefined);
  assert.equal(chooseProtocol([], ['v4.channel.k8s.io']), undefined);
});
