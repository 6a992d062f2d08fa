// Validation of conditions in the form that all newer kinds share (meta/v1 Condition). Pure. Texts as upstream's.

import type { FieldError } from '../status-error.ts';
import type { Condition } from '../types/meta-v1.gen.ts';
import {
  checkPresent,
  checkRequired,
  duplicateValue,
  eachItem,
  invalidValue,
  requiredValue,
  requireOneOf,
  tooLong,
} from './field-error.ts';
import { qualifiedName, type StringCheck } from './object-meta.ts';

const STATUSES = ['False', 'True', 'Unknown'];
const MAX_REASON = 1 << 10;
const MAX_MESSAGE = 32 << 10;
const REASON = /^[A-Za-z]([A-Za-z0-9_,:]*[A-Za-z0-9_])?$/;
const REASON_TEXT =
  "a condition reason must start with alphabetic character, optionally followed by a string of alphanumeric characters or '_,:', " +
  "and must end with an alphanumeric character or '_' (e.g. 'my_name',  or 'MY_NAME',  or 'MyName',  or 'ReasonA,ReasonB',  or " +
  "'ReasonA:ReasonB', regex used for validation is '[A-Za-z]([A-Za-z0-9_,:]*[A-Za-z0-9_])?')";

const reasonName: StringCheck = (value) => (REASON.test(value) ? [] : [REASON_TEXT]);

/** Validates conditions, of which each type is told once. */
export function validateConditions(path: string, conditions: readonly Condition[] | undefined): FieldError[] {
  const seen = new Set<string>();
  return eachItem(path, conditions, (condition, at) => {
    const { type } = condition;
    const errors = seen.has(type) ? [duplicateValue(at, type)] : [];
    seen.add(type);
    return [...errors, ...validateCondition(condition, at)];
  });
}

function validateCondition(condition: Condition, path: string): FieldError[] {
  const { type, status, observedGeneration = 0, lastTransitionTime, reason = '', message = '' } = condition;
  return [
    ...(type ? checkRequired(`${path}.type`, type, qualifiedName) : [requiredValue(`${path}.type`, 'is required')]),
    ...requireOneOf(`${path}.status`, status, STATUSES),
    ...(observedGeneration < 0
      ? [invalidValue(`${path}.observedGeneration`, observedGeneration, 'must be greater than or equal to zero')]
      : []),
    ...checkPresent(`${path}.lastTransitionTime`, lastTransitionTime ?? undefined),
    ...checkRequired(`${path}.reason`, reason, reasonName),
    ...(Buffer.byteLength(reason) > MAX_REASON ? [tooLong(`${path}.reason`, MAX_REASON)] : []),
    ...(Buffer.byteLength(message) > MAX_MESSAGE ? [tooLong(`${path}.message`, MAX_MESSAGE)] : []),
  ];
}
