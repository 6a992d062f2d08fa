import assert from 'node:assert/strict';
import { test } from 'node:test';
import { decodeObject } from '../../../src/api/codec/decode.ts';
import { encodeObject } from '../../../src/api/codec/encode.ts';
import { deepFreeze } from '../../../src/api/copy.ts';
import { loadVectors } from './codec-vectors.ts';

test('every kind of the vectors is in the schema', () => {
  assert.deepEqual(loadVectors().missing, []);
});

test('decodeObject and encodeObject give back what upstream prints, byte for byte', () => {
  const { vectors } = loadVectors();
  assert.ok(vectors.length > 250);
  for (const { gvk, message, json } of vectors) {
    const { object, warnings } = decodeObject(deepFreeze(json), message, { validation: 'Strict' });
    assert.deepEqual(warnings, []);
    // A server never answers with a list whose items are null.
    const expected = json['items'] === null ? { ...json, items: [] } : json;
    assert.equal(JSON.stringify(encodeObject(object, message)), JSON.stringify(expected), gvk);
    assert.deepEqual(decodeObject(object, message).object, object, `${gvk}: decoding is idempotent`);
  }
});
