import assert from 'node:assert/strict';
import { test } from 'node:test';
import { decodeObject } from '../../../src/api/codec/decode.ts';
import { deepCopy } from '../../../src/api/copy.ts';
import { applyDefaults } from '../../../src/api/defaults.ts';
import { builtinSchema } from '../../../src/api/schema/schema.ts';
import { loadVectors } from './codec-vectors.ts';

function gvkOf(text: string): { group: string; version: string; kind: string } {
  const [group = '', version = '', kind = ''] = text.split('/');
  return { group, version, kind };
}

function defaulted(kind: string, input: unknown, nowMs?: number): Record<string, unknown> {
  const gvk = gvkOf(kind);
  const message = builtinSchema().kind(gvk.group, gvk.version, gvk.kind);
  assert.ok(message, kind);
  const { object } = decodeObject(input, message);
  applyDefaults(object, gvk, nowMs === undefined ? {} : { nowMs });
  const once = deepCopy(object);
  applyDefaults(object, gvk);
  assert.deepEqual(object, once, `${kind}: a second run changes nothing`);
  return object;
}

/** The value at `path` (`a.b[0].c`). */
function at(object: unknown, path: string): unknown {
  let value = object;
  for (const key of path.match(/[^.[\]]+/g) ?? [])
    value = typeof value === 'object' && value !== null ? Reflect.get(value, key) : undefined;
  return value;
}

const POD_SPEC: Record<string, unknown> = {
  dnsPolicy: 'ClusterFirst',
  restartPolicy: 'Always',
  securityContext: {},
  terminationGracePeriodSeconds: 30,
  schedulerName: 'default-scheduler',
  'containers[0].imagePullPolicy': 'Always',
  'containers[0].terminationMessagePath': '/dev/termination-log',
  'containers[0].terminationMessagePolicy': 'File',
  'containers[0].ports[0].protocol': 'TCP',
  'containers[0].livenessProbe': {
    httpGet: { path: '/', port: 80, scheme: 'HTTP' },
    timeoutSeconds: 1,
    periodSeconds: 10,
    successThreshold: 1,
    failureThreshold: 3,
  },
  'containers[0].readinessProbe.grpc': { port: 1, service: '' },
  'containers[0].lifecycle.preStop.httpGet': { path: '/', port: 'x', scheme: 'HTTP' },
  'containers[0].env[0].valueFrom.fieldRef.apiVersion': 'v1',
  'containers[0].resources.limits': { cpu: '1m', memory: '1Gi' },
  'initContainers[0].imagePullPolicy': 'IfNotPresent',
  'volumes[0]': { name: 'empty', emptyDir: {} },
  'volumes[1].secret.defaultMode': 420,
  'volumes[2].projected': { sources: [{ serviceAccountToken: { path: 't', expirationSeconds: 3600 } }], defaultMode: 420 },
  'volumes[3].hostPath.type': '',
};

const SPEC = {
  initContainers: [{ name: 'i', image: 'r:5000/a@sha256:0' }],
  containers: [
    {
      name: 'c',
      image: 'localhost:5000/nginx',
      ports: [{ containerPort: 80 }],
      livenessProbe: { httpGet: { port: 80 } },
      readinessProbe: { grpc: { port: 1 } },
      lifecycle: { preStop: { httpGet: { port: 'x' } } },
      env: [{ name: 'A', valueFrom: { fieldRef: { fieldPath: 'metadata.name' } } }],
      resources: { limits: { cpu: '100u', memory: '1Gi' } },
    },
  ],
  volumes: [
    { name: 'empty' },
    { name: 's', secret: { secretName: 'x' } },
    { name: 'p', projected: { sources: [{ serviceAccountToken: { path: 't' } }] } },
    { name: 'h', hostPath: { path: '/' } },
  ],
};

test('applyDefaults fills the pod spec in every kind that holds one', () => {
  const template = { template: { metadata: { labels: { a: 'b' } }, spec: SPEC } };
  const kinds: [string, unknown, string][] = [
    ['/v1/Pod', { spec: SPEC }, 'spec'],
    ['/v1/PodTemplate', template, 'template.spec'],
    ['/v1/ReplicationController', { spec: template }, 'spec.template.spec'],
    ['apps/v1/Deployment', { spec: template }, 'spec.template.spec'],
    ['apps/v1/ReplicaSet', { spec: template }, 'spec.template.spec'],
    ['apps/v1/StatefulSet', { spec: template }, 'spec.template.spec'],
    ['apps/v1/DaemonSet', { spec: template }, 'spec.template.spec'],
    ['batch/v1/Job', { spec: template }, 'spec.template.spec'],
    ['batch/v1/CronJob', { spec: { jobTemplate: { spec: template } } }, 'spec.jobTemplate.spec.template.spec'],
  ];
  for (const [kind, input, path] of kinds) {
    const spec = at(defaulted(kind, input), path);
    for (const [field, expected] of Object.entries(POD_SPEC)) assert.deepEqual(at(spec, field), expected, `${kind} ${field}`);
    assert.equal(at(spec, 'enableServiceLinks'), kind === '/v1/Pod' ? true : undefined, kind);
  }
});

const METRICS = [{ type: 'Resource', resource: { name: 'cpu', target: { type: 'Utilization', averageUtilization: 80 } } }];
const POLICY_RULES = { resourceRules: [{ resources: ['pods'] }] };

/** Kind, object, and what stands at which path. */
const CASES: [string, unknown, Record<string, unknown>][] = [
  [
    '/v1/Pod',
    {
      spec: {
        hostNetwork: true,
        containers: [
          { name: 'a', image: 'a:v1', ports: [{ containerPort: 80 }], resources: { limits: { cpu: '1' }, requests: { memory: '1' } } },
        ],
      },
    },
    {
      'spec.containers[0].ports[0].hostPort': 80,
      'spec.containers[0].resources.requests': { cpu: '1', memory: '1' },
      'spec.containers[0].imagePullPolicy': 'IfNotPresent',
    },
  ],
  [
    '/v1/Pod',
    {
      spec: {
        resources: { limits: { cpu: '2', memory: '1Gi' } },
        initContainers: [
          { name: 's', restartPolicy: 'Always', resources: { requests: { cpu: '100m' } } },
          { name: 'i', resources: { requests: { cpu: '700m' } } },
        ],
        containers: [{ name: 'a', resources: { requests: { cpu: '500m' } } }],
      },
    },
    { 'spec.resources.requests': { cpu: '800m', memory: '1Gi' } },
  ],
  [
    '/v1/Service',
    { spec: { ports: [{ port: 80 }] } },
    {
      'spec.sessionAffinity': 'None',
      'spec.type': 'ClusterIP',
      'spec.ports[0]': { protocol: 'TCP', port: 80, targetPort: 80 },
      'spec.internalTrafficPolicy': 'Cluster',
      'spec.externalTrafficPolicy': undefined,
    },
  ],
  [
    '/v1/Service',
    {
      spec: { type: 'LoadBalancer', sessionAffinity: 'ClientIP', ports: [{ port: 80, targetPort: 'http' }] },
      status: { loadBalancer: { ingress: [{ ip: '1.2.3.4' }] } },
    },
    {
      'spec.sessionAffinityConfig.clientIP.timeoutSeconds': 10800,
      'spec.externalTrafficPolicy': 'Cluster',
      'spec.allocateLoadBalancerNodePorts': true,
      'spec.ports[0].targetPort': 'http',
      'status.loadBalancer.ingress[0].ipMode': 'VIP',
    },
  ],
  ['/v1/Service', { spec: { type: 'ExternalName', externalName: 'a.b' } }, { 'spec.internalTrafficPolicy': undefined }],
  [
    '/v1/ReplicationController',
    { spec: { template: { metadata: { labels: { a: 'b' } }, spec: {} } } },
    { 'spec.selector': { a: 'b' }, 'metadata.labels': { a: 'b' }, 'spec.replicas': 1 },
  ],
  [
    '/v1/PersistentVolume',
    { spec: { rbd: {} } },
    { 'status.phase': 'Pending', 'spec.persistentVolumeReclaimPolicy': 'Retain', 'spec.volumeMode': 'Filesystem', 'spec.rbd.pool': 'rbd' },
  ],
  ['/v1/PersistentVolumeClaim', {}, { 'status.phase': 'Pending', 'spec.volumeMode': 'Filesystem' }],
  ['/v1/Secret', {}, { type: 'Opaque' }],
  [
    '/v1/Secret',
    { data: { a: 'b2xk', b: 'Yg==' }, stringData: { a: 'n\u00e9w' } },
    { data: { a: 'bsOpdw==', b: 'Yg==' }, stringData: undefined },
  ],
  ['/v1/Endpoints', { subsets: [{ ports: [{ port: 1 }] }] }, { 'subsets[0].ports[0].protocol': 'TCP' }],
  [
    '/v1/Namespace',
    { metadata: { name: 'a', labels: { 'kubernetes.io/metadata.name': 'b', x: 'y' } } },
    { 'metadata.labels': { 'kubernetes.io/metadata.name': 'a', x: 'y' }, 'status.phase': 'Active' },
  ],
  ['/v1/Node', { status: { capacity: { cpu: '4' } } }, { 'status.allocatable': { cpu: '4' } }],
  [
    '/v1/LimitRange',
    {
      spec: {
        limits: [
          { type: 'Container', max: { cpu: '2' }, min: { memory: '1Mi' } },
          { type: 'Pod', max: { cpu: '2' } },
        ],
      },
    },
    {
      'spec.limits[0].default': { cpu: '2' },
      'spec.limits[0].defaultRequest': { memory: '1Mi', cpu: '2' },
      'spec.limits[1].default': undefined,
    },
  ],
  [
    'apps/v1/Deployment',
    {},
    {
      'spec.replicas': 1,
      'spec.strategy': { type: 'RollingUpdate', rollingUpdate: { maxUnavailable: '25%', maxSurge: '25%' } },
      'spec.revisionHistoryLimit': 10,
      'spec.progressDeadlineSeconds': 600,
    },
  ],
  [
    'apps/v1/Deployment',
    { spec: { replicas: 0, strategy: { type: 'Recreate' } } },
    { 'spec.replicas': 0, 'spec.strategy': { type: 'Recreate' } },
  ],
  [
    'apps/v1/StatefulSet',
    { spec: { volumeClaimTemplates: [{ metadata: { name: 'd' } }] } },
    {
      'spec.podManagementPolicy': 'OrderedReady',
      'spec.updateStrategy': { type: 'RollingUpdate', rollingUpdate: { partition: 0 } },
      'spec.persistentVolumeClaimRetentionPolicy': { whenDeleted: 'Retain', whenScaled: 'Retain' },
      'spec.volumeClaimTemplates[0].kind': 'PersistentVolumeClaim',
      'spec.volumeClaimTemplates[0].status.phase': 'Pending',
    },
  ],
  ['apps/v1/DaemonSet', {}, { 'spec.updateStrategy': { type: 'RollingUpdate', rollingUpdate: { maxUnavailable: 1, maxSurge: 0 } } }],
  [
    'batch/v1/Job',
    { spec: { template: { metadata: { labels: { a: 'b' } } } } },
    {
      'spec.completions': 1,
      'spec.parallelism': 1,
      'spec.backoffLimit': 6,
      'spec.completionMode': 'NonIndexed',
      'spec.suspend': false,
      'spec.podReplacementPolicy': 'TerminatingOrFailed',
      'spec.manualSelector': false,
      'metadata.labels': { a: 'b' },
    },
  ],
  [
    'batch/v1/Job',
    { spec: { parallelism: 2, backoffLimitPerIndex: 1 } },
    { 'spec.completions': undefined, 'spec.backoffLimit': 2147483647 },
  ],
  [
    'batch/v1/CronJob',
    {},
    { 'spec.concurrencyPolicy': 'Allow', 'spec.suspend': false, 'spec.successfulJobsHistoryLimit': 3, 'spec.failedJobsHistoryLimit': 1 },
  ],
  ['autoscaling/v1/HorizontalPodAutoscaler', {}, { 'spec.minReplicas': 1, 'spec.targetCPUUtilizationPercentage': 80 }],
  [
    'autoscaling/v2/HorizontalPodAutoscaler',
    { spec: { behavior: { scaleDown: { selectPolicy: 'Min' } } } },
    {
      'spec.minReplicas': 1,
      'spec.metrics': METRICS,
      'spec.behavior.scaleUp.stabilizationWindowSeconds': 0,
      'spec.behavior.scaleDown.selectPolicy': 'Min',
      'spec.behavior.scaleDown.policies': [{ type: 'Percent', value: 100, periodSeconds: 15 }],
    },
  ],
  [
    'networking.k8s.io/v1/NetworkPolicy',
    { spec: { egress: [{ ports: [{ port: 1 }] }] } },
    { 'spec.policyTypes': ['Ingress', 'Egress'], 'spec.egress[0].ports[0].protocol': 'TCP' },
  ],
  ['networking.k8s.io/v1/NetworkPolicy', { spec: {} }, { 'spec.policyTypes': ['Ingress'] }],
  ['networking.k8s.io/v1/IngressClass', { spec: { parameters: {} } }, { 'spec.parameters.scope': 'Cluster' }],
  ['discovery.k8s.io/v1/EndpointSlice', { ports: [{ port: 1 }] }, { 'ports[0]': { name: '', protocol: 'TCP', port: 1 } }],
  [
    'rbac.authorization.k8s.io/v1/RoleBinding',
    {
      subjects: [
        { kind: 'User', name: 'a' },
        { kind: 'ServiceAccount', name: 'b' },
      ],
    },
    {
      'roleRef.apiGroup': 'rbac.authorization.k8s.io',
      'subjects[0].apiGroup': 'rbac.authorization.k8s.io',
      'subjects[1].apiGroup': undefined,
    },
  ],
  ['storage.k8s.io/v1/StorageClass', {}, { reclaimPolicy: 'Delete', volumeBindingMode: 'Immediate' }],
  [
    'storage.k8s.io/v1/CSIDriver',
    {},
    { 'spec.attachRequired': true, 'spec.volumeLifecycleModes': ['Persistent'], 'spec.fsGroupPolicy': 'ReadWriteOnceWithFSType' },
  ],
  ['scheduling.k8s.io/v1/PriorityClass', {}, { preemptionPolicy: 'PreemptLowerPriority' }],
  ['authentication.k8s.io/v1/TokenRequest', {}, { 'spec.expirationSeconds': 3600 }],
  [
    'admissionregistration.k8s.io/v1/MutatingWebhookConfiguration',
    { webhooks: [{ clientConfig: { service: {} }, rules: [{}] }] },
    {
      'webhooks[0].failurePolicy': 'Fail',
      'webhooks[0].timeoutSeconds': 10,
      'webhooks[0].rules[0].scope': '*',
      'webhooks[0].clientConfig.service.port': 443,
      'webhooks[0].reinvocationPolicy': 'Never',
    },
  ],
  [
    'admissionregistration.k8s.io/v1/ValidatingAdmissionPolicy',
    { spec: { matchConstraints: POLICY_RULES } },
    {
      'spec.failurePolicy': 'Fail',
      'spec.matchConstraints.matchPolicy': 'Equivalent',
      'spec.matchConstraints.resourceRules[0].scope': '*',
    },
  ],
  ['flowcontrol.apiserver.k8s.io/v1/FlowSchema', {}, { 'spec.matchingPrecedence': 1000 }],
  [
    'flowcontrol.apiserver.k8s.io/v1/PriorityLevelConfiguration',
    { spec: { limited: { limitResponse: { queuing: {} } } } },
    { 'spec.limited.nominalConcurrencyShares': 30, 'spec.limited.limitResponse.queuing.queues': 64 },
  ],
  [
    'resource.k8s.io/v1/ResourceClaim',
    { spec: { devices: { requests: [{ exactly: { tolerations: [{}] } }] } } },
    { 'spec.devices.requests[0].exactly.count': 1, 'spec.devices.requests[0].exactly.tolerations[0].operator': 'Equal' },
  ],
  [
    'apiextensions.k8s.io/v1/CustomResourceDefinition',
    { spec: { names: { kind: 'Thing' }, versions: [{ name: 'v1' }, { name: 'v2', storage: true }] } },
    {
      'spec.names.singular': 'thing',
      'spec.names.listKind': 'ThingList',
      'spec.conversion': { strategy: 'None' },
      'status.storedVersions': ['v2'],
    },
  ],
  ['apiregistration.k8s.io/v1/APIService', { spec: { service: {} } }, { 'spec.service.port': 443 }],
];

test('applyDefaults fills each kind as documented', () => {
  for (const [kind, input, expected] of CASES) {
    const object = defaulted(kind, input);
    for (const [path, value] of Object.entries(expected)) assert.deepEqual(at(object, path), value, `${kind} ${path}`);
  }
  const slice = defaulted('resource.k8s.io/v1/ResourceSlice', { spec: { devices: [{ taints: [{ key: 'a' }] }] } }, 1_700_000_000_000);
  assert.equal(at(slice, 'spec.devices[0].taints[0].timeAdded'), '2023-11-14T22:13:20Z');
});

test('applyDefaults takes every object of every kind, and again without a change', () => {
  for (const { gvk, json } of loadVectors().vectors) {
    const { group, version, kind } = gvkOf(gvk);
    if (builtinSchema().kind(group, version, kind)) defaulted(gvk, json, 0);
  }
});
