// The official JavaScript client, unmodified, against the API server: what a program of a user does.

import assert from 'node:assert/strict';
import { createServer, type Server } from 'node:https';
import type { AddressInfo } from 'node:net';
import { Writable } from 'node:stream';
import { after, before, describe, test } from 'node:test';
import {
  ApiException,
  AppsV1Api,
  CoreV1Api,
  KubeConfig,
  KubernetesObjectApi,
  Log,
  makeInformer,
  PatchStrategy,
  setHeaderOptions,
  type V1ConfigMap,
  VersionApi,
  Watch,
} from '@kubernetes/client-node';
import { startTestServer, type TestServer } from '../support/api-server.ts';
import { SERVER_CERT, SERVER_KEY } from '../support/test-certificates.ts';

const NAMESPACE = 'default';
const WAIT_MS = 5_000;

let server: TestServer;
let kubelet: Server;
let config: KubeConfig;
let core: CoreV1Api;

before(async () => {
  server = await startTestServer();
  kubelet = createServer({ cert: SERVER_CERT, key: SERVER_KEY }, (request, response) => response.end(`line of ${request.url}\n`));
  await new Promise<void>((resolve) => kubelet.listen(0, '127.0.0.1', resolve));
  config = new KubeConfig();
  const caData = Buffer.from(server.ca).toString('base64');
  config.loadFromClusterAndUser({ name: 'kts', server: server.url, caData, skipTLSVerify: false }, { name: 'admin', token: 'admin' });
  core = config.makeApiClient(CoreV1Api);
});
after(async () => {
  kubelet.closeAllConnections();
  kubelet.close();
  await server.stop();
});

const configMap = (name: string, data: Record<string, string> = {}, labels: Record<string, string> = {}): V1ConfigMap => ({
  metadata: { name, labels },
  data,
});
const create = (body: V1ConfigMap): Promise<V1ConfigMap> => core.createNamespacedConfigMap({ namespace: NAMESPACE, body });

/** Waits until something that events bring is there. */
async function until(what: string, there: () => boolean): Promise<void> {
  const end = Date.now() + WAIT_MS;
  while (!there()) {
    assert.ok(Date.now() < end, `${what} within ${WAIT_MS} ms`);
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

/** What an API call was refused with. */
async function refusal(call: Promise<unknown>): Promise<{ code: number; reason: unknown; message: unknown }> {
  try {
    await call;
  } catch (error) {
    assert.ok(error instanceof ApiException);
    const body = JSON.parse(String(error.body)) as { reason: unknown; message: unknown };
    return { code: error.code, reason: body.reason, message: body.message };
  }
  return assert.fail('it was not refused');
}

describe('client-node', () => {
  test('creates, reads, replaces and deletes', async () => {
    assert.match((await config.makeApiClient(VersionApi).getCode()).gitVersion, /^v1\.36\.\d+\+kts/);
    const made = await create(configMap('life', { a: '1' }));
    assert.ok(made.metadata?.uid && made.metadata.creationTimestamp instanceof Date);
    const read = await core.readNamespacedConfigMap({ name: 'life', namespace: NAMESPACE });
    assert.deepEqual(read.data, { a: '1' });
    const replaced = await core.replaceNamespacedConfigMap({ name: 'life', namespace: NAMESPACE, body: { ...read, data: { a: '2' } } });
    assert.deepEqual(replaced.data, { a: '2' });
    const stale = refusal(core.replaceNamespacedConfigMap({ name: 'life', namespace: NAMESPACE, body: read }));
    assert.deepEqual([(await stale).code, (await stale).reason], [409, 'Conflict']);
    await core.deleteNamespacedConfigMap({ name: 'life', namespace: NAMESPACE });
    assert.deepEqual(await refusal(core.readNamespacedConfigMap({ name: 'life', namespace: NAMESPACE })), {
      code: 404,
      reason: 'NotFound',
      message: 'configmaps "life" not found',
    });
  });

  test('patches in each of the three ways', async () => {
    await create(configMap('patched', { a: '1' }));
    const patch = (type: string, body: object): Promise<V1ConfigMap> =>
      core.patchNamespacedConfigMap({ name: 'patched', namespace: NAMESPACE, body }, setHeaderOptions('Content-Type', type));
    assert.deepEqual((await patch(PatchStrategy.MergePatch, { data: { b: '2' } })).data, { a: '1', b: '2' });
    assert.deepEqual((await patch(PatchStrategy.StrategicMergePatch, { data: { a: null } })).data, { b: '2' });
    assert.deepEqual((await patch(PatchStrategy.JsonPatch, [{ op: 'replace', path: '/data/b', value: '3' }])).data, { b: '3' });
  });

  test('lists by pages and by selector', async () => {
    for (let i = 0; i < 7; i++) await create(configMap(`page-${i}`, {}, { page: i % 2 === 0 ? 'even' : 'odd' }));
    const names: string[] = [];
    let _continue: string | undefined;
    do {
      const page = await core.listNamespacedConfigMap({ namespace: NAMESPACE, limit: 3, ...(_continue && { _continue }) });
      assert.ok(page.items.length <= 3);
      names.push(...page.items.map((item) => item.metadata?.name ?? ''));
      _continue = page.metadata?._continue;
    } while (_continue);
    assert.deepEqual(
      names.filter((name) => name.startsWith('page-')),
      Array.from({ length: 7 }, (_, i) => `page-${i}`),
    );
    const odd = await core.listNamespacedConfigMap({ namespace: NAMESPACE, labelSelector: 'page=odd' });
    assert.equal(odd.items.length, 3);
    await core.deleteCollectionNamespacedConfigMap({ namespace: NAMESPACE, labelSelector: 'page' });
    const left = await core.listNamespacedConfigMap({ namespace: NAMESPACE, labelSelector: 'page' });
    assert.equal(left.items.length, 0);
  });

  test('watches from a version', async () => {
    const list = await core.listNamespacedConfigMap({ namespace: NAMESPACE });
    const resourceVersion = list.metadata?.resourceVersion ?? '';
    const events: string[] = [];
    const query = { resourceVersion, labelSelector: 'seen=yes', allowWatchBookmarks: true };
    const controller = await new Watch(config).watch(
      `/api/v1/namespaces/${NAMESPACE}/configmaps`,
      query,
      (phase, object: V1ConfigMap) => events.push(`${phase} ${object.metadata?.name}`),
      () => {},
    );
    await create(configMap('hidden'));
    await create(configMap('watched', {}, { seen: 'yes' }));
    const unlabel = { metadata: { labels: { seen: 'no' } } };
    const merge = setHeaderOptions('Content-Type', PatchStrategy.MergePatch);
    await core.patchNamespacedConfigMap({ name: 'watched', namespace: NAMESPACE, body: unlabel }, merge);
    await until('both events', () => events.length === 2);
    controller.abort();
    assert.deepEqual(events, ['ADDED watched', 'DELETED watched']);
  });

  test('keeps an informer up to date', async () => {
    const path = `/api/v1/namespaces/${NAMESPACE}/configmaps`;
    await create(configMap('informed-0', {}, { informed: 'yes' }));
    const informer = makeInformer<V1ConfigMap>(
      config,
      path,
      () => core.listNamespacedConfigMap({ namespace: NAMESPACE, labelSelector: 'informed' }),
      'informed',
    );
    const seen: string[] = [];
    for (const verb of ['add', 'update', 'delete'] as const) informer.on(verb, (object) => seen.push(`${verb} ${object.metadata?.name}`));
    await informer.start();
    const made = await create(configMap('informed-1', {}, { informed: 'yes' }));
    await until('the addition', () => seen.includes('add informed-1'));
    await core.replaceNamespacedConfigMap({ name: 'informed-1', namespace: NAMESPACE, body: { ...made, data: { a: 'b' } } });
    await until('the update', () => seen.includes('update informed-1'));
    assert.deepEqual(informer.get('informed-1', NAMESPACE)?.data, { a: 'b' });
    await core.deleteNamespacedConfigMap({ name: 'informed-0', namespace: NAMESPACE });
    await until('the deletion', () => seen.includes('delete informed-0'));
    await informer.stop();
    assert.deepEqual(seen, ['add informed-0', 'add informed-1', 'update informed-1', 'delete informed-0']);
  });

  test('handles any kind by discovery', async () => {
    const objects = KubernetesObjectApi.makeApiClient(config);
    const lease = { apiVersion: 'coordination.k8s.io/v1', kind: 'Lease', metadata: { name: 'generic', namespace: NAMESPACE } };
    const made = await objects.create({ ...lease, spec: { holderIdentity: 'me' } } as typeof lease);
    assert.equal(made.metadata?.name, 'generic');
    const patched = await objects.patch({ ...lease, metadata: { ...lease.metadata, labels: { a: 'b' } } } as typeof lease);
    assert.equal(JSON.stringify(patched.metadata).includes('"labels":{"a":"b"}'), true);
    await objects.delete(lease);
    assert.equal((await refusal(objects.read(lease))).code, 404);
  });

  test('scales, and is told what is wrong with an object', async () => {
    const apps = config.makeApiClient(AppsV1Api);
    const labels = { app: 'scaled' };
    const template = { metadata: { labels }, spec: { containers: [{ name: 'c', image: 'i' }] } };
    const spec = { replicas: 1, selector: { matchLabels: labels }, template };
    await apps.createNamespacedDeployment({ namespace: NAMESPACE, body: { metadata: { name: 'scaled' }, spec } });
    const scale = await apps.readNamespacedDeploymentScale({ name: 'scaled', namespace: NAMESPACE });
    assert.equal(scale.spec?.replicas, 1);
    await apps.replaceNamespacedDeploymentScale({ name: 'scaled', namespace: NAMESPACE, body: { ...scale, spec: { replicas: 4 } } });
    const scaled = await apps.readNamespacedDeployment({ name: 'scaled', namespace: NAMESPACE });
    assert.deepEqual([scaled.spec?.replicas, scaled.metadata?.generation], [4, 2]);
    const body = { metadata: { name: 'Wrong' }, spec: { ...spec, selector: { matchLabels: { app: 'other' } } } };
    const { code, reason, message } = await refusal(apps.createNamespacedDeployment({ namespace: NAMESPACE, body }));
    assert.deepEqual([code, reason], [422, 'Invalid']);
    assert.match(String(message), /Deployment\.apps "Wrong" is invalid: \[?metadata\.name: Invalid value: "Wrong"/);
  });

  test('reads logs', async () => {
    const { port } = kubelet.address() as AddressInfo; // it listens on TCP
    const addresses = [{ type: 'InternalIP', address: '127.0.0.1' }];
    const body = { metadata: { name: 'n1' }, status: { addresses, daemonEndpoints: { kubeletEndpoint: { Port: port } } } };
    await core.createNode({ body });
    const spec = { nodeName: 'n1', containers: [{ name: 'c', image: 'i' }] };
    await core.createNamespacedPod({ namespace: NAMESPACE, body: { metadata: { name: 'talker' }, spec } });
    let text = '';
    const stream = new Writable({
      write(chunk: Buffer, _, done) {
        text += chunk.toString();
        done();
      },
    });
    await new Log(config).log(NAMESPACE, 'talker', 'c', stream, { tailLines: 3 });
    await until('the log', () => text !== '');
    assert.match(text, /^line of \/containerLogs\/default\/talker\/c\?.*tailLines=3\n$/);
  });
});
