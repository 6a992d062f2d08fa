// Validation of PersistentVolumes. Pure. Rules: "Persistent Volumes".

import type { FieldError } from '../status-error.ts';
import type { PersistentVolume, PersistentVolumeSpec } from '../types/core-v1.gen.ts';
import { validateNodeSelector } from './affinity.ts';
import { checkVolumeMode, validateAccessModes } from './claims.ts';
import {
  checkImmutable,
  checkOptional,
  checkString,
  forbiddenValue,
  IMMUTABLE,
  invalidValue,
  notSupported,
  requiredValue,
} from './field-error.ts';
import { dnsSubdomain } from './object-meta.ts';
import { checkBasicQuantity, checkPositiveQuantity } from './resources.ts';
import { type Change, changesOf, changeText } from './semantic-equal.ts';
import { SHARED_SOURCES, type SourceRule, validateSources } from './volume-sources.ts';

const RECLAIM_POLICIES = ['Delete', 'Recycle', 'Retain'];

/** In upstream's order, which says which of two sources is the one too many. */
const SOURCES = [
  'hostPath', 'gcePersistentDisk', 'awsElasticBlockStore', 'glusterfs', 'flocker', 'nfs', 'rbd', 'quobyte', 'cephfs', 'iscsi', 'cinder', 'fc',
  'flexVolume', 'azureFile', 'vsphereVolume', 'photonPersistentDisk', 'portworxVolume', 'azureDisk', 'scaleIO', 'local', 'storageos', 'csi',
] as const; // biome-ignore format: a list of names
const RULES: readonly (readonly [string, SourceRule])[] = SOURCES.map((name) => [name, SHARED_SOURCES[name]] as const);

function validateCapacity(path: string, capacity: Readonly<Record<string, string>> = {}): FieldError[] {
  const names = Object.keys(capacity);
  const field = `${path}.capacity`;
  const errors = names.length === 0 ? [requiredValue(field)] : [];
  if (capacity['storage'] === undefined || names.length > 1)
    errors.push(notSupported(field, names.length > 0 ? capacity : null, ['storage']));
  for (const [name, text] of Object.entries(capacity)) {
    const at = `${field}[${name}]`;
    errors.push(...checkBasicQuantity(at, text), ...checkPositiveQuantity(at, text));
  }
  return errors;
}

function validateAffinity(path: string, affinity: PersistentVolumeSpec['nodeAffinity']): FieldError[] {
  if (!affinity) return [];
  if (!affinity.required) return [requiredValue(`${path}.required`, 'must specify required node constraints')];
  return validateNodeSelector(`${path}.required`, affinity.required);
}

/** Validates the spec of a volume named `name`. */
function validateVolumeSpec(spec: PersistentVolumeSpec, path: string, name: string): FieldError[] {
  const { persistentVolumeReclaimPolicy: policy, hostPath } = spec;
  const errors = [...validateAccessModes(path, spec.accessModes), ...validateCapacity(path, spec.capacity)];
  if (policy && !RECLAIM_POLICIES.includes(policy))
    errors.push(notSupported(`${path}.persistentVolumeReclaimPolicy`, policy, RECLAIM_POLICIES));
  errors.push(
    ...validateAffinity(`${path}.nodeAffinity`, spec.nodeAffinity),
    ...validateSources(spec, RULES, { persistent: true, name, path, volumePath: path }),
  );
  if (spec.local && !spec.nodeAffinity) errors.push(requiredValue(`${path}.nodeAffinity`, 'Local volume requires node affinity'));
  if (policy === 'Recycle' && hostPath && /^(\/+\.?)*$/.test(hostPath.path ?? ''))
    errors.push(forbiddenValue(`${path}.persistentVolumeReclaimPolicy`, "may not be 'recycle' for a hostPath mount of '/'"));
  return [
    ...errors,
    ...checkOptional(`${path}.storageClassName`, spec.storageClassName, dnsSubdomain),
    ...checkVolumeMode(`${path}.volumeMode`, spec.volumeMode),
    ...validateAttributesClass(spec, path),
  ];
}

function validateAttributesClass({ volumeAttributesClassName: name, csi }: PersistentVolumeSpec, path: string): FieldError[] {
  if (name === undefined) return [];
  const field = `${path}.volumeAttributesClassName`;
  const errors = name === '' ? [requiredValue(field, 'an empty string is disallowed')] : checkString(field, name, dnsSubdomain);
  return csi ? errors : [...errors, requiredValue(`${path}.csi`, 'has to be specified when using volumeAttributesClassName')];
}

/** Validates a volume that stands in an attachment itself: one of CSI, without what binds a volume. */
export function validateInlineVolume(spec: PersistentVolumeSpec, path: string): FieldError[] {
  const where = 'in the context of inline volumes';
  const errors: FieldError[] = [];
  for (const field of ['claimRef', 'capacity', 'nodeAffinity', 'storageClassName'] as const)
    if (spec[field]) errors.push(forbiddenValue(`${path}.${field}`, `may not be specified ${where}`));
  if (!spec.csi) errors.push(requiredValue(`${path}.csi`, `has to be specified ${where}`));
  const { persistentVolumeReclaimPolicy: policy, volumeMode } = spec;
  if (policy && policy !== 'Retain') errors.push(forbiddenValue(`${path}.persistentVolumeReclaimPolicy`, `may only be Retain ${where}`));
  if (volumeMode !== undefined && volumeMode !== 'Filesystem')
    errors.push(forbiddenValue(`${path}.volumeMode`, `may not specify volumeMode other than Filesystem ${where}`));
  return [
    ...errors,
    ...validateAccessModes(path, spec.accessModes),
    ...validateSources(spec, RULES, { persistent: true, name: '', path, volumePath: path }),
  ];
}

/** Validates a PersistentVolume. */
export function validateVolume({ metadata, spec }: PersistentVolume): FieldError[] {
  return validateVolumeSpec(spec, 'spec', metadata.name ?? '');
}

/** Node labels that were renamed: a volume may follow. */
const RENAMED: Readonly<Record<string, string>> = {
  'failure-domain.beta.kubernetes.io/zone': 'topology.kubernetes.io/zone',
  'failure-domain.beta.kubernetes.io/region': 'topology.kubernetes.io/region',
  'beta.kubernetes.io/os': 'kubernetes.io/os',
  'beta.kubernetes.io/arch': 'kubernetes.io/arch',
  'beta.kubernetes.io/instance-type': 'node.kubernetes.io/instance-type',
};

/** Validates an update: what a volume is and where it can be reached from stay. What is wrong with the volume as such is told twice, as upstream does. */
export function validateVolumeUpdate(volume: PersistentVolume, { spec: old }: PersistentVolume): FieldError[] {
  const { spec } = volume;
  const names: readonly string[] = SOURCES;
  const changes = changesOf(old, spec).filter(({ path, from }) => {
    if (path === 'csi.controllerExpandSecretRef' && from === undefined) return false;
    return names.includes(path.split(/[.[]/, 1)[0] ?? '');
  });
  const errors = validateVolume(volume);
  if (changes.length > 0) {
    const why = `spec.persistentvolumesource is immutable after creation${changeText('core.PersistentVolumeSource', changes)}`;
    errors.push(forbiddenValue('spec.persistentvolumesource', why));
  }
  errors.push(...checkImmutable('volumeMode', spec.volumeMode, old.volumeMode));
  const renames = ({ path, from, to }: Change): boolean => path.endsWith('.key') && typeof from === 'string' && RENAMED[from] === to;
  if (old.nodeAffinity && changesOf(old.nodeAffinity, spec.nodeAffinity).some((change) => !renames(change)))
    errors.push(invalidValue('nodeAffinity', spec.nodeAffinity ?? null, `${IMMUTABLE}, except for updating from beta label to GA`));
  if (old.volumeAttributesClassName !== undefined && spec.volumeAttributesClassName === undefined)
    errors.push(forbiddenValue('spec.volumeAttributesClassName', 'update from non-nil value to nil is forbidden'));
  return errors;
}
