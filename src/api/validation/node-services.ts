// Validation of what nodes live by: Leases (coordination) and RuntimeClasses (node.k8s.io). Pure. Rules: "Leases", "Runtime Class".

import type { FieldError } from '../status-error.ts';
import type { Lease } from '../types/coordination-v1.gen.ts';
import type { Toleration } from '../types/core-v1.gen.ts';
import type { RuntimeClass } from '../types/node-v1.gen.ts';
import { checkAtLeast, checkImmutable, checkRequired, duplicateValue, eachItem, invalidValue } from './field-error.ts';
import { internalForm } from './internal-form.ts';
import { dnsLabel, validateLabels } from './object-meta.ts';
import { validateRequirements } from './resources.ts';
import { validateTolerations } from './taints.ts';

/** Validates a Lease. */
export function validateLease({ spec }: Lease): FieldError[] {
  const seconds = spec?.leaseDurationSeconds;
  return [
    ...(seconds !== undefined && seconds <= 0 ? [invalidValue('spec.leaseDurationSeconds', seconds, 'must be greater than 0')] : []),
    ...checkAtLeast('spec.leaseTransitions', spec?.leaseTransitions, 0),
  ];
}

/** Validates a RuntimeClass. */
export function validateRuntimeClass({ handler, overhead, scheduling }: RuntimeClass): FieldError[] {
  return [
    ...checkRequired('handler', handler, dnsLabel),
    ...(overhead?.podFixed ? validateRequirements('overhead', { limits: overhead.podFixed }) : []),
    ...(scheduling?.nodeSelector ? validateLabels(scheduling.nodeSelector, 'scheduling.nodeSelector') : []),
    ...validateUniqueTolerations('scheduling.tolerations', scheduling?.tolerations),
  ];
}

const TOLERATION = { key: '', operator: '', value: '', effect: '', tolerationSeconds: null };

function validateUniqueTolerations(path: string, tolerations: readonly Toleration[] | undefined): FieldError[] {
  const seen = new Set<string>();
  return [
    ...validateTolerations(path, tolerations),
    ...eachItem(path, tolerations, (toleration, at) => {
      const { key, operator, value, effect } = toleration;
      const form = JSON.stringify([key, operator, value, effect]);
      if (seen.has(form)) return [duplicateValue(at, internalForm(toleration, TOLERATION))];
      seen.add(form);
      return [];
    }),
  ];
}

/** The handler of a RuntimeClass does not change. */
export function validateRuntimeClassUpdate(object: RuntimeClass, old: RuntimeClass): FieldError[] {
  return checkImmutable('handler', object.handler, old.handler);
}
