// Validation of PersistentVolumeClaims and of claims in templates. Pure. Rules: "Persistent Volumes", "Volume Attributes Classes".

import { tryParseQuantity } from '../quantity.ts';
import type { FieldError } from '../status-error.ts';
import type { PersistentVolumeClaim, PersistentVolumeClaimSpec, PersistentVolumeClaimTemplate } from '../types/core-v1.gen.ts';
import type { ObjectMeta } from '../types/meta-v1.gen.ts';
import { validateLabelSelector } from './affinity.ts';
import {
  checkImmutable,
  checkOptional,
  checkPresent,
  checkString,
  forbiddenValue,
  IMMUTABLE,
  invalidValue,
  notSupported,
  requiredValue,
} from './field-error.ts';
import { dnsLabel, dnsSubdomain, qualifiedName, validateAnnotations, validateLabels } from './object-meta.ts';
import { checkAmount, checkBasicQuantity, checkPositiveQuantity } from './resources.ts';
import { changesOf, changeText, semanticEqual } from './semantic-equal.ts';

const ACCESS_MODES = ['ReadOnlyMany', 'ReadWriteMany', 'ReadWriteOnce', 'ReadWriteOncePod'];
const VOLUME_MODES = ['Block', 'Filesystem'];
const BETA_CLASS = 'volume.beta.kubernetes.io/storage-class';

/** Validates the access modes of a claim or volume at `<path>.accessModes`; `why` explains that one is needed. */
export function validateAccessModes(path: string, modes: readonly string[] | undefined, why = ''): FieldError[] {
  const field = `${path}.accessModes`;
  if (!modes?.length) return [requiredValue(field, why)];
  const errors = modes.filter((mode) => !ACCESS_MODES.includes(mode)).map((mode) => notSupported(field, mode, ACCESS_MODES));
  const others = modes.some((mode) => mode !== 'ReadWriteOncePod' && ACCESS_MODES.includes(mode));
  if (modes.includes('ReadWriteOncePod') && others)
    errors.push(forbiddenValue(field, 'may not use ReadWriteOncePod with other access modes'));
  return errors;
}

/** The mode of a claim or volume. */
export function checkVolumeMode(field: string, mode: string | undefined): FieldError[] {
  return mode === undefined || VOLUME_MODES.includes(mode) ? [] : [notSupported(field, mode, VOLUME_MODES)];
}

function validateSize(field: string, amount: string | undefined): FieldError[] {
  if (amount === undefined) return [requiredValue(field)];
  const errors = checkPositiveQuantity(field, amount);
  return errors.length > 0 ? errors : checkAmount(field, 'storage', amount);
}

/** Validates the spec of a claim at `path`. */
export function validateClaimSpec(spec: PersistentVolumeClaimSpec, path: string): FieldError[] {
  return [
    ...validateAccessModes(path, spec.accessModes, 'at least 1 access mode is required'),
    ...validateLabelSelector(`${path}.selector`, spec.selector),
    ...validateSize(`${path}.resources[storage]`, spec.resources?.requests?.['storage']),
    ...checkOptional(`${path}.storageClassName`, spec.storageClassName, dnsSubdomain),
    ...checkVolumeMode(`${path}.volumeMode`, spec.volumeMode),
    ...validateSources(spec, path),
    ...checkOptional(`${path}.volumeAttributesClassName`, spec.volumeAttributesClassName, dnsSubdomain),
  ];
}

/** What a claim is filled from. */
function validateSources(spec: PersistentVolumeClaimSpec, path: string): FieldError[] {
  const { dataSource, dataSourceRef } = spec;
  const errors: FieldError[] = [];
  for (const field of ['dataSource', 'dataSourceRef'] as const) {
    const source = spec[field];
    if (!source) continue;
    const at = `${path}.${field}`;
    errors.push(...checkPresent(`${at}.name`, source.name), ...checkPresent(`${at}.kind`, source.kind));
    if (!source.apiGroup && source.kind !== 'PersistentVolumeClaim')
      errors.push(invalidValue(at, source.kind, "must be 'PersistentVolumeClaim' when referencing the default apiGroup"));
    errors.push(...checkOptional(`${at}.apiGroup`, source.apiGroup, dnsSubdomain));
  }
  errors.push(...checkOptional(`${path}.dataSourceRef.namespace`, dataSourceRef?.namespace, dnsLabel));
  if (!dataSource || !dataSourceRef) return errors;
  if (dataSourceRef.namespace) errors.push(invalidValue(path, {}, 'may not be specified when dataSourceRef.namespace is specified'));
  else if (!semanticEqual(dataSource, dataSourceRef)) errors.push(invalidValue(path, {}, 'must match dataSourceRef'));
  return errors;
}

/** Validates metadata of which only labels and annotations count. */
export function validateTemplateMeta(meta: ObjectMeta | undefined, path: string): FieldError[] {
  if (!meta) return [];
  const { labels, annotations, ...rest } = meta;
  const set = Object.entries(rest).filter(([, value]) => value !== undefined && value !== null && value !== '');
  return [
    ...validateAnnotations(annotations ?? {}, `${path}.annotations`),
    ...validateLabels(labels ?? {}, `${path}.labels`),
    ...set.map(([name]) => forbiddenValue(`${path}.${name}`, 'cannot be set')),
  ];
}

/** Validates the claim in an ephemeral volume. */
export function validateClaimTemplate(template: PersistentVolumeClaimTemplate, path: string): FieldError[] {
  return [...validateTemplateMeta(template.metadata, `${path}.metadata`), ...validateClaimSpec(template.spec, `${path}.spec`)];
}

/** Validates a PersistentVolumeClaim. */
export function validateClaim({ spec }: PersistentVolumeClaim): FieldError[] {
  return validateClaimSpec(spec, 'spec');
}

const CLAIM_RULE = 'spec is immutable after creation except resources.requests and volumeAttributesClassName for bound claims';

/** Validates an update: a claim's spec stays, but for growing and for what the binder fills in. */
export function validateClaimUpdate(claim: PersistentVolumeClaim, old: PersistentVolumeClaim): FieldError[] {
  const { spec } = claim;
  const classMoved = movesFromAnnotation(claim, old);
  const errors = validateClaim(claim);
  if (!classMoved) {
    const [now = '', before = ''] = [claim.metadata.annotations?.[BETA_CLASS], old.metadata.annotations?.[BETA_CLASS]];
    if (now !== before) errors.push(invalidValue(`metadata.annotations.${BETA_CLASS}`, now, IMMUTABLE));
  }
  const classFree = classMoved || fillsClass(claim, old);
  const bound = claim.status?.phase === 'Bound';
  const changes = changesOf(old.spec, spec).filter(({ path, from, to }) => {
    if (path === 'volumeName') return Boolean(from);
    if (path === 'storageClassName') return !classFree;
    if (path === 'volumeAttributesClassName') return !(bound && to !== undefined);
    return !(bound && path === 'resources.requests.storage');
  });
  if (changes.length > 0) errors.push(forbiddenValue('spec', `${CLAIM_RULE}${changeText('core.PersistentVolumeClaimSpec', changes)}`));
  return [
    ...errors,
    ...checkShrinking(claim, old),
    ...checkImmutable('volumeMode', spec.volumeMode, old.spec.volumeMode),
    ...checkAttributesClass(spec.volumeAttributesClassName, old.spec.volumeAttributesClassName),
  ];
}

function checkShrinking(claim: PersistentVolumeClaim, old: PersistentVolumeClaim): FieldError[] {
  const size = (text: string | undefined) => tryParseQuantity(text ?? '0');
  const [now, before] = [size(claim.spec.resources?.requests?.['storage']), size(old.spec.resources?.requests?.['storage'])];
  const has = size(old.status?.capacity?.['storage']);
  if (!now || !before || !has || now.compare(before) >= 0 || now.compare(has) > 0) return [];
  return [forbiddenValue('spec.resources.requests.storage', 'field can not be less than status.capacity')];
}

function checkAttributesClass(now: string | undefined, before: string | undefined): FieldError[] {
  if (before === undefined || now === before) return [];
  const field = 'spec.volumeAttributesClassName';
  if (now === undefined) return [forbiddenValue(field, 'update from non-nil value to nil is forbidden')];
  return now === '' ? [forbiddenValue(field, 'update from non-nil value to an empty string is forbidden')] : [];
}

/** The class of a claim may move from the old annotation into the field. */
function movesFromAnnotation(claim: PersistentVolumeClaim, old: PersistentVolumeClaim): boolean {
  const before = old.metadata.annotations?.[BETA_CLASS];
  const now = claim.metadata.annotations?.[BETA_CLASS];
  return (
    before !== undefined &&
    old.spec.storageClassName === undefined &&
    claim.spec.storageClassName === before &&
    (now === undefined || now === before)
  );
}

/** A claim without a class gets the default class later. */
function fillsClass(claim: PersistentVolumeClaim, old: PersistentVolumeClaim): boolean {
  const name = claim.spec.storageClassName;
  const annotated = old.metadata.annotations?.[BETA_CLASS];
  return name !== undefined && old.spec.storageClassName === undefined && (annotated === undefined || annotated === name);
}

const RESIZE_STATES = [
  'ControllerResizeInProgress', 'ControllerResizeInfeasible', 'NodeResizeInProgress', 'NodeResizeInfeasible', 'NodeResizePending',
]; // biome-ignore format: a list of names

/** Only storage is claimed, beside resources of others' domains. */
function checkClaimResource(field: string, name: string): FieldError[] {
  const errors = checkString(field, name, qualifiedName);
  const native = !name.includes('/') || name.includes('kubernetes.io/');
  return errors.length > 0 || !native || name === 'storage' ? errors : [notSupported(field, name, ['storage'])];
}

/** Validates a write of a claim's status. */
export function validateClaimStatus({ status }: PersistentVolumeClaim): FieldError[] {
  const errors: FieldError[] = [];
  for (const [name, text] of Object.entries(status?.capacity ?? {})) errors.push(...checkBasicQuantity(`status.capacity[${name}]`, text));
  for (const [name, state] of Object.entries(status?.allocatedResourceStatuses ?? {})) {
    const field = 'status.allocatedResourceStatuses';
    errors.push(...checkClaimResource(field, name));
    if (!RESIZE_STATES.includes(state)) errors.push(notSupported(field, name, RESIZE_STATES));
  }
  for (const [name, text] of Object.entries(status?.allocatedResources ?? {})) {
    const field = `status.allocatedResources[${name}]`;
    const faults = checkClaimResource('status.allocatedResources', name);
    if (faults.length === 0) faults.push(...checkBasicQuantity(field, text));
    errors.push(...(faults.length > 0 ? faults : checkAmount(field, 'storage', text)));
  }
  return errors;
}
