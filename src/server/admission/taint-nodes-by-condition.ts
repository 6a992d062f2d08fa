// TaintNodesByCondition: a new node is tainted not-ready until the node lifecycle controller has seen its conditions, so that
// nothing is scheduled on it in between. Rules: admission controllers reference, "TaintNodesByCondition".

import type { Node } from '../../api/types/core-v1.gen.ts';
import type { AdmissionPlugin } from './admission.ts';
import { isAbout } from './admission-reader.ts';

const NOT_READY = { key: 'node.kubernetes.io/not-ready', effect: 'NoSchedule' };

/** The plugin. */
export const taintNodesByCondition: AdmissionPlugin = {
  name: 'TaintNodesByCondition',
  admit(request) {
    if (request.operation !== 'CREATE' || !isAbout(request, '', 'nodes') || !request.object) return;
    const node = request.object as Node; // The resource says so.
    const taints = node.spec.taints ?? [];
    if (!taints.some((taint) => taint.key === NOT_READY.key && taint.effect === NOT_READY.effect))
      node.spec.taints = [...taints, NOT_READY];
  },
};
