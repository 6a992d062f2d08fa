import assert from 'node:assert/strict';
import { test } from 'node:test';
import { NODES } from '../../../../src/client/resources.ts';
import { nodeIpamController } from '../../../../src/server/controllers/node-ipam.ts';
import { cidrPools, firstFreeCidr } from '../../../../src/server/controllers/node-ipam-plan.ts';
import { ControllerWorld } from '../../../support/controller-world.ts';

const CASES: readonly { title: string; cidr: string; used: string[]; want: string | undefined }[] = [
  { title: 'the first block', cidr: '10.42.0.0/16', used: [], want: '10.42.0.0/24' },
  { title: 'the first gap', cidr: '10.42.0.0/16', used: ['10.42.0.0/24', '10.42.2.0/24'], want: '10.42.1.0/24' },
  { title: 'past a larger block', cidr: '10.42.0.0/16', used: ['10.42.0.0/22'], want: '10.42.4.0/24' },
  { title: 'past a smaller block', cidr: '10.42.0.0/16', used: ['10.42.0.128/25'], want: '10.42.1.0/24' },
  { title: 'blocks of elsewhere do not count', cidr: '10.42.0.0/16', used: ['10.43.0.0/16', 'fd00::/64'], want: '10.42.0.0/24' },
  { title: 'nothing left', cidr: '10.42.0.0/23', used: ['10.42.0.0/24', '10.42.1.0/24'], want: undefined },
  { title: 'a cluster CIDR smaller than a block', cidr: '10.42.7.0/26', used: [], want: '10.42.7.0/26' },
  { title: 'IPv6', cidr: 'fd42::/48', used: ['fd42::/64'], want: 'fd42:0:0:1::/64' },
];
for (const { title, cidr, used, want } of CASES) {
  test(`firstFreeCidr finds ${title}`, () => {
    const [pool] = cidrPools([cidr]);
    assert.ok(pool);
    assert.equal(firstFreeCidr(pool, used), want);
  });
}

test('firstFreeCidr refuses what is no CIDR', () => {
  for (const cidr of ['10.42.0.0', '10.42.0.0/33', 'x/16']) {
    assert.throws(() => firstFreeCidr({ cidr, nodeMask: 24 }, []), RangeError);
  }
});

test('nodes get blocks of their own; a deleted node frees its block', async () => {
  const world = new ControllerWorld();
  try {
    await world.run((deps) => nodeIpamController({ ...deps, clusterCidrs: ['10.42.0.0/23'] }));
    for (const name of ['a', 'b', 'c']) await world.create(NODES, { metadata: { name }, spec: {} });
    await world.settle();
    const cidrs = async (): Promise<unknown> => (await world.all(NODES)).map((n) => [n.metadata.name, n.spec?.podCIDR, n.spec?.podCIDRs]);
    assert.deepEqual(await cidrs(), [
      ['a', '10.42.0.0/24', ['10.42.0.0/24']],
      ['b', '10.42.1.0/24', ['10.42.1.0/24']],
      ['c', undefined, undefined],
    ]);
    assert.deepEqual(world.events, ['c: CIDRNotAvailable Node c status is now: CIDRNotAvailable']);
    await world.client.delete(NODES, { namespace: '', name: 'a' });
    await world.settle();
    assert.equal((await world.get(NODES, 'c'))?.spec?.podCIDR, '10.42.0.0/24');
    assert.deepEqual(world.errors, []);
  } finally {
    await world.stop();
  }
});
