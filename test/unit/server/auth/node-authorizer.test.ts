import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { PersistentVolume, PersistentVolumeClaim, Pod } from '../../../../src/api/types/core-v1.gen.ts';
import type { VolumeAttachment } from '../../../../src/api/types/storage-v1.gen.ts';
import { bootstrapPolicy } from '../../../../src/server/auth/bootstrap-policy.ts';
import { NodeAuthorizer } from '../../../../src/server/auth/node-authorizer.ts';

const pod: Pod = {
  metadata: { name: 'p', namespace: 'ns' },
  spec: {
    nodeName: 'n1',
    serviceAccountName: 'sa',
    imagePullSecrets: [{ name: 'pull' }],
    initContainers: [{ name: 'i', envFrom: [{ secretRef: { name: 'from' } }, { configMapRef: { name: 'cmfrom' } }] }],
    containers: [
      {
        name: 'c',
        env: [
          { name: 'A', valueFrom: { secretKeyRef: { name: 'env', key: 'k' } } },
          { name: 'B', valueFrom: { configMapKeyRef: { name: 'cmenv', key: 'k' } } },
        ],
      },
    ],
    volumes: [
      { name: 'v1', secret: { secretName: 'vol' } },
      { name: 'v2', configMap: { name: 'cmvol' } },
      { name: 'v3', projected: { sources: [{ secret: { name: 'proj' } }, { configMap: { name: 'cmproj' } }] } },
      { name: 'v4', persistentVolumeClaim: { claimName: 'claim' } },
      { name: 'v5', csi: { driver: 'd', nodePublishSecretRef: { name: 'csi' } } },
      { name: 'v6', ephemeral: {} },
    ],
  },
};
const claim: PersistentVolumeClaim = { metadata: { name: 'claim', namespace: 'ns' }, spec: { volumeName: 'pv' } };
const volume: PersistentVolume = {
  metadata: { name: 'pv' },
  spec: { csi: { driver: 'd', volumeHandle: 'h', nodeStageSecretRef: { name: 'stage', namespace: 'storage' } } },
};
const attachment: VolumeAttachment = { metadata: { name: 'va' }, spec: { attacher: 'a', source: {}, nodeName: 'n1' } };
const rules = bootstrapPolicy().clusterRoles.find((role) => role.metadata.name === 'system:node')?.rules ?? [];
const authorizer = new NodeAuthorizer(
  { rules },
  {
    podsOnNode: (node) => (node === 'n1' ? [pod] : []),
    claim: (namespace, name) => (namespace === 'ns' && name === 'claim' ? claim : undefined),
    volume: (name) => (name === 'pv' ? volume : undefined),
    volumeAttachment: (name) => (name === 'va' ? attachment : undefined),
  },
);

/** `verb group/resource[/sub] namespace/name [field selector]`. */
function decide(text: string, user = { name: 'system:node:n1', groups: ['system:nodes'] }) {
  const [verb = '', what = '', where = '/', fieldSelector] = text.split(' ');
  const [group = '', resource = '', subresource = ''] = what.split('/');
  const [namespace = '', name = ''] = where.split('/');
  return authorizer.authorize({
    user,
    verb,
    resource: { group, version: 'v1', resource, subresource, namespace, name, ...(fieldSelector && { fieldSelector }) },
  });
}

describe('NodeAuthorizer', () => {
  const allowed = [
    ...['pull', 'from', 'env', 'vol', 'proj', 'csi'].flatMap((name) => [`get /secrets ns/${name}`, `watch /secrets ns/${name}`]),
    ...['cmfrom', 'cmenv', 'cmvol', 'cmproj'].map((name) => `list /configmaps ns/${name}`),
    'get /secrets storage/stage',
    'get /persistentvolumeclaims ns/claim',
    'get /persistentvolumeclaims ns/p-v6',
    'patch /persistentvolumeclaims/status ns/claim',
    'get /persistentvolumes /pv',
    'get storage.k8s.io/volumeattachments /va',
    'create /serviceaccounts/token ns/sa',
    'get /nodes /n1',
    'create /nodes',
    'patch /nodes/status /n1',
    'watch /nodes / metadata.name=n1',
    'list /pods / spec.nodeName=n1',
    'get /pods ns/p',
    'patch /pods/status ns/other',
    'delete /pods ns/p',
    'create /events ns/',
    'update coordination.k8s.io/leases kube-node-lease/n1',
    'create coordination.k8s.io/leases kube-node-lease/',
    'get storage.k8s.io/csinodes /n1',
    'create certificates.k8s.io/certificatesigningrequests',
    'list /services',
    'list resource.k8s.io/resourceslices / spec.nodeName=n1',
  ];
  for (const text of allowed) it(`allows ${text}`, () => assert.equal(decide(text).decision, 'allow'));

  const refused = [
    ['get /secrets ns/other', "no relationship found between node 'n1' and this object"],
    ['get /secrets other/vol', "no relationship found between node 'n1' and this object"],
    ['list /secrets ns/', 'No Object name found'],
    ['update /secrets ns/vol', 'can only read resources of this type'],
    ['list /persistentvolumes /', 'can only get individual resources of this type'],
    ['get /persistentvolumes /other', "no relationship found between node 'n1' and this object"],
    ['create /serviceaccounts/token ns/other', "no relationship found between node 'n1' and this object"],
    ['get /serviceaccounts ns/sa', 'can only create tokens for individual service accounts'],
    ['get /nodes /n2', "node 'n1' cannot read 'n2', only its own Node object"],
    ['list /nodes', "node 'n1' cannot read all nodes, only its own Node object"],
    ['list /pods', 'can only list/watch pods with spec.nodeName field selector'],
    ['list /pods / spec.nodeName=n2', 'can only list/watch pods with spec.nodeName field selector'],
    ['get /pods ns/other', "no relationship found between node 'n1' and this object"],
    ['update coordination.k8s.io/leases kube-node-lease/n2', 'can only access node lease with the same name as the requesting node'],
    ['get coordination.k8s.io/leases default/n1', 'can only access leases in the "kube-node-lease" system namespace'],
    ['patch storage.k8s.io/csinodes /n2', 'can only access CSINode with the same name as the requesting node'],
    ['get apps/deployments ns/x', ''],
    ['list resource.k8s.io/resourceslices', 'can only list/watch/deletecollection resourceslices with spec.nodeName field selector'],
  ];
  for (const [text = '', reason] of refused)
    it(`has no opinion on ${text}`, () => assert.deepEqual(decide(text), { decision: 'none', reason }));

  it('has no opinion on who is no node', () => {
    for (const user of [
      { name: 'system:node:n1', groups: [] },
      { name: 'n1', groups: ['system:nodes'] },
      { name: 'system:node:', groups: ['system:nodes'] },
    ]) {
      assert.deepEqual(decide('get /nodes /n1', user), { decision: 'none', reason: '' });
    }
  });
});
