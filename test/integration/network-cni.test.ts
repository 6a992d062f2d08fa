// The CNI plugin on real links, in network namespaces, called as the container runtime calls it: by both clients over the socket.

import assert from 'node:assert/strict';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, suite, test } from 'node:test';
import { runCniClient } from '../../src/agent/network/cni-client.ts';
import { CniServer } from '../../src/agent/network/cni-server.ts';
import { runOk, systemExec } from '../../src/base/exec.ts';
import { silentLogger } from '../../src/base/log.ts';
import { AttachmentJournal } from '../../src/cni/attachment-journal.ts';
import { BridgePlugin, type HostPort } from '../../src/cni/bridge-plugin.ts';
import { createNetns, type Netns } from '../support/netns.ts';

const CONF = { cniVersion: '1.0.0', name: 'kts', type: 'kts' };

suite('CNI', () => {
  let dir = '';
  let socket = '';
  let client = '';
  let node: Netns;
  let pods: Netns[] = [];
  let server: CniServer;
  let hostPorts: readonly HostPort[] = [];

  before(async () => {
    dir = await mkdtemp(join(tmpdir(), 'kts-cni-'));
    socket = join(dir, 'cni.sock');
    client = join(dir, 'kts');
    await runOk(systemExec, 'sh', ['scripts/native/build-cni-client.sh', client]);
    node = await createNetns('node');
    pods = [await createNetns('a'), await createNetns('b')];
    await node.sh('ip link add kts0 type bridge && ip addr add 10.42.1.1/24 dev kts0 && ip link set kts0 up');
    server = new CniServer({ socketPath: socket }, { log: silentLogger });
    await server.start();
  });

  after(async () => {
    await server.stop();
    for (const ns of [node, ...pods]) await ns.remove();
    await rm(dir, { recursive: true });
  });

  const call = (command: string, containerId: string, options: { netns?: string; conf?: object } = {}) => {
    const env = { CNI_COMMAND: command, CNI_CONTAINERID: containerId, CNI_NETNS: options.netns ?? '', CNI_IFNAME: 'eth0' };
    const input = JSON.stringify({ ...CONF, socket, ...options.conf });
    return { env, input };
  };
  const byC = async (command: string, id: string, options?: { netns?: string; conf?: object }) => {
    const { env, input } = call(command, id, options);
    const { code, stdout } = await systemExec.run(client, [], { env, input });
    return { exitCode: code, stdout };
  };
  const byTypeScript = (command: string, id: string, options?: { netns?: string; conf?: object }) => {
    const { env, input } = call(command, id, options);
    return runCniClient(env, input);
  };
  const pod = (n: number): Netns => pods[n] ?? assert.fail();
  const newPlugin = async (): Promise<BridgePlugin> => {
    const journal = new AttachmentJournal({ dir: join(dir, 'pods') }, { log: silentLogger });
    await journal.load();
    const setHostPorts = async (ports: readonly HostPort[]): Promise<void> => {
      hostPorts = ports;
    };
    const network = { bridge: 'kts0', mtu: 1450, subnet: '10.42.1.0/24', gateway: '10.42.1.1' };
    return new BridgePlugin(network, { exec: node.exec, log: silentLogger, journal, setHostPorts });
  };

  test('says try again before the node has a network', async () => {
    for (const run of [byC, byTypeScript]) {
      const reply = await run('ADD', 'c1', { netns: pod(0).path });
      assert.equal(reply.exitCode, 1);
      assert.equal(JSON.parse(reply.stdout).code, 11);
      assert.equal(JSON.parse((await run('STATUS', '')).stdout).code, 50);
    }
  });

  test('says try again when no agent listens', async () => {
    for (const run of [byC, byTypeScript]) {
      const reply = await run('ADD', 'c1', { netns: pod(0).path, conf: { socket: join(dir, 'nobody.sock') } });
      assert.equal(reply.exitCode, 1);
      assert.deepEqual(
        [JSON.parse(reply.stdout).code, JSON.parse(reply.stdout).msg],
        [11, 'the kts agent is not running: try again later'],
      );
    }
  });

  test('gives two pods addresses by which they reach each other and the node', async () => {
    server.setPlugin(await newPlugin());
    const portMappings = [{ hostPort: 8081, containerPort: 80, protocol: 'tcp' }];
    const a = await byC('ADD', 'c1', { netns: pod(0).path, conf: { runtimeConfig: { portMappings } } });
    const b = await byTypeScript('ADD', 'c2', { netns: pod(1).path });
    assert.deepEqual([a.exitCode, b.exitCode], [0, 0], a.stdout + b.stdout);
    assert.deepEqual(JSON.parse(a.stdout).ips, [{ address: '10.42.1.2/24', gateway: '10.42.1.1', interface: 2 }]);
    assert.deepEqual(hostPorts, [{ protocol: 'tcp', hostIp: '', hostPort: 8081, address: '10.42.1.2', containerPort: 80 }]);
    for (const address of ['10.42.1.3', '10.42.1.1', '127.0.0.1']) {
      assert.equal((await pod(0).sh(`busybox ping -c1 -W2 ${address}`)).code, 0, address);
    }
    const links = await node.sh('ip -d link show type veth');
    assert.equal(links.stdout.match(/hairpin on/g)?.length, 2);
    assert.equal(links.stdout.match(/mtu 1450/g)?.length, 2);
  });

  test('CHECK passes, and fails when the address is gone', async () => {
    assert.equal((await byC('CHECK', 'c2', { netns: pod(1).path })).exitCode, 0);
    await pod(1).sh('ip addr flush dev eth0');
    assert.equal(JSON.parse((await byC('CHECK', 'c2', { netns: pod(1).path })).stdout).code, 102);
  });

  test('a restarted agent knows the addresses in use', async () => {
    server.setPlugin(await newPlugin());
    const again = await byC('ADD', 'c2', { netns: pod(1).path });
    assert.equal(JSON.parse(again.stdout).ips[0].address, '10.42.1.4/24', again.stdout);
  });

  test('a failed ADD leaves nothing', async () => {
    const reply = await byC('ADD', 'c3', { netns: '/run/netns/kts-none' });
    assert.equal(JSON.parse(reply.stdout).code, 101);
    assert.deepEqual(await readdir(join(dir, 'pods')), ['10.42.1.2', '10.42.1.4']);
  });

  test('DEL removes link, address and host ports; again it does nothing; GC removes orphans', async () => {
    assert.equal((await byC('DEL', 'c1')).exitCode, 0);
    assert.equal((await byC('DEL', 'c1', { netns: pod(0).path })).exitCode, 0);
    assert.deepEqual(hostPorts, []);
    assert.deepEqual(await readdir(join(dir, 'pods')), ['10.42.1.4']);
    assert.equal((await pod(0).sh('ip link show eth0')).code, 1);
    const conf = { cniVersion: '1.1.0', 'cni.dev/valid-attachments': [] };
    assert.equal((await byC('GC', '', { conf })).exitCode, 0);
    assert.deepEqual(await readdir(join(dir, 'pods')), []);
    assert.equal((await node.sh('ip -o link show type veth')).stdout, '');
  });

  test('the client brings up the loopback interface under that name', async () => {
    const loopback = join(dir, 'loopback');
    await systemExec.run('ln', ['-s', 'kts', loopback]);
    const ns = await createNetns('lo');
    try {
      await ns.sh('ip link set lo down');
      const { env } = call('ADD', 'c9', { netns: ns.path });
      const result = await systemExec.run(loopback, [], { env, input: '{"cniVersion":"0.3.1","name":"cni-loopback","type":"loopback"}' });
      assert.equal(JSON.parse(result.stdout).ips[0].address, '127.0.0.1/8');
      assert.equal((await ns.sh('busybox ping -c1 -W1 127.0.0.1')).code, 0);
    } finally {
      await ns.remove();
    }
  });
});
