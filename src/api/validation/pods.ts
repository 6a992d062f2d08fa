// Validation of Pods: creation, and the few changes that an update may make. Pure. Rules: "Pods", section "Pod update and replacement".
// Sub-resources: pod-status.ts, pod-changes.ts.

import type { FieldError } from '../status-error.ts';
import type { NodeAffinity, NodeSelectorTerm, Pod, PodSpec } from '../types/core-v1.gen.ts';
import { checkRange, forbiddenValue, invalidValue } from './field-error.ts';
import { MIRROR_POD, validateAnnotationChanges, validatePodAnnotations, validateProfiles } from './pod-annotations.ts';
import { validatePodSpec } from './pod-spec.ts';
import { type Change, changesOf, changeText, semanticEqual } from './semantic-equal.ts';

const DEADLINES: readonly [number, number] = [0, 2_147_483_647];

/** Fields that an update may change, with when it may. */
const UPDATABLE =
  '`spec.containers[*].image`,`spec.initContainers[*].image`,`spec.activeDeadlineSeconds`,`spec.tolerations` (only additions to existing tolerations),`spec.terminationGracePeriodSeconds` (allow it to be set to 1 if it was previously negative)';

/** Validates what holds for a pod at any time. */
export function validateAnyPod({ metadata, spec }: Pod): FieldError[] {
  const errors = [
    ...validatePodAnnotations('metadata.annotations', metadata.annotations, spec),
    ...validatePodSpec(spec, 'spec', { name: metadata.name ?? '', isStatic: metadata.annotations?.[MIRROR_POD] !== undefined }),
  ];
  if (spec.serviceAccountName) return errors;
  for (const [index, { projected }] of (spec.volumes ?? []).entries()) {
    for (const [at, source] of (projected?.sources ?? []).entries()) {
      const field = `spec.volumes[${index}].projected.sources[${at}].serviceAccountToken`;
      if (source.serviceAccountToken) errors.push(forbiddenValue(field, 'must not be specified when serviceAccountName is not set'));
    }
  }
  return errors;
}

/** Validates a new pod. */
export function validatePod(pod: Pod): FieldError[] {
  const { metadata, spec } = pod;
  const errors = validateAnyPod(pod);
  if (spec.ephemeralContainers?.length) errors.push(forbiddenValue('spec.ephemeralContainers', 'cannot be set on create'));
  if (spec.nodeName && spec.schedulingGates?.length)
    errors.push(forbiddenValue('spec.nodeName', 'cannot be set until all schedulingGates have been cleared'));
  return [...errors, ...validateProfiles('spec', metadata.annotations, spec)];
}

/** Validates an update of a pod (not of its status). */
export function validatePodUpdate(pod: Pod, old: Pod): FieldError[] {
  const { spec } = pod;
  const errors = [
    ...validateAnyPod(pod),
    ...validateAnnotationChanges('metadata.annotations', pod.metadata.annotations, old.metadata.annotations),
  ];
  for (const list of ['containers', 'initContainers'] as const) {
    if ((spec[list]?.length ?? 0) !== (old.spec[list]?.length ?? 0))
      return [...errors, forbiddenValue(`spec.${list}`, 'pod updates may not add or remove containers')];
  }
  const deadline = checkDeadline(spec.activeDeadlineSeconds, old.spec.activeDeadlineSeconds);
  if (deadline.length > 0 && spec.activeDeadlineSeconds !== undefined) return [...errors, ...deadline];
  return [...errors, ...deadline, ...checkAdditions(spec, old.spec), ...checkRest(spec, old.spec)];
}

function checkDeadline(now: number | undefined, before: number | undefined): FieldError[] {
  const field = 'spec.activeDeadlineSeconds';
  if (now === undefined)
    return before === undefined ? [] : [invalidValue(field, null, 'must not update from a positive integer to nil value')];
  const errors = checkRange(field, now, DEADLINES);
  if (errors.length > 0 || before === undefined || before >= now) return errors;
  return [invalidValue(field, now, 'must be less than or equal to previous value')];
}

/** Tolerations may be added and scheduling gates be taken away. */
function checkAdditions(spec: PodSpec, old: PodSpec): FieldError[] {
  const kept = (old.tolerations ?? []).every((toleration) =>
    (spec.tolerations ?? []).some((other) => changesOf(toleration, other).every(({ path }) => path === 'tolerationSeconds')),
  );
  const errors = kept ? [] : [forbiddenValue('spec.tolerations', 'existing toleration can not be modified except its tolerationSeconds')];
  for (const [index, { name }] of (spec.schedulingGates ?? []).entries()) {
    if (old.schedulingGates?.some((gate) => gate.name === name)) continue;
    const why = `only deletion is allowed, but found new scheduling gate '${name}'`;
    errors.push(forbiddenValue(`spec.schedulingGates[${index}].name`, why));
  }
  return errors;
}

/** Everything but the fields an update may change must be as it was; a pod behind gates may be narrowed down to where it goes. */
function checkRest(spec: PodSpec, old: PodSpec): FieldError[] {
  if (semanticEqual(spec, old)) return [];
  const gated = (old.schedulingGates?.length ?? 0) > 0;
  const changes = changesOf(old, spec).filter((change) => !isAllowed(change, gated));
  const errors: FieldError[] = gated ? checkNarrowing(spec, old) : [];
  if (changes.length > 0) {
    const why = `pod updates may not change fields other than ${UPDATABLE}${changeText('core.PodSpec', changes)}`;
    errors.push(forbiddenValue('spec', why));
  }
  return errors;
}

const IMAGE = /^(containers|initContainers)\[\d+\]\.image$/;
const ADDED = /^(tolerations|schedulingGates)(\[|$)/;
const NARROWED = /^(nodeSelector|affinity\.nodeAffinity)(\.|\[|$)/;

function isAllowed({ path, from, to }: Change, gated: boolean): boolean {
  if (IMAGE.test(path) || ADDED.test(path) || path === 'activeDeadlineSeconds') return true;
  if (path === 'terminationGracePeriodSeconds') return typeof from === 'number' && from < 0 && to === 1;
  if (!gated) return false;
  const onlyNodes = (value: unknown): boolean =>
    value === undefined || (typeof value === 'object' && value !== null && Object.keys(value).every((key) => key === 'nodeAffinity'));
  return NARROWED.test(path) || (path === 'affinity' && onlyNodes(from) && onlyNodes(to));
}

function checkNarrowing(spec: PodSpec, old: PodSpec): FieldError[] {
  const selector = spec.nodeSelector ?? {};
  const widened = Object.entries(old.nodeSelector ?? {}).some(([key, value]) => selector[key] !== value);
  const errors = widened
    ? [invalidValue('spec.nodeSelector', selector, 'only additions to spec.nodeSelector are allowed (no mutations or deletions)')]
    : [];
  return [...errors, ...checkNodeTerms(spec.affinity?.nodeAffinity, old.affinity?.nodeAffinity)];
}

function checkNodeTerms(now: NodeAffinity | undefined, before: NodeAffinity | undefined): FieldError[] {
  const terms = (affinity: NodeAffinity | undefined): readonly NodeSelectorTerm[] =>
    affinity?.requiredDuringSchedulingIgnoredDuringExecution?.nodeSelectorTerms ?? [];
  const [had, has] = [terms(before), terms(now)];
  const path = 'spec.affinity.nodeAffinity.requiredDuringSchedulingIgnoredDuringExecution.nodeSelectorTerms';
  if (had.length === 0) return [];
  if (had.length !== has.length) return [invalidValue(path, has, 'no additions/deletions to non-empty NodeSelectorTerms list are allowed')];
  return had.flatMap((term, index) =>
    onlyAdds(has[index] ?? {}, term)
      ? []
      : [invalidValue(`${path}[${index}]`, has[index], 'only additions are allowed (no mutations or deletions)')],
  );
}

/** A term that matched nothing goes on to do so; others may only ask for more. */
function onlyAdds(now: NodeSelectorTerm, before: NodeSelectorTerm): boolean {
  const lists = ['matchExpressions', 'matchFields'] as const;
  const empty = (term: NodeSelectorTerm): boolean => lists.every((list) => !term[list]?.length);
  if (empty(before) && !empty(now)) return false;
  return lists.every((list) => {
    const had = before[list] ?? [];
    return had.length === 0 || had.every((requirement, index) => semanticEqual(now[list]?.[index], requirement));
  });
}
