// Plugins that run only when the operator asks for them, and which plugins run.

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { KubeObject } from '../../../../src/api/object.ts';
import type { Pod } from '../../../../src/api/types/core-v1.gen.ts';
import type { AdmissionRequest } from '../../../../src/server/admission/admission.ts';
import { isSelected, selectionFault } from '../../../../src/server/admission/plugin-selection.ts';
import { ACCOUNT, admit, chainOf, NAMESPACE, podOf, podRequest, refusalFor } from '../../../support/admission.ts';

const only = (...enable: string[]) => ({ selection: { enable, disable: [] } });
const annotated = (annotations: Record<string, string>) => [{ ...NAMESPACE, metadata: { name: 'shop', annotations } }, ACCOUNT];
const specOf = async (request: AdmissionRequest, plugin: string, objects: readonly object[] = [NAMESPACE, ACCOUNT]) =>
  ((await admit(request, objects, only(plugin))).object as Pod).spec;

describe('isSelected', () => {
  it('runs the default plugins, and others when they are asked for', () => {
    assert.ok(isSelected('PodSecurity', { enable: [], disable: [] }));
    assert.ok(!isSelected('PodSecurity', { enable: [], disable: ['PodSecurity'] }));
    assert.ok(!isSelected('AlwaysPullImages', { enable: [], disable: [] }));
    assert.ok(isSelected('AlwaysPullImages', { enable: ['AlwaysPullImages'], disable: [] }));
    assert.ok(isSelected('RBACPrivilegeEscalation', { enable: [], disable: [] }));
  });
});

describe('selectionFault', () => {
  it('knows the name of every plugin', () => {
    const names = chainOf([], only('AlwaysPullImages', 'DenyServiceExternalIPs', 'ExtendedResourceToleration')).map(({ name }) => name);
    assert.equal(selectionFault({ enable: names, disable: [] }), undefined);
  });

  it('knows no name without a plugin', () => {
    const known = /is none of (.*)$/.exec(selectionFault({ enable: ['?'], disable: [] }) ?? '')?.[1]?.split(', ') ?? [];
    const names = chainOf([], only(...known)).map(({ name }) => name);
    assert.deepEqual(
      known.filter((name) => !names.includes(name)),
      [],
    );
  });

  it('names a plugin that there is not, and one that is on both lists', () => {
    assert.match(selectionFault({ enable: ['Typo'], disable: [] }) ?? '', /^"Typo" is none of AlwaysPullImages, CertificateApproval, /);
    assert.equal(selectionFault({ enable: ['Priority'], disable: ['Priority'] }), 'Priority is both enabled and disabled');
  });
});

describe('AlwaysPullImages', () => {
  const stale = () => ({ containers: [{ name: 'web', image: 'web', imagePullPolicy: 'IfNotPresent' }] });

  it('pulls every image, of containers and of volumes', async () => {
    const spec = await specOf(podRequest(podOf({ ...stale(), volumes: [{ name: 'v', image: { reference: 'x' } }] })), 'AlwaysPullImages');
    assert.equal(spec.containers[0]?.imagePullPolicy, 'Always');
    assert.equal(spec.volumes?.[0]?.image?.pullPolicy, 'Always');
  });

  it('leaves an update that brings no new image', async () => {
    const update = { operation: 'UPDATE', oldObject: podOf(stale()) } as const;
    assert.equal((await specOf(podRequest(podOf(stale()), update), 'AlwaysPullImages')).containers[0]?.imagePullPolicy, 'IfNotPresent');
  });
});

describe('DenyServiceExternalIPs', () => {
  const service = (...externalIPs: string[]): KubeObject =>
    ({ metadata: { name: 's', namespace: 'shop' }, spec: { externalIPs } }) as KubeObject;
  const services = { group: '', version: 'v1', resource: 'services' };

  it('refuses new addresses and leaves old ones', async () => {
    const options = only('DenyServiceExternalIPs');
    const create = podRequest(service('192.0.2.1'), { resource: services, name: 's' });
    const { message } = await refusalFor(create, [NAMESPACE], options);
    assert.equal(message, 'services "s" is forbidden: Use of external IPs is denied by admission control.');
    const update = { resource: services, name: 's', operation: 'UPDATE', oldObject: service('192.0.2.1', '192.0.2.2') } as const;
    assert.ok(await admit(podRequest(service('192.0.2.1'), update), [NAMESPACE], options));
  });
});

describe('ExtendedResourceToleration', () => {
  it('tolerates the taints of the devices that a pod asks for', async () => {
    const requests = { cpu: '1', 'example.com/gpu': '1', 'hugepages-2Mi': '2Mi' };
    const pod = podOf({ containers: [{ name: 'web', image: 'web', resources: { requests } }] });
    const { tolerations } = await specOf(podRequest(pod), 'ExtendedResourceToleration');
    assert.deepEqual(
      tolerations?.filter(({ effect }) => effect === 'NoSchedule'),
      [{ key: 'example.com/gpu', operator: 'Exists', effect: 'NoSchedule' }],
    );
  });
});

describe('LimitPodHardAntiAffinityTopology', () => {
  it('refuses to keep others off more than a node', async () => {
    const term = (topologyKey: string) => ({ podAntiAffinity: { requiredDuringSchedulingIgnoredDuringExecution: [{ topologyKey }] } });
    const options = only('LimitPodHardAntiAffinityTopology');
    const { message } = await refusalFor(podRequest(podOf({ affinity: term('zone') })), [NAMESPACE, ACCOUNT], options);
    assert.match(
      message,
      /affinity\.PodAntiAffinity\.RequiredDuringScheduling has TopologyKey zone but only key kubernetes\.io\/hostname is allowed$/,
    );
    assert.ok(await admit(podRequest(podOf({ affinity: term('kubernetes.io/hostname') })), [NAMESPACE, ACCOUNT], options));
  });
});

describe('PodNodeSelector', () => {
  const objects = annotated({ 'scheduler.alpha.kubernetes.io/node-selector': 'env=prod, zone=a' });

  it('adds what the namespace selects', async () => {
    const spec = await specOf(podRequest(podOf({ nodeSelector: { disk: 'ssd' } })), 'PodNodeSelector', objects);
    assert.deepEqual(spec.nodeSelector, { env: 'prod', zone: 'a', disk: 'ssd' });
  });

  it('refuses a pod that selects otherwise', async () => {
    const request = podRequest(podOf({ nodeSelector: { env: 'test' } }));
    const { message } = await refusalFor(request, objects, only('PodNodeSelector'));
    assert.equal(message, 'pods "web" is forbidden: pod node label selector conflicts with its namespace node label selector');
  });
});

describe('PodTolerationRestriction', () => {
  const KEY = 'scheduler.alpha.kubernetes.io';
  const gpu = { key: 'gpu', operator: 'Exists', effect: 'NoSchedule' };

  it('adds the default tolerations of the namespace', async () => {
    const objects = annotated({ [`${KEY}/defaultTolerations`]: JSON.stringify([gpu]) });
    const { tolerations } = await specOf(podRequest(podOf()), 'PodTolerationRestriction', objects);
    assert.ok(tolerations?.some(({ key }) => key === 'gpu'));
  });

  it('refuses tolerations that the namespace does not list', async () => {
    const listed = [
      gpu,
      { key: 'node.kubernetes.io/not-ready', operator: 'Exists' },
      { key: 'node.kubernetes.io/unreachable', operator: 'Exists' },
    ];
    const objects = annotated({ [`${KEY}/tolerationsWhitelist`]: JSON.stringify(listed) });
    const tolerating = (key: string) => podRequest(podOf({ tolerations: [{ key, operator: 'Equal', value: 'x', effect: 'NoSchedule' }] }));
    const options = only('PodTolerationRestriction');
    assert.ok(await admit(tolerating('gpu'), objects, options));
    const { message } = await refusalFor(tolerating('other'), objects, options);
    assert.match(message, /pod tolerations \(possibly merged with namespace default tolerations\) conflict with its namespace whitelist$/);
  });
});

describe('OwnerReferencesPermissionEnforcement', () => {
  const owned = (more: object = {}): KubeObject => {
    const pod = podOf();
    return {
      ...pod,
      metadata: { ...pod.metadata, ownerReferences: [{ apiVersion: 'apps/v1', kind: 'ReplicaSet', name: 'r', uid: 'u', ...more }] },
    };
  };
  const allowing = (...allowed: string[]) => ({
    ...only('OwnerReferencesPermissionEnforcement'),
    authorizer: {
      authorize: ({ verb, resource }: { verb: string; resource?: { resource: string; subresource: string } }) => {
        const what = `${verb} ${resource?.resource}${resource?.subresource ? `/${resource.subresource}` : ''}`;
        return { decision: allowed.includes(what) ? ('allow' as const) : ('none' as const), reason: '' };
      },
    },
  });
  const objects = [NAMESPACE, ACCOUNT];

  it('demands that the writer may delete the object', async () => {
    const { message } = await refusalFor(podRequest(owned()), objects, allowing());
    assert.match(message, /cannot set an ownerRef on a resource you can't delete: , <nil>$/);
    assert.ok(await admit(podRequest(owned()), objects, allowing('delete pods')));
    assert.ok(await admit(podRequest(owned(), { operation: 'UPDATE', oldObject: owned() }), objects, allowing()));
  });

  it('demands that the writer may finalize an owner whose deletion is to wait', async () => {
    const blocking = podRequest(owned({ blockOwnerDeletion: true }));
    const { message } = await refusalFor(blocking, objects, allowing('delete pods'));
    assert.match(message, /cannot set blockOwnerDeletion if an ownerReference refers to a resource you can't set finalizers on: , <nil>$/);
    assert.ok(
      await admit(podRequest(owned({ blockOwnerDeletion: true })), objects, allowing('delete pods', 'update replicasets/finalizers')),
    );
    const unknown = podRequest(owned({ blockOwnerDeletion: true, kind: 'Widget' }));
    assert.match(
      (await refusalFor(unknown, objects, allowing('delete pods'))).message,
      /cannot find RESTMapping for APIVersion apps\/v1 Kind Widget$/,
    );
  });
});
