// namespaces/finalize: the only way to take finalizers out of a namespace's spec; after the last one a deleted namespace is gone.

import type * as core from '../../../api/types/core-v1.gen.ts';
import type { ObjectView } from '../subresource.ts';

/** The sub-resource. */
export const finalizeView: ObjectView = {
  type: 'object',
  prepare(object, old) {
    const { spec } = object as core.Namespace; // the view is of namespaces
    const before = old as core.Namespace;
    const { resourceVersion } = object.metadata;
    const metadata = { ...before.metadata, ...(resourceVersion !== undefined && { resourceVersion }) };
    Object.assign(object, { metadata, status: before.status, spec: { ...before.spec, finalizers: spec?.finalizers ?? [] } });
  },
};
