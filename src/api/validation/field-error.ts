// Constructors of field errors with upstream's texts, and the checks that many kinds share. Pure.

import { jsonText, shownValue } from '../quoted-text.ts';
import type { FieldError } from '../status-error.ts';
import type { StringCheck } from './object-meta.ts';
import { semanticEqual } from './semantic-equal.ts';

/** `Invalid value: <value>: <why>`, with a reason if there is one to tell. */
export function invalidValue(field: string, value: unknown, why: string): FieldError {
  return { type: 'FieldValueInvalid', field, detail: `Invalid value: ${shownValue(value)}${why === '' ? '' : `: ${why}`}` };
}

/** `Invalid value: <why>`, where the value itself says nothing. */
export function invalidWhole(field: string, why: string): FieldError {
  return { type: 'FieldValueInvalid', field, detail: `Invalid value: ${why}` };
}

/** `Required value`, with a reason if there is one to tell. */
export function requiredValue(field: string, why = ''): FieldError {
  return { type: 'FieldValueRequired', field, detail: why ? `Required value: ${why}` : 'Required value' };
}

/** `Duplicate value: <value>`. */
export function duplicateValue(field: string, value: unknown): FieldError {
  return { type: 'FieldValueDuplicate', field, detail: `Duplicate value: ${shownValue(value)}` };
}

/** `Unsupported value: <value>: supported values: <values>`, in the order given: upstream's lists are not always sorted. */
export function notSupported(field: string, value: unknown, supported: readonly string[]): FieldError {
  const list = supported.map(shownValue).join(', ');
  return { type: 'FieldValueNotSupported', field, detail: `Unsupported value: ${jsonText(value)}: supported values: ${list}` };
}

/** `Forbidden: <why>`. */
export function forbiddenValue(field: string, why: string): FieldError {
  return { type: 'FieldValueForbidden', field, detail: `Forbidden: ${why}` };
}

/** `Internal error: <why>`, of what should have been seen to before. */
export function internalValue(field: string, why: string): FieldError {
  return { type: 'InternalError', field, detail: `Internal error: ${why}` };
}

/** `Not found: <value>`, with a reason if there is one to tell. */
export function notFoundValue(field: string, value: unknown, why = ''): FieldError {
  return { type: 'FieldValueNotFound', field, detail: `Not found: ${shownValue(value)}${why === '' ? '' : `: ${why}`}` };
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

/** A value of a fixed set, to which `''` does not belong; an absent one is left to defaults. */
export function checkAmong(field: string, value: string | undefined, supported: readonly string[]): FieldError[] {
  return value === undefined || supported.includes(value) ? [] : [notSupported(field, value, supported)];
}

/** A value of a fixed set that must be there. */
export function requireOneOf(field: string, value: string | undefined, supported: readonly string[]): FieldError[] {
  if (!value) return [requiredValue(field)];
  return supported.includes(value) ? [] : [notSupported(field, value, supported)];
}

/** An optional string that must pass a check; `''` counts as absent. */
export function checkOptional(field: string, value: string | undefined, check: StringCheck): FieldError[] {
  return value ? checkString(field, value, check) : [];
}

/** A string that must not be empty. */
export function checkPresent(field: string, value: string | undefined): FieldError[] {
  return value ? [] : [requiredValue(field)];
}

/** A number between two bounds, both inclusive. */
export function checkRange(field: string, value: number | undefined, bounds: readonly [low: number, high: number]): FieldError[] {
  const [low, high] = bounds;
  if (value === undefined || (value >= low && value <= high)) return [];
  return [invalidValue(field, value, `must be between ${low} and ${high}, inclusive`)];
}

/** A field that keeps its value; empty lists and maps count as absent ones. */
export function checkImmutable(field: string, value: unknown, old: unknown): FieldError[] {
  return semanticEqual(value, old) ? [] : [invalidValue(field, value ?? null, IMMUTABLE)];
}

/** A whole number of at least `least`. */
export function checkAtLeast(field: string, value: number | undefined, least: number): FieldError[] {
  if (value === undefined || value >= least) return [];
  return [invalidValue(field, value, `must be greater than or equal to ${least}`)];
}

const PORTS: readonly [number, number] = [1, 65_535];

/** A port number. */
export function checkPort(field: string, value: number | undefined): FieldError[] {
  return checkRange(field, value, PORTS);
}

/** Each item of a list with its path. */
export function eachItem<T>(
  path: string,
  items: readonly T[] | undefined,
  check: (item: T, path: string, index: number) => FieldError[],
): FieldError[] {
  return (items ?? []).flatMap((item, index) => check(item, `${path}[${index}]`, index));
}
