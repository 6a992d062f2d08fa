// The volume manager on a real file system with real mounts, as root, against an API in memory.

import assert from 'node:assert/strict';
import { lstat, mkdir, mkdtemp, readFile, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, test } from 'node:test';
import { NodeVolumeManager } from '../../src/agent/kubelet/volumes/volume-manager.ts';
import type { PersistentVolumeClaim, Pod, PodSpec, Volume } from '../../src/api/types/core-v1.gen.ts';
import { hasCode } from '../../src/base/errors.ts';
import { systemExec } from '../../src/base/exec.ts';
import { silentLogger } from '../../src/base/log.ts';
import type { Client } from '../../src/client/client.ts';
import { LocalClient } from '../../src/client/local-client.ts';
import { CONFIG_MAPS, PERSISTENT_VOLUME_CLAIMS, PERSISTENT_VOLUMES, SECRETS } from '../../src/client/resources.ts';
import { FakeApi } from '../support/fake-api.ts';
import { FakeClock } from '../support/fake-clock.ts';

let root = '';
let clock: FakeClock;
let api: FakeApi;
let client: Client;
let tokens = 0;
let manager: NodeVolumeManager;
const { signal } = new AbortController();

beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'kts-volumes-'));
  clock = new FakeClock();
  api = new FakeApi(clock);
  tokens = 0;
  client = withTokens(new LocalClient(api, { name: 'system:node:n1', groups: ['system:nodes'] }));
  manager = newManager();
  await manager.start();
});

afterEach(async () => {
  for (const uid of await manager.podUids()) await manager.unmount(uid);
  await manager.stop();
  await rm(root, { recursive: true });
});

function newManager(rootDirectory = root): NodeVolumeManager {
  const deps = { client, exec: systemExec, clock, log: silentLogger, allocatable: () => ({ memory: '64Mi' }) };
  return new NodeVolumeManager({ rootDirectory }, deps);
}

/** The client, with service account tokens that last an hour and are numbered. */
function withTokens(local: LocalClient): Client {
  const create: Client['create'] = async (resource, object, options) => {
    if (options?.subresource !== 'token') return local.create(resource, object, options);
    const status = { token: `token-${++tokens}`, expirationTimestamp: new Date(clock.now() + 3600_000).toISOString() };
    return { ...object, status };
  };
  return new Proxy<Client>(local, { get: (target, key) => (key === 'create' ? create : Reflect.get(target, key).bind(target)) });
}

const newPod = (volumes: Volume[], spec: Partial<PodSpec> = {}, labels: Record<string, string> = { app: 'web' }): Pod => ({
  metadata: { name: 'web', namespace: 'default', uid: 'pod-1', labels },
  spec: { containers: [{ name: 'main' }], ...spec, volumes },
});

const isTmpfs = async (path: string): Promise<boolean> => (await readFile('/proc/self/mounts', 'utf8')).includes(`tmpfs ${path} `);

/** Waits for work that goes on in the background. */
async function until(condition: () => Promise<boolean>): Promise<void> {
  for (let round = 0; round < 400; round++) {
    if (await condition().catch(() => false)) return;
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
  assert.fail('it did not happen within two seconds');
}

const content = (path: string): Promise<string> => readFile(path, 'utf8');

test('NodeVolumeManager makes volumes of each kind, again after a restart, and removes them without a trace', async () => {
  const outside = join(root, 'outside');
  await mkdir(outside);
  await writeFile(join(outside, 'kept'), 'precious');
  await client.create(CONFIG_MAPS, { metadata: { namespace: 'default', name: 'settings' }, data: { 'app.conf': 'debug' } });
  await client.create(SECRETS, {
    metadata: { namespace: 'default', name: 'key' },
    data: { pass: Buffer.from('s3cret').toString('base64') },
  });
  const pod = newPod([
    { name: 'scratch', emptyDir: {} },
    { name: 'memory', emptyDir: { medium: 'Memory', sizeLimit: '1Mi' } },
    { name: 'settings', configMap: { name: 'settings' } },
    { name: 'key', secret: { secretName: 'key', defaultMode: 0o400 } },
    { name: 'host', hostPath: { path: outside, type: 'Directory' } },
    { name: 'info', downwardAPI: { items: [{ path: 'labels', fieldRef: { fieldPath: 'metadata.labels' } }] } },
    {
      name: 'token',
      projected: {
        sources: [{ serviceAccountToken: { path: 'token' } }, { configMap: { name: 'settings', items: [{ key: 'app.conf', path: 'c' }] } }],
      },
    },
  ]);
  const second = newManager();
  await second.start();
  for (const own of [manager, second]) {
    const volumes = await own.mount(pod, signal);
    const at = (name: string): string => volumes.get(name)?.hostPath ?? '';
    assert.equal(at('scratch'), join(root, 'pods/pod-1/volumes/kubernetes.io~empty-dir/scratch'));
    assert.equal((await stat(at('scratch'))).mode & 0o7777, 0o777);
    assert.ok((await isTmpfs(at('memory'))) && (await isTmpfs(at('key'))) && (await isTmpfs(at('token'))));
    assert.equal(await content(join(at('settings'), 'app.conf')), 'debug');
    assert.equal((await stat(join(at('key'), 'pass'))).mode & 0o777, 0o400);
    assert.equal(at('host'), outside);
    assert.equal(await content(join(at('info'), 'labels')), 'app="web"');
    assert.match(await content(join(at('token'), 'token')), /^token-\d$/);
    assert.equal(await content(join(at('token'), 'c')), 'debug');
    assert.deepEqual(
      [...volumes].map(([, v]) => v.readOnly),
      [false, false, true, true, false, true, true],
    );
    if (own !== manager) await own.stop();
  }
  const mounts = (await content('/proc/self/mounts')).split('\n').filter((line) => line.includes(root));
  assert.equal(mounts.length, 4);
  assert.deepEqual(await manager.podUids(), ['pod-1']);
  await manager.unmount('pod-1');
  await manager.unmount('pod-1');
  assert.deepEqual(await manager.podUids(), []);
  assert.equal((await content('/proc/self/mounts')).includes(root), false);
  assert.equal(await content(join(outside, 'kept')), 'precious');
});

test('NodeVolumeManager removes no file of others when its directory is behind a link', async () => {
  const outside = join(root, 'outside');
  await mkdir(join(root, 'real'));
  await mkdir(outside);
  await writeFile(join(outside, 'kept'), 'precious');
  await symlink(join(root, 'real'), join(root, 'link'));
  const linked = newManager(join(root, 'link'));
  await linked.start();
  const volumes = await linked.mount(newPod([{ name: 'host', hostPath: { path: root } }]), signal);
  const volume = volumes.get('host') ?? assert.fail();
  const place = await linked.subPath('pod-1', { volumeName: 'host', containerName: 'main', index: 0, volume, subPath: 'outside' });
  assert.equal(await content(join(place, 'kept')), 'precious');
  await linked.unmount('pod-1');
  await linked.stop();
  assert.equal(await content(join(outside, 'kept')), 'precious');
  assert.equal((await content('/proc/self/mounts')).includes(root), false);
});

test('NodeVolumeManager refreshes content when the object, the pod or the time moves on', async () => {
  const settings = await client.create(CONFIG_MAPS, { metadata: { namespace: 'default', name: 'settings' }, data: { a: 'old' } });
  const volumes: Volume[] = [
    { name: 'settings', configMap: { name: 'settings' } },
    { name: 'later', secret: { secretName: 'later', optional: true } },
    { name: 'info', downwardAPI: { items: [{ path: 'labels', fieldRef: { fieldPath: 'metadata.labels' } }] } },
    { name: 'token', projected: { sources: [{ serviceAccountToken: { path: 'token' } }] } },
  ];
  const mounted = await manager.mount(newPod(volumes), signal);
  const file = (name: string, path: string): string => join(mounted.get(name)?.hostPath ?? '', path);
  await client.update(CONFIG_MAPS, { ...settings, data: { a: 'new' } });
  await until(async () => (await content(file('settings', 'a'))) === 'new');
  await client.create(SECRETS, { metadata: { namespace: 'default', name: 'later' }, data: { k: Buffer.from('v').toString('base64') } });
  await until(async () => (await content(file('later', 'k'))) === 'v');
  await manager.mount(newPod(volumes, {}, { app: 'changed' }), signal);
  assert.equal(await content(file('info', 'labels')), 'app="changed"');
  assert.equal(await content(file('token', 'token')), 'token-1');
  await clock.advance(2870_000);
  assert.equal(tokens, 1);
  await clock.advance(20_000);
  await until(async () => (await content(file('token', 'token'))) === 'token-2');
});

test('NodeVolumeManager says which volume fails and why', async () => {
  const cases: [Volume, string, string][] = [
    [{ name: 'a', configMap: { name: 'game' } }, 'volume-not-found', 'configmap "game" not found'],
    [{ name: 'a', secret: { secretName: 'key' } }, 'volume-not-found', 'secret "key" not found'],
    [
      { name: 'a', hostPath: { path: '/nowhere/x', type: 'Directory' } },
      'volume-invalid',
      'hostPath type check failed: /nowhere/x is not a directory',
    ],
    [
      { name: 'a', hostPath: { path: '/etc/passwd', type: 'Socket' } },
      'volume-invalid',
      'hostPath type check failed: /etc/passwd is not a socket file',
    ],
    [{ name: 'a', persistentVolumeClaim: { claimName: 'data' } }, 'volume-not-found', 'error processing PVC default/data: PVC not found'],
    [{ name: 'a', csi: { driver: 'x' } }, 'volume-unsupported', 'volume type csi is not supported'],
    [{ name: 'a', image: { reference: 'x' } }, 'volume-unsupported', 'volume type image is not supported'],
  ];
  for (const [volume, code, message] of cases) {
    await assert.rejects(manager.mount(newPod([volume]), signal), (error) => {
      assert.ok(hasCode(error, code) && error instanceof Error);
      assert.equal(error.message, message);
      return true;
    });
  }
});

test('NodeVolumeManager gives claims their volumes', async () => {
  const path = join(root, 'disk');
  await mkdir(path);
  const claim = await client.create<PersistentVolumeClaim, PersistentVolumeClaim>(PERSISTENT_VOLUME_CLAIMS, {
    metadata: { namespace: 'default', name: 'data' },
    spec: { volumeName: 'pv1' },
  });
  const pod = newPod([{ name: 'data', persistentVolumeClaim: { claimName: 'data', readOnly: true } }], {
    securityContext: { fsGroup: 2000 },
  });
  await assert.rejects(manager.mount(pod, signal), /PVC is not bound/);
  await client.update(PERSISTENT_VOLUME_CLAIMS, { ...claim, status: { phase: 'Bound' } }, { subresource: 'status' });
  const claimRef = { uid: claim.metadata.uid ?? '', namespace: 'default', name: 'data' };
  await client.create(PERSISTENT_VOLUMES, { metadata: { name: 'pv1' }, spec: { local: { path }, claimRef } });
  assert.deepEqual((await manager.mount(pod, signal)).get('data'), { hostPath: path, readOnly: true });
  const status = await stat(path);
  assert.deepEqual([status.gid, status.mode & 0o2070], [2000, 0o2070]);
});

test('NodeVolumeManager pins sub-paths and lets none out of the volume', async () => {
  const volumes = await manager.mount(newPod([{ name: 'scratch', emptyDir: {} }]), signal);
  const volume = volumes.get('scratch') ?? assert.fail();
  const sub = (subPath: string, index = 0) =>
    manager.subPath('pod-1', { volumeName: 'scratch', containerName: 'main', index, volume, subPath });
  await symlink('/etc', join(volume.hostPath, 'escape'));
  await symlink('inner', join(volume.hostPath, 'alias'));
  for (const bad of ['escape', 'escape/passwd', '../other', 'a/../../b', '/etc']) {
    await assert.rejects(sub(bad), { code: 'volume-sub-path' }, bad);
  }
  const made = await sub('inner/deep');
  assert.equal((await stat(made)).mode & 0o777, 0o777, 'as open as the volume itself');
  await writeFile(join(made, 'x'), 'through the mount');
  assert.equal(await content(join(volume.hostPath, 'inner/deep/x')), 'through the mount');
  assert.equal(await content(join(await sub('alias/deep/x', 1))), 'through the mount');
  assert.ok((await lstat(await sub('inner/deep'))).isDirectory());
  const mounts = (await content('/proc/self/mounts')).split('\n').filter((line) => line.includes(root));
  assert.equal(mounts.filter((line) => line.includes('volume-subpaths')).length, 2);
  await manager.unmount('pod-1');
  assert.equal((await content('/proc/self/mounts')).includes(root), false);
});
