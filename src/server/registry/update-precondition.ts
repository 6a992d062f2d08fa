// Whether an update is about the object as it is now: by its uid and its resource version.

import type { KubeObject } from '../../api/object.ts';
import { conflict, invalid, MODIFIED, type StatusError } from '../../api/status-error.ts';
import { IMMUTABLE, invalidValue } from '../../api/validation/field-error.ts';
import { keyFor, kindSubject, type ServedResource } from './served-resource.ts';

/** Checks uid and resource version of a draft against the current object; true when the draft names no version of its own. @throws StatusError Conflict */
export function checkVersion(served: ServedResource, draft: KubeObject, current: KubeObject, verb: string): boolean {
  const { name = '' } = current.metadata;
  const { uid, resourceVersion = '' } = draft.metadata ?? {};
  if (uid && uid !== current.metadata.uid) throw verb === 'patch' ? uidChanged(served, name, uid) : otherUid(served, current, uid);
  if (verb === 'update' && (resourceVersion === '' || resourceVersion === '0') && served.flags.conditionalUpdate) {
    // Upstream names the resource here, where other faults name the kind.
    throw invalid(served.info, name, [
      { type: 'FieldValueInvalid', field: 'metadata.resourceVersion', detail: 'Invalid value: 0: must be specified for an update' },
    ]);
  }
  if (resourceVersion !== '' && resourceVersion !== '0' && resourceVersion !== current.metadata.resourceVersion) {
    throw conflict(served.info, name, MODIFIED);
  }
  // A patch that does not touch the version carries that of the object it was applied to: it may be applied again.
  return resourceVersion === '' || resourceVersion === '0' || verb === 'patch' || verb === 'create';
}

/** 422 for a patch that would change the uid: controllers that adopt objects take it for an object of that name made anew. */
function uidChanged(served: ServedResource, name: string, uid: string): StatusError {
  const error = invalidValue('metadata.uid', uid, IMMUTABLE);
  // Upstream finds it twice: among what no update changes, and in the metadata.
  return invalid(kindSubject(served.info), name, [error, error]);
}

/** 409 for an update of an object that has another uid now. */
function otherUid(served: ServedResource, { metadata }: KubeObject, uid: string): StatusError {
  const { namespace = '', name = '' } = metadata;
  return conflict(served.info, name, storageConflict(keyFor(served, namespace, name), { asked: uid, found: metadata.uid ?? '' }));
}

/** Why a write about one uid does not fit what is stored at a key. */
export function storageConflict(key: string, uid: { asked: string; found: string }): string {
  const failed = `Precondition failed: UID in precondition: ${uid.asked}, UID in object meta: ${uid.found}`;
  return `StorageError: invalid object, Code: 4, Key: ${key}, ResourceVersion: 0, AdditionalErrorMsg: ${failed}`;
}
