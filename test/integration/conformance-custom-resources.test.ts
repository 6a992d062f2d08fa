// The conformance suite's tests of what custom resources publish in OpenAPI, and of their field selectors across converted versions.

import assert from 'node:assert/strict';
import { createServer, type Server } from 'node:https';
import type { AddressInfo } from 'node:net';
import { after, before, describe, it } from 'node:test';
import { type CustomWorld, definitionOf, type Json, startCustomWorld } from '../support/custom-world.ts';
import { SERVER_CERT, SERVER_KEY, TEST_CA } from '../support/test-certificates.ts';

let world: CustomWorld;
before(async () => {
  world = await startCustomWorld();
});
after(() => world.stop());

const DEFINITIONS = '/apis/apiextensions.k8s.io/v1/customresourcedefinitions';

const schemaOf = (kind: string): object => ({
  description: `${kind} CRD for Testing`,
  type: 'object',
  properties: {
    spec: {
      type: 'object',
      description: `Specification of ${kind}`,
      properties: {
        bars: {
          description: 'List of Bars and their specs.',
          type: 'array',
          items: {
            type: 'object',
            required: ['name'],
            properties: {
              name: { description: 'Name of Bar.', type: 'string' },
              age: { description: 'Age of Bar.', type: 'string' },
              feeling: { description: 'Whether Bar is feeling great.', type: 'string', enum: ['Great', 'Down'] },
              bazs: { description: 'List of Bazs.', items: { type: 'string' }, type: 'array' },
            },
          },
        },
      },
    },
  },
});
const FOO = schemaOf('Foo');
const WALDO = schemaOf('Waldo');

/** A definition of versions that have one schema; the first is stored. */
function versioned(group: string, names: readonly string[], way: { schema: object; plural?: string }): object {
  const { schema, plural = 'widgets' } = way;
  const versions = names.map((name, i) => ({ name, served: true, storage: i === 0, schema: { openAPIV3Schema: schema } }));
  return definitionOf(group, { plural, spec: { versions } });
}

/** What OpenAPI v2 says of the kinds of a group, without what every object has. Lists, and what all groups have, are left out. */
async function published(group: string): Promise<Record<string, Json>> {
  const { definitions } = await world.done('GET', '/openapi/v2');
  const own = Object.values<Json>(definitions).filter(({ 'x-kubernetes-group-version-kind': kinds }) => {
    return kinds?.length === 1 && kinds[0].group === group && !kinds[0].kind.endsWith('List');
  });
  return Object.fromEntries(
    own.map(({ 'x-kubernetes-group-version-kind': [gvk], properties, ...rest }) => {
      const { apiVersion, kind, metadata, ...fields } = properties ?? {};
      return [`${gvk.version}/${gvk.kind}`, { ...rest, ...(Object.keys(fields).length > 0 && { properties: fields }) }];
    }),
  );
}

describe('[sig-api-machinery] CustomResourcePublishOpenAPI', () => {
  it('works for a CRD with validation schema, as it was written, and until it is deleted', async () => {
    const group = 'foo.openapi.example.com';
    await world.define(versioned(group, ['v1'], { schema: FOO }));
    assert.deepEqual(await published(group), { 'v1/Widget': FOO });
    await world.done('DELETE', `${DEFINITIONS}/widgets.${group}`);
    await world.eventually(`${DEFINITIONS}/widgets.${group}`, ({ code }) => code === 404);
    assert.deepEqual(await published(group), {});
  });

  it('works for CRDs without validation schema, and preserving unknown fields at the root or in a nested object', async () => {
    const open = { 'x-kubernetes-preserve-unknown-fields': true, type: 'object' };
    const nested = { description: 'For Testing', type: 'object', properties: { spec: { ...open, description: 'nested' } } };
    const widget = { kind: 'Widget', metadata: { name: 'any' }, spec: { a: null, b: [{ c: 'd' }] } };
    for (const [name, schema] of [
      ['empty', open],
      ['root', { ...open, properties: { spec: { type: 'object', description: 'root', 'x-kubernetes-preserve-unknown-fields': true } } }],
      ['nested', nested],
    ] as const) {
      const group = `${name}.openapi.example.com`;
      await world.define(versioned(group, ['v1'], { schema }));
      assert.deepEqual(Object.keys(await published(group)), ['v1/Widget']);
      const path = `/apis/${group}/v1/namespaces/default/widgets?fieldValidation=Strict`;
      const { spec } = await world.done('POST', path, { apiVersion: `${group}/v1`, ...widget });
      assert.deepEqual(spec.b, [{ c: 'd' }]);
    }
    assert.equal((await published('nested.openapi.example.com'))['v1/Widget'].properties.spec.description, 'nested');
  });

  it('works for CRDs of different groups, and of one group in different versions and kinds', async () => {
    const group = 'common.openapi.example.com';
    await world.define(versioned(group, ['v4', 'v6'], { schema: FOO }));
    await world.define(versioned(group, ['v5', 'v6'], { schema: WALDO, plural: 'waldos' }));
    await world.define(versioned('other.openapi.example.com', ['v1beta1'], { schema: WALDO }));
    assert.deepEqual(await published(group), { 'v4/Widget': FOO, 'v6/Widget': FOO, 'v5/Waldo': WALDO, 'v6/Waldo': WALDO });
    assert.deepEqual(await published('other.openapi.example.com'), { 'v1beta1/Widget': WALDO });
  });

  it('updates the spec when one version gets renamed, and then not to be served', async () => {
    const group = 'multi.openapi.example.com';
    const path = `${DEFINITIONS}/widgets.${group}`;
    await world.define(versioned(group, ['v2', 'v3'], { schema: FOO }));
    const rename = [
      { op: 'test', path: '/spec/versions/1/name', value: 'v3' },
      { op: 'replace', path: '/spec/versions/1/name', value: 'v4' },
    ];
    await world.done('PATCH', path, rename, { type: 'application/json-patch+json' });
    await world.eventually(`/apis/${group}`, ({ body }) => body.versions?.[0]?.version === 'v4');
    assert.deepEqual(await published(group), { 'v2/Widget': FOO, 'v4/Widget': FOO });
    const definition = await world.done('GET', path);
    definition.spec.versions[1].served = false;
    await world.done('PUT', path, definition);
    await world.eventually(`/apis/${group}`, ({ body }) => body.versions?.length === 1);
    assert.deepEqual(await published(group), { 'v2/Widget': FOO });
  });
});

describe('[sig-api-machinery] Custom resources whose versions a webhook converts', () => {
  const group = 'stable.example.com';
  let webhook: Server;

  /** v1 says `hostPort`, v2 says `host` and `port`. */
  function convert({ host, port, hostPort, ...rest }: Json, apiVersion: string): Json {
    if (apiVersion.endsWith('/v1')) return { ...rest, apiVersion, hostPort: `${host}:${port ?? ''}` };
    const [name, number] = String(hostPort).split(':');
    return { ...rest, apiVersion, host: name, ...(number && { port: number }) };
  }

  before(async () => {
    webhook = createServer({ cert: SERVER_CERT, key: SERVER_KEY }, async (incoming, outgoing) => {
      const review = JSON.parse(Buffer.concat(await incoming.toArray()).toString());
      const { uid, desiredAPIVersion, objects } = review.request;
      const convertedObjects = objects.map((object: Json) => convert(object, desiredAPIVersion));
      outgoing.end(JSON.stringify({ ...review, request: undefined, response: { uid, result: { status: 'Success' }, convertedObjects } }));
    });
    await new Promise<void>((resolve) => webhook.listen(0, '127.0.0.1', resolve));
    const { port } = webhook.address() as AddressInfo;
    const clientConfig = { url: `https://127.0.0.1:${port}/`, caBundle: Buffer.from(TEST_CA).toString('base64') };
    const version = (name: string, ...fields: string[]): object => ({
      name,
      served: true,
      storage: name === 'v1',
      selectableFields: fields.map((field) => ({ jsonPath: `.${field}` })),
      schema: {
        openAPIV3Schema: { type: 'object', properties: Object.fromEntries(fields.map((field) => [field, { type: 'string' }])) },
      },
    });
    const conversion = { strategy: 'Webhook', webhook: { clientConfig, conversionReviewVersions: ['v1', 'v1beta1'] } };
    const versions = [version('v1', 'hostPort'), version('v2', 'host', 'port')];
    await world.define(definitionOf(group, { spec: { versions, conversion } }));
  });
  after(() => new Promise((resolve) => webhook.close(resolve)));

  it('are listed, watched and deleted by field selectors, in either version', async () => {
    const pathOf = (version: string): string => `/apis/${group}/${version}/namespaces/default/widgets`;
    const selected = (version: string, selector: string): string => `${pathOf(version)}?fieldSelector=${encodeURIComponent(selector)}`;
    const { metadata } = await world.done('GET', pathOf('v2'));
    const create = (name: string, fields: object) =>
      world.done('POST', pathOf('v2'), { apiVersion: `${group}/v2`, kind: 'Widget', metadata: { name }, ...fields });
    await create('a', { host: 'host1', port: '80' });
    await create('b', { host: 'host1', port: '8080' });
    await create('c', { host: 'host2' });
    const namesOf = async (version: string, selector: string): Promise<string[]> =>
      (await world.done('GET', selected(version, selector))).items.map((item: Json) => item.metadata.name);
    assert.deepEqual(await namesOf('v2', 'host=host1'), ['a', 'b']);
    assert.deepEqual(await namesOf('v2', 'host=host1,port=80'), ['a']);
    assert.deepEqual(await namesOf('v1', 'hostPort=host1:80'), ['a']);
    assert.deepEqual(await namesOf('v1', 'hostPort=host1:8080'), ['b']);

    await world.done('DELETE', selected('v2', 'host=host1,port=80'), { gracePeriodSeconds: 0 });
    await world.done('PUT', `${pathOf('v2')}/b`, { ...(await world.done('GET', `${pathOf('v2')}/b`)), host: 'host2' });
    assert.deepEqual(await namesOf('v2', 'host=host1'), []);
    const events = async (version: string, selector: string): Promise<string[]> => {
      const from = `&watch=1&timeoutSeconds=1&resourceVersion=${metadata.resourceVersion}`;
      const lines: Json[] = [await world.done('GET', `${selected(version, selector)}${from}`)].flat();
      return lines.map(({ type, object }) => `${type} ${object.metadata.name}`);
    };
    const seen = [events('v2', 'host=host1'), events('v2', 'host=host1,port=80'), events('v1', 'hostPort=host1:80')];
    assert.deepEqual(await Promise.all(seen), [
      ['ADDED a', 'ADDED b', 'DELETED a', 'DELETED b'],
      ['ADDED a', 'DELETED a'],
      ['ADDED a', 'DELETED a'],
    ]);
  });

  it('leave objects stored in either version, which are listed in either', async () => {
    const pathOf = (version: string): string => `/apis/${group}/${version}/namespaces/mixed/widgets`;
    const create = (version: string, name: string, fields: object) =>
      world.done('POST', pathOf(version), { apiVersion: `${group}/${version}`, kind: 'Widget', metadata: { name }, ...fields });
    await create('v1', 'stored-v1', { hostPort: 'host1:80' });
    const moved = [
      { op: 'replace', path: '/spec/versions/0/storage', value: false },
      { op: 'replace', path: '/spec/versions/1/storage', value: true },
    ];
    const definition = `${DEFINITIONS}/widgets.${group}`;
    await world.done('PATCH', definition, moved, { type: 'application/json-patch+json' });
    await world.eventually(definition, ({ body }) => body.status.storedVersions.includes('v2'));
    await create('v2', 'stored-v2', { host: 'host2', port: '90' });
    const listed = async (version: string): Promise<unknown[]> =>
      (await world.done('GET', pathOf(version))).items.map(({ apiVersion, host, port, hostPort }: Json) =>
        [apiVersion, host, port, hostPort].filter((value) => value !== undefined),
      );
    assert.deepEqual(await listed('v1'), [
      [`${group}/v1`, 'host1:80'],
      [`${group}/v1`, 'host2:90'],
    ]);
    assert.deepEqual(await listed('v2'), [
      [`${group}/v2`, 'host1', '80'],
      [`${group}/v2`, 'host2', '90'],
    ]);
  });
});
