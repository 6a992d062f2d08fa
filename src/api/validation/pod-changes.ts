// Validation of sub-resources that change one part of a running pod: its resources (resize) and its ephemeral containers. Pure.
// Rules: "Resize CPU and Memory Resources assigned to Containers", "Ephemeral Containers".

import { qosClass } from '../pod-resources.ts';
import type { FieldError } from '../status-error.ts';
import type { Container, Pod, PodSpec, ResourceRequirements } from '../types/core-v1.gen.ts';
import { forbiddenValue, invalidValue } from './field-error.ts';
import { MIRROR_POD, validateAnnotationChanges } from './pod-annotations.ts';
import { validateAnyPod } from './pods.ts';
import { changesOf, changeText, semanticEqual } from './semantic-equal.ts';

/** Validates a write of pods/ephemeralcontainers: those there are stay as they are. */
export function validateEphemeralContainers(pod: Pod, old: Pod): FieldError[] {
  if (old.metadata.annotations?.[MIRROR_POD] !== undefined) return [forbiddenValue('', 'static pods do not support ephemeral containers')];
  const errors = [
    ...validateAnyPod(pod),
    ...validateAnnotationChanges('metadata.annotations', pod.metadata.annotations, old.metadata.annotations),
  ];
  for (const before of old.spec.ephemeralContainers ?? []) {
    const now = pod.spec.ephemeralContainers?.find(({ name }) => name === before.name);
    const what = `existing ephemeral containers ${JSON.stringify(before.name)}`;
    if (!now) errors.push(forbiddenValue('spec.ephemeralContainers', `${what} may not be removed\n`));
    else if (!semanticEqual(now, before)) {
      const text = changeText('core.EphemeralContainer', changesOf(before, now));
      errors.push(forbiddenValue('spec.ephemeralContainers', `${what} may not be changed${text}`));
    }
  }
  return errors;
}

/** Why a pod cannot be resized at all. What changes nothing is no resize: its faults would count as those of the pod as it was. */
function unresizable(pod: Pod, old: Pod): string | undefined {
  if (semanticEqual(pod.spec, old.spec)) return undefined;
  if (old.metadata.annotations?.[MIRROR_POD] !== undefined) return 'static pods cannot be resized';
  if (old.spec.os?.name === 'windows') return 'windows pods cannot be resized';
  return undefined;
}

/** Validates a write of pods/resize: only cpu and memory of containers change, and the class of the pod stays. */
export function validateResize(pod: Pod, old: Pod): FieldError[] {
  const why = unresizable(pod, old);
  if (why !== undefined) return [forbiddenValue('', why)];
  const errors = validateAnyPod(pod);
  if (qosClass({ ...pod, status: {} }) !== qosClass(old))
    errors.push(invalidValue('spec', old.status?.qosClass ?? '', 'Pod QOS Class may not change as a result of resizing'));
  const running = (old.status?.containerStatuses ?? []).find(({ state }) => state?.running);
  if (running && !running.resources) errors.push(forbiddenValue('spec', 'Pod running on node without support for resize'));
  const order = (['containers', 'initContainers'] as const).flatMap((list) => checkOrder(list, pod.spec[list] ?? [], old.spec[list] ?? []));
  if (order.length > 0) return [...errors, ...order];
  for (const list of ['initContainers', 'containers'] as const) {
    for (const [index, before] of (old.spec[list] ?? []).entries()) {
      const now = pod.spec[list]?.[index];
      if (!now) continue;
      errors.push(...checkRemoval(`spec.${list}[${index}].resources`, now.resources, before.resources));
    }
  }
  return [...errors, ...checkOthers(pod.spec, old.spec)];
}

/** Containers are told apart by their place. */
function checkOrder(list: 'containers' | 'initContainers', now: readonly Container[], before: readonly Container[]): FieldError[] {
  if (now.length !== before.length) return [forbiddenValue(`spec.${list}`, `${list} may not be added or removed on resize`)];
  return before.flatMap(({ name }, index) =>
    now[index]?.name === name ? [] : [forbiddenValue(`spec.${list}[${index}].name`, `${list} may not be renamed or reordered on resize`)],
  );
}

function checkRemoval(path: string, now: ResourceRequirements = {}, before: ResourceRequirements = {}): FieldError[] {
  const removed = (list: 'requests' | 'limits'): boolean => Object.keys(before[list] ?? {}).some((name) => now[list]?.[name] === undefined);
  return [
    ...(removed('requests') ? [forbiddenValue(`${path}.requests`, 'resource requests cannot be removed')] : []),
    ...(removed('limits') ? [forbiddenValue(`${path}.limits`, 'resource limits cannot be removed')] : []),
  ];
}

const RESIZABLE = /^resources(\.(requests|limits)(\.(cpu|memory))?)?$/;

/** A change of resources that touches more than cpu and memory. */
function touchesOthers(now: Container, before: Container): boolean {
  return changesOf(before, now).some(({ path, from, to }) => {
    if (path === 'resizePolicy' || path.startsWith('resizePolicy[')) return false;
    if (!RESIZABLE.test(path)) return true;
    if (path.split('.').length === 3) return false;
    const names = (value: unknown): string[] =>
      typeof value === 'object' && value !== null
        ? Object.entries(value).flatMap(([key, item]) => (typeof item === 'object' ? names(item) : [key]))
        : [];
    return [...names(from), ...names(to)].some((name) => name !== 'cpu' && name !== 'memory');
  });
}

function checkOthers(spec: PodSpec, old: PodSpec): FieldError[] {
  const errors: FieldError[] = [];
  for (const [index, before] of (old.containers ?? []).entries()) {
    const now = spec.containers?.[index];
    if (now && touchesOthers(now, before)) errors.push(forbiddenValue('spec', 'only cpu and memory resources are mutable'));
  }
  for (const [index, before] of (old.initContainers ?? []).entries()) {
    const now = spec.initContainers?.[index];
    if (now && touchesOthers(now, before))
      errors.push(
        forbiddenValue(`spec.initContainers[${index}]`, 'only cpu and memory resources for init or sidecar containers are mutable'),
      );
  }
  return errors;
}
