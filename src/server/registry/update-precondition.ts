// Whether an update is about the object as it is now: by its uid and its resource version.

import type { KubeObject } from '../../api/object.ts';
import { conflict, invalid, MODIFIED } from '../../api/status-error.ts';
import type { ServedResource } from './served-resource.ts';

/** Checks uid and resource version of a draft against the current object; true when the draft names no version of its own. @throws StatusError Conflict */
export function checkVersion(served: ServedResource, draft: KubeObject, current: KubeObject, verb: string): boolean {
  const { name = '' } = current.metadata;
  const { uid, resourceVersion = '' } = draft.metadata ?? {};
  if (uid && uid !== current.metadata.uid) {
    throw conflict(served.info, name, `Precondition failed: UID in precondition: ${uid}, UID in object meta: ${current.metadata.uid}`);
  }
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
