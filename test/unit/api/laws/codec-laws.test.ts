// What reading and writing must keep, for random objects of every kind.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { decodeObject } from '../../../../src/api/codec/decode.ts';
import { encodeObject } from '../../../../src/api/codec/encode.ts';
import { decodeEnvelope, decodeMessage, encodeEnvelope } from '../../../../src/api/codec/protobuf.ts';
import type { Message } from '../../../../src/api/schema/schema.ts';
import { Random } from '../../../support/random.ts';
import { objectKinds, randomObject } from '../../../support/random-objects.ts';

const KINDS = objectKinds();
const RUNS = { numRuns: 10 };

/** The canonical object of a seed. */
const objectOf = (message: Message, seed: number): Record<string, unknown> =>
  decodeObject(randomObject(message, new Random(seed)), message).object;
const nameOf = (message: Message): string => `${message.package.group}/${message.package.version} ${message.name}`;
const forAll = (check: (message: Message, object: Record<string, unknown>) => void): void => {
  for (const message of KINDS) {
    fc.assert(
      fc.property(fc.nat(), (seed) => check(message, objectOf(message, seed))),
      RUNS,
    );
  }
};

test('objectKinds has every kind of the API', () => {
  assert.ok(KINDS.length > 70, String(KINDS.length));
});

test('decodeObject reads what encodeObject has written, for every kind', () => {
  forAll((message, object) => {
    const text = JSON.stringify(encodeObject(object, message));
    assert.deepEqual(decodeObject(text, message, { validation: 'Strict' }).object, object, nameOf(message));
  });
});

test('encodeObject writes the same of what it has read again, for every kind', () => {
  forAll((message, object) => {
    const text = JSON.stringify(encodeObject(object, message));
    assert.equal(JSON.stringify(encodeObject(decodeObject(text, message).object, message)), text, nameOf(message));
  });
});

test('decodeMessage reads what encodeEnvelope has written, for every kind', () => {
  forAll((message, object) => {
    const { apiVersion, kind, raw } = decodeEnvelope(encodeEnvelope(object, message));
    assert.deepEqual({ ...decodeMessage<object>(raw, message), kind, apiVersion }, object, nameOf(message));
  });
});
