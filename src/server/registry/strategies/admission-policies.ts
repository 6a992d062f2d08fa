// Admission policies and their bindings. Their rules compile CEL: they are loaded when the first policy is written.

import type { FieldError } from '../../../api/status-error.ts';
import type {
  MutatingAdmissionPolicy,
  MutatingAdmissionPolicyBinding,
  ValidatingAdmissionPolicy,
  ValidatingAdmissionPolicyBinding,
} from '../../../api/types/admissionregistration-v1.gen.ts';
import { validatePolicyStatus } from '../../../api/validation/policy-status.ts';
import type { Strategy } from '../strategy.ts';

type Rules = typeof import('../../../api/validation/admission-policies.ts');

/** Validates the specs that are written; a write of the status keeps the old one, and is held to rules of its own. */
function policyStrategy<T extends { readonly spec: unknown }>(
  faults: (rules: Rules, object: T) => FieldError[],
  statusFaults: (object: T) => FieldError[] = () => [],
): Strategy<T & { metadata: object }> {
  return {
    async validate(object, old) {
      if (old && old.spec === object.spec) return statusFaults(object);
      return faults(await import('../../../api/validation/admission-policies.ts'), object);
    },
  };
}

/** Strategy of ValidatingAdmissionPolicies. */
export const validatingPolicyStrategy = policyStrategy<ValidatingAdmissionPolicy>(
  (rules, policy) => rules.validateValidatingPolicy(policy),
  validatePolicyStatus,
);
/** Strategy of ValidatingAdmissionPolicyBindings. */
export const validatingBindingStrategy = policyStrategy<ValidatingAdmissionPolicyBinding>((rules, binding) =>
  rules.validateValidatingBinding(binding),
);
/** Strategy of MutatingAdmissionPolicies. */
export const mutatingPolicyStrategy = policyStrategy<MutatingAdmissionPolicy>((rules, policy) => rules.validateMutatingPolicy(policy));
/** Strategy of MutatingAdmissionPolicyBindings. */
export const mutatingBindingStrategy = policyStrategy<MutatingAdmissionPolicyBinding>((rules, binding) =>
  rules.validateMutatingBinding(binding),
);
