import assert from 'node:assert/strict';
import { afterEach, beforeEach, describe, it } from 'node:test';
import type { KubeObject } from '../../../../src/api/object.ts';
import { BUILTIN_RESOURCES } from '../../../../src/api/resources.ts';
import { forbidden } from '../../../../src/api/status-error.ts';
import type { Pod } from '../../../../src/api/types/core-v1.gen.ts';
import { CONFIG_MAPS, DEPLOYMENTS, NAMESPACES, PODS } from '../../../../src/client/resources.ts';
import { namespaceController } from '../../../../src/server/controllers/namespace.ts';
import { deletionOrder, planConditions } from '../../../../src/server/controllers/namespace-plan.ts';
import { ControllerWorld } from '../../../support/controller-world.ts';

const none = { unreachable: [], errors: [], remaining: new Map(), finalizers: new Map() };

describe('deletionOrder', () => {
  it('deletes pods first, then every other stored namespaced resource, each once', () => {
    const { first, rest } = deletionOrder([...BUILTIN_RESOURCES, ...BUILTIN_RESOURCES]);
    assert.deepEqual(
      first.map((r) => r.resource),
      ['pods'],
    );
    const names = rest.map((r) => r.resource);
    assert.equal(new Set(rest.map((r) => `${r.group}/${r.resource}`)).size, rest.length);
    for (const name of ['configmaps', 'secrets', 'services', 'deployments', 'leases', 'roles']) assert.ok(names.includes(name), name);
    for (const name of ['namespaces', 'nodes', 'bindings', 'localsubjectaccessreviews', 'pods']) assert.ok(!names.includes(name), name);
  });
});

describe('planConditions', () => {
  const cases = [
    ['nothing left', none, ['False', 'False', 'False', 'False', 'False'], 'All content successfully removed'],
    [
      'content left',
      {
        ...none,
        remaining: new Map([
          ['pods', 2],
          ['deployments.apps', 1],
        ]),
      },
      ['False', 'False', 'False', 'True', 'False'],
      'Some resources are remaining: deployments.apps has 1 resource instances, pods. has 2 resource instances',
    ],
    [
      'finalizers left',
      { ...none, finalizers: new Map([['a/b', 3]]) },
      ['False', 'False', 'False', 'False', 'True'],
      'a/b in 3 resource instances',
    ],
    ['errors', { ...none, errors: ['b', 'a'] }, ['False', 'False', 'True', 'False', 'False'], '2 remaining: a, b'],
    [
      'servers that do not answer',
      {
        ...none,
        unreachable: [
          { group: 'b.example', version: 'v1' },
          { group: 'a.example', version: 'v2' },
        ],
      },
      ['True', 'False', 'False', 'False', 'False'],
      'Discovery failed for some groups, 2 failing: unable to retrieve the complete list of server APIs: ' +
        'a.example/v2: stale GroupVersion discovery: a.example/v2, b.example/v1: stale GroupVersion discovery: b.example/v1',
    ],
  ] as const;
  for (const [title, outcome, statuses, text] of cases) {
    it(`tells ${title}`, () => {
      const conditions = planConditions([], outcome, 't1');
      assert.deepEqual(
        conditions.map((c) => c.status),
        statuses,
      );
      assert.ok(
        conditions.some((c) => c.message?.includes(text)),
        text,
      );
    });
  }

  it('keeps the time of what did not change, and the conditions of others', () => {
    const other = { type: 'Mine', status: 'True' };
    const before = planConditions([other], none, 't1');
    const after = planConditions(before, { ...none, errors: ['x'] }, 't2');
    assert.deepEqual(
      after.map((c) => c.lastTransitionTime),
      [undefined, 't1', 't1', 't2', 't1', 't1'],
    );
  });
});

describe('namespaceController', () => {
  let world: ControllerWorld;
  const pod = (extra: object = {}): Pod & KubeObject => ({
    metadata: { name: 'web', namespace: 'ns', ...extra },
    spec: { containers: [] },
  });

  beforeEach(async () => {
    world = new ControllerWorld();
    await world.create(NAMESPACES, { metadata: { name: 'ns' }, spec: {} });
    await world.create(CONFIG_MAPS, { metadata: { name: 'keep', namespace: 'other' } });
    await world.create(CONFIG_MAPS, { metadata: { name: 'a', namespace: 'ns' } });
  });
  afterEach(async () => {
    await world.stop();
    assert.deepEqual(world.errors, []);
  });
  const remove = () => world.client.delete(NAMESPACES, { namespace: '', name: 'ns' });
  const condition = async (type: string) => (await world.get(NAMESPACES, 'ns'))?.status?.conditions?.find((c) => c.type === type);

  it('leaves a living namespace alone', async () => {
    const writes = world.api.writes.length;
    await world.run(namespaceController);
    assert.equal(world.api.writes.length, writes);
  });

  it('deletes all content of a deleted namespace, then the namespace', async () => {
    await world.create(PODS, pod());
    await world.create(DEPLOYMENTS, { metadata: { name: 'd', namespace: 'ns' } } as never);
    await world.run(namespaceController);
    await remove();
    await world.settle();
    assert.equal(await world.get(NAMESPACES, 'ns'), undefined);
    assert.deepEqual(await world.all(PODS), []);
    assert.deepEqual(
      (await world.all(CONFIG_MAPS)).map((c) => c.metadata.name),
      ['keep'],
    );
  });

  it('waits for pods to end before it touches anything else', async () => {
    await world.create(PODS, { ...pod(), spec: { containers: [], nodeName: 'n1' } });
    await world.run(namespaceController);
    await remove();
    await world.settle();
    assert.ok(await world.get(CONFIG_MAPS, 'ns/a'));
    assert.match((await condition('NamespaceContentRemaining'))?.message ?? '', /pods\. has 1 resource instances/);
    await world.client.delete(PODS, { namespace: 'ns', name: 'web' }, { gracePeriodSeconds: 0 });
    await world.settle();
    assert.equal(await world.get(NAMESPACES, 'ns'), undefined);
  });

  it('names finalizers that hold content, and goes on when they are gone', async () => {
    await world.create(CONFIG_MAPS, { metadata: { name: 'held', namespace: 'ns', finalizers: ['example.com/f'] } });
    await world.run(namespaceController);
    await remove();
    await world.settle();
    assert.equal((await condition('NamespaceFinalizersRemaining'))?.status, 'True');
    assert.match((await condition('NamespaceFinalizersRemaining'))?.message ?? '', /example.com\/f in 1 resource instances/);
    await world.client.patch(CONFIG_MAPS, { namespace: 'ns', name: 'held' }, { type: 'merge', body: { metadata: { finalizers: null } } });
    await world.settle(2000);
    assert.equal(await world.get(NAMESPACES, 'ns'), undefined);
  });

  it('reports failures, deletes the rest, and retries', async () => {
    let broken = true;
    world.api.before = ({ verb, resource }) => {
      if (broken && verb === 'deletecollection' && resource.resource === 'configmaps') throw forbidden(resource, '', 'a webhook says no');
    };
    await world.run(namespaceController);
    await remove();
    await world.settle();
    assert.match((await condition('NamespaceDeletionContentFailure'))?.message ?? '', /1 remaining: configmaps: .*a webhook says no/);
    broken = false;
    await world.settle(1000);
    assert.equal(await world.get(NAMESPACES, 'ns'), undefined);
  });

  it('deletes what it can find while an extension API server does not answer, and waits for that', async () => {
    let unreachable = [{ group: 'a.example', version: 'v1' }];
    await world.run((deps) => namespaceController({ ...deps, extensions: () => ({ resources: [], unreachable }) }));
    await remove();
    await world.settle();
    assert.equal((await condition('NamespaceDeletionDiscoveryFailure'))?.reason, 'DiscoveryFailed');
    assert.equal((await condition('NamespaceContentRemaining'))?.status, 'False');
    assert.equal(await world.get(CONFIG_MAPS, 'ns/a'), undefined);
    unreachable = [];
    await world.settle(10_000);
    assert.equal(await world.get(NAMESPACES, 'ns'), undefined);
  });
});
