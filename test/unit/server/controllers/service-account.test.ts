import assert from 'node:assert/strict';
import { afterEach, beforeEach, describe, it } from 'node:test';
import { CONFIG_MAPS, NAMESPACES, SERVICE_ACCOUNTS } from '../../../../src/client/resources.ts';
import { rootCaController } from '../../../../src/server/controllers/root-ca.ts';
import { serviceAccountController } from '../../../../src/server/controllers/service-account.ts';
import { ControllerWorld } from '../../../support/controller-world.ts';

let world: ControllerWorld;
beforeEach(async () => {
  world = new ControllerWorld();
  await world.create(NAMESPACES, { metadata: { name: 'a' }, spec: {} });
});
afterEach(async () => {
  await world.stop();
  assert.deepEqual(world.errors, []);
});

describe('serviceAccountController', () => {
  it('makes the default account in old and new namespaces, and again when it is deleted', async () => {
    await world.run(serviceAccountController);
    await world.create(NAMESPACES, { metadata: { name: 'b' }, spec: {} });
    await world.settle();
    assert.ok(await world.get(SERVICE_ACCOUNTS, 'a/default'));
    assert.ok(await world.get(SERVICE_ACCOUNTS, 'b/default'));
    await world.client.delete(SERVICE_ACCOUNTS, { namespace: 'a', name: 'default' });
    await world.settle();
    assert.ok(await world.get(SERVICE_ACCOUNTS, 'a/default'));
  });

  it('makes none in a namespace that is being deleted', async () => {
    await world.client.delete(NAMESPACES, { namespace: '', name: 'a' });
    await world.run(serviceAccountController);
    await world.settle(60_000);
    assert.deepEqual(
      world.api.writes.filter((w) => w.includes('serviceaccounts')),
      [],
    );
  });
});

describe('rootCaController', () => {
  it('publishes the authority to every namespace', async () => {
    await world.run(rootCaController);
    assert.deepEqual((await world.get(CONFIG_MAPS, 'a/kube-root-ca.crt'))?.data, { 'ca.crt': 'CA' });
  });

  it('repairs what others changed or deleted, and writes nothing when all is well', async () => {
    await world.run(rootCaController);
    const name = { namespace: 'a', name: 'kube-root-ca.crt' };
    await world.client.patch(CONFIG_MAPS, name, { type: 'merge', body: { data: { 'ca.crt': 'evil', more: 'x' } } });
    await world.settle();
    assert.deepEqual((await world.get(CONFIG_MAPS, 'a/kube-root-ca.crt'))?.data, { 'ca.crt': 'CA' });
    await world.client.delete(CONFIG_MAPS, name);
    await world.settle();
    assert.ok(await world.get(CONFIG_MAPS, 'a/kube-root-ca.crt'));
    const writes = world.api.writes.length;
    await world.client.patch(NAMESPACES, { namespace: '', name: 'a' }, { type: 'merge', body: { metadata: { labels: { x: 'y' } } } });
    await world.settle();
    assert.equal(world.api.writes.length, writes + 1);
  });
});
