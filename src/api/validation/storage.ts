// Validation of the group storage.k8s.io. Pure. Rules: "Storage Classes", "Volume Attributes Classes", "Storage Capacity", the CSI documentation.

import type { FieldError } from '../status-error.ts';
import type * as storage from '../types/storage-v1.gen.ts';
import { validateLabelSelector, validateTopologies } from './affinity.ts';
import {
  checkAmong,
  checkAtLeast,
  checkImmutable,
  checkOneOf,
  checkPresent,
  checkString,
  duplicateValue,
  eachItem,
  forbiddenValue,
  IMMUTABLE,
  invalidValue,
  notSupported,
  requiredValue,
  tooLong,
} from './field-error.ts';
import { internalForm } from './internal-form.ts';
import { dnsSubdomain, qualifiedName } from './object-meta.ts';
import { validateInlineVolume } from './persistent-volumes.ts';
import { checkQuantity } from './resources.ts';
import { semanticEqual } from './semantic-equal.ts';
import { checkDriverName } from './strings.ts';

const MAX_PARAMETERS = 512;
const MAX_PARAMETER_BYTES = 256 << 10;
const MAX_METADATA_BYTES = 256 << 10;
const MAX_MESSAGE = 1024;
const MAX_NODE_ID = 256;
const MIN_UPDATE_SECONDS = 10;
const MIN_TOKEN_SECONDS = 600;
const MAX_TOKEN_SECONDS = 2 ** 32;
const RECLAIM_POLICIES = ['Delete', 'Retain'];
const BINDING_MODES = ['Immediate', 'WaitForFirstConsumer'];

const bytesOf = (map: Readonly<Record<string, string>>): number =>
  Object.entries(map).reduce((sum, [key, value]) => sum + Buffer.byteLength(key) + Buffer.byteLength(value), 0);

function validateParameters(parameters: Readonly<Record<string, string>> = {}): FieldError[] {
  const path = 'parameters';
  const keys = Object.keys(parameters);
  if (keys.length > MAX_PARAMETERS) return [tooLong(path, MAX_PARAMETERS)];
  const errors = keys.includes('') ? [invalidValue(path, '', 'field can not be empty.')] : [];
  return bytesOf(parameters) > MAX_PARAMETER_BYTES ? [...errors, tooLong(path, MAX_PARAMETER_BYTES)] : errors;
}

function checkProvisioner(field: string, name: string | undefined): FieldError[] {
  if (!name) return [requiredValue(field)];
  // The fault is shown of the lower-case form that is checked.
  return checkString(field, name.toLowerCase(), qualifiedName);
}

/** Validates a StorageClass. */
export function validateStorageClass(object: storage.StorageClass): FieldError[] {
  return [
    ...checkProvisioner('provisioner', object.provisioner),
    ...validateParameters(object.parameters),
    ...checkOneOf('reclaimPolicy', object.reclaimPolicy, RECLAIM_POLICIES),
    ...checkAmong('volumeBindingMode', object.volumeBindingMode, BINDING_MODES),
    ...validateTopologies('allowedTopologies', object.allowedTopologies),
  ];
}

/** What a class means does not change. */
export function validateStorageClassUpdate(object: storage.StorageClass, old: storage.StorageClass): FieldError[] {
  const fixed = ['parameters', 'provisioner', 'reclaimPolicy', 'volumeBindingMode'] as const;
  return fixed.flatMap((field) => checkImmutable(field, object[field], old[field]));
}

/** Validates a VolumeAttributesClass. */
export function validateAttributesClass(object: storage.VolumeAttributesClass): FieldError[] {
  const empty = Object.keys(object.parameters ?? {}).length === 0;
  return [
    ...checkProvisioner('driverName', object.driverName),
    ...validateParameters(object.parameters),
    ...(empty ? [requiredValue('parameters', 'must contain at least one key/value pair')] : []),
  ];
}

/** What a class of attributes means does not change. */
export function validateAttributesClassUpdate(object: storage.VolumeAttributesClass, old: storage.VolumeAttributesClass): FieldError[] {
  const fixed = (['driverName', 'parameters'] as const).filter((field) => !semanticEqual(object[field], old[field]));
  const errors = fixed.map((field) => forbiddenValue(field, `updates to ${field} are forbidden.`));
  return [...errors, ...validateAttributesClass(object)];
}

/** Validates a new VolumeAttachment. */
export function validateAttachment(object: storage.VolumeAttachment): FieldError[] {
  const name = object.spec.source?.persistentVolumeName;
  return [
    ...validateAnyAttachment(object),
    ...(object.spec.attacher ? checkDriverName('spec.attacher', object.spec.attacher) : []),
    ...(name === undefined ? [] : checkString('spec.source.persistentVolumeName', name, dnsSubdomain)),
  ];
}

function validateAnyAttachment({ spec, status }: storage.VolumeAttachment): FieldError[] {
  const { persistentVolumeName: name, inlineVolumeSpec: inline } = spec.source ?? {};
  const path = 'spec.source';
  const errors = checkPresent('spec.attacher', spec.attacher);
  const one = 'must specify exactly one of inlineVolumeSpec and persistentVolumeName';
  if (inline && name !== undefined) errors.push(forbiddenValue(path, one));
  else if (inline) errors.push(...validateInlineVolume(inline, `${path}.inlineVolumeSpec`));
  else if (name === undefined) errors.push(requiredValue(path, one));
  else if (name === '') errors.push(requiredValue(`${path}.persistentVolumeName`, 'must specify non empty persistentVolumeName'));
  errors.push(...checkString('spec.nodeName', spec.nodeName ?? '', dnsSubdomain));
  if (bytesOf(status?.attachmentMetadata ?? {}) > MAX_METADATA_BYTES) errors.push(tooLong('status.attachmentMetadata', MAX_METADATA_BYTES));
  for (const field of ['attachError', 'detachError'] as const) {
    const error = status?.[field];
    if (Buffer.byteLength(error?.message ?? '') > MAX_MESSAGE) errors.push(tooLong(`status.${field}.message`, MAX_METADATA_BYTES));
    const code = error?.errorCode ?? 0;
    if (code < 0) errors.push(invalidValue(`status.${field}.errorCode`, code, 'must be between 0 and 2147483647, inclusive'));
  }
  return errors;
}

/** Validates an update of a VolumeAttachment or of its status: what is attached where does not change. */
export function validateAttachmentUpdate(object: storage.VolumeAttachment, old: storage.VolumeAttachment): FieldError[] {
  const errors = validateAttachment(object);
  return semanticEqual(object.spec, old.spec) ? errors : [...errors, invalidValue('spec', attachmentForm(object.spec), IMMUTABLE)];
}

const attachmentForm = ({ attacher = '', nodeName = '', source }: storage.VolumeAttachmentSpec): object => {
  const { persistentVolumeName: name = null, inlineVolumeSpec: inline = null } = source ?? {};
  return { Attacher: attacher, Source: { PersistentVolumeName: name, InlineVolumeSpec: inline }, NodeName: nodeName };
};

/** Validates a CSIDriver. */
export function validateCsiDriver({ spec }: storage.CSIDriver): FieldError[] {
  const seconds = spec.nodeAllocatableUpdatePeriodSeconds;
  const errors = [
    ...checkAmong('spec.fsGroupPolicy', spec.fsGroupPolicy, ['File', 'None', 'ReadWriteOnceWithFSType']),
    ...validateTokenRequests('spec.tokenRequests', spec.tokenRequests),
  ];
  for (const mode of spec.volumeLifecycleModes ?? [])
    if (mode !== 'Persistent' && mode !== 'Ephemeral')
      errors.push(notSupported('spec.volumeLifecycleModes', mode, ['Persistent', 'Ephemeral']));
  if (seconds !== undefined && seconds < MIN_UPDATE_SECONDS) {
    const why = `must be greater than or equal to ${MIN_UPDATE_SECONDS} seconds`;
    errors.push(invalidValue('spec.nodeAllocatableUpdatePeriodSeconds', seconds, why));
  }
  const inSecrets = spec.serviceAccountTokenInSecrets;
  if (inSecrets === undefined || spec.tokenRequests?.length) return errors;
  const why = 'serviceAccountTokenInSecrets is set but no tokenRequests are specified';
  return [...errors, invalidValue('spec.serviceAccountTokenInSecrets', inSecrets, why)];
}

function validateTokenRequests(path: string, requests: readonly storage.TokenRequest[] | undefined): FieldError[] {
  const audiences = new Set<string>();
  return eachItem(path, requests, ({ audience = '', expirationSeconds: seconds }, at) => {
    if (audiences.has(audience)) return [duplicateValue(`${at}.audience`, audience)];
    audiences.add(audience);
    if (seconds === undefined) return [];
    const field = `${at}.expirationSeconds`;
    if (seconds < MIN_TOKEN_SECONDS) return [invalidValue(field, seconds, 'may not specify a duration less than 10 minutes')];
    return seconds > MAX_TOKEN_SECONDS ? [invalidValue(field, seconds, 'may not specify a duration larger than 2^32 seconds')] : [];
  });
}

/** How a driver attaches and what its volumes live by do not change. Upstream's field has this name. */
export function validateCsiDriverUpdate({ spec }: storage.CSIDriver, { spec: old }: storage.CSIDriver): FieldError[] {
  return [
    ...checkImmutable('spec.attachedRequired', spec.attachRequired, old.attachRequired),
    ...checkImmutable('spec.volumeLifecycleModes', spec.volumeLifecycleModes, old.volumeLifecycleModes),
  ];
}

/** Validates a CSINode. */
export function validateCsiNode({ spec }: storage.CSINode): FieldError[] {
  const names = new Set<string>();
  return eachItem('spec.drivers', spec.drivers, (driver, at) => {
    const { name, nodeID = '', topologyKeys = [], allocatable } = driver;
    const errors = [...checkDriverName(`${at}.name`, name), ...checkPresent(`${at}.nodeID`, nodeID)];
    if (Buffer.byteLength(nodeID) > MAX_NODE_ID)
      errors.push(invalidValue(`${at}.nodeID`, nodeID, `must be ${MAX_NODE_ID} characters or less`));
    errors.push(...checkAtLeast(`${at}.allocatable.count`, allocatable?.count, 0));
    if (names.has(name)) errors.push(duplicateValue(`${at}.name`, name));
    names.add(name);
    for (const [index, key] of topologyKeys.entries()) {
      if (key === '') errors.push(requiredValue(at));
      if (topologyKeys.indexOf(key) < index) errors.push(duplicateValue(at, key));
      errors.push(...checkString(at, key, qualifiedName));
    }
    return errors;
  });
}

const CSI_DRIVER = { name: '', nodeID: '', topologyKeys: null, allocatable: null };

/** A driver of a node is what it is, but for how many volumes it takes. */
export function validateCsiNodeUpdate({ spec }: storage.CSINode, { spec: old }: storage.CSINode): FieldError[] {
  return (old.drivers ?? []).flatMap((before) => {
    const now = (spec.drivers ?? []).find(({ name }) => name === before.name);
    if (!now) return [];
    const same = now.nodeID === before.nodeID && semanticEqual(now.topologyKeys, before.topologyKeys);
    return same ? [] : [invalidValue('spec.drivers', internalForm({ ...now, allocatable: undefined }, CSI_DRIVER), IMMUTABLE)];
  });
}

/** Validates a CSIStorageCapacity. */
export function validateStorageCapacity(object: storage.CSIStorageCapacity): FieldError[] {
  return [
    ...validateLabelSelector('nodeTopology', object.nodeTopology),
    ...checkString('storageClassName', object.storageClassName ?? '', dnsSubdomain),
    ...(object.capacity === undefined ? [] : checkQuantity('capacity', object.capacity)),
  ];
}

/** Of which storage a capacity speaks does not change. */
export function validateStorageCapacityUpdate(object: storage.CSIStorageCapacity, old: storage.CSIStorageCapacity): FieldError[] {
  return [
    ...checkImmutable('nodeTopology', object.nodeTopology, old.nodeTopology),
    ...checkImmutable('storageClassName', object.storageClassName, old.storageClassName),
  ];
}
