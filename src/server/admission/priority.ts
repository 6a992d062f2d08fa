// Priority: pods get the value and preemption policy of their PriorityClass, or of the default one; there is one default class.
// Rules: "Pod Priority and Preemption".

import type { Pod, PodSpec } from '../../api/types/core-v1.gen.ts';
import type { PriorityClass } from '../../api/types/scheduling-v1.gen.ts';
import { PRIORITY_CLASSES } from '../../client/resources.ts';
import type { AdmissionPlugin, AdmissionRequest } from './admission.ts';
import { type AdmissionReader, isAbout } from './admission-reader.ts';
import { refusal } from './refusal.ts';

/** The plugin; `reader` answers for priority classes. */
export function priorityAdmission(reader: AdmissionReader): AdmissionPlugin {
  return {
    name: 'Priority',
    admit(request) {
      if (!isAbout(request, '', 'pods') || !request.object) return;
      const pod = request.object as Pod; // The resource says so.
      if (request.operation === 'CREATE') admitPod(request, pod, reader);
      else if (request.operation === 'UPDATE') keepPriority(pod.spec, (request.oldObject as Pod).spec);
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
    throw refusal(request, why);
  }
  const policy = chosen?.preemptionPolicy ?? 'PreemptLowerPriority';
  if (spec.preemptionPolicy !== undefined && spec.preemptionPolicy !== policy) {
    const why = `the string value of PreemptionPolicy (${spec.preemptionPolicy}) must not be provided in pod spec; priority admission controller computed ${policy} from the given PriorityClass name`;
    throw refusal(request, why);
  }
  spec.priority = value;
  spec.preemptionPolicy = policy;
}

/** An update that leaves out what this plugin had filled in means no change. */
function keepPriority(spec: PodSpec, old: PodSpec): void {
  if (spec.priority === undefined && old.priority !== undefined) spec.priority = old.priority;
  if (spec.preemptionPolicy === undefined && old.preemptionPolicy !== undefined) spec.preemptionPolicy = old.preemptionPolicy;
}

function chooseClass(request: AdmissionRequest, name: string | undefined, reader: AdmissionReader): PriorityClass | undefined {
  if (name) {
    const found = reader.get(PRIORITY_CLASSES, { namespace: '', name });
    if (!found) throw refusal(request, `no PriorityClass with name ${name} was found`);
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
  if (other) throw refusal(request, `PriorityClass ${other.metadata.name} is already marked as default. Only one default can exist`);
}
