import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { buildRuleset, type Fragment, renderWhole } from '../../../../src/agent/proxy/ruleset.ts';
import { diffRuleset } from '../../../../src/agent/proxy/ruleset-diff.ts';
import { hostPortFragment, serviceFragment } from '../../../../src/agent/proxy/service-rules.ts';
import { staleFlows } from '../../../../src/agent/proxy/stale-flows.ts';
import type { ServiceSpec, ServiceStatus } from '../../../../src/api/types/core-v1.gen.ts';
import type { EndpointSlice } from '../../../../src/api/types/discovery-v1.gen.ts';

const CONTEXT = { node: { name: 'n1', zone: '' }, localAddresses: new Set(['10.43.0.10']) };
const BASE = { clusterCidrs: ['10.42.0.0/16'], serviceCidrs: ['10.43.0.0/16'] };

const slices = (ips: string[], protocol = 'TCP'): EndpointSlice[] => [
  {
    metadata: { name: 's' },
    addressType: 'IPv4',
    ports: [{ name: '', protocol, port: 8080 }],
    endpoints: ips.map((ip) => ({ addresses: [ip], nodeName: ip.startsWith('10.42.1.') ? 'n1' : 'n2' })),
  },
];
const fragment = (spec: ServiceSpec, ips: string[], more: { status?: ServiceStatus; labels?: Record<string, string> } = {}): Fragment =>
  serviceFragment(
    {
      metadata: { namespace: 'd', name: 'web', ...(more.labels && { labels: more.labels }) },
      spec: { clusterIP: '10.43.0.80', ports: [{ protocol: 'TCP', port: 80 }], ...spec },
      ...(more.status && { status: more.status }),
    },
    slices(ips, spec.ports?.[0]?.protocol),
    CONTEXT,
  );
const lines = (f: Fragment) => f.elements.map(({ table, key, value }) => `${table} ${key}${value && ` : ${value}`}`);

suite('serviceFragment', () => {
  const nodePort: ServiceSpec = { type: 'NodePort', ports: [{ protocol: 'TCP', port: 80, nodePort: 30080 }] };
  const lb = { loadBalancer: { ingress: [{ ip: '192.0.2.1' }, { ip: '192.0.2.2', ipMode: 'Proxy' }] } };
  const cases: [string, ServiceSpec, string[], string[], { status?: ServiceStatus; labels?: Record<string, string> }?][] = [
    ['ignores ExternalName', { type: 'ExternalName', externalName: 'x' }, ['10.42.1.2'], []],
    ['ignores headless', { clusterIP: 'None' }, ['10.42.1.2'], []],
    ['ignores those of another proxy', {}, ['10.42.1.2'], [], { labels: { 'service.kubernetes.io/service-proxy-name': 'x' } }],
    ['leaves addresses to the node that it answers itself', { clusterIP: '10.43.0.10' }, [], []],
    ['balances the cluster address', {}, ['10.42.2.2'], ['services 10.43.0.80 . tcp . 80 : goto svc-d/web/tcp/80']],
    [
      'notes endpoints of this node for hairpin',
      {},
      ['10.42.1.2'],
      ['services 10.43.0.80 . tcp . 80 : goto svc-d/web/tcp/80', 'hairpin 10.42.1.2 . 10.42.1.2'],
    ],
    ['refuses without endpoints', nodePort, [], ['noeps 10.43.0.80 . tcp . 80 : goto do-reject', 'noepports tcp . 30080 : goto do-reject']],
    [
      'drops with internal policy Local and no endpoint here',
      { internalTrafficPolicy: 'Local' },
      ['10.42.2.2'],
      ['noeps 10.43.0.80 . tcp . 80 : drop'],
    ],
    [
      'opens the node port',
      nodePort,
      ['10.42.2.2'],
      ['services 10.43.0.80 . tcp . 80 : goto svc-d/web/tcp/80', 'nodeports tcp . 30080 : goto ext-d/web/tcp/80'],
    ],
    [
      'opens external addresses',
      { externalIPs: ['198.51.100.7'] },
      ['10.42.2.2'],
      ['services 10.43.0.80 . tcp . 80 : goto svc-d/web/tcp/80', 'services 198.51.100.7 . tcp . 80 : goto ext-d/web/tcp/80'],
    ],
    [
      'opens load balancer addresses of mode VIP',
      { type: 'LoadBalancer' },
      ['10.42.2.2'],
      ['services 10.43.0.80 . tcp . 80 : goto svc-d/web/tcp/80', 'services 192.0.2.1 . tcp . 80 : goto ext-d/web/tcp/80'],
      { status: lb },
    ],
    [
      'fences load balancer addresses',
      { type: 'LoadBalancer', loadBalancerSourceRanges: ['10.0.0.0/8'] },
      ['10.42.2.2'],
      ['services 10.43.0.80 . tcp . 80 : goto svc-d/web/tcp/80', 'services 192.0.2.1 . tcp . 80 : goto fw-d/web/tcp/80'],
      { status: lb },
    ],
  ];
  for (const [title, spec, ips, expected, more] of cases) test(title, () => assert.deepEqual(lines(fragment(spec, ips, more)), expected));

  test('picks one of the endpoints at random', () => {
    assert.deepEqual(fragment({}, ['10.42.2.3', '10.42.2.2']).chains.get('svc-d/web/tcp/80'), [
      'meta l4proto tcp dnat ip addr . port to numgen random mod 2 map { 0 : 10.42.2.2 . 8080, 1 : 10.42.2.3 . 8080 }',
    ]);
  });
  test('keeps clients with their endpoint when asked to', () => {
    const sticky = fragment({ sessionAffinity: 'ClientIP', sessionAffinityConfig: { clientIP: { timeoutSeconds: 60 } } }, ['10.42.2.2']);
    assert.deepEqual([...sticky.affinities], [['aff-d/web/tcp/80/10.42.2.2/8080', 60]]);
    assert.equal(
      sticky.chains.get('svc-d/web/tcp/80')?.[0],
      'ip saddr @aff-d/web/tcp/80/10.42.2.2/8080 goto ep-d/web/tcp/80/10.42.2.2/8080',
    );
  });
  test('with external policy Local drops outside traffic where no endpoint is, but serves pods', () => {
    const local = fragment({ ...nodePort, externalTrafficPolicy: 'Local' }, ['10.42.2.2']);
    assert.deepEqual(local.chains.get('ext-d/web/tcp/80'), [
      'ip saddr @podcidrs goto svc-d/web/tcp/80',
      'fib saddr type local jump do-mark',
      'fib saddr type local goto svc-d/web/tcp/80',
      'drop',
    ]);
  });
});

suite('diffRuleset', () => {
  const one = buildRuleset(BASE, [fragment({}, ['10.42.2.2'])]);
  test('is empty for the same and asks for the whole when the base changed', () => {
    assert.equal(diffRuleset(one, buildRuleset(BASE, [fragment({}, ['10.42.2.2'])])), '');
    assert.equal(diffRuleset(one, buildRuleset({ ...BASE, maskLocalCidr: '10.42.1.0/24' }, [fragment({}, ['10.42.2.2'])])), undefined);
  });
  test('rewrites only the chain of a Service whose endpoints changed', () => {
    assert.equal(
      diffRuleset(one, buildRuleset(BASE, [fragment({}, ['10.42.2.9'])])),
      `flush chain ip kts svc-d/web/tcp/80
add chain ip kts svc-d/web/tcp/80
add rule ip kts svc-d/web/tcp/80 meta l4proto tcp dnat to 10.42.2.9:8080
`,
    );
  });
  test('takes a Service away: references first', () => {
    assert.equal(
      diffRuleset(one, buildRuleset(BASE, [])),
      `delete element ip kts services { 10.43.0.80 . tcp . 80 }
flush chain ip kts svc-d/web/tcp/80
delete chain ip kts svc-d/web/tcp/80
`,
    );
  });
  test('moves an address from one map to another when the last endpoint goes', () => {
    const script = diffRuleset(one, buildRuleset(BASE, [fragment({}, [])])) ?? '';
    assert.match(script, /^delete element ip kts services \{ 10\.43\.0\.80 \. tcp \. 80 \}$/m);
    assert.match(script, /^add element ip kts noeps \{ 10\.43\.0\.80 \. tcp \. 80 : goto do-reject \}$/m);
  });
});

suite('buildRuleset', () => {
  test('gives an element that two claim to the first, and to the second when the first is gone', () => {
    const [x, y] = ['a', 'b'].map((address) =>
      hostPortFragment([{ protocol: 'tcp', hostIp: '', hostPort: 80, address, containerPort: 1 }]),
    );
    assert.ok(x && y);
    assert.equal(buildRuleset(BASE, [x, y]).elements.get('hostports')?.get('tcp . 80'), 'a . 1');
    assert.equal(buildRuleset(BASE, [y]).elements.get('hostports')?.get('tcp . 80'), 'b . 1');
  });
  test('renders a table that replaces what was there', () => {
    assert.match(renderWhole(buildRuleset(BASE, [])), /^table ip kts\ndelete table ip kts\ntable ip kts \{\n/);
  });
});

suite('staleFlows', () => {
  const udp = (ips: string[]) => fragment({ type: 'NodePort', ports: [{ protocol: 'UDP', port: 53, nodePort: 30053 }] }, ips);
  const cases: [string, Fragment | undefined, Fragment | undefined, string[]][] = [
    ['none for TCP', fragment({}, ['10.42.2.2']), undefined, []],
    ['none when endpoints only come', udp(['10.42.2.2']), udp(['10.42.2.2', '10.42.2.3']), []],
    [
      'those of an endpoint that went',
      udp(['10.42.2.2', '10.42.2.3']),
      udp(['10.42.2.3']),
      ['-p udp --orig-dst 10.43.0.80 --orig-port-dst 53 --dst-nat 10.42.2.2', '-p udp --orig-port-dst 30053 --dst-nat 10.42.2.2'],
    ],
    [
      'all when the first endpoint comes',
      udp([]),
      udp(['10.42.2.2']),
      ['-p udp --orig-dst 10.43.0.80 --orig-port-dst 53', '-p udp --orig-port-dst 30053'],
    ],
    [
      'those of a Service that went',
      udp(['10.42.2.2']),
      undefined,
      ['-p udp --orig-dst 10.43.0.80 --orig-port-dst 53 --dst-nat 10.42.2.2', '-p udp --orig-port-dst 30053 --dst-nat 10.42.2.2'],
    ],
  ];
  for (const [title, before, after, expected] of cases) {
    test(title, () =>
      assert.deepEqual(
        staleFlows(before, after).map((f) => f.join(' ')),
        expected,
      ),
    );
  }
});
