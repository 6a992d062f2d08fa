// The controllers of bootstrap tokens: which are deleted, and how cluster-info is signed.

import assert from 'node:assert/strict';
import { it } from 'node:test';
import { compactVerify } from 'jose';
import { CONFIG_MAPS, SECRETS } from '../../../../src/client/resources.ts';
import { bootstrapSignerController } from '../../../../src/server/controllers/bootstrap-signer.ts';
import { tokenCleanerController } from '../../../../src/server/controllers/token-cleaner.ts';
import { ControllerWorld } from '../../../support/controller-world.ts';

const tokenSecret = (id: string, data: Record<string, string>, namespace = 'kube-system') => ({
  metadata: { name: `bootstrap-token-${id}`, namespace },
  type: 'bootstrap.kubernetes.io/token',
  data: Object.fromEntries(
    Object.entries({ 'token-id': id, 'token-secret': '0123456789abcdef', ...data }).map(([name, value]) => [
      name,
      Buffer.from(value).toString('base64'),
    ]),
  ),
});

it('tokenCleanerController deletes what has ended, when it ends, and nothing of other namespaces', async () => {
  const world = new ControllerWorld();
  const at = (ms: number): string => new Date(world.clock.now() + ms).toISOString();
  await world.create(SECRETS, tokenSecret('aaaaaa', { expiration: at(-1_000) }));
  await world.create(SECRETS, tokenSecret('bbbbbb', { expiration: at(3_600_000) }));
  await world.create(SECRETS, tokenSecret('cccccc', {}));
  await world.create(SECRETS, tokenSecret('dddddd', { expiration: at(-1_000) }, 'default'));
  await world.run(tokenCleanerController);
  await world.settle(1_000);
  const names = async (): Promise<string> =>
    (await world.client.list(SECRETS)).items
      .map(({ metadata }) => metadata.name?.at(-1))
      .sort()
      .join('');
  assert.equal(await names(), 'bcd');
  await world.settle(3_600_000);
  assert.equal(await names(), 'cd');
  await world.stop();
  assert.deepEqual(world.errors, []);
});

it('bootstrapSignerController signs cluster-info for each token that may sign, and takes back the others', async () => {
  const world = new ControllerWorld();
  const kubeconfig = 'apiVersion: v1\nkind: Config\n';
  await world.create(CONFIG_MAPS, {
    metadata: { name: 'cluster-info', namespace: 'kube-public' },
    data: { kubeconfig, 'jws-kubeconfig-zzzzzz': 'old' },
  });
  const end = new Date(world.clock.now() + 60_000).toISOString();
  await world.create(SECRETS, tokenSecret('aaaaaa', { 'usage-bootstrap-signing': 'true', expiration: end }));
  await world.create(SECRETS, tokenSecret('bbbbbb', { 'usage-bootstrap-authentication': 'true' }));
  await world.run(bootstrapSignerController);
  await world.settle(1_000);
  const { data = {} } = (await world.get(CONFIG_MAPS, 'kube-public/cluster-info')) ?? {};
  assert.deepEqual(Object.keys(data).sort(), ['jws-kubeconfig-aaaaaa', 'kubeconfig']);
  const jws = data['jws-kubeconfig-aaaaaa'] ?? '';
  const whole = jws.replace('..', `.${Buffer.from(kubeconfig).toString('base64url')}.`);
  const { protectedHeader } = await compactVerify(whole, Buffer.from('0123456789abcdef'));
  assert.deepEqual(protectedHeader, { alg: 'HS256', kid: 'aaaaaa' });
  const writes = world.api.writes.length;
  await world.settle(50_000);
  assert.equal(world.api.writes.length, writes);
  await world.settle(10_000);
  assert.deepEqual(Object.keys((await world.get(CONFIG_MAPS, 'kube-public/cluster-info'))?.data ?? {}), ['kubeconfig']);
  await world.stop();
  assert.deepEqual(world.errors, []);
});
