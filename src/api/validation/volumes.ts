// Validation of pods' volumes. Pure. Rules: "Volumes", "Projected Volumes", "Ephemeral Volumes".

import { tryParseQuantity } from '../quantity.ts';
import type { FieldError } from '../status-error.ts';
import type * as core from '../types/core-v1.gen.ts';
import { validateClaimTemplate } from './claims.ts';
import {
  checkOneOf,
  checkPresent,
  checkString,
  duplicateValue,
  eachItem,
  forbiddenValue,
  invalidValue,
  requiredValue,
} from './field-error.ts';
import { dnsLabel, dnsSubdomain } from './object-meta.ts';
import { validateProjected } from './projections.ts';
import { checkMode, validateDownwardFile, validateFiles } from './volume-files.ts';
import { SHARED_SOURCES, type SourceRule, validateSources } from './volume-sources.ts';

function emptyDirFaults({ sizeLimit }: core.EmptyDirVolumeSource, path: string): FieldError[] {
  const limit = sizeLimit === undefined ? undefined : tryParseQuantity(sizeLimit);
  return limit && limit.sign() < 0 ? [forbiddenValue(`${path}.sizeLimit`, 'SizeLimit field must be a valid resource quantity')] : [];
}

const secretFaults = (source: core.SecretVolumeSource, path: string): FieldError[] => [
  ...checkPresent(`${path}.secretName`, source.secretName),
  ...validateFiles(path, source),
];

const configMapFaults = (source: core.ConfigMapVolumeSource, path: string): FieldError[] => [
  ...checkPresent(`${path}.name`, source.name),
  ...validateFiles(path, source),
];

const claimFaults = (source: core.PersistentVolumeClaimVolumeSource, path: string): FieldError[] =>
  checkPresent(`${path}.claimName`, source.claimName);

/** Files are reported at the volume and not by their place, as upstream does. */
const downwardFaults = (source: core.DownwardAPIVolumeSource, path: string): FieldError[] => [
  ...checkMode(`${path}.defaultMode`, source.defaultMode),
  ...(source.items ?? []).flatMap((file) => validateDownwardFile(file, path)),
];

function imageFaults(source: core.ImageVolumeSource, path: string): FieldError[] {
  return checkOneOf(`${path}.pullPolicy`, source.pullPolicy, ['Always', 'IfNotPresent', 'Never']);
}

function ephemeralFaults(source: core.EphemeralVolumeSource, path: string): FieldError[] {
  const template = source.volumeClaimTemplate;
  if (!template) return [requiredValue(`${path}.volumeClaimTemplate`)];
  return validateClaimTemplate(template, `${path}.volumeClaimTemplate`);
}

const { hostPath, gitRepo, gcePersistentDisk, awsElasticBlockStore, nfs, iscsi, csi, local: _local, ...others } = SHARED_SOURCES;

/** In upstream's order, which says which of two sources is the one too many. */
const RULES: readonly (readonly [string, SourceRule])[] = Object.entries<SourceRule>({
  emptyDir: emptyDirFaults,
  hostPath,
  gitRepo,
  gcePersistentDisk,
  awsElasticBlockStore,
  secret: secretFaults,
  nfs,
  iscsi,
  persistentVolumeClaim: claimFaults,
  ...others,
  downwardAPI: downwardFaults,
  configMap: configMapFaults,
  projected: validateProjected,
  csi,
  ephemeral: ephemeralFaults,
  image: imageFaults,
});

/** Validates the volumes of a pod. `podName` is the name of a real pod, whose ephemeral volumes become claims; `''` in templates. */
export function validateVolumes(path: string, volumes: readonly core.Volume[] | undefined, podName = ''): FieldError[] {
  if (!volumes) return [];
  const names = new Set<string>();
  const created = new Set(podName === '' ? [] : volumes.filter((volume) => volume.ephemeral).map(({ name }) => `${podName}-${name}`));
  return eachItem(path, volumes, (volume, at) => {
    const errors = validateVolume(volume, at, podName);
    if (names.has(volume.name)) errors.push(duplicateValue(`${at}.name`, volume.name));
    else if (errors.length === 0) names.add(volume.name);
    const claim = volume.persistentVolumeClaim?.claimName ?? '';
    if (created.has(claim)) {
      const why = 'must not reference a PVC that gets created for an ephemeral volume';
      errors.push(invalidValue(`${at}.persistentVolumeClaim.claimName`, claim, why));
    }
    return errors;
  });
}

function validateVolume(volume: core.Volume, path: string, podName: string): FieldError[] {
  const { name, ephemeral, image } = volume;
  const errors = validateSources(volume, RULES, { persistent: false, name, path, volumePath: path });
  if (ephemeral && podName !== '' && name) {
    const claim = `${podName}-${name}`;
    for (const why of dnsSubdomain(claim)) errors.push(invalidValue(`${path}.name`, name, `PVC name ${JSON.stringify(claim)}: ${why}`));
  }
  if (image && podName !== '' && !image.reference) errors.push(requiredValue(`${path}.image.reference`));
  errors.push(...(name ? checkString(`${path}.name`, name, dnsLabel) : [requiredValue(`${path}.name`)]));
  return errors;
}
