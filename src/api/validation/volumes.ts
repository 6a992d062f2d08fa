// Validation of pods' volumes. Pure. Rules: "Volumes", and upstream's messages.

import type { FieldError } from '../status-error.ts';
import type { KeyToPath, ProjectedVolumeSource, Volume, VolumeProjection } from '../types/core-v1.gen.ts';
import {
  checkOneOf,
  checkRequired,
  checkString,
  duplicates,
  eachItem,
  forbiddenValue,
  invalidValue,
  requiredValue,
} from './field-error.ts';
import { dnsLabel } from './object-meta.ts';
import { checkQuantity } from './resources.ts';
import { localPath } from './strings.ts';

const HOST_PATH_TYPES = ['', 'BlockDevice', 'CharDevice', 'Directory', 'DirectoryOrCreate', 'File', 'FileOrCreate', 'Socket'];

/** Every volume source a pod may name, in the order of the API. */
const SOURCES = [
  'hostPath', 'emptyDir', 'gcePersistentDisk', 'awsElasticBlockStore', 'gitRepo', 'secret', 'nfs', 'iscsi', 'glusterfs', 'persistentVolumeClaim', 'rbd', 'flexVolume',
  'cinder', 'cephfs', 'flocker', 'downwardAPI', 'fc', 'azureFile', 'configMap', 'vsphereVolume', 'quobyte', 'azureDisk', 'photonPersistentDisk', 'projected',
  'portworxVolume', 'scaleIO', 'storageos', 'csi', 'ephemeral', 'image',
] as const satisfies readonly (keyof Volume)[]; // biome-ignore format: a list of names

/** Validates the volumes of a pod. */
export function validateVolumes(path: string, volumes: readonly Volume[] | undefined): FieldError[] {
  return [
    ...eachItem(path, volumes, validateVolume),
    ...duplicates(
      volumes ?? [],
      (volume) => volume.name,
      (index) => `${path}[${index}].name`,
    ),
  ];
}

function validateVolume(volume: Volume, path: string): FieldError[] {
  const present = SOURCES.filter((source) => volume[source] !== undefined);
  const errors = checkRequired(`${path}.name`, volume.name, dnsLabel);
  if (present.length === 0) errors.push(requiredValue(path, 'must specify a volume type'));
  for (const extra of present.slice(1)) errors.push(forbiddenValue(`${path}.${extra}`, 'may not specify more than 1 volume type'));
  return [...errors, ...validateSource(volume, path)];
}

function validateSource(volume: Volume, path: string): FieldError[] {
  const { hostPath, emptyDir, secret, configMap, downwardAPI, projected, persistentVolumeClaim, nfs } = volume;
  const errors: FieldError[] = [];
  if (hostPath) {
    if (!hostPath.path) errors.push(requiredValue(`${path}.hostPath.path`));
    if (hostPath.path?.split('/').includes('..'))
      errors.push(invalidValue(`${path}.hostPath.path`, hostPath.path, "must not contain '..'"));
    errors.push(...checkOneOf(`${path}.hostPath.type`, hostPath.type, HOST_PATH_TYPES));
  }
  if (emptyDir?.sizeLimit !== undefined) errors.push(...checkQuantity(`${path}.emptyDir.sizeLimit`, emptyDir.sizeLimit));
  if (emptyDir)
    errors.push(
      ...checkOneOf(`${path}.emptyDir.medium`, emptyDir.medium, ['', 'Memory', 'HugePages']).filter(
        () => !emptyDir.medium?.startsWith('HugePages-'),
      ),
    );
  if (secret) {
    if (!secret.secretName) errors.push(requiredValue(`${path}.secret.secretName`));
    errors.push(...validateFiles(`${path}.secret`, secret));
  }
  if (configMap) {
    if (!configMap.name) errors.push(requiredValue(`${path}.configMap.name`));
    errors.push(...validateFiles(`${path}.configMap`, configMap));
  }
  if (downwardAPI) errors.push(...validateMode(`${path}.downwardAPI.defaultMode`, downwardAPI.defaultMode));
  if (projected) errors.push(...validateProjected(`${path}.projected`, projected));
  if (persistentVolumeClaim && !persistentVolumeClaim.claimName) errors.push(requiredValue(`${path}.persistentVolumeClaim.claimName`));
  if (nfs) {
    if (!nfs.server) errors.push(requiredValue(`${path}.nfs.server`));
    if (!nfs.path) errors.push(requiredValue(`${path}.nfs.path`));
    else if (!nfs.path.startsWith('/')) errors.push(invalidValue(`${path}.nfs.path`, nfs.path, 'must be an absolute path'));
  }
  return errors;
}

function validateMode(field: string, mode: number | undefined): FieldError[] {
  return mode === undefined || (mode >= 0 && mode <= 0o777)
    ? []
    : [invalidValue(field, mode, 'must be a number between 0 and 0777 (octal), both inclusive')];
}

function validateFiles(path: string, source: { defaultMode?: number; items?: readonly KeyToPath[] }): FieldError[] {
  return [
    ...validateMode(`${path}.defaultMode`, source.defaultMode),
    ...eachItem(`${path}.items`, source.items, (item, at) => [
      ...(item.key ? [] : [requiredValue(`${at}.key`)]),
      ...(item.path ? checkString(`${at}.path`, item.path, localPath) : [requiredValue(`${at}.path`)]),
      ...validateMode(`${at}.mode`, item.mode),
    ]),
  ];
}

function validateProjected(path: string, projected: ProjectedVolumeSource): FieldError[] {
  return [
    ...validateMode(`${path}.defaultMode`, projected.defaultMode),
    ...eachItem(`${path}.sources`, projected.sources, validateProjection),
  ];
}

function validateProjection(source: VolumeProjection, path: string): FieldError[] {
  const errors: FieldError[] = [];
  const { secret, configMap, serviceAccountToken: token } = source;
  if (secret) errors.push(...(secret.name ? [] : [requiredValue(`${path}.secret.name`)]), ...validateFiles(`${path}.secret`, secret));
  if (configMap)
    errors.push(...(configMap.name ? [] : [requiredValue(`${path}.configMap.name`)]), ...validateFiles(`${path}.configMap`, configMap));
  if (token) {
    const seconds = token.expirationSeconds ?? 3600;
    if (seconds < 600)
      errors.push(
        invalidValue(`${path}.serviceAccountToken.expirationSeconds`, seconds, 'may not specify a duration less than 10 minutes'),
      );
    if (seconds > 2 ** 32)
      errors.push(
        invalidValue(`${path}.serviceAccountToken.expirationSeconds`, seconds, 'may not specify a duration larger than 2^32 seconds'),
      );
    if (!token.path) errors.push(requiredValue(`${path}.serviceAccountToken.path`));
  }
  return errors;
}
