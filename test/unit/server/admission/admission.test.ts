// The built-in admission plugins on requests made by hand, with the state of the cluster as a table of objects.

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { Pod } from '../../../../src/api/types/core-v1.gen.ts';
import type { AdmissionRequest } from '../../../../src/server/admission/admission.ts';
import { ACCOUNT, admit, chainOf, NAMESPACE, podOf, podRequest, refusalFor } from '../../../support/admission.ts';

const admitted = async (object: Pod, objects: readonly object[] = [NAMESPACE, ACCOUNT]): Promise<Pod> =>
  (await admit(podRequest(object), objects)).object as Pod;

describe('builtinAdmission', () => {
  test('gives a pod its service account, token mount, tolerations and priority', async () => {
    const { spec } = await admitted(podOf());
    assert.equal(spec.serviceAccountName, 'default');
    assert.match(spec.volumes?.[0]?.name ?? '', /^kube-api-access-[bcdfghjklmnpqrstvwxz2456789]{5}$/);
    assert.equal(spec.containers[0]?.volumeMounts?.[0]?.mountPath, '/var/run/secrets/kubernetes.io/serviceaccount');
    assert.deepEqual(
      spec.tolerations?.map((t) => [t.key, t.tolerationSeconds]),
      [
        ['node.kubernetes.io/not-ready', 300],
        ['node.kubernetes.io/unreachable', 300],
      ],
    );
    assert.equal(spec.priority, 0);
    assert.equal(spec.preemptionPolicy, 'PreemptLowerPriority');
  });

  test('mounts no token when the pod opts out, whatever the account says', async () => {
    const { spec } = await admitted(podOf({ automountServiceAccountToken: false }), [
      NAMESPACE,
      { ...ACCOUNT, automountServiceAccountToken: true },
    ]);
    assert.equal(spec.volumes, undefined);
  });

  test('takes the pull secrets of the account only where the pod names none', async () => {
    const objects = [NAMESPACE, { ...ACCOUNT, imagePullSecrets: [{ name: 'registry' }] }];
    assert.deepEqual((await admitted(podOf(), objects)).spec.imagePullSecrets, [{ name: 'registry' }]);
    assert.deepEqual((await admitted(podOf({ imagePullSecrets: [{ name: 'own' }] }), objects)).spec.imagePullSecrets, [{ name: 'own' }]);
  });

  test('bounds what a whole pod asks for, also when it is resized', async () => {
    const item = { type: 'Pod', max: { cpu: '1' }, maxLimitRequestRatio: { memory: '2' } };
    const range = { kind: 'LimitRange', metadata: { name: 'r', namespace: 'shop' }, spec: { limits: [item] } };
    const objects = [NAMESPACE, ACCOUNT, range];
    const one = (name: string, cpu: string, memory = '1Mi', more: object = {}) => ({
      name,
      image: 'i',
      resources: { requests: { cpu, memory: '1Mi' }, limits: { cpu, memory } },
      ...more,
    });
    const fits = podOf({ containers: [one('a', '500m'), one('b', '400m')], initContainers: [one('i', '900m')] });
    const { object } = await admit(podRequest(fits), objects);
    const sidecar = podOf({ containers: [one('a', '600m')], initContainers: [one('s', '600m', '1Mi', { restartPolicy: 'Always' })] });
    const why = (text: string): string => `pods "web" is forbidden: ${text}`;
    assert.equal((await refusalFor(podRequest(sidecar), objects)).message, why('maximum cpu usage per Pod is 1, but limit is 1200m'));
    const greedy = podOf({ containers: [one('a', '1m', '3Mi')] });
    const ratio = 'memory max limit to request ratio per Pod is 2, but provided ratio is 3.000000';
    assert.equal((await refusalFor(podRequest(greedy), objects)).message, why(ratio));
    const resize = { operation: 'UPDATE', subresource: 'resize', oldObject: object } as const;
    const grown = podOf({ containers: [one('a', '2')] });
    assert.match((await refusalFor(podRequest(grown, resize), objects)).message, /maximum cpu usage per Pod is 1, but limit is 2$/);
    const going = { ...podOf(), metadata: { name: 'web', namespace: 'shop', deletionTimestamp: 'now' } };
    await admit(podRequest(grown, { ...resize, oldObject: going }), objects);
  });

  test('bounds the Secrets of a pod to those of its account where the account asks for it', async () => {
    const annotations = { 'kubernetes.io/enforce-mountable-secrets': 'true' };
    const account = {
      ...ACCOUNT,
      metadata: { ...ACCOUNT.metadata, annotations },
      secrets: [{ name: 'own' }],
      imagePullSecrets: [{ name: 'pull' }],
    };
    const objects = [NAMESPACE, account];
    const mounting = (secretName: string) => podOf({ volumes: [{ name: 'v', secret: { secretName } }] });
    const reading = (name: string) => podOf({ containers: [{ name: 'web', image: 'web', envFrom: [{ secretRef: { name } }] }] });
    await admitted(mounting('own'), objects);
    const cases: [Pod, string][] = [
      [
        mounting('other'),
        'volume with secret.secretName="other" is not allowed because service account default does not reference that secret',
      ],
      [
        reading('other'),
        'container web with envFrom referencing secret.secretName="other" is not allowed because service account default does not reference that secret',
      ],
      [
        podOf({ imagePullSecrets: [{ name: 'other' }] }),
        'imagePullSecrets[0].name="other" is not allowed because service account default does not reference that imagePullSecret',
      ],
    ];
    for (const [pod, why] of cases) {
      const { message } = await refusalFor(podRequest(pod), objects);
      assert.equal(message, `pods "web" is forbidden: ${why}`);
    }
  });

  test('leaves a toleration of the pod for a node that is not ready', async () => {
    const own = { key: 'node.kubernetes.io/not-ready', operator: 'Exists', effect: 'NoExecute', tolerationSeconds: 5 };
    const { spec } = await admitted(podOf({ tolerations: [own] }));
    assert.deepEqual(
      spec.tolerations?.map((t) => t.tolerationSeconds),
      [5, 300],
    );
  });

  test('fills in the default requests and limits and says so', async () => {
    const range = {
      kind: 'LimitRange',
      metadata: { name: 'r', namespace: 'shop' },
      spec: { limits: [{ type: 'Container', default: { cpu: '500m' }, defaultRequest: { cpu: '100m' } }] },
    };
    const result = await admitted(podOf(), [NAMESPACE, ACCOUNT, range]);
    assert.deepEqual(result.spec.containers[0]?.resources, { requests: { cpu: '100m' }, limits: { cpu: '500m' } });
    assert.equal(
      result.metadata.annotations?.['kubernetes.io/limit-ranger'],
      'LimitRanger plugin set: cpu request for container web; cpu limit for container web',
    );
  });

  const bounded = {
    kind: 'LimitRange',
    metadata: { name: 'r', namespace: 'shop' },
    spec: { limits: [{ type: 'Container', max: { memory: '1Gi' } }] },
  };
  const high = { kind: 'PriorityClass', metadata: { name: 'high' }, value: 1000, globalDefault: true };
  const node = { user: { name: 'system:node:n1', groups: ['system:nodes', 'system:authenticated'] } };
  const nodes = { group: '', version: 'v1', resource: 'nodes' };
  const refusals: { title: string; request: AdmissionRequest; objects: readonly object[]; code: number; message: string }[] = [
    {
      title: 'a namespace that is not there',
      request: podRequest(podOf()),
      objects: [],
      code: 404,
      message: 'namespaces "shop" not found',
    },
    {
      title: 'a namespace that is being terminated',
      request: podRequest(podOf()),
      objects: [{ ...NAMESPACE, status: { phase: 'Terminating' } }, ACCOUNT],
      code: 403,
      message: 'pods "web" is forbidden: unable to create new content in namespace shop because it is being terminated',
    },
    {
      title: 'the deletion of the default namespace',
      request: podRequest(
        {},
        { operation: 'DELETE', resource: { group: '', version: 'v1', resource: 'namespaces' }, name: 'default', object: undefined },
      ),
      objects: [],
      code: 403,
      message: 'namespaces "default" is forbidden: this namespace may not be deleted',
    },
    {
      title: 'a service account that is not there',
      request: podRequest(podOf({ serviceAccountName: 'ghost' })),
      objects: [NAMESPACE, ACCOUNT],
      code: 403,
      message: 'pods "web" is forbidden: error looking up service account shop/ghost: serviceaccount "ghost" not found',
    },
    {
      title: 'a priority class that is not there',
      request: podRequest(podOf({ priorityClassName: 'ghost' })),
      objects: [NAMESPACE, ACCOUNT],
      code: 403,
      message: 'pods "web" is forbidden: no PriorityClass with name ghost was found',
    },
    {
      title: 'a priority other than the class says',
      request: podRequest(podOf({ priority: 7 })),
      objects: [NAMESPACE, ACCOUNT, high],
      code: 403,
      message:
        'pods "web" is forbidden: the integer value of priority (7) must not be provided in pod spec; priority admission controller computed 1000 from the given PriorityClass name',
    },
    {
      title: 'a limit above the maximum',
      request: podRequest(podOf({ containers: [{ name: 'web', resources: { limits: { memory: '2Gi' }, requests: { memory: '2Gi' } } }] })),
      objects: [NAMESPACE, ACCOUNT, bounded],
      code: 403,
      message: 'pods "web" is forbidden: maximum memory usage per Container is 1Gi, but limit is 2Gi',
    },
    {
      title: 'a node that changes another',
      request: podRequest(
        { metadata: { name: 'n2' }, spec: {} },
        { ...node, operation: 'UPDATE', resource: nodes, name: 'n2', namespace: '' },
      ),
      objects: [],
      code: 403,
      message: 'nodes "n2" is forbidden: node "n1" is not allowed to modify node "n2"',
    },
    {
      title: 'a node that gives itself a role',
      request: podRequest(
        { metadata: { name: 'n1', labels: { 'node-role.kubernetes.io/admin': '' } }, spec: {} },
        { ...node, resource: nodes, name: 'n1', namespace: '' },
      ),
      objects: [],
      code: 403,
      message: 'nodes "n1" is forbidden: node "n1" is not allowed to set the following labels: node-role.kubernetes.io/admin',
    },
  ];
  for (const { title, request, objects, code, message } of refusals) {
    test(`refuses ${title}`, async () => assert.deepEqual(await refusalFor(request, objects), { code, message }));
  }

  test('gives an Ingress without a class the newest default class', async () => {
    const cls = (name: string, year: number, isDefault: string) => ({
      kind: 'IngressClass',
      metadata: {
        name,
        creationTimestamp: `${year}-01-01T00:00:00Z`,
        annotations: { 'ingressclass.kubernetes.io/is-default-class': isDefault },
      },
    });
    const classes = [NAMESPACE, cls('old', 2024, 'true'), cls('new', 2025, 'true'), cls('other', 2026, 'false')];
    const classOf = async (ingress: { spec?: { ingressClassName?: string } }): Promise<string | undefined> => {
      const resource = { group: 'networking.k8s.io', version: 'v1', resource: 'ingresses' };
      const kind = { group: 'networking.k8s.io', version: 'v1', kind: 'Ingress' };
      const request = podRequest({ metadata: { name: 'web', namespace: 'shop' }, ...ingress }, { resource, kind });
      for (const plugin of chainOf(classes)) await plugin.admit?.(request);
      return (request.object as { spec?: { ingressClassName?: string } }).spec?.ingressClassName;
    };
    assert.equal(await classOf({ spec: {} }), 'new');
    assert.equal(await classOf({ spec: { ingressClassName: 'mine' } }), 'mine');
  });

  test('taints a node that registers', async () => {
    const request = podRequest({ metadata: { name: 'n1' }, spec: {} }, { ...node, resource: nodes, name: 'n1', namespace: '' });
    await admit(request, []);
    assert.deepEqual((request.object as { spec?: unknown } | undefined)?.spec, {
      taints: [{ key: 'node.kubernetes.io/not-ready', effect: 'NoSchedule' }],
    });
  });
});
