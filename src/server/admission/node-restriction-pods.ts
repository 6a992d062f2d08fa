// NodeRestriction for pods: a kubelet creates mirror pods that need nothing of others, and reports, evicts and deletes those bound to it;
// tokens it asks for are of such pods.

import { deepEqual } from '../../api/copy.ts';
import { notFound } from '../../api/status-error.ts';
import type { TokenRequest } from '../../api/types/authentication-v1.gen.ts';
import type { Pod } from '../../api/types/core-v1.gen.ts';
import type { OwnerReference } from '../../api/types/meta-v1.gen.ts';
import { NODES, PODS } from '../../client/resources.ts';
import { podReferences } from '../auth/pod-references.ts';
import type { NodeRequest } from './node-restriction.ts';
import { podNeedsAudience } from './node-token-audiences.ts';
import { refusal } from './refusal.ts';

const MIRROR_ANNOTATION = 'kubernetes.io/config.mirror';

/** @throws StatusError Forbidden */
export function restrictPod(asked: NodeRequest): void {
  const { operation, subresource } = asked.request;
  if (subresource === '' && operation === 'CREATE') restrictMirrorPod(asked);
  else if (subresource === '' && operation === 'DELETE') demandOwnPod(asked, 'can only delete pods');
  else if (subresource === 'status' && operation === 'UPDATE') restrictStatus(asked);
  else if (subresource === 'eviction') demandOwnPod(asked, 'can only evict pods');
  else if (subresource === '') throw refusal(asked.request, `unexpected operation "${operation}"`);
  else throw refusal(asked.request, `unexpected pod subresource "${subresource}", only 'status' and 'eviction' are allowed`);
}

function demandOwnPod({ node, request, reader }: NodeRequest, what: string): void {
  const pod = (request.oldObject as Pod | undefined) ?? reader.get(PODS, { namespace: request.namespace, name: request.name });
  if (!pod) throw notFound({ group: '', resource: 'pods' }, request.name);
  if (pod.spec.nodeName !== node) throw refusal(request, `node "${node}" ${what} with spec.nodeName set to itself`);
}

function restrictMirrorPod(asked: NodeRequest): void {
  const { node, request } = asked;
  const pod = request.object as Pod; // The resource says so.
  if (pod.metadata.annotations?.[MIRROR_ANNOTATION] === undefined)
    throw refusal(request, `pod does not have "${MIRROR_ANNOTATION}" annotation, node "${node}" can only create mirror pods`);
  if (pod.spec.nodeName !== node) throw refusal(request, `node "${node}" can only create pods with spec.nodeName set to itself`);
  const [owner, second] = pod.metadata.ownerReferences ?? [];
  if (second) throw refusal(request, `node "${node}" can only create pods with a single owner reference set to itself`);
  if (owner) restrictOwner(asked, owner);
  const reference = referenceOf(pod);
  if (reference !== undefined) throw refusal(request, `node "${node}" can not create pods that reference ${reference}`);
}

function restrictOwner({ node, request, reader }: NodeRequest, owner: OwnerReference): void {
  if (owner.apiVersion !== 'v1' || owner.kind !== 'Node' || owner.name !== node)
    throw refusal(request, `node "${node}" can only create pods with an owner reference set to itself`);
  if (!owner.controller) throw refusal(request, `node "${node}" can only create pods with a controller owner reference set to itself`);
  if (owner.blockOwnerDeletion) throw refusal(request, `node "${node}" must not set blockOwnerDeletion on an owner reference`);
  const found = reader.get(NODES, { namespace: '', name: node });
  if (!found) throw notFound({ group: '', resource: 'nodes' }, node);
  const { uid = '' } = found.metadata;
  if (uid !== owner.uid) throw refusal(request, `node ${node} UID mismatch: expected ${owner.uid} got ${uid}`);
}

/** What of others a pod needs; undefined when nothing. */
function referenceOf(pod: Pod): string | undefined {
  const { secrets, configMaps, claims, serviceAccount } = podReferences(pod);
  if (serviceAccount !== '') return 'a service account';
  if (secrets.size > 0) return 'secrets';
  if (configMaps.size > 0) return 'configmaps';
  if (pod.spec.volumes?.some((volume) => volume.projected?.sources?.some((part) => part.clusterTrustBundle))) return 'clustertrustbundles';
  return claims.size > 0 ? 'persistentvolumeclaims' : undefined;
}

function restrictStatus(asked: NodeRequest): void {
  demandOwnPod(asked, 'can only update pod status for pods');
  const { node, request } = asked;
  // The resource says what the objects are.
  const pod = request.object as Pod;
  const old = request.oldObject as Pod;
  if (!deepEqual(pod.metadata.labels ?? {}, old.metadata.labels ?? {}))
    throw refusal(request, `node "${node}" cannot update labels through pod status`);
  if (!deepEqual(pod.status?.resourceClaimStatuses ?? [], old.status?.resourceClaimStatuses ?? []))
    throw refusal(request, `node "${node}" cannot update resource claim statues`);
}

/** Tokens are of pods of the node, and for whom these pods want them. @throws StatusError Forbidden */
export function restrictToken(asked: NodeRequest): void {
  const { node, request, reader } = asked;
  if (request.operation !== 'CREATE' || request.subresource !== 'token') return;
  const { spec } = request.object as unknown as TokenRequest; // The sub-resource says so.
  const { apiVersion, kind, name, uid } = spec.boundObjectRef ?? {};
  if (kind !== 'Pod' || apiVersion !== 'v1' || !name) throw refusal(request, 'node requested token not bound to a pod');
  if (!uid) throw refusal(request, 'node requested token with a pod binding without a uid');
  const pod = reader.get(PODS, { namespace: request.namespace, name });
  if (!pod) throw notFound({ group: '', resource: 'pods' }, name);
  if (pod.metadata.uid !== uid) {
    const why = `the UID in the bound object reference (${uid}) does not match the UID in record. The object might have been deleted and then recreated`;
    throw refusal(request, why);
  }
  if (pod.spec.nodeName !== node) throw refusal(request, 'node requested token bound to a pod scheduled on a different node');
  restrictAudience(asked, spec.audiences ?? [], pod);
}

function restrictAudience({ request, reader, authorizer }: NodeRequest, audiences: readonly string[], pod: Pod): void {
  const [audience = '', second] = audiences;
  if (second !== undefined) throw refusal(request, 'node may only request 0 or 1 audiences');
  if (podNeedsAudience(pod, audience, reader)) return;
  const { user, namespace, name } = request;
  const resource = { group: '', version: 'v1', resource: audience, subresource: '', namespace, name };
  if (authorizer.authorize({ user, verb: 'request-serviceaccounts-token-audience', resource }).decision === 'allow') return;
  const why = `audience "${audience}" not found in pod spec volume, ${user.name} is not authorized to request tokens for this audience`;
  throw refusal(request, why);
}
