import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { KubeObject } from '../../../../src/api/object.ts';
import type { Secret } from '../../../../src/api/types/core-v1.gen.ts';
import { SECRETS, SERVICE_ACCOUNTS } from '../../../../src/client/resources.ts';
import { serviceAccountTokenController } from '../../../../src/server/controllers/service-account-token.ts';
import { base64, planTokenSecret } from '../../../../src/server/controllers/service-account-token-plan.ts';
import { ControllerWorld } from '../../../support/controller-world.ts';

const secret = (annotations: Record<string, string>, data?: Record<string, string>): Secret & KubeObject => ({
  metadata: { name: 's', namespace: 'ns', annotations },
  type: 'kubernetes.io/service-account-token',
  ...(data && { data }),
});
const NAME = 'kubernetes.io/service-account.name';
const UID = 'kubernetes.io/service-account.uid';
const full = { token: base64('t'), 'ca.crt': base64('CA'), namespace: base64('ns') };

describe('planTokenSecret', () => {
  const account = { metadata: { name: 'robot', uid: 'u1' } };
  const cases: [title: string, secret: Secret & KubeObject, account: typeof account | undefined, want: string][] = [
    ['fills an empty one', secret({ [NAME]: 'robot' }), account, 'fill with token'],
    ['leaves a full one', secret({ [NAME]: 'robot', [UID]: 'u1' }, full), account, 'nothing'],
    [
      'puts a changed certificate right and keeps the token',
      secret({ [NAME]: 'robot', [UID]: 'u1' }, { ...full, 'ca.crt': 'x' }),
      account,
      'fill',
    ],
    ['deletes one whose account is gone', secret({ [NAME]: 'robot', [UID]: 'u1' }, full), undefined, 'delete'],
    ['deletes one of an earlier account of the name', secret({ [NAME]: 'robot', [UID]: 'u0' }, full), account, 'delete'],
    ['leaves one that names no account', secret({}), account, 'nothing'],
    ['leaves Secrets of other types', { ...secret({ [NAME]: 'robot' }), type: 'Opaque' }, account, 'nothing'],
  ];
  for (const [title, what, whose, want] of cases) {
    it(title, () => {
      const plan = planTokenSecret(what, whose, 'CA');
      assert.equal(plan.type === 'fill' && plan.needsToken ? 'fill with token' : plan.type, want);
    });
  }
});

it('serviceAccountTokenController fills a Secret, and deletes it with the account', async () => {
  const world = new ControllerWorld();
  await world.create(SERVICE_ACCOUNTS, { metadata: { name: 'robot', namespace: 'ns' } });
  await world.run(serviceAccountTokenController);
  await world.create(SECRETS, secret({ [NAME]: 'robot' }));
  await world.settle(100);
  const filled = await world.get(SECRETS, 'ns/s');
  assert.equal(Buffer.from(filled?.data?.['token'] ?? '', 'base64').toString(), 'ns/robot/s');
  assert.equal(filled?.data?.['ca.crt'], base64('CA'));
  const writes = world.api.writes.length;
  await world.settle(60_000);
  assert.equal(world.api.writes.length, writes);
  await world.client.delete(SERVICE_ACCOUNTS, { namespace: 'ns', name: 'robot' });
  await world.settle(100);
  assert.equal(await world.get(SECRETS, 'ns/s'), undefined);
  await world.stop();
  assert.deepEqual(world.errors, []);
});
