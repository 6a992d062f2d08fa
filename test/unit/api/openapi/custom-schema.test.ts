import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type CustomSchemaOptions, customDefinition, customListDefinition } from '../../../../src/api/openapi/custom-schema.ts';

const KIND = { group: 'example.com', version: 'v1', kind: 'Widget' };
const options = (dialect: 'v2' | 'v3'): CustomSchemaOptions => ({
  dialect,
  reference: (name) => ({ $ref: name }),
  describe: () => undefined,
});
const CONVENTIONS = 'https://git.k8s.io/community/contributors/devel/sig-architecture/api-conventions.md';
const META = {
  description: `Standard object's metadata. More info: ${CONVENTIONS}#metadata`,
  allOf: [{ $ref: 'io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta' }],
};
const META_V2 = { description: META.description, ...META.allOf[0] };
const TYPED = { apiVersion: { type: 'string' }, kind: { type: 'string' }, metadata: META };
const kinds = { 'x-kubernetes-group-version-kind': [KIND] };

test('customDefinition leaves out of version 2 what it cannot say, and all below what may be null or anything', () => {
  const schema = {
    type: 'object',
    required: ['a', 'b'],
    properties: {
      a: { type: 'object', nullable: true, properties: { x: { type: 'string' } } },
      b: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true, properties: { x: { type: 'string' } } },
      default: { type: 'integer', default: 1, anyOf: [{ minimum: 1 }] },
    },
  };
  assert.deepEqual(customDefinition(schema, KIND, options('v2')), {
    type: 'object',
    required: ['b'],
    properties: {
      a: {},
      b: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true },
      default: { type: 'integer' },
      ...TYPED,
      metadata: META_V2,
    },
    ...kinds,
  });
  const { properties } = customDefinition(schema, KIND, options('v3')) as { properties: object };
  assert.deepEqual(properties, { ...schema.properties, ...TYPED });
});

test('customDefinition says nothing of the fields of kinds that keep all of them in version 2, or have no schema', () => {
  const schema = { type: 'object', 'x-kubernetes-preserve-unknown-fields': true, properties: { a: { type: 'string' } } };
  assert.deepEqual(customDefinition(schema, KIND, options('v2')), { type: 'object', ...kinds });
  assert.deepEqual(customDefinition(undefined, KIND, options('v3')), { type: 'object', ...kinds });
});

test('customDefinition gives embedded objects their kind and metadata', () => {
  const schema = { type: 'object', properties: { pod: { type: 'object', 'x-kubernetes-embedded-resource': true, properties: {} } } };
  const { properties } = customDefinition(schema, KIND, options('v3')) as { properties: { pod: { properties: object } } };
  assert.deepEqual(properties.pod.properties, TYPED);
});

test('customListDefinition refers to the kind', () => {
  const list = customListDefinition('Item', { ...KIND, kind: 'WidgetList' }, options('v3')) as {
    properties: { items: object; metadata: object };
  };
  assert.deepEqual(list.properties.items, { type: 'array', items: { $ref: 'Item' } });
  assert.deepEqual(list.properties.metadata, {
    description: `Standard list metadata. More info: ${CONVENTIONS}#types-kinds`,
    allOf: [{ $ref: 'io.k8s.apimachinery.pkg.apis.meta.v1.ListMeta' }],
  });
});
