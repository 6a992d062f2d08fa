import assert from 'node:assert/strict';
import { test } from 'node:test';
import { servedGroupVersions } from '../../../src/api/discovery.ts';
import type { OpenApiInput } from '../../../src/api/openapi/document.ts';
import { openApiV2 } from '../../../src/api/openapi/v2.ts';
import { openApiV2Protobuf } from '../../../src/api/openapi/v2-protobuf.ts';
import { openApiHash, openApiV3, openApiV3Index, openApiV3Path, openApiV3Url } from '../../../src/api/openapi/v3.ts';
import { BUILTIN_RESOURCES, type GroupVersion, parseResourceTable, type ResourceInfo } from '../../../src/api/resources.ts';
import { builtinSchema } from '../../../src/api/schema/schema.ts';

function input(resources: readonly ResourceInfo[] = BUILTIN_RESOURCES): OpenApiInput {
  return { resources, groupVersions: servedGroupVersions(BUILTIN_RESOURCES), schema: builtinSchema(), version: 'v1.36.0' };
}

function documentOf(gv: GroupVersion): Record<string, unknown> {
  return openApiV3(input(BUILTIN_RESOURCES.filter(({ group, version }) => group === gv.group && version === gv.version)));
}

/** The value at a path of keys. */
function at(value: unknown, ...keys: string[]): unknown {
  return keys.reduce(
    (parent: unknown, key) => (typeof parent === 'object' && parent !== null ? Reflect.get(parent, key) : undefined),
    value,
  );
}

function danglingReferences(document: unknown): string[] {
  const text = JSON.stringify(document);
  const known = new Set([
    ...Object.keys(Object(at(document, 'definitions'))).map((name) => `#/definitions/${name}`),
    ...Object.keys(Object(at(document, 'components', 'schemas'))).map((name) => `#/components/schemas/${name}`),
  ]);
  return [...new Set([...text.matchAll(/"\$ref":"([^"]+)"/g)].map(([, ref]) => ref ?? ''))].filter((ref) => !known.has(ref));
}

test('openApiV3 makes a document per group version whose references resolve', () => {
  for (const gv of servedGroupVersions(BUILTIN_RESOURCES)) {
    const document = documentOf(gv);
    assert.deepEqual(danglingReferences(document), [], openApiV3Path(gv));
    const ids = Object.values(Object(document['paths'])).flatMap((path) =>
      Object.values(Object(path)).flatMap((operation) =>
        at(operation, 'operationId') === undefined ? [] : [at(operation, 'operationId')],
      ),
    );
    assert.equal(new Set(ids).size, ids.length, 'operation ids are unique');
  }
});

const APPS = { group: 'apps', version: 'v1' };

test('openApiV3 says what kubectl explain, apply and validation ask for', () => {
  const document = documentOf(APPS);
  const schemas = at(document, 'components', 'schemas');
  assert.deepEqual(at(schemas, 'io.k8s.api.apps.v1.Deployment', 'x-kubernetes-group-version-kind'), [
    { group: 'apps', kind: 'Deployment', version: 'v1' },
  ]);
  assert.deepEqual(at(schemas, 'io.k8s.api.apps.v1.Deployment', 'properties', 'spec'), {
    allOf: [{ $ref: '#/components/schemas/io.k8s.api.apps.v1.DeploymentSpec' }],
    default: {},
  });
  assert.deepEqual(at(schemas, 'io.k8s.api.apps.v1.DeploymentSpec', 'required'), ['selector', 'template']);
  assert.deepEqual(at(schemas, 'io.k8s.api.apps.v1.DeploymentSpec', 'properties', 'replicas'), { type: 'integer', format: 'int32' });
  assert.deepEqual(at(schemas, 'io.k8s.api.core.v1.PodSpec', 'properties', 'containers'), {
    type: 'array',
    items: { allOf: [{ $ref: '#/components/schemas/io.k8s.api.core.v1.Container' }], default: {} },
    'x-kubernetes-list-type': 'map',
    'x-kubernetes-list-map-keys': ['name'],
    'x-kubernetes-patch-merge-key': 'name',
    'x-kubernetes-patch-strategy': 'merge',
  });
  assert.deepEqual(at(schemas, 'io.k8s.api.core.v1.PodSpec', 'properties', 'restartPolicy'), {
    type: 'string',
    enum: ['Always', 'Never', 'OnFailure'],
  });
  assert.deepEqual(at(schemas, 'io.k8s.api.core.v1.ContainerPort', 'properties', 'protocol', 'default'), 'TCP');
  assert.deepEqual(at(schemas, 'io.k8s.api.core.v1.PodSpec', 'properties', 'volumes', 'x-kubernetes-patch-strategy'), 'merge,retainKeys');
  assert.deepEqual(at(schemas, 'io.k8s.apimachinery.pkg.apis.meta.v1.LabelSelector', 'x-kubernetes-map-type'), 'atomic');
  assert.deepEqual(at(schemas, 'io.k8s.api.core.v1.ResourceRequirements', 'properties', 'limits'), {
    type: 'object',
    additionalProperties: { $ref: '#/components/schemas/io.k8s.apimachinery.pkg.api.resource.Quantity' },
  });
  const patch = at(document, 'paths', '/apis/apps/v1/namespaces/{namespace}/deployments/{name}', 'patch');
  assert.deepEqual(at(patch, 'x-kubernetes-group-version-kind'), { group: 'apps', kind: 'Deployment', version: 'v1' });
  assert.ok(JSON.stringify(at(patch, 'parameters')).includes('"name":"fieldValidation","in":"query"'));
  const scale = at(document, 'paths', '/apis/apps/v1/namespaces/{namespace}/deployments/{name}/scale', 'get');
  assert.equal(at(scale, 'operationId'), 'readAppsV1NamespacedDeploymentScale');
  assert.deepEqual(at(scale, 'x-kubernetes-group-version-kind'), { group: 'autoscaling', kind: 'Scale', version: 'v1' });
});

test('openApiV3 takes descriptions from its hook', () => {
  const resources = BUILTIN_RESOURCES.filter(({ resource }) => resource === 'configmaps');
  const document = openApiV3({
    ...input(resources),
    descriptions: (message, field) => `${message.split('.').at(-1)}${field === undefined ? '' : `.${field}`}`,
  });
  const configMap = at(document, 'components', 'schemas', 'io.k8s.api.core.v1.ConfigMap');
  assert.equal(at(configMap, 'description'), 'ConfigMap');
  assert.equal(at(configMap, 'properties', 'data', 'description'), 'ConfigMap.data');
  assert.equal(at(configMap, 'properties', 'kind', 'description'), 'ConfigMap.kind');
  assert.equal(at(document, 'components', 'schemas', 'io.k8s.apimachinery.pkg.apis.meta.v1.Time', 'description'), 'Time');
});

test('openApiV2 is one document without what version 2 does not know', () => {
  const document = openApiV2(input());
  assert.deepEqual(danglingReferences(document), []);
  assert.equal(/"(oneOf|allOf|anyOf|default)":\[/.test(JSON.stringify(at(document, 'definitions'))), false);
  const container = at(document, 'definitions', 'io.k8s.api.core.v1.Container');
  assert.deepEqual(at(container, 'properties', 'imagePullPolicy', 'enum'), ['Always', 'IfNotPresent', 'Never']);
  const maps = '/api/v1/namespaces/{namespace}/configmaps';
  assert.equal(at(document, 'paths', maps, 'delete', 'operationId'), 'deleteCoreV1CollectionNamespacedConfigMap');
  const exec = '/api/v1/namespaces/{namespace}/pods/{name}/exec';
  assert.equal(at(document, 'paths', exec, 'post', 'operationId'), 'connectCoreV1PostNamespacedPodExec');
  assert.deepEqual(at(container, 'required'), ['name']);
  assert.deepEqual(at(container, 'properties', 'resources'), { $ref: '#/definitions/io.k8s.api.core.v1.ResourceRequirements' });
  const options = at(document, 'definitions', 'io.k8s.apimachinery.pkg.apis.meta.v1.DeleteOptions', 'x-kubernetes-group-version-kind');
  assert.ok(Array.isArray(options) && options.length > 15);
});

test('openApiV3 describes custom resources by their own schema', () => {
  const resources = parseResourceTable('stable.example.com v1\n  crontabs CronTab namespaced short=ct status\n');
  const schema = {
    type: 'object',
    properties: { spec: { type: 'object', properties: { n: { anyOf: [{ type: 'integer' }], default: 1, type: 'integer' } } } },
  };
  const fingerprint = '';
  const customKind: NonNullable<OpenApiInput['customKind']> = ({ kind }) =>
    kind === 'CronTab' ? { name: 'com.example.stable.v1.CronTab', schema, fingerprint } : undefined;
  const document = openApiV3({ ...input(resources), customKind });
  assert.deepEqual(danglingReferences(document), []);
  const own = at(document, 'components', 'schemas', 'com.example.stable.v1.CronTab');
  assert.deepEqual(at(own, 'x-kubernetes-group-version-kind'), [{ group: 'stable.example.com', kind: 'CronTab', version: 'v1' }]);
  assert.deepEqual(at(own, 'properties', 'metadata', 'allOf'), [
    { $ref: '#/components/schemas/io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta' },
  ]);
  assert.ok(at(document, 'components', 'schemas', 'com.example.stable.v1.CronTabList'));
  const old = openApiV2({ ...input(resources), customKind });
  assert.deepEqual(at(old, 'definitions', 'com.example.stable.v1.CronTab', 'properties', 'spec', 'properties', 'n'), { type: 'integer' });
  assert.deepEqual(danglingReferences(old), []);
});

test('openApiV3Index points to documents by hash', () => {
  const hash = openApiHash('{}');
  assert.equal(hash.length, 128);
  assert.deepEqual(openApiV3Index(new Map([[openApiV3Path(APPS), openApiV3Url(openApiV3Path(APPS), hash)]])), {
    paths: { 'apis/apps/v1': { serverRelativeURL: `/openapi/v3/apis/apps/v1?hash=${hash}` } },
  });
});

test('openApiV2Protobuf writes the document as gnostic reads it', () => {
  const document = {
    swagger: '2.0',
    info: { title: 'K', version: 'v' },
    paths: {
      '/a': {
        get: {
          operationId: 'x',
          parameters: [{ name: 'q', in: 'query', type: 'string', uniqueItems: true }],
          'x-kubernetes-action': 'list',
        },
      },
    },
    definitions: {
      D: { type: 'object', required: ['s'], properties: { s: { $ref: '#/definitions/D' } }, additionalProperties: { type: 'string' } },
    },
  };
  // Bytes that gnostic's own openapiv2 messages read back as this document.
  const expected =
    '0a03322e30' +
    '12060a014b120176' +
    '424c124a0a022f61124412422a0178421b0a1912171a15220171120571756572793206737472696e67a001016a200a13782d6b756265726e657465732d616374696f6e12091207226c697374220a' +
    '4a410a3f0a0144123ab201080a066f626a6563749a010173ca01180a160a017312110a0f232f646566696e6974696f6e732f44aa010d0a0bb201080a06737472696e67';
  assert.equal(Buffer.from(openApiV2Protobuf(document)).toString('hex'), expected);
});
