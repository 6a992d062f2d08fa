import assert from 'node:assert/strict';
import { test } from 'node:test';
import { shareUnchanged } from '../../../../src/server/registry/stored-form.ts';

test('shareUnchanged takes over what is equal, and leaves what differs and the metadata', () => {
  const old = { metadata: { name: 'a' }, spec: { list: [1, 2] }, status: { phase: 'A' } };
  const object = { metadata: { name: 'a' }, spec: { list: [1, 2] }, status: { phase: 'B' }, extra: {} };
  const shared = shareUnchanged(object, old);
  assert.equal(shared, object);
  assert.equal(object.spec, old.spec);
  assert.notEqual(object.metadata, old.metadata);
  assert.deepEqual(object, { metadata: { name: 'a' }, spec: { list: [1, 2] }, status: { phase: 'B' }, extra: {} });
});
