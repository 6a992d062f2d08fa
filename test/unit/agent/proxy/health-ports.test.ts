import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { healthPortOf } from '../../../../src/agent/proxy/health-ports.ts';
import type { ServiceSpec } from '../../../../src/api/types/core-v1.gen.ts';

suite('healthPortOf', () => {
  const slices = [
    {
      metadata: { name: 's' },
      addressType: 'IPv4',
      ports: [
        { name: 'a', port: 1 },
        { name: 'b', port: 2 },
      ],
      endpoints: [
        { addresses: ['10.42.1.2'], nodeName: 'n1' },
        { addresses: ['10.42.2.2'], nodeName: 'n2' },
      ],
    },
  ];
  const ports = [
    { name: 'a', port: 1 },
    { name: 'b', port: 2 },
  ];
  const cases: [string, ServiceSpec, string, number | undefined][] = [
    ['counts each endpoint of this node once', { ports, healthCheckNodePort: 31000, externalTrafficPolicy: 'Local' }, 'n1', 1],
    ['counts none where there is none', { ports, healthCheckNodePort: 31000, externalTrafficPolicy: 'Local' }, 'n3', 0],
    ['is not for policy Cluster', { ports, healthCheckNodePort: 31000, externalTrafficPolicy: 'Cluster' }, 'n1', undefined],
    ['is not without a port', { ports, externalTrafficPolicy: 'Local' }, 'n1', undefined],
  ];
  for (const [title, spec, name, expected] of cases) {
    test(title, () => {
      const found = healthPortOf({ metadata: { namespace: 'd', name: 'web' }, spec }, slices, { name, zone: '' });
      assert.equal(found?.localEndpoints, expected);
    });
  }
});
