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
      error instanceof StatusError &&
      / cannot be handled as a DeleteOptions: | does not match the expected API version /.test(error.message);
    await assert.rejects(decodeBody(bytes, type, shape), strict);
    const other: BodyShape = { ...shape, type: builtinType({ group: '', version: 'v1', kind: 'Pod' }), everyVersion: true };
    await assert.rejects(decodeBody(bytes, type, other), StatusError);
  });
}

const configMap: BodyShape = { type: builtinType({ group: '', version: 'v1', kind: 'ConfigMap' }), validation: 'Warn', warn: () => {} };
const UNRECOGNIZED = 'the object provided is unrecognized (must be of type ConfigMap): ';
const PARSE = "couldn't get version/kind; json parse error: json: cannot unmarshal";
const FAULTS: [type: string, body: string, message: string][] = [
  ['json', '{"kind":1}', `${UNRECOGNIZED}${PARSE} number into Go struct field .kind of type string ({"kind":1})`],
  ['json', '{"apiVersion":"a/b/c"}', `${UNRECOGNIZED}unexpected GroupVersion string: a/b/c ({"apiVersion":"a/b/c"})`],
  [
    'json',
    '{"kind":"Nope"}',
    'Nope in version "v1" cannot be handled as a ConfigMap: no kind "Nope" is registered for version "v1" in scheme "pkg/api/legacyscheme/scheme.go:30"',
  ],
  [
    'json',
    '{"apiVersion":"apps/v1","kind":"Deployment"}',
    'Deployment in version "v1" cannot be handled as a ConfigMap: converting (v1.Deployment) to (core.ConfigMap): unknown conversion',
  ],
  ['yaml', '&a [*a]', `${UNRECOGNIZED}yaml: anchor value contains itself (2661205b2a615d)`],
  ['vnd.kubernetes.protobuf', '', `${UNRECOGNIZED}empty data (<empty>)`],
  ['vnd.kubernetes.protobuf', 'k8s\0\x12\x03abc', 'ConfigMap in version "v1" cannot be handled as a ConfigMap: unexpected EOF'],
];

for (const [type, body, message] of FAULTS) {
  test(`decodeBody says of ${type} ${JSON.stringify(body)} what is wrong`, async () => {
    await assert.rejects(decodeBody(Buffer.from(body, 'latin1'), `application/${type}`, configMap), { code: 400, message });
  });
}

test('decodeBody refuses a body that is no object, and takes null for an empty one', async () => {
  for (const [body, got] of [
    ['[]', 'array'],
    ['1', 'number'],
    ['"x"', 'string'],
  ] as const) {
    const refused = (error: unknown): boolean =>
      error instanceof StatusError && error.message.startsWith(`${UNRECOGNIZED}${PARSE} ${got} into Go value of type struct { APIVersion`);
    await assert.rejects(decodeBody(Buffer.from(body), 'application/json', configMap), refused);
  }
  assert.deepEqual(await decodeBody(Buffer.from('null'), undefined, configMap), { metadata: {} });
});

test('decodeBody tells other versions of a kind from other kinds', async () => {
  const autoscaler: BodyShape = {
    ...configMap,
    type: builtinType({ group: 'autoscaling', version: 'v1', kind: 'HorizontalPodAutoscaler' }),
  };
  const body = Buffer.from('{"apiVersion":"autoscaling/v2","kind":"HorizontalPodAutoscaler"}');
  const message = 'the API version in the data (autoscaling/v2) does not match the expected API version (autoscaling/v1)';
  await assert.rejects(decodeBody(body, 'application/json', autoscaler), { code: 400, message });
});
