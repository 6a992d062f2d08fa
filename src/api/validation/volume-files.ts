// Validation of the files that volumes are made of: their paths, modes and contents. Pure.

import type { FieldError } from '../status-error.ts';
import type { DownwardAPIVolumeFile, KeyToPath } from '../types/core-v1.gen.ts';
import { validateFieldRef, validateResourceRef } from './environment.ts';
import { checkPresent, checkString, eachItem, invalidValue, requiredValue } from './field-error.ts';
import { localNonReservedPath } from './strings.ts';

const MAX_MODE = 0o777;

/** The mode of a file. */
export function checkMode(field: string, mode: number | undefined): FieldError[] {
  return mode === undefined || (mode >= 0 && mode <= MAX_MODE)
    ? []
    : [invalidValue(field, mode, 'must be a number between 0 and 0777 (octal), both inclusive')];
}

/** The path of a file below its volume. */
export function checkFilePath(field: string, path: string | undefined): FieldError[] {
  return [...checkPresent(field, path), ...checkString(field, path ?? '', localNonReservedPath)];
}

/** Keys that become files. */
export function validateItems(path: string, items: readonly KeyToPath[] | undefined): FieldError[] {
  return eachItem(path, items, (item, at) => [
    ...checkPresent(`${at}.key`, item.key),
    ...checkFilePath(`${at}.path`, item.path),
    ...checkMode(`${at}.mode`, item.mode),
  ]);
}

/** The files of a ConfigMap or Secret as a volume. */
export function validateFiles(path: string, source: { defaultMode?: number; items?: readonly KeyToPath[] }): FieldError[] {
  return [...checkMode(`${path}.defaultMode`, source.defaultMode), ...validateItems(`${path}.items`, source.items)];
}

/** A file that holds a field of the pod or a resource of a container. */
export function validateDownwardFile(file: DownwardAPIVolumeFile, path: string): FieldError[] {
  const { fieldRef, resourceFieldRef } = file;
  const errors = checkFilePath(`${path}.path`, file.path);
  if (fieldRef) {
    errors.push(...validateFieldRef(`${path}.fieldRef`, fieldRef, 'volume'));
    if (resourceFieldRef) errors.push(invalidValue(path, 'resource', 'fieldRef and resourceFieldRef can not be specified simultaneously'));
  } else if (resourceFieldRef) errors.push(...validateResourceRef(`${path}.resourceFieldRef`, resourceFieldRef, 'volume'));
  else errors.push(requiredValue(path, 'one of fieldRef and resourceFieldRef is required'));
  return [...errors, ...checkMode(`${path}.mode`, file.mode)];
}
