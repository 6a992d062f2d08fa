// PodTolerationRestriction (not on by default): annotations of a namespace give its pods tolerations and bound those that they may have.
// Rules: admission controllers reference, "PodTolerationRestriction"; without cluster-wide defaults.

import { deepEqual } from '../../api/copy.ts';
import { qosClass } from '../../api/pod-resources.ts';
import type { Pod, Toleration } from '../../api/types/core-v1.gen.ts';
import { NAMESPACES } from '../../client/resources.ts';
import type { AdmissionPlugin, AdmissionRequest } from './admission.ts';
import { type AdmissionReader, isAbout } from './admission-reader.ts';
import { refusal } from './refusal.ts';

const DEFAULTS = 'scheduler.alpha.kubernetes.io/defaultTolerations';
const WHITELIST = 'scheduler.alpha.kubernetes.io/tolerationsWhitelist';
const MEMORY_PRESSURE: Toleration = { key: 'node.kubernetes.io/memory-pressure', operator: 'Exists', effect: 'NoSchedule' };

/** The plugin; `reader` answers for namespaces. */
export function podTolerationRestriction(reader: AdmissionReader): AdmissionPlugin {
  return {
    name: 'PodTolerationRestriction',
    admit(request) {
      if (request.operation !== 'CREATE' || !isAbout(request, '', 'pods') || !request.object) return;
      const pod = request.object as Pod; // The resource says so.
      const present = pod.spec.tolerations ?? [];
      const given = [...(annotated(request, reader, DEFAULTS) ?? []), ...(qosClass(pod) === 'BestEffort' ? [] : [MEMORY_PRESSURE])];
      const added = given.filter((toleration) => !present.some((other) => covers(other, toleration)));
      if (added.length > 0) pod.spec.tolerations = [...present, ...added];
    },
    validate(request) {
      if (!isAbout(request, '', 'pods') || !request.object) return;
      // The resource says what the objects are.
      const { tolerations = [] } = (request.object as Pod).spec;
      if (deepEqual(tolerations, (request.oldObject as Pod | undefined)?.spec.tolerations ?? [])) return;
      const allowed = annotated(request, reader, WHITELIST);
      if (!allowed || allowed.length === 0) return;
      const own = tolerations.filter((toleration) => !deepEqual(toleration, MEMORY_PRESSURE));
      if (own.every((toleration) => allowed.some((other) => covers(other, toleration)))) return;
      throw refusal(request, 'pod tolerations (possibly merged with namespace default tolerations) conflict with its namespace whitelist');
    },
  };
}

function annotated(request: AdmissionRequest, reader: AdmissionReader, key: string): Toleration[] | undefined {
  const text = reader.get(NAMESPACES, { namespace: '', name: request.namespace })?.metadata.annotations?.[key];
  if (text === undefined || text === '') return undefined;
  try {
    const value: unknown = JSON.parse(text);
    if (Array.isArray(value)) return value as Toleration[]; // Members are compared, whatever they are.
  } catch {
    // Told below, with what is not a list.
  }
  throw refusal(request, `annotation ${key} of namespace ${request.namespace} is no list of tolerations`);
}

/** Whether every taint that `inner` tolerates is tolerated by `outer`, and as long. */
function covers(outer: Toleration, inner: Toleration): boolean {
  const operator = (toleration: Toleration): string => toleration.operator || 'Equal';
  if (outer.key && outer.key !== inner.key) return false;
  if (outer.effect && outer.effect !== inner.effect) return false;
  if (outer.effect === 'NoExecute' && outer.tolerationSeconds !== undefined) {
    if (inner.tolerationSeconds === undefined || inner.tolerationSeconds > outer.tolerationSeconds) return false;
  }
  if (operator(outer) === 'Exists') return true;
  return operator(inner) === 'Equal' && (outer.value ?? '') === (inner.value ?? '');
}
