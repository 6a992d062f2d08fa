// Fields of features that are off.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { deepCopy, deepFreeze } from '../../../src/api/copy.ts';
import { dropDisabledFields } from '../../../src/api/disabled-fields.ts';
import type { KubeObject } from '../../../src/api/object.ts';

const POD_SPEC = {
  schedulingGroup: { podGroupName: 'g' },
  volumes: [{ name: 'v', projected: { sources: [{ clusterTrustBundle: { name: 'b', path: 'p' } }, { secret: { name: 's' } }] } }],
  containers: [{ name: 'c', lifecycle: { stopSignal: 'SIGUSR1', preStop: { sleep: { seconds: 1 } } } }],
};
const POD_LEFT = {
  volumes: [{ name: 'v', projected: { sources: [{}, { secret: { name: 's' } }] } }],
  containers: [{ name: 'c', lifecycle: { preStop: { sleep: { seconds: 1 } } } }],
};

const CASES: readonly (readonly [kind: string, object: object, left: object])[] = [
  ['/Pod', { spec: POD_SPEC }, { spec: POD_LEFT }],
  ['/PodTemplate', { template: { spec: POD_SPEC } }, { template: { spec: POD_LEFT } }],
  ['apps/Deployment', { spec: { template: { spec: POD_SPEC } } }, { spec: { template: { spec: POD_LEFT } } }],
  [
    'apps/StatefulSet',
    { spec: { updateStrategy: { rollingUpdate: { partition: 1, maxUnavailable: 2 } } } },
    { spec: { updateStrategy: { rollingUpdate: { partition: 1 } } } },
  ],
  [
    'batch/CronJob',
    { spec: { jobTemplate: { spec: { template: { spec: POD_SPEC } } } } },
    { spec: { jobTemplate: { spec: { template: { spec: POD_LEFT } } } } },
  ],
  [
    '/PersistentVolumeClaim',
    { spec: { dataSourceRef: { kind: 'K', name: 'n', namespace: 'other' } } },
    { spec: { dataSourceRef: { kind: 'K', name: 'n' } } },
  ],
  [
    'coordination.k8s.io/Lease',
    { spec: { holderIdentity: 'a', strategy: 'OldestEmulationVersion', preferredHolder: 'b' } },
    { spec: { holderIdentity: 'a' } },
  ],
  [
    'resource.k8s.io/ResourceSlice',
    { spec: { devices: [{ name: 'd', attributes: { a: { ints: [1] }, b: { int: 1 } }, nodeAllocatableResourceMappings: [] }] } },
    { spec: { devices: [{ name: 'd', attributes: { a: {}, b: { int: 1 } } }] } },
  ],
  [
    '/Node',
    { spec: { providerID: 'a', configSource: { configMap: {} } }, status: { phase: 'Running' } },
    { spec: { providerID: 'a' }, status: { phase: 'Running' } },
  ],
  ['storage.k8s.io/CSIDriver', { spec: { preventPodSchedulingIfMissing: true } }, { spec: {} }],
  ['/ConfigMap', { data: { a: 'b' } }, { data: { a: 'b' } }],
];

for (const [key, object, left] of CASES) {
  const [group = '', kind = ''] = key.split('/');
  test(`dropDisabledFields drops what is off of a new ${kind}, and keeps what was there`, () => {
    const created = deepCopy(object) as KubeObject;
    dropDisabledFields({ group, version: 'v1', kind }, created);
    assert.deepEqual(created, left);
    const changed = deepCopy(object) as KubeObject;
    dropDisabledFields({ group, version: 'v1', kind }, changed, deepFreeze(deepCopy(object)) as KubeObject);
    assert.deepEqual(changed, object);
  });
}
