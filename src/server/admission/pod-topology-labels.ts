// PodTopologyLabels: a pod that gets its node also gets the zone and the region of that node as labels, for the downward API to tell it (KEP-4742).

import type { KubeObject } from '../../api/object.ts';
import type { Binding, Pod } from '../../api/types/core-v1.gen.ts';
import { NODES } from '../../client/resources.ts';
import type { AdmissionPlugin, AdmissionRequest } from './admission.ts';
import type { AdmissionReader } from './admission-reader.ts';

const LABELS = ['topology.kubernetes.io/zone', 'topology.kubernetes.io/region'];

/** The plugin; `reader` answers for nodes. Labels of a Binding go over to its pod. */
export function podTopologyLabels(reader: AdmissionReader): AdmissionPlugin {
  return {
    name: 'PodTopologyLabels',
    admit(request) {
      const node = nodeOf(request);
      const labels = node && reader.get(NODES, { namespace: '', name: node })?.metadata.labels;
      if (labels && request.object) addMissing(request.object, labels);
    },
  };
}

/** The node that the pod of the request is on from now on. */
function nodeOf({ operation, resource, subresource, object }: AdmissionRequest): string | undefined {
  if (operation !== 'CREATE' || resource.group !== '' || resource.resource !== 'pods' || !object) return undefined;
  if (subresource === '') return (object as Pod).spec.nodeName; // The resource says what the object is.
  if (subresource !== 'binding') return undefined;
  const { target } = object as Binding;
  return target?.kind === 'Node' ? target.name : undefined;
}

function addMissing(object: KubeObject, labels: Readonly<Record<string, string>>): void {
  const found = LABELS.flatMap((key) => (labels[key] === undefined ? [] : [[key, labels[key]]]));
  if (found.length > 0) object.metadata.labels = { ...Object.fromEntries(found), ...object.metadata.labels };
}
