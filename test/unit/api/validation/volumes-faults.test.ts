// Faults of volumes of pods: what is changed in a typical object, and all that is found.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { validateCreate } from '../../../../src/api/validation/validate.ts';
import { LABEL, SUBDOMAIN } from '../../../support/name-texts.ts';
import { faultTexts, kindOfKey, typical } from '../../../support/typical-objects.ts';

const CASES: readonly (readonly [key: string, changes: Readonly<Record<string, unknown>>, ...expected: string[]])[] = [
  [
    '/Pod',
    { 'spec.volumes': [{ name: 'v', emptyDir: { sizeLimit: '-1' } }] },
    'spec.volumes[0].emptyDir.sizeLimit: Forbidden: SizeLimit field must be a valid resource quantity',
  ],
  ['/Pod', { 'spec.volumes': [{ name: 'v', hostPath: { path: '', type: 'Thing' } }] }, 'spec.volumes[0].hostPath.path: Required value'],
  [
    '/Pod',
    { 'spec.volumes': [{ name: 'v', hostPath: { path: '/a/../b' } }] },
    `spec.volumes[0].hostPath.path: Invalid value: "/a/../b": must not contain '..'`,
  ],
  ['/Pod', { 'spec.volumes': [{ name: 'v', secret: {} }] }, 'spec.volumes[0].secret.secretName: Required value'],
  [
    '/Pod',
    { 'spec.volumes': [{ name: 'v', secret: { secretName: 's', items: [{ key: '', path: '/a' }], defaultMode: 9999 } }] },
    'spec.volumes[0].secret.defaultMode: Invalid value: 9999: must be a number between 0 and 0777 (octal), both inclusive',
    'spec.volumes[0].secret.items[0].key: Required value',
    'spec.volumes[0].secret.items[0].path: Invalid value: "/a": must be a relative path',
  ],
  ['/Pod', { 'spec.volumes': [{ name: 'v', configMap: { name: '' } }] }, 'spec.volumes[0].configMap.name: Required value'],
  [
    '/Pod',
    { 'spec.volumes': [{ name: 'v', configMap: { name: 'c', items: [{ key: 'k', path: '../a', mode: -1 }] } }] },
    `spec.volumes[0].configMap.items[0].path: Invalid value: "../a": must not contain '..'`,
    'spec.volumes[0].configMap.items[0].mode: Invalid value: -1: must be a number between 0 and 0777 (octal), both inclusive',
  ],
  [
    '/Pod',
    {
      'spec.volumes': [
        {
          name: 'v',
          downwardAPI: {
            items: [
              { path: 'a' },
              { path: 'b', fieldRef: { fieldPath: 'status.podIP' } },
              { path: 'c', resourceFieldRef: { resource: 'limits.cpu' } },
            ],
          },
        },
      ],
    },
    'spec.volumes[0].downwardAPI: Required value: one of fieldRef and resourceFieldRef is required',
    'spec.volumes[0].downwardAPI.fieldRef.fieldPath: Unsupported value: "status.podIP": supported values: "metadata.annotations", "metadata.labels", "metadata.name", "metadata.namespace", "metadata.uid"',
    'spec.volumes[0].downwardAPI.resourceFieldRef.containerName: Required value',
  ],
  [
    '/Pod',
    {
      'spec.volumes': [
        {
          name: 'v',
          projected: {
            sources: [
              { serviceAccountToken: { path: '', expirationSeconds: 5 } },
              { secret: { name: '' } },
              { secret: { name: 'a' }, configMap: { name: 'b' } },
            ],
          },
        },
      ],
    },
    'spec.volumes[0].projected.sources[0].serviceAccountToken.expirationSeconds: Invalid value: 5: may not specify a duration less than 10 minutes',
    'spec.volumes[0].projected.path: Required value',
    'spec.volumes[0].projected.sources[1].secret.name: Required value',
    'spec.volumes[0].projected.sources[2]: Forbidden: may not specify more than 1 volume type per source',
    'spec.volumes[0].projected.sources[0].serviceAccountToken: Forbidden: must not be specified when serviceAccountName is not set',
  ],
  [
    '/Pod',
    {
      'spec.volumes': [
        {
          name: 'v',
          projected: {
            sources: [
              { secret: { name: 'a', items: [{ key: 'k', path: 'p' }] } },
              { configMap: { name: 'b', items: [{ key: 'k', path: 'p' }] } },
            ],
          },
        },
      ],
    },
    'spec.volumes[0].projected: Invalid value: "b": conflicting duplicate paths',
  ],
  [
    '/Pod',
    { 'spec.volumes': [{ name: 'v', persistentVolumeClaim: { claimName: '' } }] },
    'spec.volumes[0].persistentVolumeClaim.claimName: Required value',
  ],
  [
    '/Pod',
    { 'spec.volumes': [{ name: 'v', nfs: { server: '', path: 'a' } }] },
    'spec.volumes[0].nfs.server: Required value',
    'spec.volumes[0].nfs.path: Invalid value: "a": must be an absolute path',
  ],
  [
    '/Pod',
    { 'spec.volumes': [{ name: 'v', iscsi: { targetPortal: '', iqn: 'a', lun: 300 } }] },
    'spec.volumes[0].iscsi.targetPortal: Required value',
    'spec.volumes[0].iscsi.iqn: Invalid value: "a": must be valid format starting with iqn, eui, or naa',
    'spec.volumes[0].iscsi.lun: Invalid value: 300: must be between 0 and 255, inclusive',
  ],
  ['/Pod', { 'spec.volumes': [{ name: 'v', csi: { driver: '' } }] }, 'spec.volumes[0].csi.driver: Required value'],
  [
    '/Pod',
    { 'spec.volumes': [{ name: 'v', csi: { driver: 'A b', nodePublishSecretRef: {} } }] },
    `spec.volumes[0].csi.driver: Invalid value: "A b": ${SUBDOMAIN}`,
    'spec.volumes[0].csi.nodePublishSecretRef.name: Required value',
  ],
  [
    '/Pod',
    { 'spec.volumes': [{ name: 'v', gcePersistentDisk: { pdName: '', partition: 300 } }] },
    'spec.volumes[0].persistentDisk.pdName: Required value',
    'spec.volumes[0].persistentDisk.partition: Invalid value: 300: must be between 1 and 255, inclusive',
  ],
  [
    '/Pod',
    { 'spec.volumes': [{ name: 'v', awsElasticBlockStore: { volumeID: '' } }] },
    'spec.volumes[0].awsElasticBlockStore.volumeID: Required value',
  ],
  [
    '/Pod',
    { 'spec.volumes': [{ name: 'v', gitRepo: { repository: '', directory: '../a' } }] },
    'spec.volumes[0].gitRepo.repository: Required value',
    `spec.volumes[0].gitRepo.directory: Invalid value: "../a": must not contain '..'`,
  ],
  [
    '/Pod',
    { 'spec.volumes': [{ name: 'v', glusterfs: {} }] },
    'spec.volumes[0].glusterfs.endpoints: Required value',
    'spec.volumes[0].glusterfs.path: Required value',
  ],
  [
    '/Pod',
    { 'spec.volumes': [{ name: 'v', rbd: { monitors: [] } }] },
    'spec.volumes[0].rbd.monitors: Required value',
    'spec.volumes[0].rbd.image: Required value',
  ],
  [
    'apps/Deployment',
    { 'spec.template.spec.volumes': [{ name: 'v', image: {} }] },
    'spec.template.spec.volumes[0].image.reference: Required value',
  ],
  [
    '/Pod',
    { 'spec.volumes': [{ name: 'v', configMap: { name: 'c' }, downwardAPI: {}, cephfs: { monitors: ['m'] }, azureFile: {} }] },
    'spec.volumes[0].downwarAPI: Forbidden: may not specify more than 1 volume type',
    'spec.volumes[0].configMap: Forbidden: may not specify more than 1 volume type',
    'spec.volumes[0].azureFile: Forbidden: may not specify more than 1 volume type',
  ],
  ['/Pod', { 'spec.volumes': [{ name: 'v', cephfs: { monitors: [] } }] }, 'spec.volumes[0].cephfs.monitors: Required value'],
  [
    '/Pod',
    { 'spec.volumes': [{ name: 'v', fc: {} }] },
    'spec.volumes[0].fc.targetWWNs: Required value: must specify either targetWWNs or wwids, but not both',
  ],
  ['/Pod', { 'spec.volumes': [{ name: 'v', flexVolume: {} }] }, 'spec.volumes[0].flexVolume.driver: Required value'],
  ['/Pod', { 'spec.volumes': [{ name: 'v', cinder: {} }] }, 'spec.volumes[0].cinder.volumeID: Required value'],
  [
    '/Pod',
    { 'spec.volumes': [{ name: 'v', azureFile: {} }] },
    'spec.volumes[0].azureFile.secretName: Required value',
    'spec.volumes[0].azureFile.shareName: Required value',
  ],
  [
    '/Pod',
    { 'spec.volumes': [{ name: 'v', azureDisk: { diskName: '', diskURI: 'http://a', kind: 'X', cachingMode: 'Y' } }] },
    'spec.volumes[0].azureDisk.diskName: Required value',
    'spec.volumes[0].azureDisk.cachingMode: Unsupported value: "Y": supported values: "None", "ReadOnly", "ReadWrite"',
    'spec.volumes[0].azureDisk.kind: Unsupported value: "X": supported values: "Dedicated", "Managed", "Shared"',
    'spec.volumes[0].azureDisk.diskURI: Unsupported value: "http://a": supported values: "https://{account-name}.blob.core.windows.net/{container-name}/{disk-name}.vhd"',
  ],
  ['/Pod', { 'spec.volumes': [{ name: 'v', vsphereVolume: {} }] }, 'spec.volumes[0].vsphereVolume.volumePath: Required value'],
  ['/Pod', { 'spec.volumes': [{ name: 'v', portworxVolume: {} }] }, 'spec.volumes[0].portworxVolume.volumeID: Required value'],
  [
    '/Pod',
    { 'spec.volumes': [{ name: 'v', quobyte: {} }] },
    'spec.volumes[0].quobyte.registry: Required value: must be a host:port pair or multiple pairs separated by commas',
    'spec.volumes[0].quobyte.volume: Required value',
  ],
  [
    '/Pod',
    { 'spec.volumes': [{ name: 'v', scaleIO: {} }] },
    'spec.volumes[0].scaleIO.gateway: Required value',
    'spec.volumes[0].scaleIO.system: Required value',
    'spec.volumes[0].scaleIO.volumeName: Required value',
  ],
  ['/Pod', { 'spec.volumes': [{ name: 'v', storageos: {} }] }, 'spec.volumes[0].storageos.volumeName: Required value'],
  [
    '/Pod',
    { 'spec.volumes': [{ name: 'v', flocker: {} }] },
    'spec.volumes[0].flocker: Required value: one of datasetName and datasetUUID is required',
  ],
  ['/Pod', { 'spec.volumes': [{ name: 'v', photonPersistentDisk: {} }] }, 'spec.volumes[0].photonPersistentDisk.pdID: Required value'],
  ['/Pod', { 'spec.volumes': [{ name: 'v', ephemeral: {} }] }, 'spec.volumes[0].ephemeral.volumeClaimTemplate: Required value'],
  [
    '/Pod',
    {
      'spec.volumes': [
        { name: 'v', ephemeral: { volumeClaimTemplate: { metadata: { name: 'a' }, spec: { accessModes: [], resources: {} } } } },
      ],
    },
    'spec.volumes[0].ephemeral.volumeClaimTemplate.metadata.name: Forbidden: cannot be set',
    'spec.volumes[0].ephemeral.volumeClaimTemplate.spec.accessModes: Required value: at least 1 access mode is required',
    'spec.volumes[0].ephemeral.volumeClaimTemplate.spec.resources[storage]: Required value',
  ],
  [
    '/Pod',
    { 'spec.volumes': [{ name: 'v', image: { reference: '', pullPolicy: 'X' } }] },
    'spec.volumes[0].image.reference: Required value',
    'spec.volumes[0].image.pullPolicy: Unsupported value: "X": supported values: "Always", "IfNotPresent", "Never"',
  ],
  [
    '/Pod',
    {
      'spec.volumes': [
        { name: 'A', emptyDir: {} },
        { name: 'v', emptyDir: {} },
        { name: 'v', emptyDir: {} },
      ],
    },
    `spec.volumes[0].name: Invalid value: "A": ${LABEL}`,
    'spec.volumes[2].name: Duplicate value: "v"',
  ],
];

for (const [key, changes, ...expected] of CASES)
  test(`validateCreate of ${key} with ${JSON.stringify(changes).slice(0, 100)}`, () =>
    assert.deepEqual(faultTexts(validateCreate(kindOfKey(key), typical(key, changes))), expected));
