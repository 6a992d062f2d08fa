// The built-in admission plugins and the controllers that belong to them, on the API server: what the conformance tests of LimitRange, RuntimeClass,
// PriorityClass, ServiceAccount and of storage protection follow.

import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import type { KubeObject } from '../../src/api/object.ts';
import type { PersistentVolume, PersistentVolumeClaim, Pod, PodSpec } from '../../src/api/types/core-v1.gen.ts';
import { createRequest, generateKey } from '../../src/base/x509.ts';
import {
  CERTIFICATE_SIGNING_REQUESTS,
  LIMIT_RANGES,
  NAMESPACES,
  NODES,
  PERSISTENT_VOLUME_CLAIMS,
  PERSISTENT_VOLUMES,
  PODS,
  PRIORITY_CLASSES,
  RUNTIME_CLASSES,
  SERVICE_ACCOUNTS,
  STORAGE_CLASSES,
  VOLUME_ATTRIBUTES_CLASSES,
} from '../../src/client/resources.ts';
import {
  pvcProtectionController,
  pvProtectionController,
  vacProtectionController,
} from '../../src/server/controllers/in-use-protection.ts';
import { type AdmittedServer, refusalOf, startAdmittedServer } from '../support/admitted-server.ts';

let world: AdmittedServer;

before(async () => {
  const controllers = { pvc: pvcProtectionController, pv: pvProtectionController, vac: vacProtectionController };
  // Users may do with signers what their name says.
  const authorizer = {
    authorize: ({ user, verb, resource }: { user: { name: string }; verb: string; resource?: { name: string } }) => ({
      decision: user.name === `${verb} ${resource?.name}` ? ('allow' as const) : ('none' as const),
      reason: '',
    }),
  };
  world = await startAdmittedServer({ controllers, admission: { authorizer } });
  await world.namespace('shop');
  await world.client.create(NODES, {
    metadata: { name: 'n1', labels: { 'topology.kubernetes.io/zone': 'z', 'topology.kubernetes.io/region': 'r', other: 'o' } },
    spec: {},
  });
});

after(async () => {
  await world.stop();
});

const podOf = (name: string, spec: object = {}, namespace = 'shop'): Pod & KubeObject => ({
  metadata: { name, namespace },
  spec: { containers: [{ name: 'c', image: 'i' }], ...spec },
});
const resourcesOf = (requests?: Record<string, string>, limits?: Record<string, string>) => ({
  containers: [{ name: 'c', image: 'i', resources: { ...(requests && { requests }), ...(limits && { limits }) } }],
});

describe('LimitRange', () => {
  it('gives pods its defaults and keeps them within its bounds', async () => {
    await world.namespace('limited');
    const limits = [
      {
        type: 'Container',
        min: { cpu: '50m', memory: '100Mi' },
        max: { cpu: '500m', memory: '500Mi' },
        default: { cpu: '500m', memory: '500Mi' },
        defaultRequest: { cpu: '100m', memory: '200Mi' },
      },
    ];
    await world.client.create(LIMIT_RANGES, { metadata: { name: 'r', namespace: 'limited' }, spec: { limits } });
    const bare = await world.client.create(PODS, podOf('bare', {}, 'limited'));
    assert.deepEqual(bare.spec.containers[0]?.resources, {
      limits: { cpu: '500m', memory: '500Mi' },
      requests: { cpu: '100m', memory: '200Mi' },
    });
    const partial = await world.client.create(PODS, podOf('partial', resourcesOf({ cpu: '300m' }), 'limited'));
    assert.deepEqual(partial.spec.containers[0]?.resources?.requests, { cpu: '300m', memory: '200Mi' });
    const small = await refusalOf(world.client.create(PODS, podOf('small', resourcesOf({ cpu: '10m' }), 'limited')));
    assert.deepEqual(small, {
      code: 403,
      message: 'pods "small" is forbidden: minimum cpu usage per Container is 50m, but request is 10m',
    });
    const large = await refusalOf(world.client.create(PODS, podOf('large', resourcesOf(undefined, { cpu: '600m' }), 'limited')));
    assert.match(large.message, /maximum cpu usage per Container is 500m, but limit is 600m/);
  });

  it('defaults limits from its maximum, and requests from limits', async () => {
    await world.namespace('defaulted');
    const created = await world.client.create(LIMIT_RANGES, {
      metadata: { name: 'r', namespace: 'defaulted' },
      spec: { limits: [{ type: 'Container', max: { cpu: '1' } }] },
    });
    assert.deepEqual(created.spec.limits[0], { type: 'Container', max: { cpu: '1' }, default: { cpu: '1' }, defaultRequest: { cpu: '1' } });
  });

  it('can be listed in all namespaces, patched, and deleted by collection', async () => {
    await world.namespace('ranges');
    const limits = [{ type: 'Container', min: { cpu: '50m' } }];
    await world.client.create(LIMIT_RANGES, { metadata: { name: 'r', namespace: 'ranges', labels: { of: 'test' } }, spec: { limits } });
    assert.equal((await world.client.list(LIMIT_RANGES, { labelSelector: 'of=test' })).items.length, 1);
    const patch = { type: 'merge', body: { spec: { limits: [{ type: 'Container', min: { cpu: '60m' } }] } } } as const;
    const patched = await world.client.patch(LIMIT_RANGES, { namespace: 'ranges', name: 'r' }, patch);
    assert.equal(patched.spec.limits[0]?.min?.['cpu'], '60m');
    await world.client.deleteCollection(LIMIT_RANGES, { namespace: 'ranges', labelSelector: 'of=test' });
    assert.equal((await world.client.list(LIMIT_RANGES, { labelSelector: 'of=test' })).items.length, 0);
  });
});

describe('RuntimeClass', () => {
  it('gives pods its overhead and scheduling, and refuses those of a class that is not there', async () => {
    await world.client.create(RUNTIME_CLASSES, {
      metadata: { name: 'fast' },
      handler: 'h',
      overhead: { podFixed: { cpu: '10m', memory: '1Mi' } },
      scheduling: { nodeSelector: { kind: 'fast' }, tolerations: [{ key: 'fast', operator: 'Exists' }] },
    });
    const { spec } = await world.client.create(PODS, podOf('fast', { runtimeClassName: 'fast', nodeSelector: { zone: 'a' } }));
    assert.deepEqual(spec.overhead, { cpu: '10m', memory: '1Mi' });
    assert.deepEqual(spec.nodeSelector, { kind: 'fast', zone: 'a' });
    assert.ok(spec.tolerations?.some(({ key }) => key === 'fast'));
    const conflict = await refusalOf(
      world.client.create(PODS, podOf('slow', { runtimeClassName: 'fast', nodeSelector: { kind: 'slow' } })),
    );
    assert.match(
      conflict.message,
      /conflict: runtimeClass\.scheduling\.nodeSelector\[kind\] = fast; pod\.spec\.nodeSelector\[kind\] = slow$/,
    );
    await world.client.delete(RUNTIME_CLASSES, { namespace: '', name: 'fast' });
    const gone = await refusalOf(world.client.create(PODS, podOf('late', { runtimeClassName: 'fast' })));
    assert.deepEqual(gone, { code: 403, message: 'pods "late" is forbidden: pod rejected: RuntimeClass "fast" not found' });
  });
});

describe('RuntimeClasses', () => {
  it('can be used by all methods, but their handler stays', async () => {
    const metadata = { name: 'tried', labels: { of: 'test' } };
    await world.client.create(RUNTIME_CLASSES, { metadata, handler: 'h' });
    const patched = await world.client.patch(
      RUNTIME_CLASSES,
      { namespace: '', name: 'tried' },
      { type: 'merge', body: { metadata: { annotations: { a: 'b' } } } },
    );
    assert.equal(patched.metadata.annotations?.['a'], 'b');
    assert.equal((await refusalOf(world.client.update(RUNTIME_CLASSES, { ...patched, handler: 'other' }))).code, 422);
    await world.client.deleteCollection(RUNTIME_CLASSES, { labelSelector: 'of=test' });
    assert.equal((await world.client.list(RUNTIME_CLASSES, { labelSelector: 'of=test' })).items.length, 0);
  });
});

describe('PriorityClass', () => {
  it('gives pods its value, and is the only default', async () => {
    await world.client.create(PRIORITY_CLASSES, {
      metadata: { name: 'high' },
      value: 1000,
      preemptionPolicy: 'Never',
      globalDefault: true,
    });
    const pod = await world.client.create(PODS, podOf('important'));
    assert.deepEqual([pod.spec.priorityClassName, pod.spec.priority, pod.spec.preemptionPolicy], ['high', 1000, 'Never']);
    const second = await refusalOf(world.client.create(PRIORITY_CLASSES, { metadata: { name: 'low' }, value: 1, globalDefault: true }));
    const why = 'PriorityClass high is already marked as default. Only one default can exist';
    assert.deepEqual(second, { code: 403, message: `priorityclasses.scheduling.k8s.io "low" is forbidden: ${why}` });
    const own = await refusalOf(world.client.create(PODS, podOf('own', { priority: 7 })));
    assert.match(
      own.message,
      /the integer value of priority \(7\) must not be provided in pod spec; priority admission controller computed 1000/,
    );
    const { priority: _p, preemptionPolicy: _o, ...rest } = pod.spec;
    const spec: PodSpec = rest;
    const updated = await world.client.update(PODS, { ...pod, metadata: { ...pod.metadata, labels: { a: 'b' } }, spec });
    assert.equal(updated.spec.priority, 1000);
    await world.client.delete(PRIORITY_CLASSES, { namespace: '', name: 'high' });
  });

  it('can be used by all methods, but its value stays', async () => {
    await world.client.create(PRIORITY_CLASSES, { metadata: { name: 'p1' }, value: 1 });
    const patched = await world.client.patch(
      PRIORITY_CLASSES,
      { namespace: '', name: 'p1' },
      { type: 'merge', body: { description: 'd' } },
    );
    assert.equal(patched.description, 'd');
    assert.equal((await refusalOf(world.client.update(PRIORITY_CLASSES, { ...patched, value: 2 }))).code, 422);
    await world.client.deleteCollection(PRIORITY_CLASSES, { fieldSelector: 'metadata.name=p1' });
  });
});

describe('ServiceAccount', () => {
  it('mounts its token unless the pod, or else the account, opts out', async () => {
    const account = (name: string, automount?: boolean) =>
      world.client.create(SERVICE_ACCOUNTS, {
        metadata: { name, namespace: 'shop' },
        ...(automount !== undefined && { automountServiceAccountToken: automount }),
      });
    await account('open');
    await account('mounting', true);
    await account('closed', false);
    const cases: [string, boolean | undefined, boolean][] = ['open', 'mounting', 'closed'].flatMap(
      (name): [string, boolean | undefined, boolean][] => [
        [name, undefined, name !== 'closed'],
        [name, true, true],
        [name, false, false],
      ],
    );
    for (const [name, automount, mounted] of cases) {
      const spec = { serviceAccountName: name, ...(automount !== undefined && { automountServiceAccountToken: automount }) };
      const pod = await world.client.create(PODS, podOf(`${name}-${automount}`, spec));
      assert.equal(pod.spec.containers[0]?.volumeMounts !== undefined, mounted, `${name} ${automount}`);
    }
  });
});

describe('ServiceAccounts', () => {
  it('can be used by all methods', async () => {
    const metadata = { name: 'lived', namespace: 'shop', labels: { of: 'life' } };
    await world.client.create(SERVICE_ACCOUNTS, { metadata });
    const patched = await world.client.patch(SERVICE_ACCOUNTS, metadata, { type: 'merge', body: { automountServiceAccountToken: false } });
    assert.equal(patched.automountServiceAccountToken, false);
    const updated = await world.client.update(SERVICE_ACCOUNTS, { ...patched, automountServiceAccountToken: true });
    assert.equal(updated.automountServiceAccountToken, true);
    assert.equal((await world.client.list(SERVICE_ACCOUNTS, { labelSelector: 'of=life' })).items.length, 1);
    await world.client.deleteCollection(SERVICE_ACCOUNTS, { namespace: 'shop', labelSelector: 'of=life' });
    assert.equal((await world.client.list(SERVICE_ACCOUNTS, { labelSelector: 'of=life' })).items.length, 0);
  });
});

describe('storage objects in use', () => {
  it('keep a claim that a pod uses until the pod has ended', async () => {
    const claim: PersistentVolumeClaim & KubeObject = {
      metadata: { name: 'data', namespace: 'shop' },
      spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } } },
    };
    const created = await world.client.create(PERSISTENT_VOLUME_CLAIMS, claim);
    assert.deepEqual(created.metadata.finalizers, ['kubernetes.io/pvc-protection']);
    const volumes = [{ name: 'v', persistentVolumeClaim: { claimName: 'data' } }];
    const pod = await world.client.create(PODS, podOf('user', { nodeName: 'n1', volumes }));
    await world.client.delete(PERSISTENT_VOLUME_CLAIMS, { namespace: 'shop', name: 'data' });
    await world.eventually(
      PERSISTENT_VOLUME_CLAIMS,
      { namespace: 'shop', name: 'data' },
      ({ metadata }) => metadata.deletionTimestamp !== undefined,
    );
    await world.client.update(PODS, { ...pod, status: { phase: 'Succeeded' } }, { subresource: 'status' });
    await world.gone(PERSISTENT_VOLUME_CLAIMS, { namespace: 'shop', name: 'data' });
  });

  it('keep a volume that is bound', async () => {
    const volume: PersistentVolume & KubeObject = {
      metadata: { name: 'pv' },
      spec: { capacity: { storage: '1Gi' }, accessModes: ['ReadWriteOnce'], hostPath: { path: '/tmp' } },
    };
    const created = await world.client.create(PERSISTENT_VOLUMES, volume);
    assert.deepEqual(created.metadata.finalizers, ['kubernetes.io/pv-protection']);
    await world.client.update(PERSISTENT_VOLUMES, { ...created, status: { phase: 'Bound' } }, { subresource: 'status' });
    await world.client.delete(PERSISTENT_VOLUMES, { namespace: '', name: 'pv' });
    const held = await world.eventually(
      PERSISTENT_VOLUMES,
      { namespace: '', name: 'pv' },
      ({ metadata }) => metadata.deletionTimestamp !== undefined,
    );
    await world.client.update(PERSISTENT_VOLUMES, { ...held, status: { phase: 'Released' } }, { subresource: 'status' });
    await world.gone(PERSISTENT_VOLUMES, { namespace: '', name: 'pv' });
  });

  it('keep a volume attributes class that a claim names', async () => {
    await world.client.create(VOLUME_ATTRIBUTES_CLASSES, { metadata: { name: 'quick' }, driverName: 'd', parameters: { a: 'b' } });
    const spec = { accessModes: ['ReadWriteOnce'], volumeAttributesClassName: 'quick', resources: { requests: { storage: '1Gi' } } };
    await world.client.create(PERSISTENT_VOLUME_CLAIMS, { metadata: { name: 'vac', namespace: 'shop' }, spec });
    await world.client.delete(VOLUME_ATTRIBUTES_CLASSES, { namespace: '', name: 'quick' });
    await world.eventually(
      VOLUME_ATTRIBUTES_CLASSES,
      { namespace: '', name: 'quick' },
      ({ metadata }) => metadata.deletionTimestamp !== undefined,
    );
    await world.client.delete(PERSISTENT_VOLUME_CLAIMS, { namespace: 'shop', name: 'vac' });
    await world.gone(VOLUME_ATTRIBUTES_CLASSES, { namespace: '', name: 'quick' });
  });
});

describe('PersistentVolumeClaimResize', () => {
  it('lets a bound claim grow if its class does', async () => {
    for (const allowVolumeExpansion of [true, false]) {
      await world.client.create(STORAGE_CLASSES, {
        metadata: { name: `grow-${allowVolumeExpansion}` },
        provisioner: 'p',
        allowVolumeExpansion,
      });
    }
    const grown = async (name: string): Promise<unknown> => {
      const spec = { accessModes: ['ReadWriteOnce'], storageClassName: name, volumeName: 'v', resources: { requests: { storage: '1Gi' } } };
      const created = await world.client.create(PERSISTENT_VOLUME_CLAIMS, { metadata: { name, namespace: 'shop' }, spec });
      const bound = await world.client.update(
        PERSISTENT_VOLUME_CLAIMS,
        { ...created, status: { phase: 'Bound' } },
        { subresource: 'status' },
      );
      return await world.client.update(PERSISTENT_VOLUME_CLAIMS, {
        ...bound,
        spec: { ...bound.spec, resources: { requests: { storage: '2Gi' } } },
      });
    };
    await grown('grow-true');
    const { message } = await refusalOf(grown('grow-false'));
    assert.match(
      message,
      /only dynamically provisioned pvc can be resized and the storageclass that provisions the pvc must support resize$/,
    );
  });
});

describe('certificate signing requests', () => {
  const SIGNER = 'example.com/signer';
  const request = (name: string, signerName: string, organizations: readonly string[] = []) => ({
    metadata: { name },
    spec: {
      signerName,
      usages: ['client auth'],
      request: Buffer.from(createRequest({ commonName: 'jane', organizations }, { dns: [], ips: [] }, generateKey())).toString('base64'),
    },
  });
  const user = (name: string) => world.as({ name, groups: ['system:authenticated'] });

  it('are approved and signed by those who may', async () => {
    const created = await world.client.create(CERTIFICATE_SIGNING_REQUESTS, request('csr', SIGNER));
    const conditions = [{ type: 'Approved', status: 'True', reason: 'r', message: 'm' }];
    const approve = (name: string) =>
      user(name).update(CERTIFICATE_SIGNING_REQUESTS, { ...created, status: { conditions } }, { subresource: 'approval' });
    const refused = await refusalOf(approve('jane'));
    const why = `user not permitted to approve requests with signerName "${SIGNER}"`;
    assert.deepEqual(refused, { code: 403, message: `certificatesigningrequests.certificates.k8s.io "csr" is forbidden: ${why}` });
    const approved = await approve('approve example.com/*');
    const failed = {
      ...approved,
      status: { conditions: [...(approved.status?.conditions ?? []), { type: 'Failed', status: 'True', reason: 'r', message: 'm' }] },
    };
    const sign = (name: string) => user(name).update(CERTIFICATE_SIGNING_REQUESTS, failed, { subresource: 'status' });
    assert.match((await refusalOf(sign('jane'))).message, /user not permitted to sign requests with signerName "example.com\/signer"$/);
    await sign(`sign ${SIGNER}`);
  });

  it('are refused for the group that may do everything', async () => {
    const { message } = await refusalOf(
      world.client.create(CERTIFICATE_SIGNING_REQUESTS, request('root', 'kubernetes.io/kube-apiserver-client', ['system:masters'])),
    );
    assert.match(message, /use of kubernetes\.io\/kube-apiserver-client signer with system:masters group is not allowed$/);
  });
});

describe('PodTopologyLabels', () => {
  it('labels a pod with the zone and region of its node, and keeps what it says itself', async () => {
    const pod = podOf('placed', { nodeName: 'n1' });
    const labels = { 'topology.kubernetes.io/zone': 'own' };
    const created = await world.client.create(PODS, { ...pod, metadata: { ...pod.metadata, labels } });
    assert.deepEqual(created.metadata.labels, { 'topology.kubernetes.io/region': 'r', 'topology.kubernetes.io/zone': 'own' });
  });
});

describe('PodTopologyLabels of a binding', () => {
  it('go over to the pod', async () => {
    await world.client.create(PODS, podOf('bound'));
    const binding = { metadata: { name: 'bound', namespace: 'shop' }, target: { kind: 'Node', name: 'n1' } };
    await world.client.create<KubeObject, KubeObject>(PODS, binding, { subresource: 'binding', name: binding.metadata });
    const pod = await world.client.get(PODS, binding.metadata);
    assert.equal(pod.spec.nodeName, 'n1');
    assert.deepEqual(pod.metadata.labels, { 'topology.kubernetes.io/region': 'r', 'topology.kubernetes.io/zone': 'z' });
  });
});

describe('NodeRestriction', () => {
  const node = () => world.as({ name: 'system:node:n1', groups: ['system:nodes', 'system:authenticated'] });
  const own = { namespace: 'shop', name: 'on-n1' };

  it('lets a node evict its own pods and get their tokens, and no others', async () => {
    await world.client.create(PODS, podOf('on-n1', { nodeName: 'n1' }));
    await world.client.create(PODS, podOf('on-n2', { nodeName: 'n2' }));
    const token = async (name: string): Promise<KubeObject> => {
      const { uid } = (await world.client.get(PODS, { namespace: 'shop', name })).metadata;
      const boundObjectRef = { apiVersion: 'v1', kind: 'Pod', name, uid };
      const request = { metadata: {}, spec: { audiences: [], boundObjectRef } };
      const account = { namespace: 'shop', name: 'default' };
      return await node().create<KubeObject, KubeObject>(SERVICE_ACCOUNTS, request, { subresource: 'token', name: account });
    };
    assert.ok(await token('on-n1'));
    assert.match((await refusalOf(token('on-n2'))).message, /node requested token bound to a pod scheduled on a different node$/);
    const evict = (name: { namespace: string; name: string }) =>
      node().create<KubeObject, KubeObject>(PODS, { metadata: name }, { subresource: 'eviction', name });
    assert.match(
      (await refusalOf(evict({ ...own, name: 'on-n2' }))).message,
      /node "n1" can only evict pods with spec\.nodeName set to itself$/,
    );
    await evict(own);
  });
});

describe('NamespaceLifecycle', () => {
  it('keeps the namespaces that the cluster lives in', async () => {
    const { code, message } = await refusalOf(world.client.delete(NAMESPACES, { namespace: '', name: 'kube-system' }));
    assert.deepEqual([code, message], [403, 'namespaces "kube-system" is forbidden: this namespace may not be deleted']);
  });
});
