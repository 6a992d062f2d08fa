// ServiceCIDRs and IPAddresses on the API server with their controllers: the operations that the conformance tests try, and ranges that come and go.

import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import type { KubeObject } from '../../src/api/object.ts';
import type { Service, ServiceSpec } from '../../src/api/types/core-v1.gen.ts';
import type { IPAddress } from '../../src/api/types/networking-v1.gen.ts';
import { IP_ADDRESSES, SERVICE_CIDRS, SERVICES } from '../../src/client/resources.ts';
import { ipAddressController } from '../../src/server/controllers/ip-address.ts';
import { serviceCidrController } from '../../src/server/controllers/service-cidr.ts';
import { type AdmittedServer, refusalOf, startAdmittedServer } from '../support/admitted-server.ts';

let world: AdmittedServer;

before(async () => {
  world = await startAdmittedServer({ controllers: { ranges: serviceCidrController, addresses: ipAddressController } });
  await world.namespace('shop');
});

after(async () => {
  await world.stop();
});

const cluster = (name: string) => ({ namespace: '', name });
const service = (name: string, spec: ServiceSpec = {}): Service & KubeObject => ({
  metadata: { name, namespace: 'shop' },
  spec: { ports: [{ port: 80 }], ...spec },
});
const isReady = (status: string) => (range: { status?: { conditions?: { type: string; status: string }[] } }) =>
  range.status?.conditions?.some((condition) => condition.type === 'Ready' && condition.status === status) ?? false;

describe('ServiceCIDRs', () => {
  it('of the server itself is there and ready', async () => {
    const range = await world.eventually(SERVICE_CIDRS, cluster('kubernetes'), isReady('True'));
    assert.deepEqual(range.spec?.cidrs, ['10.43.0.0/16']);
  });

  it('can be used by all methods, with their status', async () => {
    const metadata = { name: 'tried', labels: { of: 'test' } };
    await world.client.create(SERVICE_CIDRS, { metadata, spec: { cidrs: ['203.0.113.0/24'] } });
    await world.eventually(SERVICE_CIDRS, cluster('tried'), isReady('True'));
    const patched = await world.client.patch(SERVICE_CIDRS, cluster('tried'), {
      type: 'merge',
      body: { metadata: { annotations: { a: 'b' } } },
    });
    assert.equal(patched.metadata.annotations?.['a'], 'b');
    const conditions = [
      ...(patched.status?.conditions ?? []),
      { type: 'Own', status: 'True', reason: 'r', message: 'm', lastTransitionTime: '2026-01-01T00:00:00Z' },
    ];
    const status = { type: 'merge', body: { status: { conditions } } } as const;
    await world.client.patch(SERVICE_CIDRS, cluster('tried'), status, { subresource: 'status' });
    const both = await world.eventually(SERVICE_CIDRS, cluster('tried'), ({ status: now }) => now?.conditions?.length === 2);
    assert.equal((await refusalOf(world.client.update(SERVICE_CIDRS, { ...both, spec: { cidrs: ['203.0.114.0/24'] } }))).code, 422);
    await world.client.deleteCollection(SERVICE_CIDRS, { labelSelector: 'of=test' });
    await world.gone(SERVICE_CIDRS, cluster('tried'));
  });

  it('give their addresses to Services, and stay until no Service has one', async () => {
    await world.client.create(SERVICE_CIDRS, { metadata: { name: 'more' }, spec: { cidrs: ['10.50.0.0/24'] } });
    await world.eventually(SERVICE_CIDRS, cluster('more'), isReady('True'));
    await world.client.create(SERVICES, service('far', { clusterIP: '10.50.0.7' }));
    await world.eventually(IP_ADDRESSES, cluster('10.50.0.7'), () => true);
    await world.client.delete(SERVICE_CIDRS, cluster('more'));
    const waiting = await world.eventually(SERVICE_CIDRS, cluster('more'), isReady('False'));
    assert.deepEqual(
      waiting.status?.conditions?.map(({ reason, message }) => [reason, message]),
      [['Terminating', 'There are still IPAddresses referencing the ServiceCIDR, please remove them or create a new ServiceCIDR']],
    );
    const { message } = await refusalOf(world.client.create(SERVICES, service('late', { clusterIP: '10.50.0.8' })));
    assert.match(message, /failed to allocate IP 10\.50\.0\.8: the provided IP \(10\.50\.0\.8\) is not in the valid range/);
    await world.client.delete(SERVICES, { namespace: 'shop', name: 'far' });
    await world.gone(SERVICE_CIDRS, cluster('more'));
  });
});

describe('IPAddresses', () => {
  it('are written for Services and go with them', async () => {
    const { spec } = await world.client.create(SERVICES, service('web'));
    const name = cluster(spec?.clusterIP ?? '');
    const address = await world.eventually(IP_ADDRESSES, name, () => true);
    assert.deepEqual(address.spec?.parentRef, { resource: 'services', namespace: 'shop', name: 'web' });
    // The same address is free at once for another Service, which then has it in its name.
    await world.client.delete(SERVICES, { namespace: 'shop', name: 'web' });
    await world.client.create(SERVICES, service('next', { clusterIP: name.name }));
    await world.eventually(IP_ADDRESSES, name, (now) => now.spec?.parentRef?.name === 'next');
    await world.client.delete(SERVICES, { namespace: 'shop', name: 'next' });
    await world.gone(IP_ADDRESSES, name);
  });

  it('stay as they are once they are written', async () => {
    const { spec } = await world.client.create(SERVICES, service('steady'));
    const name = cluster(spec?.clusterIP ?? '');
    const written = await world.eventually(IP_ADDRESSES, name, () => true);
    // What the controller does about one address it does before it looks at a later one.
    const { spec: later } = await world.client.create(SERVICES, service('later'));
    await world.eventually(IP_ADDRESSES, cluster(later?.clusterIP ?? ''), () => true);
    assert.deepEqual(await world.client.get(IP_ADDRESSES, name), written);
  });

  it('are not written for headless Services', async () => {
    await world.client.create(SERVICES, service('headless', { clusterIP: 'None' }));
    const { spec } = await world.client.create(SERVICES, service('other'));
    await world.eventually(IP_ADDRESSES, cluster(spec?.clusterIP ?? ''), () => true);
    const parents = (await world.client.list(IP_ADDRESSES)).items.map((item) => item.spec?.parentRef?.name);
    assert.ok(!parents.includes('headless'));
  });

  it('can be used by all methods, and keep an address from Services', async () => {
    const parentRef = { group: 'example.com', resource: 'routers', name: 'r' };
    const own: IPAddress & KubeObject = { metadata: { name: '10.43.9.9', labels: { of: 'test' } }, spec: { parentRef } };
    await world.client.create(IP_ADDRESSES, own);
    const { message } = await refusalOf(world.client.create(SERVICES, service('taken', { clusterIP: '10.43.9.9' })));
    assert.match(message, /failed to allocate IP 10\.43\.9\.9: provided IP is already allocated/);
    const patched = await world.client.patch(IP_ADDRESSES, cluster('10.43.9.9'), {
      type: 'merge',
      body: { metadata: { annotations: { a: 'b' } } },
    });
    const moved = { ...patched, spec: { parentRef: { ...parentRef, name: 'other' } } };
    assert.equal((await refusalOf(world.client.update(IP_ADDRESSES, moved))).code, 422);
    await world.client.deleteCollection(IP_ADDRESSES, { labelSelector: 'of=test' });
    await world.client.create(SERVICES, service('taken', { clusterIP: '10.43.9.9' }));
  });
});
