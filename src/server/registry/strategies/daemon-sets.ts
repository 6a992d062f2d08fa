// DaemonSets count how often their template has changed; apps/v1 shows the count in an annotation, which is the server's own.

import { deepEqual } from '../../../api/copy.ts';
import { TEMPLATE_GENERATION } from '../../../api/defaults/workloads.ts';
import type { KubeObject } from '../../../api/object.ts';
import type { DaemonSet } from '../../../api/types/apps-v1.gen.ts';
import type { Strategy } from '../strategy.ts';

const countOf = ({ metadata }: KubeObject): number => Number.parseInt(metadata.annotations?.[TEMPLATE_GENERATION] ?? '0', 10) || 0;

function setCount({ metadata }: KubeObject, count: number): void {
  metadata.annotations = { ...metadata.annotations, [TEMPLATE_GENERATION]: String(count) };
}

/** Starts the count at 1 and raises it with each change of the template, whatever a client writes. */
export const daemonSetStrategy: Strategy<DaemonSet & KubeObject> = {
  prepareForCreate(set) {
    delete set.status;
    setCount(set, Math.max(1, countOf(set)));
  },
  prepareForUpdate(set, old) {
    setCount(set, countOf(old) + (deepEqual(set.spec.template, old.spec.template) ? 0 : 1));
  },
  prepareForStatusUpdate(set, old) {
    set.spec = old.spec;
    setCount(set, countOf(old));
  },
};
