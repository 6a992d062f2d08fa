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

const imageFaults = (source: core.ImageVolumeSource, path: string): FieldError[] => [
  ...checkPresent(`${path}.reference`, source.reference),
  ...checkOneOf(`${path}.pullPolicy`, source.pullPolicy, ['Always', 'IfNotPresent', 'Never']),
];

function ephemeralFaults(source: core.EphemeralVolumeSource, path: string): FieldError[] {
  const template = source.volumeClaimTemplate;
  if (!template) return [requiredValue(`${path}.volumeClaimTemplate`)];
  return validateClaimTemplate(template, `${path}.volumeClaimTemplate`);
}

const SOURCE_RULES: Readonly<Record<string, SourceRule>> = {
  ...SHARED_SOURCES,
  emptyDir: emptyDirFaults,
  secret: secretFaults,
  persistentVolumeClaim: claimFaults,
  downwardAPI: downwardFaults,
  configMap: configMapFaults,
  projected: validateProjected,
  ephemeral: ephemeralFaults,
  image: imageFaults,
};

/** In upstream's order, which says which of two sources is the one too many. */
const SOURCES = [
  'emptyDir', 'hostPath', 'gitRepo', 'gcePersistentDisk', 'awsElasticBlockStore', 'secret', 'nfs', 'iscsi', 'glusterfs', 'flocker',
  'persistentVolumeClaim', 'rbd', 'cinder', 'cephfs', 'quobyte', 'downwardAPI', 'fc', 'flexVolume', 'configMap', 'azureFile',
  'vsphereVolume', 'photonPersistentDisk', 'portworxVolume', 'azureDisk', 'storageos', 'projected', 'scaleIO', 'csi', 'ephemeral', 'image',
] as const; // biome-ignore format: a list of names
const RULES: readonly (readonly [string, SourceRule])[] = SOURCES.flatMap((name) => {
  const rule = SOURCE_RULES[name];
  return rule ? [[name, rule] as const] : [];
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
  const { name, ephemeral } = volume;
  const errors = validateSources(volume, RULES, { persistent: false, name, path, volumePath: path });
  if (ephemeral && podName !== '' && name) {
    const claim = `${podName}-${name}`;
    for (const why of dnsSubdomain(claim)) errors.push(invalidValue(`${path}.name`, name, `PVC name ${JSON.stringify(claim)}: ${why}`));
  }
  errors.push(...(name ? checkString(`${path}.name`, name, dnsLabel) : [requiredValue(`${path}.name`)]));
  return errors;
}
