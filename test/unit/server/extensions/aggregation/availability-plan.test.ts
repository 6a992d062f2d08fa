import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { withAvailability } from '../../../../../src/api/api-services.ts';
import type { Service } from '../../../../../src/api/types/core-v1.gen.ts';
import type { EndpointSlice } from '../../../../../src/api/types/discovery-v1.gen.ts';
import { retryAfter, serviceFault } from '../../../../../src/server/extensions/aggregation/availability-plan.ts';

const TARGET = { namespace: 'ns', name: 'api', port: 443 };
const service = (spec: Service['spec'] = { ports: [{ name: 'https', port: 443 }] }): Service => ({ metadata: {}, spec });
const slice = (name: string, ready: boolean | undefined): EndpointSlice => ({
  metadata: {},
  addressType: 'IPv4',
  endpoints: [{ addresses: ['10.0.0.1'], conditions: { ...(ready !== undefined && { ready }) } }],
  ports: [{ name, port: 8443 }],
});

describe('serviceFault', () => {
  const cases: [string, Service | undefined, EndpointSlice[], string | undefined, string?][] = [
    ['no Service', undefined, [], 'ServiceNotFound', 'service/api in "ns" is not present'],
    ['another port', service({ ports: [{ port: 80 }] }), [], 'ServicePortError', 'service/api in "ns" is not listening on port 443'],
    ['no slices', service(), [], 'EndpointsNotFound', 'cannot find endpointslices for service/api in "ns"'],
    [
      'no ready endpoint',
      service(),
      [slice('https', false)],
      'MissingEndpoints',
      'endpointslices for service/api in "ns" have no addresses with port name "https"',
    ],
    [
      'a ready endpoint of another port',
      service(),
      [slice('http', true)],
      'MissingEndpoints',
      'endpointslices for service/api in "ns" have no addresses with port name "https"',
    ],
    ['a ready endpoint', service(), [slice('https', false), slice('https', true)], undefined],
    ['an endpoint that says nothing of itself', service(), [slice('https', undefined)], undefined],
    ['a port without a name', service({ ports: [{ port: 443 }] }), [slice('', true)], undefined],
    ['a Service that is a name elsewhere', service({ type: 'ExternalName', externalName: 'x.example' }), [], undefined],
  ];
  for (const [title, object, slices, reason, message] of cases) {
    it(`with ${title} is ${reason ?? 'none'}`, () => {
      const found = serviceFault(TARGET, object, slices);
      assert.equal(found?.reason, reason);
      assert.equal(found?.message, message);
    });
  }
});

describe('retryAfter', () => {
  it('begins quickly, doubles, and is never longer than the usual interval', () => {
    assert.deepEqual([1, 2, 3, 7, 100].map(retryAfter), [500, 1_000, 2_000, 30_000, 30_000]);
  });
});

describe('withAvailability', () => {
  const old = { conditions: [{ type: 'Available', status: 'False', lastTransitionTime: 'then', reason: 'A', message: 'a' }] };

  it('keeps the time while the status is the same and takes the new one when it changes', () => {
    assert.deepEqual(withAvailability(old, { status: 'False', reason: 'B', message: 'b' }, 'now')?.conditions, [
      { type: 'Available', status: 'False', lastTransitionTime: 'then', reason: 'B', message: 'b' },
    ]);
    assert.deepEqual(withAvailability(old, { status: 'True', reason: 'P', message: 'p' }, 'now')?.conditions, [
      { type: 'Available', status: 'True', lastTransitionTime: 'now', reason: 'P', message: 'p' },
    ]);
  });

  it('is undefined when nothing changes', () => {
    assert.equal(withAvailability(old, { status: 'False', reason: 'A', message: 'a' }, 'now'), undefined);
  });
});
