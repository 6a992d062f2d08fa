// Controllers that reach the objects of a real extension API server: the deletion of namespaces and the garbage collector.

import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import type { KubeObject } from '../../src/api/object.ts';
import type { NamespaceCondition } from '../../src/api/types/core-v1.gen.ts';
import type { OwnerReference } from '../../src/api/types/meta-v1.gen.ts';
import { systemClock } from '../../src/base/clock.ts';
import { type Component, startAll, stopAll } from '../../src/base/component.ts';
import { silentLogger } from '../../src/base/log.ts';
import type { Client } from '../../src/client/client.ts';
import { API_SERVICES, CONFIG_MAPS, ENDPOINT_SLICES, NAMESPACES, SERVICES } from '../../src/client/resources.ts';
import { LOOPBACK_USER } from '../../src/server/auth/auth.ts';
import { garbageCollector } from '../../src/server/controllers/garbage-collector.ts';
import { namespaceController } from '../../src/server/controllers/namespace.ts';
import { type AggregatedWorld, endpointsAt, eventually, FLUNDERS_SERVICE, startAggregatedWorld } from '../support/aggregated-world.ts';

const GV = '/apis/wardle.example.com/v1alpha1';
let world: AggregatedWorld;
let everything: Client;
let parts: Component[];

const pathOf = (namespace: string, name: string): string => `${GV}/namespaces/${namespace}/flunders/${name}`;

/** Puts an object into the extension server. */
function flunder(namespace: string, name: string, ownerReferences: readonly OwnerReference[] = []): OwnerReference {
  const uid = `uid-of-${name}`;
  const metadata = { name, namespace, uid, resourceVersion: '1', ownerReferences };
  world.extension.objects.set(pathOf(namespace, name), { apiVersion: 'wardle.example.com/v1alpha1', kind: 'Flunder', metadata });
  return { apiVersion: 'wardle.example.com/v1alpha1', kind: 'Flunder', name, uid };
}

const configMap = (namespace: string, name: string, ownerReferences: OwnerReference[] = []): Promise<KubeObject> =>
  world.client.create<KubeObject>(CONFIG_MAPS, { metadata: { name, namespace, ownerReferences } });
const configMaps = async (namespace: string): Promise<(string | undefined)[]> =>
  (await world.client.list(CONFIG_MAPS, { namespace })).items.map(({ metadata }) => metadata.name);
const isServed = (): boolean => world.aggregator.extensions().resources.length > 0;

/** Lets the extension server answer, or be one without endpoints. */
async function reach(isReachable: boolean): Promise<void> {
  if (isReachable) await world.client.create(ENDPOINT_SLICES, endpointsAt(world.port));
  else await world.client.delete(ENDPOINT_SLICES, { namespace: 'wardle', name: 'sample-api-1' });
  assert.equal(await eventually(isServed, (served) => served === isReachable), isReachable);
}

before(async () => {
  world = await startAggregatedWorld();
  const { client, aggregator, informers, server } = world;
  everything = aggregator.client(client, LOOPBACK_USER);
  await client.create(SERVICES, {
    metadata: { name: 'sample-api', namespace: 'wardle' },
    spec: { type: 'ClusterIP', ports: [{ name: 'https', port: 443, protocol: 'TCP' }] },
  });
  await client.create(API_SERVICES, world.apiService());
  const deps = {
    client: everything,
    informers,
    clock: systemClock,
    log: silentLogger,
    recorder: () => ({ event() {} }),
    resources: () => server.server.catalog.infos(),
    extensions: () => aggregator.extensions(),
    onResourcesChange: (listener: () => void) => aggregator.onChange(listener),
  };
  parts = [namespaceController(deps), garbageCollector(deps)];
  await startAll(parts);
  await reach(true);
});
after(async () => {
  await stopAll(parts);
  await world.stop();
});

const conditionOf = async (namespace: string, type: string): Promise<NamespaceCondition | undefined> => {
  const found = (await world.client.list(NAMESPACES)).items.find(({ metadata }) => metadata.name === namespace);
  return found?.status?.conditions?.find((condition) => condition.type === type);
};
const isThere = async (namespace: string): Promise<boolean> =>
  (await world.client.list(NAMESPACES)).items.some(({ metadata }) => metadata.name === namespace);
const isGone = async (namespace: string): Promise<boolean> =>
  !(await eventually(
    () => isThere(namespace),
    (there) => !there,
  ));

describe('the deletion of a namespace', () => {
  it('deletes what an extension API server keeps of it, and nothing of others', async () => {
    await world.client.create(NAMESPACES, { metadata: { name: 'one' }, spec: {} });
    flunder('one', 'a');
    flunder('two', 'b');
    await world.client.delete(NAMESPACES, { namespace: '', name: 'one' });
    assert.ok(await isGone('one'));
    assert.deepEqual([...world.extension.objects.keys()], [pathOf('two', 'b')]);
  });

  it('says which server does not answer, deletes the rest, and ends when it answers', async () => {
    await world.client.create(NAMESPACES, { metadata: { name: 'stuck' }, spec: {} });
    await configMap('stuck', 'c');
    flunder('stuck', 'a');
    await reach(false);
    await world.client.delete(NAMESPACES, { namespace: '', name: 'stuck' });
    const type = 'NamespaceDeletionDiscoveryFailure';
    const failure = await eventually(
      () => conditionOf('stuck', type),
      (found) => found?.status === 'True',
    );
    assert.equal(failure?.reason, 'DiscoveryFailed');
    assert.equal(
      failure?.message,
      'Discovery failed for some groups, 1 failing: unable to retrieve the complete list of server APIs: ' +
        'wardle.example.com/v1alpha1: stale GroupVersion discovery: wardle.example.com/v1alpha1',
    );
    assert.deepEqual(
      await eventually(
        () => configMaps('stuck'),
        (left) => left.length === 0,
      ),
      [],
    );
    assert.ok(world.extension.objects.has(pathOf('stuck', 'a')));
    await reach(true);
    // It looks again after ten seconds; something that happens to the namespace is sooner.
    const live = await world.client.get(NAMESPACES, { namespace: '', name: 'stuck' });
    await world.client.patch(
      NAMESPACES,
      { namespace: '', name: 'stuck' },
      { type: 'merge', body: { metadata: { labels: { a: live.metadata.uid } } } },
    );
    assert.ok(await isGone('stuck'));
    assert.ok(!world.extension.objects.has(pathOf('stuck', 'a')));
  });
});

describe('the garbage collector', () => {
  it('deletes dependents of objects in an extension API server, and dependents that are there', async () => {
    const owner = flunder('default', 'owner');
    await configMap('default', 'dependent', [owner]);
    const here = await configMap('default', 'here');
    flunder('default', 'there', [{ apiVersion: 'v1', kind: 'ConfigMap', name: 'here', uid: here.metadata.uid ?? '' }]);
    await reach(false); // It comes back to a list that has both.
    const before = world.extension.resourceRequests.length;
    await reach(true);
    const isWatched = (): boolean => world.extension.resourceRequests.slice(before).some(({ url }) => url.includes('watch=true'));
    assert.ok(await eventually(isWatched, Boolean));
    assert.ok((await configMaps('default')).includes('dependent'), 'its owner is there');
    const [flunders] = world.aggregator.extensions().resources;
    await everything.delete(flunders ?? assert.fail('no flunders'), { namespace: 'default', name: 'owner' });
    assert.ok(
      !(
        await eventually(
          () => configMaps('default'),
          (left) => !left.includes('dependent'),
        )
      ).includes('dependent'),
    );
    await world.client.delete(CONFIG_MAPS, { namespace: 'default', name: 'here' });
    assert.ok(
      !(await eventually(
        () => world.extension.objects.has(pathOf('default', 'there')),
        (has) => !has,
      )),
    );
  });

  it('takes no silence for the absence of an owner', async () => {
    await reach(false);
    await configMap('default', 'patient', [{ apiVersion: 'wardle.example.com/v1alpha1', kind: 'Flunder', name: 'gone', uid: 'gone' }]);
    await systemClock.sleep(300);
    assert.ok((await configMaps('default')).includes('patient'));
    await reach(true);
    assert.ok(
      !(
        await eventually(
          () => configMaps('default'),
          (left) => !left.includes('patient'),
        )
      ).includes('patient'),
    );
  });

  it('is rid of them when the APIService goes', async () => {
    await world.client.delete(API_SERVICES, FLUNDERS_SERVICE);
    assert.deepEqual(
      await eventually(
        () => world.aggregator.extensions(),
        ({ resources, unreachable }) => resources.length + unreachable.length === 0,
      ),
      { resources: [], unreachable: [] },
    );
  });
});
