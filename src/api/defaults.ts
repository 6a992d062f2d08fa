// API defaulting: fills what a user left open, before admission and validation, and again on every read of a request.
// Rules: the API reference, field by field. What the registry allocates (addresses, uids, names) is not done here.

import {
  defaultEndpoints,
  defaultLimitRange,
  defaultNamespace,
  defaultNode,
  defaultPersistentVolume,
  defaultPersistentVolumeClaim,
  defaultPod,
  defaultPodTemplate,
  defaultReplicationController,
  defaultSecret,
  defaultService,
} from './defaults/core.ts';
import {
  defaultAdmissionPolicy,
  defaultAdmissionPolicyBinding,
  defaultApiService,
  defaultCustomResourceDefinition,
  defaultFlowSchema,
  defaultMutatingWebhooks,
  defaultPriorityLevel,
  defaultValidatingWebhooks,
} from './defaults/extensions.ts';
import {
  defaultCsiDriver,
  defaultDeviceClaim,
  defaultEndpointSlice,
  defaultIngressClass,
  defaultNetworkPolicy,
  defaultPriorityClass,
  defaultResourceSlice,
  defaultRoleBinding,
  defaultStorageClass,
  defaultTokenRequest,
} from './defaults/others.ts';
import {
  defaultCronJob,
  defaultDaemonSet,
  defaultDeployment,
  defaultHorizontalPodAutoscaler,
  defaultHorizontalPodAutoscalerV1,
  defaultJob,
  defaultReplicaSet,
  defaultStatefulSet,
} from './defaults/workloads.ts';
import type { GroupVersionKind } from './resources.ts';
import type { ResourceClaim, ResourceClaimTemplate } from './types/resource-v1.gen.ts';

/** What defaulting may ask of the outside. */
export interface DefaultOptions {
  /** The time, for the one field that defaults to it (DeviceTaint.timeAdded); left open when absent. */
  readonly nowMs?: number;
}

/** Fills one object of the kind it stands for in the table; `never` since each takes another type. */
type Defaulter = (object: never, nowMs: number | undefined) => void;

const ADMISSION = 'admissionregistration.k8s.io/v1';

const TABLE: Readonly<Record<string, Defaulter>> = {
  '/v1/Pod': defaultPod,
  '/v1/PodTemplate': defaultPodTemplate,
  '/v1/ReplicationController': defaultReplicationController,
  '/v1/Service': defaultService,
  '/v1/PersistentVolume': defaultPersistentVolume,
  '/v1/PersistentVolumeClaim': defaultPersistentVolumeClaim,
  '/v1/Secret': defaultSecret,
  '/v1/Endpoints': defaultEndpoints,
  '/v1/Namespace': defaultNamespace,
  '/v1/Node': defaultNode,
  '/v1/LimitRange': defaultLimitRange,
  'apps/v1/Deployment': defaultDeployment,
  'apps/v1/ReplicaSet': defaultReplicaSet,
  'apps/v1/StatefulSet': defaultStatefulSet,
  'apps/v1/DaemonSet': defaultDaemonSet,
  'batch/v1/Job': defaultJob,
  'batch/v1/CronJob': defaultCronJob,
  'autoscaling/v1/HorizontalPodAutoscaler': defaultHorizontalPodAutoscalerV1,
  'autoscaling/v2/HorizontalPodAutoscaler': defaultHorizontalPodAutoscaler,
  'networking.k8s.io/v1/NetworkPolicy': defaultNetworkPolicy,
  'networking.k8s.io/v1/IngressClass': defaultIngressClass,
  'discovery.k8s.io/v1/EndpointSlice': defaultEndpointSlice,
  'rbac.authorization.k8s.io/v1/RoleBinding': defaultRoleBinding,
  'rbac.authorization.k8s.io/v1/ClusterRoleBinding': defaultRoleBinding,
  'storage.k8s.io/v1/StorageClass': defaultStorageClass,
  'storage.k8s.io/v1/CSIDriver': defaultCsiDriver,
  'scheduling.k8s.io/v1/PriorityClass': defaultPriorityClass,
  'authentication.k8s.io/v1/TokenRequest': defaultTokenRequest,
  [`${ADMISSION}/ValidatingWebhookConfiguration`]: defaultValidatingWebhooks,
  [`${ADMISSION}/MutatingWebhookConfiguration`]: defaultMutatingWebhooks,
  [`${ADMISSION}/ValidatingAdmissionPolicy`]: defaultAdmissionPolicy,
  [`${ADMISSION}/MutatingAdmissionPolicy`]: defaultAdmissionPolicy,
  [`${ADMISSION}/ValidatingAdmissionPolicyBinding`]: defaultAdmissionPolicyBinding,
  [`${ADMISSION}/MutatingAdmissionPolicyBinding`]: defaultAdmissionPolicyBinding,
  'flowcontrol.apiserver.k8s.io/v1/FlowSchema': defaultFlowSchema,
  'flowcontrol.apiserver.k8s.io/v1/PriorityLevelConfiguration': defaultPriorityLevel,
  'resource.k8s.io/v1/ResourceClaim': (claim: ResourceClaim) => defaultDeviceClaim(claim.spec.devices),
  'resource.k8s.io/v1/ResourceClaimTemplate': (template: ResourceClaimTemplate) => defaultDeviceClaim(template.spec.spec.devices),
  'resource.k8s.io/v1/ResourceSlice': defaultResourceSlice,
  'apiextensions.k8s.io/v1/CustomResourceDefinition': defaultCustomResourceDefinition,
  'apiregistration.k8s.io/v1/APIService': defaultApiService,
};

/**
 * Fills the defaults of `object` in place; doing it twice changes nothing more. The object must be decoded
 * (codec/decode.ts) and not frozen. Kinds without defaults, and custom resources, are left as they are.
 */
export function applyDefaults(object: object, gvk: GroupVersionKind, options: DefaultOptions = {}): void {
  const defaulter = TABLE[`${gvk.group}/${gvk.version}/${gvk.kind}`];
  defaulter?.(object as never, options.nowMs); // decoded as that kind
}
