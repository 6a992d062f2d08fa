// Validation of what containers do with the pod's volumes: mounts and raw devices. Pure. Rules: "Volumes", "Raw Block Volume Support".

import type { FieldError } from '../status-error.ts';
import type { Container, Volume, VolumeDevice, VolumeMount } from '../types/core-v1.gen.ts';
import { checkPresent, checkString, forbiddenValue, invalidValue, notFoundValue, notSupported, requiredValue } from './field-error.ts';
import { localPath, noBacksteps } from './strings.ts';

const PROPAGATIONS = ['Bidirectional', 'HostToContainer', 'None'];
const RECURSIVE = ['Disabled', 'Enabled', 'IfPossible'];

/** The pod's volumes by name. */
export type VolumesByName = ReadonlyMap<string, Volume>;

/** Validates the mounts and devices of a container. */
export function validateMounts(path: string, container: Container, volumes: VolumesByName): FieldError[] {
  const { volumeMounts = [], volumeDevices = [] } = container;
  const privileged = container.securityContext?.privileged === true;
  const paths = new Set<string>();
  const errors = volumeMounts.flatMap((mount, index) => {
    const at = `${path}.volumeMounts[${index}]`;
    const faults = [
      ...validateMount(at, mount, { volumes, devices: volumeDevices, again: paths.has(mount.mountPath) }),
      // Upstream reports these at the list and not at the item.
      ...validateMountModes(`${path}.volumeMounts`, mount, privileged),
    ];
    paths.add(mount.mountPath);
    return faults;
  });
  return volumeDevices.length === 0
    ? errors
    : [...errors, ...validateDevices(`${path}.volumeDevices`, volumeDevices, { volumes, mounts: volumeMounts })];
}

function validateMount(
  at: string,
  mount: VolumeMount,
  { volumes, devices, again }: { volumes: VolumesByName; devices: readonly VolumeDevice[]; again: boolean },
): FieldError[] {
  const { name, mountPath, subPath, subPathExpr } = mount;
  const volume = volumes.get(name);
  const errors: FieldError[] = [];
  if (!name) errors.push(requiredValue(`${at}.name`));
  if (!volume) errors.push(notFoundValue(`${at}.name`, name));
  if (!mountPath) errors.push(requiredValue(`${at}.mountPath`));
  if (again) errors.push(invalidValue(`${at}.mountPath`, mountPath, 'must be unique'));
  if (devices.some((device) => device.name === name))
    errors.push(invalidValue(`${at}.name`, name, 'must not already exist in volumeDevices'));
  if (devices.some((device) => device.devicePath === mountPath))
    errors.push(invalidValue(`${at}.mountPath`, mountPath, 'must not already exist as a path in volumeDevices'));
  if (subPath && subPathExpr) errors.push(invalidValue(`${at}.subPathExpr`, subPathExpr, 'subPathExpr and subPath are mutually exclusive'));
  return errors;
}

function validateMountModes(path: string, mount: VolumeMount, privileged: boolean): FieldError[] {
  const { subPath, subPathExpr, mountPropagation, recursiveReadOnly } = mount;
  const errors: FieldError[] = [];
  if (subPath) errors.push(...checkString(`${path}.subPath`, subPath, localPath));
  if (subPathExpr) errors.push(...checkString(`${path}.subPathExpr`, subPathExpr, localPath));
  if (mountPropagation !== undefined) {
    const field = `${path}.mountPropagation`;
    if (!PROPAGATIONS.includes(mountPropagation)) errors.push(notSupported(field, mountPropagation, PROPAGATIONS));
    if (mountPropagation === 'Bidirectional' && !privileged)
      errors.push(forbiddenValue(field, 'Bidirectional mount propagation is available only to privileged containers'));
  }
  if (recursiveReadOnly === undefined || recursiveReadOnly === 'Disabled') return errors;
  const field = `${path}.recursiveReadOnly`;
  if (!RECURSIVE.includes(recursiveReadOnly)) return [...errors, notSupported(field, recursiveReadOnly, RECURSIVE)];
  if (!mount.readOnly) errors.push(forbiddenValue(field, 'may only be specified when readOnly is true'));
  if (mountPropagation !== undefined && mountPropagation !== 'None')
    errors.push(forbiddenValue(field, 'may only be specified when mountPropagation is None or not specified'));
  return errors;
}

function validateDevices(
  path: string,
  devices: readonly VolumeDevice[],
  { volumes, mounts }: { volumes: VolumesByName; mounts: readonly VolumeMount[] },
): FieldError[] {
  const names = new Set<string>();
  const paths = new Set<string>();
  return devices.flatMap(({ name, devicePath }, index) => {
    const at = `${path}[${index}]`;
    const volume = volumes.get(name);
    const errors = checkPresent(`${at}.name`, name);
    const bad = (field: 'name' | 'devicePath', why: string): unknown =>
      errors.push(invalidValue(`${at}.${field}`, field === 'name' ? name : devicePath, why));
    if (names.has(name)) bad('name', 'must be unique');
    if (volume && !volume.persistentVolumeClaim && !volume.ephemeral)
      bad('name', 'can only use volume source type of PersistentVolumeClaim or Ephemeral for block mode');
    if (!volume) errors.push(notFoundValue(`${at}.name`, name));
    errors.push(...checkPresent(`${at}.devicePath`, devicePath));
    if (paths.has(devicePath)) bad('devicePath', 'must be unique');
    if (devicePath && noBacksteps(devicePath).length > 0) bad('devicePath', "can not contain backsteps ('..')");
    else paths.add(devicePath);
    if (mounts.some((mount) => mount.name === name)) bad('name', 'must not already exist in volumeMounts');
    if (mounts.some((mount) => mount.mountPath === devicePath)) bad('devicePath', 'must not already exist as a path in volumeMounts');
    if (name) names.add(name);
    return errors;
  });
}
