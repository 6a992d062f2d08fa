// The conformance suite's tests of discovery documents and of the forms that answers take.

import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { type CustomWorld, definitionOf, type Json, startCustomWorld } from '../support/custom-world.ts';

let world: CustomWorld;
before(async () => {
  world = await startCustomWorld();
});
after(() => world.stop());

const BUILTIN = [
  'admissionregistration.k8s.io/v1/validatingwebhookconfigurations',
  'apiextensions.k8s.io/v1/customresourcedefinitions',
  'apiregistration.k8s.io/v1/apiservices',
  'apps/v1/deployments',
  'authentication.k8s.io/v1/tokenreviews',
  'authorization.k8s.io/v1/selfsubjectaccessreviews',
  'autoscaling/v1/horizontalpodautoscalers',
  'autoscaling/v2/horizontalpodautoscalers',
  'batch/v1/jobs',
  'certificates.k8s.io/v1/certificatesigningrequests',
  'coordination.k8s.io/v1/leases',
  'discovery.k8s.io/v1/endpointslices',
  'events.k8s.io/v1/events',
  'networking.k8s.io/v1/ingresses',
  'node.k8s.io/v1/runtimeclasses',
  'policy/v1/poddisruptionbudgets',
  'scheduling.k8s.io/v1/priorityclasses',
  'storage.k8s.io/v1/csinodes',
];

describe('[sig-api-machinery] Discovery', () => {
  it('validates the preferred version of each APIGroup: it is one of its versions', async () => {
    const { groups } = await world.done('GET', '/apis');
    assert.ok(groups.length > 15);
    for (const { name, preferredVersion } of groups) {
      const group = await world.done('GET', `/apis/${name}`);
      assert.deepEqual(group.preferredVersion, preferredVersion);
      assert.ok(
        group.versions.some(({ groupVersion }: Json) => groupVersion === preferredVersion.groupVersion),
        name,
      );
    }
  });

  it('locates the groupVersion and a resource within each APIGroup', async () => {
    const { groups } = await world.done('GET', '/apis');
    for (const name of BUILTIN) {
      const [group, version, resource] = name.split('/');
      const listed = groups.find((found: Json) => found.name === group);
      for (const { versions } of [listed, await world.done('GET', `/apis/${group}`)])
        assert.ok(
          versions.some((found: Json) => found.groupVersion === `${group}/${version}`),
          name,
        );
      const list = await world.done('GET', `/apis/${group}/${version}`);
      assert.equal(list.groupVersion, `${group}/${version}`);
      assert.ok(
        list.resources.some((found: Json) => found.name === resource),
        name,
      );
    }
  });

  it('tells the version of the server', async () => {
    const { major, minor } = await world.done('GET', '/version');
    assert.match(`${major}.${minor}`, /^\d+\.\d+\+?$/);
  });
});

describe('[sig-api-machinery] AggregatedDiscovery', () => {
  const AGGREGATED = 'application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList';

  const resourcesIn = async (path: string): Promise<string[]> =>
    (await world.done('GET', path, undefined, { accept: AGGREGATED })).items.flatMap(({ metadata, versions }: Json) =>
      versions.flatMap(({ version, resources }: Json) =>
        resources.map(({ resource }: Json) => `${metadata.name ?? ''}/${version}/${resource}`),
      ),
    );

  it('supports Accept headers for the aggregated endpoints', async () => {
    const found = await resourcesIn('/apis');
    assert.deepEqual(
      BUILTIN.filter((name) => !found.includes(name)),
      [],
    );
    assert.ok((await resourcesIn('/api')).includes('/v1/namespaces'));
  });

  it('has custom resources as soon as they are established', async () => {
    const group = 'aggregated.conformance.example.com';
    await world.define(definitionOf(group));
    assert.ok((await resourcesIn('/apis')).includes(`${group}/v1/widgets`));
  });

  it('gives the first form of those accepted that it knows', async () => {
    const other = AGGREGATED.replace('v=v2', 'v=v9');
    const kindFor = async (accept: string): Promise<string> => (await world.done('GET', '/apis', undefined, { accept })).kind;
    assert.equal(await kindFor(`${other},${AGGREGATED},application/json`), 'APIGroupDiscoveryList');
    assert.equal(await kindFor(`${other},application/json`), 'APIGroupList');
    assert.equal((await world.call('GET', '/apis', undefined, { accept: other })).code, 406);
  });
});

describe('[sig-api-machinery] Servers with support for Table transformation', () => {
  it('return a 406 for a backend which does not implement metadata', async () => {
    const accept = 'application/json;as=Table;v=v1;g=meta.k8s.io';
    const body = { spec: { nonResourceAttributes: { path: '/', verb: 'get' } } };
    const answer = await world.call('POST', '/apis/authorization.k8s.io/v1/selfsubjectaccessreviews', body, { accept });
    assert.deepEqual([answer.code, answer.body.code, answer.body.reason], [406, 406, 'NotAcceptable']);
  });
});
