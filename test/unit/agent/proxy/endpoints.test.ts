import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { type Targets, targetId, targetsOf } from '../../../../src/agent/proxy/endpoints.ts';
import type { Endpoint, EndpointSlice } from '../../../../src/api/types/discovery-v1.gen.ts';

const NODE = { name: 'n1', zone: 'z1' };
const PORT = { name: 'http', protocol: 'TCP' };

const slice = (endpoints: Endpoint[], change: Partial<EndpointSlice> = {}): EndpointSlice => ({
  metadata: { name: 's' },
  addressType: 'IPv4',
  ports: [{ name: 'http', protocol: 'TCP', port: 8080 }],
  endpoints,
  ...change,
});
const at = (n: number, nodeName: string, rest: Partial<Endpoint> = {}): Endpoint => ({ addresses: [`10.42.0.${n}`], nodeName, ...rest });
const notReady = { conditions: { ready: false, serving: false } };
const draining = { conditions: { ready: false, serving: true, terminating: true } };
const zone = (name: string) => ({ hints: { forZones: [{ name }] } });
const forNode = (name: string) => ({ hints: { forNodes: [{ name }] } });
const short = (targets: Targets) => ({
  cluster: targets.cluster.map((t) => targetId(t).replace('10.42.0.', '')),
  local: targets.local.map((t) => targetId(t).replace('10.42.0.', '')),
  any: targets.any,
});

suite('targetsOf', () => {
  const cases: [string, EndpointSlice[], { cluster: string[]; local: string[]; any: boolean }][] = [
    ['takes none from nothing', [], { cluster: [], local: [], any: false }],
    [
      'takes the ready ones and those without conditions',
      [slice([at(1, 'n1', { conditions: {} }), at(2, 'n2'), at(3, 'n1', notReady)])],
      { cluster: ['1/8080', '2/8080'], local: ['1/8080'], any: true },
    ],
    [
      'falls back to draining ones when none is ready',
      [slice([at(1, 'n1', draining), at(2, 'n2', notReady)])],
      { cluster: ['1/8080'], local: ['1/8080'], any: true },
    ],
    [
      'leaves draining ones alone while one is ready',
      [slice([at(1, 'n1', draining), at(2, 'n2')])],
      { cluster: ['2/8080'], local: ['1/8080'], any: true },
    ],
    ['says that some exist though none is here', [slice([at(2, 'n2')])], { cluster: ['2/8080'], local: [], any: true }],
    [
      'joins slices and drops doubles',
      [slice([at(2, 'n2'), at(1, 'n2')]), slice([at(1, 'n2')])],
      { cluster: ['1/8080', '2/8080'], local: [], any: true },
    ],
    ['skips slices of another family', [slice([at(1, 'n1')], { addressType: 'IPv6' })], { cluster: [], local: [], any: false }],
    [
      'skips slices without the port',
      [slice([at(1, 'n1')], { ports: [{ name: 'https', port: 1 }] })],
      { cluster: [], local: [], any: false },
    ],
    [
      'skips the port with another protocol',
      [slice([at(1, 'n1')], { ports: [{ name: 'http', protocol: 'UDP', port: 1 }] })],
      { cluster: [], local: [], any: false },
    ],
    [
      'follows zone hints when all have one',
      [slice([at(1, 'n2', zone('z1')), at(2, 'n2', zone('z2'))])],
      { cluster: ['1/8080'], local: [], any: true },
    ],
    [
      'ignores hints when one has none',
      [slice([at(1, 'n2', zone('z1')), at(2, 'n2')])],
      { cluster: ['1/8080', '2/8080'], local: [], any: true },
    ],
    ['ignores hints when none is for this zone', [slice([at(1, 'n2', zone('z3'))])], { cluster: ['1/8080'], local: [], any: true }],
    [
      'prefers node hints',
      [slice([at(1, 'n1', forNode('n1')), at(2, 'n2', forNode('n2'))])],
      { cluster: ['1/8080'], local: ['1/8080'], any: true },
    ],
  ];
  for (const [title, slices, expected] of cases) {
    test(title, () => assert.deepEqual(short(targetsOf(slices, PORT, NODE)), expected));
  }
});
