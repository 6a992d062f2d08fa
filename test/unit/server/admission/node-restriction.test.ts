import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { KubeObject } from '../../../../src/api/object.ts';
import type { AdmissionRequest } from '../../../../src/server/admission/admission.ts';
import { ACCOUNT, admit, NAMESPACE, podOf, podRequest, refusalFor } from '../../../support/admission.ts';

const NODE = { kind: 'Node', metadata: { name: 'n1', uid: 'node-uid' }, spec: {} };
const PROJECTED = {
  name: 'v',
  projected: { sources: [{ serviceAccountToken: { path: 't' } }, { serviceAccountToken: { path: 'u', audience: 'vault' } }] },
};
const OWN = {
  kind: 'Pod',
  metadata: { name: 'own', namespace: 'shop', uid: 'pod-uid' },
  spec: { nodeName: 'n1', containers: [], volumes: [PROJECTED, { name: 'w', csi: { driver: 'd' } }] },
};
const DRIVER = { kind: 'CSIDriver', metadata: { name: 'd' }, spec: { tokenRequests: [{ audience: 'store' }] } };
const OTHER = { kind: 'Pod', metadata: { name: 'other', namespace: 'shop', uid: 'other-uid' }, spec: { nodeName: 'n2', containers: [] } };
const OBJECTS = [NAMESPACE, ACCOUNT, NODE, OWN, OTHER, DRIVER];

/** A request of the node n1. */
const ofNode = (object: object | undefined, more: Partial<AdmissionRequest> = {}): AdmissionRequest =>
  podRequest(structuredClone(object ?? {}), {
    ...(object === undefined && { object: undefined }),
    user: { name: 'system:node:n1', groups: ['system:nodes', 'system:authenticated'] },
    ...more,
  });

const resource = (group: string, name: string) => ({ group, version: 'v1', resource: name });
const mirror = (spec: object = {}, metadata: object = {}): KubeObject => {
  const pod = podOf({ nodeName: 'n1', ...spec });
  return { ...pod, metadata: { ...pod.metadata, annotations: { 'kubernetes.io/config.mirror': 'x' }, ...metadata } };
};
const owner = (more: object = {}) => ({
  ownerReferences: [{ apiVersion: 'v1', kind: 'Node', name: 'n1', uid: 'node-uid', controller: true, ...more }],
});
const token = (boundObjectRef?: object, ...audiences: string[]): Partial<AdmissionRequest> => ({
  resource: resource('', 'serviceaccounts'),
  subresource: 'token',
  name: 'default',
  object: { metadata: {}, spec: { audiences, ...(boundObjectRef && { boundObjectRef }) } } as KubeObject,
});
const bound = (more: object = {}) => ({ apiVersion: 'v1', kind: 'Pod', name: 'own', uid: 'pod-uid', ...more });
const claim = (status: object, metadata: object = {}): KubeObject =>
  ({ metadata: { name: 'c', namespace: 'shop', ...metadata }, spec: {}, status }) as KubeObject;
const ofClaim = (object: KubeObject): AdmissionRequest =>
  ofNode(object, {
    operation: 'UPDATE',
    resource: resource('', 'persistentvolumeclaims'),
    subresource: 'status',
    name: 'c',
    oldObject: claim({ phase: 'Bound' }),
  });

describe('NodeRestriction', () => {
  const allowed: [string, AdmissionRequest][] = [
    ['a mirror pod', ofNode(mirror())],
    ['a mirror pod that the node owns', ofNode(mirror({}, owner()))],
    ['a deletion of a pod of its own', ofNode(undefined, { operation: 'DELETE', name: 'own', oldObject: OWN })],
    [
      'the status of a pod of its own',
      ofNode({ ...OWN, status: {} }, { operation: 'UPDATE', subresource: 'status', name: 'own', oldObject: OWN }),
    ],
    ['an eviction of a pod of its own', ofNode({ metadata: {} }, { subresource: 'eviction', name: 'own' })],
    ['a token of a pod of its own', ofNode({}, token(bound()))],
    ['a token for whom its pod wants one', ofNode({}, token(bound(), 'vault'))],
    ['a token for whom the driver of its pod wants one', ofNode({}, token(bound(), 'store'))],
    ['the capacity of a claim', ofClaim(claim({ phase: 'Bound', capacity: { storage: '1Gi' } }))],
    [
      'its lease',
      ofNode({ metadata: { name: 'n1' } }, { resource: resource('coordination.k8s.io', 'leases'), namespace: 'kube-node-lease', name: '' }),
    ],
    ['its CSINode', ofNode({ metadata: { name: 'n1' } }, { resource: resource('storage.k8s.io', 'csinodes'), namespace: '', name: '' })],
    [
      'its devices',
      ofNode({ metadata: {}, spec: { nodeName: 'n1' } }, { resource: resource('resource.k8s.io', 'resourceslices'), namespace: '' }),
    ],
  ];
  for (const [title, request] of allowed) {
    it(`lets a node write ${title}`, async () => {
      const object = request.object;
      // The rest of the chain knows nothing of these objects: only that nothing is refused counts.
      const leases = { kind: 'Namespace', metadata: { name: 'kube-node-lease' } };
      assert.ok(await admit({ ...request, object }, [...OBJECTS, leases]));
    });
  }

  const refused: [string, AdmissionRequest, string][] = [
    [
      'a pod that is no mirror',
      ofNode(podOf({ nodeName: 'n1' })),
      'pod does not have "kubernetes.io/config.mirror" annotation, node "n1" can only create mirror pods',
    ],
    ['a pod of another node', ofNode(mirror({ nodeName: 'n2' })), 'node "n1" can only create pods with spec.nodeName set to itself'],
    [
      'a pod that another owns',
      ofNode(mirror({}, owner({ name: 'n2' }))),
      'node "n1" can only create pods with an owner reference set to itself',
    ],
    [
      'an owner that does not control',
      ofNode(mirror({}, owner({ controller: false }))),
      'node "n1" can only create pods with a controller owner reference set to itself',
    ],
    [
      'an owner whose deletion is blocked',
      ofNode(mirror({}, owner({ blockOwnerDeletion: true }))),
      'node "n1" must not set blockOwnerDeletion on an owner reference',
    ],
    ['a node of another life as owner', ofNode(mirror({}, owner({ uid: 'x' }))), 'node n1 UID mismatch: expected x got node-uid'],
    [
      'a pod with a ConfigMap',
      ofNode(mirror({ volumes: [{ name: 'v', configMap: { name: 'c' } }] })),
      'node "n1" can not create pods that reference configmaps',
    ],
    [
      'a pod with a claim',
      ofNode(mirror({ volumes: [{ name: 'v', persistentVolumeClaim: { claimName: 'c' } }] })),
      'node "n1" can not create pods that reference persistentvolumeclaims',
    ],
    [
      'a deletion of a pod of another',
      ofNode(undefined, { operation: 'DELETE', name: 'other', oldObject: OTHER }),
      'node "n1" can only delete pods with spec.nodeName set to itself',
    ],
    [
      'the status of a pod of another',
      ofNode(OTHER, { operation: 'UPDATE', subresource: 'status', name: 'other', oldObject: OTHER }),
      'node "n1" can only update pod status for pods with spec.nodeName set to itself',
    ],
    [
      'labels by the status',
      ofNode(
        { ...OWN, metadata: { ...OWN.metadata, labels: { a: 'b' } } },
        { operation: 'UPDATE', subresource: 'status', name: 'own', oldObject: OWN },
      ),
      'node "n1" cannot update labels through pod status',
    ],
    [
      'an eviction of a pod of another',
      ofNode({ metadata: {} }, { subresource: 'eviction', name: 'other' }),
      'node "n1" can only evict pods with spec.nodeName set to itself',
    ],
    ['a pod itself', ofNode(OWN, { operation: 'UPDATE', name: 'own', oldObject: OWN }), 'unexpected operation "UPDATE"'],
    [
      'a sub-resource that is not its own',
      ofNode(OWN, { operation: 'UPDATE', subresource: 'resize', name: 'own', oldObject: OWN }),
      "unexpected pod subresource \"resize\", only 'status' and 'eviction' are allowed",
    ],
    [
      'a token for whom its pod wants none',
      ofNode({}, token(bound(), 'bank')),
      'audience "bank" not found in pod spec volume, system:node:n1 is not authorized to request tokens for this audience',
    ],
    ['a token of two audiences', ofNode({}, token(bound(), 'vault', 'store')), 'node may only request 0 or 1 audiences'],
    ['a token of no pod', ofNode({}, token()), 'node requested token not bound to a pod'],
    ['a token of a pod without uid', ofNode({}, token(bound({ uid: '' }))), 'node requested token with a pod binding without a uid'],
    [
      'a token of a pod of another',
      ofNode({}, token(bound({ name: 'other', uid: 'other-uid' }))),
      'node requested token bound to a pod scheduled on a different node',
    ],
    [
      'another phase of a claim',
      ofClaim(claim({ phase: 'Lost' })),
      'node "n1" is not allowed to update fields other than status.capacity and status.conditions',
    ],
    [
      'a label of a claim',
      ofClaim(claim({ phase: 'Bound' }, { labels: { a: 'b' } })),
      'node "n1" is not allowed to update fields other than status.capacity and status.conditions',
    ],
    [
      'a label of a node that the cluster gives',
      ofNode(
        { metadata: { name: 'n1', labels: { 'a.node-restriction.kubernetes.io/b': '' } }, spec: {} },
        { operation: 'UPDATE', resource: resource('', 'nodes'), namespace: '', name: 'n1', oldObject: NODE as KubeObject },
      ),
      'is not allowed to modify labels: a.node-restriction.kubernetes.io/b',
    ],
    [
      'devices of another',
      ofNode(
        { metadata: {}, spec: { nodeName: 'n2' } },
        { resource: resource('resource.k8s.io', 'resourceslices'), namespace: '', name: 's' },
      ),
      'can only create ResourceSlice with the same NodeName as the requesting node',
    ],
  ];
  for (const [title, request, why] of refused) {
    it(`refuses a node ${title}`, async () => {
      const { code, message } = await refusalFor(request, OBJECTS);
      assert.equal(code, 403);
      assert.equal(message.replace(/^.* is forbidden: /, ''), why);
    });
  }
});
