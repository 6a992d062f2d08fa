// Services on real packets: a node with two pods and a machine outside, in network namespaces, rules by the proxy from a fake API.

import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, suite, test } from 'node:test';
import { cleanUpProxy, ServiceProxy } from '../../src/agent/proxy/service-proxy.ts';
import type { Service } from '../../src/api/types/core-v1.gen.ts';
import type { EndpointSlice } from '../../src/api/types/discovery-v1.gen.ts';
import { systemClock } from '../../src/base/clock.ts';
import { type Exec, systemExec } from '../../src/base/exec.ts';
import { silentLogger } from '../../src/base/log.ts';
import { LocalClient } from '../../src/client/local-client.ts';
import { ENDPOINT_SLICES, SERVICES } from '../../src/client/resources.ts';
import { SharedInformerFactory } from '../../src/client/shared-informer.ts';
import { AttachmentJournal } from '../../src/cni/attachment-journal.ts';
import { BridgePlugin, type HostPort } from '../../src/cni/bridge-plugin.ts';
import { FakeApi } from '../support/fake-api.ts';
import { connectNetns, createNetns, type Netns } from '../support/netns.ts';

const PEER = join(import.meta.dirname, '../support/net-peer.ts');
const A = '10.42.1.2';
const B = '10.42.1.3';
const NODE = '172.31.9.11';

suite('ServiceProxy', () => {
  let dir = '';
  let node: Netns;
  let failing = false;
  const nodeExec: Exec = {
    run: (command, args, options) => (failing ? node.exec.run('false', []) : node.exec.run(command, args, options)),
  };
  let a: Netns;
  let b: Netns;
  let outside: Netns;
  let proxy: ServiceProxy;
  let informers: SharedInformerFactory;
  let plugin: BridgePlugin;
  const api = new FakeApi(systemClock);
  const client = new LocalClient(api, { name: 'test', groups: [] });
  const servers = new AbortController();
  const running: Promise<unknown>[] = [];

  before(async () => {
    dir = await mkdtemp(join(tmpdir(), 'kts-proxy-'));
    [node, a, b, outside] = [await createNetns('node'), await createNetns('a'), await createNetns('b'), await createNetns('out')];
    await connectNetns({ ns: node, link: 'eth0', address: `${NODE}/24` }, { ns: outside, link: 'eth0', address: '172.31.9.1/24' });
    await node.sh(`ip link add kts0 type bridge && ip addr add 10.42.1.1/24 dev kts0 && ip link set kts0 up
      ip route add default via 172.31.9.1; sysctl -qw net.ipv4.ip_forward=1 net.bridge.bridge-nf-call-iptables=1 net.ipv4.conf.kts0.route_localnet=1`);
    await startProxy();
    const journal = new AttachmentJournal({ dir }, { log: silentLogger });
    await journal.load();
    plugin = new BridgePlugin(
      { bridge: 'kts0', mtu: 1450, subnet: '10.42.1.0/24', gateway: '10.42.1.1' },
      { exec: node.exec, log: silentLogger, journal, setHostPorts: (ports) => proxy.setHostPorts(ports) },
    );
    await addPod(a, [{ hostPort: 7000, containerPort: 8080, protocol: 'tcp', hostIp: '' }]);
    await addPod(b, [{ hostPort: 7001, containerPort: 8080, protocol: 'tcp', hostIp: '127.0.0.1' }]);
    await serve(a, 'a');
    await serve(b, 'b');
  });

  after(async () => {
    await proxy.stop();
    await informers.stop();
    servers.abort();
    await Promise.allSettled(running);
    for (const ns of [a, b, outside, node]) await ns.remove();
    await rm(dir, { recursive: true });
  });

  const startProxy = async (hostPorts: readonly HostPort[] = []): Promise<void> => {
    informers = new SharedInformerFactory({ client, clock: systemClock, log: silentLogger });
    const addresses = { clusterCidrs: ['10.42.0.0/16'], serviceCidrs: ['10.43.0.0/16'], localAddresses: ['10.43.0.10'] };
    proxy = new ServiceProxy(
      { nodeName: 'n1', ...addresses, statePath: join(dir, 'proxy.json') },
      { informers, exec: nodeExec, clock: systemClock, log: silentLogger },
    );
    await proxy.setHostPorts(hostPorts);
    await proxy.start();
    await proxy.ready();
  };
  type Ports = Parameters<BridgePlugin['add']>[0]['portMappings'];
  const addPod = (ns: Netns, portMappings: Ports) =>
    plugin.add({
      command: 'ADD',
      containerId: ns.name,
      ifName: 'eth0',
      netns: ns.path,
      cniVersion: '1.0.0',
      network: 'kts',
      type: 'kts',
      portMappings,
      validAttachments: [],
    });
  const serve = async (ns: Netns, name: string): Promise<void> => {
    running.push(ns.exec.run(process.execPath, [PEER, 'serve', name, '8080'], { signal: servers.signal, timeoutMs: 300_000 }));
    for (let i = 0; i < 100 && (await ns.sh('ss -Hlun "sport = 8080"')).stdout === ''; i += 1) await systemClock.sleep(50);
  };
  const ask = async (from: Netns, protocol: string, ip: string, port: number, count = 1): Promise<string[]> => {
    const result = await from.exec.run(process.execPath, [PEER, 'ask', protocol, ip, String(port), String(count)]);
    return JSON.parse(result.stdout);
  };
  const put = async (name: string, spec: Service['spec'], endpoints: EndpointSlice['endpoints'], status?: Service['status']) => {
    const metadata = { name, namespace: 'default' };
    await client.create(SERVICES, { apiVersion: 'v1', kind: 'Service', metadata, spec, ...(status && { status }) });
    await client.create(ENDPOINT_SLICES, slice(name, spec.ports?.[0]?.protocol ?? 'TCP', endpoints));
    await settled();
  };
  const slice = (name: string, protocol: string, endpoints: EndpointSlice['endpoints']): EndpointSlice => ({
    apiVersion: 'discovery.k8s.io/v1',
    kind: 'EndpointSlice',
    metadata: { name, namespace: 'default', labels: { 'kubernetes.io/service-name': name } },
    addressType: 'IPv4',
    ports: [{ name: '', protocol, port: 8080 }],
    endpoints: endpoints ?? [],
  });
  /** The table follows the informers, which follow the fake API within a turn or two of the event loop. */
  const settled = async (): Promise<void> => {
    await systemClock.sleep(50);
    await proxy.setHostPorts(plugin.hostPorts());
  };
  const here = (ip: string) => ({ addresses: [ip], nodeName: 'n1', conditions: { ready: true } });
  const names = (answers: string[]) => [...new Set(answers.map((answer) => answer.split(' ')[0]))].sort();

  test('balances a cluster address from pods and from the node, also to the pod itself', async () => {
    await put('web', { clusterIP: '10.43.0.80', ports: [{ protocol: 'TCP', port: 80, nodePort: 30080 }], type: 'NodePort' }, [
      here(A),
      here(B),
    ]);
    const fromPod = await ask(a, 'tcp', '10.43.0.80', 80, 30);
    assert.deepEqual(names(fromPod), ['a', 'b']);
    assert.ok(fromPod.includes(`b ${A}`), 'another pod of the node sees the client itself');
    assert.deepEqual(names(await ask(node, 'tcp', '10.43.0.80', 80, 30)), ['a', 'b']);
  });

  test('answers on the node port from outside and from the node', async () => {
    assert.deepEqual(names(await ask(outside, 'tcp', NODE, 30080, 30)), ['a', 'b']);
    assert.deepEqual(names(await ask(node, 'tcp', NODE, 30080, 10)), ['a', 'b']);
  });

  test('refuses at once when there is no endpoint, and serves when one comes', async () => {
    await put('none', { clusterIP: '10.43.0.81', ports: [{ protocol: 'TCP', port: 80, nodePort: 30081 }], type: 'NodePort' }, []);
    assert.deepEqual(await ask(a, 'tcp', '10.43.0.81', 80), ['ECONNREFUSED']);
    assert.deepEqual(await ask(node, 'tcp', '10.43.0.81', 80), ['ECONNREFUSED']);
    assert.deepEqual(await ask(outside, 'tcp', NODE, 30081), ['ECONNREFUSED']);
    await client.update(ENDPOINT_SLICES, slice('none', 'TCP', [here(B)]));
    await settled();
    assert.deepEqual(await ask(a, 'tcp', '10.43.0.81', 80), [`b ${A}`]);
  });

  test('keeps a client on one endpoint with session affinity, others elsewhere', async () => {
    const spec = { clusterIP: '10.43.0.82', ports: [{ protocol: 'TCP', port: 80 }], sessionAffinity: 'ClientIP' };
    await put('sticky', spec, [here(A), here(B)]);
    for (const from of [a, b, node]) assert.equal(names(await ask(from, 'tcp', '10.43.0.82', 80, 12)).length, 1);
  });

  test('with externalTrafficPolicy Local keeps the address of the client, and drops where no endpoint is here', async () => {
    const ports = [{ protocol: 'TCP', port: 80, nodePort: 30083 }];
    await put('local', { clusterIP: '10.43.0.83', ports, type: 'NodePort', externalTrafficPolicy: 'Local' }, [here(A)]);
    assert.deepEqual(await ask(outside, 'tcp', NODE, 30083), ['a 172.31.9.1']);
    await client.update(ENDPOINT_SLICES, slice('local', 'TCP', [{ addresses: ['10.42.2.2'], nodeName: 'n2' }]));
    await settled();
    assert.deepEqual(await ask(outside, 'tcp', NODE, 30083), ['ETIMEDOUT']);
  });

  test('lets only the source ranges use a load balancer address', async () => {
    const spec = { clusterIP: '10.43.0.84', ports: [{ protocol: 'TCP', port: 84 }], type: 'LoadBalancer' };
    const status = { loadBalancer: { ingress: [{ ip: NODE }] } };
    await put('fenced', { ...spec, loadBalancerSourceRanges: ['172.31.9.0/30'] }, [here(A)], status);
    assert.deepEqual(names(await ask(outside, 'tcp', NODE, 84)), ['a']);
    await client.update(SERVICES, {
      apiVersion: 'v1',
      kind: 'Service',
      metadata: { name: 'fenced', namespace: 'default' },
      spec: { ...spec, loadBalancerSourceRanges: ['192.0.2.0/24'] },
      status,
    });
    await settled();
    assert.deepEqual(await ask(outside, 'tcp', NODE, 84), ['ETIMEDOUT']);
  });

  test('balances UDP, and forgets a flow whose endpoint went', async () => {
    const ports = [{ protocol: 'UDP', port: 53 }];
    await put('udp', { clusterIP: '10.43.0.85', ports }, [here(B)]);
    const asking = ask(a, 'udp', '10.43.0.85', 53, 1);
    assert.deepEqual(await asking, [`b ${A}`]);
    assert.match((await node.sh('conntrack -L -p udp --orig-dst 10.43.0.85')).stdout, /10\.42\.1\.3/);
    await client.update(ENDPOINT_SLICES, slice('udp', 'UDP', [here(A)]));
    await settled();
    assert.equal((await node.sh('conntrack -L -p udp --orig-dst 10.43.0.85')).stdout, '');
    assert.deepEqual(names(await ask(b, 'udp', '10.43.0.85', 53)), ['a']);
  });

  test('opens host ports from outside, from pods and from the node, and on one address only where asked', async () => {
    assert.deepEqual(await ask(outside, 'tcp', NODE, 7000), ['a 172.31.9.1']);
    assert.deepEqual(names(await ask(b, 'tcp', NODE, 7000)), ['a']);
    assert.deepEqual(names(await ask(a, 'tcp', NODE, 7000)), ['a']);
    assert.deepEqual(names(await ask(node, 'tcp', '127.0.0.1', 7000)), ['a']);
    assert.deepEqual(names(await ask(node, 'tcp', '127.0.0.1', 7001)), ['b']);
    assert.deepEqual(await ask(outside, 'tcp', NODE, 7001), ['ECONNREFUSED']);
  });

  test('hides pods behind the node on their way out', async () => {
    await serve(outside, 'out');
    assert.deepEqual(await ask(a, 'tcp', '172.31.9.1', 8080), [`out ${NODE}`]);
  });

  test('leaves an address to the node that answers it itself', async () => {
    await node.sh('ip addr add 10.43.0.10/32 dev lo scope host');
    await serve(node, 'dns');
    await put('dns', { clusterIP: '10.43.0.10', ports: [{ protocol: 'TCP', port: 8080 }] }, []);
    assert.deepEqual(await ask(a, 'tcp', '10.43.0.10', 8080), [`dns ${A}`]);
    assert.deepEqual(await ask(node, 'tcp', '10.43.0.10', 8080), ['dns 10.43.0.10']);
  });

  test('says so when nft fails, and makes up for it', async () => {
    failing = true;
    await client.create(SERVICES, {
      apiVersion: 'v1',
      kind: 'Service',
      metadata: { name: 'late', namespace: 'default' },
      spec: { clusterIP: '10.43.0.86', ports: [{ protocol: 'TCP', port: 80 }] },
    });
    await systemClock.sleep(20);
    await assert.rejects(proxy.setHostPorts(plugin.hostPorts()));
    failing = false;
    await settled();
    assert.deepEqual(await ask(a, 'tcp', '10.43.0.86', 80), ['ECONNREFUSED']);
  });

  test('goes on from the table of the process before: only what changed since is touched, and clients keep their endpoints', async () => {
    const table = async (): Promise<string> => (await node.sh('nft -a list table ip kts')).stdout;
    const restart = async (meanwhile: () => Promise<void>): Promise<void> => {
      await proxy.stop();
      await informers.stop();
      await meanwhile();
      await startProxy(plugin.hostPorts());
    };
    const before = await table();
    assert.match(before, /expires/, 'a client of session affinity is remembered');
    const stable = (text: string): string => text.replaceAll(/expires \S+/g, '');
    await restart(async () => {});
    assert.equal(stable(await table()), stable(before));
    await restart(() => client.delete(SERVICES, { namespace: 'default', name: 'fenced' }).then(() => {}));
    const after = await table();
    assert.doesNotMatch(after, /fenced/);
    assert.match(after, /expires/);
    const handle = /chain nat-prerouting \{ # handle (\d+)/;
    assert.equal(handle.exec(after)?.[1], handle.exec(before)?.[1]);
    await restart(() => node.sh('nft flush ruleset').then(() => {}));
    assert.deepEqual(names(await ask(a, 'tcp', '10.43.0.80', 80, 30)), ['a', 'b']);
  });

  test('removes the rules with the Service, and the whole table on request', async () => {
    await client.delete(SERVICES, { namespace: 'default', name: 'sticky' });
    await settled();
    assert.doesNotMatch((await node.sh('nft list table ip kts')).stdout, /sticky/);
    await cleanUpProxy(node.exec);
    assert.equal((await node.sh('nft list tables')).stdout, '');
    await client.delete(SERVICES, { namespace: 'default', name: 'none' });
    await settled();
    assert.deepEqual(names(await ask(a, 'tcp', '10.43.0.80', 80, 2)).length > 0, true);
    assert.equal((await systemExec.run('nft', ['list', 'table', 'ip', 'kts-none'])).code, 1);
  });
});
