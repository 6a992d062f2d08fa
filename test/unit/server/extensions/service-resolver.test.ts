import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { KubeObject } from '../../../../src/api/object.ts';
import type { Service } from '../../../../src/api/types/core-v1.gen.ts';
import type { Endpoint, EndpointSlice } from '../../../../src/api/types/discovery-v1.gen.ts';
import { chooseEndpoint, hostPort, serviceResolver } from '../../../../src/server/extensions/service-resolver.ts';

const SERVICE: Service = {
  metadata: { name: 'hook', namespace: 'prod' },
  spec: { ports: [{ name: 'https', port: 443, targetPort: 'tls' }] },
};

const slice = (endpoints: Endpoint[], port = 8443): EndpointSlice => ({
  metadata: {},
  addressType: 'IPv4',
  endpoints,
  ports: [
    { name: 'metrics', port: 9090 },
    { name: 'https', port },
  ],
});
const choose = (service: Service, slices: EndpointSlice[], port = 443) =>
  chooseEndpoint({ namespace: 'prod', name: 'hook', port }, service, { slices, pick: (n) => n - 1 });

test('chooseEndpoint takes a ready endpoint and the port of the same name', () => {
  const slices = [
    slice([{ addresses: ['10.0.0.1'] }, { addresses: ['10.0.0.2'], conditions: { ready: false } }]),
    slice([{ addresses: ['10.0.0.3'], conditions: { ready: true } }], 9443),
  ];
  assert.deepEqual(choose(SERVICE, slices), { host: '10.0.0.3', port: 9443 });
});

test('chooseEndpoint takes one that terminates and still serves when none is ready', () => {
  const slices = [slice([{ addresses: ['10.0.0.1'], conditions: { ready: false, serving: true, terminating: true } }])];
  assert.deepEqual(choose(SERVICE, slices), { host: '10.0.0.1', port: 8443 });
});

test('chooseEndpoint reads headless Services like others and ExternalName as a name', () => {
  const headless = { ...SERVICE, spec: { ...SERVICE.spec, clusterIP: 'None' } };
  assert.deepEqual(choose(headless, [slice([{ addresses: ['10.0.0.1'] }])]), { host: '10.0.0.1', port: 8443 });
  const external = { ...SERVICE, spec: { type: 'ExternalName', externalName: 'hooks.example.com' } };
  assert.deepEqual(choose(external, [], 8080), { host: 'hooks.example.com', port: 8080 });
});

test('chooseEndpoint says what is missing', () => {
  assert.throws(() => choose(SERVICE, [slice([{ addresses: ['10.0.0.1'] }])], 80), {
    message: 'no service port 80 found for service "hook"',
  });
  for (const slices of [[], [slice([])], [slice([{ addresses: ['10.0.0.1'], conditions: { ready: false, serving: false } }])]]) {
    assert.throws(() => choose(SERVICE, slices), { code: 503, message: 'no endpoints available for service "hook"' });
  }
});

test('hostPort puts IPv6 addresses in brackets', () => {
  assert.equal(hostPort({ host: 'fd00::1', port: 443 }), '[fd00::1]:443');
  assert.equal(hostPort({ host: '10.0.0.1', port: 443 }), '10.0.0.1:443');
});

test('serviceResolver looks at the slices of the Service alone', () => {
  const own = { ...slice([{ addresses: ['10.0.0.1'] }]), metadata: { labels: { 'kubernetes.io/service-name': 'hook' } } };
  const others = { ...slice([{ addresses: ['10.0.0.9'] }]), metadata: { labels: { 'kubernetes.io/service-name': 'hook2' } } };
  const resolver = serviceResolver({
    get: <T extends KubeObject>(_: unknown, { name }: { name: string }) => (name === 'hook' ? (SERVICE as KubeObject as T) : undefined),
    list: <T extends KubeObject>() => [others, own] as KubeObject[] as T[],
  });
  assert.deepEqual(resolver.resolve({ namespace: 'prod', name: 'hook', port: 443 }), { host: '10.0.0.1', port: 8443 });
  assert.throws(() => resolver.resolve({ namespace: 'prod', name: 'gone', port: 443 }), { message: 'services "gone" not found' });
});
