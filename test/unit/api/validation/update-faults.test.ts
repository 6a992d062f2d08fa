// Faults of updates and of writes of sub-resources: how the typical object was, how it shall be, and all that is found.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { KubeObject } from '../../../../src/api/object.ts';
import { validateUpdate } from '../../../../src/api/validation/validate.ts';
import { ADDRESS, QUALIFIED, SUBDOMAIN } from '../../../support/name-texts.ts';
import { faultTexts, kindOfKey, typical } from '../../../support/typical-objects.ts';

type Changes = Readonly<Record<string, unknown>>;

/** `target` is a key of TYPICAL, and the sub-resource if it is one's. */
type Case = readonly [target: string, old: Changes, changes: Changes, ...expected: string[]];

const holding = (type: string): object => ({ type, status: 'True' });
const JOB = {
  complete: holding('Complete'),
  failed: holding('Failed'),
  success: holding('SuccessCriteriaMet'),
  target: holding('FailureTarget'),
};
const OTHER_IMAGE = {
  'spec.suspend': true,
  'spec.template.spec.containers.0.image': 'other',
  'spec.template.spec.nodeSelector': { a: 'b' },
};
const SUSPENDED = typical('batch/Job', OTHER_IMAGE) as KubeObject & { spec: { template: { spec: object } } };
const WEB = { name: 'web', image: 'web:1' };
const NOT_A_CERTIFICATE = Buffer.from('-----BEGIN CERTIFICATE-----\neA==\n-----END CERTIFICATE-----\n').toString('base64');
const RESULT = { request: 'r', driver: 'd.example.com', pool: 'p', device: 'x' };

const CASES: readonly Case[] = [
  ['/Pod', {}, { 'spec.containers.0.image': '' }, 'spec.containers[0].image: Required value'],
  [
    '/Pod',
    {},
    {
      'spec.containers': [
        { name: 'web', image: 'web:1' },
        { name: 'b', image: 'web:1' },
      ],
    },
    'spec.containers: Forbidden: pod updates may not add or remove containers',
  ],
  [
    '/Pod',
    {},
    { 'spec.initContainers': [{ name: 'i', image: 'web:1' }] },
    'spec.initContainers: Forbidden: pod updates may not add or remove containers',
  ],
  [
    '/Pod',
    { 'spec.activeDeadlineSeconds': 10 },
    { 'spec.activeDeadlineSeconds': 20 },
    'spec.activeDeadlineSeconds: Invalid value: 20: must be less than or equal to previous value',
  ],
  ['/Pod', { 'spec.activeDeadlineSeconds': 10 }, { 'spec.activeDeadlineSeconds': 5 }],
  [
    '/Pod',
    { 'spec.activeDeadlineSeconds': 10 },
    {},
    'spec.activeDeadlineSeconds: Invalid value: null: must not update from a positive integer to nil value',
  ],
  [
    '/Pod',
    { 'spec.tolerations': [{ key: 'a', operator: 'Exists' }] },
    {},
    'spec.tolerations: Forbidden: existing toleration can not be modified except its tolerationSeconds',
  ],
  ['/Pod', { 'spec.terminationGracePeriodSeconds': -1 }, { 'spec.terminationGracePeriodSeconds': 1 }],
  [
    '/Pod',
    {},
    { 'spec.terminationGracePeriodSeconds': 5 },
    'spec: Forbidden: pod updates may not change fields other than `spec.containers[*].image`,`spec.initContainers[*].image`,`spec.activeDeadlineSeconds`,`spec.tolerations` (only additions to existing tolerations),`spec.terminationGracePeriodSeconds` (allow it to be set to 1 if it was previously negative)\n  core.PodSpec{\n- \tterminationGracePeriodSeconds: 30,\n+ \tterminationGracePeriodSeconds: 5,\n  }\n',
  ],
  ['/Pod', { 'spec.schedulingGates': [{ name: 'a' }] }, {}],
  [
    '/Pod',
    {},
    { 'spec.schedulingGates': [{ name: 'a' }] },
    "spec.schedulingGates[0].name: Forbidden: only deletion is allowed, but found new scheduling gate 'a'",
  ],
  ['/Pod', { 'spec.schedulingGates': [{ name: 'a' }] }, { 'spec.schedulingGates': [{ name: 'a' }], 'spec.nodeSelector': { a: 'b' } }],
  [
    '/Pod',
    { 'spec.schedulingGates': [{ name: 'a' }], 'spec.nodeSelector': { a: 'b' } },
    { 'spec.schedulingGates': [{ name: 'a' }] },
    'spec.nodeSelector: Invalid value: {}: only additions to spec.nodeSelector are allowed (no mutations or deletions)',
  ],
  [
    '/Pod',
    { 'metadata.annotations': { 'kubernetes.io/config.mirror': 'a' }, 'spec.nodeName': 'n' },
    { 'spec.nodeName': 'n' },
    'metadata.annotations[kubernetes.io/config.mirror]: Forbidden: may not remove or update mirror pod annotation',
  ],
  [
    '/Pod',
    {},
    { 'spec.containers.0.resources': { requests: { cpu: '1' } } },
    'spec: Forbidden: pod updates may not change fields other than `spec.containers[*].image`,`spec.initContainers[*].image`,`spec.activeDeadlineSeconds`,`spec.tolerations` (only additions to existing tolerations),`spec.terminationGracePeriodSeconds` (allow it to be set to 1 if it was previously negative)\n  core.PodSpec{\n- \tcontainers[0].resources: null,\n+ \tcontainers[0].resources: {"requests":{"cpu":"1"}},\n  }\n',
  ],
  [
    '/Pod resize',
    {},
    { 'spec.containers.0.resources': { requests: { cpu: '1' } } },
    'spec: Invalid value: "": Pod QOS Class may not change as a result of resizing',
  ],
  [
    '/Pod resize',
    { 'spec.containers.0.resources': { requests: { cpu: '1' } } },
    { 'spec.containers.0.resources': { requests: { cpu: '2' } } },
  ],
  [
    '/Pod resize',
    { 'spec.containers.0.resources': { requests: { cpu: '1' } } },
    { 'spec.containers.0.resources': { requests: { cpu: '1', 'ephemeral-storage': '1Gi' } } },
    'spec: Forbidden: only cpu and memory resources are mutable',
  ],
  [
    '/Pod resize',
    { 'spec.containers.0.resources': { requests: { cpu: '1', memory: '1Gi' } } },
    { 'spec.containers.0.resources': { requests: { cpu: '1' } } },
    'spec.containers[0].resources.requests: Forbidden: resource requests cannot be removed',
  ],
  [
    '/Pod resize',
    { 'spec.initContainers': [{ name: 'i', image: 'a', resources: { requests: { cpu: '1', memory: '1Gi' } } }] },
    { 'spec.initContainers': [{ name: 'i', image: 'a', resources: { requests: { cpu: '2', memory: '1Gi' } } }] },
  ],
  [
    '/Pod resize',
    { 'spec.initContainers': [{ name: 'i', image: 'a', resources: { requests: { cpu: '1', memory: '1Gi' } } }] },
    { 'spec.initContainers': [{ name: 'i', image: 'b', resources: { requests: { cpu: '2' } } }] },
    'spec.initContainers[0].resources.requests: Forbidden: resource requests cannot be removed',
    'spec.initContainers[0]: Forbidden: only cpu and memory resources for init or sidecar containers are mutable',
  ],
  ['/Pod resize', {}, { 'spec.containers.0.image': 'b' }, 'spec: Forbidden: only cpu and memory resources are mutable'],
  ['/Pod ephemeralcontainers', {}, { 'spec.ephemeralContainers': [{ name: 'd', image: 'a', targetContainerName: 'web' }] }],
  [
    '/Pod ephemeralcontainers',
    {},
    {
      'spec.ephemeralContainers': [
        { name: 'web', image: 'a', targetContainerName: 'gone', ports: [{ containerPort: 80 }], resources: { requests: { cpu: '1' } } },
      ],
    },
    'spec.ephemeralContainers[0].name: Duplicate value: "web"',
    'spec.ephemeralContainers[0].targetContainerName: Not found: "gone"',
    'spec.ephemeralContainers[0].ports: Forbidden: cannot be set for an Ephemeral Container',
    'spec.ephemeralContainers[0].resources: Forbidden: cannot be set for an Ephemeral Container',
  ],
  [
    '/Pod ephemeralcontainers',
    { 'spec.ephemeralContainers': [{ name: 'd', image: 'a' }] },
    {},
    'spec.ephemeralContainers: Forbidden: existing ephemeral containers "d" may not be removed\n',
  ],
  [
    '/Pod ephemeralcontainers',
    { 'spec.ephemeralContainers': [{ name: 'd', image: 'a' }] },
    { 'spec.ephemeralContainers': [{ name: 'd', image: 'b' }] },
    'spec.ephemeralContainers: Forbidden: existing ephemeral containers "d" may not be changed\n  core.EphemeralContainer{\n- \timage: "a",\n+ \timage: "b",\n  }\n',
  ],
  [
    '/Pod status',
    {
      'spec.restartPolicy': 'Never',
      status: {
        containerStatuses: [
          { name: 'web', image: 'i', imageID: '', ready: true, restartCount: 0, resources: {}, state: { terminated: { exitCode: 1 } } },
        ],
      },
    },
    {
      'spec.restartPolicy': 'Never',
      status: {
        containerStatuses: [{ name: 'web', image: 'i', imageID: '', ready: true, restartCount: 0, resources: {}, state: { running: {} } }],
      },
    },
    'status.containerStatuses[0].state: Forbidden: may not be transitioned to non-terminated state',
  ],
  [
    '/Pod status',
    {},
    { status: { conditions: [{ type: 'a b', status: 'True' }], podIPs: [{ ip: 'x' }], hostIPs: [{ ip: '10.0.0.1' }], hostIP: '10.0.0.2' } },
    `status.conditions[0].Type: Invalid value: "a b": ${QUALIFIED}`,
    `status.podIPs[0]: Invalid value: "x": ${ADDRESS}`,
    'status.hostIPs[0].ip: Invalid value: "10.0.0.1": must be equal to `hostIP`',
  ],
  [
    '/Pod status',
    {},
    { status: { podIPs: [{ ip: '10.0.0.1' }, { ip: '10.0.0.2' }], nominatedNodeName: 'A_' } },
    `status.nominatedNodeName: Invalid value: "A_": ${SUBDOMAIN}`,
    'status.podIPs: Invalid value: [{"ip":"10.0.0.1"},{"ip":"10.0.0.2"}]: may specify no more than one IP for each IP family',
  ],
  [
    '/Pod status',
    { 'spec.nodeName': 'n' },
    { status: { nominatedNodeName: 'm', observedGeneration: -1, conditions: [{ type: 'Ready', status: 'True', observedGeneration: -2 }] } },
    'status.conditions[0].observedGeneration: Invalid value: -2: must be a non-negative integer',
    'status.nominatedNodeName: Forbidden: may not be set on pods that are already bound to a node',
    'status.observedGeneration: Invalid value: -1: must be a non-negative integer',
  ],
  [
    '/Pod status',
    {},
    {
      'spec.resourceClaims': [{ name: 'c', resourceClaimName: 'x' }],
      'spec.os': { name: 'windows' },
      status: {
        resourceClaimStatuses: [{ name: 'c', resourceClaimName: 'A' }],
        containerStatuses: [{ name: 'web', user: { linux: { uid: 1, gid: 1 } } }],
      },
    },
    `status.resourceClaimStatuses[0].resourceClaimName: Invalid value: "A": ${SUBDOMAIN}`,
    'status.containerStatuses[0].user.linux: Forbidden: cannot be set for a windows pod',
  ],
  ...(
    [
      [{ action: 'Restart', exitCodes: { operator: 'In', values: [3] } }, 3, false],
      [{ action: 'Restart', exitCodes: { operator: 'In', values: [3] } }, 4, true],
      [{ action: 'Restart', exitCodes: { operator: 'NotIn', values: [3] } }, 4, false],
      [{ action: 'RestartAllContainers', exitCodes: { operator: 'In', values: [3] } }, 4, false],
    ] as const
  ).map(
    ([rule, exitCode, refused]): Case => [
      '/Pod status',
      {
        'spec.restartPolicy': 'Never',
        'spec.containers.0.restartPolicy': 'Never',
        'spec.containers.0.restartPolicyRules': [rule],
        status: { containerStatuses: [{ name: 'web', state: { terminated: { exitCode } } }] },
      },
      { status: { containerStatuses: [{ name: 'web', state: { running: {} } }] } },
      ...(refused ? ['status.containerStatuses[0].state: Forbidden: may not be transitioned to non-terminated state'] : []),
    ],
  ),
  [
    '/Pod resize',
    { 'spec.containers': [WEB, { ...WEB, name: 'b' }] },
    { 'spec.containers': [{ ...WEB, name: 'b' }, WEB], 'spec.initContainers': [{ ...WEB, name: 'i' }] },
    'spec.containers[0].name: Forbidden: containers may not be renamed or reordered on resize',
    'spec.containers[1].name: Forbidden: containers may not be renamed or reordered on resize',
    'spec.initContainers: Forbidden: initContainers may not be added or removed on resize',
  ],
  [
    '/PersistentVolumeClaim status',
    {},
    {
      status: {
        capacity: { storage: '-1Gi' },
        allocatedResources: { storage: '-1' },
        allocatedResourceStatuses: { storage: 'Growing' },
      },
    },
    'status.capacity[storage]: Invalid value: -1073741824: must be a valid resource quantity',
    'status.allocatedResourceStatuses: Unsupported value: "storage": supported values: "ControllerResizeInProgress", "ControllerResizeInfeasible", "NodeResizeInProgress", "NodeResizeInfeasible", "NodeResizePending"',
    'status.allocatedResources[storage]: Invalid value: -1: must be a valid resource quantity',
  ],
  [
    '/Pod status',
    { status: { qosClass: 'BestEffort' } },
    { status: { qosClass: 'Burstable' } },
    'status.qosClass: Invalid value: "Burstable": field is immutable',
  ],
  [
    '/Service',
    {},
    { 'spec.clusterIP': '10.43.0.8', 'spec.clusterIPs': ['10.43.0.8'] },
    'spec.clusterIPs[0]: Invalid value: ["10.43.0.8"]: may not change once set',
  ],
  [
    '/Service',
    {},
    { 'spec.clusterIP': undefined, 'spec.clusterIPs': undefined },
    'spec.clusterIPs[0]: Invalid value: []: primary clusterIP can not be unset',
  ],
  [
    '/Service',
    {},
    { 'spec.ipFamilies': ['IPv6'], 'spec.clusterIP': 'fd00::1', 'spec.clusterIPs': ['fd00::1'] },
    'spec.clusterIPs[0]: Invalid value: ["fd00::1"]: may not change once set',
    'spec.ipFamilies[0]: Invalid value: ["IPv6"]: may not change once set',
  ],
  [
    '/Service',
    { 'spec.clusterIPs': ['10.43.0.7', 'fd00::1'], 'spec.ipFamilies': ['IPv4', 'IPv6'], 'spec.ipFamilyPolicy': 'RequireDualStack' },
    { 'spec.ipFamilyPolicy': 'RequireDualStack' },
    'spec.ipFamilyPolicy: Invalid value: "RequireDualStack": must be set to \'SingleStack\' when releasing the secondary clusterIP',
    'spec.ipFamilyPolicy: Invalid value: "RequireDualStack": must be set to \'SingleStack\' when releasing the secondary ipFamily',
  ],
  [
    '/Service',
    { 'spec.type': 'LoadBalancer', 'spec.loadBalancerClass': 'a/b' },
    { 'spec.type': 'LoadBalancer', 'spec.loadBalancerClass': 'a/c' },
    'spec.loadBalancerClass: Invalid value: "a/c": may not change once set',
  ],
  [
    '/Service',
    { 'spec.type': 'LoadBalancer', 'spec.externalTrafficPolicy': 'Local', 'spec.healthCheckNodePort': 30001 },
    { 'spec.type': 'LoadBalancer', 'spec.externalTrafficPolicy': 'Local', 'spec.healthCheckNodePort': 30002 },
    'spec.healthCheckNodePort: Forbidden: field is immutable',
  ],
  [
    '/Service',
    {},
    {
      'spec.type': 'ExternalName',
      'spec.externalName': 'a.b',
      'spec.clusterIP': undefined,
      'spec.clusterIPs': undefined,
      'spec.ipFamilies': undefined,
      'spec.ipFamilyPolicy': undefined,
    },
  ],
  [
    '/Service status',
    {},
    { 'status.loadBalancer': { ingress: [{ ip: '10.0.0.1', ipMode: 'VIP' }] } },
    "status.loadBalancer.ingress: Forbidden: may only be used when `spec.type` is 'LoadBalancer'",
  ],
  [
    '/Service status',
    { 'spec.type': 'LoadBalancer' },
    {
      'spec.type': 'LoadBalancer',
      'status.loadBalancer': { ingress: [{ ip: 'x', ipMode: 'No' }, { hostname: '1.2.3.4' }, { ipMode: 'VIP' }] },
    },
    `status.loadBalancer.ingress[0].ip: Invalid value: "x": ${ADDRESS}`,
    'status.loadBalancer.ingress[0].ipMode: Unsupported value: "No": supported values: "Proxy", "VIP"',
    'status.loadBalancer.ingress[1].hostname: Invalid value: "1.2.3.4": must be a DNS name, not an IP address',
    'status.loadBalancer.ingress[2].ipMode: Forbidden: may not be specified when `ip` is not set',
  ],
  [
    '/Node',
    {},
    { 'spec.podCIDR': '10.42.9.0/24' },
    'spec.podCIDRs: Forbidden: node updates may not change podCIDR except from "" to valid',
  ],
  [
    '/Node',
    { 'spec.providerID': 'a' },
    { 'spec.providerID': 'b' },
    'spec.providerID: Forbidden: node updates may not change providerID except from "" to valid',
  ],
  ['/Node status', {}, { 'status.declaredFeatures': ['Another', 'Some/inner'] }],
  [
    '/Node status',
    {},
    { 'status.declaredFeatures': ['B', 'A', 'A', 'c'] },
    'status.declaredFeatures[1]: Invalid value: "A": list must be sorted alphabetically',
    'status.declaredFeatures[2]: Duplicate value: "A"',
    `status.declaredFeatures[3]: Invalid value: "c": invalid feature name "c": must start with an UpperCamelCase segment, with subsequent segments separated by '/' (e.g., MyFeature or MyFeature/mySubFeature), and contain only alphanumeric characters and slashes`,
  ],
  [
    '/Node status',
    {},
    {
      'status.addresses': [
        { type: 'InternalIP', address: '10.0.0.1' },
        { type: 'InternalIP', address: '10.0.0.1' },
      ],
    },
    'status.addresses[1]: Duplicate value: {"type":"InternalIP","address":"10.0.0.1"}',
  ],
  [
    '/Namespace finalize',
    {},
    { 'spec.finalizers': ['mine'] },
    'spec.finalizers[0]: Invalid value: "mine": name is neither a standard finalizer name nor is it fully qualified',
  ],
  [
    '/Namespace status',
    {},
    { 'status.phase': 'Terminating' },
    'status.Phase: Invalid value: "Terminating": may only be \'Active\' if `deletionTimestamp` is empty',
  ],
  [
    '/ConfigMap',
    { immutable: true },
    { data: { a: '2' } },
    'immutable: Forbidden: field is immutable when `immutable` is set',
    'data: Forbidden: field is immutable when `immutable` is set',
  ],
  [
    '/ConfigMap',
    { immutable: true },
    { immutable: true, binaryData: { b: 'AQ==' } },
    'binaryData: Forbidden: field is immutable when `immutable` is set',
  ],
  [
    '/ConfigMap',
    { immutable: true },
    // A key that every object seems to have.
    { immutable: true, binaryData: { toString: 'AQ==' } },
    'binaryData: Forbidden: field is immutable when `immutable` is set',
  ],
  ['/Secret', { immutable: true }, { immutable: true, data: { a: 'eQ==' } }, 'data: Forbidden: field is immutable when `immutable` is set'],
  [
    '/ResourceQuota',
    {},
    { 'spec.scopes': ['BestEffort'], 'spec.hard': { pods: '1' } },
    'spec.scopes: Invalid value: ["BestEffort"]: field is immutable',
  ],
  [
    '/ResourceQuota status',
    {},
    { 'status.hard': { pods: '-1' }, 'status.used': { foo: '1' } },
    'status.hard[pods]: Invalid value: "-1": must be greater than or equal to 0',
    'status.used[foo]: Invalid value: "foo": must be a standard resource type or fully qualified',
    'status.used[foo]: Invalid value: "foo": must be a standard resource for quota',
  ],
  [
    '/PersistentVolumeClaim',
    {},
    { 'spec.resources.requests.storage': '2Gi' },
    'spec: Forbidden: spec is immutable after creation except resources.requests and volumeAttributesClassName for bound claims\n  core.PersistentVolumeClaimSpec{\n- \tresources.requests.storage: "1Gi",\n+ \tresources.requests.storage: "2Gi",\n  }\n',
  ],
  ['/PersistentVolumeClaim', { 'status.phase': 'Bound' }, { 'spec.resources.requests.storage': '2Gi', 'status.phase': 'Bound' }],
  [
    '/PersistentVolumeClaim',
    { 'status.phase': 'Bound', 'status.capacity': { storage: '1Gi' } },
    { 'spec.resources.requests.storage': '500Mi', 'status.phase': 'Bound', 'status.capacity': { storage: '1Gi' } },
    'spec.resources.requests.storage: Forbidden: field can not be less than status.capacity',
  ],
  [
    '/PersistentVolumeClaim',
    { 'spec.storageClassName': 'a' },
    { 'spec.storageClassName': 'b' },
    'spec: Forbidden: spec is immutable after creation except resources.requests and volumeAttributesClassName for bound claims\n  core.PersistentVolumeClaimSpec{\n- \tstorageClassName: "a",\n+ \tstorageClassName: "b",\n  }\n',
  ],
  [
    '/PersistentVolumeClaim',
    {},
    { 'spec.accessModes': ['ReadWriteMany'] },
    'spec: Forbidden: spec is immutable after creation except resources.requests and volumeAttributesClassName for bound claims\n  core.PersistentVolumeClaimSpec{\n- \taccessModes[0]: "ReadWriteOnce",\n+ \taccessModes[0]: "ReadWriteMany",\n  }\n',
  ],
  [
    '/PersistentVolumeClaim',
    {},
    { 'spec.volumeMode': 'Block' },
    'spec: Forbidden: spec is immutable after creation except resources.requests and volumeAttributesClassName for bound claims\n  core.PersistentVolumeClaimSpec{\n- \tvolumeMode: "Filesystem",\n+ \tvolumeMode: "Block",\n  }\n',
    'volumeMode: Invalid value: "Block": field is immutable',
  ],
  [
    '/PersistentVolume',
    {},
    { 'spec.hostPath.path': '/other' },
    'spec.persistentvolumesource: Forbidden: spec.persistentvolumesource is immutable after creation\n  core.PersistentVolumeSource{\n- \thostPath.path: "/data",\n+ \thostPath.path: "/other",\n  }\n',
  ],
  ['/PersistentVolume', {}, { 'spec.volumeMode': 'Block' }, 'volumeMode: Invalid value: "Block": field is immutable'],
  ['/PersistentVolume', {}, { 'spec.capacity.storage': '2Gi' }],
  [
    'apps/Deployment',
    {},
    { 'spec.selector': { matchLabels: { app: 'b' } }, 'spec.template.metadata.labels': { app: 'b' } },
    'spec.selector: Invalid value: {"matchLabels":{"app":"b"}}: field is immutable',
  ],
  [
    'apps/Deployment status',
    { 'status.collisionCount': 2 },
    { 'status.replicas': -1, 'status.availableReplicas': 3, 'status.readyReplicas': 2, 'status.collisionCount': 1 },
    'status.replicas: Invalid value: -1: must be greater than or equal to 0',
    'status.readyReplicas: Invalid value: 2: cannot be greater than status.replicas',
    'status.availableReplicas: Invalid value: 3: cannot be greater than status.replicas',
    'status.availableReplicas: Invalid value: 3: cannot be greater than readyReplicas',
    'status.collisionCount: Invalid value: 1: cannot be decremented',
  ],
  ['apps/DaemonSet status', {}, { 'status.numberReady': -1 }, 'status.numberReady: Invalid value: -1: must be greater than or equal to 0'],
  [
    'apps/DaemonSet',
    {},
    { 'spec.selector': { matchLabels: { app: 'b' } }, 'spec.template.metadata.labels': { app: 'b' } },
    'spec.selector: Invalid value: {"matchLabels":{"app":"b"}}: field is immutable',
  ],
  [
    'apps/StatefulSet',
    {},
    { 'spec.serviceName': 'y', 'spec.podManagementPolicy': 'Parallel' },
    "spec: Forbidden: updates to statefulset spec for fields other than 'replicas', 'ordinals', 'template', 'updateStrategy', 'revisionHistoryLimit', 'persistentVolumeClaimRetentionPolicy' and 'minReadySeconds' are forbidden",
  ],
  ['apps/StatefulSet', {}, { 'spec.replicas': 5, 'spec.minReadySeconds': 3, 'spec.updateStrategy.type': 'OnDelete' }],
  [
    'apps/StatefulSet status',
    {},
    { 'status.replicas': 1, 'status.readyReplicas': 2 },
    'status.readyReplicas: Invalid value: 2: cannot be greater than status.replicas',
  ],
  ['apps/ControllerRevision', {}, { data: { spec: { a: 1 } }, revision: 2 }, 'data: Invalid value: {"spec":{"a":1}}: field is immutable'],
  ['batch/Job', {}, { 'spec.completions': 5 }, 'spec.completions: Invalid value: 5: field is immutable'],
  // A class is not looked at anew: what cannot change cannot become wrong.
  ['scheduling.k8s.io/PriorityClass', {}, { preemptionPolicy: 'Odd' }, 'preemptionPolicy: Invalid value: "Odd": field is immutable'],
  [
    'batch/Job',
    {},
    { 'spec.parallelism': 5, 'spec.backoffLimit': 3, 'spec.ttlSecondsAfterFinished': 5, 'spec.activeDeadlineSeconds': 4 },
    'spec.completions: Invalid value: null: field is immutable',
  ],
  [
    'batch/Job',
    { 'spec.completionMode': 'Indexed', 'spec.completions': 3, 'spec.parallelism': 3 },
    { 'spec.completionMode': 'Indexed', 'spec.completions': 5, 'spec.parallelism': 5 },
  ],
  [
    'batch/Job',
    { 'spec.completionMode': 'Indexed', 'spec.completions': 3, 'spec.parallelism': 3 },
    { 'spec.completionMode': 'Indexed', 'spec.completions': 5, 'spec.parallelism': 3 },
    'spec.completions: Invalid value: 5: can only be modified in tandem with spec.parallelism',
  ],
  [
    'batch/Job',
    {},
    { 'spec.selector': { matchLabels: { app: 'b' } }, 'spec.template.metadata.labels': { app: 'b' } },
    'spec.selector: Invalid value: {"matchLabels":{"app":"b"}}: field is immutable',
    'spec.template: Invalid value: {"spec":{"containers":[{"name":"web","image":"web:1","imagePullPolicy":"IfNotPresent","terminationMessagePath":"/dev/termination-log","terminationMessagePolicy":"File"}],"restartPolicy":"Never","dnsPolicy":"ClusterFirst","securityContext":{},"terminationGracePeriodSeconds":30,"schedulerName":"default-scheduler"},"metadata":{"labels":{"app":"b"}}}: field is immutable',
  ],
  [
    'batch/Job',
    {},
    { 'spec.podFailurePolicy': { rules: [{ action: 'Count', onExitCodes: { operator: 'In', values: [1] } }] } },
    'spec.podFailurePolicy: Invalid value: {"Rules":[{"Action":"Count","OnExitCodes":{"ContainerName":null,"Operator":"In","Values":[1]},"OnPodConditions":null}]}: field is immutable',
  ],
  ['batch/Job', { 'spec.suspend': true }, { 'spec.suspend': true, 'spec.template.spec.nodeSelector': { a: 'b' } }],
  [
    'batch/Job',
    {},
    { 'spec.completionMode': 'Indexed', 'spec.completions': 1 },
    'spec.completionMode: Invalid value: "Indexed": field is immutable',
  ],
  [
    'batch/Job status',
    {},
    { 'status.active': -1, 'status.succeeded': -1 },
    'status.active: Invalid value: -1: must be greater than or equal to 0',
    'status.succeeded: Invalid value: -1: must be greater than or equal to 0',
    'status.succeeded: Invalid value: -1: cannot decrease the succeeded counter',
  ],
  [
    'batch/Job status',
    {},
    { status: { active: 1, conditions: [JOB.complete, JOB.failed] } },
    'status.conditions: Invalid value: cannot set Complete=True and Failed=true conditions',
    'status.completionTime: Required value: completionTime is required for Complete jobs',
    'status.conditions: Invalid value: cannot set Failed=True condition without the FailureTarget=true condition',
    'status.conditions: Invalid value: cannot set Complete=True condition without the SuccessCriteriaMet=true condition',
    'status.active: Invalid value: 1: active>0 is invalid for finished job',
    'status.startTime: Required value: startTime is required for finished job',
  ],
  [
    'batch/Job status',
    {},
    {
      status: {
        ready: 1,
        terminating: 1,
        startTime: '2026-01-02T00:00:00Z',
        completionTime: '2026-01-01T00:00:00Z',
        uncountedTerminatedPods: { failed: ['u'] },
        conditions: [JOB.complete, JOB.success, JOB.target],
      },
    },
    'status.conditions: Invalid value: cannot set Complete=True and FailureTarget=true conditions',
    'status.completionTime: Invalid value: "2026-01-01T00:00:00Z": must be equal to or after `startTime`',
    'status.uncountedTerminatedPods: Invalid value: {"failed":["u"]}: must be empty for finished job',
    'status.terminating: Invalid value: 1: terminating>0 is invalid for finished job',
    'status.ready: Invalid value: 1: cannot set more ready pods than active',
    'status.conditions: Invalid value: cannot set SuccessCriteriaMet=True and FailureTarget=true conditions',
  ],
  [
    'batch/Job status',
    {},
    { 'spec.completions': 3, status: { completedIndexes: '0,5', failedIndexes: '1', completionTime: '2026-01-01T00:00:00Z' } },
    'status.completionTime: Invalid value: "2026-01-01T00:00:00Z": cannot set completionTime when there is no Complete=True condition',
    'status.completedIndexes: Invalid value: "0,5": error parsing completedIndexes: too large index: "5"',
    'status.completedIndexes: Invalid value: "0,5": cannot set non-empty completedIndexes when non-indexed completion mode',
    'status.failedIndexes: Invalid value: "1": cannot set non-null failedIndexes when backoffLimitPerIndex is null',
  ],
  [
    'batch/Job status',
    {},
    {
      'spec.completionMode': 'Indexed',
      'spec.completions': 9,
      'spec.backoffLimitPerIndex': 1,
      status: { completedIndexes: '0,3-5', failedIndexes: '2,4' },
    },
    'status.failedIndexes: Invalid value: "2,4": failedIndexes and completedIndexes overlap at index: 4',
  ],
  [
    'batch/Job status',
    { status: { failed: 2, startTime: '2026-01-01T00:00:00Z', conditions: [JOB.target, JOB.success] } },
    { status: { failed: 1, startTime: '2026-01-02T00:00:00Z' } },
    'status.conditions: Invalid value: cannot disable the terminal FailureTarget=True condition',
    'status.failed: Invalid value: 1: cannot decrease the failed counter',
    'status.startTime: Invalid value: "2026-01-02T00:00:00Z": field is immutable for unsuspended job once set',
    'status.conditions: Invalid value: cannot disable the SuccessCriteriaMet=True condition',
  ],
  [
    'batch/Job',
    { 'spec.suspend': true },
    OTHER_IMAGE,
    `spec.template.spec: Invalid value: ${JSON.stringify(SUSPENDED.spec.template.spec)}: field is immutable`,
  ],
  ['batch/CronJob', { 'spec.schedule': 'TZ=UTC * * * * *' }, { 'spec.schedule': 'TZ=UTC * * * * *' }],
  [
    'autoscaling/HorizontalPodAutoscaler',
    {},
    { 'spec.maxReplicas': 0 },
    'spec.maxReplicas: Required value: must be set and greater than 0',
    'spec.maxReplicas: Invalid value: 0: must be greater than or equal to `minReplicas`',
  ],
  [
    'autoscaling/HorizontalPodAutoscaler status',
    {},
    { 'status.currentReplicas': -1, 'status.desiredReplicas': -1 },
    'status.currentReplicas: Invalid value: -1: must be greater than or equal to 0',
    'status.desiredReplicas: Invalid value: -1: must be greater than or equal to 0',
  ],
  [
    'certificates.k8s.io/CertificateSigningRequest approval',
    {},
    { 'status.conditions': [{ type: 'Approved', status: 'False' }] },
    'status.conditions[0].status: Unsupported value: "False": supported values: "True"',
  ],
  [
    'certificates.k8s.io/CertificateSigningRequest approval',
    {},
    {
      'status.conditions': [
        { type: 'Approved', status: 'True' },
        { type: 'Denied', status: 'True' },
      ],
    },
    'status.conditions: Invalid value: "Denied": Approved and Denied conditions are mutually exclusive',
  ],
  [
    'certificates.k8s.io/CertificateSigningRequest approval',
    { 'status.conditions': [{ type: 'Approved', status: 'True' }] },
    {},
    'status.conditions: Forbidden: updates may not remove a condition of type "Approved"',
  ],
  [
    'certificates.k8s.io/CertificateSigningRequest approval',
    { 'status.conditions': [{ type: 'Failed', status: 'True', reason: 'Tired' }] },
    { 'status.conditions': [{ type: 'Failed', status: 'True', reason: 'Late' }] },
  ],
  [
    'certificates.k8s.io/CertificateSigningRequest status',
    { 'status.conditions': [{ type: 'Approved', status: 'True', reason: 'Nice' }] },
    {
      'status.conditions': [
        { type: 'Approved', status: 'True', reason: 'Kind' },
        { type: 'Denied', status: 'True' },
      ],
    },
    'status.conditions: Invalid value: "Denied": Approved and Denied conditions are mutually exclusive',
    'status.conditions: Forbidden: updates may not modify a condition of type "Approved"',
    'status.conditions: Forbidden: updates may not add a condition of type "Denied"',
  ],
  [
    'certificates.k8s.io/CertificateSigningRequest status',
    {},
    { 'status.certificate': NOT_A_CERTIFICATE },
    'status.certificate: Invalid value: "<certificate data>": x509: malformed certificate',
  ],
  [
    'certificates.k8s.io/CertificateSigningRequest status',
    {},
    { 'status.certificate': 'eA==' },
    'status.certificate: Invalid value: "<certificate data>": must contain at least one CERTIFICATE PEM block',
  ],
  [
    'certificates.k8s.io/CertificateSigningRequest status',
    { 'status.certificate': 'eA==' },
    { 'status.certificate': 'eQ==' },
    'status.certificate: Forbidden: updates may not modify existing certificate content',
  ],
  [
    'certificates.k8s.io/CertificateSigningRequest',
    {},
    { 'status.certificate': 'eQ==', 'status.conditions': [{ type: 'Approved', status: 'True' }] },
    'status.certificate: Invalid value: "<certificate data>": must contain at least one CERTIFICATE PEM block',
    'status.conditions: Forbidden: updates may not add a condition of type "Approved"',
    'status.certificate: Forbidden: updates may not set certificate content',
  ],
  ['discovery.k8s.io/EndpointSlice', {}, { addressType: 'IPv6', endpoints: [] }, 'addressType: Invalid value: "IPv6": field is immutable'],
  [
    'networking.k8s.io/Ingress',
    {},
    { 'spec.rules': undefined },
    'spec: Invalid value: null: either `defaultBackend` or `rules` must be specified',
  ],
  [
    'networking.k8s.io/Ingress status',
    {},
    { 'status.loadBalancer': { ingress: [{ ip: 'x' }] } },
    `status.loadBalancer.ingress[0].ip: Invalid value: "x": ${ADDRESS}`,
  ],
  [
    'networking.k8s.io/IngressClass',
    {},
    { 'spec.controller': 'a.example/d' },
    'spec.controller: Invalid value: "a.example/d": field is immutable',
  ],
  ['networking.k8s.io/ServiceCIDR', { 'spec.cidrs': ['10.44.0.0/20'] }, {}],
  [
    'networking.k8s.io/ServiceCIDR',
    {},
    { 'spec.cidrs': ['10.45.0.0/20', 'fd00::/112'] },
    'spec.cidrs[0]: Invalid value: "10.45.0.0/20": field is immutable',
  ],
  [
    'networking.k8s.io/IPAddress',
    {},
    { 'spec.parentRef.name': 'y' },
    'spec.parentRef: Invalid value: {"resource":"services","namespace":"ns","name":"y"}: field is immutable',
  ],
  ['node.k8s.io/RuntimeClass', {}, { handler: 'kata' }, 'handler: Invalid value: "kata": field is immutable'],
  [
    'policy/PodDisruptionBudget status',
    {},
    {
      'status.disruptionsAllowed': -1,
      'status.conditions': [
        { type: '', status: '', observedGeneration: -1, reason: 'a-b' },
        { type: 'a b', status: 'Maybe', lastTransitionTime: '2026-01-01T00:00:00Z', reason: '' },
        { type: 'a b', status: 'True', lastTransitionTime: '2026-01-01T00:00:00Z', reason: 'R'.repeat(1025), message: 'm'.repeat(32769) },
      ],
    },
    'status.conditions[0].type: Required value: is required',
    'status.conditions[0].status: Required value',
    'status.conditions[0].observedGeneration: Invalid value: -1: must be greater than or equal to zero',
    'status.conditions[0].lastTransitionTime: Required value',
    `status.conditions[0].reason: Invalid value: "a-b": a condition reason must start with alphabetic character, optionally followed by a string of alphanumeric characters or '_,:', and must end with an alphanumeric character or '_' (e.g. 'my_name',  or 'MY_NAME',  or 'MyName',  or 'ReasonA,ReasonB',  or 'ReasonA:ReasonB', regex used for validation is '[A-Za-z]([A-Za-z0-9_,:]*[A-Za-z0-9_])?')`,
    `status.conditions[1].type: Invalid value: "a b": ${QUALIFIED}`,
    'status.conditions[1].status: Unsupported value: "Maybe": supported values: "False", "True", "Unknown"',
    'status.conditions[1].reason: Required value',
    'status.conditions[2]: Duplicate value: "a b"',
    `status.conditions[2].type: Invalid value: "a b": ${QUALIFIED}`,
    'status.conditions[2].reason: Too long: may not be more than 1024 bytes',
    'status.conditions[2].message: Too long: may not be more than 32768 bytes',
    'status.disruptionsAllowed: Invalid value: -1: must be greater than or equal to 0',
  ],
  [
    'resource.k8s.io/ResourceClaim status',
    {},
    {
      'status.allocation': { devices: { results: ['1', 'g'.repeat(36), '0'.repeat(32)].map((shareID) => ({ ...RESULT, shareID })) } },
    },
    'status.allocation.devices.results[0].shareID: Invalid value: "1": error validating uid: invalid UUID length: 1',
    `status.allocation.devices.results[1].shareID: Invalid value: "${'g'.repeat(36)}": error validating uid: invalid UUID format`,
    `status.allocation.devices.results[2].shareID: Invalid value: "${'0'.repeat(32)}": uid must be in RFC 4122 normalized form, \`xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx\` with lowercase hexadecimal characters`,
  ],
  [
    'resource.k8s.io/ResourceClaim status',
    { 'status.allocation': { devices: { results: [RESULT] } } },
    {
      'status.allocation': { devices: { results: [RESULT] } },
      'status.devices': [
        {
          ...RESULT,
          conditions: [{ type: 'a', status: 'True', reason: 'R' }],
          networkData: { ips: ['10.0.0.5/24', '2001:DB8::1/64', 'x'] },
        },
      ],
    },
    'status.devices[0].conditions[0].lastTransitionTime: Required value',
    'status.devices[0].networkData.ips[1]: Invalid value: "2001:DB8::1/64": must be in canonical form ("2001:db8::1/64")',
    'status.devices[0].networkData.ips[2]: Invalid value: "x": must be a valid address in CIDR form, (e.g. 10.9.8.7/24 or 2001:db8::1/64)',
  ],
  [
    'rbac.authorization.k8s.io/ClusterRoleBinding',
    {},
    { 'roleRef.name': 'y' },
    'roleRef: Invalid value: {"APIGroup":"rbac.authorization.k8s.io","Kind":"ClusterRole","Name":"y"}: cannot change roleRef',
  ],
  [
    'resource.k8s.io/ResourceClaim',
    {},
    { 'spec.devices.requests.0.name': 'y' },
    'spec: Invalid value: {"Devices":{"Requests":[{"Name":"y","Exactly":{"DeviceClassName":"gpu","Selectors":null,"AllocationMode":"ExactCount","Count":1,"AdminAccess":null,"Tolerations":null,"Capacity":null},"FirstAvailable":null}],"Constraints":null,"Config":null}}: field is immutable',
  ],
  [
    'resource.k8s.io/ResourceClaimTemplate',
    {},
    { 'spec.spec.devices.requests.0.name': 'y' },
    'spec: Invalid value: {"Spec":{"Devices":{"Requests":[{"Name":"y","Exactly":{"DeviceClassName":"gpu","Selectors":null,"AllocationMode":"ExactCount","Count":1,"AdminAccess":null,"Tolerations":null,"Capacity":null},"FirstAvailable":null}],"Constraints":null,"Config":null}}}: field is immutable',
  ],
  [
    'resource.k8s.io/ResourceSlice',
    {},
    { 'spec.driver': 'b.example', 'spec.nodeName': 'm' },
    'spec.driver: Invalid value: "b.example": field is immutable',
    'spec.nodeName: Invalid value: "m": field is immutable',
  ],
  [
    'scheduling.k8s.io/PriorityClass',
    {},
    { value: 7, preemptionPolicy: 'Never' },
    'value: Forbidden: may not be changed in an update.',
    'preemptionPolicy: Invalid value: "Never": field is immutable',
  ],
  [
    'storage.k8s.io/StorageClass',
    {},
    { provisioner: 'b', parameters: { a: 'b' }, reclaimPolicy: 'Retain', volumeBindingMode: 'WaitForFirstConsumer' },
    'parameters: Invalid value: {"a":"b"}: field is immutable',
    'provisioner: Invalid value: "b": field is immutable',
    'reclaimPolicy: Invalid value: "Retain": field is immutable',
    'volumeBindingMode: Invalid value: "WaitForFirstConsumer": field is immutable',
  ],
  [
    'storage.k8s.io/CSIDriver',
    {},
    { 'spec.attachRequired': false, 'spec.fsGroupPolicy': 'File', 'spec.volumeLifecycleModes': ['Ephemeral'] },
    'spec.attachedRequired: Invalid value: false: field is immutable',
    'spec.volumeLifecycleModes: Invalid value: ["Ephemeral"]: field is immutable',
  ],
  [
    'storage.k8s.io/CSINode',
    {},
    { 'spec.drivers': [{ name: 'csi.example', nodeID: 'm' }] },
    'spec.drivers: Invalid value: {"Name":"csi.example","NodeID":"m","TopologyKeys":null,"Allocatable":null}: field is immutable',
  ],
  [
    'storage.k8s.io/CSIStorageCapacity',
    {},
    { storageClassName: 'b', capacity: '2Gi', nodeTopology: {} },
    'storageClassName: Invalid value: "b": field is immutable',
  ],
  [
    'storage.k8s.io/VolumeAttachment',
    {},
    { 'spec.nodeName': 'm' },
    'spec: Invalid value: {"Attacher":"csi.example","Source":{"PersistentVolumeName":"pv","InlineVolumeSpec":null},"NodeName":"m"}: field is immutable',
  ],
  [
    'storage.k8s.io/VolumeAttachment status',
    {},
    { 'status.attachmentMetadata': { a: 'x'.repeat(300000) } },
    'status.attachmentMetadata: Too long: may not be more than 262144 bytes',
  ],
  [
    'storage.k8s.io/VolumeAttributesClass',
    {},
    { driverName: 'b', parameters: { iops: '5' } },
    'driverName: Forbidden: updates to driverName are forbidden.',
    'parameters: Forbidden: updates to parameters are forbidden.',
  ],
];

for (const [target, old, changes, ...expected] of CASES) {
  const [key = '', subresource = ''] = target.split(' ');
  test(`validateUpdate of ${target}: ${JSON.stringify(changes).slice(0, 100)}`, () =>
    assert.deepEqual(faultTexts(validateUpdate(kindOfKey(key), typical(key, changes), typical(key, old), subresource)), expected));
}
