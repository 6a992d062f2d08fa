// Validation of PodDisruptionBudgets and PriorityClasses: how pods are held against each other. Pure.
// Rules: "Specifying a Disruption Budget for your Application", "Pod Priority and Preemption".

import type { FieldError } from '../status-error.ts';
import type { PodDisruptionBudget } from '../types/policy-v1.gen.ts';
import type { PriorityClass } from '../types/scheduling-v1.gen.ts';
import { validateLabelSelector } from './affinity.ts';
import { checkAtMostAll, checkShare } from './apps.ts';
import { validateConditions } from './conditions.ts';
import { checkAtLeast, checkImmutable, forbiddenValue, invalidValue, notSupported, requireOneOf } from './field-error.ts';

const EVICTION_POLICIES = ['AlwaysAllow', 'IfHealthyBudget'];

/** Validates a PodDisruptionBudget. */
export function validateDisruptionBudget({ spec = {} }: PodDisruptionBudget): FieldError[] {
  const { minAvailable, maxUnavailable, selector, unhealthyPodEvictionPolicy: eviction } = spec;
  const errors: FieldError[] = [];
  if (minAvailable !== undefined && maxUnavailable !== undefined)
    errors.push(invalidValue('spec', spec, 'minAvailable and maxUnavailable cannot be both set'));
  for (const field of ['minAvailable', 'maxUnavailable'] as const)
    errors.push(...checkShare(`spec.${field}`, spec[field]), ...checkAtMostAll(`spec.${field}`, spec[field]));
  errors.push(...validateLabelSelector('spec.selector', selector));
  if (eviction !== undefined && !EVICTION_POLICIES.includes(eviction))
    errors.push(notSupported('spec.unhealthyPodEvictionPolicy', eviction, EVICTION_POLICIES));
  return errors;
}

/** Validates a write of a budget's status. */
export function validateDisruptionBudgetStatus({ status }: PodDisruptionBudget): FieldError[] {
  const counts = ['disruptionsAllowed', 'currentHealthy', 'desiredHealthy', 'expectedPods'] as const;
  return [
    ...validateConditions('status.conditions', status?.conditions),
    ...counts.flatMap((name) => checkAtLeast(`status.${name}`, status?.[name], 0)),
  ];
}

const HIGHEST_USER_PRIORITY = 1_000_000_000;
const SYSTEM_VALUES: Readonly<Record<string, number>> = {
  'system-cluster-critical': 2_000_000_000,
  'system-node-critical': 2_000_001_000,
};

/** What is wrong with a class that calls itself one of the system's. */
function systemFault({ metadata, value = 0, globalDefault }: PriorityClass): string | undefined {
  const { name = '' } = metadata;
  const own = Object.hasOwn(SYSTEM_VALUES, name) ? SYSTEM_VALUES[name] : undefined;
  if (own === undefined) return `${name} is not a known system priority class`;
  if (value !== own) return `value of ${name} PriorityClass must be ${own}`;
  return globalDefault ? `globalDefault of ${name} PriorityClass must be false` : undefined;
}

/** Validates a PriorityClass. */
export function validatePriorityClass(object: PriorityClass): FieldError[] {
  const { metadata, value = 0, preemptionPolicy } = object;
  const errors: FieldError[] = [];
  if (metadata.name?.startsWith('system-')) {
    const fault = systemFault(object);
    const why = `priority class names with 'system-' prefix are reserved for system use only. error: ${fault}`;
    if (fault !== undefined) errors.push(forbiddenValue('metadata.name', why));
  } else if (value > HIGHEST_USER_PRIORITY) {
    errors.push(forbiddenValue('value', `maximum allowed value of a user defined priority is ${HIGHEST_USER_PRIORITY}`));
  }
  const policies = ['PreemptLowerPriority', 'Never'];
  return preemptionPolicy === undefined ? errors : [...errors, ...requireOneOf('preemptionPolicy', preemptionPolicy, policies)];
}

/** What a class means to those who have it does not change. */
export function validatePriorityClassUpdate(object: PriorityClass, old: PriorityClass): FieldError[] {
  return [
    ...((object.value ?? 0) === (old.value ?? 0) ? [] : [forbiddenValue('value', 'may not be changed in an update.')]),
    ...checkImmutable('preemptionPolicy', object.preemptionPolicy, old.preemptionPolicy),
  ];
}
