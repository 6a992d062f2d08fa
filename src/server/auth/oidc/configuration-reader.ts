// Reads the file of --authentication-config field by field; what does not fit is refused with upstream's text for that field. Pure.

import { isObject } from '../../../api/copy.ts';
import type { FieldError } from '../../../api/status-error.ts';
import { invalidValue, requiredValue } from '../../../api/validation/field-error.ts';
import { KtsError } from '../../../base/errors.ts';

/** The members of a mapping. */
export type Fields = Readonly<Record<string, unknown>>;

/** @throws KtsError `usage`, always */
export function refuse({ field, detail }: FieldError): never {
  throw new KtsError('usage', `--authentication-config: ${field}: ${detail}`);
}

/** Refuses for the first of the errors, if there is one. @throws KtsError `usage` */
export function refuseFirst(errors: readonly FieldError[]): void {
  const [first] = errors;
  if (first) refuse(first);
}

/** The members of a mapping, all of them known; none for what is absent. @throws KtsError `usage` */
export function fieldsOf(value: unknown, at: string, known: readonly string[]): Fields {
  if (value === undefined || value === null) return {};
  if (!isObject(value)) return refuse(invalidValue(at, value, 'must be a mapping'));
  const unknown = Object.keys(value).find((name) => !known.includes(name));
  if (unknown !== undefined) throw new KtsError('usage', `--authentication-config: unknown field "${at === '' ? '' : `${at}.`}${unknown}"`);
  return value;
}

/** The items of a list; none for what is absent. @throws KtsError `usage` */
export function itemsOf(value: unknown, at: string): readonly unknown[] {
  if (value === undefined || value === null) return [];
  return Array.isArray(value) ? value : refuse(invalidValue(at, value, 'must be a list'));
}

/** A text; `''` for what is absent. @throws KtsError `usage` */
export function textOf(value: unknown, at: string): string {
  if (value === undefined || value === null) return '';
  return typeof value === 'string' ? value : refuse(invalidValue(at, value, 'must be a string'));
}

/** A text that must be there. @throws KtsError `usage` */
export function requiredText(value: unknown, at: string): string {
  return textOf(value, at) || refuse(requiredValue(at));
}
