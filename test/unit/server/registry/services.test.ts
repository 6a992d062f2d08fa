import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { addressAt, addressNumber, contains, parseCidr } from '../../../../src/api/cidr.ts';
import type { KubeObject } from '../../../../src/api/object.ts';
import { StatusError } from '../../../../src/api/status-error.ts';
import type * as core from '../../../../src/api/types/core-v1.gen.ts';
import { serviceStrategy } from '../../../../src/server/registry/strategies/services.ts';
import type { WriteContext } from '../../../../src/server/registry/strategy.ts';

const CONTEXT: WriteContext = { user: { name: 'x', groups: [] }, namespace: 'default', nowMs: 0, dryRun: false, warn: () => {} };

/** A strategy over a list of Services that stands for the store. */
function cluster(cidrs: readonly string[] = ['10.43.0.0/24'], nodePortRange: readonly [number, number] = [30_000, 30_009]) {
  const services: core.Service[] = [];
  const further: { ranges: object[]; addresses: object[] } = { ranges: [], addresses: [] };
  const entry = (object: object) => ({ key: '', revision: 1, createRevision: 1, object, bytes: new Uint8Array() });
  const entries = () => services.map(entry);
  const others = (prefix: string) => (prefix.includes('servicecidrs') ? further.ranges : further.addresses).map(entry);
  // The strategy lists services, ranges and addresses put aside, and reads nothing else.
  const list = (prefix: string) => ({ revision: 1, entries: prefix.includes('/services/') ? entries() : others(prefix), remaining: 0 });
  const store = { get: () => undefined, head: () => undefined, list };
  const strategy = serviceStrategy({ store: store as never, serviceCidrs: cidrs, nodePortRange });
  const reserve = (service: core.Service, old?: core.Service) => {
    if (old) strategy.prepareForUpdate?.(service as core.Service & KubeObject, old as core.Service & KubeObject, CONTEXT);
    else strategy.prepareForCreate?.(service as core.Service & KubeObject, CONTEXT);
    return strategy.reserve?.(service as core.Service & KubeObject, old as (core.Service & KubeObject) | undefined, CONTEXT);
  };
  const create = (spec: core.ServiceSpec): core.Service => {
    const service: core.Service = { metadata: { name: `s${services.length}` }, spec: { ports: [{ port: 80, protocol: 'TCP' }], ...spec } };
    const release = reserve(service);
    services.push(service);
    release?.();
    return service;
  };
  const update = (old: core.Service, spec: core.ServiceSpec): core.Service => {
    const service: core.Service = { metadata: { ...old.metadata }, spec: structuredClone(spec) };
    reserve(service, old)?.();
    services[services.indexOf(old)] = service;
    return service;
  };
  return { create, update, reserve, services, further };
}

const refuses = (text: string) => (error: unknown) => error instanceof StatusError && error.code === 422 && error.message.includes(text);

describe('services', () => {
  it('get addresses of the range, no two the same', () => {
    const { create } = cluster();
    const ips = Array.from({ length: 254 }, () => create({ type: 'ClusterIP' }).spec?.clusterIP ?? '');
    assert.equal(new Set(ips).size, 254);
    assert.ok(ips.every((ip) => contains(parseCidr('10.43.0.0/24'), ip) && ip !== '10.43.0.0' && ip !== '10.43.0.255'));
    assert.throws(() => create({ type: 'ClusterIP' }), /range is full/);
  });

  it('get low addresses only by name while others are free', () => {
    const { create } = cluster();
    for (let i = 0; i < 100; i++) assert.ok(Number(create({}).spec?.clusterIP?.split('.')[3]) > 16);
    assert.equal(create({ clusterIP: '10.43.0.10' }).spec?.clusterIP, '10.43.0.10');
  });

  it('get addresses of further ranges that are ready, when the first is full or when they name one', () => {
    const { create, further } = cluster(['10.43.0.0/30']);
    const ready = { conditions: [{ type: 'Ready', status: 'True' }] };
    further.ranges.push(
      { metadata: { name: 'kubernetes' }, spec: { cidrs: ['10.43.0.0/30'] }, status: ready },
      { metadata: { name: 'more' }, spec: { cidrs: ['10.50.0.0/30'] }, status: ready },
      { metadata: { name: 'not-yet' }, spec: { cidrs: ['10.60.0.0/30'] } },
      { metadata: { name: 'going', deletionTimestamp: 'now' }, spec: { cidrs: ['10.70.0.0/30'] }, status: ready },
    );
    assert.equal(create({ clusterIP: '10.50.0.1' }).spec?.clusterIP, '10.50.0.1');
    const ips = Array.from({ length: 3 }, () => create({}).spec?.clusterIP);
    assert.deepEqual(ips.sort(), ['10.43.0.1', '10.43.0.2', '10.50.0.2']);
    assert.throws(() => create({}), /range is full: 10\.43\.0\.0\/30, 10\.50\.0\.0\/30/);
    const valid = 'The range of valid IPs is 10.43.0.0/30, 10.50.0.0/30';
    assert.throws(() => create({ clusterIP: '10.60.0.1' }), refuses(`the provided IP (10.60.0.1) is not in the valid range. ${valid}`));
  });

  it('get no address twice from ranges that overlap, even at the same time', () => {
    const { reserve, further } = cluster(['10.43.0.0/30']);
    further.ranges.push({
      metadata: { name: 'all' },
      spec: { cidrs: ['10.43.0.0/30'] },
      status: { conditions: [{ type: 'Ready', status: 'True' }] },
    });
    const service = (): core.Service => ({ metadata: { name: 's' }, spec: {} });
    const both = [service(), service()];
    for (const each of both) reserve(each);
    assert.notEqual(both[0]?.spec?.clusterIP, both[1]?.spec?.clusterIP);
    assert.throws(() => reserve(service()), /range is full/);
  });

  it('get no address that somebody else has put aside, but one that the cluster itself wrote down', () => {
    const { create, further } = cluster(['10.43.0.0/30']);
    const managed = { 'ipaddress.kubernetes.io/managed-by': 'ipallocator.k8s.io' };
    further.addresses.push({ metadata: { name: '10.43.0.1' } }, { metadata: { name: '10.43.0.2', labels: managed } });
    assert.throws(() => create({ clusterIP: '10.43.0.1' }), refuses('provided IP is already allocated'));
    assert.equal(create({}).spec?.clusterIP, '10.43.0.2');
  });

  it('are refused an address that is taken, being taken, or not of the range', () => {
    const { create, reserve } = cluster();
    create({ clusterIP: '10.43.0.10' });
    assert.throws(() => create({ clusterIP: '10.43.0.10' }), refuses('failed to allocate IP 10.43.0.10: provided IP is already allocated'));
    assert.throws(() => create({ clusterIP: '10.99.0.1' }), refuses('The range of valid IPs is 10.43.0.0/24'));
    const pending = reserve({ metadata: { name: 'p' }, spec: { clusterIP: '10.43.0.11' } });
    assert.throws(() => create({ clusterIP: '10.43.0.11' }), refuses('already allocated'));
    pending?.();
    create({ clusterIP: '10.43.0.11' });
  });

  it('have both forms of the address, the family and the policy', () => {
    const { spec } = cluster().create({ type: 'ClusterIP' });
    assert.deepEqual(spec?.clusterIPs, [spec?.clusterIP]);
    assert.deepEqual([spec?.ipFamilies, spec?.ipFamilyPolicy], [['IPv4'], 'SingleStack']);
  });

  it('are dual-stack where the cluster is and they ask', () => {
    const { create } = cluster(['10.43.0.0/24', 'fd00:43::/112']);
    const { spec } = create({ ipFamilyPolicy: 'PreferDualStack' });
    assert.deepEqual(spec?.ipFamilies, ['IPv4', 'IPv6']);
    assert.equal(spec?.clusterIPs?.length, 2);
    assert.ok(spec?.clusterIPs?.[1]?.startsWith('fd00:43::'));
    assert.deepEqual(cluster().create({ ipFamilyPolicy: 'PreferDualStack' }).spec?.ipFamilies, ['IPv4']);
    assert.throws(
      () => cluster().create({ ipFamilyPolicy: 'RequireDualStack' }),
      refuses('this cluster is not configured for dual-stack services'),
    );
    assert.throws(() => cluster().create({ ipFamilies: ['IPv6'] }), refuses('not configured on this cluster'));
  });

  it('are headless or external without an address', () => {
    const { create } = cluster();
    assert.deepEqual(create({ clusterIP: 'None', selector: { a: 'b' } }).spec?.clusterIPs, ['None']);
    const external = create({ type: 'ExternalName', externalName: 'example.com' }).spec;
    assert.deepEqual([external?.clusterIP, external?.clusterIPs, external?.ipFamilies], [undefined, undefined, undefined]);
  });

  it('are refused an address that is none before any is looked for', () => {
    const { create, update } = cluster();
    const text = /spec.clusterIPs\[0\]: Invalid value: "\/": must be a valid IP address/;
    assert.throws(() => create({ clusterIP: '/' }), text);
    const service = create({});
    assert.throws(() => update(service, { ...service.spec, clusterIP: '/' }), text);
  });

  it('share a node port where a new one has a port twice, for validation to find', () => {
    const ports = ['a', 'b'].map((name) => ({ name, port: 80, protocol: 'TCP' }));
    const given = cluster()
      .create({ type: 'NodePort', ports })
      .spec?.ports?.map(({ nodePort }) => nodePort);
    assert.equal(typeof given?.[0], 'number');
    assert.equal(given?.[0], given?.[1]);
  });

  it('get node ports by type, and lose them with it', () => {
    const { create, update } = cluster();
    const made = create({
      type: 'NodePort',
      ports: [
        { name: 'a', port: 80, protocol: 'TCP' },
        { name: 'b', port: 81, protocol: 'TCP' },
      ],
    });
    const ports = made.spec?.ports?.map((port) => port.nodePort ?? 0) ?? [];
    assert.ok(ports.every((port) => port >= 30_000 && port <= 30_009) && ports[0] !== ports[1]);
    const back = update(made, { ...made.spec, type: 'ClusterIP' });
    assert.deepEqual(
      back.spec?.ports?.map((port) => port.nodePort),
      [undefined, undefined],
    );
    assert.equal(back.spec?.clusterIP, made.spec?.clusterIP);
  });

  it('share one node port among the protocols of a port', () => {
    const ports = [
      { name: 'u', port: 53, protocol: 'UDP' },
      { name: 't', port: 53, protocol: 'TCP' },
    ];
    const made = cluster().create({ type: 'NodePort', ports }).spec?.ports;
    assert.equal(made?.[0]?.nodePort, made?.[1]?.nodePort);
  });

  it('are refused node ports that are taken or out of range', () => {
    const { create } = cluster();
    create({ type: 'NodePort', ports: [{ port: 80, protocol: 'TCP', nodePort: 30_001 }] });
    assert.throws(
      () => create({ type: 'NodePort', ports: [{ port: 80, protocol: 'TCP', nodePort: 30_001 }] }),
      refuses('spec.ports[0].nodePort: Invalid value: 30001: provided port is already allocated'),
    );
    assert.throws(
      () => create({ type: 'NodePort', ports: [{ port: 80, protocol: 'TCP', nodePort: 80 }] }),
      refuses('The range of valid ports is 30000-30009'),
    );
  });

  it('keep what was allocated when an update leaves it out', () => {
    const { create, update } = cluster();
    const made = create({ type: 'NodePort' });
    const after = update(made, { type: 'NodePort', ports: [{ port: 80, protocol: 'TCP' }] });
    assert.deepEqual([after.spec?.clusterIP, after.spec?.ports?.[0]?.nodePort], [made.spec?.clusterIP, made.spec?.ports?.[0]?.nodePort]);
  });

  it('leaves no families to a Service that becomes ExternalName, also when its addresses are taken away by hand', () => {
    const { create, update } = cluster();
    const { clusterIP: _one, clusterIPs: _all, ...rest } = create({}).spec;
    const made = create({});
    const { spec } = update(made, { ...rest, type: 'ExternalName', externalName: 'example.com' });
    assert.deepEqual([spec.clusterIPs, spec.ipFamilies, spec.ipFamilyPolicy], [undefined, undefined, undefined]);
  });

  it('give their address up when they become external', () => {
    const { create, update } = cluster();
    const made = create({ type: 'ClusterIP' });
    const after = update(made, { ...made.spec, type: 'ExternalName', externalName: 'example.com' });
    assert.deepEqual([after.spec?.clusterIP, after.spec?.ipFamilies], [undefined, undefined]);
  });
});

describe('cidr', () => {
  const CASES: [cidr: string, index: bigint, address: string][] = [
    ['10.43.0.0/16', 1n, '10.43.0.1'],
    ['10.43.7.9/16', 256n, '10.43.1.0'],
    ['fd00::/64', 1n, 'fd00::1'],
    ['2001:db8:0:0:1::/80', 0x10000n, '2001:db8::1:0:1:0'],
    ['::/0', 0n, '::'],
  ];
  for (const [cidr, index, address] of CASES) {
    it(`has ${address} at ${index} of ${cidr}`, () => {
      assert.equal(addressAt(parseCidr(cidr), index), address);
      assert.equal(addressNumber(address), parseCidr(cidr).base + index);
    });
  }
  it('refuses what is no range', () => {
    for (const bad of ['', '10.0.0.0', '10.0.0.0/33', '10.0.0/8', 'fd00::/129', '1::2::3/64', '010.0.0.1/8'])
      assert.throws(() => parseCidr(bad), RangeError);
  });
});
