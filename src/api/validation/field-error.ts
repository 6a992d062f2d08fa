// Constructors of field errors with upstream's texts, and the checks that many kinds share. Pure.

import type { FieldError } from '../status-error.ts';
import type { StringCheck } from './object-meta.ts';

/** The value stands for what it is: strings quoted, objects as JSON. */
const shown = (value: unknown): string => JSON.stringify(value) ?? 'null';

/** `Invalid value: <value>: <why>`. */
export function invalidValue(field: string, value: unknown, why: string): FieldError {
  return { type: 'FieldValueInvalid', field, detail: `Invalid value: ${shown(value)}: ${why}` };
}

/** `Required value`, with a reason if there is one to tell. */
export function requiredValue(field: string, why = ''): FieldError {
  return { type: 'FieldValueRequired', field, detail: why ? `Required value: ${why}` : 'Required value' };
}

/** `Duplicate value: <value>`. */
export function duplicateValue(field: string, value: unknown): FieldError {
  return { type: 'FieldValueDuplicate', field, detail: `Duplicate value: ${shown(value)}` };
}

/** `Unsupported value: <value>: supported values: <values>`. */
export function notSupported(field: string, value: unknown, supported: readonly string[]): FieldError {
  const list = [...supported].sort().map(shown).join(', ');
  return { type: 'FieldValueNotSupported', field, detail: `Unsupported value: ${shown(value)}: supported values: ${list}` };
}

/** `Forbidden: <why>`. */
export function forbiddenValue(field: string, why: string): FieldError {
  return { type: 'FieldValueForbidden', field, detail: `Forbidden: ${why}` };
}

/** `Not found: <value>`. */
export function notFoundValue(field: string, value: unknown): FieldError {
  return { type: 'FieldValueNotFound', field, detail: `Not found: ${shown(value)}` };
}

/** `Too long: may not be more than <limit> bytes`. */
export function tooLong(field: string, limit: number): FieldError {
  return { type: 'FieldValueTooLong', field, detail: `Too long: may not be more than ${limit} bytes` };
}

/** `Too many: <count>: must have at most <limit> items`. */
export function tooMany(field: string, count: number, limit: number): FieldError {
  return { type: 'FieldValueTooMany', field, detail: `Too many: ${count}: must have at most ${limit} items` };
}

/** The text of a field that may not change. */
export const IMMUTABLE = 'field is immutable';

/** Runs a string check on a field. */
export function checkString(field: string, value: string, check: StringCheck): FieldError[] {
  return check(value).map((why) => invalidValue(field, value, why));
}

/** A required string that must also pass a check. */
export function checkRequired(field: string, value: string | undefined, check: StringCheck): FieldError[] {
  return value ? checkString(field, value, check) : [requiredValue(field)];
}

/** A value of a fixed set; an absent one is left to defaults. */
export function checkOneOf(field: string, value: string | undefined, supported: readonly string[]): FieldError[] {
  return value === undefined || value === '' || supported.includes(value) ? [] : [notSupported(field, value, supported)];
}

/** A whole number of at least `least`. */
export function checkAtLeast(field: string, value: number | undefined, least: number): FieldError[] {
  if (value === undefined || value >= least) return [];
  return [invalidValue(field, value, `must be greater than or equal to ${least}`)];
}

/** A port number. */
export function checkPort(field: string, value: number | undefined): FieldError[] {
  return value === undefined || (value >= 1 && value <= 65_535)
    ? []
    : [invalidValue(field, value, 'must be between 1 and 65535, inclusive')];
}

/** Reports the second and later of items with the same key. `key` undefined = not compared. */
export function duplicates<T>(
  items: readonly T[],
  keyOf: (item: T) => string | undefined,
  fieldOf: (index: number) => string,
): FieldError[] {
  const seen = new Set<string>();
  return items.flatMap((item, index) => {
    const key = keyOf(item);
    if (key === undefined) return [];
    if (seen.has(key)) return [duplicateValue(fieldOf(index), key)];
    seen.add(key);
    return [];
  });
}

/** Each item of a list with its path. */
export function eachItem<T>(
  path: string,
  items: readonly T[] | undefined,
  check: (item: T, path: string, index: number) => FieldError[],
): FieldError[] {
  return (items ?? []).flatMap((item, index) => check(item, `${path}[${index}]`, index));
}
