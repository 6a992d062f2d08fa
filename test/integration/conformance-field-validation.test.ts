// The conformance suite's FieldValidation tests: what strict reading refuses, of built-in kinds and of custom ones, in JSON and in YAML.

import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { type Answer, type CustomWorld, definitionOf, startCustomWorld } from '../support/custom-world.ts';

let world: CustomWorld;
before(async () => {
  world = await startCustomWorld();
});
after(() => world.stop());

const PORT = { containerPort: { format: 'int32', type: 'integer' }, name: { type: 'string' }, protocol: { type: 'string' } };
const FIELDS = {
  foo: { type: 'string' },
  cronSpec: { type: 'string', pattern: '^(\\d+|\\*)(/\\d+)?(\\s+(\\d+|\\*)(/\\d+)?){4}$' },
  ports: {
    type: 'array',
    'x-kubernetes-list-type': 'map',
    'x-kubernetes-list-map-keys': ['containerPort', 'protocol'],
    items: { type: 'object', required: ['containerPort', 'protocol'], properties: PORT },
  },
};
const TEMPLATE = {
  type: 'object',
  'x-kubernetes-embedded-resource': true,
  properties: { metadata: { type: 'object', properties: { name: { type: 'string' } } }, spec: { type: 'object' } },
};
const OPEN = { 'x-kubernetes-preserve-unknown-fields': true };
const schemaOf = (spec: object): object => ({ type: 'object', properties: { spec: { type: 'object', ...spec } } });

/** Lines that a configuration has besides those that every one has. */
interface Lines {
  readonly metadata?: string;
  readonly root?: string;
  readonly spec?: string;
}

/** Defines a kind, without a schema if none is given, and returns how to apply a configuration of it. */
async function applier(name: string, lines: Lines, schema?: object): Promise<(validation: string) => Promise<Answer>> {
  const group = `${name}.validation.example.com`;
  await world.define(definitionOf(group, schema && { schema }));
  const text = `
apiVersion: ${group}/v1
kind: Widget
metadata:
  name: mytest
${lines.metadata ?? ''}  finalizers:
  - test-finalizer
${lines.root ?? ''}spec:
${lines.spec ?? ''}  cronSpec: "* * * * */5"
  ports:
  - name: x
    containerPort: 80
    protocol: TCP`;
  const path = `/apis/${group}/v1/namespaces/default/widgets/mytest?fieldManager=field_validation_mgr&fieldValidation=`;
  return (validation) => world.call('PATCH', `${path}${validation}`, text, { type: 'application/apply-patch+yaml' });
}

describe('[sig-api-machinery] FieldValidation', () => {
  const deployments = '/apis/apps/v1/namespaces/default/deployments?fieldManager=field_validation_mgr&fieldValidation=Strict';
  const deployment = (metadata: string, spec: string): string =>
    `{"apiVersion":"apps/v1","kind":"Deployment","metadata":{"name":"my-dep",${metadata}"labels":{"app":"nginx"}},"spec":{${spec}
     "selector":{"matchLabels":{"app":"nginx"}},"template":{"metadata":{"labels":{"app":"nginx"}},
     "spec":{"containers":[{"name":"nginx","image":"nginx:latest"}]}}}}`;

  it('detects unknown and duplicate fields of a typed object', async () => {
    const { code, body } = await world.call('POST', deployments, deployment('', '"unknownField":"foo","replicas":2,"replicas":3,'));
    assert.equal(code, 400);
    assert.match(body.message, /strict decoding error: unknown field "spec\.unknownField", duplicate field "spec\.replicas"/);
  });

  it('detects unknown metadata fields of a typed object', async () => {
    const { code, body } = await world.call('POST', deployments, deployment('"unknownMeta":"foo",', ''));
    assert.equal(code, 400);
    assert.match(body.message, /strict decoding error: unknown field "metadata\.unknownMeta"/);
  });

  it('applies a valid CR for a CRD with a validation schema', async () => {
    const apply = await applier('valid', { spec: '  foo: foo1\n' }, schemaOf({ properties: FIELDS }));
    assert.equal((await apply('Strict')).code, 201);
  });

  it('applies a CR with unknown fields for a CRD with no validation schema', async () => {
    const apply = await applier('open', { spec: '  unknown: uk1\n' });
    const { code, body } = await apply('Strict');
    assert.deepEqual([code, body.spec.unknown], [201, 'uk1']);
  });

  it('refuses an invalid CR with extra properties for a CRD with a validation schema', async () => {
    const apply = await applier('extra', { root: 'unknownField: unknown\n' }, schemaOf({ properties: FIELDS }));
    const { code, body } = await apply('Strict');
    assert.equal(code, 500);
    assert.match(body.message, /: \.unknownField: field not declared in schema$/);
  });

  it('detects unknown metadata fields in both the root and embedded object of a CR', async () => {
    const template = `  template:
    apiVersion: foo/v1
    kind: Sub
    metadata:
      unknownSubMeta: unknown
      name: subobject
`;
    const schema = schemaOf({ ...OPEN, properties: { ...FIELDS, template: TEMPLATE } });
    const apply = await applier('meta', { metadata: '  unknownMeta: unknown\n', spec: template }, schema);
    assert.match(
      (await apply('Strict')).body.message,
      /\n {2}\.metadata\.unknownMeta: field not declared in schema\n {2}\.spec\.template\.metadata\.unknownSubMeta: field not declared in schema$/,
    );
  });

  it('detects duplicates in a CR when preserving unknown fields', async () => {
    const apply = await applier('twice', { spec: '  unknown: uk1\n  foo: foo1\n  foo: foo2\n' }, schemaOf({ ...OPEN, properties: FIELDS }));
    const told = 'error converting YAML to JSON: yaml: unmarshal errors:\n  line 11: key "foo" already set in map';
    const { code, body } = await apply('Strict');
    assert.deepEqual([code, body.message], [400, `error strict decoding YAML: ${told}`]);
    const warned = await apply('Warn');
    assert.deepEqual([warned.code, warned.body.spec.foo, warned.warnings], [201, 'foo2', ['line 11: key "foo" already set in map']]);
    assert.deepEqual((await apply('Ignore')).warnings, []);
  });
});

describe('a body in YAML with a key that occurs twice', () => {
  const path = '/api/v1/namespaces/default/configmaps';
  const text = 'apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: yaml\ndata:\n  a: first\n  a: second\n';
  const create = (validation: string): Promise<Answer> =>
    world.call('POST', `${path}?fieldValidation=${validation}`, text, { type: 'application/yaml' });
  const told = 'yaml: unmarshal errors:\n  line 7: key "a" already set in map';

  it('is refused under strict validation', async () => {
    const { code, body } = await create('Strict');
    const subject = 'ConfigMap in version "v1" cannot be handled as a ConfigMap';
    assert.deepEqual([code, body.message], [400, `${subject}: strict decoding error: ${told}`]);
  });

  it('counts with its last value and a warning otherwise', async () => {
    const { body, warnings } = await create('Warn');
    assert.deepEqual([body.data, warnings], [{ a: 'second' }, ['line 7: key "a" already set in map']]);
  });
});
