// Bodies of options kinds: every group version is right for them, for other kinds only their own.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { builtinType, deleteOptionsType } from '../../../../src/api/builtin-type.ts';
import { encodeEnvelope } from '../../../../src/api/codec/protobuf.ts';
import { builtinSchema } from '../../../../src/api/schema/schema.ts';
import { StatusError } from '../../../../src/api/status-error.ts';
import { type BodyShape, decodeBody } from '../../../../src/server/http/body-codec.ts';

const message = builtinSchema().message('io.k8s.apimachinery.pkg.apis.meta.v1.DeleteOptions');
assert.ok(message);
const shape: BodyShape = { type: deleteOptionsType(), validation: 'Ignore', warn: () => {} };
const options = { apiVersion: 'apps/v1', kind: 'DeleteOptions', gracePeriodSeconds: 5 };

const BODIES = {
  'application/json': Buffer.from(JSON.stringify(options)),
  'application/yaml': Buffer.from('apiVersion: apps/v1\nkind: DeleteOptions\ngracePeriodSeconds: 5\n'),
  'application/vnd.kubernetes.protobuf': Buffer.from(encodeEnvelope(options, message)),
};

for (const [type, bytes] of Object.entries(BODIES)) {
  test(`decodeBody takes options of any group version as ${type}, and no other kind`, async () => {
    const decoded = (await decodeBody(bytes, type, { ...shape, everyVersion: true })) as { gracePeriodSeconds?: number };
    assert.equal(decoded.gracePeriodSeconds, 5);
    const strict = (error: unknown): boolean =>
      error instanceof StatusError && /does not match the expected API version \(v1\)/.test(error.message);
    await assert.rejects(decodeBody(bytes, type, shape), strict);
    const other: BodyShape = { ...shape, type: builtinType({ group: '', version: 'v1', kind: 'Pod' }), everyVersion: true };
    await assert.rejects(decodeBody(bytes, type, other), StatusError);
  });
}
