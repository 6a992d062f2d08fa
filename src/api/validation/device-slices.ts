// Validation of ResourceSlices: what devices a driver has where. Pure. Rules: "Dynamic Resource Allocation".

import { type Quantity, tryParseQuantity } from '../quantity.ts';
import type { FieldError } from '../status-error.ts';
import type * as resource from '../types/resource-v1.gen.ts';
import { validateNodeSelector } from './affinity.ts';
import { checkAttributeName, checkList, checkPoolName, checkSet, validateBinding, validateDeviceTaint } from './device-parts.ts';
import {
  checkImmutable,
  checkRequired,
  checkString,
  forbiddenValue,
  invalidValue,
  requiredValue,
  tooLong,
  tooMany,
} from './field-error.ts';
import { internalForm } from './internal-form.ts';
import { dnsLabel, dnsSubdomain } from './object-meta.ts';
import { checkDriverName } from './strings.ts';

const MAX_DEVICES = 128;
/** Devices of a slice with taints, counters or lists, which weigh more. */
const MAX_HEAVY_DEVICES = 64;
const MAX_COUNTER_SETS = 8;
const MAX_COUNTERS = 32;
const MAX_CONSUMPTIONS = 2;
const MAX_TAINTS = 16;
const MAX_NAMES = 32;
const MAX_VALUES = 48;
const MAX_VALUE_LENGTH = 64;
const MAX_OPTIONS = 10;
const LISTS = ['ints', 'bools', 'strings', 'versions'] as const;
const VERSION =
  /^(0|[1-9]\d*)\.(0|[1-9]\d*)\.(0|[1-9]\d*)(-(0|[1-9]\d*|\d*[a-zA-Z-][0-9a-zA-Z-]*)(\.(0|[1-9]\d*|\d*[a-zA-Z-][0-9a-zA-Z-]*))*)?(\+[0-9a-zA-Z-]+(\.[0-9a-zA-Z-]+)*)?$/;

/** Where devices are: of the slice, or of one device. */
interface Place {
  readonly nodeName?: string;
  readonly nodeSelector?: Parameters<typeof validateNodeSelector>[1];
  readonly allNodes?: boolean;
  readonly perDeviceNodeSelection?: boolean;
}

function placeFaults(place: Place, path: string, empty: string): { readonly set: string[]; readonly errors: FieldError[] } {
  const { nodeName, nodeSelector, allNodes, perDeviceNodeSelection } = place;
  const set: string[] = [];
  const errors: FieldError[] = [];
  if (nodeName) {
    set.push('`nodeName`');
    errors.push(...checkString(`${path}.nodeName`, nodeName, dnsSubdomain));
  } else if (nodeName === '') errors.push(invalidValue(`${path}.nodeName`, '', empty));
  if (nodeSelector) {
    set.push('`nodeSelector`');
    errors.push(...validateNodeSelector(`${path}.nodeSelector`, nodeSelector));
  }
  for (const [name, flag] of [
    ['allNodes', allNodes],
    ['perDeviceNodeSelection', perDeviceNodeSelection],
  ] as const) {
    if (flag) set.push(`\`${name}\``);
    else if (flag === false) errors.push(invalidValue(`${path}.${name}`, false, 'must be either unset or set to true'));
  }
  return { set, errors };
}

const REQUIREMENT = { key: '', operator: '', values: null };
const TERM = { matchExpressions: REQUIREMENT, matchFields: REQUIREMENT };

/** Validates a ResourceSlice. */
export function validateResourceSlice({ spec }: resource.ResourceSlice): FieldError[] {
  const { pool, nodeSelector, devices = [], sharedCounters } = spec;
  const errors = [...checkDriverName('spec.driver', spec.driver), ...validatePool('spec.pool', pool)];
  const place = placeFaults(spec, 'spec', 'must be either unset or set to a non-empty string');
  errors.push(...place.errors);
  const terms = nodeSelector?.nodeSelectorTerms ?? [];
  if (nodeSelector && terms.length !== 1)
    errors.push(
      invalidValue(
        'spec.nodeSelector.nodeSelectorTerms',
        internalForm(nodeSelector.nodeSelectorTerms, TERM),
        'must have exactly one node selector term',
      ),
    );
  const one = 'exactly one of `nodeName`, `nodeSelector`, `allNodes`, `perDeviceNodeSelection` is required';
  if (place.set.length === 0) errors.push(requiredValue('spec', one));
  if (place.set.length > 1) errors.push(invalidValue('spec', `{${place.set.join(', ')}}`, `${one}, but multiple fields are set`));
  if (sharedCounters && spec.devices) errors.push(invalidValue('spec', '', 'only one of `sharedCounters` or `devices` is allowed'));
  const perDevice = spec.perDeviceNodeSelection === true;
  return [
    ...errors,
    ...checkSet('spec.devices', devices, {
      limit: devices.some(isHeavy) ? MAX_HEAVY_DEVICES : MAX_DEVICES,
      check: (device, at) => validateDevice(device, at, perDevice),
      keyOf: ({ name }) => name,
    }),
    ...checkSet('spec.sharedCounters', sharedCounters, {
      limit: MAX_COUNTER_SETS,
      check: ({ name, counters }, at) => [...checkRequired(`${at}.name`, name, dnsLabel), ...validateCounters(`${at}.counters`, counters)],
      keyOf: ({ name }) => name,
    }),
  ];
}

/** Whose devices a slice holds does not change. */
export function validateResourceSliceUpdate({ spec }: resource.ResourceSlice, { spec: old }: resource.ResourceSlice): FieldError[] {
  return [
    ...checkImmutable('spec.pool.name', spec.pool?.name, old.pool?.name),
    ...checkImmutable('spec.driver', spec.driver, old.driver),
    ...checkImmutable('spec.nodeName', spec.nodeName, old.nodeName),
  ];
}

function validatePool(path: string, pool: resource.ResourcePool | undefined): FieldError[] {
  const { name, resourceSliceCount: count = 0, generation = 0 } = pool ?? {};
  return [
    ...checkPoolName(`${path}.name`, name),
    ...(count > 0 ? [] : [invalidValue(`${path}.resourceSliceCount`, count, 'must be greater than zero')]),
    ...(generation >= 0 ? [] : [invalidValue(`${path}.generation`, generation, 'must be greater than or equal to zero')]),
  ];
}

function isHeavy({ taints, consumesCounters, attributes }: resource.Device): boolean {
  if (taints?.length || consumesCounters?.length) return true;
  return Object.values(attributes ?? {}).some((attribute) => LISTS.some((list) => attribute[list] !== undefined));
}

const valuesOf = (attribute: resource.DeviceAttribute): number =>
  Math.max(
    1,
    LISTS.reduce((sum, list) => sum + (attribute[list]?.length ?? 0), 0),
  );

function validateCounters(path: string, counters: Readonly<Record<string, resource.Counter>> | undefined): FieldError[] {
  const names = Object.keys(counters ?? {});
  if (names.length === 0) return [requiredValue(path)];
  if (names.length > MAX_COUNTERS) return [tooMany(path, names.length, MAX_COUNTERS)];
  return names.flatMap((name) => checkString(path, name, dnsLabel));
}

function validateDevice(device: resource.Device, path: string, perDevice: boolean): FieldError[] {
  const { attributes = {}, capacity = {}, nodeName, nodeSelector, allNodes } = device;
  const errors = checkString(`${path}.name`, device.name ?? '', dnsLabel);
  const count = Object.keys(attributes).length + Object.keys(capacity).length;
  if (count > MAX_NAMES)
    errors.push(invalidValue(path, count, `the total number of attributes and capacities must not exceed ${MAX_NAMES}`));
  const values = Object.values(attributes).reduce((sum, attribute) => sum + valuesOf(attribute), 0);
  if (values > MAX_VALUES) errors.push(invalidValue(path, values, `the total number of attribute values must not exceed ${MAX_VALUES}`));
  for (const [name, attribute] of Object.entries(attributes))
    errors.push(...checkAttributeName(`${path}.attributes`, name), ...validateAttribute(attribute, `${path}.attributes[${name}]`));
  for (const [name, amount] of Object.entries(capacity))
    errors.push(
      ...checkAttributeName(`${path}.capacity`, name),
      ...validateCapacity(amount, `${path}.capacity[${name}]`, device.allowMultipleAllocations === true),
    );
  errors.push(
    ...checkList(`${path}.taints`, device.taints, { limit: MAX_TAINTS, check: validateDeviceTaint }),
    ...checkSet(`${path}.consumesCounters`, device.consumesCounters, {
      limit: MAX_CONSUMPTIONS,
      check: ({ counterSet, counters }, at) => [
        ...checkRequired(`${at}.counterSet`, counterSet, dnsLabel),
        ...validateCounters(`${at}.counters`, counters),
      ],
      keyOf: ({ counterSet }) => counterSet,
    }),
  );
  const only = 'is required when `perDeviceNodeSelection` is set to true in the ResourceSlice spec';
  if (perDevice) {
    const place = placeFaults({ nodeName, nodeSelector, allNodes } as Place, path, 'must not be empty');
    const one = `exactly one of \`nodeName\`, \`nodeSelector\`, or \`allNodes\` ${only}`;
    errors.push(...place.errors);
    if (place.set.length === 0) errors.push(requiredValue(path, one));
    if (place.set.length > 1) errors.push(invalidValue(path, `{${place.set.join(', ')}}`, one));
  } else if (nodeName !== undefined || nodeSelector !== undefined || allNodes !== undefined) {
    const why =
      '`nodeName`, `nodeSelector` and `allNodes` can only be set if `perDeviceNodeSelection` is set to true in the ResourceSlice spec';
    errors.push(invalidValue(path, null, why));
  }
  return [...errors, ...validateBinding(device.bindingConditions, device.bindingFailureConditions, path)];
}

function checkText(field: string, text: string, form: 'string' | 'version'): FieldError[] {
  return [
    ...(form === 'version' && !VERSION.test(text)
      ? [invalidValue(field, text, 'must be a string compatible with semver.org spec 2.0.0')]
      : []),
    ...(text.length > MAX_VALUE_LENGTH ? [tooLong(field, MAX_VALUE_LENGTH)] : []),
  ];
}

function validateAttribute(attribute: resource.DeviceAttribute, path: string): FieldError[] {
  const { string, version } = attribute;
  const fields = ['int', 'bool', 'string', 'version', ...LISTS] as const;
  const set = fields.filter((field) => attribute[field] !== undefined);
  const errors: FieldError[] = [];
  if (string !== undefined) errors.push(...checkText(`${path}.string`, string, 'string'));
  if (version !== undefined) errors.push(...checkText(`${path}.version`, version, 'version'));
  for (const list of LISTS)
    if (attribute[list]?.length === 0) errors.push(invalidValue(`${path}.${list}`, [], 'must not be empty if specified'));
  for (const list of ['strings', 'versions'] as const)
    for (const [index, text] of (attribute[list] ?? []).entries())
      errors.push(...checkText(`${path}.${list}[${index}]`, text, list === 'versions' ? 'version' : 'string'));
  if (set.length === 1) return errors;
  return [...errors, invalidValue(path, set.length === 0 ? '' : attribute, 'exactly one value must be specified')];
}

function validateCapacity({ value, requestPolicy: policy }: resource.DeviceCapacity, path: string, multiple: boolean): FieldError[] {
  if (!policy) return [];
  const at = `${path}.requestPolicy`;
  if (!multiple) return [forbiddenValue(at, 'allowMultipleAllocations must be true')];
  const { validValues = [], validRange, default: usual } = policy;
  const most = tryParseQuantity(value ?? '0');
  if (validValues.length > 0 && validRange)
    return [forbiddenValue(at, 'exactly one policy can be specified, cannot specify "validValues" and "validRange" at the same time')];
  if (!most || (validValues.length === 0 && !validRange)) return [];
  const kind = validRange ? 'validRange' : 'validValues';
  const ordinary = usual === undefined ? undefined : tryParseQuantity(usual);
  if (!ordinary) return [requiredValue(`${at}.default`, `required when ${kind} is defined`)];
  return validRange
    ? validateRange(validRange, `${at}.validRange`, { most, ordinary })
    : validateValues(validValues, `${at}.validValues`, { most, ordinary });
}

interface Bounds {
  readonly most: Quantity;
  readonly ordinary: Quantity;
}

function validateValues(values: readonly string[], path: string, { most, ordinary }: Bounds): FieldError[] {
  const amounts = values.map((text) => tryParseQuantity(text));
  const errors: FieldError[] = [];
  for (const [index, amount] of amounts.entries()) {
    const before = amounts[index - 1];
    if (amount && before && before.compare(amount) > 0)
      errors.push(invalidValue(`${path}[${index}]`, amount.toString(), 'values must be sorted in ascending order'));
  }
  errors.push(
    ...checkSet(path, values, {
      limit: MAX_OPTIONS,
      check: (text, at) => {
        const amount = tryParseQuantity(text);
        return amount && amount.compare(most) > 0
          ? [invalidValue(at, amount.toString(), `option is larger than capacity value: ${most}`)]
          : [];
      },
      keyOf: (text) => tryParseQuantity(text)?.nanos.toString() ?? text,
    }),
  );
  if (amounts.some((amount) => amount?.equals(ordinary))) return errors;
  return [...errors, invalidValue(path, ordinary.toString(), 'default value is not valid according to the requestPolicy')];
}

function validateRange(range: resource.CapacityRequestPolicyRange, path: string, { most, ordinary }: Bounds): FieldError[] {
  const read = (text: string | undefined): Quantity | undefined => (text === undefined ? undefined : tryParseQuantity(text));
  const [min, max, step] = [read(range.min), read(range.max), read(range.step)];
  if (!min) return [requiredValue(`${path}.min`, 'required when validRange is defined')];
  const errors: FieldError[] = [];
  const bad = (field: string, value: Quantity, why: string): unknown =>
    errors.push(invalidValue(`${path}.${field}`, value.toString(), why));
  if (min.compare(most) > 0) bad('min', min, `min is larger than capacity value: ${most}`);
  if (ordinary.compare(min) < 0) bad('default', ordinary, `default is less than min: ${min}`);
  if (max) {
    if (min.compare(max) > 0) bad('max', min, `min is larger than max: ${max}`);
    if (max.compare(most) > 0) bad('max', max, `max is larger than capacity value: ${most}`);
    if (ordinary.compare(max) > 0) bad('default', ordinary, `default is more than max: ${max}`);
  }
  if (!step) return errors;
  if (step.sign() <= 0) {
    bad('step', step, 'must be greater than zero');
    return errors;
  }
  const once = min.add(step);
  if (once.compare(most) > 0) bad('step', step, `one step ${once} is larger than capacity value: ${most}`);
  for (const value of max ? [ordinary, max] : [ordinary])
    if ((value.nanos - min.nanos) % step.nanos !== 0n)
      bad('step', value, `value is not a multiple of a given step (${step}) from (${min})`);
  return errors;
}
