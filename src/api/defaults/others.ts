// Default values of the remaining groups: networking, discovery, RBAC, storage, scheduling, authentication, devices.

import { rfc3339 } from '../../base/clock.ts';
import type { TokenRequest } from '../types/authentication-v1.gen.ts';
import type { EndpointSlice } from '../types/discovery-v1.gen.ts';
import type { IngressClass, NetworkPolicy } from '../types/networking-v1.gen.ts';
import type { ClusterRoleBinding, RoleBinding } from '../types/rbac-v1.gen.ts';
import type { DeviceClaim, DeviceSubRequest, DeviceTaint, ExactDeviceRequest, ResourceSlice } from '../types/resource-v1.gen.ts';
import type { PriorityClass } from '../types/scheduling-v1.gen.ts';
import type { CSIDriver, StorageClass } from '../types/storage-v1.gen.ts';

export function defaultNetworkPolicy({ spec }: NetworkPolicy): void {
  if (!spec) return;
  if ((spec.policyTypes?.length ?? 0) === 0) spec.policyTypes = spec.egress?.length ? ['Ingress', 'Egress'] : ['Ingress'];
  for (const rule of [...(spec.ingress ?? []), ...(spec.egress ?? [])]) for (const port of rule.ports ?? []) port.protocol ??= 'TCP';
}

export function defaultIngressClass({ spec }: IngressClass): void {
  if (spec?.parameters) spec.parameters.scope ??= 'Cluster';
}

export function defaultEndpointSlice({ ports }: EndpointSlice): void {
  for (const port of ports ?? []) {
    port.name ??= '';
    port.protocol ??= 'TCP';
  }
}

const RBAC_GROUP = 'rbac.authorization.k8s.io';

export function defaultRoleBinding(binding: RoleBinding | ClusterRoleBinding): void {
  binding.roleRef.apiGroup ||= RBAC_GROUP;
  for (const subject of binding.subjects ?? []) if (subject.kind === 'User' || subject.kind === 'Group') subject.apiGroup ||= RBAC_GROUP;
}

export function defaultStorageClass(storageClass: StorageClass): void {
  storageClass.reclaimPolicy ??= 'Delete';
  storageClass.volumeBindingMode ??= 'Immediate';
}

export function defaultCsiDriver({ spec }: CSIDriver): void {
  spec.attachRequired ??= true;
  spec.podInfoOnMount ??= false;
  spec.storageCapacity ??= false;
  spec.fsGroupPolicy ??= 'ReadWriteOnceWithFSType';
  if ((spec.volumeLifecycleModes?.length ?? 0) === 0) spec.volumeLifecycleModes = ['Persistent'];
  spec.requiresRepublish ??= false;
  spec.seLinuxMount ??= false;
}

export function defaultPriorityClass(priorityClass: PriorityClass): void {
  priorityClass.preemptionPolicy ??= 'PreemptLowerPriority';
}

export function defaultTokenRequest({ spec }: TokenRequest): void {
  spec.expirationSeconds ??= 3600;
}

function defaultDeviceRequest(request: ExactDeviceRequest | DeviceSubRequest): void {
  request.allocationMode ||= 'ExactCount';
  if (request.allocationMode === 'ExactCount') request.count ||= 1;
  for (const toleration of request.tolerations ?? []) toleration.operator ||= 'Equal';
}

/** Of a ResourceClaim, or of the claim in a template. */
export function defaultDeviceClaim(devices: DeviceClaim | undefined): void {
  for (const { exactly, firstAvailable } of devices?.requests ?? []) {
    if (exactly) defaultDeviceRequest(exactly);
    for (const request of firstAvailable ?? []) defaultDeviceRequest(request);
  }
}

export function defaultResourceSlice({ spec }: ResourceSlice, nowMs: number | undefined): void {
  for (const { taints } of spec.devices ?? []) for (const taint of taints ?? []) defaultDeviceTaint(taint, nowMs);
}

function defaultDeviceTaint(taint: DeviceTaint, nowMs: number | undefined): void {
  if (nowMs !== undefined) taint.timeAdded ??= rfc3339(nowMs);
}
