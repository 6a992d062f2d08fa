// How admission says no: 403 with the name that the client knows the object by.

import { forbidden, type StatusError } from '../../api/status-error.ts';
import type { AdmissionRequest } from './admission.ts';

/** `pods "web" is forbidden: <why>`. An object without a name yet is called by its generateName, as upstream does. */
export function refusal(request: Pick<AdmissionRequest, 'resource' | 'name' | 'object'>, why: string): StatusError {
  const { name, generateName } = request.object?.metadata ?? {};
  return forbidden(request.resource, request.name || name || generateName || 'Unknown', why);
}
