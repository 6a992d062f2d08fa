// Validation by kind: the table from kinds to their rules, and the calls the registry makes. Pure.
// Metadata is validated by object-meta.ts before; kinds without an entry have no rules beyond their schema.

import type { KubeObject } from '../object.ts';
import type { GroupVersionKind } from '../resources.ts';
import type { FieldError } from '../status-error.ts';
import { validateApiService, validateApiServiceStatus } from './apiregistration.ts';
import * as apps from './apps.ts';
import * as autoscaling from './autoscaling.ts';
import * as certificates from './certificates.ts';
import * as claims from './claims.ts';
import * as config from './config.ts';
import * as devices from './devices.ts';
import * as endpoints from './endpoints.ts';
import * as events from './events.ts';
import { validateFlowControlStatus, validateFlowSchema, validatePriorityLevel } from './flowcontrol.ts';
import * as ingresses from './ingresses.ts';
import { validateJobStatus } from './job-status.ts';
import * as jobs from './jobs.ts';
import { validateNetworkPolicy } from './network-policies.ts';
import * as nodeServices from './node-services.ts';
import * as nodes from './nodes.ts';
import * as volumes from './persistent-volumes.ts';
import { validateEphemeralContainers, validateResize } from './pod-changes.ts';
import { validatePodStatus } from './pod-status.ts';
import * as templates from './pod-templates.ts';
import { validatePod, validatePodUpdate } from './pods.ts';
import * as policy from './policy.ts';
import * as quotas from './quotas.ts';
import * as rbac from './rbac.ts';
import * as ranges from './service-ranges.ts';
import { validateServiceUpdate } from './service-updates.ts';
import * as services from './services.ts';
import * as storage from './storage.ts';

type UpdateRule = (object: never, old: never) => FieldError[];

/** The rules of one kind. */
interface KindRules {
  /** What holds for every object of the kind. It runs on updates too, unless they stand alone. */
  readonly create?: (object: never) => FieldError[];
  /** What depends on the object before. */
  readonly update?: UpdateRule;
  /** `update` holds all rules of updates. */
  readonly updateAlone?: boolean;
  /** Rules of writes of sub-resources, by name. One without rules changes nothing that the kind's rules are about. */
  readonly sub?: Readonly<Record<string, UpdateRule>>;
}

const RULES: Readonly<Record<string, KindRules>> = {
  '/Pod': {
    create: validatePod,
    update: validatePodUpdate,
    updateAlone: true,
    sub: { status: validatePodStatus, resize: validateResize, ephemeralcontainers: validateEphemeralContainers },
  },
  '/PodTemplate': { create: templates.validatePodTemplate },
  '/ReplicationController': { create: templates.validateReplicationController, sub: { status: templates.validateReplicaStatus } },
  '/ConfigMap': { create: config.validateConfigMap, update: config.validateImmutableData },
  '/Secret': { create: config.validateSecret, update: config.validateImmutableData },
  '/Service': { create: services.validateService, update: validateServiceUpdate, sub: { status: services.validateServiceStatus } },
  '/ServiceAccount': {},
  '/Endpoints': { create: endpoints.validateEndpoints },
  '/Event': { create: events.validateCoreEvent },
  '/Namespace': {
    create: nodes.validateNamespace,
    updateAlone: true,
    sub: { status: nodes.validateNamespaceStatus, finalize: nodes.validateNamespaceFinalize },
  },
  '/Node': {
    create: nodes.validateNode,
    update: nodes.validateNodeUpdate,
    updateAlone: true,
    sub: { status: nodes.validateNodeUpdate },
  },
  '/LimitRange': { create: quotas.validateLimitRange },
  '/ResourceQuota': {
    create: quotas.validateResourceQuota,
    update: quotas.validateResourceQuotaUpdate,
    sub: { status: quotas.validateResourceQuotaStatus },
  },
  '/PersistentVolumeClaim': {
    create: claims.validateClaim,
    update: claims.validateClaimUpdate,
    updateAlone: true,
    sub: { status: claims.validateClaimStatus },
  },
  '/PersistentVolume': { create: volumes.validateVolume, update: volumes.validateVolumeUpdate },
  'apiregistration.k8s.io/APIService': { create: validateApiService, sub: { status: validateApiServiceStatus } },
  'apps/Deployment': {
    create: apps.validateDeployment,
    update: apps.validateSelectorUpdate,
    sub: { status: templates.validateReplicaStatus },
  },
  'apps/ReplicaSet': {
    create: apps.validateReplicaSet,
    update: apps.validateSelectorUpdate,
    sub: { status: templates.validateReplicaStatus },
  },
  'apps/DaemonSet': {
    create: apps.validateDaemonSet,
    update: apps.validateDaemonSetUpdate,
    updateAlone: true,
    sub: { status: apps.validateDaemonSetStatus },
  },
  'apps/StatefulSet': {
    create: apps.validateStatefulSet,
    update: apps.validateStatefulSetUpdate,
    updateAlone: true,
    sub: { status: apps.validateStatefulSetStatus },
  },
  'apps/ControllerRevision': { create: apps.validateRevision, update: apps.validateRevisionUpdate },
  'autoscaling/HorizontalPodAutoscaler': {
    create: autoscaling.validateAutoscaler,
    update: autoscaling.validateAutoscalerUpdate,
    updateAlone: true,
    sub: { status: autoscaling.validateAutoscalerStatus },
  },
  'autoscaling/Scale': { create: autoscaling.validateScale },
  'batch/Job': { create: jobs.validateJob, update: jobs.validateJobUpdate, sub: { status: validateJobStatus } },
  'batch/CronJob': { create: jobs.validateCronJob, update: jobs.validateCronJobUpdate, updateAlone: true },
  'certificates.k8s.io/CertificateSigningRequest': {
    create: certificates.validateSigningRequest,
    update: certificates.validateSigningRequestUpdate,
    updateAlone: true,
    sub: { status: certificates.validateSigningRequestStatus, approval: certificates.validateApproval },
  },
  'coordination.k8s.io/Lease': { create: nodeServices.validateLease },
  'discovery.k8s.io/EndpointSlice': { create: endpoints.validateEndpointSlice, update: endpoints.validateEndpointSliceUpdate },
  'events.k8s.io/Event': { create: events.validateNewEvent, update: events.validateEventUpdate, updateAlone: true },
  'networking.k8s.io/Ingress': {
    create: ingresses.validateIngress,
    update: ingresses.validateAnyIngress,
    updateAlone: true,
    sub: { status: ingresses.validateIngressStatus },
  },
  'networking.k8s.io/IngressClass': {
    create: ingresses.validateIngressClass,
    update: ingresses.validateIngressClassUpdate,
    updateAlone: true,
  },
  'networking.k8s.io/NetworkPolicy': { create: validateNetworkPolicy },
  'networking.k8s.io/ServiceCIDR': { create: ranges.validateServiceCidr, update: ranges.validateServiceCidrUpdate, updateAlone: true },
  'networking.k8s.io/IPAddress': { create: ranges.validateIpAddress, update: ranges.validateIpAddressUpdate, updateAlone: true },
  'node.k8s.io/RuntimeClass': { create: nodeServices.validateRuntimeClass, update: nodeServices.validateRuntimeClassUpdate },
  'flowcontrol.apiserver.k8s.io/FlowSchema': { create: validateFlowSchema, sub: { status: validateFlowControlStatus } },
  'flowcontrol.apiserver.k8s.io/PriorityLevelConfiguration': { create: validatePriorityLevel, sub: { status: validateFlowControlStatus } },
  'policy/PodDisruptionBudget': { create: policy.validateDisruptionBudget, sub: { status: policy.validateDisruptionBudgetStatus } },
  'rbac.authorization.k8s.io/Role': { create: rbac.validateRole },
  'rbac.authorization.k8s.io/ClusterRole': { create: rbac.validateClusterRole },
  'rbac.authorization.k8s.io/RoleBinding': { create: rbac.validateRoleBinding, update: rbac.validateRoleRefUpdate },
  'rbac.authorization.k8s.io/ClusterRoleBinding': { create: rbac.validateClusterRoleBinding, update: rbac.validateRoleRefUpdate },
  'resource.k8s.io/DeviceClass': { create: devices.validateDeviceClass },
  'resource.k8s.io/ResourceClaim': {
    create: devices.validateResourceClaim,
    update: devices.validateResourceClaimUpdate,
    updateAlone: true,
    sub: { status: devices.validateResourceClaimStatus },
  },
  'resource.k8s.io/ResourceClaimTemplate': {
    create: devices.validateClaimTemplate,
    update: devices.validateClaimTemplateUpdate,
  },
  'resource.k8s.io/ResourceSlice': { create: devices.validateResourceSlice, update: devices.validateResourceSliceUpdate },
  'scheduling.k8s.io/PriorityClass': {
    create: policy.validatePriorityClass,
    update: policy.validatePriorityClassUpdate,
    updateAlone: true,
  },
  'storage.k8s.io/CSIDriver': { create: storage.validateCsiDriver, update: storage.validateCsiDriverUpdate },
  'storage.k8s.io/CSINode': { create: storage.validateCsiNode, update: storage.validateCsiNodeUpdate },
  'storage.k8s.io/CSIStorageCapacity': { create: storage.validateStorageCapacity, update: storage.validateStorageCapacityUpdate },
  'storage.k8s.io/StorageClass': { create: storage.validateStorageClass, update: storage.validateStorageClassUpdate },
  'storage.k8s.io/VolumeAttachment': {
    create: storage.validateAttachment,
    update: storage.validateAttachmentUpdate,
    updateAlone: true,
    sub: { status: storage.validateAttachmentUpdate },
  },
  'storage.k8s.io/VolumeAttributesClass': {
    create: storage.validateAttributesClass,
    update: storage.validateAttributesClassUpdate,
    updateAlone: true,
  },
};

const rulesOf = (kind: GroupVersionKind): KindRules | undefined => RULES[`${kind.group}/${kind.kind}`];

/** Whether the kind is one of the server's own that has rules here. */
export const hasRules = (kind: GroupVersionKind): boolean => rulesOf(kind) !== undefined;

/** The faults of a new object, beyond its metadata. The object was decoded by its schema and defaulted. */
export function validateCreate(kind: GroupVersionKind, object: KubeObject): FieldError[] {
  return rulesOf(kind)?.create?.(object as never) ?? []; // The table pairs kinds and rules.
}

/** The faults of an update of the object, or of one of its sub-resources (`status`, `resize` …). Both objects are whole ones. */
export function validateUpdate(kind: GroupVersionKind, object: KubeObject, old: KubeObject, subresource = ''): FieldError[] {
  const rules = rulesOf(kind);
  if (!rules) return [];
  if (subresource !== '') return rules.sub?.[subresource]?.(object as never, old as never) ?? [];
  const always = rules.updateAlone ? [] : (rules.create?.(object as never) ?? []);
  return [...always, ...(rules.update?.(object as never, old as never) ?? [])];
}
