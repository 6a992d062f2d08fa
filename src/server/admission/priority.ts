// Priority: pods get the value and preemption policy of their PriorityClass, or of the default one; there is one default class.
// Rules: "Pod Priority and Preemption".

import { conflict, forbidden } from '../../api/status-error.ts';
import type { Pod } from '../../api/types/core-v1.gen.ts';
import type { PriorityClass } from '../../api/types/scheduling-v1.gen.ts';
import { PRIORITY_CLASSES } from '../../client/resources.ts';
import type { AdmissionPlugin, AdmissionRequest } from './admission.ts';
import { type AdmissionReader, isAbout } from './admission-reader.ts';

/** The plugin; `reader` answers for priority classes. */
export function priorityAdmission(reader: AdmissionReader): AdmissionPlugin {
  return {
    name: 'Priority',
    admit(request) {
      if (request.operation === 'CREATE' && isAbout(request, '', 'pods') && request.object)
        admitPod(request, request.object as Pod, reader);
    },
    validate(request) {
      const writes = request.operation === 'CREATE' || request.operation === 'UPDATE';
      if (writes && isAbout(request, 'scheduling.k8s.io', 'priorityclasses') && request.object) {
        validateDefault(request, request.object as PriorityClass, reader);
      }
    },
  };
}

function admitPod(request: AdmissionRequest, pod: Pod, reader: AdmissionReader): void {
  const { spec } = pod;
  const chosen = chooseClass(request, spec.priorityClassName, reader);
  const value = chosen?.value ?? 0;
  if (!spec.priorityClassName && chosen) spec.priorityClassName = chosen.metadata.name ?? '';
  if (spec.priority !== undefined && spec.priority !== value) {
    const why = `the integer value of priority (${spec.priority}) must not be provided in pod spec; priority admission controller computed ${value} from the given PriorityClass name`;
    throw forbidden(request.resource, request.name, why);
  }
  const policy = chosen?.preemptionPolicy ?? 'PreemptLowerPriority';
  if (spec.preemptionPolicy !== undefined && spec.preemptionPolicy !== policy) {
    const why = `the string value of PreemptionPolicy (${spec.preemptionPolicy}) must not be provided in pod spec; priority admission controller computed ${policy} from the given PriorityClass name`;
    throw forbidden(request.resource, request.name, why);
  }
  spec.priority = value;
  spec.preemptionPolicy = policy;
}

function chooseClass(request: AdmissionRequest, name: string | undefined, reader: AdmissionReader): PriorityClass | undefined {
  if (name) {
    const found = reader.get(PRIORITY_CLASSES, { namespace: '', name });
    if (!found) throw forbidden(request.resource, request.name, `no PriorityClass with name ${name} was found`);
    return found;
  }
  // Should there be several defaults, the lowest value wins, as upstream.
  return reader
    .list(PRIORITY_CLASSES)
    .filter((candidate) => candidate.globalDefault)
    .sort((a, b) => (a.value ?? 0) - (b.value ?? 0))[0];
}

function validateDefault(request: AdmissionRequest, wanted: PriorityClass, reader: AdmissionReader): void {
  if (!wanted.globalDefault) return;
  const other = reader
    .list(PRIORITY_CLASSES)
    .find((candidate) => candidate.globalDefault && candidate.metadata.name !== wanted.metadata.name);
  if (other)
    throw conflict(
      request.resource,
      request.name,
      `PriorityClass ${other.metadata.name} is already marked as default. Only one default can exist`,
    );
}
