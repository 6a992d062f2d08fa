// Validation of the status of ValidatingAdmissionPolicies: what the checking of their types found, and conditions. Pure. Texts as upstream's.

import type { FieldError } from '../status-error.ts';
import type { ValidatingAdmissionPolicy } from '../types/admissionregistration-v1.gen.ts';
import { validateConditions } from './conditions.ts';
import { checkPresent, eachItem } from './field-error.ts';

/** The faults of a written status. */
export function validatePolicyStatus({ status }: ValidatingAdmissionPolicy): FieldError[] {
  return [
    ...eachItem('status.typeChecking.expressionWarnings', status?.typeChecking?.expressionWarnings, ({ warning, fieldRef }, at) => [
      ...checkPresent(`${at}.warning`, warning),
      ...checkPresent(`${at}.fieldRef`, fieldRef?.trim()),
    ]),
    ...validateConditions('status.conditions', status?.conditions),
  ];
}
