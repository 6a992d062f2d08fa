import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { KubeObject } from '../../../../src/api/object.ts';
import { quotaEvaluator } from '../../../../src/api/quota/quota-evaluator.ts';
import { BUILTIN_RESOURCES, groupResourceString } from '../../../../src/api/resources.ts';
import type { Pod, ResourceQuota } from '../../../../src/api/types/core-v1.gen.ts';
import { CONFIG_MAPS, PODS, RESOURCE_QUOTAS } from '../../../../src/client/resources.ts';
import { resourceQuotaController } from '../../../../src/server/controllers/resource-quota.ts';
import { countedResources, givesBack, planQuotaStatus } from '../../../../src/server/controllers/resource-quota-plan.ts';
import { type ControllerWorld, inWorld } from '../../../support/controller-world.ts';

type Quota = ResourceQuota & KubeObject;

const quotaOf = (hard: Record<string, string>, status?: ResourceQuota['status']): Quota => ({
  metadata: { name: 'q', namespace: 'ns' },
  spec: { hard },
  ...(status && { status }),
});
const pods = quotaEvaluator({ group: '', resource: 'pods' });
const podOf = (name: string, more: object = {}): Pod & KubeObject => ({
  metadata: { name, namespace: 'ns' },
  spec: { containers: [] },
  ...more,
});

describe('countedResources', () => {
  const namesOf = (hard: Record<string, string>): string[] =>
    countedResources(quotaOf(hard), BUILTIN_RESOURCES).map(({ resource }) => groupResourceString(resource));

  it('are those that the names of a quota count, each once', () => {
    assert.deepEqual(namesOf({ pods: '1', cpu: '1', 'count/deployments.apps': '1', 'requests.storage': '1Gi' }).sort(), [
      'deployments.apps',
      'persistentvolumeclaims',
      'pods',
    ]);
    assert.deepEqual(namesOf({ 'count/horizontalpodautoscalers.autoscaling': '1' }), ['horizontalpodautoscalers.autoscaling']);
    assert.deepEqual(namesOf({ 'count/widgets.example.com': '1', 'count/nodes': '1', 'count/events': '1' }), []);
  });
});

describe('givesBack', () => {
  const ended = podOf('p', { status: { phase: 'Succeeded' } });
  const cases: [string, Parameters<typeof givesBack>[0], boolean][] = [
    ['an object that is new', { type: 'added', object: podOf('p') }, false],
    ['an object that went', { type: 'deleted', object: podOf('p') }, true],
    ['a pod that has ended', { type: 'modified', object: ended, old: podOf('p') }, true],
    ['a label', { type: 'modified', object: podOf('p', { metadata: { labels: { a: 'b' } } }), old: podOf('p') }, false],
  ];
  for (const [title, change, want] of cases) {
    it(`of ${title} is ${want}`, () => {
      assert.ok(pods);
      assert.equal(givesBack(change, pods, 0), want);
    });
  }
});

describe('planQuotaStatus', () => {
  it('counts, and says nothing when the status is right', () => {
    assert.ok(pods);
    const counted = [{ evaluator: pods, objects: [podOf('a'), podOf('b')] }];
    const status = { hard: { pods: '5' }, used: { pods: '2' } };
    assert.deepEqual(planQuotaStatus(quotaOf({ pods: '5' }), counted, 0), status);
    assert.equal(planQuotaStatus(quotaOf({ pods: '5' }, status), counted, 0), undefined);
    assert.deepEqual(planQuotaStatus(quotaOf({ pods: '6' }, status), counted, 0), { hard: { pods: '6' }, used: { pods: '2' } });
  });
});

describe('resourceQuotaController', () => {
  const used = async (world: ControllerWorld): Promise<Record<string, string> | undefined> =>
    (await world.get(RESOURCE_QUOTAS, 'ns/q'))?.status?.used;

  it('counts what there is, and again soon after something went', () =>
    inWorld(async (world) => {
      await world.create(PODS, podOf('a'));
      await world.create(PODS, podOf('b'));
      await world.create(RESOURCE_QUOTAS, quotaOf({ pods: '5', configmaps: '5' }));
      await world.run(resourceQuotaController);
      assert.deepEqual(await used(world), { configmaps: '0', pods: '2' });
      await world.client.delete(PODS, { namespace: 'ns', name: 'a' }, { gracePeriodSeconds: 0 });
      await world.settle(100);
      assert.deepEqual(await used(world), { configmaps: '0', pods: '1' });
    }));

  it('counts in full every five minutes', () =>
    inWorld(async (world) => {
      await world.create(RESOURCE_QUOTAS, quotaOf({ configmaps: '5' }));
      await world.run(resourceQuotaController);
      // Nothing tells the controller of what is new: admission counts that, and here there is none.
      await world.create(CONFIG_MAPS, { metadata: { name: 'c', namespace: 'ns' } });
      await world.settle(299_000);
      assert.deepEqual(await used(world), { configmaps: '0' });
      await world.settle(1_000);
      assert.deepEqual(await used(world), { configmaps: '1' });
    }));
});
