// Validation of the parts that device claims, classes and slices have in common: names, selectors, configuration, taints. Pure.
// Rules: "Dynamic Resource Allocation".

import type { FieldError } from '../status-error.ts';
import type { DeviceConfiguration, DeviceSelector, DeviceTaint, DeviceToleration } from '../types/resource-v1.gen.ts';
import { MAX_EXPRESSION, MAX_SELECTORS } from './device-expressions.ts';
import {
  checkRequired,
  checkString,
  duplicateValue,
  eachItem,
  invalidValue,
  notSupported,
  requiredValue,
  requireOneOf,
  tooLong,
  tooMany,
} from './field-error.ts';
import { dnsSubdomain, labelValue, qualifiedName } from './object-meta.ts';
import { checkDriverName } from './strings.ts';

const MAX_POOL_NAME = 253;
const MAX_ID = 32;
const MAX_PARAMETERS = 10 << 10;
const MAX_BINDING = 4;
const TAINT_EFFECTS = ['NoExecute', 'NoSchedule', 'None'];
const IDENTIFIER = /^[A-Za-z_][A-Za-z0-9_]*$/;
const IDENTIFIER_TEXT =
  "a valid C identifier must start with alphabetic character or '_', followed by a string of alphanumeric characters or '_' (e.g. 'my_name',  or 'MY_NAME',  or 'MyName', regex used for validation is '[A-Za-z_][A-Za-z0-9_]*')";

/** A list of at most `limit` items; a longer one is not looked at further. */
export function checkList<T>(
  path: string,
  list: readonly T[] | undefined,
  { limit, check }: { readonly limit: number; readonly check: (item: T, path: string) => FieldError[] },
): FieldError[] {
  if (!list) return [];
  return list.length > limit ? [tooMany(path, list.length, limit)] : eachItem(path, list, check);
}

/** The same for items that are known by a key. */
export function checkSet<T>(
  path: string,
  list: readonly T[] | undefined,
  rule: { readonly limit: number; readonly check: (item: T, path: string) => FieldError[]; readonly keyOf: (item: T) => string },
): FieldError[] {
  if (!list) return [];
  const errors = checkList(path, list, rule);
  if (list.length > rule.limit) return errors;
  const seen = new Set<string>();
  for (const [index, item] of list.entries()) {
    const key = rule.keyOf(item);
    if (seen.has(key)) errors.push(duplicateValue(`${path}[${index}]`, key));
    seen.add(key);
  }
  return errors;
}

/** The name of a pool of devices: subdomains with slashes between. */
export function checkPoolName(field: string, name: string | undefined): FieldError[] {
  if (!name) return [requiredValue(field)];
  const errors = name.length > MAX_POOL_NAME ? [tooLong(field, MAX_POOL_NAME)] : [];
  for (const part of name.split('/')) errors.push(...checkString(field, part, dnsSubdomain));
  return errors;
}

function checkIdentifier(field: string, id: string): FieldError[] {
  return [
    ...(id.length > MAX_ID ? [tooLong(field, MAX_ID)] : []),
    ...(IDENTIFIER.test(id) ? [] : [invalidValue(field, id, IDENTIFIER_TEXT)]),
  ];
}

/** The name of an attribute or capacity: an identifier, with a domain or without. */
export function checkAttributeName(field: string, name: string): FieldError[] {
  const parts = name.split('/');
  const [first = '', second = ''] = parts;
  if (parts.length === 1) return checkIdentifier(field, first);
  // Upstream lets names of more parts pass, and knows it.
  if (parts.length > 2) return [];
  return [
    ...(first === '' ? [invalidValue(field, '', 'the domain must not be empty')] : checkDriverName(field, first)),
    ...(second === '' ? [invalidValue(field, '', 'the name must not be empty')] : checkIdentifier(field, second)),
  ];
}

/** The name of an attribute with its domain. */
export function checkFullName(field: string, name: string): FieldError[] {
  const errors = checkAttributeName(field, name);
  if (name.includes('/')) return errors;
  return [...errors, invalidValue(field, name, 'a fully qualified name must be a domain and a name separated by a slash')];
}

/** Validates the selectors of a request or class. Whether an expression compiles is for the part that evaluates it to say. */
export function validateSelectors(path: string, selectors: readonly DeviceSelector[] | undefined): FieldError[] {
  return checkList(path, selectors, {
    limit: MAX_SELECTORS,
    check: ({ cel }, at) => {
      if (!cel) return [requiredValue(`${at}.cel`)];
      return Buffer.byteLength(cel.expression ?? '') > MAX_EXPRESSION ? [tooLong(`${at}.cel.expression`, MAX_EXPRESSION)] : [];
    },
  });
}

/** Validates what is told a driver. */
export function validateConfiguration({ opaque }: DeviceConfiguration, path: string): FieldError[] {
  if (!opaque) return [requiredValue(`${path}.opaque`)];
  return [
    ...checkDriverName(`${path}.opaque.driver`, opaque.driver),
    ...checkRawObject(`${path}.opaque.parameters`, opaque.parameters, MAX_PARAMETERS),
  ];
}

/** A JSON object of any shape that must be there. */
export function checkRawObject(field: string, value: unknown, limit: number): FieldError[] {
  if (value === undefined || value === null) return [requiredValue(field)];
  if (typeof value !== 'object' || Array.isArray(value)) return [invalidValue(field, '<value omitted>', 'must be a valid JSON object')];
  return JSON.stringify(value).length > limit ? [tooLong(field, limit)] : [];
}

/** Validates a taint of a device. */
export function validateDeviceTaint({ key, value, effect }: DeviceTaint, path: string): FieldError[] {
  return [
    ...checkString(`${path}.key`, key ?? '', qualifiedName),
    ...(value ? checkString(`${path}.value`, value, labelValue) : []),
    ...requireOneOf(`${path}.effect`, effect, TAINT_EFFECTS),
  ];
}

/** Validates a toleration of devices' taints. */
export function validateDeviceToleration({ key, operator, value = '', effect }: DeviceToleration, path: string): FieldError[] {
  const errors = key ? checkString(`${path}.key`, key, qualifiedName) : [];
  if (operator === 'Exists') {
    if (value !== '') errors.push(invalidValue(`${path}.value`, value, 'must be empty for operator `Exists`'));
  } else if (operator === 'Equal') errors.push(...checkString(`${path}.value`, value, labelValue));
  else errors.push(...requireOneOf(`${path}.operator`, operator, ['Equal', 'Exists']));
  if (effect && !TAINT_EFFECTS.includes(effect)) errors.push(notSupported(`${path}.effect`, effect, TAINT_EFFECTS));
  return errors;
}

/** What must hold, or must not, before a pod is bound to a device: both are told, and no condition is in both. */
export function validateBinding(conditions: readonly string[] = [], failures: readonly string[] = [], path = ''): FieldError[] {
  const lists = { bindingConditions: conditions, bindingFailureConditions: failures };
  const errors = Object.entries(lists).flatMap(([field, list]) =>
    checkList(`${path}.${field}`, list, { limit: MAX_BINDING, check: (name, at) => checkString(at, name, qualifiedName) }),
  );
  const repeated = (list: readonly string[], name: string, index: number, at: string): FieldError[] =>
    list.indexOf(name) < index ? [duplicateValue(at, name)] : [];
  errors.push(
    ...eachItem(`${path}.bindingConditions`, conditions, (name, at, index) => repeated(conditions, name, index, at)),
    ...eachItem(`${path}.bindingFailureConditions`, failures, (name, at, index) => [
      ...repeated(failures, name, index, at),
      ...(conditions.includes(name) ? [invalidValue(at, name, 'bindingFailureConditions must not overlap with bindingConditions')] : []),
    ]),
  );
  if (conditions.length === 0 && failures.length > 0)
    errors.push(invalidValue(`${path}.bindingConditions`, conditions, 'bindingConditions are required to use bindingFailureConditions'));
  if (failures.length === 0 && conditions.length > 0)
    errors.push(
      invalidValue(`${path}.bindingFailureConditions`, failures, 'bindingFailureConditions are required to use bindingConditions'),
    );
  return errors;
}

/** The class of a request. */
export function checkClassName(field: string, name: string | undefined): FieldError[] {
  return checkRequired(field, name, dnsSubdomain);
}
