// How the registry has objects validated: metadata by the rules of every object, the rest by those of its kind.

import type { KubeObject } from '../../api/object.ts';
import type { ResourceInfo } from '../../api/resources.ts';
import { groupResourceString } from '../../api/resources.ts';
import { type FieldError, invalid } from '../../api/status-error.ts';
import { type MetaRules, nameCheck, validateObjectMeta, validateObjectMetaUpdate } from '../../api/validation/object-meta.ts';
import { hasRules, validateCreate, validateUpdate } from '../../api/validation/validate.ts';
import { warningsOf } from '../../api/warnings/warnings.ts';
import type { ApiCall } from '../../client/api-backend.ts';
import { kindOf, kindSubject, type ServedResource } from './served-resource.ts';

/** Validates objects of any kind; empty = no fault. */
export interface Validator {
  validateCreate(info: ResourceInfo, object: KubeObject): FieldError[];
  /** `subresource` is `''` for the resource itself. */
  validateUpdate(info: ResourceInfo, object: KubeObject, old: KubeObject, subresource: string): FieldError[];
}

const metaRules = (info: ResourceInfo): MetaRules => ({
  namespaced: info.namespaced,
  name: nameCheck(groupResourceString(info)),
  builtin: hasRules(kindOf(info)),
});

type Update = readonly [info: ResourceInfo, object: KubeObject, old: KubeObject, subresource: string];

const updateFaults = (...[info, object, old, subresource]: Update): FieldError[] => [
  ...validateObjectMeta(object.metadata, metaRules(info)),
  ...validateObjectMetaUpdate(object.metadata, old.metadata),
  ...validateUpdate(kindOf(info), object, old, subresource),
];

/**
 * Faults that a write of the object as it was would have too are not this write's: what was stored before a rule came can still be changed,
 * and its finalizers removed. Only looked for when there are faults.
 */
function withoutFormer(faults: readonly FieldError[], former: readonly FieldError[]): FieldError[] {
  const same = (a: FieldError) => (b: FieldError) => a.field === b.field && a.detail === b.detail;
  return faults.filter((fault) => !former.some(same(fault)));
}

/** Validates metadata by the rules of every object, and the rest by those of the kind. */
export const BUILTIN_VALIDATOR: Validator = {
  validateCreate: (info, object) => [...validateObjectMeta(object.metadata, metaRules(info)), ...validateCreate(kindOf(info), object)],
  validateUpdate(info, object, old, subresource) {
    const faults = updateFaults(info, object, old, subresource);
    return faults.length === 0 ? faults : withoutFormer(faults, updateFaults(info, old, old, subresource));
  },
};

/** Throws when there are faults. @throws StatusError Invalid */
export function demandValid(served: ServedResource, name: string, errors: readonly FieldError[]): void {
  if (errors.length === 0) return;
  const subject = kindSubject(served.info);
  // Events of both groups are one kind inside, and faults name that.
  throw invalid(subject.group === 'events.k8s.io' ? { ...subject, group: '' } : subject, name, errors);
}

/** Tells a caller that hears warnings what it is warned of in an object that is valid; `old` is what the object replaces. */
export function warnOf(
  { info }: ServedResource,
  { warn }: ApiCall,
  objects: { readonly object: KubeObject; readonly old?: KubeObject },
): void {
  if (warn) for (const text of warningsOf(kindOf(info), objects.object, objects.old)) warn(text);
}
