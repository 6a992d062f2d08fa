// ResourceQuota on the API server with its controller: the lives that the conformance tests follow, and many writers at once.

import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import type { KubeObject } from '../../src/api/object.ts';
import type { Pod, ResourceQuota, ResourceQuotaSpec, ResourceRequirements } from '../../src/api/types/core-v1.gen.ts';
import type { TypedResource } from '../../src/client/client.ts';
import {
  CONFIG_MAPS,
  PERSISTENT_VOLUME_CLAIMS,
  PODS,
  REPLICA_SETS,
  REPLICATION_CONTROLLERS,
  RESOURCE_QUOTAS,
  SECRETS,
  SERVICES,
  STORAGE_CLASSES,
} from '../../src/client/resources.ts';
import { customResourceDefinitionController } from '../../src/server/controllers/custom-resource-definition.ts';
import { resourceQuotaController } from '../../src/server/controllers/resource-quota.ts';
import { type AdmittedServer, refusalOf, startAdmittedServer } from '../support/admitted-server.ts';
import { definitionOf } from '../support/custom-world.ts';

let world: AdmittedServer;
let count = 0;

before(async () => {
  const controllers = { quota: resourceQuotaController, definitions: customResourceDefinitionController };
  world = await startAdmittedServer({ controllers });
});

after(async () => {
  await world.stop();
});

type Quota = ResourceQuota & KubeObject;

/** A namespace of its own with a quota whose usage is known. */
async function quotaOf(spec: ResourceQuotaSpec): Promise<{ namespace: string; used(want: Record<string, string>): Promise<Quota> }> {
  const namespace = `quota-${++count}`;
  await world.namespace(namespace);
  await world.client.create(RESOURCE_QUOTAS, { metadata: { name: 'q', namespace }, spec });
  const used = (want: Record<string, string>): Promise<Quota> =>
    world.eventually(RESOURCE_QUOTAS, { namespace, name: 'q' }, ({ status }) =>
      Object.entries(want).every(([name, amount]) => status?.used?.[name] === amount),
    );
  await used({});
  await world.eventually(RESOURCE_QUOTAS, { namespace, name: 'q' }, ({ status }) => status?.used !== undefined);
  return { namespace, used };
}

const podOf = (namespace: string, name: string, resources?: ResourceRequirements, spec: object = {}): Pod & KubeObject => ({
  metadata: { name, namespace },
  spec: { containers: [{ name: 'c', image: 'i', ...(resources && { resources }) }], ...spec },
});

const newestUsed = async (namespace: string): Promise<Record<string, string> | undefined> =>
  (await world.client.get(RESOURCE_QUOTAS, { namespace, name: 'q' })).status?.used;

describe('a ResourceQuota', () => {
  it('is calculated promptly', async () => {
    const { namespace } = await quotaOf({ hard: { pods: '5', services: '10', 'count/replicasets.apps': '5', 'requests.cpu': '1' } });
    assert.deepEqual(await newestUsed(namespace), { 'count/replicasets.apps': '0', pods: '0', 'requests.cpu': '0', services: '0' });
    const quota = await world.client.get(RESOURCE_QUOTAS, { namespace, name: 'q' });
    assert.deepEqual(quota.status?.hard, quota.spec?.hard);
  });

  it('counts what was there before it', async () => {
    await world.namespace('older');
    await world.client.create(CONFIG_MAPS, { metadata: { name: 'a', namespace: 'older' } });
    await world.client.create(RESOURCE_QUOTAS, { metadata: { name: 'q', namespace: 'older' }, spec: { hard: { configmaps: '1' } } });
    await world.eventually(RESOURCE_QUOTAS, { namespace: 'older', name: 'q' }, ({ status }) => status?.used?.['configmaps'] === '1');
    const { code, message } = await refusalOf(world.client.create(CONFIG_MAPS, { metadata: { name: 'b', namespace: 'older' } }));
    assert.equal(code, 403);
    assert.equal(
      message,
      'configmaps "b" is forbidden: exceeded quota: q, requested: configmaps=1, used: configmaps=1, limited: configmaps=1',
    );
  });

  it('captures the life of a pod', async () => {
    const hard = { pods: '2', cpu: '1', memory: '500Mi', 'ephemeral-storage': '50Gi', 'requests.example.com/dongle': '3' };
    const { namespace, used } = await quotaOf({ hard });
    const requests = { cpu: '500m', memory: '252Mi', 'ephemeral-storage': '30Gi', 'example.com/dongle': '2' };
    await world.client.create(PODS, podOf(namespace, 'one', { requests, limits: { 'example.com/dongle': '2' } }));
    const held = { pods: '1', cpu: '500m', memory: '252Mi', 'ephemeral-storage': '30Gi', 'requests.example.com/dongle': '2' };
    assert.deepEqual(await newestUsed(namespace), held);
    const wants = (more: Record<string, string>): Promise<{ message: string }> => {
      const asked: Record<string, string> = { cpu: '100m', memory: '10Mi', ...more };
      const dongles = asked['example.com/dongle'] === undefined ? {} : { limits: { 'example.com/dongle': asked['example.com/dongle'] } };
      return refusalOf(world.client.create(PODS, podOf(namespace, 'two', { requests: asked, ...dongles })));
    };
    assert.match((await wants({ cpu: '600m' })).message, /exceeded quota: q, requested: cpu=600m, used: cpu=500m, limited: cpu=1$/);
    const dongle =
      /exceeded quota: q, requested: requests.example.com\/dongle=2, used: requests.example.com\/dongle=2, limited: requests.example.com\/dongle=3$/;
    assert.match((await wants({ 'example.com/dongle': '2' })).message, dongle);
    assert.match(
      (await refusalOf(world.client.create(PODS, podOf(namespace, 'two')))).message,
      /failed quota: q: must specify cpu for: c; memory for: c$/,
    );
    assert.deepEqual(await newestUsed(namespace), held);
    await world.client.delete(PODS, { namespace, name: 'one' }, { gracePeriodSeconds: 0 });
    await used({ pods: '0', cpu: '0', memory: '0', 'ephemeral-storage': '0', 'requests.example.com/dongle': '0' });
  });

  it('lets go of a pod that has ended, but counts it as an object', async () => {
    const { namespace, used } = await quotaOf({ hard: { pods: '1', 'count/pods': '2' } });
    const pod = await world.client.create(PODS, podOf(namespace, 'job'));
    await world.client.update(PODS, { ...pod, status: { phase: 'Succeeded' } }, { subresource: 'status' });
    await used({ pods: '0', 'count/pods': '1' });
    await world.client.create(PODS, podOf(namespace, 'next'));
    assert.deepEqual(await newestUsed(namespace), { pods: '1', 'count/pods': '2' });
  });

  it('captures the life of a Service', async () => {
    const { namespace, used } = await quotaOf({ hard: { services: '3', 'services.nodeports': '1', 'services.loadbalancers': '1' } });
    const service = (name: string, type: string) => ({
      metadata: { name, namespace },
      spec: { type, ports: [{ port: 80 }], selector: { app: name } },
    });
    await world.client.create(SERVICES, service('plain', 'ClusterIP'));
    const created = await world.client.create(SERVICES, service('node', 'NodePort'));
    assert.deepEqual(await newestUsed(namespace), { services: '2', 'services.loadbalancers': '0', 'services.nodeports': '1' });
    const { message } = await refusalOf(world.client.create(SERVICES, service('balanced', 'LoadBalancer')));
    assert.match(message, /requested: services.nodeports=1, used: services.nodeports=1, limited: services.nodeports=1$/);
    await world.client.update(SERVICES, { ...created, spec: { ...created.spec, type: 'ClusterIP', ports: [{ port: 80 }] } });
    await used({ 'services.nodeports': '0' });
    const plain = await world.client.get(SERVICES, { namespace, name: 'plain' });
    await world.client.update(SERVICES, { ...plain, spec: { ...plain.spec, type: 'NodePort' } });
    assert.equal((await newestUsed(namespace))?.['services.nodeports'], '1');
    await world.client.delete(SERVICES, { namespace, name: 'plain' });
    await world.client.delete(SERVICES, { namespace, name: 'node' });
    await used({ services: '0', 'services.nodeports': '0' });
  });

  const template = { metadata: { labels: { app: 'a' } }, spec: { containers: [{ name: 'c', image: 'i' }] } };
  const lives = [
    ['a Secret', 'secrets', SECRETS, {}],
    ['a ConfigMap', 'configmaps', CONFIG_MAPS, {}],
    [
      'a ReplicationController',
      'replicationcontrollers',
      REPLICATION_CONTROLLERS,
      { spec: { replicas: 0, selector: { app: 'a' }, template } },
    ],
    ['a ReplicaSet', 'count/replicasets.apps', REPLICA_SETS, { spec: { replicas: 0, selector: { matchLabels: { app: 'a' } }, template } }],
  ] as const;
  for (const [what, name, resource, body] of lives) {
    it(`captures the life of ${what}`, async () => {
      const { namespace, used } = await quotaOf({ hard: { [name]: '1' } });
      const object = (id: string): KubeObject => ({ metadata: { name: id, namespace }, ...body });
      await world.client.create<KubeObject>(resource, object('a'));
      assert.deepEqual(await newestUsed(namespace), { [name]: '1' });
      assert.match(
        (await refusalOf(world.client.create<KubeObject>(resource, object('b')))).message,
        new RegExp(`requested: ${name}=1, used: ${name}=1`),
      );
      // By default a ReplicationController would wait for its pods to be orphaned.
      await world.client.delete(resource, { namespace, name: 'a' }, { propagationPolicy: 'Background' });
      await used({ [name]: '0' });
      await world.client.create<KubeObject>(resource, object('b'));
    });
  }

  it('captures the life of a custom object', async () => {
    type Definition = KubeObject & { status?: { conditions?: { type: string; status: string }[] } };
    const definitions = {
      group: 'apiextensions.k8s.io',
      version: 'v1',
      resource: 'customresourcedefinitions',
      namespaced: false,
      kind: '',
    };
    // What definitionOf makes is a definition.
    await world.client.create<Definition>(definitions, definitionOf('quota.example.com') as Definition);
    await world.eventually<Definition>(definitions, { namespace: '', name: 'widgets.quota.example.com' }, ({ status }) =>
      Boolean(status?.conditions?.some(({ type, status: is }) => type === 'Established' && is === 'True')),
    );
    const widgets: TypedResource<KubeObject> = {
      group: 'quota.example.com',
      version: 'v1',
      resource: 'widgets',
      namespaced: true,
      kind: 'Widget',
    };
    const name = 'count/widgets.quota.example.com';
    const { namespace, used } = await quotaOf({ hard: { [name]: '1' } });
    await world.client.create(widgets, { metadata: { name: 'a', namespace } });
    assert.deepEqual(await newestUsed(namespace), { [name]: '1' });
    const { message } = await refusalOf(world.client.create(widgets, { metadata: { name: 'b', namespace } }));
    assert.match(message, /^widgets\.quota\.example\.com "b" is forbidden: exceeded quota: q, requested: count\/widgets/);
    await world.client.delete(widgets, { namespace, name: 'a' });
    await used({ [name]: '0' });
  });

  it('counts claims and their storage, by class too, and refuses their growth', async () => {
    const gold = 'gold.storageclass.storage.k8s.io';
    const hard = {
      persistentvolumeclaims: '1',
      'requests.storage': '1Gi',
      [`${gold}/persistentvolumeclaims`]: '1',
      [`${gold}/requests.storage`]: '1Gi',
    };
    const { namespace } = await quotaOf({ hard });
    await world.client.create(STORAGE_CLASSES, { metadata: { name: 'gold' }, provisioner: 'p', allowVolumeExpansion: true });
    const claim = {
      metadata: { name: 'c', namespace },
      spec: { accessModes: ['ReadWriteOnce'], storageClassName: 'gold', volumeName: 'v', resources: { requests: { storage: '600Mi' } } },
    };
    const created = await world.client.create(PERSISTENT_VOLUME_CLAIMS, claim);
    const bound = await world.client.update(
      PERSISTENT_VOLUME_CLAIMS,
      { ...created, status: { phase: 'Bound' } },
      { subresource: 'status' },
    );
    assert.deepEqual(await newestUsed(namespace), {
      [`${gold}/persistentvolumeclaims`]: '1',
      [`${gold}/requests.storage`]: '600Mi',
      persistentvolumeclaims: '1',
      'requests.storage': '600Mi',
    });
    const grown = (storage: string) => ({ ...bound, spec: { ...bound.spec, resources: { requests: { storage } } } });
    const { message } = await refusalOf(world.client.update(PERSISTENT_VOLUME_CLAIMS, grown('1100Mi')));
    const why = `requested: ${gold}/requests.storage=500Mi,requests.storage=500Mi, used: ${gold}/requests.storage=600Mi,requests.storage=600Mi`;
    assert.equal(
      message,
      `persistentvolumeclaims "c" is forbidden: exceeded quota: q, ${why}, limited: ${gold}/requests.storage=1Gi,requests.storage=1Gi`,
    );
    await world.client.update(PERSISTENT_VOLUME_CLAIMS, grown('1Gi'));
    assert.equal((await newestUsed(namespace))?.['requests.storage'], '1Gi');
  });

  it('of the scopes Terminating and NotTerminating counts pods by their deadline', async () => {
    const { namespace } = await quotaOf({ hard: { pods: '5' }, scopes: ['Terminating'] });
    await world.client.create(PODS, podOf(namespace, 'endless'));
    assert.deepEqual(await newestUsed(namespace), { pods: '0' });
    await world.client.create(PODS, podOf(namespace, 'ending', undefined, { activeDeadlineSeconds: 3600 }));
    assert.deepEqual(await newestUsed(namespace), { pods: '1' });
  });

  it('of the scopes BestEffort and NotBestEffort counts pods by their class', async () => {
    const { namespace } = await quotaOf({ hard: { pods: '5' }, scopes: ['BestEffort'] });
    await world.client.create(RESOURCE_QUOTAS, {
      metadata: { name: 'not', namespace },
      spec: { hard: { pods: '5' }, scopes: ['NotBestEffort'] },
    });
    await world.eventually(RESOURCE_QUOTAS, { namespace, name: 'not' }, ({ status }) => status?.used?.['pods'] === '0');
    await world.client.create(PODS, podOf(namespace, 'best'));
    await world.client.create(PODS, podOf(namespace, 'burst', { requests: { cpu: '1m' } }));
    await world.client.create(PODS, podOf(namespace, 'burst-2', { requests: { cpu: '1m' } }));
    assert.deepEqual(await newestUsed(namespace), { pods: '1' });
    assert.equal((await world.client.get(RESOURCE_QUOTAS, { namespace, name: 'not' })).status?.used?.['pods'], '2');
  });

  it('can be updated and deleted', async () => {
    const { namespace } = await quotaOf({ hard: { configmaps: '0' } });
    const object = { metadata: { name: 'a', namespace } };
    await refusalOf(world.client.create(CONFIG_MAPS, object));
    const quota = await world.client.get(RESOURCE_QUOTAS, { namespace, name: 'q' });
    await world.client.update(RESOURCE_QUOTAS, { ...quota, spec: { hard: { configmaps: '1' } } });
    await world.eventually(RESOURCE_QUOTAS, { namespace, name: 'q' }, ({ status }) => status?.hard?.['configmaps'] === '1');
    await world.client.create(CONFIG_MAPS, object);
    await world.client.delete(RESOURCE_QUOTAS, { namespace, name: 'q' });
    await world.client.create(CONFIG_MAPS, { metadata: { name: 'b', namespace } });
  });

  it('has a status of its own, which follows the spec', async () => {
    const { namespace } = await quotaOf({ hard: { configmaps: '3' } });
    const name = { namespace, name: 'q' };
    const status = { type: 'merge', body: { status: { hard: { configmaps: '9' } } } } as const;
    const patched = await world.client.patch(RESOURCE_QUOTAS, name, status, { subresource: 'status' });
    assert.deepEqual([patched.status?.hard, patched.spec?.hard], [{ configmaps: '9' }, { configmaps: '3' }]);
    await world.client.patch(RESOURCE_QUOTAS, name, { type: 'merge', body: { spec: { hard: { configmaps: '4' } } } });
    await world.eventually(RESOURCE_QUOTAS, name, ({ status: now }) => now?.hard?.['configmaps'] === '4');
  });

  it('can be listed in all namespaces, patched and deleted by collection', async () => {
    const { namespace } = await quotaOf({ hard: { configmaps: '3' } });
    const label = { type: 'merge', body: { metadata: { labels: { of: 'collection' } } } } as const;
    await world.client.patch(RESOURCE_QUOTAS, { namespace, name: 'q' }, label);
    assert.equal((await world.client.list(RESOURCE_QUOTAS, { labelSelector: 'of=collection' })).items.length, 1);
    await world.client.deleteCollection(RESOURCE_QUOTAS, { namespace, labelSelector: 'of=collection' });
    assert.equal((await world.client.list(RESOURCE_QUOTAS, { namespace })).items.length, 0);
  });
});

describe('ResourceQuota under many writers', () => {
  const outcomes = async (writes: Promise<unknown>[]): Promise<number> =>
    (await Promise.allSettled(writes)).filter((outcome) => outcome.status === 'fulfilled').length;

  it('lets exactly as many in as fit', async () => {
    const { namespace } = await quotaOf({ hard: { configmaps: '10' } });
    const writes = Array.from({ length: 100 }, (_, i) => world.client.create(CONFIG_MAPS, { metadata: { name: `c-${i}`, namespace } }));
    assert.equal(await outcomes(writes), 10);
    assert.equal((await world.client.list(CONFIG_MAPS, { namespace })).items.length, 10);
    assert.deepEqual(await newestUsed(namespace), { configmaps: '10' });
  });

  it('stays exact while others delete and the controller counts again', async () => {
    const { namespace, used } = await quotaOf({ hard: { configmaps: '10' } });
    const churn = async (writer: number): Promise<void> => {
      for (let round = 0; round < 20; round++) {
        const name = `c-${writer}-${round}`;
        const created = await world.client.create(CONFIG_MAPS, { metadata: { name, namespace } }).catch(() => undefined);
        assert.ok((await world.client.list(CONFIG_MAPS, { namespace })).items.length <= 10);
        if (created) await world.client.delete(CONFIG_MAPS, { namespace, name });
      }
    };
    await Promise.all(Array.from({ length: 20 }, (_, writer) => churn(writer)));
    await used({ configmaps: '0' });
  });

  it('books nothing for what a later step refuses, or for a dry run', async () => {
    const { namespace } = await quotaOf({ hard: { configmaps: '2' } });
    const object = { metadata: { name: 'same', namespace } };
    assert.equal(await outcomes(Array.from({ length: 20 }, () => world.client.create(CONFIG_MAPS, object))), 1);
    await world.client.create(CONFIG_MAPS, { metadata: { name: 'tried', namespace } }, { dryRun: true });
    assert.deepEqual(await newestUsed(namespace), { configmaps: '1' });
    await world.client.create(CONFIG_MAPS, { metadata: { name: 'other', namespace } });
    const dry = world.client.create(CONFIG_MAPS, { metadata: { name: 'tried', namespace } }, { dryRun: true });
    assert.equal((await refusalOf(dry)).code, 403);
  });
});
