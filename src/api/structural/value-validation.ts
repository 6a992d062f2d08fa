// Validates a value against a schema: types, bounds, patterns, formats and the logical combinations, told in the words of upstream's validator.
// What has not changed since the old object is not held against a schema that has become stricter ("ratcheting", KEP-4008).

import { deepEqual, isObject } from '../copy.ts';
import type { FieldError } from '../status-error.ts';
import { requiredValue, tooLong, tooMany } from '../validation/field-error.ts';
import { hasFormat } from './formats.ts';
import type { Patterns } from './patterns.ts';
import { itemSchema, memberSchema, type Schema } from './schema.ts';

/** What validation is done with. */
export interface ValueContext {
  readonly patterns: Patterns;
}

/** An old value to hold a new one against; absent where there is none that is surely the same thing. */
export interface OldValue {
  readonly value: unknown;
}

/** The outcome for one value: faults, and how much of it fits, by which the nearest of several alternatives is found. */
interface Verdict {
  readonly errors: FieldError[];
  fits: number;
}

/** The faults of `value`; `path` is `''` for the object itself. */
export function validateValue(
  value: unknown,
  schema: Schema,
  way: { path: string; context: ValueContext; old?: OldValue | undefined },
): FieldError[] {
  return new ValueValidator(way.context).check(value, schema, { path: way.path, old: way.old }).errors;
}

/** The same of a value that stands at the field `base`: faults name fields from there on, their texts places within the value. */
export function validateValueAt(base: string, value: unknown, schema: Schema, context: ValueContext): FieldError[] {
  return validateValue(value, schema, { path: '', context }).map((error) => ({
    ...error,
    field: error.field === NO_FIELD ? base : `${base}.${error.field}`,
  }));
}

interface Place {
  readonly path: string;
  readonly old: OldValue | undefined;
}

const NO_FIELD = '<nil>';

const fieldAt = (path: string): string => path || NO_FIELD;

/** A value the way upstream shows it. */
const shown = (value: unknown): string => (value === undefined || value === null ? '""' : JSON.stringify(value));

function fault(path: string, value: unknown, why: string): FieldError {
  return { type: 'FieldValueInvalid', field: fieldAt(path), detail: `Invalid value: ${shown(value)}: ${path} in body ${why}` };
}

function typeFault(path: string, types: string, got: string): FieldError {
  const detail = `Invalid value: ${JSON.stringify(got)}: ${path} in body must be of type ${types}: ${JSON.stringify(got)}`;
  return { type: 'FieldValueTypeInvalid', field: fieldAt(path), detail };
}

/** A fault of a combination is about no field. */
function combinationFault(path: string, why: string): FieldError {
  return { type: 'FieldValueInvalid', field: NO_FIELD, detail: `Invalid value: "": ${JSON.stringify(path)} ${why}` };
}

function typeName(value: unknown): string {
  if (value === null || value === undefined) return 'null';
  if (Array.isArray(value)) return 'array';
  if (typeof value === 'number') return Number.isInteger(value) ? 'integer' : 'number';
  return typeof value;
}

/** The types that a schema takes. */
function typesOf(schema: Schema): readonly string[] {
  if (schema['x-kubernetes-int-or-string']) return ['integer', 'string'];
  return schema.type ? [schema.type] : [];
}

const NUMBER_FORMATS: Readonly<Record<string, string>> = { integer: 'int64', number: 'float64' };

/**
 * What a format does to the check of types, by upstream's validator: texts and lists are only held to the types of numbers, and of other values
 * the formats are compared and told of.
 */
function formatFit(name: string, types: readonly string[], format: string): 'fits' | 'by type' | { readonly got: string } {
  const isNumeric = types.includes('number') || types.includes('integer');
  if (name === 'string' || name === 'array') return isNumeric ? 'by type' : 'fits';
  const got = NUMBER_FORMATS[name] ?? '';
  const isRight = types.includes(name) || (name === 'integer' && types.includes('number'));
  if (isRight) return 'by type';
  return got === format ? 'by type' : { got };
}

class ValueValidator {
  readonly #context: ValueContext;

  constructor(context: ValueContext) {
    this.#context = context;
  }

  check(value: unknown, schema: Schema, at: Place): Verdict {
    const verdict: Verdict = { errors: [], fits: 0 };
    if (at.old && deepEqual(at.old.value, value)) return verdict;
    this.#type(value, schema, at, verdict);
    if (value === null && schema.nullable) return verdict;
    this.#combinations(value, schema, at, verdict);
    if (typeof value === 'string') this.#string(value, schema, at.path, verdict);
    if (typeof value === 'number') checkNumber(value, schema, at.path, verdict);
    if (Array.isArray(value)) this.#list(value, schema, at, verdict);
    checkEnum(value, schema, at.path, verdict);
    if (isObject(value)) this.#object(value, schema, at, verdict);
    return verdict;
  }

  #type(value: unknown, schema: Schema, { path }: Place, verdict: Verdict): void {
    const types = typesOf(schema);
    const name = typeName(value);
    if (schema.format && types.length > 0 && name !== 'null') {
      const fit = formatFit(name, types, schema.format);
      if (fit === 'fits') verdict.fits++;
      if (fit !== 'by type') {
        if (fit !== 'fits') verdict.errors.push(typeFault(path, schema.format, fit.got));
        return;
      }
    }
    if (
      types.length === 0 ||
      (name === 'null' && schema.nullable) ||
      types.includes(name) ||
      (name === 'integer' && types.includes('number'))
    ) {
      verdict.fits++;
    } else verdict.errors.push(typeFault(path, types.join(','), name));
  }

  #combinations(value: unknown, schema: Schema, { path }: Place, verdict: Verdict): void {
    const each = (schemas: readonly Schema[]): Verdict[] => schemas.map((item) => this.check(value, item, { path, old: undefined }));
    const { anyOf = [], oneOf = [], allOf = [], not } = schema;
    if (anyOf.length > 0) {
      const verdicts = each(anyOf);
      if (!verdicts.some(isValid)) {
        verdict.errors.push(combinationFault(path, 'must validate at least one schema (anyOf)'), ...nearest(verdicts));
      }
    }
    if (oneOf.length > 0) checkOneOf(each(oneOf), path, verdict);
    if (allOf.length > 0) {
      const verdicts = each(allOf);
      verdict.errors.push(...verdicts.flatMap(({ errors }) => errors));
      const valid = verdicts.filter(isValid).length;
      if (valid < allOf.length) {
        verdict.errors.push(combinationFault(path, `must validate all the schemas (allOf)${valid === 0 ? '. None validated' : ''}`));
      }
    }
    if (not && isValid(this.check(value, not, { path, old: undefined }))) {
      verdict.errors.push(combinationFault(path, 'must not validate the schema (not)'));
    }
  }

  #string(value: string, schema: Schema, path: string, verdict: Verdict): void {
    const { maxLength, minLength, pattern, format } = schema;
    const before = verdict.errors.length;
    const length = maxLength === undefined && minLength === undefined ? 0 : [...value].length;
    if (maxLength !== undefined && length > maxLength) verdict.errors.push(tooLong(fieldAt(path), maxLength));
    if (minLength !== undefined && length < minLength)
      verdict.errors.push(fault(path, value, `should be at least ${minLength} chars long`));
    if (pattern && !this.#context.patterns.compile(pattern).test(value))
      verdict.errors.push(fault(path, value, `should match '${pattern}'`));
    if (format && !hasFormat(value, format)) {
      const detail = `Invalid value: ${JSON.stringify(value)}: ${path} in body must be of type ${format}: ${JSON.stringify(value)}`;
      verdict.errors.push({ type: 'FieldValueTypeInvalid', field: fieldAt(path), detail });
    }
    if (verdict.errors.length === before) verdict.fits++;
  }

  #list(value: readonly unknown[], schema: Schema, at: Place, verdict: Verdict): void {
    const { path } = at;
    const { maxItems, minItems } = schema;
    if (maxItems !== undefined && value.length > maxItems) verdict.errors.push(tooMany(fieldAt(path), value.length, maxItems));
    else if (minItems !== undefined && value.length < minItems)
      verdict.errors.push(fault(path, value.length, `should have at least ${minItems} items`));
    else verdict.fits++;
    const items = itemSchema(schema);
    if (!items) return;
    const oldItem = oldItems(schema, at.old);
    for (const [i, item] of value.entries()) merge(verdict, this.check(item, items, { path: `${path}[${i}]`, old: oldItem(item) }));
  }

  #object(value: Record<string, unknown>, schema: Schema, at: Place, verdict: Verdict): void {
    const { path } = at;
    const { maxProperties, minProperties, required = [], additionalProperties } = schema;
    const keys = Object.keys(value);
    if (maxProperties !== undefined && keys.length > maxProperties) verdict.errors.push(tooMany(fieldAt(path), keys.length, maxProperties));
    if (minProperties !== undefined && keys.length < minProperties) {
      verdict.errors.push(fault(path, keys.length, `should have at least ${minProperties} properties`));
    }
    for (const name of required) if (!Object.hasOwn(value, name)) verdict.errors.push(requiredValue(below(path, name)));
    if (verdict.errors.length === 0) verdict.fits++;
    const before = isObject(at.old?.value) ? at.old.value : undefined;
    for (const key of keys) {
      const member = memberSchema(schema, key);
      const old = before && Object.hasOwn(before, key) ? { value: before[key] } : undefined;
      if (member) merge(verdict, this.check(value[key], member, { path: below(path, key), old }));
      else if (additionalProperties === false) {
        verdict.errors.push({
          type: 'FieldValueInvalid',
          field: fieldAt(path),
          detail: `Invalid value: "": ${below(path, key)} in body is a forbidden property`,
        });
      }
    }
  }
}

const below = (path: string, key: string): string => (path === '' ? key : `${path}.${key}`);

const isValid = ({ errors }: Verdict): boolean => errors.length === 0;

function merge(into: Verdict, part: Verdict): void {
  into.errors.push(...part.errors);
  into.fits += part.fits;
}

/** The faults of the alternative that fits best; of equal ones the first. */
function nearest(verdicts: readonly Verdict[]): FieldError[] {
  const best = verdicts.reduce<Verdict | undefined>((found, verdict) => (!found || verdict.fits > found.fits ? verdict : found), undefined);
  return best?.errors ?? [];
}

function checkOneOf(verdicts: readonly Verdict[], path: string, verdict: Verdict): void {
  const valid = verdicts.filter(isValid).length;
  if (valid === 1) return;
  const found = valid === 0 ? 'Found none valid' : `Found ${valid} valid alternatives`;
  verdict.errors.push(combinationFault(path, `must validate one and only one schema (oneOf). ${found}`));
  if (valid === 0) verdict.errors.push(...nearest(verdicts));
}

/** Smallest and largest values of the formats of numbers. */
const RANGES: Readonly<Record<string, readonly [number, number]>> = {
  int32: [-(2 ** 31), 2 ** 31 - 1],
  int64: [-(2 ** 63), 2 ** 63],
  uint32: [0, 2 ** 32 - 1],
  uint64: [0, 2 ** 64],
  float: [-3.402_823_466_385_288_6e38, 3.402_823_466_385_288_6e38],
};

function checkNumber(value: number, schema: Schema, path: string, verdict: Verdict): void {
  const { maximum, minimum, exclusiveMaximum = false, exclusiveMinimum = false, multipleOf, format = '' } = schema;
  const before = verdict.errors.length;
  if (multipleOf !== undefined && !isMultiple(value, multipleOf))
    verdict.errors.push(fault(path, value, `should be a multiple of ${multipleOf}`));
  if (maximum !== undefined && (exclusiveMaximum ? value >= maximum : value > maximum)) {
    verdict.errors.push(fault(path, value, `should be less than ${exclusiveMaximum ? '' : 'or equal to '}${maximum}`));
  }
  if (minimum !== undefined && (exclusiveMinimum ? value <= minimum : value < minimum)) {
    verdict.errors.push(fault(path, value, `should be greater than ${exclusiveMinimum ? '' : 'or equal to '}${minimum}`));
  }
  const range = RANGES[format];
  if (range && (value < range[0] || value > range[1])) {
    const why = `Checked value must be of type ${schema.type ?? ''} with format ${format} in ${path}`;
    verdict.errors.push({ type: 'FieldValueInvalid', field: NO_FIELD, detail: `Invalid value: "": ${why}` });
  }
  if (verdict.errors.length === before) verdict.fits++;
}

function isMultiple(value: number, of: number): boolean {
  const quotient = value / of;
  return Number.isInteger(quotient) || Math.abs(quotient - Math.round(quotient)) < Number.EPSILON * Math.max(1, Math.abs(quotient));
}

function checkEnum(value: unknown, schema: Schema, path: string, verdict: Verdict): void {
  const { enum: allowed } = schema;
  if (!allowed || allowed.length === 0 || allowed.some((item) => deepEqual(item, value))) return;
  const list = allowed.map((item) => JSON.stringify(typeof item === 'string' ? item : JSON.stringify(item))).join(', ');
  const detail = `Unsupported value: ${shown(value)}: supported values: ${list}`;
  verdict.errors.push({ type: 'FieldValueNotSupported', field: fieldAt(path), detail });
}

/** Finds the old item of a list that is a map by keys; items of other lists have no identity. */
export function oldItems(schema: Schema, old: OldValue | undefined): (item: unknown) => OldValue | undefined {
  const keys = schema['x-kubernetes-list-map-keys'];
  if (schema['x-kubernetes-list-type'] !== 'map' || !keys || !Array.isArray(old?.value)) return () => undefined;
  const byKey = new Map(old.value.map((item: unknown) => [keyOf(item, keys), item]));
  return (item) => {
    const key = keyOf(item, keys);
    return byKey.has(key) ? { value: byKey.get(key) } : undefined;
  };
}

function keyOf(item: unknown, keys: readonly string[]): string {
  return JSON.stringify(keys.map((key) => (isObject(item) && Object.hasOwn(item, key) ? item[key] : null)));
}
