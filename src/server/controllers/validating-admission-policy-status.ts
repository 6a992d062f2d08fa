// Keeps the status of ValidatingAdmissionPolicies: what the type check of their expressions found, once for each generation.

import type { ValidatingAdmissionPolicy } from '../../api/types/admissionregistration-v1.gen.ts';
import type { CustomResourceDefinition } from '../../api/types/apiextensions-v1.gen.ts';
import type { Component } from '../../base/component.ts';
import { ControllerLoop, source } from '../../client/controller-loop.ts';
import type { Lister } from '../../client/informer.ts';
import { CUSTOM_RESOURCE_DEFINITIONS, VALIDATING_ADMISSION_POLICIES } from '../../client/resources.ts';
import type { ControllerManagerDeps } from './controller.ts';

type Deps = Pick<ControllerManagerDeps, 'client' | 'clock' | 'informers' | 'log' | 'resources'>;

interface Listers {
  readonly policies: Lister<ValidatingAdmissionPolicy>;
  readonly definitions: Lister<CustomResourceDefinition>;
}

/** The controller. Its keys are names of policies. */
export function validatingAdmissionPolicyStatusController(deps: Deps): Component {
  const setup = () => {
    const policies = deps.informers.informer(VALIDATING_ADMISSION_POLICIES);
    const definitions = deps.informers.informer(CUSTOM_RESOURCE_DEFINITIONS);
    const listers: Listers = { policies: policies.lister, definitions: definitions.lister };
    return {
      // Definitions are only read: upstream does not check again when one changes.
      sources: [source(policies, ({ object }) => [object.metadata.name ?? '']), source(definitions, () => [])],
      reconcile: (name: string, signal: AbortSignal) => reconcile(deps, { name, ...listers }, signal),
    };
  };
  return new ControllerLoop({ name: 'validating-admission-policy-status', workers: 1, setup }, deps);
}

async function reconcile(deps: Deps, { name, policies, definitions }: Listers & { name: string }, signal: AbortSignal): Promise<undefined> {
  const policy = policies.get(name);
  const { generation, deletionTimestamp } = policy?.metadata ?? {};
  if (!policy || deletionTimestamp || policy.status?.observedGeneration === generation) return;
  const { policyWarnings } = await import('./policy-type-check.ts');
  const expressionWarnings = policyWarnings(policy, { resources: deps.resources(), definitions: definitions.list() });
  const status = {
    ...policy.status,
    ...(generation !== undefined && { observedGeneration: generation }),
    typeChecking: expressionWarnings.length > 0 ? { expressionWarnings } : {},
  };
  await deps.client.update(VALIDATING_ADMISSION_POLICIES, { ...policy, status }, { subresource: 'status', signal });
}
