// Field management of objects that are written through several versions, over real TLS.

import assert from 'node:assert/strict';
import { createServer, type Server } from 'node:https';
import type { AddressInfo } from 'node:net';
import { after, before, describe, it } from 'node:test';
import { type Answer, type CustomWorld, definitionOf, type Json, startCustomWorld } from '../support/custom-world.ts';
import { SERVER_CERT, SERVER_KEY, TEST_CA } from '../support/test-certificates.ts';

const APPLY = 'application/apply-patch+yaml';
const MERGE = 'application/merge-patch+json';

let world: CustomWorld;

before(async () => {
  world = await startCustomWorld();
});
after(() => world.stop());

/** Entries of managedFields by `manager operation apiVersion`. */
const entries = ({ metadata }: Json): Record<string, Json> =>
  Object.fromEntries(
    (metadata.managedFields ?? []).map((entry: Json) => [`${entry.manager} ${entry.operation} ${entry.apiVersion}`, entry.fieldsV1]),
  );

function done({ code, body }: Answer): Json {
  assert.ok(code < 300, JSON.stringify(body));
  return body;
}

describe('autoscalers applied through autoscaling/v1 and v2', () => {
  const target = { apiVersion: 'apps/v1', kind: 'Deployment', name: 'web' };
  const pathTo = (version: string, name: string): string =>
    `/apis/autoscaling/${version}/namespaces/default/horizontalpodautoscalers/${name}`;

  function apply(version: string, name: string, way: { by: string; spec?: object; metadata?: object; force?: boolean }): Promise<Answer> {
    const { by, spec, metadata, force = false } = way;
    const body = {
      apiVersion: `autoscaling/${version}`,
      kind: 'HorizontalPodAutoscaler',
      metadata: { name, ...metadata },
      ...(spec && { spec: { scaleTargetRef: target, ...spec } }),
    };
    return world.call('PATCH', `${pathTo(version, name)}?fieldManager=${by}&force=${force}`, body, { type: APPLY });
  }

  it('keep each entry in the terms of its version', async () => {
    done(await apply('v1', 'both', { by: 'one', spec: { maxReplicas: 3, targetCPUUtilizationPercentage: 50 } }));
    const shown = done(await apply('v2', 'both', { by: 'two', spec: { maxReplicas: 3, minReplicas: 2 } }));
    // The reference is one field in autoscaling/v1, and three in v2.
    const reference = { 'f:apiVersion': {}, 'f:kind': {}, 'f:name': {} };
    assert.deepEqual(entries(shown), {
      'one Apply autoscaling/v1': { 'f:spec': { 'f:scaleTargetRef': {}, 'f:maxReplicas': {}, 'f:targetCPUUtilizationPercentage': {} } },
      'two Apply autoscaling/v2': { 'f:spec': { 'f:scaleTargetRef': reference, 'f:maxReplicas': {}, 'f:minReplicas': {} } },
    });
    assert.equal(shown.spec.metrics[0].resource.target.averageUtilization, 50);
  });

  it('name the version of who else owns a field', async () => {
    const path = pathTo('v1', 'clash');
    done(await apply('v1', 'clash', { by: 'one', spec: { maxReplicas: 3 } }));
    done(
      await world.call(
        'PATCH',
        `${path}?fieldManager=x`,
        { spec: { maxReplicas: 4, targetCPUUtilizationPercentage: 60 } },
        { type: MERGE },
      ),
    );
    const first = await apply('v2', 'clash', { by: 'two', spec: { maxReplicas: 5 } });
    assert.equal(first.code, 409);
    assert.equal(first.body.message, 'Apply failed with 1 conflict: conflict with "x" using autoscaling/v1: .spec.maxReplicas');
    const metrics = [{ type: 'Resource', resource: { name: 'cpu', target: { type: 'Utilization', averageUtilization: 70 } } }];
    const other = await apply('v2', 'clash', { by: 'two', spec: { maxReplicas: 4, metrics } });
    assert.equal(
      other.body.message,
      'Apply failed with 1 conflict: conflict with "x" using autoscaling/v1: .spec.targetCPUUtilizationPercentage',
    );
    const forced = done(await apply('v2', 'clash', { by: 'two', spec: { maxReplicas: 4, metrics }, force: true }));
    assert.deepEqual(entries(forced)['x Update autoscaling/v1'], { 'f:spec': { 'f:maxReplicas': {} } });
    assert.equal(done(await world.call('GET', path)).spec.targetCPUUtilizationPercentage, 70);
  });

  it('lose what their applier gives up on its way to the other version, and nothing else', async () => {
    const labels = { a: '1' };
    done(
      await apply('v1', 'moved', {
        by: 'one',
        metadata: { labels },
        spec: { maxReplicas: 3, minReplicas: 2, targetCPUUtilizationPercentage: 50 },
      }),
    );
    const shown = done(await apply('v2', 'moved', { by: 'one', spec: { maxReplicas: 3 } }));
    assert.deepEqual(Object.keys(entries(shown)), ['one Apply autoscaling/v2']);
    assert.deepEqual([shown.metadata.name, shown.metadata.labels, shown.spec.maxReplicas], ['moved', undefined, 3]);
    const v1 = done(await world.call('GET', pathTo('v1', 'moved')));
    assert.notEqual(v1.spec.targetCPUUtilizationPercentage, 50);
  });

  it('are left alone by an apply that is repeated', async () => {
    done(await apply('v1', 'still', { by: 'one', spec: { maxReplicas: 3 } }));
    const once = done(await apply('v2', 'still', { by: 'two', spec: { maxReplicas: 3 } }));
    const twice = done(await apply('v1', 'still', { by: 'one', spec: { maxReplicas: 3 } }));
    assert.equal(twice.metadata.resourceVersion, once.metadata.resourceVersion);
  });
});

describe('events updated through v1 and events.k8s.io/v1', () => {
  it('keep each entry in the terms of its group', async () => {
    const event = {
      apiVersion: 'events.k8s.io/v1',
      kind: 'Event',
      metadata: { name: 'e' },
      eventTime: '2026-01-01T00:00:00.000000Z',
      reportingController: 'example.com/x',
      reportingInstance: 'x-1',
      action: 'Do',
      reason: 'Because',
      regarding: { namespace: 'default' },
      note: 'first',
      type: 'Normal',
    };
    const made = done(await world.call('POST', '/apis/events.k8s.io/v1/namespaces/default/events?fieldManager=new', event));
    assert.deepEqual(entries(made)['new Update events.k8s.io/v1']['f:note'], {});
    const path = '/api/v1/namespaces/default/events/e?fieldManager=old';
    const shown = entries(done(await world.call('PATCH', path, { message: 'second' }, { type: MERGE })));
    assert.deepEqual(shown['old Update v1'], { 'f:message': {} });
    const { 'f:note': _, ...left } = entries(made)['new Update events.k8s.io/v1'];
    assert.deepEqual(shown['new Update events.k8s.io/v1'], left);
  });
});

describe('custom resources in several versions', () => {
  const schema = (...names: string[]): object => ({
    openAPIV3Schema: { type: 'object', properties: Object.fromEntries(names.map((name) => [name, { type: 'string' }])) },
  });
  const pathTo = (group: string, version: string): string => `/apis/${group}/${version}/namespaces/default/widgets/w`;
  const apply = (group: string, version: string, way: { by: string; fields: object; force?: boolean }): Promise<Answer> =>
    world.call(
      'PATCH',
      `${pathTo(group, version)}?fieldManager=${way.by}&force=${way.force ?? false}`,
      { apiVersion: `${group}/${version}`, kind: 'Widget', metadata: { name: 'w' }, ...way.fields },
      { type: APPLY },
    );

  it('are compared without conversion, and forget versions that are gone', async () => {
    const group = 'plain.example.com';
    const version = (name: string, storage: boolean): object => ({ name, served: true, storage, schema: schema('a', 'b') });
    await world.define(definitionOf(group, { spec: { versions: [version('v1', true), version('v2', false)] } }));
    done(await apply(group, 'v2', { by: 'one', fields: { a: '1', b: '1' } }));
    const clash = await apply(group, 'v1', { by: 'two', fields: { a: '2' } });
    assert.equal(clash.body.message, 'Apply failed with 1 conflict: conflict with "one": .a');
    const shown = done(await apply(group, 'v1', { by: 'two', fields: { a: '2' }, force: true }));
    assert.deepEqual(entries(shown), { [`one Apply ${group}/v2`]: { 'f:b': {} }, [`two Apply ${group}/v1`]: { 'f:a': {} } });
    const definition = `/apis/apiextensions.k8s.io/v1/customresourcedefinitions/widgets.${group}`;
    done(await world.call('PATCH', definition, { spec: { versions: [version('v1', true)] } }, { type: MERGE }));
    const left = done(await apply(group, 'v1', { by: 'two', fields: { a: '2', b: '2' } }));
    assert.deepEqual(entries(left), { [`two Apply ${group}/v1`]: { 'f:a': {}, 'f:b': {} } });
  });

  it('know who owns what through a version that is not served any more', async () => {
    const group = 'unserved.example.com';
    const version = (name: string, more: object): object => ({ name, served: true, storage: false, schema: schema('a', 'b'), ...more });
    const versions = (served: boolean) => [version('v1', { storage: true }), version('v2', { served })];
    await world.define(definitionOf(group, { spec: { versions: versions(true) } }));
    done(await apply(group, 'v2', { by: 'one', fields: { a: '1', b: '1' } }));
    const definition = `/apis/apiextensions.k8s.io/v1/customresourcedefinitions/widgets.${group}`;
    done(await world.call('PATCH', definition, { spec: { versions: versions(false) } }, { type: MERGE }));
    assert.equal((await world.call('GET', pathTo(group, 'v2'))).code, 404);
    const clash = await apply(group, 'v1', { by: 'two', fields: { a: '2' } });
    assert.equal(clash.body.message, 'Apply failed with 1 conflict: conflict with "one": .a');
    const own = done(await apply(group, 'v1', { by: 'one', fields: { a: '1' } }));
    assert.deepEqual([own.a, own.b], ['1', undefined]);
    assert.deepEqual(entries(own), { [`one Apply ${group}/v1`]: { 'f:a': {} } });
  });

  describe('with a webhook', () => {
    const group = 'hooked.example.com';
    let webhook: Server;

    /** v1 says `host` and `port`, v2 says `hostPort`. */
    function convert(object: Json, apiVersion: string): Json {
      const { host = '', port = '', hostPort = '', ...rest } = object;
      if (apiVersion.endsWith('/v2')) return { ...rest, apiVersion, hostPort: `${host}:${port}` };
      const [name, number] = String(hostPort).split(':');
      return { ...rest, apiVersion, host: name, port: number };
    }

    before(async () => {
      webhook = createServer({ cert: SERVER_CERT, key: SERVER_KEY }, async (incoming, outgoing) => {
        const review = JSON.parse(Buffer.concat(await incoming.toArray()).toString('utf8'));
        const { uid, desiredAPIVersion, objects } = review.request;
        const convertedObjects = objects.map((object: Json) => convert(object, desiredAPIVersion));
        outgoing.end(JSON.stringify({ ...review, request: undefined, response: { uid, result: { status: 'Success' }, convertedObjects } }));
      });
      await new Promise<void>((resolve) => webhook.listen(0, '127.0.0.1', resolve));
      const { port } = webhook.address() as AddressInfo;
      const clientConfig = { url: `https://127.0.0.1:${port}/`, caBundle: Buffer.from(TEST_CA).toString('base64') };
      const versions = [
        { name: 'v1', served: true, storage: true, schema: schema('host', 'port') },
        { name: 'v2', served: true, storage: false, schema: schema('hostPort') },
      ];
      const conversion = { strategy: 'Webhook', webhook: { clientConfig, conversionReviewVersions: ['v1'] } };
      await world.define(definitionOf(group, { spec: { versions, conversion } }));
    });
    after(() => new Promise((resolve) => webhook.close(resolve)));

    it('are compared in the terms of each version', async () => {
      done(await apply(group, 'v1', { by: 'one', fields: { host: 'h', port: '1' } }));
      const same = done(await apply(group, 'v2', { by: 'two', fields: { hostPort: 'h:1' } }));
      assert.deepEqual(entries(same), {
        [`one Apply ${group}/v1`]: { 'f:host': {}, 'f:port': {} },
        [`two Apply ${group}/v2`]: { 'f:hostPort': {} },
      });
      const clash = await apply(group, 'v2', { by: 'two', fields: { hostPort: 'h:2' } });
      assert.equal(clash.body.message, 'Apply failed with 1 conflict: conflict with "one": .port');
      const forced = done(await apply(group, 'v2', { by: 'two', fields: { hostPort: 'h:2' }, force: true }));
      assert.deepEqual(entries(forced), {
        [`one Apply ${group}/v1`]: { 'f:host': {} },
        [`two Apply ${group}/v2`]: { 'f:hostPort': {} },
      });
      const patched = done(await world.call('PATCH', `${pathTo(group, 'v1')}?fieldManager=u`, { port: '3' }, { type: MERGE }));
      assert.deepEqual(entries(patched), { [`one Apply ${group}/v1`]: { 'f:host': {} }, [`u Update ${group}/v1`]: { 'f:port': {} } });
    });
  });
});
