// Two nodes in network namespaces on one bridge-less link: pods reach each other over VXLAN and over plain routes, peers come and go.

import assert from 'node:assert/strict';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, suite, test } from 'node:test';
import { runCniClient } from '../../src/agent/network/cni-client.ts';
import type { Backend } from '../../src/agent/network/network-plan.ts';
import { cleanUpNetwork, NodeNetwork } from '../../src/agent/network/node-network.ts';
import type { Node } from '../../src/api/types/core-v1.gen.ts';
import { systemClock } from '../../src/base/clock.ts';
import { silentLogger } from '../../src/base/log.ts';
import { LocalClient } from '../../src/client/local-client.ts';
import { NODES } from '../../src/client/resources.ts';
import { SharedInformerFactory } from '../../src/client/shared-informer.ts';
import { FakeApi } from '../support/fake-api.ts';
import { connectNetns, createNetns, type Netns } from '../support/netns.ts';

const quietProxy = { setHostPorts: async () => {}, setNodeFacts: () => {} };

suite('NodeNetwork', () => {
  let dir = '';
  let nodes: Netns[] = [];
  let pods: Netns[] = [];
  const api = new FakeApi(systemClock);
  const client = new LocalClient(api, { name: 'test', groups: [] });
  const stops: (() => Promise<void>)[] = [];
  /** What the runtimes of both nodes have. */
  let sandboxes = new Set<string>();

  const node = (i: number): Node => ({
    apiVersion: 'v1',
    kind: 'Node',
    metadata: { name: `n${i}` },
    spec: { podCIDR: `10.42.${i}.0/24`, podCIDRs: [`10.42.${i}.0/24`] },
    status: { addresses: [{ type: 'InternalIP', address: `172.31.8.1${i}` }] },
  });
  const at = <T>(list: T[], i: number): T => list[i - 1] ?? assert.fail();
  const residue = (i: number) => ({ confDir: join(dir, `n${i}/net.d`), socketPath: join(dir, `n${i}.sock`) });

  const startNode = async (i: number, backend: Backend): Promise<NodeNetwork> => {
    const informers = new SharedInformerFactory({ client, clock: systemClock, log: silentLogger });
    const network = new NodeNetwork(
      { nodeName: `n${i}`, backend, dataDir: join(dir, `n${i}/pods`), ...residue(i) },
      { informers, proxy: quietProxy, sandboxIds: async () => sandboxes, exec: at(nodes, i).exec, clock: systemClock, log: silentLogger },
    );
    await network.start();
    stops.push(async () => {
      await network.stop();
      await informers.stop();
    });
    return network;
  };
  const cni = (i: number, command: string) => {
    const pod = at(pods, i);
    const env = { CNI_COMMAND: command, CNI_CONTAINERID: pod.name, CNI_NETNS: pod.path, CNI_IFNAME: 'eth0' };
    return runCniClient(env, JSON.stringify({ cniVersion: '1.0.0', name: 'kts', type: 'kts', socket: residue(i).socketPath }));
  };
  const reaches = async (i: number, ip: string): Promise<boolean> => (await at(pods, i).sh(`busybox ping -c1 -W2 ${ip}`)).code === 0;
  const until = async (check: () => Promise<boolean>, what: string): Promise<void> => {
    for (let i = 0; !(await check()); i += 1) {
      assert.ok(i < 100, what);
      await systemClock.sleep(50);
    }
  };

  before(async () => {
    dir = await mkdtemp(join(tmpdir(), 'kts-nodes-'));
    nodes = [await createNetns('n1'), await createNetns('n2')];
    pods = [await createNetns('p1'), await createNetns('p2')];
    sandboxes = new Set(pods.map((pod) => pod.name));
    await connectNetns(
      { ns: at(nodes, 1), link: 'eth0', address: '172.31.8.11/24' },
      { ns: at(nodes, 2), link: 'eth0', address: '172.31.8.12/24' },
    );
    await client.create(NODES, node(1));
  });

  const stopAll = async (): Promise<void> => {
    for (const stop of stops.splice(0)) await stop();
  };

  after(async () => {
    await stopAll();
    for (const ns of [...pods, ...nodes]) await ns.remove();
    await rm(dir, { recursive: true });
  });

  test('waits for a pod CIDR, then announces itself to the runtime', async () => {
    const n1 = await startNode(1, 'vxlan');
    const n2 = await startNode(2, 'vxlan');
    assert.equal(JSON.parse((await cni(2, 'ADD')).stdout).code, 11);
    await client.create(NODES, node(2));
    await Promise.all([n1.ready(), n2.ready()]);
    assert.equal(JSON.parse(await readFile(join(dir, 'n1/net.d/10-kts.conflist'), 'utf8')).plugins[0].type, 'kts');
  });

  test('carries packets between pods of two nodes over VXLAN, up to the MTU', async () => {
    assert.equal(JSON.parse((await cni(1, 'ADD')).stdout).ips[0].address, '10.42.1.2/24');
    assert.equal(JSON.parse((await cni(2, 'ADD')).stdout).ips[0].address, '10.42.2.2/24');
    await until(() => reaches(1, '10.42.2.2'), 'n1 to n2');
    assert.equal(await reaches(2, '10.42.1.2'), true);
    assert.equal((await at(pods, 1).sh('busybox ping -c1 -W2 -s 1422 10.42.2.2')).code, 0);
    assert.match((await at(pods, 1).sh('ip link show eth0')).stdout, /mtu 1450/);
    assert.equal((await at(nodes, 1).sh('busybox ping -c1 -W2 10.42.2.2')).code, 0, 'the node reaches pods of its peer');
  });

  test('takes the way away with the peer and makes it again when the peer returns', async () => {
    await client.delete(NODES, { namespace: '', name: 'n2' });
    const routes = async () => (await at(nodes, 1).sh('ip route show proto 107; bridge fdb show dev kts.vx | grep dst')).stdout;
    await until(async () => (await routes()) === '', 'route and forwarding entry are removed');
    await client.create(NODES, node(2));
    await until(() => reaches(1, '10.42.2.2'), 'n2 is back');
  });

  test('follows a peer whose address changes', async () => {
    await at(nodes, 2).sh('ip addr add 172.31.8.22/24 dev eth0');
    await client.patch(
      NODES,
      { namespace: '', name: 'n2' },
      { type: 'merge', body: { metadata: { annotations: { 'kts.io/public-ip': '172.31.8.22' } } } },
    );
    await until(async () => (await at(nodes, 1).sh('bridge fdb show dev kts.vx')).stdout.includes('dst 172.31.8.22'), 'new address');
    assert.doesNotMatch((await at(nodes, 1).sh('bridge fdb show dev kts.vx')).stdout, /172\.31\.8\.12/);
    await client.patch(NODES, { namespace: '', name: 'n2' }, { type: 'merge', body: { metadata: { annotations: null } } });
  });

  test('keeps pods connected over a restart with another backend, and removes what that one does not need', async () => {
    await stopAll();
    assert.equal(await reaches(1, '10.42.2.2'), true, 'the network stays while the agent is away');
    await Promise.all([(await startNode(1, 'auto')).ready(), (await startNode(2, 'host-gw')).ready()]);
    await until(() => reaches(1, '10.42.2.2'), 'plain routes');
    assert.match((await at(nodes, 1).sh('ip route show proto 107')).stdout, /10\.42\.2\.0\/24 via 172\.31\.8\.12 dev eth0/);
    assert.equal((await at(nodes, 2).sh('ip link show kts.vx')).code, 1);
  });

  test('makes routes again that went with the link, as soon as the node is ready again', async () => {
    const name = { namespace: '', name: 'n1' };
    const ready = (status: string) =>
      client.patch(
        NODES,
        name,
        { type: 'merge', body: { status: { conditions: [{ type: 'Ready', status }] } } },
        { subresource: 'status' },
      );
    await at(nodes, 1).sh('ip link set eth0 down; ip link set eth0 up');
    assert.doesNotMatch((await at(nodes, 1).sh('ip route')).stdout, /10\.42\.2\.0/);
    await ready('Unknown');
    await ready('True');
    await until(() => reaches(1, '10.42.2.2'), 'the route is back');
  });

  test('frees the address of a pod that vanished while the agent was away', async () => {
    await stopAll();
    await at(nodes, 1).sh("ip -o link show type veth | grep -o 'kts[0-9a-f]*' | while read link; do ip link del $link; done");
    await (await startNode(1, 'auto')).ready();
    assert.deepEqual(await readdir(join(dir, 'n1/pods')), []);
    assert.equal((await cni(1, 'ADD')).exitCode, 0);
    assert.equal((await readdir(join(dir, 'n1/pods'))).length, 1);
  });

  test('frees what a sandbox left that the runtime no longer knows', async () => {
    await stopAll();
    sandboxes = new Set();
    await (await startNode(1, 'auto')).ready();
    assert.deepEqual(await readdir(join(dir, 'n1/pods')), []);
    assert.doesNotMatch((await at(nodes, 1).sh('ip -o link show type veth')).stdout, /kts[0-9a-f]{12}@/);
  });

  test('removes everything on request, again without harm', async () => {
    await stopAll();
    for (const i of [1, 2, 1, 2]) await cleanUpNetwork(residue(i), at(nodes, i).exec);
    for (const i of [1, 2]) {
      const left = await at(nodes, i).sh('ip -br link; ip route show proto 107; ls net.d 2>/dev/null');
      assert.doesNotMatch(left.stdout, /kts|10\.42/);
    }
  });
});
