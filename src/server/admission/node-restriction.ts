// NodeRestriction: a kubelet changes its own Node, the pods bound to it and its own lease, and no others; some labels are not
// its to set. Rules: admission controllers reference, "NodeRestriction".

import { deepEqual } from '../../api/copy.ts';
import { forbidden } from '../../api/status-error.ts';
import type { Node, Pod } from '../../api/types/core-v1.gen.ts';
import { PODS } from '../../client/resources.ts';
import type { AdmissionPlugin, AdmissionRequest } from './admission.ts';
import type { AdmissionReader } from './admission-reader.ts';

const NODE_USER = 'system:node:';
const MIRROR_ANNOTATION = 'kubernetes.io/config.mirror';
/** Labels of these domains that a kubelet may set on itself. */
const OWN_LABELS =
  /^(kubernetes\.io\/(hostname|os|arch|instance-type)|beta\.kubernetes\.io\/(os|arch|instance-type)|node\.kubernetes\.io\/instance-type|(topology|failure-domain\.beta)\.kubernetes\.io\/(zone|region)|([\w.-]+\.)?(kubelet|node)\.kubernetes\.io\/.*)$/;

/** The plugin; `reader` answers for pods. */
export function nodeRestriction(reader: AdmissionReader): AdmissionPlugin {
  return {
    name: 'NodeRestriction',
    validate(request) {
      const node = nodeOf(request);
      if (node === undefined) return;
      const what = `${request.resource.group}/${request.resource.resource}`;
      if (what === '/nodes') restrictNode(request, node);
      else if (what === '/pods') restrictPod(request, node, reader);
      else if (what === 'coordination.k8s.io/leases') restrictLease(request, node);
      else if (what === '/serviceaccounts' && request.subresource === 'token') restrictToken(request, node, reader);
    },
  };
}

function nodeOf({ user }: AdmissionRequest): string | undefined {
  return user.groups.includes('system:nodes') && user.name.startsWith(NODE_USER) ? user.name.slice(NODE_USER.length) : undefined;
}

function restrictNode(request: AdmissionRequest, node: string): void {
  const refuse = (why: string): never => {
    throw forbidden(request.resource, request.name, why);
  };
  const name = request.name || request.object?.metadata.name;
  if (name !== node) refuse(`node "${node}" is not allowed to modify node "${name}"`);
  if (!request.object || request.operation === 'DELETE') return;
  const after = request.object as Node;
  const before = request.oldObject as Node | undefined;
  const labels = forbiddenLabels(after.metadata.labels ?? {}, before?.metadata.labels ?? {});
  if (labels.length > 0) {
    const verb = request.operation === 'CREATE' ? 'set' : 'modify';
    refuse(`is not allowed to ${verb} the following labels: ${labels.join(', ')}`);
  }
  if (before && !deepEqual(after.spec.taints ?? [], before.spec.taints ?? [])) refuse(`node "${node}" is not allowed to modify taints`);
  if (before && !deepEqual(after.metadata.ownerReferences ?? [], before.metadata.ownerReferences ?? [])) {
    refuse(`node "${node}" is not allowed to modify ownerReferences`);
  }
}

/** Labels that differ and lie in a Kubernetes domain that is not the kubelet's. node-role labels are refused always, as upstream. */
function forbiddenLabels(after: Readonly<Record<string, string>>, before: Readonly<Record<string, string>>): string[] {
  const changed = [...new Set([...Object.keys(after), ...Object.keys(before)])].filter((key) => after[key] !== before[key]);
  return changed
    .filter((key) => {
      const domain = key.includes('/') ? key.slice(0, key.indexOf('/')) : '';
      if (domain.endsWith('node-restriction.kubernetes.io')) return true;
      const reserved = /(^|\.)(kubernetes\.io|k8s\.io)$/.test(domain);
      return reserved && !OWN_LABELS.test(key);
    })
    .sort();
}

function restrictPod(request: AdmissionRequest, node: string, reader: AdmissionReader): void {
  const refuse = (why: string): never => {
    throw forbidden(request.resource, request.name, why);
  };
  if (request.operation === 'CREATE' && request.subresource === '') {
    const pod = request.object as Pod;
    if (pod.metadata.annotations?.[MIRROR_ANNOTATION] === undefined)
      refuse(`pod does not have "${MIRROR_ANNOTATION}" annotation, node "${node}" can only create mirror pods`);
    if (pod.spec.nodeName !== node) refuse(`node "${node}" can only create pods with spec.nodeName set to itself`);
    return;
  }
  const pod = (request.oldObject as Pod | undefined) ?? reader.get(PODS, { namespace: request.namespace, name: request.name });
  if (pod && pod.spec.nodeName !== node) {
    const verb = request.operation === 'DELETE' ? 'delete pods' : 'update status for pods';
    refuse(`node "${node}" can only ${verb} with spec.nodeName set to itself`);
  }
}

function restrictLease(request: AdmissionRequest, node: string): void {
  if (request.namespace !== 'kube-node-lease')
    throw forbidden(request.resource, request.name, 'can only access leases in the "kube-node-lease" system namespace');
  const name = request.name || request.object?.metadata.name;
  if (name !== node)
    throw forbidden(request.resource, request.name, 'can only access node lease with the same name as the requesting node');
}

function restrictToken(request: AdmissionRequest, node: string, reader: AdmissionReader): void {
  const bound = (request.object as { spec?: { boundObjectRef?: { kind?: string; name?: string; uid?: string } } } | undefined)?.spec
    ?.boundObjectRef;
  if (bound?.kind !== 'Pod' || !bound.name) throw forbidden(request.resource, request.name, 'node requested token not bound to a pod');
  if (!bound.uid) throw forbidden(request.resource, request.name, 'node requested token with a pod binding without a uid');
  const pod = reader.get(PODS, { namespace: request.namespace, name: bound.name });
  if (!pod || pod.metadata.uid !== bound.uid)
    throw forbidden(request.resource, request.name, 'node requested token bound to a pod that does not exist');
  if (pod.spec.nodeName !== node)
    throw forbidden(request.resource, request.name, 'node requested token bound to a pod scheduled on a different node');
  if (pod.spec.serviceAccountName !== request.name)
    throw forbidden(request.resource, request.name, 'node requested token for service account that is not used by the pod');
}
