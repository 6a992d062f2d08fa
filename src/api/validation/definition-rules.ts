// The texts of rules in schemas (x-kubernetes-validations): what can be said of them without compiling. Texts as upstream's.

import type { FieldError } from '../status-error.ts';
import { followFieldPath } from '../structural/field-path.ts';
import type { Schema } from '../structural/schema.ts';
import type { ValidationRule } from '../types/apiextensions-v1.gen.ts';
import { invalidValue, notSupported, requiredValue } from './field-error.ts';

const REASONS = ['FieldValueDuplicate', 'FieldValueForbidden', 'FieldValueInvalid', 'FieldValueRequired'];

/** The faults of a schema's own rules. */
export function ruleTextFaults(schema: Schema, path: string): FieldError[] {
  return (schema['x-kubernetes-validations'] ?? []).flatMap((rule, i) => {
    const at = `${path}.x-kubernetes-validations[${i}]`;
    return [...messageFaults(rule, at), ...placeFaults(rule, schema, at)];
  });
}

const hasNewline = (text: string): boolean => /[\n\r]/.test(text);

function messageFaults({ rule, message = '', messageExpression = '' }: ValidationRule, at: string): FieldError[] {
  const faults: FieldError[] = [];
  const said = message.trim();
  if (rule.trim() === '') faults.push(requiredValue(`${at}.rule`, 'rule is not specified'));
  else if (message !== '' && said === '') faults.push(invalidValue(`${at}.message`, message, 'must be non-empty if specified'));
  else if (hasNewline(said)) faults.push(invalidValue(`${at}.message`, message, 'must not contain line breaks'));
  else if (hasNewline(rule.trim()) && said === '') {
    faults.push(requiredValue(`${at}.message`, 'message must be specified if rule contains line breaks'));
  }
  if (messageExpression !== '' && messageExpression.trim() === '') {
    faults.push(requiredValue(`${at}.messageExpression`, 'messageExpression must be non-empty if specified'));
  }
  return faults;
}

function placeFaults({ reason, fieldPath = '' }: ValidationRule, schema: Schema, at: string): FieldError[] {
  const faults: FieldError[] = [];
  if (reason !== undefined && !REASONS.includes(reason)) faults.push(notSupported(`${at}.reason`, reason, REASONS));
  if (fieldPath === '') return faults;
  if (fieldPath.trim() === '') faults.push(invalidValue(`${at}.fieldPath`, fieldPath, 'must be non-empty if specified'));
  if (hasNewline(fieldPath)) faults.push(invalidValue(`${at}.fieldPath`, fieldPath, 'must not contain line breaks'));
  const found = followFieldPath(fieldPath, schema, true);
  if (typeof found === 'string') faults.push(invalidValue(`${at}.fieldPath`, fieldPath, 'must be a valid path'));
  return faults;
}
