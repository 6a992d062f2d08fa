// NodeRestriction: a kubelet changes its own Node, the pods bound to it, its own lease, CSINode and device slices, and no others'.
// Rules: admission controllers reference, "NodeRestriction".

import { deepEqual } from '../../api/copy.ts';
import type { PersistentVolumeClaim } from '../../api/types/core-v1.gen.ts';
import type { ResourceSlice } from '../../api/types/resource-v1.gen.ts';
import type { Authorizer } from '../auth/auth.ts';
import type { AdmissionPlugin, AdmissionRequest } from './admission.ts';
import type { AdmissionReader } from './admission-reader.ts';
import { restrictNode } from './node-restriction-nodes.ts';
import { restrictPod, restrictToken } from './node-restriction-pods.ts';
import { refusal } from './refusal.ts';

const NODE_USER = 'system:node:';

/** One request of a node, and what the cluster holds. */
export interface NodeRequest {
  /** The name of the node that asks. */
  readonly node: string;
  readonly request: AdmissionRequest;
  readonly reader: AdmissionReader;
  /** Whether the node may do more than its pods make it need. */
  readonly authorizer: Authorizer;
}

/** What is restricted, by `group/resource`. */
const RULES: Readonly<Record<string, (asked: NodeRequest) => void>> = {
  '/nodes': restrictNode,
  '/pods': restrictPod,
  '/persistentvolumeclaims': restrictClaim,
  '/serviceaccounts': restrictToken,
  'coordination.k8s.io/leases': restrictLease,
  'storage.k8s.io/csinodes': restrictCsiNode,
  'resource.k8s.io/resourceslices': restrictSlice,
};

/** The plugin; `reader` answers for pods, nodes and what pods mount. */
export function nodeRestriction(deps: Pick<NodeRequest, 'reader' | 'authorizer'>): AdmissionPlugin {
  return {
    name: 'NodeRestriction',
    validate(request) {
      const node = nodeOf(request);
      if (node !== undefined) RULES[`${request.resource.group}/${request.resource.resource}`]?.({ ...deps, node, request });
    },
  };
}

function nodeOf({ user }: AdmissionRequest): string | undefined {
  return user.groups.includes('system:nodes') && user.name.startsWith(NODE_USER) ? user.name.slice(NODE_USER.length) : undefined;
}

/** The kubelet that grows a volume says so in the claim's status, and changes nothing else. */
function restrictClaim({ node, request }: NodeRequest): void {
  if (request.subresource !== 'status') throw refusal(request, `unexpected subresource "${request.subresource}"`);
  // The resource says what the objects are.
  const rest = (object: unknown): object => {
    const { metadata, status, ...claim } = object as PersistentVolumeClaim;
    const { resourceVersion: _v, managedFields: _m, ...meta } = metadata;
    const { capacity: _c, conditions: _o, allocatedResources: _a, allocatedResourceStatuses: _s, ...others } = status ?? {};
    return { ...claim, metadata: meta, status: others };
  };
  if (deepEqual(rest(request.object), rest(request.oldObject))) return;
  throw refusal(request, `node "${node}" is not allowed to update fields other than status.capacity and status.conditions`);
}

function restrictLease({ node, request }: NodeRequest): void {
  if (request.namespace !== 'kube-node-lease') throw refusal(request, 'can only access leases in the "kube-node-lease" system namespace');
  if (nameOf(request) !== node) throw refusal(request, 'can only access node lease with the same name as the requesting node');
}

function restrictCsiNode({ node, request }: NodeRequest): void {
  if (nameOf(request) !== node) throw refusal(request, 'can only access CSINode with the same name as the requesting node');
}

function restrictSlice({ node, request }: NodeRequest): void {
  const slice = (request.object ?? request.oldObject) as ResourceSlice; // The resource says so.
  if (slice.spec.nodeName === node) return;
  const verb = request.operation === 'CREATE' ? 'create' : 'delete';
  throw refusal(request, `can only ${verb} ResourceSlice with the same NodeName as the requesting node`);
}

const nameOf = (request: AdmissionRequest): string => request.name || request.object?.metadata.name || '';
