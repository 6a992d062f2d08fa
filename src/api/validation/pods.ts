// Validation of Pods: creation, and the few changes that an update, a status write or an ephemeral container may make. Pure.

import { deepCopy, deepEqual } from '../copy.ts';
import type { FieldError } from '../status-error.ts';
import type { Container, Pod, PodSpec, Toleration } from '../types/core-v1.gen.ts';
import { checkAtLeast, forbiddenValue, invalidValue } from './field-error.ts';
import { validatePodSpec } from './pod-spec.ts';

const UPDATE_RULE =
  'pod updates may not change fields other than `spec.containers[*].image`,`spec.initContainers[*].image`,`spec.activeDeadlineSeconds`,`spec.tolerations` (only additions to existing tolerations),`spec.terminationGracePeriodSeconds` (allow it to be set to 1 if it was previously negative)';

/** Validates a new pod. */
export function validatePod(pod: Pod): FieldError[] {
  return validatePodSpec(pod.spec, 'spec');
}

/** Validates an update of a pod (not of its status). */
export function validatePodUpdate(pod: Pod, old: Pod): FieldError[] {
  return [
    ...validatePodSpec(pod.spec, 'spec'),
    ...validateDeadline(pod.spec, old.spec),
    ...validateAdditions(pod.spec, old.spec),
    ...validateRest(pod.spec, old.spec),
  ];
}

function validateDeadline(spec: PodSpec, old: PodSpec): FieldError[] {
  const field = 'spec.activeDeadlineSeconds';
  if (spec.activeDeadlineSeconds === undefined) {
    return old.activeDeadlineSeconds === undefined
      ? []
      : [invalidValue(field, null, 'must not update from a positive integer to nil value')];
  }
  if (old.activeDeadlineSeconds !== undefined && old.activeDeadlineSeconds < spec.activeDeadlineSeconds) {
    return [invalidValue(field, spec.activeDeadlineSeconds, `must be less than or equal to previous value`)];
  }
  return checkAtLeast(field, spec.activeDeadlineSeconds, 1);
}

function validateAdditions(spec: PodSpec, old: PodSpec): FieldError[] {
  const same = (a: Toleration, b: Toleration): boolean => deepEqual({ ...a, tolerationSeconds: 0 }, { ...b, tolerationSeconds: 0 });
  const kept = (old.tolerations ?? []).every((toleration) => (spec.tolerations ?? []).some((other) => same(toleration, other)));
  const gates = (spec.schedulingGates ?? []).filter((gate) => !(old.schedulingGates ?? []).some((other) => other.name === gate.name));
  return [
    ...(kept ? [] : [forbiddenValue('spec.tolerations', 'existing toleration can not be modified except its tolerationSeconds')]),
    ...gates.map((gate) =>
      forbiddenValue('spec.schedulingGates', `only deletion is allowed, but found new scheduling gate '${gate.name}'`),
    ),
  ];
}

/** Everything but the fields an update may change must be as it was. */
function validateRest(spec: PodSpec, old: PodSpec): FieldError[] {
  const gated = (old.schedulingGates?.length ?? 0) > 0;
  const frame = (from: PodSpec): PodSpec => {
    const copy = deepCopy(from);
    const images = (list: Container[] | undefined): void => {
      for (const container of list ?? []) container.image = '';
    };
    images(copy.containers);
    images(copy.initContainers);
    const dropped = ['activeDeadlineSeconds', 'tolerations', 'schedulingGates', 'ephemeralContainers'] as const;
    for (const field of dropped) delete copy[field];
    if (old.terminationGracePeriodSeconds !== undefined && old.terminationGracePeriodSeconds < 0) delete copy.terminationGracePeriodSeconds;
    // A pod that waits behind gates may still be narrowed down to where it goes.
    if (gated) {
      delete copy.nodeSelector;
      delete copy.affinity;
    }
    return copy;
  };
  return deepEqual(frame(spec), frame(old)) ? [] : [forbiddenValue('spec', UPDATE_RULE)];
}
