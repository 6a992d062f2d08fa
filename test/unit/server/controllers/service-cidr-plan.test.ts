import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { KubeObject } from '../../../../src/api/object.ts';
import { ipAddressOf } from '../../../../src/api/service-addresses.ts';
import type { Service } from '../../../../src/api/types/core-v1.gen.ts';
import type { ServiceCIDR } from '../../../../src/api/types/networking-v1.gen.ts';
import { planAddress } from '../../../../src/server/controllers/ip-address.ts';
import { mayGo, planConditions } from '../../../../src/server/controllers/service-cidr-plan.ts';

const range = (name: string, cidrs: string[], status?: ServiceCIDR['status']): ServiceCIDR & KubeObject => ({
  metadata: { name },
  spec: { cidrs },
  ...(status && { status }),
});
const address = (ip: string) => ipAddressOf(ip, { namespace: 'default', name: 's' });

describe('mayGo', () => {
  const small = range('small', ['10.43.1.0/24']);
  const cases: [string, (ServiceCIDR & KubeObject)[], string[], boolean][] = [
    ['a range without addresses', [small], [], true],
    ['a range of an address', [small], ['10.43.1.5'], false],
    ['a range of no address that there is', [small], ['10.43.2.5'], true],
    ['a range that lies in another', [small, range('large', ['10.43.0.0/16'])], ['10.43.1.5'], true],
    ['a range whose addresses lie in another that does not hold all of it', [small, range('half', ['10.43.1.0/25'])], ['10.43.1.5'], true],
    ['a range with one address that lies in no other', [small, range('half', ['10.43.1.0/25'])], ['10.43.1.5', '10.43.1.200'], false],
  ];
  for (const [title, ranges, ips, want] of cases) {
    it(`of ${title} is ${want}`, () => assert.equal(mayGo(small, ranges, ips.map(address)), want));
  }

  it('does not wait for addresses that others wrote down', () => {
    assert.ok(mayGo(small, [small], [{ metadata: { name: '10.43.1.5' }, spec: {} }]));
  });
});

describe('planConditions', () => {
  const NOW = Date.UTC(2026, 0, 1);
  const ready = {
    type: 'Ready',
    status: 'True',
    reason: '',
    message: 'Kubernetes Service CIDR is ready',
    lastTransitionTime: '2026-01-01T00:00:00Z',
  };

  it('says that a range is ready, once', () => {
    assert.deepEqual(planConditions(range('r', []), true, NOW), [ready]);
    assert.equal(planConditions(range('r', [], { conditions: [ready] }), true, NOW), undefined);
  });

  it('says that a range waits, beside what others say of it', () => {
    const other = { ...ready, type: 'Other' };
    const conditions = planConditions(range('r', [], { conditions: [ready, other] }), false, NOW);
    assert.deepEqual(
      conditions?.map(({ type, status, reason }) => [type, status, reason]),
      [
        ['Other', 'True', ''],
        ['Ready', 'False', 'Terminating'],
      ],
    );
  });
});

describe('planAddress', () => {
  const service = (name: string): Service & KubeObject => ({
    metadata: { name, namespace: 'default' },
    spec: { clusterIPs: ['10.43.0.5'] },
  });
  const written = address('10.43.0.5');

  it('writes down the address of a Service, with its family and its owner', () => {
    assert.deepEqual(planAddress('10.43.0.5', service('s'), undefined), { create: written });
    assert.deepEqual(written.metadata.labels, {
      'ipaddress.kubernetes.io/ip-family': 'IPv4',
      'ipaddress.kubernetes.io/managed-by': 'ipallocator.k8s.io',
    });
    assert.deepEqual(written.spec, { parentRef: { resource: 'services', namespace: 'default', name: 's' } });
  });

  it('removes one that no Service has, or that another has', () => {
    assert.deepEqual(planAddress('10.43.0.5', undefined, written), { remove: written });
    assert.deepEqual(planAddress('10.43.0.5', service('t'), written), { remove: written });
  });

  it('leaves one that is right, and one that somebody else wrote', () => {
    assert.equal(planAddress('10.43.0.5', service('s'), written), undefined);
    assert.equal(planAddress('10.43.0.5', undefined, { metadata: { name: '10.43.0.5' }, spec: {} }), undefined);
    assert.equal(planAddress('10.43.0.5', undefined, undefined), undefined);
  });
});
