// Validation by kind: the table from kinds to their rules, and the two calls the registry makes. Pure.
// Metadata is validated by object-meta.ts before; kinds without an entry have no rules beyond their schema.

import type { KubeObject } from '../object.ts';
import type { GroupVersionKind } from '../resources.ts';
import type { FieldError } from '../status-error.ts';
import { validateApiService, validateApiServiceStatus } from './apiregistration.ts';
import * as cluster from './cluster.ts';
import * as events from './events.ts';
import { validatePod, validatePodUpdate } from './pods.ts';
import * as ranges from './service-ranges.ts';
import * as services from './services.ts';
import * as workloads from './workloads.ts';

/** The rules of one kind. `update` is for what depends on the old object; `create` runs on updates too unless `update` says it does. */
interface KindRules {
  readonly create?: (object: never) => FieldError[];
  readonly update?: (object: never, old: never) => FieldError[];
  /** `update` holds all rules of updates. */
  readonly updateAlone?: boolean;
  /** For writes of /status. */
  readonly status?: (object: never, old: never) => FieldError[];
}

const RULES: Readonly<Record<string, KindRules>> = {
  '/Pod': { create: validatePod, update: validatePodUpdate, updateAlone: true },
  '/ConfigMap': { create: cluster.validateConfigMap, update: cluster.validateImmutableData },
  '/Secret': { create: cluster.validateSecret, update: cluster.validateImmutableData },
  '/Service': { create: services.validateService, update: services.validateServiceUpdate },
  '/Event': { create: events.validateCoreEvent },
  '/Endpoints': { create: services.validateEndpoints },
  '/Node': { create: cluster.validateNode, update: cluster.validateNodeUpdate },
  '/ReplicationController': { create: workloads.validateReplicationController },
  '/ResourceQuota': { create: cluster.validateResourceQuota },
  '/LimitRange': { create: cluster.validateLimitRange },
  '/PersistentVolumeClaim': { create: cluster.validateClaim, update: cluster.validateClaimUpdate },
  '/PersistentVolume': { create: cluster.validateVolume },
  'events.k8s.io/Event': { create: events.validateNewEvent, update: events.validateEventUpdate, updateAlone: true },
  'apiregistration.k8s.io/APIService': { create: validateApiService, status: validateApiServiceStatus },
  'apps/Deployment': { create: workloads.validateDeployment, update: workloads.validateSelectorUpdate },
  'apps/ReplicaSet': { create: workloads.validateReplicaSet, update: workloads.validateSelectorUpdate },
  'apps/DaemonSet': { create: workloads.validateDaemonSet, update: workloads.validateSelectorUpdate },
  'apps/StatefulSet': { create: workloads.validateStatefulSet, update: workloads.validateStatefulSetUpdate },
  'batch/Job': { create: workloads.validateJob, update: workloads.validateJobUpdate },
  'batch/CronJob': { create: workloads.validateCronJob },
  'autoscaling/HorizontalPodAutoscaler': { create: cluster.validateAutoscaler },
  'autoscaling/Scale': { create: cluster.validateScale },
  'policy/PodDisruptionBudget': { create: cluster.validateDisruptionBudget },
  'discovery.k8s.io/EndpointSlice': { create: services.validateEndpointSlice, update: services.validateEndpointSliceUpdate },
  'networking.k8s.io/Ingress': { create: services.validateIngress },
  'networking.k8s.io/IngressClass': { create: services.validateIngressClass, update: services.validateIngressClass, updateAlone: true },
  'networking.k8s.io/NetworkPolicy': { create: services.validateNetworkPolicy },
  'networking.k8s.io/ServiceCIDR': { create: ranges.validateServiceCidr, update: ranges.validateServiceCidrUpdate },
  'networking.k8s.io/IPAddress': { create: ranges.validateIpAddress, update: ranges.validateIpAddressUpdate },
  'rbac.authorization.k8s.io/Role': { create: cluster.validateRole },
  'rbac.authorization.k8s.io/ClusterRole': { create: cluster.validateRole },
  'rbac.authorization.k8s.io/RoleBinding': { create: cluster.validateRoleBinding, update: cluster.validateRoleBinding, updateAlone: true },
  'rbac.authorization.k8s.io/ClusterRoleBinding': {
    create: cluster.validateRoleBinding,
    update: cluster.validateRoleBinding,
    updateAlone: true,
  },
  'scheduling.k8s.io/PriorityClass': { create: cluster.validatePriorityClass, update: cluster.validatePriorityClass, updateAlone: true },
  'storage.k8s.io/StorageClass': { create: cluster.validateStorageClass, update: cluster.validateStorageClass, updateAlone: true },
  'coordination.k8s.io/Lease': { create: cluster.validateLease },
  'certificates.k8s.io/CertificateSigningRequest': {
    create: cluster.validateSigningRequest,
    update: cluster.validateSigningRequest,
    updateAlone: true,
  },
  'node.k8s.io/RuntimeClass': { create: cluster.validateRuntimeClass, update: cluster.validateRuntimeClass, updateAlone: true },
};

const rulesOf = (kind: GroupVersionKind): KindRules | undefined => RULES[`${kind.group}/${kind.kind}`];

/** The faults of a new object, beyond its metadata. The object was decoded by its schema and defaulted. */
export function validateCreate(kind: GroupVersionKind, object: KubeObject): FieldError[] {
  return rulesOf(kind)?.create?.(object as never) ?? []; // The table pairs kinds and rules.
}

/** The faults of an update of the object or of its status. Writes of other sub-resources change nothing these rules are about. */
export function validateUpdate(kind: GroupVersionKind, object: KubeObject, old: KubeObject, subresource = ''): FieldError[] {
  const rules = rulesOf(kind);
  if (!rules) return [];
  if (subresource === 'status') return rules.status?.(object as never, old as never) ?? [];
  if (subresource !== '') return [];
  const always = rules.updateAlone ? [] : (rules.create?.(object as never) ?? []);
  return [...always, ...(rules.update?.(object as never, old as never) ?? [])];
}
