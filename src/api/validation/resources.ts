// Validation of quantities and of resource requirements. Pure.

import { type Quantity, tryParseQuantity } from '../quantity.ts';
import type { FieldError } from '../status-error.ts';
import type { ResourceRequirements } from '../types/core-v1.gen.ts';
import { checkString, invalidValue } from './field-error.ts';
import { qualifiedName, type StringCheck } from './object-meta.ts';

const STANDARD: ReadonlySet<string> = new Set(['cpu', 'memory', 'ephemeral-storage', 'storage']);

const isHugePages = (name: string): boolean => name.startsWith('hugepages-');
const isExtended = (name: string): boolean => name.includes('/') && !/(^|\.)kubernetes\.io\//.test(name) && !name.startsWith('requests.');

/** The name of a resource: standard, or qualified by a domain. */
const resourceName: StringCheck = (value) => {
  const faults = qualifiedName(value);
  if (faults.length > 0 || value.includes('/') || STANDARD.has(value) || isHugePages(value)) return faults;
  return ['must be a standard resource type or fully qualified'];
};

/** A quantity that is not negative. */
export function checkQuantity(field: string, text: string): FieldError[] {
  const quantity = tryParseQuantity(text);
  if (!quantity) return [invalidValue(field, text, 'must be a quantity')];
  return quantity.sign() < 0 ? [invalidValue(field, quantity.toString(), 'must be greater than or equal to 0')] : [];
}

function checkAmount(field: string, name: string, text: string): FieldError[] {
  const faults = [...checkString(field, name, resourceName), ...checkQuantity(field, text)];
  if (faults.length > 0) return faults;
  const quantity = tryParseQuantity(text);
  return quantity && (isExtended(name) || isHugePages(name)) && quantity.milliValue() % 1000 !== 0
    ? [invalidValue(field, text, 'must be an integer')]
    : [];
}

/** Requests and limits of a container: names, amounts, and no request above its limit. */
export function validateRequirements(path: string, requirements: ResourceRequirements | undefined): FieldError[] {
  const { requests = {}, limits = {} } = requirements ?? {};
  return [
    ...Object.entries(limits).flatMap(([name, text]) => checkAmount(`${path}.limits[${name}]`, name, text)),
    ...Object.entries(requests).flatMap(([name, text]) => [
      ...checkAmount(`${path}.requests[${name}]`, name, text),
      ...checkAgainstLimit(`${path}.requests`, name, { request: tryParseQuantity(text), limit: tryParseQuantity(limits[name] ?? '') }),
    ]),
  ];
}

function checkAgainstLimit(
  field: string,
  name: string,
  { request, limit }: { request: Quantity | undefined; limit: Quantity | undefined },
): FieldError[] {
  if (!request || !limit) return [];
  const exact = isExtended(name) || isHugePages(name);
  if (exact && !request.equals(limit)) return [invalidValue(field, request.toString(), `must be equal to ${name} limit of ${limit}`)];
  return request.compare(limit) > 0
    ? [invalidValue(field, request.toString(), `must be less than or equal to ${name} limit of ${limit}`)]
    : [];
}
