// How the registry has objects validated: by functions that are passed in, with metadata only as the least.

import type { KubeObject } from '../../api/object.ts';
import type { ResourceInfo } from '../../api/resources.ts';
import { groupResourceString } from '../../api/resources.ts';
import { type FieldError, invalid } from '../../api/status-error.ts';
import { nameCheck, validateObjectMeta, validateObjectMetaUpdate } from '../../api/validation/object-meta.ts';
import { kindSubject, type ServedResource } from './served-resource.ts';

/** Validates objects of any kind; empty = no fault. */
export interface Validator {
  validateCreate(info: ResourceInfo, object: KubeObject): FieldError[];
  /** `subresource` is `''` for the resource itself. */
  validateUpdate(info: ResourceInfo, object: KubeObject, old: KubeObject, subresource: string): FieldError[];
}

const metaRules = (info: ResourceInfo) => ({ namespaced: info.namespaced, name: nameCheck(groupResourceString(info)) });

/** Validates metadata and nothing else. */
export const META_VALIDATOR: Validator = {
  validateCreate: (info, object) => validateObjectMeta(object.metadata, metaRules(info)),
  validateUpdate: (info, object, old) => [
    ...validateObjectMeta(object.metadata, metaRules(info)),
    ...validateObjectMetaUpdate(object.metadata, old.metadata),
  ],
};

/** Throws when there are faults. @throws StatusError Invalid */
export function demandValid(served: ServedResource, name: string, errors: readonly FieldError[]): void {
  if (errors.length > 0) throw invalid(kindSubject(served.info), name, errors);
}
