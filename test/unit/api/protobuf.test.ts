import assert from 'node:assert/strict';
import { test } from 'node:test';
import { decodeObject } from '../../../src/api/codec/decode.ts';
import { DecodeError } from '../../../src/api/codec/errors.ts';
import {
  decodeEnvelope,
  decodeMessage,
  decodeWatchEvent,
  encodeEnvelope,
  encodeMessage,
  encodeWatchFrame,
} from '../../../src/api/codec/protobuf.ts';
import { builtinSchema } from '../../../src/api/schema/schema.ts';
import { loadVectors } from './codec-vectors.ts';

/** Kind and apiVersion are no fields of a protobuf message. */
function withoutTypes(value: unknown, depth = 0): unknown {
  if (Array.isArray(value)) return value.map((item) => withoutTypes(item, depth + 1));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).filter(([key]) => depth > 0 || (key !== 'kind' && key !== 'apiVersion')));
}

test('encodeMessage writes every kind as upstream does, byte for byte', () => {
  for (const { gvk, message, json, proto } of loadVectors().vectors) {
    const bytes = encodeMessage(decodeObject(json, message).object, message);
    assert.equal(Buffer.from(bytes).toString('hex'), proto.toString('hex'), gvk);
  }
});

test('decodeMessage reads every kind as upstream writes it', () => {
  for (const { gvk, message, json, proto } of loadVectors().vectors) {
    assert.deepEqual(decodeMessage(proto, message), withoutTypes(decodeObject(json, message).object), gvk);
  }
});

const CONFIG_MAP = builtinSchema().kind('', 'v1', 'ConfigMap');
const ENVELOPE = 'azhzAAoPCgJ2MRIJQ29uZmlnTWFwEhsKEQoBYRIAGgAiACoAMgA4AEIAEgYKAWsSAXYaACIA';
const WATCH = 'CgVBRERFRBI4CjZrOHMACg8KAnYxEglDb25maWdNYXASGwoRCgFhEgAaACIAKgAyADgAQgASBgoBaxIBdhoAIgA=';

test('encodeEnvelope and encodeWatchFrame write what upstream writes', () => {
  assert.ok(CONFIG_MAP);
  const object = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'a' }, data: { k: 'v' } };
  const bytes = encodeEnvelope(object, CONFIG_MAP);
  assert.equal(Buffer.from(bytes).toString('base64'), ENVELOPE);
  const envelope = decodeEnvelope(bytes);
  assert.equal(envelope.apiVersion, 'v1');
  assert.equal(envelope.kind, 'ConfigMap');
  assert.deepEqual(decodeMessage(envelope.raw, CONFIG_MAP), { metadata: { name: 'a' }, data: { k: 'v' } });
  const frame = Buffer.from(encodeWatchFrame('ADDED', object, CONFIG_MAP));
  assert.equal(frame.readUInt32BE(0), frame.byteLength - 4);
  const event = frame.subarray(4);
  assert.equal(Buffer.from(event).toString('base64'), WATCH);
  const { type, object: inner } = decodeWatchEvent(event);
  assert.equal(type, 'ADDED');
  assert.deepEqual(Buffer.from(inner), Buffer.from(bytes));
});

test('decodeMessage and decodeEnvelope refuse what is broken', () => {
  assert.ok(CONFIG_MAP);
  assert.throws(() => decodeEnvelope(Buffer.from('xxxx')), {
    message: 'provided data does not appear to be a protobuf message, expected prefix [107 56 115 0]',
  });
  const whole = Buffer.from(ENVELOPE, 'base64');
  for (const bytes of [whole.subarray(0, 20), Buffer.from('k8s\0\xff\xff', 'latin1')])
    assert.throws(() => decodeEnvelope(bytes), DecodeError);
  for (const hex of ['ff', '0a05', '0d', '0b', '08', '120a0a01'])
    assert.throws(() => decodeMessage(Buffer.from(hex, 'hex'), CONFIG_MAP), DecodeError, hex);
});

test('decodeMessage never fails but with a DecodeError, whatever the bytes', () => {
  for (const { message, proto } of loadVectors().vectors.filter(({ proto: bytes }) => bytes.length < 2000)) {
    for (let i = 0; i < proto.length; i += 7) {
      const broken = Buffer.from(proto);
      broken[i] = (broken[i] ?? 0) ^ 0x55;
      try {
        decodeMessage(broken, message);
      } catch (error) {
        assert.ok(error instanceof DecodeError, String(error));
      }
    }
  }
});
