import assert from 'node:assert/strict';
import { afterEach, beforeEach, describe, it } from 'node:test';
import type { KubeObject } from '../../../../src/api/object.ts';
import { BUILTIN_RESOURCES } from '../../../../src/api/resources.ts';
import { internalError } from '../../../../src/api/status-error.ts';
import type { OwnerReference } from '../../../../src/api/types/meta-v1.gen.ts';
import { CONFIG_MAPS, NODES, PODS, SECRETS } from '../../../../src/client/resources.ts';
import { garbageCollector } from '../../../../src/server/controllers/garbage-collector.ts';
import { ControllerWorld } from '../../../support/controller-world.ts';

let world: ControllerWorld;
beforeEach(() => {
  world = new ControllerWorld();
});
afterEach(async () => {
  await world.stop();
  assert.deepEqual(world.errors, []);
});

const refTo = (owner: KubeObject, blockOwnerDeletion = false): OwnerReference => ({
  apiVersion: owner.apiVersion ?? '',
  kind: owner.kind ?? '',
  name: owner.metadata.name ?? '',
  uid: owner.metadata.uid ?? '',
  ...(blockOwnerDeletion && { blockOwnerDeletion }),
});
const make = (name: string, ownerReferences: OwnerReference[] = [], extra: KubeObject['metadata'] = {}) =>
  world.create(CONFIG_MAPS, { metadata: { name, namespace: 'ns', ...(ownerReferences.length > 0 && { ownerReferences }), ...extra } });
const remove = (name: string, propagationPolicy = 'Background') =>
  world.client.delete(CONFIG_MAPS, { namespace: 'ns', name }, { propagationPolicy });
const names = async () => (await world.all(CONFIG_MAPS)).map((o) => o.metadata.name).sort();

describe('garbageCollector', () => {
  it('deletes a chain of dependents over several resources in the background', async () => {
    const a = await make('a');
    const b = await make('b', [refTo(a)]);
    await world.create(SECRETS, { metadata: { name: 's', namespace: 'ns', ownerReferences: [refTo(b)] } });
    await make('other');
    await world.run(garbageCollector);
    assert.deepEqual(await names(), ['a', 'b', 'other']);
    await remove('a');
    await world.settle(100);
    assert.deepEqual(await names(), ['other']);
    assert.deepEqual(await world.all(SECRETS), []);
  });

  it('deletes at start what lost its owner while it was away', async () => {
    const a = await make('a');
    await make('b', [refTo(a)]);
    await remove('a');
    await make('a');
    await world.run(garbageCollector);
    await world.settle(100);
    assert.deepEqual(await names(), ['a']);
  });

  it('keeps an object that another owner holds, and takes the lost one off', async () => {
    const [a, b] = [await make('a'), await make('b')];
    await make('c', [refTo(a), refTo(b)]);
    await world.run(garbageCollector);
    await remove('a');
    await world.settle(100);
    assert.deepEqual((await world.get(CONFIG_MAPS, 'ns/c'))?.metadata.ownerReferences, [refTo(b)]);
  });

  it('deletes the owner after its blocking dependents in the foreground', async () => {
    const a = await make('a');
    await make('blocks', [refTo(a, true)], { finalizers: ['example.com/hold'] });
    await make('free', [refTo(a)], { finalizers: ['example.com/hold'] });
    await world.run(garbageCollector);
    await remove('a', 'Foreground');
    await world.settle(100);
    assert.deepEqual(await names(), ['a', 'blocks', 'free']);
    const { metadata } = (await world.get(CONFIG_MAPS, 'ns/blocks')) ?? { metadata: {} };
    assert.ok(metadata.deletionTimestamp);
    const patch = { type: 'merge', body: { metadata: { finalizers: null } } } as const;
    await world.client.patch(CONFIG_MAPS, { namespace: 'ns', name: 'blocks' }, patch);
    await world.settle(100);
    assert.deepEqual(await names(), ['free']);
  });

  it('deletes a tree and even a circle in the foreground', async () => {
    const a = await make('a');
    const b = await make('b', [refTo(a, true)]);
    await make('leaf', [refTo(b, true)]);
    const body = { metadata: { ownerReferences: [refTo(b, true)] } };
    await world.client.patch(CONFIG_MAPS, { namespace: 'ns', name: 'a' }, { type: 'merge', body });
    await world.run(garbageCollector);
    await remove('a', 'Foreground');
    await world.settle(1000);
    assert.deepEqual(await names(), []);
  });

  it('leaves dependents behind as orphans when asked to', async () => {
    const a = await make('a');
    await make('b', [refTo(a), { ...refTo(a), uid: 'other', kind: 'Nowhere' }]);
    await world.run(garbageCollector);
    await remove('a', 'Orphan');
    await world.settle(100);
    assert.deepEqual(await names(), ['b']);
    assert.deepEqual(
      (await world.get(CONFIG_MAPS, 'ns/b'))?.metadata.ownerReferences?.map((r) => r.uid),
      ['other'],
    );
  });

  it('asks the API before it believes that an owner is gone', async () => {
    await world.run(garbageCollector);
    let broken = true;
    world.api.before = ({ verb, resource }) => {
      if (broken && verb === 'get' && resource.resource === 'configmaps') throw internalError('database away');
    };
    await make('b', [{ apiVersion: 'v1', kind: 'ConfigMap', name: 'a', uid: 'gone' }]);
    await world.settle(1000);
    assert.deepEqual(await names(), ['b']);
    broken = false;
    await world.settle(10_000);
    assert.deepEqual(await names(), []);
  });

  it('asks once for an absent owner of many', async () => {
    await world.run(garbageCollector);
    let reads = 0;
    world.api.before = ({ verb }) => {
      if (verb === 'get') reads++;
    };
    for (let n = 0; n < 10; n++) {
      await make(`m${n}`, [{ apiVersion: 'v1', kind: 'ConfigMap', name: 'a', uid: 'gone' }]);
      await world.settle();
    }
    assert.deepEqual(await names(), []);
    assert.equal(reads, 1);
  });

  it('does not touch objects whose owner is of a kind that is not served', async () => {
    await make('b', [{ apiVersion: 'example.com/v1', kind: 'Database', name: 'db', uid: 'u' }]);
    await world.run(garbageCollector);
    await world.settle(120_000);
    assert.deepEqual(await names(), ['b']);
  });

  it('lets cluster-scoped owners hold namespaced objects, not the other way round', async () => {
    const node = await world.create(NODES, { metadata: { name: 'n1' }, spec: {} });
    await make('held', [refTo(node)]);
    const a = await make('a');
    await world.create(NODES, { metadata: { name: 'wrong', ownerReferences: [refTo(a)] }, spec: {} });
    await world.run(garbageCollector);
    await world.settle(100);
    assert.deepEqual(await names(), ['a', 'held']);
    assert.equal((await world.all(NODES)).length, 2);
    assert.match(world.events.join(), /wrong: OwnerRefInvalidNamespace ownerRef \[v1\/ConfigMap, namespace: , name: a/);
    await world.client.delete(NODES, { namespace: '', name: 'n1' });
    await world.settle(100);
    assert.deepEqual(await names(), ['a']);
  });

  it('says so when the owner is in another namespace, which counts as absent', async () => {
    const a = await make('a');
    await world.create(PODS, { metadata: { name: 'p', namespace: 'elsewhere', ownerReferences: [refTo(a)] }, spec: { containers: [] } });
    await world.run(garbageCollector);
    await world.settle(100);
    assert.deepEqual(await world.all(PODS), []);
    assert.match(world.events.join(), /p: OwnerRefInvalidNamespace .* does not exist in namespace "elsewhere"/);
  });

  it('writes nothing for changes of spec and status', async () => {
    const a = await make('a');
    await make('b', [refTo(a)]);
    await world.run(garbageCollector);
    const writes = world.api.writes.length;
    for (let n = 0; n < 5; n++) {
      await world.client.patch(CONFIG_MAPS, { namespace: 'ns', name: 'b' }, { type: 'merge', body: { data: { n: `${n}` } } });
    }
    await world.settle(1000);
    assert.equal(world.api.writes.length, writes + 5);
  });
});

describe('garbageCollector with resources that come and go', () => {
  it('follows those that are served', async () => {
    const isSecrets = ({ group, resource }: { group: string; resource: string }) => group === '' && resource === 'secrets';
    let served = BUILTIN_RESOURCES.filter((info) => !isSecrets(info));
    let changed = () => {};
    const onResourcesChange = (listener: () => void) => {
      changed = listener;
      return { close: () => {} };
    };
    const secret = async (name: string, owner: KubeObject) =>
      await world.create(SECRETS, { metadata: { name, namespace: 'ns', ownerReferences: [refTo(owner)] } });
    const a = await make('a');
    await secret('s', a);
    await world.run((deps) => garbageCollector({ ...deps, resources: () => served, onResourcesChange }));
    await remove('a');
    await world.settle(100);
    assert.equal((await world.all(SECRETS)).length, 1);
    served = [...BUILTIN_RESOURCES];
    changed();
    await world.settle(1_000);
    assert.deepEqual(await world.all(SECRETS), []);
    served = BUILTIN_RESOURCES.filter((info) => !isSecrets(info));
    changed();
    await secret('t', await make('b'));
    await remove('b');
    await world.settle(1_000);
    assert.equal((await world.all(SECRETS)).length, 1);
  });
});

describe('garbageCollector with resources of other servers', () => {
  const isLeases = ({ group, resource }: { group: string; resource: string }) => group === 'coordination.k8s.io' && resource === 'leases';
  const LEASES = BUILTIN_RESOURCES.find(isLeases) ?? assert.fail('no leases');
  /** Leases are another server's, which may answer or not. */
  let answers = true;
  let changed = () => {};

  const run = () =>
    world.run((deps) =>
      garbageCollector({
        ...deps,
        resources: () => BUILTIN_RESOURCES.filter((info) => !isLeases(info)),
        extensions: () => ({ resources: answers ? [LEASES] : [], unreachable: [] }),
        onResourcesChange(listener) {
          changed = listener;
          return { close: () => {} };
        },
      }),
    );
  const lease = async (name: string, ownerReferences: OwnerReference[] = []) =>
    await world.create<KubeObject>(LEASES, {
      apiVersion: 'coordination.k8s.io/v1',
      kind: 'Lease',
      metadata: { name, namespace: 'ns', ownerReferences },
    });

  it('deletes dependents of their objects, and their objects with owners here', async () => {
    answers = true;
    const owner = await lease('owner');
    await make('here', [refTo(owner)]);
    const a = await make('a');
    await lease('there', [refTo(a)]);
    await run();
    await remove('a');
    await world.client.delete(LEASES, { namespace: 'ns', name: 'owner' }, { propagationPolicy: 'Background' });
    await world.settle(100);
    assert.deepEqual(await names(), []);
    assert.deepEqual(await world.all(LEASES), []);
  });

  it('keeps dependents while the server of their owner does not answer, and asks when it does again', async () => {
    answers = false;
    const owner = await lease('owner');
    await make('held', [refTo(owner)]);
    await make('orphaned', [{ ...refTo(owner), name: 'gone', uid: 'gone' }]);
    await run();
    await world.settle(300_000);
    assert.deepEqual(await names(), ['held', 'orphaned']);
    answers = true;
    changed();
    await world.settle(100);
    assert.deepEqual(await names(), ['held']);
  });

  it('keeps them when the server fails between, too', async () => {
    answers = true;
    const owner = await lease('owner');
    await run();
    world.api.before = ({ verb, resource }) => {
      if (verb === 'get' && isLeases(resource)) throw internalError('no answer');
    };
    await make('kept', [{ ...refTo(owner), name: 'gone', uid: 'gone' }]);
    await world.settle(10_000);
    assert.deepEqual(await names(), ['kept']);
  });

  it('looks again at an owner that no list has shown, until one does', async () => {
    answers = true;
    let isSilent = true;
    world.api.before = ({ verb, resource }) => {
      if (isSilent && (verb === 'list' || verb === 'watch') && isLeases(resource)) throw internalError('no answer');
    };
    const owner = await lease('owner');
    await make('b', [refTo(owner)]);
    await run();
    assert.deepEqual(await names(), ['b']);
    isSilent = false;
    await world.client.delete(LEASES, { namespace: 'ns', name: 'owner' }, { propagationPolicy: 'Background' });
    await world.settle(20_000);
    assert.deepEqual(await names(), []);
  });

  it('does not wait for another server with what is here', async () => {
    answers = true;
    world.api.before = ({ verb, resource }) => {
      if ((verb === 'list' || verb === 'watch') && isLeases(resource)) throw internalError('no answer');
    };
    const a = await make('a');
    await make('b', [refTo(a)]);
    await run();
    await remove('a');
    await world.settle(100);
    assert.deepEqual(await names(), []);
  });
});
