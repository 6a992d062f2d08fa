// Validation of what a Job does about failed pods and when it counts as done. Pure. Rules: "Pod failure policy", "Success policy".

import type { FieldError } from '../status-error.ts';
import type * as batch from '../types/batch-v1.gen.ts';
import {
  checkAtLeast,
  checkString,
  duplicateValue,
  eachItem,
  invalidValue,
  invalidWhole,
  notSupported,
  requiredValue,
  tooLong,
  tooMany,
} from './field-error.ts';
import { internalForm } from './internal-form.ts';
import { qualifiedName } from './object-meta.ts';

/** How a failure policy is shown. */
export const FAILURE_POLICY = {
  rules: {
    action: '',
    onExitCodes: { containerName: null, operator: '', values: null },
    onPodConditions: { type: '', status: '' },
  },
};
/** How a success policy is shown. */
export const SUCCESS_POLICY = { rules: { succeededIndexes: null, succeededCount: null } };
const MAX_FAILURE_RULES = 20;
const MAX_EXIT_CODES = 255;
const MAX_CONDITIONS = 20;
const MAX_SUCCESS_RULES = 20;
const MAX_INDEX_TEXT = 65_536;
const ACTIONS = ['Count', 'FailIndex', 'FailJob', 'Ignore'];
const STATUSES = ['False', 'True', 'Unknown'];
const OPERATORS = ['In', 'NotIn'];
const listed = (values: readonly string[]): string => `valid values: [${values.map((value) => JSON.stringify(value)).join(' ')}]`;

/** Validates a pod failure policy. */
export function validateFailurePolicy(path: string, policy: batch.PodFailurePolicy, spec: batch.JobSpec): FieldError[] {
  const rules = policy.rules ?? [];
  const pod = spec.template?.spec;
  const names = new Set([...(pod?.containers ?? []), ...(pod?.initContainers ?? [])].map(({ name }) => name));
  return [
    ...(rules.length > MAX_FAILURE_RULES ? [tooMany(`${path}.rules`, rules.length, MAX_FAILURE_RULES)] : []),
    ...eachItem(`${path}.rules`, rules, (rule, at) => validateFailureRule(rule, at, { spec, names })),
  ];
}

function validateFailureRule(
  { action, onExitCodes, onPodConditions = [] }: batch.PodFailurePolicyRule,
  path: string,
  { spec, names }: { spec: batch.JobSpec; names: ReadonlySet<string> },
): FieldError[] {
  const errors: FieldError[] = [];
  if (!action) errors.push(requiredValue(`${path}.action`, listed(ACTIONS)));
  else if (!ACTIONS.includes(action)) errors.push(notSupported(`${path}.action`, action, ACTIONS));
  else if (action === 'FailIndex' && spec.backoffLimitPerIndex === undefined)
    errors.push(invalidValue(`${path}.action`, action, 'requires the backoffLimitPerIndex to be set'));
  if (onExitCodes) errors.push(...validateExitCodes(onExitCodes, `${path}.onExitCodes`, names));
  if (onPodConditions.length > MAX_CONDITIONS) errors.push(tooMany(`${path}.onPodConditions`, onPodConditions.length, MAX_CONDITIONS));
  errors.push(...eachItem(`${path}.onPodConditions`, onPodConditions, validateCondition));
  if (onExitCodes && onPodConditions.length > 0)
    errors.push(invalidWhole(path, 'specifying both OnExitCodes and OnPodConditions is not supported'));
  if (!onExitCodes && onPodConditions.length === 0)
    errors.push(invalidWhole(path, 'specifying one of OnExitCodes and OnPodConditions is required'));
  return errors;
}

function validateCondition({ type, status = 'True' }: batch.PodFailurePolicyOnPodConditionsPattern, path: string): FieldError[] {
  const errors = checkString(`${path}.type`, type ?? '', qualifiedName);
  if (status === '') errors.push(requiredValue(`${path}.status`, listed(STATUSES)));
  else if (!STATUSES.includes(status)) errors.push(notSupported(`${path}.status`, status, STATUSES));
  return errors;
}

function validateExitCodes(
  { operator, containerName, values = [] }: batch.PodFailurePolicyOnExitCodesRequirement,
  path: string,
  names: ReadonlySet<string>,
): FieldError[] {
  const errors: FieldError[] = [];
  if (!operator) errors.push(requiredValue(`${path}.operator`, listed(OPERATORS)));
  else if (!OPERATORS.includes(operator)) errors.push(notSupported(`${path}.operator`, operator, OPERATORS));
  if (containerName !== undefined && !names.has(containerName)) {
    const why = 'must be one of the container or initContainer names in the pod template';
    errors.push(invalidValue(`${path}.containerName`, containerName, why));
  }
  const at = `${path}.values`;
  if (values.length === 0) errors.push(invalidValue(at, values, 'at least one value is required'));
  else if (values.length > MAX_EXIT_CODES) errors.push(tooMany(at, values.length, MAX_EXIT_CODES));
  for (const [index, value] of values.entries()) {
    if (operator === 'In' && value === 0) errors.push(invalidValue(`${at}[${index}]`, value, 'must not be 0 for the In operator'));
    if (values.indexOf(value) < index) errors.push(duplicateValue(`${at}[${index}]`, value));
  }
  if (values.some((value, index) => index > 0 && (values[index - 1] ?? 0) > value))
    errors.push(invalidValue(at, values, 'must be ordered'));
  return errors;
}

/** Validates a success policy. */
export function validateSuccessPolicy(path: string, policy: batch.SuccessPolicy, spec: batch.JobSpec): FieldError[] {
  if (spec.completionMode !== 'Indexed')
    return [invalidValue(path, internalForm(policy, SUCCESS_POLICY), 'requires indexed completion mode')];
  const rules = policy.rules ?? [];
  if (rules.length === 0)
    return [requiredValue(`${path}.rules`, 'at least one rules must be specified when the successPolicy is specified')];
  return [
    ...(rules.length > MAX_SUCCESS_RULES ? [tooMany(`${path}.rules`, rules.length, MAX_SUCCESS_RULES)] : []),
    ...eachItem(`${path}.rules`, rules, (rule, at) => validateSuccessRule(rule, at, spec)),
  ];
}

function validateSuccessRule(
  { succeededCount, succeededIndexes }: batch.SuccessPolicyRule,
  path: string,
  spec: batch.JobSpec,
): FieldError[] {
  if (succeededCount === undefined && succeededIndexes === undefined)
    return [requiredValue(path, 'at least one of succeededCount or succeededIndexes must be specified')];
  const completions = spec.completions ?? 0;
  const errors: FieldError[] = [];
  let total: number | undefined;
  if (succeededIndexes !== undefined) {
    const field = `${path}.succeededIndexes`;
    if (succeededIndexes.length > MAX_INDEX_TEXT) errors.push(tooLong(field, MAX_INDEX_TEXT));
    const read = countIndexes(succeededIndexes, completions);
    if (typeof read === 'string') errors.push(invalidValue(field, succeededIndexes, `error parsing succeededIndexes: ${read}`));
    total = typeof read === 'string' ? 0 : read;
  }
  if (succeededCount === undefined) return errors;
  const field = `${path}.succeededCount`;
  errors.push(...checkAtLeast(field, succeededCount, 0));
  if (succeededCount > completions)
    errors.push(invalidValue(field, succeededCount, `must be less than or equal to ${completions} (the number of specified completions)`));
  if (total !== undefined && succeededCount > total) {
    const why = `must be less than or equal to ${total} (the number of indexes in the specified succeededIndexes field)`;
    errors.push(invalidValue(field, succeededCount, why));
  }
  return errors;
}

/** How many indexes `1,3-5` stands for, or what is wrong with it. */
export function countIndexes(text: string, completions: number): number | string {
  if (text === '') return 0;
  let total = 0;
  let last: number | undefined;
  for (const part of text.split(',')) {
    const bounds = part.split('-');
    if (bounds.length > 2)
      return `the fragment ${JSON.stringify(part)} violates the requirement that an index interval can have at most two parts separated by '-'`;
    const [low = Number.NaN, high = low] = bounds.map((bound) => (/^[+-]?\d+$/.test(bound) ? Number(bound) : Number.NaN));
    if (Number.isNaN(low) || Number.isNaN(high)) {
      const bad = Number.isNaN(low) ? bounds[0] : bounds[1];
      return `cannot convert string to integer for index: ${JSON.stringify(bad)}`;
    }
    if (low >= completions || high >= completions) return `too large index: ${JSON.stringify(low >= completions ? bounds[0] : bounds[1])}`;
    if (last !== undefined && last >= low) return `non-increasing order, previous: ${last}, current: ${low}`;
    if (bounds.length === 2 && low >= high) return `non-increasing order, previous: ${low}, current: ${high}`;
    total += high - low + 1;
    last = high;
  }
  return total;
}

/** The intervals of `1,3-5` as their bounds; what cannot be read is left out. */
export function indexIntervals(text: string): [low: number, high: number][] {
  return text.split(',').flatMap((part): [number, number][] => {
    const match = /^(\d+)(?:-(\d+))?$/.exec(part);
    return match ? [[Number(match[1]), Number(match[2] ?? match[1])]] : [];
  });
}
