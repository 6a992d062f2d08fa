// Validation of the group resource.k8s.io: claims, their templates, classes; slices stand in device-slices.ts. Pure.
// Rules: "Dynamic Resource Allocation".

import type { FieldError } from '../status-error.ts';
import type * as resource from '../types/resource-v1.gen.ts';
import { validateNodeSelector } from './affinity.ts';
import { CLAIM_SPEC } from './claim-form.ts';
import { validateTemplateMeta } from './claims.ts';
import { validateConditions } from './conditions.ts';
import { MAX_ALTERNATIVES, MAX_REQUESTS } from './device-expressions.ts';
import {
  checkClassName,
  checkFullName,
  checkList,
  checkPoolName,
  checkRawObject,
  checkSet,
  validateBinding,
  validateConfiguration,
  validateDeviceToleration,
  validateSelectors,
} from './device-parts.ts';
import {
  checkImmutable,
  checkPresent,
  checkString,
  eachItem,
  forbiddenValue,
  IMMUTABLE,
  invalidValue,
  notSupported,
  requiredValue,
  requireOneOf,
  tooLong,
  tooMany,
} from './field-error.ts';
import { internalForm } from './internal-form.ts';
import { dnsLabel } from './object-meta.ts';
import { extendedResourceName } from './resources.ts';
import { semanticEqual } from './semantic-equal.ts';
import { checkDriverName, interfaceAddress } from './strings.ts';

export { validateResourceSlice, validateResourceSliceUpdate } from './device-slices.ts';

const MAX_CONSTRAINTS = 32;
const MAX_CONFIGS = 32;
const MAX_CONSUMERS = 256;
const MAX_RESULTS = 32;
const MAX_CONDITIONS = 8;
const MAX_DATA = 10 << 10;
const MAX_INTERFACE = 256;
const MAX_HARDWARE = 128;
const MAX_IPS = 16;
const BAD_REFERENCE = "must be the name of a request in the claim or the name of a request and a subrequest separated by '/'";

/** `request` and `request/alternative` of a claim. */
type RequestNames = ReadonlySet<string>;

function requestNames(claim: resource.DeviceClaim | undefined): RequestNames {
  const names = (claim?.requests ?? []).flatMap(({ name, firstAvailable = [] }) => [
    name,
    ...firstAvailable.map((sub) => `${name}/${sub.name}`),
  ]);
  return new Set(names);
}

function checkReference(field: string, name: string, names: RequestNames): FieldError[] {
  const segments = name.split('/');
  if (segments.length > 2) return [invalidValue(field, name, BAD_REFERENCE)];
  const errors = segments.flatMap((segment) => checkString(field, segment, dnsLabel));
  return names.has(name) ? errors : [...errors, invalidValue(field, name, BAD_REFERENCE)];
}

const references = (path: string, list: readonly string[] | undefined, names: RequestNames): FieldError[] =>
  checkSet(path, list, { limit: MAX_REQUESTS, check: (name, at) => checkReference(at, name, names), keyOf: (name) => name });

/** What an exact request and an alternative have in common. */
function validateWish(wish: resource.ExactDeviceRequest, path: string): FieldError[] {
  const { allocationMode: mode = 'ExactCount', count = 0 } = wish;
  const errors = [
    ...checkClassName(`${path}.deviceClassName`, wish.deviceClassName),
    ...validateSelectors(`${path}.selectors`, wish.selectors),
  ];
  if (mode === 'All') {
    if (count !== 0) errors.push(invalidValue(`${path}.count`, count, "must not be specified when allocationMode is 'All'"));
  } else if (mode === 'ExactCount') {
    if (wish.count !== undefined && count <= 0) errors.push(invalidValue(`${path}.count`, count, 'must be greater than zero'));
  } else errors.push(notSupported(`${path}.allocationMode`, mode, ['All', 'ExactCount']));
  return [...errors, ...eachItem(`${path}.tolerations`, wish.tolerations, validateDeviceToleration)];
}

function validateRequest(request: resource.DeviceRequest, path: string): FieldError[] {
  const { name = '', exactly, firstAvailable = [] } = request;
  const errors = checkString(`${path}.name`, name, dnsLabel);
  const one = 'exactly one of `exactly` or `firstAvailable` is required';
  if (exactly && firstAvailable.length > 0) return [...errors, invalidValue(path, null, `${one}, but multiple fields are set`)];
  if (exactly) return [...errors, ...validateWish(exactly, `${path}.exactly`)];
  if (firstAvailable.length === 0) return [...errors, requiredValue(path, one)];
  const check = (sub: resource.DeviceSubRequest, at: string): FieldError[] => [
    ...checkString(`${at}.name`, sub.name ?? '', dnsLabel),
    ...validateWish(sub, at),
  ];
  return [...errors, ...checkSet(`${path}.firstAvailable`, firstAvailable, { limit: MAX_ALTERNATIVES, check, keyOf: (sub) => sub.name })];
}

function validateConstraint(constraint: resource.DeviceConstraint, path: string, names: RequestNames): FieldError[] {
  const { matchAttribute, distinctAttribute } = constraint;
  const errors = references(`${path}.requests`, constraint.requests, names);
  if (matchAttribute !== undefined) return [...errors, ...checkFullName(`${path}.matchAttribute`, matchAttribute)];
  if (distinctAttribute !== undefined) return [...errors, ...checkFullName(`${path}.distinctAttribute`, distinctAttribute)];
  return [
    ...errors,
    requiredValue(path, 'exactly one of "matchAttribute" or "distinctAttribute" is required, but multiple fields are set'),
  ];
}

function validateDevices(claim: resource.DeviceClaim | undefined, path: string): FieldError[] {
  if (!claim) return [];
  const names = requestNames(claim);
  return [
    ...checkSet(`${path}.requests`, claim.requests, { limit: MAX_REQUESTS, check: validateRequest, keyOf: ({ name }) => name }),
    ...checkList(`${path}.constraints`, claim.constraints, {
      limit: MAX_CONSTRAINTS,
      check: (constraint, at) => validateConstraint(constraint, at, names),
    }),
    ...checkList(`${path}.config`, claim.config, {
      limit: MAX_CONFIGS,
      check: (config, at) => [...references(`${at}.requests`, config.requests, names), ...validateConfiguration(config, at)],
    }),
  ];
}

/** Validates a ResourceClaim. */
export function validateResourceClaim({ spec }: resource.ResourceClaim): FieldError[] {
  return validateDevices(spec?.devices, 'spec.devices');
}

/** What a claim asks for does not change. */
export function validateResourceClaimUpdate(object: resource.ResourceClaim, old: resource.ResourceClaim): FieldError[] {
  return semanticEqual(object.spec, old.spec) ? [] : [invalidValue('spec', internalForm(object.spec, CLAIM_SPEC), IMMUTABLE)];
}

/** Validates a ResourceClaimTemplate. */
export function validateClaimTemplate({ spec }: resource.ResourceClaimTemplate): FieldError[] {
  return [...validateTemplateMeta(spec.metadata, 'spec.metadata'), ...validateDevices(spec.spec?.devices, 'spec.spec.devices')];
}

/** A template does not change. */
export function validateClaimTemplateUpdate(object: resource.ResourceClaimTemplate, old: resource.ResourceClaimTemplate): FieldError[] {
  if (semanticEqual(object.spec, old.spec)) return [];
  // Members of the metadata stand beside the spec inside.
  const shown = { ...object.spec.metadata, Spec: internalForm(object.spec.spec, CLAIM_SPEC) };
  return [invalidValue('spec', shown, IMMUTABLE)];
}

/** Validates a DeviceClass. */
export function validateDeviceClass({ spec }: resource.DeviceClass): FieldError[] {
  const { extendedResourceName: name } = spec;
  return [
    ...validateSelectors('spec.selectors', spec.selectors),
    ...checkList('spec.config', spec.config, { limit: MAX_CONFIGS, check: validateConfiguration }),
    ...(name === undefined || extendedResourceName(name)
      ? []
      : [invalidValue('spec.extendedResourceName', name, 'must be a valid extended resource name')]),
  ];
}

const NORMAL_UID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;
/** The lengths of the forms of a UID: plain digits, with hyphens, in braces, as a URN. */
const UID_LENGTHS: readonly number[] = [32, 36, 38, 45];
const ANY_UID = /^([0-9a-f]{32}|(urn:uuid:|\{)?[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}\}?)$/i;

function shareFaults(field: string, id: string | undefined): FieldError[] {
  if (id === undefined || NORMAL_UID.test(id)) return [];
  const length = Buffer.byteLength(id);
  const fault = UID_LENGTHS.includes(length) ? (ANY_UID.test(id) ? '' : 'invalid UUID format') : `invalid UUID length: ${length}`;
  const form = '`xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx` with lowercase hexadecimal characters';
  return [invalidValue(field, id, fault ? `error validating uid: ${fault}` : `uid must be in RFC 4122 normalized form, ${form}`)];
}

const deviceKey = ({ driver, pool, device, shareID }: { driver: string; pool: string; device: string; shareID?: string }): string =>
  `${driver}/${pool}/${device}${shareID ? `/${shareID}` : ''}`;

/** Validates a write of a claim's status. */
export function validateResourceClaimStatus(object: resource.ResourceClaim, old: resource.ResourceClaim): FieldError[] {
  const { reservedFor = [], allocation, devices } = object.status ?? {};
  const errors = checkSet('status.reservedFor', reservedFor, {
    limit: MAX_CONSUMERS,
    check: (consumer, at) => (['resource', 'name', 'uid'] as const).flatMap((field) => checkPresent(`${at}.${field}`, consumer[field])),
    keyOf: ({ uid }) => uid,
  });
  const allocated = new Set((allocation?.devices?.results ?? []).map(deviceKey));
  errors.push(
    ...checkSet('status.devices', devices, {
      limit: Number.POSITIVE_INFINITY,
      check: (device, at) => validateDeviceStatus(device, at, allocated),
      keyOf: deviceKey,
    }),
  );
  if (reservedFor.length > 0 && !allocation)
    errors.push(forbiddenValue('status.reservedFor', 'may not be specified when `allocated` is not set'));
  else if (object.metadata.deletionTimestamp) {
    const before = new Set((old.status?.reservedFor ?? []).map(({ uid }) => uid));
    const why = 'new entries may not be added while `deallocationRequested` or `deletionTimestamp` are set';
    if (reservedFor.some(({ uid }) => !before.has(uid))) errors.push(forbiddenValue('status.reservedFor', why));
  }
  if (!allocation) return errors;
  if (old.status?.allocation) return [...errors, ...checkImmutable('status.allocation', allocation, old.status.allocation)];
  return [...errors, ...validateAllocation(allocation, 'status.allocation', requestNames(object.spec?.devices))];
}

function validateAllocation(allocation: resource.AllocationResult, path: string, names: RequestNames): FieldError[] {
  const { devices, nodeSelector } = allocation;
  return [
    ...checkList(`${path}.devices.results`, devices?.results, {
      limit: MAX_RESULTS,
      check: (result, at) => [
        ...checkReference(`${at}.request`, result.request ?? '', names),
        ...checkDriverName(`${at}.driver`, result.driver),
        ...checkPoolName(`${at}.pool`, result.pool),
        ...checkString(`${at}.device`, result.device ?? '', dnsLabel),
        ...validateBinding(result.bindingConditions, result.bindingFailureConditions, at),
        ...eachItem(`${at}.tolerations`, result.tolerations, validateDeviceToleration),
        ...shareFaults(`${at}.shareID`, result.shareID),
      ],
    }),
    ...checkList(`${path}.devices.config`, devices?.config, {
      limit: 2 * MAX_CONFIGS,
      check: (config, at) => [
        ...requireOneOf(`${at}.source`, config.source, ['FromClaim', 'FromClass']),
        ...references(`${at}.requests`, config.requests, names),
        ...validateConfiguration(config, at),
      ],
    }),
    ...(nodeSelector ? validateNodeSelector(`${path}.nodeSelector`, nodeSelector) : []),
  ];
}

const DEVICE_ID = { driver: '', pool: '', device: '', shareID: '' };

function validateDeviceStatus(device: resource.AllocatedDeviceStatus, path: string, allocated: ReadonlySet<string>): FieldError[] {
  const { conditions = [], data, networkData } = device;
  const key = deviceKey(device);
  const errors = [
    ...checkDriverName(`${path}.driver`, device.driver),
    ...checkPoolName(`${path}.pool`, device.pool),
    ...checkString(`${path}.device`, device.device ?? '', dnsLabel),
    ...shareFaults(`${path}.shareID`, device.shareID),
  ];
  if (!allocated.has(key)) errors.push(invalidValue(path, internalForm(device, DEVICE_ID), 'must be an allocated device in the claim'));
  if (conditions.length > MAX_CONDITIONS) errors.push(tooMany(`${path}.conditions`, conditions.length, MAX_CONDITIONS));
  errors.push(...validateConditions(`${path}.conditions`, conditions));
  if (data !== undefined) errors.push(...checkRawObject(`${path}.data`, data, MAX_DATA));
  return networkData ? [...errors, ...validateNetworkData(networkData, `${path}.networkData`)] : errors;
}

function validateNetworkData({ interfaceName = '', hardwareAddress = '', ips }: resource.NetworkDeviceData, path: string): FieldError[] {
  return [
    ...(interfaceName.length > MAX_INTERFACE ? [tooLong(`${path}.interfaceName`, MAX_INTERFACE)] : []),
    ...(hardwareAddress.length > MAX_HARDWARE ? [tooLong(`${path}.hardwareAddress`, MAX_HARDWARE)] : []),
    ...checkSet(`${path}.ips`, ips, { limit: MAX_IPS, check: (ip, at) => checkString(at, ip, interfaceAddress), keyOf: (ip) => ip }),
  ];
}
