// Which resource has which strategy. A resource without one is written by the generic rules alone.

import type { Strategy, StrategyDeps } from '../strategy.ts';
import {
  mutatingBindingStrategy,
  mutatingPolicyStrategy,
  validatingBindingStrategy,
  validatingPolicyStrategy,
} from './admission-policies.ts';
import { customResourceDefinitionStrategy } from './custom-resource-definitions.ts';
import { daemonSetStrategy } from './daemon-sets.ts';
import { deviceClassStrategy, resourceClaimStrategy, resourceClaimTemplateStrategy } from './device-selectors.ts';
import { endpointSliceStrategy } from './endpoint-slices.ts';
import { namespaceStrategy } from './namespaces.ts';
import {
  apiServiceStrategy,
  certificateRequestStrategy,
  jobStrategy,
  limitRangeStrategy,
  nodeStrategy,
  persistentVolumeClaimStrategy,
  persistentVolumeStrategy,
  resourceSliceStrategy,
} from './plain-strategies.ts';
import { podStrategy } from './pods.ts';
import { serviceStrategy } from './services.ts';
import { webhookConfigurationStrategy } from './webhook-configurations.ts';

/** Strategies by `resource.group`. */
export function strategyTable(deps: StrategyDeps): ReadonlyMap<string, Strategy> {
  return new Map<string, Strategy>([
    ['apiservices.apiregistration.k8s.io', apiServiceStrategy],
    ['certificatesigningrequests.certificates.k8s.io', certificateRequestStrategy],
    ['customresourcedefinitions.apiextensions.k8s.io', customResourceDefinitionStrategy],
    ['daemonsets.apps', daemonSetStrategy],
    ['deviceclasses.resource.k8s.io', deviceClassStrategy],
    ['endpointslices.discovery.k8s.io', endpointSliceStrategy],
    ['jobs.batch', jobStrategy],
    ['limitranges', limitRangeStrategy],
    ['mutatingadmissionpolicies.admissionregistration.k8s.io', mutatingPolicyStrategy],
    ['mutatingadmissionpolicybindings.admissionregistration.k8s.io', mutatingBindingStrategy],
    ['mutatingwebhookconfigurations.admissionregistration.k8s.io', webhookConfigurationStrategy],
    ['namespaces', namespaceStrategy],
    ['nodes', nodeStrategy],
    ['persistentvolumeclaims', persistentVolumeClaimStrategy],
    ['persistentvolumes', persistentVolumeStrategy],
    ['pods', podStrategy],
    ['resourceclaims.resource.k8s.io', resourceClaimStrategy],
    ['resourceclaimtemplates.resource.k8s.io', resourceClaimTemplateStrategy],
    ['resourceslices.resource.k8s.io', resourceSliceStrategy],
    ['services', serviceStrategy(deps)],
    ['validatingadmissionpolicies.admissionregistration.k8s.io', validatingPolicyStrategy],
    ['validatingadmissionpolicybindings.admissionregistration.k8s.io', validatingBindingStrategy],
    ['validatingwebhookconfigurations.admissionregistration.k8s.io', webhookConfigurationStrategy],
  ]);
}
