// Validation of resource names, of amounts, and of what containers and pods require. Pure. Rules: "Resource Management for Pods and Containers".

import { type Quantity, quantityFault, tryParseQuantity } from '../quantity.ts';
import type { FieldError } from '../status-error.ts';
import type { ResourceRequirements } from '../types/core-v1.gen.ts';
import { checkString, forbiddenValue, invalidValue, notSupported, requiredValue } from './field-error.ts';
import { qualifiedName, type StringCheck } from './object-meta.ts';

const CONTAINER: ReadonlySet<string> = new Set(['cpu', 'memory', 'ephemeral-storage']);
const COUNTED = [
  'pods', 'resourcequotas', 'services', 'replicationcontrollers', 'secrets', 'configmaps', 'persistentvolumeclaims',
  'services.nodeports', 'services.loadbalancers',
]; // biome-ignore format: a list of names
const QUOTA: ReadonlySet<string> = new Set([
  ...CONTAINER,
  ...[...CONTAINER].flatMap((name) => [`requests.${name}`, `limits.${name}`]),
  'requests.storage',
  ...COUNTED,
]);
const STANDARD: ReadonlySet<string> = new Set([...QUOTA, 'storage']);
const INTEGER: ReadonlySet<string> = new Set(COUNTED);
const POD_LEVEL = ['cpu', 'memory'];

/** Whether pages of memory of one size are meant. */
export const isHugePages = (name: string): boolean => name.startsWith('hugepages-');
const isQuotaHugePages = (name: string): boolean => isHugePages(name) || name.startsWith('requests.hugepages-');
const isNative = (name: string): boolean => !name.includes('/') || name.includes('kubernetes.io/');
/** Whether a resource is one of somebody's own domain. */
export const extendedResourceName = (name: string): boolean =>
  !isNative(name) && !name.startsWith('requests.') && qualifiedName(`requests.${name}`).length === 0;

/** Whether requests may be lower than limits. */
export const isOvercommitAllowed = (name: string): boolean => isNative(name) && !isHugePages(name);

/** Whether a name is one that every quota knows. */
export const isQuotaResource = (name: string): boolean => QUOTA.has(name) || isQuotaHugePages(name);

/** The name of any resource: standard, or qualified by a domain. */
export const resourceName: StringCheck = (value) => {
  const faults = qualifiedName(value);
  if (faults.length > 0 || value.includes('/') || STANDARD.has(value) || isQuotaHugePages(value)) return faults;
  return ['must be a standard resource type or fully qualified'];
};

/** The name of a resource of a container. */
export const containerResourceName: StringCheck = (value) => {
  const faults = resourceName(value);
  if (!value.includes('/')) {
    return CONTAINER.has(value) || isHugePages(value) ? faults : [...faults, 'must be a standard resource for containers'];
  }
  return isNative(value) || extendedResourceName(value) ? faults : [...faults, "doesn't follow extended resource name standard"];
};

/** The name of a resource in a quota. */
export const quotaResourceName: StringCheck = (value) => {
  const faults = resourceName(value);
  return value.includes('/') || isQuotaResource(value) ? faults : [...faults, 'must be a standard resource for quota'];
};

/** A quantity that is not negative. */
export function checkQuantity(field: string, text: string): FieldError[] {
  const quantity = tryParseQuantity(text);
  if (!quantity) return [invalidValue(field, text, quantityFault(text))];
  return quantity.sign() < 0 ? [invalidValue(field, quantity.toString(), 'must be greater than or equal to 0')] : [];
}

/** A quantity that is not negative, in the words of those who do not ask what it is of; the value is shown as a whole number. */
export function checkBasicQuantity(field: string, text: string): FieldError[] {
  const quantity = tryParseQuantity(text);
  return quantity && quantity.sign() < 0 ? [invalidValue(field, quantity.value(), 'must be a valid resource quantity')] : [];
}

/** A quantity above zero. */
export function checkPositiveQuantity(field: string, text: string): FieldError[] {
  const quantity = tryParseQuantity(text);
  if (!quantity) return [invalidValue(field, text, quantityFault(text))];
  return quantity.sign() <= 0 ? [invalidValue(field, quantity.toString(), 'must be greater than zero')] : [];
}

/** An amount of a resource: not negative, and whole where the resource is counted. */
export function checkAmount(field: string, name: string, text: string): FieldError[] {
  const errors = checkQuantity(field, text);
  if (errors.length > 0 || !(INTEGER.has(name) || extendedResourceName(name))) return errors;
  const quantity = tryParseQuantity(text);
  return quantity && quantity.milliValue() % 1000 !== 0 ? [invalidValue(field, text, 'must be an integer')] : [];
}

/** Names and amounts of a list of resources. */
export function validateAmounts(path: string, amounts: Readonly<Record<string, string>> | undefined, names: StringCheck): FieldError[] {
  return Object.entries(amounts ?? {}).flatMap(([name, text]) => [
    ...checkString(`${path}[${name}]`, name, names),
    ...checkAmount(`${path}[${name}]`, name, text),
  ]);
}

/** Huge pages come in multiples of their size. */
function checkPages(field: string, name: string, text: string): FieldError[] {
  if (!isHugePages(name)) return [];
  const size = tryParseQuantity(name.slice('hugepages-'.length));
  const amount = tryParseQuantity(text);
  if (!amount) return [];
  const fits = size !== undefined && size.sign() > 0 && size.milliValue() % 1000 === 0 && amount.nanos % size.nanos === 0n;
  return fits ? [] : [invalidValue(field, amount.toString(), `${amount} is not positive integer multiple of ${name}`)];
}

/** What requirements are checked against. */
export interface RequirementRules {
  /** Claims of the pod that a container may name. */
  readonly claims: readonly string[];
  /** Of the pod as a whole; else of a container. */
  readonly podLevel?: boolean;
}

const NO_CLAIMS: RequirementRules = { claims: [] };
const NOTHING: ResourceRequirements = {};

function checkName(field: string, name: string, rules: RequirementRules): FieldError[] {
  if (!rules.podLevel) return checkString(field, name, containerResourceName);
  const errors = checkString(field, name, resourceName);
  return errors.length > 0 || POD_LEVEL.includes(name) || isHugePages(name) ? errors : [notSupported(field, name, POD_LEVEL)];
}

/** Requests and limits: names, amounts, no request above its limit, and claims that the pod has. */
export function validateRequirements(
  path: string,
  requirements: ResourceRequirements = NOTHING,
  rules: RequirementRules = NO_CLAIMS,
): FieldError[] {
  const { requests = {}, limits = {}, claims } = requirements;
  const errors: FieldError[] = [];
  for (const [name, text] of Object.entries(limits)) {
    const field = `${path}.limits[${name}]`;
    errors.push(...checkName(field, name, rules), ...checkAmount(field, name, text), ...checkPages(field, name, text));
  }
  for (const [name, text] of Object.entries(requests)) {
    const field = `${path}.requests[${name}]`;
    errors.push(...checkName(field, name, rules), ...checkAmount(field, name, text));
    errors.push(...checkAgainstLimit(path, name, { request: text, limit: limits[name] }), ...checkPages(field, name, text));
  }
  const names = [...Object.keys(limits), ...Object.keys(requests)];
  if (names.some(isHugePages) && !names.some((name) => name === 'cpu' || name === 'memory'))
    errors.push(forbiddenValue(path, 'HugePages require cpu or memory'));
  if (claims && !rules.podLevel) errors.push(...validateClaims(`${path}.claims`, claims, rules.claims));
  return errors;
}

function checkAgainstLimit(path: string, name: string, amounts: { request: string; limit: string | undefined }): FieldError[] {
  const exact = !isOvercommitAllowed(name);
  if (amounts.limit === undefined) {
    return exact ? [requiredValue(`${path}.limits`, 'Limit must be set for non overcommitable resources')] : [];
  }
  const request: Quantity | undefined = tryParseQuantity(amounts.request);
  const limit = tryParseQuantity(amounts.limit);
  if (!request || !limit) return [];
  const order = request.compare(limit);
  if (exact && order !== 0) return [invalidValue(`${path}.requests`, request.toString(), `must be equal to ${name} limit of ${limit}`)];
  return order > 0 ? [invalidValue(`${path}.requests`, request.toString(), `must be less than or equal to ${name} limit of ${limit}`)] : [];
}

/** Claims of devices that a container uses: each once, and declared by the pod. */
function validateClaims(path: string, claims: readonly { name: string; request?: string }[], known: readonly string[]): FieldError[] {
  const used = new Set<string>();
  const whole = new Set<string>();
  return claims.flatMap(({ name, request = '' }, index) => {
    const at = `${path}[${index}]`;
    if (!name) return [requiredValue(at)];
    const key = request === '' ? name : `${name}/${request}`;
    const overlap = whole.has(name) || used.has(key) || (request === '' && [...used].some((other) => other.startsWith(`${name}/`)));
    used.add(key);
    if (request === '') whole.add(name);
    const list = known.length === 0 ? ' which is empty' : `: ${[...known].sort().join(', ')}`;
    return [
      ...(overlap
        ? [{ type: 'FieldValueDuplicate', field: at, detail: `Duplicate value: ${JSON.stringify(whole.has(name) ? name : key)}` }]
        : []),
      ...(known.includes(name)
        ? []
        : [
            {
              type: 'FieldValueNotFound',
              field: at,
              detail: `Not found: ${JSON.stringify(name)}: must be one of the names in pod.spec.resourceClaims${list}`,
            },
          ]),
    ];
  });
}
