// Faults of the kinds of storage: what is changed in a typical object, and all that is found.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { validateCreate } from '../../../../src/api/validation/validate.ts';
import { QUALIFIED, SUBDOMAIN } from '../../../support/name-texts.ts';
import { faultTexts, kindOfKey, typical } from '../../../support/typical-objects.ts';

const CASES: readonly (readonly [key: string, changes: Readonly<Record<string, unknown>>, ...expected: string[]])[] = [
  [
    '/PersistentVolumeClaim',
    { 'spec.accessModes': ['ReadWriteOnce', 'ReadWriteOncePod'] },
    'spec.accessModes: Forbidden: may not use ReadWriteOncePod with other access modes',
  ],
  [
    '/PersistentVolumeClaim',
    { 'spec.accessModes': ['X'] },
    'spec.accessModes: Unsupported value: "X": supported values: "ReadOnlyMany", "ReadWriteMany", "ReadWriteOnce", "ReadWriteOncePod"',
  ],
  ['/PersistentVolumeClaim', { 'spec.resources': {} }, 'spec.resources[storage]: Required value'],
  [
    '/PersistentVolumeClaim',
    { 'spec.resources': { requests: { storage: '0' } } },
    'spec.resources[storage]: Invalid value: "0": must be greater than zero',
  ],
  ['/PersistentVolumeClaim', { 'spec.storageClassName': 'A_' }, `spec.storageClassName: Invalid value: "A_": ${SUBDOMAIN}`],
  [
    '/PersistentVolumeClaim',
    { 'spec.volumeMode': 'Tape' },
    'spec.volumeMode: Unsupported value: "Tape": supported values: "Block", "Filesystem"',
  ],
  [
    '/PersistentVolumeClaim',
    { 'spec.selector': { matchLabels: { 'a b': 'c' } } },
    `spec.selector.matchLabels: Invalid value: "a b": ${QUALIFIED}`,
  ],
  [
    '/PersistentVolumeClaim',
    { 'spec.volumeAttributesClassName': 'A_' },
    `spec.volumeAttributesClassName: Invalid value: "A_": ${SUBDOMAIN}`,
  ],
  [
    '/PersistentVolumeClaim',
    { 'spec.dataSource': { kind: '', name: '' } },
    'spec.dataSource.name: Required value',
    'spec.dataSource.kind: Required value',
    `spec.dataSource: Invalid value: "": must be 'PersistentVolumeClaim' when referencing the default apiGroup`,
  ],
  [
    '/PersistentVolumeClaim',
    { 'spec.dataSourceRef': { kind: 'Pod', name: 'a' } },
    `spec.dataSourceRef: Invalid value: "Pod": must be 'PersistentVolumeClaim' when referencing the default apiGroup`,
  ],
  [
    '/PersistentVolumeClaim',
    { 'spec.dataSource': { kind: 'PersistentVolumeClaim', name: 'a' }, 'spec.dataSourceRef': { kind: 'PersistentVolumeClaim', name: 'b' } },
    'spec: Invalid value: {}: must match dataSourceRef',
  ],
  ['/PersistentVolume', { 'spec.hostPath': undefined }, 'spec: Required value: must specify a volume type'],
  [
    '/PersistentVolume',
    { 'spec.capacity': {} },
    'spec.capacity: Required value',
    'spec.capacity: Unsupported value: null: supported values: "storage"',
  ],
  [
    '/PersistentVolume',
    { 'spec.capacity': { storage: '-1', cpu: '1' } },
    'spec.capacity: Unsupported value: {"storage":"-1","cpu":"1"}: supported values: "storage"',
    'spec.capacity[storage]: Invalid value: -1: must be a valid resource quantity',
    'spec.capacity[storage]: Invalid value: "-1": must be greater than zero',
  ],
  ['/PersistentVolume', { 'spec.accessModes': [] }, 'spec.accessModes: Required value'],
  [
    '/PersistentVolume',
    { 'spec.persistentVolumeReclaimPolicy': 'Burn' },
    'spec.persistentVolumeReclaimPolicy: Unsupported value: "Burn": supported values: "Delete", "Recycle", "Retain"',
  ],
  [
    '/PersistentVolume',
    { 'spec.hostPath.path': '/', 'spec.persistentVolumeReclaimPolicy': 'Recycle' },
    `spec.persistentVolumeReclaimPolicy: Forbidden: may not be 'recycle' for a hostPath mount of '/'`,
  ],
  ['/PersistentVolume', { 'spec.nfs': { server: 's', path: '/' } }, 'spec.nfs: Forbidden: may not specify more than 1 volume type'],
  [
    '/PersistentVolume',
    { 'spec.hostPath': undefined, 'spec.local': { path: '/a' } },
    'spec.nodeAffinity: Required value: Local volume requires node affinity',
  ],
  [
    '/PersistentVolume',
    { 'spec.hostPath': undefined, 'spec.csi': { driver: '', volumeHandle: '' } },
    'spec.csi.driver: Required value',
    'spec.csi.volumeHandle: Required value',
  ],
  ['/PersistentVolume', { 'spec.hostPath': undefined, 'spec.csi': { driver: 'a', volumeHandle: 'b', nodeStageSecretRef: { name: '' } } }],
  [
    '/PersistentVolume',
    { 'spec.storageClassName': 'A_', 'spec.volumeMode': 'Tape' },
    `spec.storageClassName: Invalid value: "A_": ${SUBDOMAIN}`,
    'spec.volumeMode: Unsupported value: "Tape": supported values: "Block", "Filesystem"',
  ],
  ['/PersistentVolume', { 'spec.nodeAffinity': {} }, 'spec.nodeAffinity.required: Required value: must specify required node constraints'],
  ['storage.k8s.io/StorageClass', { provisioner: '' }, 'provisioner: Required value'],
  ['storage.k8s.io/StorageClass', { provisioner: 'A b' }, `provisioner: Invalid value: "a b": ${QUALIFIED}`],
  [
    'storage.k8s.io/StorageClass',
    { reclaimPolicy: 'Burn' },
    'reclaimPolicy: Unsupported value: "Burn": supported values: "Delete", "Retain"',
  ],
  [
    'storage.k8s.io/StorageClass',
    { volumeBindingMode: 'Late' },
    'volumeBindingMode: Unsupported value: "Late": supported values: "Immediate", "WaitForFirstConsumer"',
  ],
  ['storage.k8s.io/StorageClass', { reclaimPolicy: '' }],
  [
    'storage.k8s.io/StorageClass',
    { volumeBindingMode: '' },
    'volumeBindingMode: Unsupported value: "": supported values: "Immediate", "WaitForFirstConsumer"',
  ],
  [
    'storage.k8s.io/StorageClass',
    { allowedTopologies: [{ matchLabelExpressions: [] }] },
    'allowedTopologies[0].matchLabelExpressions: Duplicate value: ""',
  ],
  ['storage.k8s.io/StorageClass', { parameters: { '': 'x' } }, 'parameters: Invalid value: "": field can not be empty.'],
  [
    'storage.k8s.io/StorageClass',
    { allowedTopologies: [{ matchLabelExpressions: [{ key: 'a b', values: [] }] }] },
    'allowedTopologies[0].matchLabelExpressions[0].values: Required value',
    `allowedTopologies[0].matchLabelExpressions[0].key: Invalid value: "a b": ${QUALIFIED}`,
  ],
  ['storage.k8s.io/VolumeAttachment', { 'spec.attacher': '' }, 'spec.attacher: Required value'],
  [
    'storage.k8s.io/VolumeAttachment',
    { 'spec.source': {} },
    'spec.source: Required value: must specify exactly one of inlineVolumeSpec and persistentVolumeName',
  ],
  ['storage.k8s.io/VolumeAttachment', { 'spec.nodeName': 'A_' }, `spec.nodeName: Invalid value: "A_": ${SUBDOMAIN}`],
  [
    'storage.k8s.io/VolumeAttachment',
    { 'spec.source': { persistentVolumeName: 'a', inlineVolumeSpec: {} } },
    'spec.source: Forbidden: must specify exactly one of inlineVolumeSpec and persistentVolumeName',
  ],
  [
    'storage.k8s.io/CSIDriver',
    { 'spec.fsGroupPolicy': 'X' },
    'spec.fsGroupPolicy: Unsupported value: "X": supported values: "File", "None", "ReadWriteOnceWithFSType"',
  ],
  [
    'storage.k8s.io/CSIDriver',
    { 'spec.fsGroupPolicy': '', 'spec.nodeAllocatableUpdatePeriodSeconds': 5, 'spec.serviceAccountTokenInSecrets': true },
    'spec.fsGroupPolicy: Unsupported value: "": supported values: "File", "None", "ReadWriteOnceWithFSType"',
    'spec.nodeAllocatableUpdatePeriodSeconds: Invalid value: 5: must be greater than or equal to 10 seconds',
    'spec.serviceAccountTokenInSecrets: Invalid value: true: serviceAccountTokenInSecrets is set but no tokenRequests are specified',
  ],
  [
    'storage.k8s.io/CSIDriver',
    { 'spec.volumeLifecycleModes': ['X'] },
    'spec.volumeLifecycleModes: Unsupported value: "X": supported values: "Persistent", "Ephemeral"',
  ],
  [
    'storage.k8s.io/CSIDriver',
    { 'spec.tokenRequests': [{ audience: 'a', expirationSeconds: 5 }, { audience: 'a' }] },
    'spec.tokenRequests[0].expirationSeconds: Invalid value: 5: may not specify a duration less than 10 minutes',
    'spec.tokenRequests[1].audience: Duplicate value: "a"',
  ],
  [
    'storage.k8s.io/CSIDriver',
    { 'spec.nodeAllocatableUpdatePeriodSeconds': 5 },
    'spec.nodeAllocatableUpdatePeriodSeconds: Invalid value: 5: must be greater than or equal to 10 seconds',
  ],
  [
    'storage.k8s.io/CSINode',
    { 'spec.drivers': [{ name: '', nodeID: '' }] },
    'spec.drivers[0].name: Required value',
    'spec.drivers[0].nodeID: Required value',
  ],
  [
    'storage.k8s.io/CSINode',
    {
      'spec.drivers': [
        { name: 'a', nodeID: 'n', topologyKeys: ['a b', 'c', 'c'] },
        { name: 'a', nodeID: 'n', allocatable: { count: -1 } },
      ],
    },
    `spec.drivers[0]: Invalid value: "a b": ${QUALIFIED}`,
    'spec.drivers[0]: Duplicate value: "c"',
    'spec.drivers[1].allocatable.count: Invalid value: -1: must be greater than or equal to 0',
    'spec.drivers[1].name: Duplicate value: "a"',
  ],
  ['storage.k8s.io/CSIStorageCapacity', { storageClassName: 'A_' }, `storageClassName: Invalid value: "A_": ${SUBDOMAIN}`],
  [
    'storage.k8s.io/CSIStorageCapacity',
    { capacity: '-1', maximumVolumeSize: '-1' },
    'capacity: Invalid value: "-1": must be greater than or equal to 0',
  ],
  [
    'storage.k8s.io/CSIStorageCapacity',
    { nodeTopology: { matchLabels: { 'a b': 'c' } } },
    `nodeTopology.matchLabels: Invalid value: "a b": ${QUALIFIED}`,
  ],
  ['storage.k8s.io/VolumeAttributesClass', { driverName: '' }, 'driverName: Required value'],
  [
    'storage.k8s.io/VolumeAttributesClass',
    { parameters: undefined },
    'parameters: Required value: must contain at least one key/value pair',
  ],
  ['storage.k8s.io/VolumeAttributesClass', { parameters: { '': 'x' } }, 'parameters: Invalid value: "": field can not be empty.'],
];

for (const [key, changes, ...expected] of CASES)
  test(`validateCreate of ${key} with ${JSON.stringify(changes).slice(0, 100)}`, () =>
    assert.deepEqual(faultTexts(validateCreate(kindOfKey(key), typical(key, changes))), expected));
