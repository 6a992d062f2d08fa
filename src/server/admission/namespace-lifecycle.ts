// NamespaceLifecycle: nothing is created in a namespace that does not exist or is being terminated, and the namespaces the
// cluster lives in are not deleted. Rules: admission controllers reference, "NamespaceLifecycle".

import { forbidden, notFound, StatusError } from '../../api/status-error.ts';
import { NAMESPACES } from '../../client/resources.ts';
import type { AdmissionPlugin, AdmissionRequest } from './admission.ts';
import type { AdmissionReader } from './admission-reader.ts';
import { refusal } from './refusal.ts';

const IMMORTAL: ReadonlySet<string> = new Set(['default', 'kube-system', 'kube-public']);
/** Reviews tell something about a namespace and put nothing into it. */
const REVIEWS: ReadonlySet<string> = new Set(['localsubjectaccessreviews', 'subjectaccessreviews']);

/** The plugin; `reader` answers for namespaces. */
export function namespaceLifecycle(reader: AdmissionReader): AdmissionPlugin {
  return {
    name: 'NamespaceLifecycle',
    admit(request) {
      const { resource, operation } = request;
      if (resource.group === '' && resource.resource === 'namespaces') {
        if (operation === 'DELETE' && IMMORTAL.has(request.name))
          throw forbidden(resource, request.name, 'this namespace may not be deleted');
        return;
      }
      if (operation !== 'CREATE' || request.namespace === '' || REVIEWS.has(resource.resource)) return;
      checkNamespace(request, reader);
    },
  };
}

function checkNamespace(request: AdmissionRequest, reader: AdmissionReader): void {
  const namespace = reader.get(NAMESPACES, { namespace: '', name: request.namespace });
  if (!namespace) throw notFound({ group: '', resource: 'namespaces' }, request.namespace);
  if (namespace.metadata.deletionTimestamp === undefined && namespace.status?.phase !== 'Terminating') return;
  const why = `unable to create new content in namespace ${request.namespace} because it is being terminated`;
  const error = refusal(request, why);
  const cause = {
    reason: 'NamespaceTerminating',
    message: `namespace ${request.namespace} is being terminated`,
    field: 'metadata.namespace',
  };
  throw new StatusError(error.code, error.reason, error.message, { ...error.status.details, causes: [cause] });
}
