import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { NODES } from '../../../../src/client/resources.ts';
import { ttlController, ttlSeconds } from '../../../../src/server/controllers/node-ttl.ts';
import { inWorld } from '../../../support/controller-world.ts';

describe('ttlSeconds', () => {
  for (const [nodes, seconds] of [
    [1, 0],
    [100, 0],
    [101, 15],
    [501, 30],
    [1001, 60],
    [2001, 300],
  ] as const) {
    it(`of ${nodes} nodes is ${seconds}`, () => assert.equal(ttlSeconds(nodes), seconds));
  }
});

describe('ttlController', () => {
  it('annotates nodes, again when somebody takes the annotation off', () =>
    inWorld(async (world) => {
      const ttl = async (): Promise<string | undefined> =>
        (await world.get(NODES, 'n1'))?.metadata.annotations?.['node.alpha.kubernetes.io/ttl'];
      await world.create(NODES, { metadata: { name: 'n1' }, spec: {} });
      await world.run(ttlController);
      assert.equal(await ttl(), '0');
      const patch = { type: 'merge', body: { metadata: { annotations: null } } } as const;
      await world.client.patch(NODES, { namespace: '', name: 'n1' }, patch);
      await world.settle();
      assert.equal(await ttl(), '0');
    }));
});
