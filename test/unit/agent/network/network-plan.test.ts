import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import type { LinkState, NetworkState } from '../../../../src/agent/network/link-state.ts';
import { parseForwarding, parseLinks, parseNeighbours, parseRoutes } from '../../../../src/agent/network/link-state.ts';
import { type Backend, desiredNetwork, planCleanUp, planNetwork } from '../../../../src/agent/network/network-plan.ts';
import { chooseNodeAddress } from '../../../../src/agent/network/node-address.ts';
import { peersOf } from '../../../../src/agent/network/node-network.ts';
import { hasCode } from '../../../../src/base/errors.ts';

const ADDRESS = { ip: '172.31.0.11', bits: 24, device: 'eth0', mtu: 1500 };
const NEAR = { name: 'n2', podCidr: '10.42.2.0/24', ip: '172.31.0.12' };
const FAR = { name: 'n3', podCidr: '10.42.3.0/24', ip: '192.0.2.3' };
const desired = (backend: Backend, peers = [NEAR]) =>
  desiredNetwork({ bridge: 'kts0', vxlan: 'kts.vx', vni: 1, port: 8472, backend }, { address: ADDRESS, podCidr: '10.42.1.0/24' }, peers);

const link = (name: string, rest: Partial<LinkState> = {}): LinkState => ({
  name,
  kind: '',
  mac: '',
  mtu: 1500,
  up: true,
  addresses: [],
  ...rest,
});
const EMPTY: NetworkState = { links: [link('eth0', { addresses: ['172.31.0.11/24'] })], routes: [], forwarding: [], neighbours: [] };
const BRIDGE = link('kts0', { kind: 'bridge', mac: '0a:58:0a:2a:01:01', mtu: 1450, addresses: ['10.42.1.1/24'] });
const VXLAN = link('kts.vx', {
  kind: 'vxlan',
  mac: '0a:58:0a:2a:01:00',
  mtu: 1450,
  addresses: ['10.42.1.0/32'],
  vxlan: { vni: 1, local: '172.31.0.11', port: 8472, device: 'eth0' },
});
const route = (destination: string, gateway: string, device: string, protocol = '107') => ({
  destination,
  gateway,
  device,
  source: '',
  protocol,
});
const DONE: NetworkState = {
  links: [...EMPTY.links, BRIDGE, VXLAN],
  routes: [route('10.42.2.0/24', '10.42.2.0', 'kts.vx')],
  forwarding: [{ mac: '0a:58:0a:2a:02:00', ip: '172.31.0.12' }],
  neighbours: [{ mac: '0a:58:0a:2a:02:00', ip: '10.42.2.0' }],
};

suite('planNetwork', () => {
  test('makes everything on a fresh node', () => {
    assert.deepEqual(planNetwork(desired('vxlan'), EMPTY), {
      ip: [
        'link add name kts0 address 0a:58:0a:2a:01:01 type bridge',
        'addr add 10.42.1.1/24 dev kts0',
        'link set dev kts0 mtu 1450',
        'link set dev kts0 up',
        'link add name kts.vx address 0a:58:0a:2a:01:00 type vxlan id 1 local 172.31.0.11 dev eth0 dstport 8472 nolearning',
        'addr add 10.42.1.0/32 dev kts.vx',
        'link set dev kts.vx mtu 1450',
        'link set dev kts.vx up',
        'neigh replace 10.42.2.0 lladdr 0a:58:0a:2a:02:00 dev kts.vx nud permanent',
        'route replace 10.42.2.0/24 via 10.42.2.0 dev kts.vx onlink proto 107',
      ],
      bridge: ['fdb replace 0a:58:0a:2a:02:00 dev kts.vx dst 172.31.0.12'],
    });
  });

  const cases: [string, ReturnType<typeof desired>, NetworkState, string[], string[]][] = [
    ['does nothing when all is as it should be', desired('vxlan'), DONE, [], []],
    [
      'leaves routes of others alone',
      desired('vxlan'),
      { ...DONE, routes: [...DONE.routes, route('10.9.0.0/16', '172.31.0.1', 'eth0', 'static')] },
      [],
      [],
    ],
    [
      'removes what a lost peer left',
      desired('vxlan', []),
      DONE,
      ['neigh del 10.42.2.0 dev kts.vx', 'route del 10.42.2.0/24 proto 107'],
      ['fdb del 0a:58:0a:2a:02:00 dev kts.vx dst 172.31.0.12'],
    ],
    [
      'moves a peer to its new address',
      desired('vxlan', [{ ...NEAR, ip: '172.31.0.99' }]),
      DONE,
      [],
      ['fdb del 0a:58:0a:2a:02:00 dev kts.vx dst 172.31.0.12', 'fdb replace 0a:58:0a:2a:02:00 dev kts.vx dst 172.31.0.99'],
    ],
    [
      'repairs a link that was set down and a route that was removed',
      desired('vxlan'),
      { ...DONE, routes: [], links: [...EMPTY.links, { ...BRIDGE, up: false }, VXLAN] },
      ['link set dev kts0 up', 'route replace 10.42.2.0/24 via 10.42.2.0 dev kts.vx onlink proto 107'],
      [],
    ],
    [
      'changes the address of the bridge with the pod CIDR',
      desired('vxlan'),
      { ...DONE, links: [...EMPTY.links, { ...BRIDGE, addresses: ['10.42.7.1/24'] }, VXLAN] },
      ['addr del 10.42.7.1/24 dev kts0', 'addr add 10.42.1.1/24 dev kts0'],
      [],
    ],
    [
      'removes VXLAN where plain routes do',
      desired('host-gw'),
      { ...DONE, links: [...EMPTY.links, { ...BRIDGE, mtu: 1500 }, VXLAN] },
      ['link del dev kts.vx', 'route replace 10.42.2.0/24 via 172.31.0.12 dev eth0 proto 107'],
      [],
    ],
  ];
  for (const [title, wanted, state, ip, bridge] of cases) test(title, () => assert.deepEqual(planNetwork(wanted, state), { ip, bridge }));

  test('makes the VXLAN link anew when the node has another address', () => {
    const moved = {
      ...DONE,
      links: [...EMPTY.links, BRIDGE, { ...VXLAN, vxlan: { vni: 1, local: '172.31.0.5', port: 8472, device: 'eth0' } }],
    };
    const steps = planNetwork(desired('vxlan'), moved);
    assert.equal(steps.ip[0], 'link del dev kts.vx');
    assert.equal(steps.bridge.length, 1);
    assert.ok(steps.ip.includes('route replace 10.42.2.0/24 via 10.42.2.0 dev kts.vx onlink proto 107'));
  });
  test('with auto routes plainly to peers on the link and tunnels to the rest', () => {
    const steps = planNetwork(desired('auto', [NEAR, FAR]), EMPTY);
    assert.deepEqual(steps.ip.slice(-2), [
      'route replace 10.42.2.0/24 via 172.31.0.12 dev eth0 proto 107',
      'route replace 10.42.3.0/24 via 10.42.3.0 dev kts.vx onlink proto 107',
    ]);
    assert.deepEqual(steps.bridge, ['fdb replace 0a:58:0a:2a:03:00 dev kts.vx dst 192.0.2.3']);
  });
  test('refuses a link of that name that is no bridge', () => {
    assert.throws(
      () => planNetwork(desired('vxlan'), { ...EMPTY, links: [link('kts0', { kind: 'dummy' })] }),
      (error) => hasCode(error, 'network-name-taken'),
    );
  });
});

suite('planCleanUp', () => {
  test('removes our links and routes and nothing else', () => {
    const state = {
      ...DONE,
      links: [
        ...DONE.links,
        link('kts0123456789ab', { kind: 'veth' }),
        link('ktsnet0', { kind: 'bridge' }),
        link('docker0', { kind: 'bridge' }),
      ],
      routes: [...DONE.routes, route('10.42.9.0/24', '172.31.0.9', 'eth0'), route('default', '172.31.0.1', 'eth0', 'static')],
    };
    assert.deepEqual(planCleanUp({ bridge: 'kts0', vxlan: 'kts.vx' }, state), [
      'route del 10.42.9.0/24 proto 107',
      'link del dev kts0',
      'link del dev kts.vx',
      'link del dev kts0123456789ab',
    ]);
  });
});

suite('chooseNodeAddress', () => {
  const links = [
    link('lo', { addresses: ['127.0.0.1/8'] }),
    link('kts0', { addresses: ['10.42.1.1/24'] }),
    link('eth0', { addresses: ['192.0.2.5/24', '192.0.2.6/24'] }),
    link('eth1', { addresses: ['198.51.100.7/25'], mtu: 9000 }),
  ];
  const viaEth1 = { destination: 'default', gateway: '198.51.100.1', device: 'eth1', source: '', protocol: '' };
  const cases: [string, object, (typeof viaEth1)[], string | undefined][] = [
    ['follows the default route', {}, [viaEth1], '198.51.100.7'],
    ['takes the source of the default route', {}, [{ ...viaEth1, source: '192.0.2.6' }], '192.0.2.6'],
    ['takes the first link without one', {}, [], '192.0.2.5'],
    ['takes the address asked for', { nodeIp: '192.0.2.6' }, [viaEth1], '192.0.2.6'],
    ['takes the link asked for', { interface: 'eth0' }, [viaEth1], '192.0.2.5'],
    ['fails for an address that is not here', { nodeIp: '203.0.113.1' }, [viaEth1], undefined],
    ['fails for a link that is not here', { interface: 'wlan0' }, [viaEth1], undefined],
  ];
  for (const [title, options, routes, expected] of cases) {
    test(title, () => {
      if (expected === undefined)
        assert.throws(
          () => chooseNodeAddress(options, { links, routes }),
          (error) => hasCode(error, 'network-no-address'),
        );
      else assert.equal(chooseNodeAddress(options, { links, routes }).ip, expected);
    });
  }
});

suite('peersOf', () => {
  const node = (name: string, podCIDR: string, address: string, annotations = {}) => ({
    metadata: { name, annotations },
    spec: { podCIDR },
    status: { addresses: [{ type: 'InternalIP', address }] },
  });
  test('takes the others that are complete, by name, with the public address before the internal one', () => {
    const nodes = [
      node('z', '10.42.9.0/24', '192.0.2.9', { 'kts.io/public-ip': '203.0.113.9' }),
      node('own', '10.42.1.0/24', '192.0.2.1'),
      node('young', '', '192.0.2.2'),
      node('a', '10.42.3.0/24', '192.0.2.3'),
      node('odd', '10.42.4.0/24', 'fd00::1'),
    ];
    assert.deepEqual(peersOf(nodes, 'own'), [
      { name: 'a', podCidr: '10.42.3.0/24', ip: '192.0.2.3' },
      { name: 'z', podCidr: '10.42.9.0/24', ip: '203.0.113.9' },
    ]);
  });
});

suite('link-state', () => {
  test('reads what iproute2 prints', () => {
    const addr = [
      {},
      {
        ifname: 'kts.vx',
        flags: ['BROADCAST', 'UP'],
        mtu: 1450,
        address: '0a:58:0a:2a:01:00',
        linkinfo: { info_kind: 'vxlan', info_data: { id: 1, link: 'eth0', local: '172.31.0.11', port: 8472 } },
        addr_info: [{ family: 'inet', local: '10.42.1.0', prefixlen: 32 }],
      },
    ];
    assert.deepEqual(parseLinks(JSON.stringify(addr)), [VXLAN]);
    assert.deepEqual(
      parseRoutes('[{"dst":"10.42.2.0/24","gateway":"10.42.2.0","dev":"kts.vx","protocol":"107","flags":["onlink"]}]'),
      DONE.routes,
    );
    assert.deepEqual(parseForwarding('[{"mac":"0a:58:0a:2a:02:00","dst":"172.31.0.12"},{"mac":"33:33:00:00:00:01"}]'), DONE.forwarding);
    assert.deepEqual(parseNeighbours('[{"dst":"10.42.2.0","lladdr":"0a:58:0a:2a:02:00","state":["PERMANENT"]}]'), DONE.neighbours);
    assert.deepEqual(parseRoutes(''), []);
  });
});
