import assert from 'node:assert/strict';
import { afterEach, beforeEach, describe, it } from 'node:test';
import type { KubeObject } from '../../../../src/api/object.ts';
import type { Pod, Service, ServiceSpec } from '../../../../src/api/types/core-v1.gen.ts';
import { ENDPOINT_SLICES, NODES, PODS, SERVICES } from '../../../../src/client/resources.ts';
import { endpointSliceController } from '../../../../src/server/controllers/endpoint-slice.ts';
import { endpointGroups } from '../../../../src/server/controllers/endpoint-slice-groups.ts';
import { ControllerWorld } from '../../../support/controller-world.ts';

interface PodShape {
  name?: string;
  ready?: boolean;
  ips?: string[];
  node?: string;
  phase?: string;
  metadata?: KubeObject['metadata'];
  spec?: Partial<NonNullable<Pod['spec']>>;
}

function pod({
  name = 'p',
  ready = true,
  ips = ['10.0.0.1'],
  node = 'n1',
  phase = 'Running',
  metadata,
  spec,
}: PodShape = {}): Pod & KubeObject {
  return {
    metadata: { name, namespace: 'ns', uid: `uid-${name}`, labels: { app: 'web' }, ...metadata },
    spec: { nodeName: node, containers: [{ name: 'c', ports: [{ name: 'web', containerPort: 8080 }] }], ...spec },
    status: { phase, podIPs: ips.map((ip) => ({ ip })), conditions: [{ type: 'Ready', status: ready ? 'True' : 'False' }] },
  };
}
const service = (spec: ServiceSpec = {}): Service & KubeObject => ({
  metadata: { name: 'web', namespace: 'ns', labels: { team: 'x' } },
  spec: {
    selector: { app: 'web' },
    clusterIP: '10.43.0.9',
    ipFamilies: ['IPv4'],
    ports: [{ name: 'http', port: 80, protocol: 'TCP', targetPort: 'web' }],
    ...spec,
  },
});
const node = { metadata: { name: 'n1', labels: { 'topology.kubernetes.io/zone': 'z1' } }, spec: {} };
const deletionTimestamp = '2026-01-01T00:00:00Z';

describe('endpointGroups', () => {
  const conditions: [string, ServiceSpec, PodShape, object | undefined][] = [
    ['a ready pod', {}, {}, { ready: true, serving: true, terminating: false }],
    ['a pod that is not ready', {}, { ready: false }, { ready: false, serving: false, terminating: false }],
    ['a ready pod that is going', {}, { metadata: { deletionTimestamp } }, { ready: false, serving: true, terminating: true }],
    ['not ready, but published', { publishNotReadyAddresses: true }, { ready: false }, { ready: true, serving: false, terminating: false }],
    ['a pod that ended', {}, { phase: 'Succeeded' }, undefined],
    ['a pod without address', {}, { ips: [] }, undefined],
    ['a pod of a node that is not there', {}, { node: 'n9' }, undefined],
    ['the same, but published', { publishNotReadyAddresses: true }, { node: 'n9' }, { ready: true, serving: true, terminating: false }],
  ];
  for (const [title, spec, shape, want] of conditions) {
    it(`judges ${title}`, () => {
      const { groups } = endpointGroups(
        service(spec),
        [pod({ ...shape, metadata: { name: 'p', labels: { app: 'web' }, ...shape.metadata } })],
        (n) => (n === 'n1' ? node : undefined),
      );
      assert.deepEqual(groups[0]?.endpoints[0]?.conditions, want);
    });
  }

  it('says where an endpoint is and what it is', () => {
    const shape = pod({ spec: { hostname: 'h', subdomain: 'web' } });
    const { groups } = endpointGroups(service(), [shape], () => node);
    assert.deepEqual(groups, [
      {
        addressType: 'IPv4',
        ports: [{ name: 'http', protocol: 'TCP', port: 8080 }],
        endpoints: [
          {
            addresses: ['10.0.0.1'],
            conditions: { ready: true, serving: true, terminating: false },
            hostname: 'h',
            targetRef: { kind: 'Pod', namespace: 'ns', name: 'p', uid: 'uid-p' },
            nodeName: 'n1',
            zone: 'z1',
          },
        ],
      },
    ]);
  });

  it('groups pods by the number their named port has', () => {
    const other = pod({
      name: 'q',
      ips: ['10.0.0.2'],
      spec: { containers: [{ name: 'c', ports: [{ name: 'web', containerPort: 9090 }] }] },
    });
    const { groups } = endpointGroups(service(), [pod(), other], () => node);
    assert.deepEqual(
      groups.map((g) => g.ports[0]?.port),
      [8080, 9090],
    );
  });

  it('serves both families of a dual-stack service, and only what a pod has', () => {
    const dual = service({ ipFamilies: ['IPv4', 'IPv6'] });
    const { groups } = endpointGroups(dual, [pod({ ips: ['10.0.0.1', 'fd00::1'] }), pod({ name: 'q', ips: ['10.0.0.2'] })], () => node);
    assert.deepEqual(
      groups.map((g) => [g.addressType, g.endpoints.map((e) => e.addresses[0])]),
      [
        ['IPv4', ['10.0.0.1', '10.0.0.2']],
        ['IPv6', ['fd00::1']],
      ],
    );
  });
});

describe('endpointSliceController', () => {
  let world: ControllerWorld;
  beforeEach(async () => {
    world = new ControllerWorld();
    await world.create(NODES, node);
  });
  afterEach(async () => {
    await world.stop();
    assert.deepEqual(world.errors, []);
  });
  const addresses = async () =>
    (await world.all(ENDPOINT_SLICES)).flatMap((s) => (s.endpoints ?? []).map((e) => `${e.addresses[0]} ${e.conditions?.ready}`));

  it('makes a slice that the service owns, with its labels', async () => {
    const { metadata: made } = await world.create(SERVICES, service());
    await world.create(PODS, pod());
    await world.run(endpointSliceController);
    const [slice, ...more] = await world.all(ENDPOINT_SLICES);
    assert.deepEqual(more, []);
    assert.match(slice?.metadata.name ?? '', /^web-/);
    assert.deepEqual(slice?.metadata.labels, {
      team: 'x',
      'kubernetes.io/service-name': 'web',
      'endpointslice.kubernetes.io/managed-by': 'endpointslice-controller.k8s.io',
    });
    assert.equal(slice?.metadata.ownerReferences?.[0]?.uid, made.uid);
    assert.deepEqual(await addresses(), ['10.0.0.1 true']);
  });

  it('follows pods as they come, become ready, change labels and go', async () => {
    await world.create(SERVICES, service());
    await world.run(endpointSliceController);
    assert.deepEqual(await addresses(), []);
    const made = await world.create(PODS, pod({ ready: false }));
    await world.client.update(PODS, { ...made, status: pod({ ready: false }).status ?? {} }, { subresource: 'status' });
    await world.settle(100);
    assert.deepEqual(await addresses(), ['10.0.0.1 false']);
    await world.client.patch(
      PODS,
      { namespace: 'ns', name: 'p' },
      { type: 'merge', body: { status: pod().status } },
      { subresource: 'status' },
    );
    await world.settle(100);
    assert.deepEqual(await addresses(), ['10.0.0.1 true']);
    await world.client.patch(PODS, { namespace: 'ns', name: 'p' }, { type: 'merge', body: { metadata: { labels: { app: 'db' } } } });
    await world.settle(100);
    assert.deepEqual(await addresses(), []);
    assert.equal((await world.all(ENDPOINT_SLICES)).length, 1);
  });

  it('writes nothing when nothing that matters changes', async () => {
    await world.create(SERVICES, service());
    await world.create(PODS, pod());
    await world.run(endpointSliceController);
    const writes = world.api.writes.length;
    const body = { status: { message: 'hello' } };
    await world.client.patch(PODS, { namespace: 'ns', name: 'p' }, { type: 'merge', body }, { subresource: 'status' });
    await world.settle(1000);
    assert.equal(world.api.writes.length, writes + 1);
  });

  it('repairs what others did to its slices', async () => {
    await world.create(SERVICES, service());
    await world.create(PODS, pod());
    await world.run(endpointSliceController);
    const [slice] = await world.all(ENDPOINT_SLICES);
    await world.client.delete(ENDPOINT_SLICES, { namespace: 'ns', name: slice?.metadata.name ?? '' });
    await world.settle(100);
    assert.deepEqual(await addresses(), ['10.0.0.1 true']);
  });

  it('makes slices at once for a service that was deleted and made again while its slice was being written', async () => {
    const made = await world.create(SERVICES, service());
    await world.create(PODS, pod({ ready: false }));
    await world.run(endpointSliceController);
    const [first] = await world.all(ENDPOINT_SLICES);
    // The service goes before the controller sees its own write; then the collector removes the slice of the service that is gone.
    world.api.before = (call) => {
      if (call.verb !== 'update' || call.resource.resource !== 'endpointslices') return;
      world.api.before = undefined;
      queueMicrotask(() => void world.client.delete(SERVICES, { namespace: 'ns', name: 'web' }));
    };
    const body = { status: pod().status };
    await world.client.patch(PODS, { namespace: 'ns', name: 'p' }, { type: 'merge', body }, { subresource: 'status' });
    await world.settle();
    await world.client.delete(ENDPOINT_SLICES, { namespace: 'ns', name: first?.metadata.name ?? '' });
    await world.settle();
    const again = await world.create(SERVICES, service());
    await world.settle(100);
    assert.notEqual(again.metadata.uid, made.metadata.uid);
    assert.deepEqual(await addresses(), ['10.0.0.1 true']);
    assert.equal((await world.all(ENDPOINT_SLICES))[0]?.metadata.ownerReferences?.[0]?.uid, again.metadata.uid);
  });

  it('leaves services alone that have no selector or are only a name', async () => {
    const { selector: _, ...without } = service().spec ?? {};
    await world.create(SERVICES, { ...service(), spec: without });
    await world.create(SERVICES, { metadata: { name: 'ext', namespace: 'ns' }, spec: { ...service().spec, type: 'ExternalName' } });
    await world.create(PODS, pod());
    await world.run(endpointSliceController);
    assert.deepEqual(await world.all(ENDPOINT_SLICES), []);
  });
});
