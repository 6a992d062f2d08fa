// The built-in admission plugins, in the order in which they run.

import type { AdmissionPlugin } from './admission.ts';
import { defaultIngressClass } from './default-ingress-class.ts';
import { defaultStorageClass } from './default-storage-class.ts';
import { defaultTolerationSeconds } from './default-toleration-seconds.ts';
import { limitRanger } from './limit-ranger.ts';
import { namespaceLifecycle } from './namespace-lifecycle.ts';
import { nodeRestriction } from './node-restriction.ts';
import { podSecurityAdmission } from './pod-security.ts';
import { priorityAdmission } from './priority.ts';
import { type ResourceQuotaDeps, resourceQuotaAdmission } from './resource-quota.ts';
import { runtimeClassAdmission } from './runtime-class.ts';
import { serviceAccountAdmission } from './service-account.ts';
import { taintNodesByCondition } from './taint-nodes-by-condition.ts';
import { mutatingWebhooks } from './webhook/mutating-webhooks.ts';
import { validatingWebhooks } from './webhook/validating-webhooks.ts';
import type { CallDeps } from './webhook/webhook-call.ts';

/** What the plugins need of the server. */
export interface AdmissionDeps extends ResourceQuotaDeps {
  readonly webhooks: CallDeps;
}

/** The plugins. Their order is upstream's recommended one, with the reason where order matters. */
export function builtinAdmission(deps: AdmissionDeps): AdmissionPlugin[] {
  const { reader } = deps;
  return [
    namespaceLifecycle(reader), // First: nothing else matters for a namespace that is going.
    limitRanger(reader), // Before the quota, which counts what it fills in.
    serviceAccountAdmission(reader),
    nodeRestriction(reader),
    taintNodesByCondition,
    podSecurityAdmission(reader),
    priorityAdmission(reader),
    defaultTolerationSeconds,
    defaultStorageClass(reader),
    runtimeClassAdmission(reader),
    defaultIngressClass(reader),
    mutatingWebhooks({ ...deps.webhooks, reader }), // After all defaults: webhooks see what would be stored.
    validatingWebhooks({ ...deps.webhooks, reader }),
    resourceQuotaAdmission(deps), // Last: it counts what all others have let through.
  ];
}
