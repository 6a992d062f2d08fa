// Namespaces: held by spec.finalizers until the namespace controller has emptied them.

import type * as core from '../../../api/types/core-v1.gen.ts';
import type { Strategy } from '../strategy.ts';

const KUBERNETES = 'kubernetes';

/** Strategy of namespaces. */
export const namespaceStrategy: Strategy<core.Namespace> = {
  prepareForCreate(namespace) {
    namespace.status = { phase: 'Active' };
    const finalizers = namespace.spec?.finalizers ?? [];
    namespace.spec = { ...namespace.spec, finalizers: finalizers.includes(KUBERNETES) ? finalizers : [...finalizers, KUBERNETES] };
  },
  named(namespace) {
    const { name = '', labels } = namespace.metadata;
    namespace.metadata.labels = { ...labels, 'kubernetes.io/metadata.name': name };
  },
  prepareForUpdate(namespace, old) {
    // Finalizers change through /finalize only.
    if (old.spec) namespace.spec = old.spec;
    const { name = '', labels } = namespace.metadata;
    namespace.metadata.labels = { ...labels, 'kubernetes.io/metadata.name': name };
  },
  holdOnDelete(namespace) {
    const held = (namespace.spec?.finalizers?.length ?? 0) > 0;
    if (namespace.metadata.deletionTimestamp && !Object.isFrozen(namespace))
      namespace.status = { ...namespace.status, phase: 'Terminating' };
    return held;
  },
};
