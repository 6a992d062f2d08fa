// Validation of taints and tolerations. Pure. Rules: "Taints and Tolerations".

import type { FieldError } from '../status-error.ts';
import type { Taint, Toleration } from '../types/core-v1.gen.ts';
import { checkRequired, checkString, duplicates, eachItem, invalidValue, notSupported, requiredValue } from './field-error.ts';
import { labelValue, qualifiedName } from './object-meta.ts';

const EFFECTS = ['NoExecute', 'NoSchedule', 'PreferNoSchedule'];
const OPERATORS = ['Equal', 'Exists', 'Gt', 'Lt'];

/** Validates the tolerations of a pod. */
export function validateTolerations(path: string, tolerations: readonly Toleration[] | undefined): FieldError[] {
  return eachItem(path, tolerations, validateToleration);
}

function validateToleration(toleration: Toleration, path: string): FieldError[] {
  const { key, operator, value, effect, tolerationSeconds } = toleration;
  const errors = key ? checkString(`${path}.key`, key, qualifiedName) : [];
  if (!key && operator !== 'Exists')
    errors.push(
      invalidValue(
        `${path}.operator`,
        operator ?? '',
        'operator must be Exists when `key` is empty, which means "match all values and all keys"',
      ),
    );
  if (tolerationSeconds !== undefined && effect !== 'NoExecute') {
    errors.push(invalidValue(`${path}.effect`, effect ?? '', "effect must be 'NoExecute' when `tolerationSeconds` is set"));
  }
  if (operator === 'Exists' && value)
    errors.push(invalidValue(`${path}.operator`, toleration, "value must be empty when `operator` is 'Exists'"));
  else if (!operator || operator === 'Equal') errors.push(...checkString(`${path}.operator`, value ?? '', labelValue));
  else if (!OPERATORS.includes(operator)) errors.push(notSupported(`${path}.operator`, operator, OPERATORS));
  if (effect && !EFFECTS.includes(effect)) errors.push(notSupported(`${path}.effect`, effect, EFFECTS));
  return errors;
}

/** Validates the taints of a node. */
export function validateTaints(path: string, taints: readonly Taint[] | undefined): FieldError[] {
  return [
    ...eachItem(path, taints, (taint, at) => [
      ...checkRequired(`${at}.key`, taint.key, qualifiedName),
      ...checkString(`${at}.value`, taint.value ?? '', labelValue),
      ...(taint.effect
        ? EFFECTS.includes(taint.effect)
          ? []
          : [notSupported(`${at}.effect`, taint.effect, EFFECTS)]
        : [requiredValue(`${at}.effect`)]),
    ]),
    ...duplicates(
      taints ?? [],
      (taint) => `${taint.key}:${taint.effect}`,
      (index) => `${path}[${index}]`,
    ),
  ];
}
