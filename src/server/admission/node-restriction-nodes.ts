// NodeRestriction for Nodes: a kubelet writes its own, and steers no workloads to itself by labels or taints.

import { deepEqual } from '../../api/copy.ts';
import type { Node } from '../../api/types/core-v1.gen.ts';
import type { NodeRequest } from './node-restriction.ts';
import { refusal } from './refusal.ts';

/** Labels of these domains that a kubelet may set on itself. */
const OWN_LABELS =
  /^(kubernetes\.io\/(hostname|os|arch|instance-type)|beta\.kubernetes\.io\/(os|arch|instance-type)|node\.kubernetes\.io\/instance-type|(topology|failure-domain\.beta)\.kubernetes\.io\/(zone|region)|([\w.-]+\.)?(kubelet|node)\.kubernetes\.io\/.*)$/;

/** @throws StatusError Forbidden */
export function restrictNode({ node, request }: NodeRequest): void {
  const name = request.name || request.object?.metadata.name;
  if (name !== node) throw refusal(request, `node "${node}" is not allowed to modify node "${name}"`);
  if (!request.object || request.operation === 'DELETE') return;
  // The resource says what the objects are.
  const after = request.object as Node;
  const before = request.oldObject as Node | undefined;
  const labels = forbiddenLabels(after.metadata.labels ?? {}, before?.metadata.labels ?? {}).join(', ');
  if (labels !== '' && !before) throw refusal(request, `node "${node}" is not allowed to set the following labels: ${labels}`);
  if (labels !== '') throw refusal(request, `is not allowed to modify labels: ${labels}`);
  if (!before) return;
  if (!deepEqual(after.spec.taints ?? [], before.spec.taints ?? []))
    throw refusal(request, `node "${node}" is not allowed to modify taints`);
  if (!deepEqual(after.metadata.ownerReferences ?? [], before.metadata.ownerReferences ?? [])) {
    throw refusal(request, `node "${node}" is not allowed to modify ownerReferences`);
  }
}

/** Labels that differ and lie in a Kubernetes domain that is not the kubelet's. node-role labels are refused always, as upstream. */
function forbiddenLabels(after: Readonly<Record<string, string>>, before: Readonly<Record<string, string>>): string[] {
  const changed = [...new Set([...Object.keys(after), ...Object.keys(before)])].filter((key) => after[key] !== before[key]);
  return changed
    .filter((key) => {
      const domain = key.includes('/') ? key.slice(0, key.indexOf('/')) : '';
      if (/(^|\.)node-restriction\.kubernetes\.io$/.test(domain)) return true;
      return /(^|\.)(kubernetes\.io|k8s\.io)$/.test(domain) && !OWN_LABELS.test(key);
    })
    .sort();
}
