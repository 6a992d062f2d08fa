// The built-in admission plugins, in the order in which they run.

import type { Clock } from '../../base/clock.ts';
import type { AdmissionPlugin } from './admission.ts';
import { type AdmissionConfiguration, NO_CONFIGURATION } from './admission-configuration.ts';
import { alwaysPullImages } from './always-pull-images.ts';
import { certificateApproval, certificateSigning, certificateSubjectRestriction } from './certificate-signers.ts';
import { defaultIngressClass } from './default-ingress-class.ts';
import { defaultStorageClass } from './default-storage-class.ts';
import { defaultTolerationSeconds } from './default-toleration-seconds.ts';
import { denyServiceExternalIps } from './deny-service-external-ips.ts';
import { eventRateLimit } from './event-rate-limit.ts';
import { extendedResourceToleration } from './extended-resource-toleration.ts';
import { imagePolicyWebhook } from './image-policy-webhook.ts';
import { limitPodHardAntiAffinityTopology } from './limit-pod-hard-anti-affinity-topology.ts';
import { limitRanger } from './limit-ranger.ts';
import { namespaceLifecycle } from './namespace-lifecycle.ts';
import { nodeFeatureValidator } from './node-feature-validator.ts';
import { nodeRestriction } from './node-restriction.ts';
import { type OwnerReferenceDeps, ownerReferencesPermissionEnforcement } from './owner-references-permission-enforcement.ts';
import { persistentVolumeClaimResize } from './persistent-volume-claim-resize.ts';
import { isSelected, type PluginSelection } from './plugin-selection.ts';
import { podNodeSelector } from './pod-node-selector.ts';
import { podResizeValidator } from './pod-resize-validator.ts';
import { podSecurityAdmission } from './pod-security.ts';
import { podTolerationRestriction } from './pod-toleration-restriction.ts';
import { podTopologyLabels } from './pod-topology-labels.ts';
import { mutatingPolicies } from './policy/mutating-policies.ts';
import type { PolicyDeps } from './policy/policy-deps.ts';
import { validatingPolicies } from './policy/validating-policies.ts';
import { priorityAdmission } from './priority.ts';
import { type ResourceQuotaDeps, resourceQuotaAdmission } from './resource-quota.ts';
import { runtimeClassAdmission } from './runtime-class.ts';
import { serviceAccountAdmission } from './service-account.ts';
import { storageObjectInUseProtection } from './storage-object-in-use-protection.ts';
import { taintNodesByCondition } from './taint-nodes-by-condition.ts';
import { mutatingWebhooks } from './webhook/mutating-webhooks.ts';
import { validatingWebhooks } from './webhook/validating-webhooks.ts';
import type { CallDeps } from './webhook/webhook-call.ts';

/** What the plugins need of the server. */
export interface AdmissionDeps extends ResourceQuotaDeps, OwnerReferenceDeps, PolicyDeps {
  readonly webhooks: Omit<CallDeps, 'metrics'>;
  readonly clock: Pick<Clock, 'now' | 'monotonic' | 'sleep'>;
}

/** Which plugins run, and what they are configured with. */
export interface ChainOptions extends PluginSelection {
  readonly configuration?: AdmissionConfiguration;
}

/** The plugins of a selection; by default those of upstream. Their order is upstream's, with the reason where order matters. */
export function builtinAdmission(deps: AdmissionDeps, options: ChainOptions = { enable: [], disable: [] }): AdmissionPlugin[] {
  const { configuration = NO_CONFIGURATION } = options;
  const { reader, authorizer, metrics, clock } = deps;
  const webhooks = { ...deps.webhooks, reader, authorizer, metrics };
  const all = [
    namespaceLifecycle(reader), // First: nothing else matters for a namespace that is going.
    limitPodHardAntiAffinityTopology,
    limitRanger(reader), // Before the quota, which counts what it fills in.
    serviceAccountAdmission(reader),
    nodeRestriction(deps),
    taintNodesByCondition,
    alwaysPullImages,
    imagePolicyWebhook(configuration.imagePolicy, { ...deps.webhooks, clock }),
    podSecurityAdmission(reader, configuration.podSecurity),
    podNodeSelector(reader),
    priorityAdmission(reader),
    defaultTolerationSeconds,
    podTolerationRestriction(reader), // After the defaults, which it judges too.
    eventRateLimit(configuration.eventLimits, clock),
    extendedResourceToleration,
    defaultStorageClass(reader),
    storageObjectInUseProtection,
    ownerReferencesPermissionEnforcement(deps),
    persistentVolumeClaimResize(reader),
    runtimeClassAdmission(reader),
    certificateApproval(authorizer),
    certificateSigning(authorizer),
    certificateSubjectRestriction,
    defaultIngressClass(reader),
    denyServiceExternalIps,
    podTopologyLabels(reader),
    nodeFeatureValidator(reader),
    podResizeValidator(reader),
    mutatingPolicies(deps), // After all defaults, and before webhooks, which may be asked about the result.
    mutatingWebhooks(webhooks), // After all defaults: webhooks see what would be stored.
    validatingPolicies(deps),
    validatingWebhooks(webhooks),
    resourceQuotaAdmission(deps, configuration.limitedResources), // Last: it counts what all others have let through.
  ];
  return all.filter(({ name }) => isSelected(name, options));
}
