// Validation of ResourceQuotas and LimitRanges. Pure. Rules: "Resource Quotas", "Limit Ranges".

import { Quantity, tryParseQuantity } from '../quantity.ts';
import type { FieldError } from '../status-error.ts';
import type {
  LimitRange,
  LimitRangeItem,
  ResourceQuota,
  ResourceQuotaSpec,
  ScopedResourceSelectorRequirement,
} from '../types/core-v1.gen.ts';
import { checkString, duplicateValue, eachItem, forbiddenValue, IMMUTABLE, invalidValue, requiredValue } from './field-error.ts';
import { qualifiedName, type StringCheck } from './object-meta.ts';
import {
  containerResourceName,
  isOvercommitAllowed,
  isQuotaResource,
  quotaResourceName,
  resourceName,
  validateAmounts,
} from './resources.ts';

const POD_SCOPES = ['Terminating', 'NotTerminating', 'NotBestEffort', 'PriorityClass', 'CrossNamespacePodAffinity'];
const SCOPES: ReadonlySet<string> = new Set([...POD_SCOPES, 'BestEffort', 'VolumeAttributesClass']);
/** Scopes that hold or do not: their operator can only be Exists. */
const PLAIN_SCOPES: ReadonlySet<string> = new Set([
  'BestEffort',
  'NotBestEffort',
  'Terminating',
  'NotTerminating',
  'CrossNamespacePodAffinity',
]);
const CONFLICTS = [
  ['BestEffort', 'NotBestEffort'],
  ['Terminating', 'NotTerminating'],
] as const;
const POD_COMPUTE = /^(pods|cpu|memory|(requests|limits)\.(cpu|memory))$/;
const CLAIM_RESOURCE = /^(persistentvolumeclaims|requests\.storage)$/;

/** Whether a scope says something about a resource. */
function scopeFits(scope: string, resource: string): boolean {
  if (scope === 'BestEffort') return resource === 'pods';
  if (scope === 'VolumeAttributesClass') return CLAIM_RESOURCE.test(resource);
  return POD_SCOPES.includes(scope) ? POD_COMPUTE.test(resource) : true;
}

const misfits = (scope: string, hard: readonly string[]): readonly string[] =>
  hard.filter((name) => isQuotaResource(name) && !scopeFits(scope, name));

function validateScopes({ scopes = [], hard = {} }: ResourceQuotaSpec): FieldError[] {
  const path = 'spec.scopes';
  const errors: FieldError[] = [];
  for (const scope of scopes) {
    if (!SCOPES.has(scope)) errors.push(invalidValue(path, scopes, 'unsupported scope'));
    for (const _ of misfits(scope, Object.keys(hard))) errors.push(invalidValue(path, scopes, 'unsupported scope applied to resource'));
  }
  return [...errors, ...conflictFaults(path, scopes, scopes)];
}

function conflictFaults(path: string, names: readonly string[], shown: readonly string[] | null): FieldError[] {
  return CONFLICTS.filter((pair) => pair.every((scope) => names.includes(scope))).map(() =>
    invalidValue(path, shown, 'conflicting scopes'),
  );
}

function validateScopeSelector(spec: ResourceQuotaSpec): FieldError[] {
  const expressions = spec.scopeSelector?.matchExpressions;
  if (!expressions) return [];
  const path = 'spec.scopeSelector.matchExpressions';
  const hard = Object.keys(spec.hard ?? {});
  const errors = expressions.flatMap((requirement) => {
    const faults = validateScopeRequirement(requirement, path);
    for (const _ of misfits(requirement.scopeName, hard))
      faults.push(invalidValue(path, shownSelector(expressions), 'unsupported scope applied to resource'));
    return faults;
  });
  const names = expressions.map(({ scopeName }) => scopeName);
  return [...errors, ...conflictFaults(path, names, spec.scopes ?? null)];
}

/** A selector as upstream's messages show it: by the names of its own type, which has none of JSON. */
function shownSelector(expressions: readonly ScopedResourceSelectorRequirement[]): object {
  return {
    MatchExpressions: expressions.map(({ scopeName, operator, values }) => ({
      ScopeName: scopeName,
      Operator: operator,
      Values: values ?? null,
    })),
  };
}

function validateScopeRequirement({ scopeName, operator, values = [] }: ScopedResourceSelectorRequirement, path: string): FieldError[] {
  const errors: FieldError[] = [];
  if (!SCOPES.has(scopeName)) errors.push(invalidValue(`${path}.scopeName`, scopeName, 'unsupported scope'));
  if (PLAIN_SCOPES.has(scopeName) && operator !== 'Exists') {
    const why =
      "must be 'Exists' when scope is any of ResourceQuotaScopeTerminating, ResourceQuotaScopeNotTerminating, ResourceQuotaScopeBestEffort, ResourceQuotaScopeNotBestEffort or ResourceQuotaScopeCrossNamespacePodAffinity";
    errors.push(invalidValue(`${path}.operator`, operator, why));
  }
  if (operator === 'In' || operator === 'NotIn') {
    if (values.length === 0)
      errors.push(requiredValue(`${path}.values`, "must be at least one value when `operator` is 'In' or 'NotIn' for scope selector"));
  } else if (operator === 'Exists' || operator === 'DoesNotExist') {
    if (values.length > 0)
      errors.push(
        invalidValue(`${path}.values`, values, "must be no value when `operator` is 'Exist' or 'DoesNotExist' for scope selector"),
      );
  } else errors.push(invalidValue(`${path}.operator`, operator ?? '', 'not a valid selector operator'));
  return errors;
}

/** Validates a ResourceQuota. */
export function validateResourceQuota({ spec = {} }: ResourceQuota): FieldError[] {
  return [...validateAmounts('spec.hard', spec.hard, quotaResourceName), ...validateScopes(spec), ...validateScopeSelector(spec)];
}

/** The scopes of a quota do not change. */
export function validateResourceQuotaUpdate({ spec = {} }: ResourceQuota, old: ResourceQuota): FieldError[] {
  const [now, before] = [new Set(spec.scopes), new Set(old.spec?.scopes)];
  const same = now.size === before.size && [...now].every((scope) => before.has(scope));
  return same ? [] : [invalidValue('spec.scopes', spec.scopes ?? null, IMMUTABLE)];
}

/** Validates a write of a quota's status. */
export function validateResourceQuotaStatus({ status }: ResourceQuota): FieldError[] {
  return [
    ...validateAmounts('status.hard', status?.hard, quotaResourceName),
    ...validateAmounts('status.used', status?.used, quotaResourceName),
  ];
}

const LIMIT_TYPES: ReadonlySet<string> = new Set(['Pod', 'Container', 'PersistentVolumeClaim']);

const limitType: StringCheck = (value) => {
  const faults = qualifiedName(value);
  return faults.length > 0 || value.includes('/') || LIMIT_TYPES.has(value) ? faults : ['must be a standard limit type or fully qualified'];
};

/** Validates a LimitRange. */
export function validateLimitRange({ spec }: LimitRange): FieldError[] {
  const types = new Set<string>();
  return eachItem('spec.limits', spec?.limits, (item, at) => {
    const { type = '' } = item;
    const errors = checkString(`${at}.type`, type, limitType);
    if (types.has(type)) errors.push(duplicateValue(`${at}.type`, type));
    types.add(type);
    return [...errors, ...validateLimits(item, at)];
  });
}

const LISTS = ['max', 'min', 'default', 'defaultRequest', 'maxLimitRequestRatio'] as const;

function validateLimits(item: LimitRangeItem, path: string): FieldError[] {
  const ofPod = item.type === 'Pod';
  const names: StringCheck = ofPod || item.type === 'Container' ? containerResourceName : resourceName;
  const errors: FieldError[] = [];
  for (const list of LISTS) {
    const amounts = Object.keys(item[list] ?? {});
    if (ofPod && (list === 'default' || list === 'defaultRequest')) {
      if (amounts.length > 0) errors.push(forbiddenValue(`${path}.${list}`, "may not be specified when `type` is 'Pod'"));
    } else errors.push(...amounts.flatMap((name) => checkString(`${path}.${list}[${name}]`, name, names)));
  }
  if (item.type === 'PersistentVolumeClaim' && !item.min?.['storage'] && !item.max?.['storage'])
    errors.push(requiredValue(`${path}.limits`, 'either minimum or maximum storage value is required, but neither was provided'));
  const all = new Set(LISTS.flatMap((list) => Object.keys(item[list] ?? {})));
  return [...errors, ...[...all].flatMap((name) => compareLimits(item, path, name))];
}

/** One resource's bounds and defaults among each other. */
function compareLimits(item: LimitRangeItem, path: string, name: string): FieldError[] {
  const ofPod = item.type === 'Pod';
  const read = (list: (typeof LISTS)[number]): Quantity | undefined => {
    const text = item[list]?.[name];
    return text === undefined ? undefined : tryParseQuantity(text);
  };
  const [max, min, ratio] = [read('max'), read('min'), read('maxLimitRequestRatio')];
  const [limit, request] = ofPod ? [undefined, undefined] : [read('default'), read('defaultRequest')];
  const errors: FieldError[] = [];
  const order = (low: Quantity | undefined, high: Quantity | undefined, fault: () => FieldError): void => {
    if (low && high && low.compare(high) > 0) errors.push(fault());
  };
  const bad = (list: string, value: Quantity | undefined, why: string): FieldError =>
    invalidValue(`${path}.${list}[${name}]`, value?.toString(), why);
  order(min, max, () => bad('min', min, `min value ${min} is greater than max value ${max}`));
  order(min, request, () => bad('defaultRequest', request, `min value ${min} is greater than default request value ${request}`));
  order(request, max, () => bad('defaultRequest', request, `default request value ${request} is greater than max value ${max}`));
  order(request, limit, () =>
    bad('defaultRequest', request, `default request value ${request} is greater than default limit value ${limit}`),
  );
  order(min, limit, () => bad('default', min, `min value ${min} is greater than default value ${limit}`));
  order(limit, max, () => bad('default', max, `default value ${limit} is greater than max value ${max}`));
  if (ratio && ratio.compare(Quantity.of(1)) < 0) errors.push(bad('maxLimitRequestRatio', ratio, `ratio ${ratio} is less than 1`));
  if (ratio && min && max && !min.isZero()) {
    const most = max.toNumber() / min.toNumber();
    if (ratio.toNumber() > most)
      errors.push(bad('maxLimitRequestRatio', ratio, `ratio ${ratio} is greater than max/min = ${most.toFixed(6)}`));
  }
  if (!isOvercommitAllowed(name) && limit && request && !limit.equals(request))
    errors.push(bad('defaultRequest', request, `default value ${limit} must equal to defaultRequest value ${request} in ${name}`));
  return errors;
}
