import assert from 'node:assert/strict';
import { afterEach, beforeEach, describe, it } from 'node:test';
import type { KubeObject } from '../../../../src/api/object.ts';
import type { EndpointSubset, Endpoints, Pod, Service, ServiceSpec } from '../../../../src/api/types/core-v1.gen.ts';
import { ENDPOINT_SLICES, ENDPOINTS, PODS, SERVICES } from '../../../../src/client/resources.ts';
import { endpointSliceMirroringController, mirror, shouldMirror } from '../../../../src/server/controllers/endpoint-slice-mirroring.ts';
import { endpointsController } from '../../../../src/server/controllers/endpoints.ts';
import { planSubsets, truncateSubsets } from '../../../../src/server/controllers/endpoints-plan.ts';
import { ControllerWorld } from '../../../support/controller-world.ts';

interface PodShape {
  ready?: boolean;
  phase?: string;
  port?: number;
  metadata?: KubeObject['metadata'];
}

function pod(n: number, { ready = true, phase = 'Running', port = 8080, metadata }: PodShape = {}): Pod & KubeObject {
  return {
    metadata: { name: `p${n}`, namespace: 'ns', uid: `u${n}`, labels: { app: 'web' }, ...metadata },
    spec: { nodeName: 'n1', containers: [{ name: 'c', ports: [{ name: 'web', containerPort: port }] }] },
    status: { phase, podIPs: [{ ip: `10.0.0.${n}` }], conditions: [{ type: 'Ready', status: ready ? 'True' : 'False' }] },
  };
}
const service = (spec: ServiceSpec = {}): Service & KubeObject => ({
  metadata: { name: 'web', namespace: 'ns', labels: { team: 'x' } },
  spec: {
    selector: { app: 'web' },
    clusterIP: '10.43.0.9',
    ipFamilies: ['IPv4'],
    ports: [{ name: 'http', port: 80, targetPort: 'web' }],
    ...spec,
  },
});
const deletionTimestamp = '2026-01-01T00:00:00Z';

/** Subsets in short: `[ready | not ready] ports`. */
const brief = (subsets: readonly EndpointSubset[]): string[] =>
  subsets.map((s) => {
    const ips = (list: { ip: string }[] = []) => list.map((a) => a.ip).join(' ');
    return `${ips(s.addresses)} | ${ips(s.notReadyAddresses)} : ${(s.ports ?? []).map((p) => `${p.name ?? ''}=${p.port}`).join(' ')}`;
  });

describe('planSubsets', () => {
  const published = { publishNotReadyAddresses: true };
  const two = {
    ports: [
      { name: 'a', port: 80, targetPort: 'web' },
      { name: 'b', port: 81, targetPort: 9000 },
    ],
  };
  const cases: [string, ServiceSpec, (Pod & KubeObject)[], string[]][] = [
    [
      'ready and not ready pods apart, in order',
      {},
      [pod(2), pod(3, { ready: false }), pod(1)],
      ['10.0.0.1 10.0.0.2 | 10.0.0.3 : http=8080'],
    ],
    ['no pod that ended or is going', {}, [pod(1, { phase: 'Failed' }), pod(2, { metadata: { deletionTimestamp } })], []],
    [
      'all as ready when published',
      published,
      [pod(1, { ready: false }), pod(2, { metadata: { name: 'p2', deletionTimestamp } })],
      ['10.0.0.1 10.0.0.2 |  : http=8080'],
    ],
    [
      'pods by the number of their named port',
      {},
      [pod(1), pod(2, { port: 9090 })],
      ['10.0.0.1 |  : http=8080', '10.0.0.2 |  : http=9090'],
    ],
    ['ports with the same addresses together', two, [pod(1), pod(2)], ['10.0.0.1 10.0.0.2 |  : a=8080 b=9000']],
    ['a headless service without ports', { clusterIP: 'None', ports: [] }, [pod(1)], ['10.0.0.1 |  : ']],
    ['nothing for a port no container has', { ports: [{ port: 1, targetPort: 'none' }] }, [pod(1)], []],
  ];
  for (const [title, spec, pods, want] of cases) {
    it(`lists ${title}`, () => {
      assert.deepEqual(brief(planSubsets(service(spec), pods)), want);
    });
  }
});

describe('truncateSubsets', () => {
  const addresses = (count: number) => Array.from({ length: count }, (_, n) => ({ ip: `10.1.${n >> 8}.${n & 255}` }));
  const counts = (subsets: readonly EndpointSubset[]) => subsets.map((s) => [s.addresses?.length ?? 0, s.notReadyAddresses?.length ?? 0]);
  const cases: [string, [number, number][], [number, number][], boolean][] = [
    ['keeps a thousand', [[600, 400]], [[600, 400]], false],
    ['drops those not ready first', [[600, 500]], [[600, 400]], true],
    [
      'cuts subsets in proportion',
      [
        [1500, 10],
        [500, 10],
      ],
      [
        [750, 0],
        [250, 0],
      ],
      true,
    ],
  ];
  for (const [title, input, want, over] of cases) {
    it(title, () => {
      const subsets = input.map(([ready, not]) => ({ addresses: addresses(ready), notReadyAddresses: addresses(not) }));
      const result = truncateSubsets(subsets);
      assert.deepEqual(counts(result.subsets), want);
      assert.equal(result.overCapacity, over);
    });
  }
});

describe('mirror', () => {
  const endpoints: Endpoints & KubeObject = {
    metadata: {
      name: 'db',
      namespace: 'ns',
      uid: 'e1',
      labels: { l: '1' },
      annotations: { a: '1', 'kubectl.kubernetes.io/last-applied-configuration': '{}' },
    },
    subsets: [
      {
        addresses: [{ ip: '1.2.3.4' }, { ip: 'fd00::1' }],
        notReadyAddresses: [{ ip: '1.2.3.5' }],
        ports: [{ port: 5432, protocol: 'TCP' }],
      },
    ],
  };

  it('makes endpoints of subsets, by address family', () => {
    const { groups, metadata } = mirror(endpoints);
    assert.deepEqual(groups, [
      {
        addressType: 'IPv4',
        ports: [{ name: '', port: 5432, protocol: 'TCP' }],
        endpoints: [
          { addresses: ['1.2.3.4'], conditions: { ready: true } },
          { addresses: ['1.2.3.5'], conditions: { ready: false } },
        ],
      },
      {
        addressType: 'IPv6',
        ports: [{ name: '', port: 5432, protocol: 'TCP' }],
        endpoints: [{ addresses: ['fd00::1'], conditions: { ready: true } }],
      },
    ]);
    assert.deepEqual(metadata.annotations, { a: '1' });
    assert.deepEqual(metadata.labels, {
      l: '1',
      'kubernetes.io/service-name': 'db',
      'endpointslice.kubernetes.io/managed-by': 'endpointslicemirroring-controller.k8s.io',
    });
    assert.equal(metadata.ownerReferences?.[0]?.uid, 'e1');
  });

  it('is for services without selector only, and not where it is declined', () => {
    const { selector: _, ...open } = service().spec ?? {};
    const without = { ...service(), spec: open };
    const declined = { ...endpoints, metadata: { ...endpoints.metadata, labels: { 'endpointslice.kubernetes.io/skip-mirror': 'true' } } };
    assert.ok(shouldMirror(endpoints, without));
    assert.ok(!shouldMirror(endpoints, service()));
    assert.ok(!shouldMirror(endpoints, undefined));
    assert.ok(!shouldMirror(declined, without));
  });
});

describe('controllers', () => {
  let world: ControllerWorld;
  beforeEach(() => {
    world = new ControllerWorld();
  });
  afterEach(async () => {
    await world.stop();
    assert.deepEqual(world.errors, []);
  });

  it('endpointsController follows pods and removes what a deleted service leaves', async () => {
    await world.create(SERVICES, service());
    await world.create(PODS, pod(1));
    await world.run(endpointsController);
    const made = await world.get(ENDPOINTS, 'ns/web');
    assert.deepEqual(made?.metadata.labels, { team: 'x', 'endpoints.kubernetes.io/managed-by': 'endpoint-controller' });
    assert.deepEqual(brief(made?.subsets ?? []), ['10.0.0.1 |  : http=8080']);
    await world.create(PODS, pod(2));
    await world.settle(100);
    assert.deepEqual(brief((await world.get(ENDPOINTS, 'ns/web'))?.subsets ?? []), ['10.0.0.1 10.0.0.2 |  : http=8080']);
    const writes = world.api.writes.length;
    await world.settle(10_000);
    assert.equal(world.api.writes.length, writes);
    await world.client.delete(SERVICES, { namespace: 'ns', name: 'web' });
    await world.settle(100);
    assert.equal(await world.get(ENDPOINTS, 'ns/web'), undefined);
  });

  it('endpointsController leaves Endpoints of services without selector alone', async () => {
    await world.create(SERVICES, { metadata: { name: 'db', namespace: 'ns' }, spec: { clusterIP: '10.43.0.2' } });
    await world.create(ENDPOINTS, { metadata: { name: 'db', namespace: 'ns' }, subsets: [{ addresses: [{ ip: '1.2.3.4' }] }] });
    const writes = world.api.writes.length;
    await world.run(endpointsController);
    assert.equal(world.api.writes.length, writes);
  });

  it('endpointsController leaves Endpoints that have no Service and that it has not made', async () => {
    await world.create(ENDPOINTS, { metadata: { name: 'own', namespace: 'ns' } });
    const labels = { 'endpoints.kubernetes.io/managed-by': 'endpoint-controller' };
    await world.create(ENDPOINTS, { metadata: { name: 'leftover', namespace: 'ns', labels } });
    await world.run(endpointsController);
    const left = await world.all(ENDPOINTS);
    assert.deepEqual(
      left.map(({ metadata }) => metadata.name),
      ['own'],
    );
  });

  it('endpointSliceMirroringController mirrors, follows and ends with the service', async () => {
    await world.create(SERVICES, { metadata: { name: 'db', namespace: 'ns' }, spec: { clusterIP: '10.43.0.2' } });
    const made = await world.create(ENDPOINTS, {
      metadata: { name: 'db', namespace: 'ns' },
      subsets: [{ addresses: [{ ip: '1.2.3.4' }] }],
    });
    await world.run(endpointSliceMirroringController);
    const ips = async () => (await world.all(ENDPOINT_SLICES)).map((s) => (s.endpoints ?? []).map((e) => e.addresses[0]).join());
    assert.deepEqual(await ips(), ['1.2.3.4']);
    await world.client.update(ENDPOINTS, { ...made, subsets: [{ addresses: [{ ip: '1.2.3.5' }] }] });
    await world.settle(100);
    assert.deepEqual(await ips(), ['1.2.3.5']);
    await world.client.delete(SERVICES, { namespace: 'ns', name: 'db' });
    await world.settle(100);
    assert.deepEqual(await ips(), []);
  });
});
