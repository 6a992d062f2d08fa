// A typical valid object of every built-in kind that has rules, as a user writes it, and ways to spoil it.

import { deepCopy, deepFreeze } from '../../src/api/copy.ts';
import { applyDefaults } from '../../src/api/defaults.ts';
import type { KubeObject } from '../../src/api/object.ts';
import type { GroupVersionKind } from '../../src/api/resources.ts';

const META = { name: 'x', namespace: 'ns', uid: 'u1', generation: 1 };
const CLUSTER_META = { name: 'x', uid: 'u1', generation: 1 };
const LABELS = { app: 'web' };
const SELECTOR = { matchLabels: LABELS };
const CONTAINER = { name: 'web', image: 'web:1' };
const TEMPLATE = { metadata: { labels: LABELS }, spec: { containers: [CONTAINER] } };
const JOB_TEMPLATE = { spec: { containers: [CONTAINER], restartPolicy: 'Never' } };
const CLAIM_SPEC = { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } } };
const PEM = '-----BEGIN CERTIFICATE REQUEST-----\nAA==\n-----END CERTIFICATE REQUEST-----\n';
const ROLE_GROUP = 'rbac.authorization.k8s.io';
const DEVICE_REQUEST = { name: 'r', exactly: { deviceClassName: 'gpu' } };

/** By `group/Kind`; not defaulted. */
export const TYPICAL: Readonly<Record<string, object>> = {
  '/Pod': { metadata: META, spec: { containers: [CONTAINER] } },
  '/PodTemplate': { metadata: META, template: TEMPLATE },
  '/ReplicationController': { metadata: META, spec: { selector: LABELS, template: TEMPLATE } },
  '/ConfigMap': { metadata: META, data: { 'a.txt': 'x' }, binaryData: { b: 'AA==' } },
  '/Secret': { metadata: META, data: { a: 'eA==' } },
  '/Service': {
    metadata: META,
    spec: {
      clusterIP: '10.43.0.7',
      clusterIPs: ['10.43.0.7'],
      ipFamilies: ['IPv4'],
      ipFamilyPolicy: 'SingleStack',
      selector: LABELS,
      ports: [{ port: 80 }],
    },
  },
  '/ServiceAccount': { metadata: META },
  '/Endpoints': { metadata: META, subsets: [{ addresses: [{ ip: '10.42.0.5' }], ports: [{ port: 80 }] }] },
  '/Event': {
    metadata: META,
    involvedObject: { kind: 'Pod', name: 'x', namespace: 'ns' },
    reason: 'Started',
    type: 'Normal',
    reportingComponent: '',
  },
  '/Namespace': { metadata: CLUSTER_META, spec: { finalizers: ['kubernetes'] } },
  '/Node': {
    metadata: CLUSTER_META,
    spec: { podCIDR: '10.42.0.0/24', podCIDRs: ['10.42.0.0/24'] },
    status: { capacity: { cpu: '2', pods: '110' } },
  },
  '/LimitRange': { metadata: META, spec: { limits: [{ type: 'Container', max: { cpu: '2' }, min: { cpu: '100m' } }] } },
  '/ResourceQuota': { metadata: META, spec: { hard: { pods: '5', 'requests.cpu': '2', 'count/jobs.batch': '3' } } },
  '/PersistentVolumeClaim': { metadata: META, spec: CLAIM_SPEC },
  '/PersistentVolume': {
    metadata: CLUSTER_META,
    spec: { capacity: { storage: '1Gi' }, accessModes: ['ReadWriteOnce'], hostPath: { path: '/data' } },
  },
  'apiregistration.k8s.io/APIService': {
    metadata: { ...CLUSTER_META, name: 'v1.a.example' },
    spec: { group: 'a.example', version: 'v1', groupPriorityMinimum: 100, versionPriority: 10, service: { name: 'a', namespace: 'ns' } },
  },
  'apps/Deployment': { metadata: META, spec: { selector: SELECTOR, template: TEMPLATE } },
  'apps/ReplicaSet': { metadata: META, spec: { selector: SELECTOR, template: TEMPLATE } },
  'apps/DaemonSet': { metadata: META, spec: { selector: SELECTOR, template: TEMPLATE } },
  'apps/StatefulSet': {
    metadata: META,
    spec: {
      selector: SELECTOR,
      template: TEMPLATE,
      serviceName: 'x',
      volumeClaimTemplates: [{ metadata: { name: 'data' }, spec: CLAIM_SPEC }],
    },
  },
  'apps/ControllerRevision': { metadata: META, revision: 1, data: { spec: {} } },
  'autoscaling/HorizontalPodAutoscaler': {
    metadata: META,
    spec: { maxReplicas: 3, scaleTargetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name: 'x' } },
  },
  'autoscaling/Scale': { metadata: META, spec: { replicas: 2 } },
  'batch/Job': {
    metadata: META,
    spec: { selector: SELECTOR, manualSelector: true, template: { ...JOB_TEMPLATE, metadata: { labels: LABELS } } },
  },
  'batch/CronJob': { metadata: META, spec: { schedule: '*/5 * * * *', jobTemplate: { spec: { template: JOB_TEMPLATE } } } },
  'certificates.k8s.io/CertificateSigningRequest': {
    metadata: CLUSTER_META,
    spec: { request: Buffer.from(PEM).toString('base64'), signerName: 'a.example/b', usages: ['client auth'] },
  },
  'coordination.k8s.io/Lease': { metadata: META, spec: { holderIdentity: 'a', leaseDurationSeconds: 40 } },
  'discovery.k8s.io/EndpointSlice': {
    metadata: META,
    addressType: 'IPv4',
    endpoints: [{ addresses: ['10.42.0.5'] }],
    ports: [{ port: 80 }],
  },
  'events.k8s.io/Event': {
    metadata: META,
    eventTime: '2026-01-02T03:04:05.000000Z',
    reportingController: 'a.example/c',
    reportingInstance: 'c-1',
    action: 'Start',
    reason: 'Started',
    type: 'Normal',
    regarding: { kind: 'Pod', name: 'x', namespace: 'ns' },
  },
  'flowcontrol.apiserver.k8s.io/FlowSchema': {
    metadata: CLUSTER_META,
    spec: {
      priorityLevelConfiguration: { name: 'workload-low' },
      matchingPrecedence: 900,
      rules: [
        {
          subjects: [{ kind: 'Group', group: { name: 'system:authenticated' } }],
          resourceRules: [{ verbs: ['*'], apiGroups: ['*'], resources: ['*'], namespaces: ['*'] }],
        },
      ],
    },
  },
  'flowcontrol.apiserver.k8s.io/PriorityLevelConfiguration': {
    metadata: CLUSTER_META,
    spec: { type: 'Limited', limited: { limitResponse: { type: 'Reject' } } },
  },
  'networking.k8s.io/Ingress': {
    metadata: META,
    spec: {
      ingressClassName: 'nginx',
      rules: [
        {
          host: 'a.example',
          http: { paths: [{ path: '/', pathType: 'Prefix', backend: { service: { name: 'web', port: { number: 80 } } } }] },
        },
      ],
      tls: [{ hosts: ['a.example'], secretName: 's' }],
    },
  },
  'networking.k8s.io/IngressClass': { metadata: CLUSTER_META, spec: { controller: 'a.example/c' } },
  'networking.k8s.io/NetworkPolicy': {
    metadata: META,
    spec: {
      podSelector: SELECTOR,
      ingress: [{ from: [{ ipBlock: { cidr: '10.0.0.0/8', except: ['10.1.0.0/16'] } }], ports: [{ port: 80 }] }],
    },
  },
  'networking.k8s.io/ServiceCIDR': { metadata: CLUSTER_META, spec: { cidrs: ['10.44.0.0/20', 'fd00::/112'] } },
  'networking.k8s.io/IPAddress': {
    metadata: { ...CLUSTER_META, name: '10.44.0.5' },
    spec: { parentRef: { resource: 'services', namespace: 'ns', name: 'x' } },
  },
  'node.k8s.io/RuntimeClass': { metadata: CLUSTER_META, handler: 'runc', overhead: { podFixed: { cpu: '10m' } } },
  'policy/PodDisruptionBudget': { metadata: META, spec: { minAvailable: 1, selector: SELECTOR } },
  'rbac.authorization.k8s.io/Role': { metadata: META, rules: [{ apiGroups: [''], resources: ['pods'], verbs: ['get'] }] },
  'rbac.authorization.k8s.io/ClusterRole': { metadata: CLUSTER_META, rules: [{ nonResourceURLs: ['/healthz'], verbs: ['get'] }] },
  'rbac.authorization.k8s.io/RoleBinding': {
    metadata: META,
    roleRef: { apiGroup: ROLE_GROUP, kind: 'Role', name: 'r' },
    subjects: [
      { kind: 'User', name: 'jane' },
      { kind: 'ServiceAccount', name: 'default', namespace: 'ns' },
    ],
  },
  'rbac.authorization.k8s.io/ClusterRoleBinding': {
    metadata: CLUSTER_META,
    roleRef: { apiGroup: ROLE_GROUP, kind: 'ClusterRole', name: 'r' },
    subjects: [{ kind: 'Group', name: 'system:masters' }],
  },
  'resource.k8s.io/DeviceClass': { metadata: CLUSTER_META, spec: { selectors: [{ cel: { expression: 'true' } }] } },
  'resource.k8s.io/ResourceClaim': { metadata: META, spec: { devices: { requests: [DEVICE_REQUEST] } } },
  'resource.k8s.io/ResourceClaimTemplate': { metadata: META, spec: { spec: { devices: { requests: [DEVICE_REQUEST] } } } },
  'resource.k8s.io/ResourceSlice': {
    metadata: CLUSTER_META,
    spec: {
      driver: 'gpu.example',
      nodeName: 'n',
      pool: { name: 'n', generation: 1, resourceSliceCount: 1 },
      devices: [{ name: 'gpu-0', attributes: { model: { string: 'x' } }, capacity: { memory: { value: '1Gi' } } }],
    },
  },
  'scheduling.k8s.io/PriorityClass': { metadata: CLUSTER_META, value: 1000 },
  'storage.k8s.io/CSIDriver': { metadata: { ...CLUSTER_META, name: 'csi.example' }, spec: {} },
  'storage.k8s.io/CSINode': {
    metadata: CLUSTER_META,
    spec: { drivers: [{ name: 'csi.example', nodeID: 'n', topologyKeys: ['a.example/zone'] }] },
  },
  'storage.k8s.io/CSIStorageCapacity': { metadata: META, storageClassName: 'local', capacity: '1Gi' },
  'storage.k8s.io/StorageClass': { metadata: CLUSTER_META, provisioner: 'csi.example' },
  'storage.k8s.io/VolumeAttachment': {
    metadata: CLUSTER_META,
    spec: { attacher: 'csi.example', nodeName: 'n', source: { persistentVolumeName: 'pv' } },
  },
  'storage.k8s.io/VolumeAttributesClass': { metadata: CLUSTER_META, driverName: 'csi.example', parameters: { iops: '100' } },
};

/** The kind of a key of TYPICAL. */
export const kindOfKey = (key: string): GroupVersionKind => {
  const [group = '', kind = ''] = key.split('/');
  return { group, version: group === 'autoscaling' && kind === 'HorizontalPodAutoscaler' ? 'v2' : 'v1', kind };
};

/** The typical object of a kind with values set at paths such as `spec.ports.0.port`, then defaulted; undefined deletes. Frozen. */
export function typical(key: string, changes: Readonly<Record<string, unknown>> = {}): KubeObject {
  const object = deepCopy(TYPICAL[key]) as Record<string, unknown>;
  for (const [path, value] of Object.entries(changes)) {
    const steps = path.split('.');
    const last = steps.pop() ?? '';
    let at = object;
    for (const step of steps) {
      at[step] ??= {};
      at = at[step] as Record<string, unknown>;
    }
    if (value === undefined) delete at[last];
    else at[last] = deepCopy(value);
  }
  applyDefaults(object, kindOfKey(key));
  return deepFreeze(object) as unknown as KubeObject;
}

/** Faults as `field: detail`. */
export const faultTexts = (errors: readonly { field: string; detail: string }[]): string[] =>
  errors.map(({ field, detail }) => `${field}: ${detail}`);
