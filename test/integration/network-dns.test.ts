// The DNS server on loopback sockets, asked by Node's own resolver (c-ares), with another server behind it.

import assert from 'node:assert/strict';
import { createSocket } from 'node:dgram';
import { Resolver } from 'node:dns/promises';
import { connect, createServer, type Server } from 'node:net';
import { after, before, suite, test } from 'node:test';
import { decode, encode, type Packet, streamDecode, streamEncode } from 'dns-packet';
import { DnsServer } from '../../src/agent/dns/dns-server.ts';
import { systemClock } from '../../src/base/clock.ts';
import { systemExec } from '../../src/base/exec.ts';
import { silentLogger } from '../../src/base/log.ts';
import { LocalClient } from '../../src/client/local-client.ts';
import { ENDPOINT_SLICES, NAMESPACES, SERVICES } from '../../src/client/resources.ts';
import { SharedInformerFactory } from '../../src/client/shared-informer.ts';
import { FakeApi } from '../support/fake-api.ts';

/** A resolver of the outside world: knows example.com and big.example; fails for broken.example. */
function outside(request: Buffer, isTcp: boolean): Buffer | undefined {
  const { id, questions = [] } = decode(request);
  const [question] = questions;
  if (!question || question.name === 'silent.example') return undefined;
  const reply: Packet = { type: 'response', id: id ?? 0, flags: 0x180, questions };
  const a = (data: string) => ({ type: 'A' as const, name: question.name, ttl: 60, data });
  if (question.name === 'broken.example') return encode({ ...reply, flags: 0x182 });
  if (question.name === 'big.example')
    return isTcp
      ? encode({ ...reply, answers: Array.from({ length: 60 }, (_, i) => a(`192.0.2.${i}`)) })
      : encode({ ...reply, flags: 0x380 });
  if (question.name === 'example.com' && question.type === 'A') return encode({ ...reply, answers: [a('192.0.2.1')] });
  return encode({ ...reply, flags: 0x183 });
}

suite('DnsServer', () => {
  const udp = createSocket('udp4');
  let tcp: Server;
  let server: DnsServer;
  let informers: SharedInformerFactory;
  let resolver: Resolver;
  const asked: string[] = [];
  const client = new LocalClient(new FakeApi(systemClock), { name: 'test', groups: [] });

  before(async () => {
    udp.on('message', (message, from) => {
      asked.push(decode(message).questions?.[0]?.name ?? '');
      const reply = outside(message, false);
      if (reply) udp.send(reply, from.port, from.address);
    });
    await new Promise<void>((resolve) => udp.bind(0, '127.0.0.2', resolve));
    tcp = createServer((socket) => {
      socket.on('data', (chunk) => {
        const reply = outside(encode(streamDecode(chunk) ?? {}), true);
        if (reply) socket.end(streamEncode(decode(reply)));
      });
    });
    await new Promise<void>((resolve) => tcp.listen(udp.address().port, '127.0.0.2', resolve));
    await client.create(NAMESPACES, { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'd' }, spec: {} });
    const service = (name: string, spec: object) =>
      client.create(SERVICES, { apiVersion: 'v1', kind: 'Service', metadata: { namespace: 'd', name }, spec });
    await service('web', { clusterIP: '10.43.0.80', ports: [{ name: 'http', port: 80 }] });
    await service('ext', { type: 'ExternalName', externalName: 'example.com' });
    await service('loop', { type: 'ExternalName', externalName: 'loop.d.svc.cluster.local' });
    await service('many', { clusterIP: 'None' });
    await client.create(ENDPOINT_SLICES, {
      apiVersion: 'discovery.k8s.io/v1',
      kind: 'EndpointSlice',
      metadata: { namespace: 'd', name: 'many', labels: { 'kubernetes.io/service-name': 'many' } },
      addressType: 'IPv4',
      endpoints: Array.from({ length: 90 }, (_, i) => ({ addresses: [`10.42.1.${i + 2}`] })),
    });
    informers = new SharedInformerFactory({ client, clock: systemClock, log: silentLogger });
    server = new DnsServer(
      {
        address: '127.0.0.1',
        port: 0,
        domain: 'cluster.local',
        clusterCidrs: ['10.42.0.0/16', '10.43.0.0/16'],
        // The first answers nothing: nobody listens there.
        upstreams: ['127.0.0.3', '127.0.0.2'],
        upstreamPort: udp.address().port,
      },
      { informers, exec: systemExec, clock: systemClock, log: silentLogger },
    );
    await server.start();
    await server.ready();
    resolver = new Resolver({ timeout: 5000, tries: 1 });
    resolver.setServers([`127.0.0.1:${server.port}`]);
  });

  after(async () => {
    await server.stop();
    await informers.stop();
    udp.close();
    tcp.close();
  });

  test('answers names of Services, ports and addresses', async () => {
    assert.deepEqual(await resolver.resolve4('web.d.svc.cluster.local', { ttl: true }), [{ address: '10.43.0.80', ttl: 5 }]);
    assert.deepEqual(await resolver.resolve4('WEB.D.svc.Cluster.Local'), ['10.43.0.80']);
    assert.deepEqual(await resolver.resolveSrv('_http._tcp.web.d.svc.cluster.local'), [
      { name: 'web.d.svc.cluster.local', port: 80, priority: 0, weight: 100, type: 'SRV' },
    ]);
    assert.deepEqual(await resolver.reverse('10.43.0.80'), ['web.d.svc.cluster.local']);
    assert.deepEqual(await resolver.resolveTxt('dns-version.cluster.local'), [['1.1.0']]);
    await assert.rejects(resolver.resolve4('none.d.svc.cluster.local'), { code: 'ENOTFOUND' });
    await assert.rejects(resolver.resolve6('web.d.svc.cluster.local'), { code: 'ENODATA' });
  });

  test('sends a long answer by TCP', async () => {
    assert.equal((await resolver.resolve4('many.d.svc.cluster.local')).length, 90);
    assert.equal((await resolver.resolve4('big.example')).length, 60);
  });

  test('asks others for other names, past a server that is down, and keeps what they say', async () => {
    assert.deepEqual(await resolver.resolve4('example.com'), ['192.0.2.1']);
    const before = asked.length;
    assert.deepEqual(await resolver.resolve4('example.com'), ['192.0.2.1']);
    assert.equal(asked.length, before);
    await assert.rejects(resolver.resolve4('nowhere.example'), { code: 'ENOTFOUND' });
    await assert.rejects(resolver.resolve4('broken.example'), { code: 'ESERVFAIL' });
  });

  test('answers an alias together with what it stands for, and gives up on a loop', async () => {
    assert.deepEqual(await resolver.resolve4('ext.d.svc.cluster.local'), ['192.0.2.1']);
    await assert.rejects(resolver.resolve4('loop.d.svc.cluster.local'), { code: 'ESERVFAIL' });
  });

  test('never asks others about the cluster', async () => {
    await assert.rejects(resolver.reverse('10.42.9.9'), { code: 'ENOTFOUND' });
    assert.equal(
      asked.some((name) => name.endsWith('cluster.local') || name.endsWith('arpa')),
      false,
    );
  });

  test('follows Services that come and go', async () => {
    await client.create(SERVICES, {
      apiVersion: 'v1',
      kind: 'Service',
      metadata: { namespace: 'd', name: 'new' },
      spec: { clusterIP: '10.43.0.81' },
    });
    await systemClock.sleep(50);
    assert.deepEqual(await resolver.resolve4('new.d.svc.cluster.local'), ['10.43.0.81']);
  });

  test('survives garbage and a client that sends half a message', async () => {
    const socket = createSocket('udp4');
    for (const bytes of [Buffer.alloc(0), Buffer.alloc(11, 255), Buffer.alloc(600, 0x11), Buffer.alloc(12)])
      socket.send(bytes, server.port, '127.0.0.1');
    const half = connect(server.port, '127.0.0.1', () => half.write(Buffer.of(0, 100, 1, 2)));
    assert.deepEqual(await resolver.resolve4('web.d.svc.cluster.local'), ['10.43.0.80']);
    socket.close();
    half.destroy();
  });
});
