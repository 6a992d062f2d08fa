// Validation against upstream's words: each case is an object with one fault, and the fault as `field: detail`.

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { KubeObject } from '../../../../src/api/object.ts';
import { validateCreate, validateUpdate } from '../../../../src/api/validation/validate.ts';
import { faultTexts, kindOfKey, typical } from '../../../support/typical-objects.ts';

const META = { name: 'x', namespace: 'ns' };
const CONTAINER = { name: 'web', image: 'web:1' };
const TEMPLATE = { metadata: { labels: { app: 'web' } }, spec: { containers: [CONTAINER], restartPolicy: 'Always' } };
const SELECTOR = { matchLabels: { app: 'web' } };

describe('validateCreate', () => {
  const faults: [kind: string, path: string, value: unknown, ...expected: string[]][] = [
    ['/Pod', 'spec.containers', [], 'spec.containers: Required value'],
    [
      '/Pod',
      'spec.containers.0.name',
      'Web',
      `spec.containers[0].name: Invalid value: "Web": a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end with an alphanumeric character (e.g. 'my-name',  or '123-abc', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?')`,
    ],
    ['/Pod', 'spec.containers.0.image', undefined, 'spec.containers[0].image: Required value'],
    ['/Pod', 'spec.containers.1', CONTAINER, 'spec.containers[1].name: Duplicate value: "web"'],
    [
      '/Pod',
      'spec.containers.0.imagePullPolicy',
      'Sometimes',
      'spec.containers[0].imagePullPolicy: Unsupported value: "Sometimes": supported values: "Always", "IfNotPresent", "Never"',
    ],
    [
      '/Pod',
      'spec.containers.0.ports',
      [{ containerPort: 70_000, protocol: 'TCP' }],
      'spec.containers[0].ports[0].containerPort: Invalid value: 70000: must be between 1 and 65535, inclusive',
    ],
    [
      '/Pod',
      'spec.containers.0.volumeMounts',
      [{ name: 'data', mountPath: '/data' }],
      'spec.containers[0].volumeMounts[0].name: Not found: "data"',
    ],
    [
      '/Pod',
      'spec.containers.0.resources',
      { requests: { cpu: '2' }, limits: { cpu: '1' } },
      'spec.containers[0].resources.requests: Invalid value: "2": must be less than or equal to cpu limit of 1',
    ],
    [
      '/Pod',
      'spec.containers.0.resources',
      { limits: { memory: '-1' } },
      'spec.containers[0].resources.limits[memory]: Invalid value: "-1": must be greater than or equal to 0',
      'spec.containers[0].resources.requests[memory]: Invalid value: "-1": must be greater than or equal to 0',
    ],
    [
      '/Pod',
      'spec.containers.0.livenessProbe',
      { periodSeconds: 1 },
      'spec.containers[0].livenessProbe: Required value: must specify a handler type',
    ],
    [
      '/Pod',
      'spec.containers.0.env',
      [{ name: 'A=B', value: 'x' }],
      `spec.containers[0].env[0].name: Invalid value: "A=B": a valid environment variable name must consist only of printable ASCII characters other than '='`,
    ],
    [
      '/Pod',
      'spec.restartPolicy',
      'Maybe',
      'spec.restartPolicy: Unsupported value: "Maybe": supported values: "Always", "OnFailure", "Never"',
    ],
    [
      '/Pod',
      'spec.volumes',
      [{ name: 'v', emptyDir: {}, hostPath: { path: '/x' } }],
      'spec.volumes[0].hostPath: Forbidden: may not specify more than 1 volume type',
    ],
    [
      '/Pod',
      'spec.tolerations',
      [{ operator: 'Equal', value: 'x' }],
      'spec.tolerations[0].operator: Invalid value: "Equal": operator must be Exists when `key` is empty, which means "match all values and all keys"',
    ],
    ['/Pod', 'spec.dnsPolicy', 'None', 'spec.dnsConfig: Required value: must provide `dnsConfig` when `dnsPolicy` is None'],
    [
      '/Pod',
      'spec.affinity',
      { podAntiAffinity: { requiredDuringSchedulingIgnoredDuringExecution: [{ labelSelector: SELECTOR }] } },
      'spec.affinity.podAntiAffinity.requiredDuringSchedulingIgnoredDuringExecution[0].topologyKey: Required value: can not be empty',
      'spec.affinity.podAntiAffinity.requiredDuringSchedulingIgnoredDuringExecution[0].topologyKey: Invalid value: "": name part must be non-empty',
      `spec.affinity.podAntiAffinity.requiredDuringSchedulingIgnoredDuringExecution[0].topologyKey: Invalid value: "": name part must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for validation is '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]')`,
    ],
    [
      '/ConfigMap',
      'data',
      { 'a b': 'x' },
      `data[a b]: Invalid value: "a b": a valid config key must consist of alphanumeric characters, '-', '_' or '.' (e.g. 'key.name',  or 'KEY_NAME',  or 'key-name', regex used for validation is '[-._a-zA-Z0-9]+')`,
    ],
    ['/ConfigMap', 'data.big', 'x'.repeat(1 << 20), ': Too long: may not be more than 1048576 bytes'],
    ['/Secret', 'type', 'kubernetes.io/tls', 'data[tls.crt]: Required value', 'data[tls.key]: Required value'],
    ['/Service', 'spec.ports', [], 'spec.ports: Required value'],
    [
      '/Service',
      'spec.ports',
      [
        { name: 'a', port: 80, protocol: 'TCP' },
        { port: 81, protocol: 'TCP' },
      ],
      'spec.ports[1].name: Required value',
    ],
    [
      '/Service',
      'spec.ports.0',
      { port: 0, targetPort: 80 },
      'spec.ports[0].port: Invalid value: 0: must be between 1 and 65535, inclusive',
    ],
    [
      '/Service',
      'spec.type',
      'Cluster',
      'spec.type: Unsupported value: "Cluster": supported values: "ClusterIP", "ExternalName", "LoadBalancer", "NodePort"',
    ],
    [
      '/Node',
      'spec.taints',
      [{ key: 'a', effect: 'Never' }],
      'metadata.taints[0].effect: Unsupported value: "Never": supported values: "NoSchedule", "PreferNoSchedule", "NoExecute"',
    ],
    ['/PersistentVolumeClaim', 'spec.accessModes', [], 'spec.accessModes: Required value: at least 1 access mode is required'],
    ['apps/Deployment', 'spec.replicas', -1, 'spec.replicas: Invalid value: -1: must be greater than or equal to 0'],
    [
      'apps/Deployment',
      'spec.selector',
      { matchLabels: { app: 'other' } },
      'spec.template.metadata.labels: Invalid value: {"app":"web"}: `selector` does not match template `labels`',
    ],
    ['apps/Deployment', 'spec.selector', {}, 'spec.selector: Invalid value: {}: empty selector is invalid for deployment'],
    [
      'apps/Deployment',
      'spec.template.spec.restartPolicy',
      'Never',
      'spec.template.spec.restartPolicy: Unsupported value: "Never": supported values: "Always"',
    ],
    [
      'apps/Deployment',
      'spec.strategy.rollingUpdate',
      { maxSurge: 0, maxUnavailable: 0 },
      'spec.strategy.rollingUpdate.maxUnavailable: Invalid value: 0: may not be 0 when `maxSurge` is 0',
    ],
    [
      'batch/Job',
      'spec.template.spec.restartPolicy',
      'Always',
      'spec.template.spec.restartPolicy: Required value: valid values: "OnFailure", "Never"',
    ],
    ['batch/CronJob', 'spec.schedule', '* * *', 'spec.schedule: Invalid value: "* * *": expected exactly 5 fields, found 3: [* * *]'],
    [
      'rbac.authorization.k8s.io/Role',
      'rules',
      [{ verbs: ['get'], nonResourceURLs: ['/x'] }],
      'rules[0].nonResourceURLs: Invalid value: ["/x"]: namespaced rules cannot apply to non-resource URLs',
    ],
    [
      'rbac.authorization.k8s.io/RoleBinding',
      'roleRef.kind',
      'Roll',
      'roleRef.kind: Unsupported value: "Roll": supported values: "Role", "ClusterRole"',
    ],
    ['policy/PodDisruptionBudget', 'spec.minAvailable', '101%', 'spec.minAvailable: Invalid value: "101%": must not be greater than 100%'],
    ['policy/PodDisruptionBudget', 'spec.minAvailable', -1, 'spec.minAvailable: Invalid value: -1: must be greater than or equal to 0'],
    [
      'policy/PodDisruptionBudget',
      'spec.unhealthyPodEvictionPolicy',
      'Never',
      'spec.unhealthyPodEvictionPolicy: Unsupported value: "Never": supported values: "AlwaysAllow", "IfHealthyBudget"',
    ],
    [
      'apps/StatefulSet',
      'spec.updateStrategy.rollingUpdate.partition',
      -1,
      'spec.updateStrategy.rollingUpdate.partition: Invalid value: -1: must be greater than or equal to 0',
    ],
    ['batch/CronJob', 'spec.timeZone', 'Mars/Base', 'spec.timeZone: Invalid value: "Mars/Base": unknown time zone Mars/Base'],
    [
      'scheduling.k8s.io/PriorityClass',
      'value',
      2_000_000_000,
      'value: Forbidden: maximum allowed value of a user defined priority is 1000000000',
    ],
    [
      'networking.k8s.io/Ingress',
      'spec.rules.0.http.paths.0.pathType',
      undefined,
      'spec.rules[0].http.paths[0].pathType: Required value: pathType must be specified',
    ],
    ['networking.k8s.io/ServiceCIDR', 'spec.cidrs', [], 'spec.cidrs: Required value: at least one CIDR required'],
    [
      'networking.k8s.io/ServiceCIDR',
      'spec.cidrs',
      ['10.44.8.0/20'],
      'spec.cidrs[0]: Invalid value: "10.44.8.0/20": must not have bits set beyond the prefix length',
    ],
    [
      'networking.k8s.io/ServiceCIDR',
      'spec.cidrs.1',
      '10.45.0.0/24',
      'spec.cidrs: Invalid value: ["10.44.0.0/20","10.45.0.0/24"]: may specify no more than one IP for each IP family, i.e 192.168.0.0/24 and 2001:db8::/64',
    ],
    [
      'networking.k8s.io/IPAddress',
      'metadata.name',
      '10.44.0.500',
      'metadata.name: Invalid value: "10.44.0.500": must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)',
    ],
    ['networking.k8s.io/IPAddress', 'spec.parentRef', undefined, 'spec.parentRef: Required value'],
    [
      'discovery.k8s.io/EndpointSlice',
      'endpoints.0.addresses',
      ['127.0.0.1'],
      'endpoints[0].addresses[0]: Invalid value: "127.0.0.1": may not be in the loopback range (127.0.0.0/8, ::1/128)',
    ],
  ];
  for (const [kind, path, value, ...expected] of faults) {
    test(`finds the fault of ${kind} ${path} = ${JSON.stringify(value)?.slice(0, 60)}`, () => {
      assert.deepEqual(faultTexts(validateCreate(kindOfKey(kind), typical(kind, { [path]: value }))), expected);
    });
  }
});

describe('validateUpdate', () => {
  const updates: [kind: string, path: string, value: unknown, ...expected: string[]][] = [
    ['/Pod', 'spec.containers.0.image', 'web:2'],
    ['/Pod', 'spec.tolerations', [{ key: 'a', operator: 'Exists' }]],
    [
      '/Pod',
      'spec.hostNetwork',
      true,
      'spec: Forbidden: pod updates may not change fields other than `spec.containers[*].image`,`spec.initContainers[*].image`,`spec.activeDeadlineSeconds`,`spec.tolerations` (only additions to existing tolerations),`spec.terminationGracePeriodSeconds` (allow it to be set to 1 if it was previously negative)\n  core.PodSpec{\n- \thostNetwork: null,\n+ \thostNetwork: true,\n  }\n',
    ],
    ['networking.k8s.io/ServiceCIDR', 'spec.cidrs', ['10.45.0.0/24'], 'spec.cidrs: Invalid value: ["10.45.0.0/24"]: field is immutable'],
    ['/Secret', 'type', 'other', 'type: Invalid value: "other": field is immutable'],
    ['/Node', 'spec.podCIDR', '10.42.9.0/24', 'spec.podCIDRs: Forbidden: node updates may not change podCIDR except from "" to valid'],
    ['apps/Deployment', 'spec.replicas', 5],
    [
      'apps/StatefulSet',
      'spec.serviceName',
      'other',
      "spec: Forbidden: updates to statefulset spec for fields other than 'replicas', 'ordinals', 'template', 'updateStrategy', 'revisionHistoryLimit', 'persistentVolumeClaimRetentionPolicy' and 'minReadySeconds' are forbidden",
    ],
    [
      'rbac.authorization.k8s.io/RoleBinding',
      'roleRef.name',
      'other',
      'roleRef: Invalid value: {"APIGroup":"rbac.authorization.k8s.io","Kind":"Role","Name":"other"}: cannot change roleRef',
    ],
    ['scheduling.k8s.io/PriorityClass', 'value', 7, 'value: Forbidden: may not be changed in an update.'],
    ['storage.k8s.io/StorageClass', 'provisioner', 'q', 'provisioner: Invalid value: "q": field is immutable'],
    [
      'discovery.k8s.io/EndpointSlice',
      'addressType',
      'IPv6',
      'endpoints[0].addresses: Invalid value: "10.42.0.5": must be an IPv6 address',
      'addressType: Invalid value: "IPv6": field is immutable',
    ],
  ];
  for (const [kind, path, value, ...expected] of updates) {
    test(`${expected.length ? 'refuses' : 'accepts'} ${kind} ${path} = ${JSON.stringify(value)}`, () => {
      const found = validateUpdate(kindOfKey(kind), typical(kind, { [path]: value }), typical(kind));
      assert.deepEqual(faultTexts(found), expected);
    });
  }

  test('refuses to change an immutable ConfigMap', () => {
    const old = { metadata: META, immutable: true, data: { a: '1' } } as unknown as KubeObject;
    const object = { metadata: META, immutable: true, data: { a: '2' } } as unknown as KubeObject;
    assert.deepEqual(faultTexts(validateUpdate(kindOfKey('/ConfigMap'), object, old)), [
      'data: Forbidden: field is immutable when `immutable` is set',
    ]);
  });

  test('leaves writes of a sub-resource alone', () => {
    const old = typical('apps/Deployment');
    assert.deepEqual(validateUpdate(kindOfKey('apps/Deployment'), typical('apps/Deployment', { 'spec.replicas': -1 }), old, 'status'), []);
  });
});

describe('a StatefulSet', () => {
  const mounting = (volumeMounts: { name: string; mountPath: string }[]) => ({
    metadata: META,
    spec: {
      replicas: 1,
      selector: SELECTOR,
      template: { ...TEMPLATE, spec: { ...TEMPLATE.spec, containers: [{ ...CONTAINER, volumeMounts }] } },
      serviceName: 'x',
      volumeClaimTemplates: [
        { metadata: { name: 'data' }, spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } } } },
      ],
    },
  });
  const errors = (name: string) =>
    validateCreate({ group: 'apps', version: 'v1', kind: 'StatefulSet' }, mounting([{ name, mountPath: '/d' }]));

  test('may mount the claims of its templates, and nothing else that is not there', () => {
    assert.deepEqual(errors('data'), []);
    assert.equal(errors('other').length, 1);
  });
});
