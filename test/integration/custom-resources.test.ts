// Custom resources over real TLS: definitions, their objects, views, versions and end.

import assert from 'node:assert/strict';
import { createServer, type Server } from 'node:https';
import type { AddressInfo } from 'node:net';
import { after, before, describe, it } from 'node:test';
import { CustomObjectsApi, KubeConfig, type KubernetesObject, makeInformer } from '@kubernetes/client-node';
import { type Answer, type CustomWorld, definitionOf, type Json, startCustomWorld } from '../support/custom-world.ts';
import { SERVER_CERT, SERVER_KEY, TEST_CA } from '../support/test-certificates.ts';

let world: CustomWorld;

before(async () => {
  world = await startCustomWorld();
});
after(() => world.stop());

const DEFINITIONS = '/apis/apiextensions.k8s.io/v1/customresourcedefinitions';
const pathOf = (group: string, version = 'v1', plural = 'widgets'): string => `/apis/${group}/${version}/namespaces/default/${plural}`;

const widget = (group: string, name: string, rest: object = {}, version = 'v1'): object => ({
  apiVersion: `${group}/${version}`,
  kind: 'Widget',
  metadata: { name },
  ...rest,
});

const SPEC = {
  type: 'object',
  properties: {
    color: { type: 'string', enum: ['red', 'green'], default: 'red' },
    size: { type: 'integer', minimum: 1, maximum: 9 },
    replicas: { type: 'integer' },
    parts: {
      type: 'array',
      'x-kubernetes-list-type': 'map',
      'x-kubernetes-list-map-keys': ['name'],
      items: { type: 'object', required: ['name'], properties: { name: { type: 'string' }, count: { type: 'integer', default: 1 } } },
    },
    free: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true },
  },
};
const STATUS = { type: 'object', properties: { replicas: { type: 'integer' }, selector: { type: 'string' }, phase: { type: 'string' } } };
const SCHEMA = { type: 'object', properties: { spec: SPEC, status: STATUS } };

describe('objects of a definition', () => {
  const group = 'objects.example.com';
  const path = pathOf(group);

  before(() =>
    world.define(
      definitionOf(group, {
        schema: SCHEMA,
        version: {
          subresources: {
            status: {},
            scale: { specReplicasPath: '.spec.replicas', statusReplicasPath: '.status.replicas', labelSelectorPath: '.status.selector' },
          },
          selectableFields: [{ jsonPath: '.spec.color' }],
          additionalPrinterColumns: [
            { name: 'Color', type: 'string', jsonPath: '.spec.color' },
            { name: 'First', type: 'string', jsonPath: '.spec.parts[?(@.count==1)].name', priority: 1 },
          ],
        },
        spec: { names: { plural: 'widgets', kind: 'Widget', shortNames: ['wg'], categories: ['all'] } },
      }),
    ),
  );

  it('are defaulted, pruned with a warning, and shown with their keys in order', async () => {
    const { code, body, warnings } = await world.call(
      'POST',
      path,
      widget(group, 'a', { spec: { size: 2, parts: [{ name: 'x' }], odd: 1, free: { any: [1] } }, status: { phase: 'x' } }),
    );
    assert.equal(code, 201);
    assert.deepEqual(body.spec, { color: 'red', free: { any: [1] }, parts: [{ count: 1, name: 'x' }], size: 2 });
    assert.equal(body.status, undefined);
    assert.equal(body.metadata.generation, 1);
    assert.deepEqual(warnings, ['unknown field "spec.odd"']);
    assert.deepEqual(Object.keys(body), ['apiVersion', 'kind', 'metadata', 'spec']);
  });

  it('are refused for unknown and duplicate fields under strict validation', async () => {
    const text = `{"apiVersion":"${group}/v1","kind":"Widget","metadata":{"name":"s","odd":1},"spec":{"size":1,"size":2,"odd":true}}`;
    const { code, body } = await world.call('POST', `${path}?fieldValidation=Strict`, text);
    assert.equal(code, 400);
    assert.equal(
      body.message,
      'Widget in version "v1" cannot be handled as a Widget: strict decoding error: duplicate field "spec.size", unknown field "metadata.odd", unknown field "spec.odd"',
    );
  });

  it('are refused with the words of upstream when values do not fit', async () => {
    const { code, body } = await world.call(
      'POST',
      path,
      widget(group, 'bad', { spec: { size: 10, color: 'blue', parts: [{ count: 'x' }] } }),
    );
    assert.equal(code, 422);
    assert.deepEqual(
      body.details.causes.map((cause: Json) => `${cause.reason} ${cause.field} ${cause.message}`),
      [
        'FieldValueNotSupported spec.color Unsupported value: "blue": supported values: "red", "green"',
        'FieldValueRequired spec.parts[0].name Required value',
        'FieldValueTypeInvalid spec.parts[0].count Invalid value: "string": spec.parts[0].count in body must be of type integer: "string"',
        'FieldValueInvalid spec.size Invalid value: 10: spec.size in body should be less than or equal to 9',
      ],
    );
  });

  it('refuse two items of one key', async () => {
    const { code, body } = await world.call('POST', path, widget(group, 'two', { spec: { parts: [{ name: 'x' }, { name: 'x' }] } }));
    assert.equal(code, 422);
    assert.match(body.message, /spec\.parts\[1\]: Duplicate value: \{"name":"x"\}$/);
  });

  it('keep status and the rest apart, and count generations of the rest', async () => {
    const { body: shown } = await world.call('GET', `${path}/a`);
    const status = await world.call('PUT', `${path}/a/status`, {
      ...shown,
      metadata: { ...shown.metadata, labels: { a: 'b' } },
      spec: { size: 5 },
      status: { phase: 'Ready', replicas: 2, selector: 'app=a' },
    });
    assert.equal(status.code, 200, JSON.stringify(status.body));
    assert.deepEqual(status.body.status, { phase: 'Ready', replicas: 2, selector: 'app=a' });
    assert.equal(status.body.spec.size, 2);
    assert.equal(status.body.metadata.labels, undefined);
    assert.equal(status.body.metadata.generation, 1);
    const patched = await world.call(
      'PATCH',
      `${path}/a`,
      { spec: { size: 3 }, status: { phase: 'x' } },
      { type: 'application/merge-patch+json' },
    );
    assert.equal(patched.body.metadata.generation, 2);
    assert.equal(patched.body.status.phase, 'Ready');
  });

  it('are scaled where the definition says', async () => {
    const missing = await world.call('GET', `${path}/a/scale`);
    assert.equal(missing.code, 500);
    assert.match(missing.body.message, /the spec replicas field ".spec.replicas" does not exist/);
    await world.call('PATCH', `${path}/a`, { spec: { replicas: 2 } }, { type: 'application/merge-patch+json' });
    const { body: scale } = await world.call('GET', `${path}/a/scale`);
    assert.deepEqual([scale.kind, scale.spec, scale.status], ['Scale', { replicas: 2 }, { replicas: 2, selector: 'app=a' }]);
    const scaled = await world.call('PUT', `${path}/a/scale`, { ...scale, spec: { replicas: 4 } });
    assert.equal(scaled.body.spec.replicas, 4);
    const { body } = await world.call('GET', `${path}/a`);
    assert.deepEqual([body.spec.replicas, body.metadata.generation], [4, 4]);
  });

  it('are selected by their fields in lists and watches, and printed by their columns', async () => {
    await world.call('POST', path, widget(group, 'green', { spec: { color: 'green', parts: [{ name: 'p' }, { name: 'q', count: 2 }] } }));
    const { body: list } = await world.call('GET', `${path}?fieldSelector=spec.color%3Dgreen`);
    assert.deepEqual(
      list.items.map((item: Json) => [item.apiVersion, item.kind, item.metadata.name]),
      [[`${group}/v1`, 'Widget', 'green']],
    );
    const refused = await world.call('GET', `${path}?fieldSelector=spec.size%3D1`);
    assert.match(refused.body.message, /field label not supported: spec\.size$/);
    const { body: table } = await world.call('GET', path, undefined, { accept: 'application/json;as=Table;v=v1;g=meta.k8s.io' });
    assert.deepEqual(
      table.columnDefinitions.map(({ name, priority }: Json) => [name, priority]),
      [
        ['Name', 0],
        ['Color', 0],
        ['First', 1],
      ],
    );
    assert.deepEqual(
      table.rows.map(({ cells }: Json) => cells),
      [
        ['a', 'red', 'x'],
        ['green', 'green', 'p'],
      ],
    );
  });

  it('are applied by the keys of their lists', async () => {
    const apply = (manager: string, spec: object): Promise<Answer> =>
      world.call('PATCH', `${path}/ssa?fieldManager=${manager}`, widget(group, 'ssa', { spec }), { type: 'application/apply-patch+yaml' });
    assert.equal((await apply('one', { parts: [{ name: 'x', count: 1 }] })).code, 201);
    const both = await apply('two', { parts: [{ name: 'y', count: 2 }] });
    assert.deepEqual(both.body.spec.parts, [
      { count: 1, name: 'x' },
      { count: 2, name: 'y' },
    ]);
    const conflict = await apply('two', { parts: [{ name: 'x', count: 5 }] });
    assert.equal(conflict.code, 409);
    assert.match(conflict.body.message, /conflict with "one": \.spec\.parts\[name="x"\]\.count/);
    const unknown = await apply('two', { odd: 1 });
    assert.equal(unknown.code, 500);
    assert.match(unknown.body.message, /\.spec\.odd: field not declared in schema/);
  });

  it('have no protobuf form and no strategic merge', async () => {
    const protobuf = await world.call('GET', `${path}/a`, undefined, { accept: 'application/vnd.kubernetes.protobuf' });
    assert.equal(protobuf.code, 406);
    const either = await world.call('GET', `${path}/a`, undefined, { accept: 'application/vnd.kubernetes.protobuf,application/json' });
    assert.equal(either.body.kind, 'Widget');
    const strategic = await world.call('PATCH', `${path}/a`, {}, { type: 'application/strategic-merge-patch+json' });
    assert.equal(strategic.code, 415);
  });

  it('are in discovery and in OpenAPI', async () => {
    const { body: resources } = await world.call('GET', `/apis/${group}/v1`);
    assert.deepEqual(
      resources.resources.map(({ name, shortNames }: Json) => [name, shortNames]),
      [
        ['widgets', ['wg']],
        ['widgets/scale', undefined],
        ['widgets/status', undefined],
      ],
    );
    const { body: openapi } = await world.call('GET', `/openapi/v3/apis/${group}/v1`);
    const schema = openapi.components.schemas['com.example.objects.v1.Widget'];
    assert.deepEqual(schema['x-kubernetes-group-version-kind'], [{ group, kind: 'Widget', version: 'v1' }]);
    assert.equal(schema.properties.spec.properties.color.default, 'red');
    const { body: v2 } = await world.call('GET', '/openapi/v2');
    assert.equal(v2.definitions['com.example.objects.v1.Widget'].properties.spec.properties.color.default, undefined);
  });

  it('stay valid by their old values when the schema has become stricter', async () => {
    const { body: definition } = await world.call('GET', `${DEFINITIONS}/widgets.${group}`);
    definition.spec.versions[0].schema.openAPIV3Schema.properties.spec.properties.size.maximum = 2;
    assert.equal((await world.call('PUT', `${DEFINITIONS}/widgets.${group}`, definition)).code, 200);
    const type = 'application/merge-patch+json';
    const other = await world.call('PATCH', `${path}/a`, { spec: { color: 'green' } }, { type });
    assert.equal(other.code, 200, JSON.stringify(other.body));
    const changed = await world.call('PATCH', `${path}/a`, { spec: { size: 4 } }, { type });
    assert.equal(changed.code, 422);
  });
});

describe('a definition', () => {
  it('is refused for a schema that is not structural, with the paths of upstream', async () => {
    const schema = { type: 'object', properties: { spec: { properties: { a: { type: 'array' } }, anyOf: [{ type: 'object' }] } } };
    const { code, body } = await world.call('POST', DEFINITIONS, definitionOf('broken.example.com', { schema }));
    assert.equal(code, 422);
    assert.deepEqual(
      body.details.causes.map((cause: Json) => `${cause.field}: ${cause.message}`),
      [
        'spec.validation.openAPIV3Schema.properties[spec].anyOf[0].type: Forbidden: must be empty to be structural',
        'spec.validation.openAPIV3Schema.properties[spec].properties[a].items: Required value: must be specified',
        'spec.validation.openAPIV3Schema.properties[spec].type: Required value: must not be empty for specified object fields',
      ],
    );
  });

  it('waits for names that another one of its group has', async () => {
    const group = 'names.example.com';
    await world.define(definitionOf(group, { spec: { names: { plural: 'widgets', kind: 'Widget', shortNames: ['wx'] } } }));
    const rival = definitionOf(group, {
      plural: 'gadgets',
      spec: { names: { plural: 'gadgets', kind: 'Widget', listKind: 'GadgetList', shortNames: ['gx'] } },
    });
    assert.equal((await world.call('POST', DEFINITIONS, rival)).code, 201);
    const condition = ({ body }: Answer, type: string): Json => body.status?.conditions?.find((item: Json) => item.type === type);
    const answer = await world.eventually(`${DEFINITIONS}/gadgets.${group}`, (found) => condition(found, 'NamesAccepted') !== undefined);
    assert.deepEqual(
      [condition(answer, 'NamesAccepted').reason, condition(answer, 'NamesAccepted').message, condition(answer, 'Established').reason],
      ['KindConflict', '"Widget" is already in use', 'NotAccepted'],
    );
    await world.call('DELETE', `${DEFINITIONS}/widgets.${group}`);
    await world.eventually(`${DEFINITIONS}/gadgets.${group}`, (found) => condition(found, 'Established')?.status === 'True');
  });

  it('goes with its instances, waiting for their finalizers, and ends their watches', async () => {
    const group = 'end.example.com';
    await world.define(definitionOf(group));
    const path = pathOf(group);
    await world.call('POST', path, { ...widget(group, 'plain') });
    await world.call('POST', path, { ...widget(group, 'held'), metadata: { name: 'held', finalizers: ['example.com/wait'] } });
    const watched = world.call('GET', `${path}?watch=1`);
    const deleted = await world.call('DELETE', `${DEFINITIONS}/widgets.${group}`);
    assert.deepEqual(deleted.body.metadata.finalizers, ['customresourcecleanup.apiextensions.k8s.io']);
    await world.eventually(`${path}/plain`, ({ code }) => code === 404);
    const refused = await world.call('POST', path, widget(group, 'late'));
    assert.equal(refused.body.message, 'create not allowed while custom resource definition is terminating');
    await world.call('PATCH', `${path}/held`, { metadata: { finalizers: null } }, { type: 'application/merge-patch+json' });
    await world.eventually(`${DEFINITIONS}/widgets.${group}`, ({ code }) => code === 404);
    assert.equal((await world.call('GET', path)).code, 404);
    await watched;
  });

  it('warns of deprecated versions', async () => {
    const group = 'old.example.com';
    const version = (name: string, more: object): object => ({
      name,
      served: true,
      storage: false,
      schema: { openAPIV3Schema: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true } },
      ...more,
    });
    const versions = [version('v1', { storage: true }), version('v1beta1', { deprecated: true }), version('v1alpha1', { served: false })];
    await world.define(definitionOf(group, { spec: { versions } }));
    assert.deepEqual((await world.call('GET', pathOf(group))).warnings, []);
    assert.deepEqual((await world.call('GET', pathOf(group, 'v1beta1'))).warnings, [`${group}/v1beta1 Widget is deprecated`]);
    assert.equal((await world.call('GET', pathOf(group, 'v1alpha1'))).code, 404);
  });
});

describe('the official client', () => {
  it('creates, watches, scales and deletes custom objects', async () => {
    const group = 'client.example.com';
    const scale = { specReplicasPath: '.spec.replicas', statusReplicasPath: '.status.replicas' };
    await world.define(definitionOf(group, { version: { subresources: { scale } } }));
    const config = new KubeConfig();
    const caData = Buffer.from(world.server.ca).toString('base64');
    config.loadFromClusterAndUser(
      { name: 'kts', server: world.server.url, caData, skipTLSVerify: false },
      { name: 'admin', token: 'admin' },
    );
    const api = config.makeApiClient(CustomObjectsApi);
    const at = { group, version: 'v1', namespace: 'default', plural: 'widgets' };
    const list = async () => await api.listNamespacedCustomObject(at);
    const informer = makeInformer<KubernetesObject>(config, pathOf(group), list);
    const seen: string[] = [];
    const deleted = new Promise<void>((resolve) => {
      informer.on('add', (object) => seen.push(`add ${object.metadata?.name}`));
      informer.on('delete', (object) => {
        seen.push(`delete ${object.metadata?.name}`);
        resolve();
      });
    });
    await informer.start();
    await api.createNamespacedCustomObject({ ...at, body: widget(group, 'c', { spec: { replicas: 1 } }) });
    const scaled = await api.getNamespacedCustomObjectScale({ ...at, name: 'c' });
    assert.equal(scaled.spec.replicas, 1);
    await api.deleteNamespacedCustomObject({ ...at, name: 'c' });
    await deleted;
    await informer.stop();
    assert.deepEqual(seen, ['add c', 'delete c']);
  });
});

describe('versions that differ in their name only', () => {
  const group = 'plain.example.com';
  const type = 'application/merge-patch+json';
  const schema = (more: object = {}): object => ({
    openAPIV3Schema: { type: 'object', properties: { spec: { type: 'object', properties: { a: { type: 'integer' }, ...more } } } },
  });
  const old = { name: 'v1', served: true, storage: true, schema: schema() };
  const next = { name: 'v2', served: true, storage: false, schema: schema({ b: { type: 'integer' } }) };
  const definition = `${DEFINITIONS}/widgets.${group}`;

  before(() => world.define(definitionOf(group, { spec: { versions: [old, next] } })));

  it('are each shown as their own, and stored as what the storage version knows', async () => {
    const { body } = await world.call('POST', pathOf(group, 'v2'), widget(group, 'x', { spec: { a: 1, b: 2 } }, 'v2'));
    assert.deepEqual([body.apiVersion, body.spec], [`${group}/v2`, { a: 1 }]);
    const { body: first } = await world.call('GET', `${pathOf(group)}/x`);
    assert.deepEqual([first.apiVersion, first.spec], [`${group}/v1`, { a: 1 }]);
    const { body: list } = await world.call('GET', pathOf(group, 'v2'));
    assert.equal(list.items[0].apiVersion, `${group}/v2`);
  });

  it('move to a new storage version object by object, which the definition remembers', async () => {
    const versions = [
      { ...old, storage: false },
      { ...next, storage: true },
    ];
    const { body: moved } = await world.call('PATCH', definition, { spec: { versions } }, { type });
    assert.deepEqual(moved.status.storedVersions, ['v1', 'v2']);
    const changed = await world.call('PATCH', `${pathOf(group, 'v2')}/x`, { spec: { b: 3 } }, { type });
    assert.deepEqual(changed.body.spec, { a: 1, b: 3 });
    assert.deepEqual((await world.call('GET', `${pathOf(group)}/x`)).body.spec, { a: 1 });
  });

  it('cannot be taken away while objects may be stored in them', async () => {
    const versions = [{ ...next, storage: true }];
    const refused = await world.call('PATCH', definition, { spec: { versions } }, { type });
    assert.equal(refused.code, 422);
    assert.match(
      refused.body.message,
      /status\.storedVersions\[0\]: Invalid value: "v1": missing from spec\.versions; v1 was previously a storage version/,
    );
    await world.call('PATCH', `${definition}/status`, { status: { storedVersions: ['v2'] } }, { type });
    assert.equal((await world.call('PATCH', definition, { spec: { versions } }, { type })).code, 200);
    assert.equal((await world.call('GET', pathOf(group))).code, 404);
  });

  it('get the defaults of the schema as it is now when they are read', async () => {
    const versions = [{ ...next, storage: true, schema: schema({ b: { type: 'integer' }, c: { type: 'string', default: 'new' } }) }];
    await world.call('PATCH', definition, { spec: { versions } }, { type });
    const { body } = await world.call('GET', `${pathOf(group, 'v2')}/x`);
    assert.deepEqual(body.spec, { a: 1, b: 3, c: 'new' });
    const { body: list } = await world.call('GET', pathOf(group, 'v2'));
    assert.equal(list.items[0].spec.c, 'new');
  });

  it('are deleted with the definition also when none is served', async () => {
    const versions = [{ ...next, storage: true, served: false }];
    await world.call('PATCH', definition, { spec: { versions } }, { type });
    await world.call('DELETE', definition);
    await world.eventually(definition, ({ code }) => code === 404);
    await world.define(definitionOf(group, { spec: { versions: [old] } }));
    assert.deepEqual((await world.call('GET', pathOf(group))).body.items, []);
  });
});

describe('versions converted by a webhook', () => {
  const group = 'versions.example.com';
  let webhook: Server;
  let failing = false;
  let calls = 0;

  /** v1 says `host` and `port`, v2 says `hostPort`. */
  function convert(object: Json, apiVersion: string): Json {
    const { host, port, hostPort, ...rest } = object;
    if (apiVersion.endsWith('/v2')) return { ...rest, apiVersion, hostPort: `${host}:${port}` };
    const [name, number] = String(hostPort).split(':');
    return { ...rest, apiVersion, host: name, port: number };
  }

  before(async () => {
    webhook = createServer({ cert: SERVER_CERT, key: SERVER_KEY }, (incoming, outgoing) => {
      let text = '';
      incoming.on('data', (chunk: Buffer) => {
        text += chunk.toString('utf8');
      });
      incoming.on('end', () => {
        calls++;
        const review = JSON.parse(text);
        const { uid, desiredAPIVersion, objects } = review.request;
        const result = failing ? { status: 'Failure', message: 'no' } : { status: 'Success' };
        const convertedObjects = failing ? [] : objects.map((object: Json) => convert(object, desiredAPIVersion));
        outgoing.end(JSON.stringify({ ...review, request: undefined, response: { uid, result, convertedObjects } }));
      });
    });
    await new Promise<void>((resolve) => webhook.listen(0, '127.0.0.1', resolve));
    const { port } = webhook.address() as AddressInfo;
    const clientConfig = { url: `https://127.0.0.1:${port}/`, caBundle: Buffer.from(TEST_CA).toString('base64') };
    const schema = (...names: string[]): object => ({
      openAPIV3Schema: { type: 'object', properties: Object.fromEntries(names.map((name) => [name, { type: 'string' }])) },
    });
    await world.define(
      definitionOf(group, {
        spec: {
          versions: [
            { name: 'v1', served: true, storage: true, schema: schema('host', 'port') },
            { name: 'v2', served: true, storage: false, schema: schema('hostPort'), selectableFields: [{ jsonPath: '.hostPort' }] },
          ],
          conversion: { strategy: 'Webhook', webhook: { clientConfig, conversionReviewVersions: ['v1'] } },
        },
      }),
    );
  });
  after(() => new Promise((resolve) => webhook.close(resolve)));

  it('are read, listed and written in either', async () => {
    const made = await world.call('POST', pathOf(group, 'v2'), widget(group, 'a', { hostPort: 'h:1' }, 'v2'));
    assert.equal(made.code, 201, JSON.stringify(made.body));
    assert.equal(made.body.hostPort, 'h:1');
    const { body: first } = await world.call('GET', `${pathOf(group)}/a`);
    assert.deepEqual([first.apiVersion, first.host, first.port], [`${group}/v1`, 'h', '1']);
    await world.call('POST', pathOf(group), widget(group, 'b', { host: 'g', port: '2' }));
    const { body: list } = await world.call('GET', pathOf(group, 'v2'));
    assert.deepEqual(
      list.items.map((item: Json) => [item.apiVersion, item.hostPort]),
      [
        [`${group}/v2`, 'h:1'],
        [`${group}/v2`, 'g:2'],
      ],
    );
    const { body: selected } = await world.call('GET', `${pathOf(group, 'v2')}?fieldSelector=hostPort%3Dg:2`);
    assert.deepEqual(
      selected.items.map((item: Json) => item.metadata.name),
      ['b'],
    );
  });

  it('ask the webhook once for each state of an object', async () => {
    await world.call('GET', pathOf(group, 'v2'));
    const before = calls;
    await world.call('GET', pathOf(group, 'v2'));
    await world.call('GET', `${pathOf(group, 'v2')}/a`);
    assert.equal(calls, before);
  });

  it('are watched in either', async () => {
    const type = 'application/merge-patch+json';
    const events = world.call('GET', `${pathOf(group, 'v2')}?watch=1&timeoutSeconds=1`);
    await world.call('PATCH', `${pathOf(group)}/b`, { port: '3' }, { type });
    const lines = JSON.stringify((await events).body);
    assert.match(lines, /hostPort/);
    assert.match(lines, /g:3/);
  });

  it('fail with what the webhook says', async () => {
    await world.call('PATCH', `${pathOf(group)}/b`, { port: '4' }, { type: 'application/merge-patch+json' });
    failing = true;
    const { code, body } = await world.call('GET', `${pathOf(group, 'v2')}/b`);
    failing = false;
    assert.equal(code, 500);
    assert.equal(body.message, `conversion webhook for ${group}/v1, Kind=Widget failed: no`);
  });
});

describe('rules of a schema', () => {
  const group = 'rules.example.com';
  const path = pathOf(group);
  const integer = { type: 'integer' };
  const schema = {
    type: 'object',
    'x-kubernetes-validations': [{ rule: "self.metadata.name.startsWith('r')", message: 'names begin with r' }],
    properties: {
      spec: {
        type: 'object',
        properties: {
          min: integer,
          max: { ...integer, 'x-kubernetes-validations': [{ rule: 'self >= oldSelf', reason: 'FieldValueForbidden' }] },
          name: {
            type: 'string',
            maxLength: 10,
            'x-kubernetes-validations': [{ rule: 'self == oldSelf', message: 'is immutable', fieldPath: '' }],
          },
          first: {
            type: 'string',
            maxLength: 10,
            'x-kubernetes-validations': [{ rule: "oldSelf.hasValue() || self == 'new'", optionalOldSelf: true, message: 'begins as new' }],
          },
        },
        'x-kubernetes-validations': [
          {
            rule: '!has(self.min) || !has(self.max) || self.min <= self.max',
            messageExpression: "'min %d is above max %d'.format([self.min, self.max])",
            fieldPath: '.min',
          },
        ],
      },
    },
  };
  before(() => world.define(definitionOf(group, { schema })));

  const faults = ({ body }: Answer): string[] =>
    (body.details?.causes ?? []).map((cause: Json) => `${cause.reason} ${cause.field} ${cause.message}`);

  it('refuse objects with the message that they make', async () => {
    const answer = await world.call('POST', path, widget(group, 'x', { spec: { min: 3, max: 2, first: 'old' } }));
    assert.deepEqual(faults(answer), [
      'FieldValueInvalid <nil> Invalid value: names begin with r',
      'FieldValueInvalid spec.min Invalid value: min 3 is above max 2',
      'FieldValueInvalid spec.first Invalid value: "old": begins as new',
    ]);
  });

  it('compare with the old object', async () => {
    const type = 'application/merge-patch+json';
    const made = await world.call('POST', path, widget(group, 'r', { spec: { max: 2, name: 'a', first: 'new' } }));
    assert.equal(made.code, 201, JSON.stringify(made.body));
    const answer = await world.call('PATCH', `${path}/r`, { spec: { max: 1, name: 'b', first: 'other' } }, { type });
    assert.deepEqual(faults(answer), [
      'FieldValueForbidden spec.max Forbidden: failed rule: self >= oldSelf',
      'FieldValueInvalid spec.name Invalid value: "b": is immutable',
    ]);
  });

  it('are not asked about objects that do not fit the schema', async () => {
    const answer = await world.call('POST', path, widget(group, 'r2', { spec: { min: 'a' } }));
    assert.deepEqual(faults(answer).at(-1), `FieldValueInvalid <nil> ${NOT_CHECKED}`);
  });

  it('that do not compile, or could cost too much, make a definition invalid', async () => {
    const texts = { type: 'array', items: { type: 'string', 'x-kubernetes-validations': [{ rule: "self.matches('a+')" }] } };
    const spec = {
      type: 'object',
      'x-kubernetes-validations': [{ rule: 'self.nothing' }, { rule: 'self.number' }],
      properties: { number: integer, texts },
    };
    const bad = definitionOf('costs.example.com', { schema: { type: 'object', properties: { spec } } });
    const answer = await world.call('POST', DEFINITIONS, bad);
    const at = 'spec.validation.openAPIV3Schema.properties[spec]';
    const found = faults(answer);
    assert.equal(found.length, 5, found.join('\n'));
    assert.match(
      found[0] ?? '',
      /^FieldValueForbidden spec\.validation\.openAPIV3Schema\.properties\[spec\]\.properties\[texts\]\.items\.x-kubernetes-validations\[0\]\.rule Forbidden: estimated rule cost exceeds budget by factor of more than 100x/,
    );
    assert.match(found[1] ?? '', /undefined field 'nothing'/);
    assert.match(found[2] ?? '', /cel expression must evaluate to a bool$/);
    assert.match(found[3] ?? '', /contributed to estimated rule cost total exceeding cost limit for entire OpenAPIv3 schema$/);
    assert.ok(found.every((line) => line.includes(at) || line.includes('spec.validation.openAPIV3Schema Forbidden')));
  });
});

const NOT_CHECKED =
  'Invalid value: null: some validation rules were not checked because the object was invalid; correct the existing errors to complete validation';
