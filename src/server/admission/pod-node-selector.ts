// PodNodeSelector (not on by default): pods run only on the nodes that an annotation of their namespace selects.
// Rules: admission controllers reference, "PodNodeSelector"; without a cluster-wide default.

import type { Pod } from '../../api/types/core-v1.gen.ts';
import { NAMESPACES } from '../../client/resources.ts';
import type { AdmissionPlugin, AdmissionRequest } from './admission.ts';
import { type AdmissionReader, isAbout } from './admission-reader.ts';
import { refusal } from './refusal.ts';

const ANNOTATION = 'scheduler.alpha.kubernetes.io/node-selector';

/** The plugin; `reader` answers for namespaces. */
export function podNodeSelector(reader: AdmissionReader): AdmissionPlugin {
  return {
    name: 'PodNodeSelector',
    admit(request) {
      if (request.operation !== 'CREATE' || !isAbout(request, '', 'pods') || !request.object) return;
      const { spec } = request.object as Pod; // The resource says so.
      const wanted = selectorOf(request, reader);
      const present = spec.nodeSelector ?? {};
      const conflict = Object.entries(wanted).some(([key, value]) => present[key] !== undefined && present[key] !== value);
      if (conflict) throw refusal(request, 'pod node label selector conflicts with its namespace node label selector');
      if (Object.keys(wanted).length > 0) spec.nodeSelector = { ...wanted, ...present };
    },
  };
}

/** `a=b,c=d` of the namespace's annotation. @throws StatusError Forbidden when it is of another form */
function selectorOf(request: AdmissionRequest, reader: AdmissionReader): Record<string, string> {
  const text = reader.get(NAMESPACES, { namespace: '', name: request.namespace })?.metadata.annotations?.[ANNOTATION] ?? '';
  const pairs = text === '' ? [] : text.split(',').map((pair) => pair.split('=').map((part) => part.trim()));
  const entries = pairs.map(([key = '', value, ...more]): [string, string] => {
    if (key === '' || value === undefined || more.length > 0) throw refusal(request, `invalid selector: ${JSON.stringify(text)}`);
    return [key, value];
  });
  return Object.fromEntries(entries);
}
