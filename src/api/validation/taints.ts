// Validation of taints and tolerations. Pure. Rules: "Taints and Tolerations".

import type { FieldError } from '../status-error.ts';
import type { Taint, Toleration } from '../types/core-v1.gen.ts';
import { checkString, duplicateValue, eachItem, invalidValue, notSupported, requireOneOf } from './field-error.ts';
import { labelValue, qualifiedName } from './object-meta.ts';

const EFFECTS = ['NoSchedule', 'PreferNoSchedule', 'NoExecute'];
const OPERATORS = ['Equal', 'Exists'];

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
    errors.push(invalidValue(`${path}.operator`, value, "value must be empty when `operator` is 'Exists'"));
  else if (!operator || operator === 'Equal') errors.push(...checkLabelValue(`${path}.operator`, value));
  else if (!OPERATORS.includes(operator)) errors.push(notSupported(`${path}.operator`, operator, OPERATORS));
  if (effect && !EFFECTS.includes(effect)) errors.push(notSupported(`${path}.effect`, effect, EFFECTS));
  return errors;
}

/** All that is wrong with a value in one fault, as upstream puts it here. */
function checkLabelValue(field: string, value = ''): FieldError[] {
  const faults = labelValue(value);
  return faults.length === 0 ? [] : [invalidValue(field, value, faults.join(';'))];
}

/** A taint as upstream shows it: by the names of its own type, which has none of JSON. */
const shownTaint = ({ key, value = '', effect, timeAdded }: Taint): object => ({
  Key: key,
  Value: value,
  Effect: effect,
  TimeAdded: timeAdded ?? null,
});

/** Validates the taints of a node. */
export function validateTaints(path: string, taints: readonly Taint[] | undefined): FieldError[] {
  const seen = new Set<string>();
  return eachItem(path, taints, (taint, at) => {
    const { key, value, effect } = taint;
    const errors = [
      ...checkString(`${at}.key`, key ?? '', qualifiedName),
      ...checkLabelValue(`${at}.value`, value),
      ...requireOneOf(`${at}.effect`, effect, EFFECTS),
    ];
    const pair = `${effect}:${key}`;
    if (seen.has(pair)) {
      const { detail } = duplicateValue(at, shownTaint(taint));
      errors.push({ type: 'FieldValueDuplicate', field: at, detail: `${detail}: taints must be unique by key and effect pair` });
    }
    seen.add(pair);
    return errors;
  });
}
