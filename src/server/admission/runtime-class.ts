// RuntimeClass: a pod gets the overhead, node selector and tolerations of its runtime class. Rules: "Runtime Class", KEP-688.

import { deepEqual } from '../../api/copy.ts';
import type { Pod } from '../../api/types/core-v1.gen.ts';
import type { RuntimeClass, Scheduling } from '../../api/types/node-v1.gen.ts';
import { RUNTIME_CLASSES } from '../../client/resources.ts';
import type { AdmissionPlugin, AdmissionRequest } from './admission.ts';
import { type AdmissionReader, isAbout } from './admission-reader.ts';
import { refusal } from './refusal.ts';

/** The plugin; `reader` answers for runtime classes. */
export function runtimeClassAdmission(reader: AdmissionReader): AdmissionPlugin {
  return {
    name: 'RuntimeClass',
    admit(request) {
      if (request.operation !== 'CREATE' || !isAbout(request, '', 'pods') || !request.object) return;
      const pod = request.object as Pod; // The resource says so.
      const found = findClass(request, pod, reader);
      if (!found) return;
      setOverhead(request, pod, found);
      if (found.scheduling) mergeScheduling(request, pod, found.scheduling);
    },
  };
}

function findClass(request: AdmissionRequest, pod: Pod, reader: AdmissionReader): RuntimeClass | undefined {
  const name = pod.spec.runtimeClassName;
  if (!name) {
    if (pod.spec.overhead) throw refusal(request, 'pod rejected: Pod Overhead set without corresponding RuntimeClass defined Overhead');
    return undefined;
  }
  const found = reader.get(RUNTIME_CLASSES, { namespace: '', name });
  if (!found) throw refusal(request, `pod rejected: RuntimeClass "${name}" not found`);
  return found;
}

function setOverhead(request: AdmissionRequest, pod: Pod, found: RuntimeClass): void {
  const wanted = found.overhead?.podFixed;
  if (pod.spec.overhead && !deepEqual(pod.spec.overhead, wanted)) {
    throw refusal(request, "pod rejected: Pod's Overhead doesn't match RuntimeClass's defined Overhead");
  }
  if (wanted) pod.spec.overhead = { ...wanted };
}

function mergeScheduling(request: AdmissionRequest, pod: Pod, scheduling: Scheduling): void {
  const selector = pod.spec.nodeSelector ?? {};
  for (const [key, value] of Object.entries(scheduling.nodeSelector ?? {})) {
    if (selector[key] !== undefined && selector[key] !== value) {
      throw refusal(
        request,
        `conflict: runtimeClass.scheduling.nodeSelector[${key}] = ${value}; pod.spec.nodeSelector[${key}] = ${selector[key]}`,
      );
    }
    pod.spec.nodeSelector = { ...pod.spec.nodeSelector, [key]: value };
  }
  const present = pod.spec.tolerations ?? [];
  const added = (scheduling.tolerations ?? []).filter((toleration) => !present.some((other) => deepEqual(other, toleration)));
  if (added.length > 0) pod.spec.tolerations = [...present, ...added.map((toleration) => ({ ...toleration }))];
}
