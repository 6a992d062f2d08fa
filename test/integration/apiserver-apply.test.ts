// Server-side apply and field management over real TLS, on real kinds.

import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { StatusError } from '../../src/api/status-error.ts';
import type * as apps from '../../src/api/types/apps-v1.gen.ts';
import type { ManagedFieldsEntry, ObjectMeta } from '../../src/api/types/meta-v1.gen.ts';
import { systemClock } from '../../src/base/clock.ts';
import type { WriteOptions } from '../../src/client/client.ts';
import { HttpClient } from '../../src/client/http-client.ts';
import { CONFIG_MAPS, DEPLOYMENTS } from '../../src/client/resources.ts';
import type { Authorizer } from '../../src/server/auth/auth.ts';
import { startTestServer, type TestServer } from '../support/api-server.ts';

const CONTAINER = { name: 'web', image: 'nginx' };

type Spec = Record<string, unknown>;

function deployment(name: string, spec: Spec = {}): object {
  const template = { metadata: { labels: { app: name } }, spec: { containers: [CONTAINER] } };
  return {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name },
    spec: { selector: { matchLabels: { app: name } }, template, ...spec },
  };
}

const configMap = (name: string, data: Record<string, string>): object => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { name },
  data,
});

function entry(
  object: { metadata: { managedFields?: ManagedFieldsEntry[] } },
  manager: string,
  operation = 'Apply',
): ManagedFieldsEntry | undefined {
  return object.metadata.managedFields?.find((one) => one.manager === manager && one.operation === operation);
}

const at = (name: string): { namespace: string; name: string } => ({ namespace: 'default', name });

/** The failure of a call, as `code message`. */
async function failure(call: Promise<unknown>): Promise<StatusError> {
  const error = await call.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  assert.ok(error instanceof StatusError, 'the call was to fail');
  return error;
}

/** `admin` may do all, `patcher` may patch. */
const patchersOnlyPatch: Authorizer = {
  authorize: ({ user, verb }) => ({ decision: user.name !== 'patcher' || verb === 'patch' ? 'allow' : 'none', reason: '' }),
};

describe('server-side apply', () => {
  let server: TestServer;
  let client: HttpClient;

  before(async () => {
    server = await startTestServer({ authorizer: patchersOnlyPatch });
    client = new HttpClient(
      { server: server.url, tls: () => ({ ca: server.ca }), token: () => 'admin', userAgent: 'tester/1.0' },
      { clock: systemClock },
    );
  });

  after(async () => {
    await client.close();
    await server.stop();
  });

  const applyDeployment = (body: object, fieldManager = 'kubectl', options: WriteOptions = {}): Promise<apps.Deployment> =>
    client.patch(DEPLOYMENTS, at((body as apps.Deployment).metadata.name ?? ''), { type: 'apply', body }, { fieldManager, ...options });

  it('creates, with the fields of the configuration and no others', async () => {
    const made = await applyDeployment(deployment('new', { replicas: 2 }));
    assert.equal(made.metadata.generation, 1);
    assert.equal(made.metadata.managedFields?.length, 1);
    const { time, ...own } = entry(made, 'kubectl') ?? {};
    assert.match(time ?? '', /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/);
    assert.deepEqual(own, {
      manager: 'kubectl',
      operation: 'Apply',
      apiVersion: 'apps/v1',
      fieldsType: 'FieldsV1',
      fieldsV1: {
        'f:spec': {
          'f:replicas': {},
          'f:selector': {},
          'f:template': {
            'f:metadata': { 'f:labels': { 'f:app': {} } },
            'f:spec': { 'f:containers': { 'k:{"name":"web"}': { '.': {}, 'f:image': {}, 'f:name': {} } } },
          },
        },
      },
    });
  });

  it('changes nothing when it is repeated', async () => {
    const once = await applyDeployment(deployment('twice', { replicas: 2 }));
    const twice = await applyDeployment(deployment('twice', { replicas: 2 }));
    assert.equal(twice.metadata.resourceVersion, once.metadata.resourceVersion);
  });

  it('tracks a create and an update as upstream writes it', async () => {
    const body = deployment('tracked') as apps.Deployment;
    const metadata: ObjectMeta = { name: 'tracked', namespace: 'default', labels: { a: '1' } };
    const made = await client.create(DEPLOYMENTS, { ...body, metadata });
    const { fieldsV1 } = entry(made, 'tester', 'Update') ?? {};
    const expected = {
      'f:metadata': { 'f:labels': { '.': {}, 'f:a': {} } },
      'f:spec': {
        'f:progressDeadlineSeconds': {},
        'f:replicas': {},
        'f:revisionHistoryLimit': {},
        'f:selector': {},
        'f:strategy': { 'f:rollingUpdate': { '.': {}, 'f:maxSurge': {}, 'f:maxUnavailable': {} }, 'f:type': {} },
        'f:template': {
          'f:metadata': { 'f:labels': { '.': {}, 'f:app': {} } },
          'f:spec': {
            'f:containers': {
              'k:{"name":"web"}': {
                '.': {},
                'f:image': {},
                'f:imagePullPolicy': {},
                'f:name': {},
                'f:resources': {},
                'f:terminationMessagePath': {},
                'f:terminationMessagePolicy': {},
              },
            },
            'f:dnsPolicy': {},
            'f:restartPolicy': {},
            'f:schedulerName': {},
            'f:securityContext': {},
            'f:terminationGracePeriodSeconds': {},
          },
        },
      },
    };
    assert.equal(JSON.stringify(fieldsV1), JSON.stringify(expected));
    const scaled = await client.patch(
      DEPLOYMENTS,
      at('tracked'),
      { type: 'merge', body: { spec: { replicas: 4 } } },
      { fieldManager: 'scaler' },
    );
    assert.deepEqual(entry(scaled, 'scaler', 'Update')?.fieldsV1, { 'f:spec': { 'f:replicas': {} } });
    assert.equal(JSON.stringify(entry(scaled, 'tester', 'Update')?.fieldsV1).includes('replicas'), false);
    const error = await failure(applyDeployment(deployment('tracked', { replicas: 2 })));
    assert.equal(error.message, 'Apply failed with 1 conflict: conflict with "scaler" using apps/v1: .spec.replicas');
    assert.deepEqual([error.code, error.reason], [409, 'Conflict']);
    assert.deepEqual(error.status.details?.causes, [
      { reason: 'FieldManagerConflict', message: 'conflict with "scaler" using apps/v1', field: '.spec.replicas' },
    ]);
    const forced = await applyDeployment(deployment('tracked', { replicas: 2 }), 'kubectl', { force: true });
    assert.deepEqual([forced.spec?.replicas, entry(forced, 'scaler', 'Update')], [2, undefined]);
  });

  it('takes back what is applied no more', async () => {
    await applyDeployment(deployment('less', { replicas: 3, minReadySeconds: 5 }));
    const less = await applyDeployment(deployment('less'));
    assert.deepEqual([less.spec?.replicas, less.spec?.minReadySeconds], [1, undefined]);
  });

  it('keeps the fields of status and scale apart', async () => {
    await applyDeployment(deployment('parts', { replicas: 1 }));
    const status = {
      apiVersion: 'apps/v1',
      kind: 'Deployment',
      metadata: { name: 'parts' },
      spec: { replicas: 9 },
      status: { replicas: 7 },
    };
    const shown = await client.patch(
      DEPLOYMENTS,
      at('parts'),
      { type: 'apply', body: status },
      { fieldManager: 'ctl', subresource: 'status' },
    );
    assert.deepEqual([shown.spec?.replicas, shown.status?.replicas], [1, 7]);
    const { subresource, fieldsV1 } = entry(shown, 'ctl') ?? {};
    assert.deepEqual([subresource, fieldsV1], ['status', { 'f:status': { 'f:replicas': {} } }]);
    const scale = { apiVersion: 'autoscaling/v1', kind: 'Scale', metadata: { name: 'parts' }, spec: { replicas: 5 } };
    const by = { fieldManager: 'hpa', subresource: 'scale' };
    const error = await failure(client.patch(DEPLOYMENTS, at('parts'), { type: 'apply', body: scale }, by));
    assert.equal(error.message, 'Apply failed with 1 conflict: conflict with "kubectl": .spec.replicas');
    await client.patch(DEPLOYMENTS, at('parts'), { type: 'apply', body: scale }, { ...by, force: true });
    const scaled = await client.get(DEPLOYMENTS, at('parts'));
    assert.deepEqual([scaled.spec?.replicas, entry(scaled, 'hpa')?.subresource], [5, 'scale']);
  });

  it('applies nothing under the uid of an object that is gone', async () => {
    const body = { ...deployment('gone'), metadata: { name: 'gone', uid: 'u' } };
    const error = await failure(client.patch(DEPLOYMENTS, at('gone'), { type: 'apply', body }, { fieldManager: 'x' }));
    assert.equal(error.code, 409);
    assert.match(error.message, /uid mismatch: the provided object specified uid u, and no existing object was found$/);
  });

  const BAD: [string, object, WriteOptions, number, RegExp][] = [
    ['no manager', deployment('bad'), {}, 422, /fieldManager: Required value: is required for apply patch/],
    ['an unprintable manager', deployment('bad'), { fieldManager: 'a\tb' }, 422, /invalid character U\+0009 \(at position 1\)/],
    [
      'an unknown field',
      deployment('bad', { foo: 1 }),
      { fieldManager: 'x' },
      500,
      /^failed to create typed patch object \(\/bad; apps\/v1, Kind=Deployment\): \.spec\.foo: field not declared in schema$/,
    ],
    [
      'a namespace that is no text',
      { ...deployment('bad'), metadata: { name: 'bad', namespace: { a: 1 } } },
      { fieldManager: 'x' },
      500,
      /^failed to create typed patch object \(\/bad; apps\/v1, Kind=Deployment\): \.metadata\.namespace: expected string, got /,
    ],
    [
      'managedFields',
      { ...deployment('bad'), metadata: { name: 'bad', managedFields: [{}] } },
      { fieldManager: 'x' },
      400,
      /^metadata.managedFields must be nil$/,
    ],
    [
      'another version',
      { ...deployment('bad'), apiVersion: 'apps/v2' },
      { fieldManager: 'x' },
      400,
      /^invalid object type: apps\/v2, Kind=Deployment$/,
    ],
    [
      'an outdated resource version',
      { ...deployment('new'), metadata: { name: 'new', resourceVersion: '1' } },
      { fieldManager: 'x', force: true },
      409,
      /the object has been modified/,
    ],
  ];
  for (const [title, body, options, code, message] of BAD) {
    it(`refuses ${title}`, async () => {
      const name = (body as apps.Deployment).metadata.name ?? '';
      const error = await failure(client.patch(DEPLOYMENTS, at(name), { type: 'apply', body }, options));
      assert.equal(error.code, code);
      assert.match(error.message, message);
    });
  }

  it('changes nothing in a dry run, and says what it would do', async () => {
    const made = await applyDeployment(deployment('dry', { replicas: 2 }), 'kubectl', { dryRun: true });
    assert.equal(made.spec?.replicas, 2);
    assert.equal((await failure(client.get(DEPLOYMENTS, at('dry')))).code, 404);
  });

  it('gives up all managers for [{}], keeps them for [], and starts anew with the next apply', async () => {
    const where = at('reset');
    const options = { fieldManager: 'mine' };
    const made = await client.patch(CONFIG_MAPS, where, { type: 'apply', body: configMap('reset', { a: '1' }) }, options);
    const kept = await client.update(CONFIG_MAPS, { ...made, metadata: { ...made.metadata, managedFields: [] } });
    assert.equal(kept.metadata.resourceVersion, made.metadata.resourceVersion);
    assert.equal(kept.metadata.managedFields?.length, 1);
    const body = [{ op: 'replace', path: '/metadata/managedFields', value: [{}] }];
    const reset = await client.patch(CONFIG_MAPS, where, { type: 'json', body });
    assert.equal(reset.metadata.managedFields, undefined);
    const changed = await client.patch(CONFIG_MAPS, where, { type: 'merge', body: { data: { b: '1' } } });
    assert.equal(changed.metadata.managedFields, undefined);
    const again = await client.patch(CONFIG_MAPS, where, { type: 'apply', body: configMap('reset', { a: '1' }) }, options);
    assert.deepEqual(entry(again, 'before-first-apply', 'Update')?.fieldsV1, { 'f:data': { '.': {}, 'f:a': {}, 'f:b': {} } });
    assert.deepEqual(entry(again, 'mine')?.fieldsV1, { 'f:data': { 'f:a': {} } });
  });

  it('goes on where client-side apply has ended', async () => {
    const applied = configMap('csa', { a: '1', b: '1' });
    const annotations = { 'kubectl.kubernetes.io/last-applied-configuration': JSON.stringify(applied) };
    await client.create(
      CONFIG_MAPS,
      { ...applied, metadata: { name: 'csa', namespace: 'default', annotations } },
      { fieldManager: 'kubectl-client-side-apply' },
    );
    const stranger = await failure(
      client.patch(CONFIG_MAPS, at('csa'), { type: 'apply', body: configMap('csa', { a: '2' }) }, { fieldManager: 'other' }),
    );
    assert.match(stranger.message, /^Apply failed with 1 conflict: conflict with "kubectl-client-side-apply" using v1: .data.a$/);
    const after = await client.patch(
      CONFIG_MAPS,
      at('csa'),
      { type: 'apply', body: configMap('csa', { a: '2' }) },
      { fieldManager: 'kubectl' },
    );
    assert.deepEqual(after.data, { a: '2', b: '1' });
    const annotation = after.metadata.annotations?.['kubectl.kubernetes.io/last-applied-configuration'] ?? '';
    assert.deepEqual(JSON.parse(annotation), configMap('csa', { a: '2' }));
  });

  it('is not allowed to create to who may only patch', async () => {
    const user = new HttpClient({ server: server.url, tls: () => ({ ca: server.ca }), token: () => 'patcher' }, { clock: systemClock });
    const patch = { type: 'apply', body: configMap('mine', {}) } as const;
    const error = await failure(user.patch(CONFIG_MAPS, at('mine'), patch, { fieldManager: 'x' }));
    await client.create(CONFIG_MAPS, { metadata: at('mine') });
    await user.patch(CONFIG_MAPS, at('mine'), patch, { fieldManager: 'x' });
    await user.close();
    assert.equal(error.code, 403);
    assert.match(error.message, /^configmaps "mine" is forbidden: User "patcher" cannot create resource "configmaps"/);
  });

  it('takes the last label of an applier away, and leaves what names the object', async () => {
    const body = configMap('unlabelled', { a: '1' });
    const apply = (metadata: object): Promise<{ metadata: ObjectMeta }> =>
      client.patch(CONFIG_MAPS, at('unlabelled'), { type: 'apply', body: { ...body, metadata } }, { fieldManager: 'm' });
    const made = await apply({ name: 'unlabelled', labels: { a: '1' } });
    const { metadata } = await apply({ name: 'unlabelled' });
    assert.deepEqual([metadata.name, metadata.uid, metadata.labels], ['unlabelled', made.metadata.uid, undefined]);
  });

  it('lets many appliers at once all have their field', async () => {
    const managers = Array.from({ length: 12 }, (_, i) => `m${i}`);
    const body = (manager: string): object => configMap('crowd', { [manager]: '1' });
    await Promise.all(
      managers.map((fieldManager) => client.patch(CONFIG_MAPS, at('crowd'), { type: 'apply', body: body(fieldManager) }, { fieldManager })),
    );
    const { data, metadata } = await client.get(CONFIG_MAPS, at('crowd'));
    assert.deepEqual(Object.keys(data ?? {}).sort(), [...managers].sort());
    assert.equal(metadata.managedFields?.length, 12);
  });
});
