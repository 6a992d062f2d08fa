// The controllers of the control plane by name: what the wiring starts. Names are those of kube-controller-manager where it has them.

import type { Component } from '../../base/component.ts';
import { bootstrapSignerController } from './bootstrap-signer.ts';
import { clusterRoleAggregationController } from './cluster-role-aggregation.ts';
import type { ControllerManagerDeps } from './controller.ts';
import { cronJobController } from './cron-job.ts';
import { customResourceDefinitionController } from './custom-resource-definition.ts';
import { daemonSetController } from './daemon-set.ts';
import { deploymentController } from './deployment.ts';
import { disruptionController } from './disruption.ts';
import { endpointSliceController } from './endpoint-slice.ts';
import { endpointSliceMirroringController } from './endpoint-slice-mirroring.ts';
import { endpointsController } from './endpoints.ts';
import { ephemeralVolumeController } from './ephemeral-volume.ts';
import { eventTtlController } from './event-ttl.ts';
import { garbageCollector } from './garbage-collector.ts';
import { pvcProtectionController, pvProtectionController, vacProtectionController } from './in-use-protection.ts';
import { ipAddressController } from './ip-address.ts';
import { jobController } from './job.ts';
import { legacyTokenCleanerController } from './legacy-token-cleaner.ts';
import { namespaceController } from './namespace.ts';
import { nodeIpamController } from './node-ipam.ts';
import { nodeLifecycleController } from './node-lifecycle.ts';
import { ttlController } from './node-ttl.ts';
import { podGcController } from './pod-gc.ts';
import { replicaSetController } from './replica-set.ts';
import { replicationController } from './replication-controller.ts';
import { resourceQuotaController } from './resource-quota.ts';
import { rootCaController } from './root-ca.ts';
import { serviceAccountController } from './service-account.ts';
import { serviceAccountTokenController } from './service-account-token.ts';
import { serviceCidrController } from './service-cidr.ts';
import { staleDisruptionController } from './stale-disruption.ts';
import { statefulSetController } from './stateful-set.ts';
import { taintEvictionController } from './taint-eviction.ts';
import { tokenCleanerController } from './token-cleaner.ts';
import { ttlAfterFinishedController } from './ttl-after-finished.ts';
import { validatingAdmissionPolicyStatusController } from './validating-admission-policy-status.ts';

/** Makes a controller; nothing happens before its `start`. */
export type MakeController = (deps: ControllerManagerDeps) => Component;

/** All controllers, in the order they are started. */
export const CONTROLLERS: Readonly<Record<string, MakeController>> = {
  'customresourcedefinition-controller': customResourceDefinitionController,
  'validatingadmissionpolicy-status-controller': validatingAdmissionPolicyStatusController,
  'namespace-controller': namespaceController,
  'serviceaccount-controller': serviceAccountController,
  'serviceaccount-token-controller': serviceAccountTokenController,
  'bootstrap-signer-controller': bootstrapSignerController,
  'legacy-serviceaccount-token-cleaner-controller': legacyTokenCleanerController,
  'token-cleaner-controller': tokenCleanerController,
  'root-ca-certificate-publisher-controller': rootCaController,
  'clusterrole-aggregation-controller': clusterRoleAggregationController,
  'node-ipam-controller': nodeIpamController,
  'node-lifecycle-controller': nodeLifecycleController,
  'taint-eviction-controller': taintEvictionController,
  'replicaset-controller': replicaSetController,
  'replicationcontroller-controller': replicationController,
  'deployment-controller': deploymentController,
  'daemonset-controller': daemonSetController,
  'statefulset-controller': statefulSetController,
  'job-controller': jobController,
  'cronjob-controller': cronJobController,
  'ttl-after-finished-controller': ttlAfterFinishedController,
  'disruption-controller': disruptionController,
  'stale-disruption-controller': staleDisruptionController,
  'garbage-collector-controller': garbageCollector,
  'resourcequota-controller': resourceQuotaController,
  'persistentvolumeclaim-protection-controller': pvcProtectionController,
  'persistentvolume-protection-controller': pvProtectionController,
  'volumeattributesclass-protection-controller': vacProtectionController,
  'service-cidr-controller': serviceCidrController,
  'ip-address-controller': ipAddressController, // Of kube-apiserver upstream.
  'ephemeral-volume-controller': ephemeralVolumeController,
  'ttl-controller': ttlController,
  'endpointslice-controller': endpointSliceController,
  'endpoints-controller': endpointsController,
  'endpointslice-mirroring-controller': endpointSliceMirroringController,
  'pod-garbage-collector-controller': podGcController,
  'event-ttl-controller': eventTtlController,
};
